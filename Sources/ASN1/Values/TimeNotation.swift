/// A value of TIME or DURATION as X.680 38.3 spells it (the extended format of ISO 8601): dates, times
/// of day, both, intervals and recurring intervals, with the properties that SETTINGS asks for.
public struct TimeNotation {
    /// What SETTINGS can ask for (X.680 38.1, tables 4 and 6). Lists have one entry for each point.
    public struct Properties {
        var basic = ""
        var dates: [String] = []
        var years: [String] = []
        var times: [String] = []
        var zones: [String] = []
        var intervalType = ""
        var points: [String] = []
        var recurrence = ""
        var hasStartOfDay = false
        var hasEndOfDay = false
    }

    private let text: [UInt8]
    private let isCanonical: Bool
    /// Where the parse stands; where it went wrong, if it did.
    public private(set) var at = 0
    public private(set) var properties = Properties()

    /// - Parameter isCanonical: whether CER's and DER's rules for the characters hold (X.690 11.9).
    public init(_ text: [UInt8], isCanonical: Bool) {
        self.text = text
        self.isCanonical = isCanonical
    }

    // MARK: Entrances

    /// All of TIME.
    /// - Returns: what is wrong at `at`, or `nil`.
    public mutating func time() -> String? {
        if text.isEmpty { return "a time is expected" }
        if takes("R") {
            let from = at
            _ = digits()
            properties.recurrence = at == from ? "Unlimited" : "R\(at - from)"
            guard takes("/") else { return "/ is expected" }
            if let message = interval() { return message }
            if properties.intervalType.isEmpty { return "an interval is expected" }
            properties.basic = "Rec-Interval"
        } else if let message = interval() {
            return message
        }
        return at == text.count ? nil : "the time ends here"
    }

    /// DURATION's content: without the P (X.690 8.26.5).
    mutating func duration() -> String? {
        if let message = units() { return message }
        properties.basic = "Interval"
        properties.intervalType = "D"
        return at == text.count ? nil : "the duration ends here"
    }

    // MARK: Reading

    private func octet(_ index: Int) -> UInt8 { index < text.count ? text[index] : 0 }
    private func isDigit(_ index: Int) -> Bool { (0x30...0x39).contains(octet(index)) }

    private mutating func takes(_ character: Unicode.Scalar) -> Bool {
        guard at < text.count, text[at] == UInt8(ascii: character) else { return false }
        at += 1
        return true
    }

    /// Passes digits. Values above what matters stay there.
    private mutating func digits() -> Int {
        var value = 0
        while isDigit(at) {
            value = min(value * 10 + Int(text[at] - 0x30), 1 << 40)
            at += 1
        }
        return value
    }

    /// Exactly `count` digits within a range; else nothing is passed but the digits that are there.
    private mutating func number(_ count: Int, _ range: ClosedRange<Int>) -> Int? {
        var value = 0
        for index in 0..<count {
            guard isDigit(at + index) else {
                at += index
                return nil
            }
            value = value * 10 + Int(octet(at + index) - 0x30)
        }
        guard range.contains(value) else { return nil }
        at += count
        return value
    }

    // MARK: Intervals

    private mutating func interval() -> String? {
        let startsWithDuration = octet(at) == UInt8(ascii: "P")
        if let message = part() { return message }
        guard takes("/") else {
            if startsWithDuration {
                properties.basic = "Interval"
                properties.intervalType = "D"
            } else {
                properties.basic = properties.points.first ?? ""
            }
            return nil
        }
        let endsWithDuration = octet(at) == UInt8(ascii: "P")
        if endsWithDuration, startsWithDuration { return "a date or time is expected" }
        if let message = part() { return message }
        properties.basic = "Interval"
        properties.intervalType = startsWithDuration ? "DE" : endsWithDuration ? "SD" : "SE"
        return nil
    }

    private mutating func part() -> String? {
        if takes("P") { return units() }
        var index = at
        while isDigit(index) { index += 1 }
        if index - at == 2, octet(index) != UInt8(ascii: "C") {
            properties.points.append("Time")
            return clock()
        }
        if let message = date() { return message }
        guard takes("T") else {
            properties.points.append("Date")
            return nil
        }
        guard let form = properties.dates.last, ["YMD", "YD", "YWD"].contains(form) else {
            at -= 1
            return "a time follows a whole date only"
        }
        properties.points.append("Date-Time")
        return clock()
    }

    // MARK: Durations

    private mutating func units() -> String? {
        var last = -1
        var isInTime = false
        var hasFraction = false
        let order = Array("YMWDHMS".utf8)
        while at < text.count, text[at] != UInt8(ascii: "/") {
            if hasFraction { return "only the last number has a fraction" }
            if !isInTime, takes("T") {
                isInTime = true
                last = max(last, 3)
            }
            guard isDigit(at) else { return "a digit is expected" }
            _ = digits()
            if octet(at) == UInt8(ascii: ".") || octet(at) == UInt8(ascii: ",") {
                if let message = mark() { return message }
                hasFraction = true
            }
            let range = isInTime ? 4..<7 : 0..<4
            guard let unit = range.first(where: { $0 > last && order[$0] == octet(at) }) else {
                return isInTime
                    ? "one of H, M, S in this order is expected"
                    : "one of Y, M, W, D in this order is expected"
            }
            last = unit
            at += 1
        }
        return last < 0 || last == 3 && octet(at - 1) != UInt8(ascii: "D")
            ? "a digit is expected" : nil
    }

    /// A decimal mark and digits.
    private mutating func mark() -> String? {
        // X.690 11.9: the full stop is the mark.
        if isCanonical, octet(at) == UInt8(ascii: ",") {
            return "the decimal mark is a full stop (X.690 11.9)"
        }
        at += 1
        guard isDigit(at) else { return "a digit is expected" }
        _ = digits()
        return nil
    }

    // MARK: Dates

    private mutating func date() -> String? {
        let isNegative = takes("-")
        let isSigned = isNegative || takes("+")
        let from = at
        var index = at
        while isDigit(index) { index += 1 }
        let count = index - at
        let isCentury = octet(index) == UInt8(ascii: "C")
        let wanted = isCentury ? 2 : 4
        if count < wanted {
            at = index
            return "a year of four digits is expected"
        }
        if count > wanted, !isSigned {
            at += wanted
            return "a year of more than four digits has a sign"
        }
        if count == wanted, isSigned, !isNegative {
            at -= 1
            return "a year of four digits has no +"
        }
        // Whole cycles of 400 years say nothing about leap days and weeks.
        at = max(from, index - 4)
        let year = number(index - at, 0...9999) ?? 0
        at = index
        properties.years.append(
            count > wanted
                ? "L\(count + (isCentury ? 2 : 0))"
                : isNegative ? "Negative" : year >= (isCentury ? 15 : 1582) ? "Basic" : "Proleptic")
        if isCentury {
            at += 1
            properties.dates.append("C")
            return nil
        }
        guard takes("-") else {
            properties.dates.append("Y")
            return nil
        }
        let cycle = ((isNegative ? -year : year) % 400 + 400) % 400
        if takes("W") { return week(cycle) }
        return days(cycle)
    }

    private mutating func week(_ year: Int) -> String? {
        let weeks = TimeNotation.weeks(year)
        guard number(2, 1...weeks) != nil else { return "a week, 01 to \(weeks), is expected" }
        guard takes("-") else {
            properties.dates.append("YW")
            return nil
        }
        guard number(1, 1...7) != nil else { return "a day of the week, 1 to 7, is expected" }
        properties.dates.append("YWD")
        return nil
    }

    private mutating func days(_ year: Int) -> String? {
        let isLeap = TimeNotation.isLeap(year)
        if isDigit(at), isDigit(at + 1), isDigit(at + 2) {
            let last = isLeap ? 366 : 365
            guard number(3, 1...last) != nil else { return "a day, 001 to \(last), is expected" }
            properties.dates.append("YD")
            return nil
        }
        guard let month = number(2, 1...12) else { return "a month, 01 to 12, is expected" }
        guard takes("-") else {
            properties.dates.append("YM")
            return nil
        }
        let days = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1]
        guard number(2, 1...days) != nil else { return "a day, 01 to \(days), is expected" }
        properties.dates.append("YMD")
        return nil
    }

    static func isLeap(_ year: Int) -> Bool {
        year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
    }

    /// Weeks of a year by ISO 8601: 53 if it begins on a Thursday, or is a leap year that begins on
    /// a Wednesday.
    private static func weeks(_ year: Int) -> Int {
        // Monday is 0. 1 January of year 0 of the cycle is a Saturday.
        let before = year + 399
        let days = year * 365 + (before / 4 - 99) - (before / 100 - 3) + (before / 400)
        let weekday = (5 + days) % 7
        return weekday == 3 || isLeap(year) && weekday == 2 ? 53 : 52
    }

    // MARK: Times of day

    private mutating func clock() -> String? {
        guard let hour = number(2, 0...24) else { return "an hour, 00 to 24, is expected" }
        var form = "H"
        var isZero = true
        for unit in ["M", "S"] where octet(at) == UInt8(ascii: ":") {
            at += 1
            let limit = hour == 24 ? 0 : unit == "S" ? 60 : 59
            guard let value = number(2, 0...limit) else {
                return (unit == "M" ? "a minute" : "a second") + ", 00 to \(limit), is expected"
            }
            if value != 0 { isZero = false }
            form += unit
        }
        if octet(at) == UInt8(ascii: ".") || octet(at) == UInt8(ascii: ",") {
            let from = at + 1
            if let message = mark() { return message }
            form += "F\(at - from)"
            if text[from..<at].contains(where: { $0 != 0x30 }) {
                isZero = false
                if hour == 24 {
                    at = from
                    return "no time of the day is behind 24"
                }
            }
        }
        if hour == 24 { properties.hasEndOfDay = true }
        if hour == 0, isZero { properties.hasStartOfDay = true }
        properties.times.append(form)
        return zone()
    }

    private mutating func zone() -> String? {
        if takes("Z") {
            properties.zones.append("Z")
            return nil
        }
        guard takes("+") || takes("-") else {
            properties.zones.append("L")
            return nil
        }
        properties.zones.append("LD")
        guard number(2, 0...23) != nil else { return "hours, 00 to 23, are expected" }
        guard takes(":") else { return nil }
        guard let minutes = number(2, 0...59) else { return "minutes, 00 to 59, are expected" }
        if isCanonical, minutes == 0 {
            at -= 3
            return "minutes of zero are left out (X.690 11.9)"
        }
        return nil
    }
}

extension TimeNotation.Properties {
    /// Whether all settings of `SETTINGS "Basic=Date Date=YMD"` are the value's (X.680 51.10). What
    /// is no setting says nothing.
    public func have(_ settings: String) -> Bool {
        settings.split(whereSeparator: \.isWhitespace).allSatisfy { setting in
            let parts = setting.split(separator: "=", maxSplits: 1).map(String.init)
            guard parts.count == 2 else { return true }
            let wanted = parts[1]
            switch parts[0] {
            case "Basic": return basic == wanted
            case "Date": return all(dates, wanted)
            case "Year": return all(years, wanted)
            case "Time": return all(times, wanted)
            case "Local-or-UTC": return all(zones, wanted)
            case "Interval-type": return intervalType == wanted
            case "SE-point": return !intervalType.isEmpty && all(points, wanted)
            case "Recurrence": return recurrence == wanted
            case "Midnight": return wanted == "Start" ? !hasEndOfDay : !hasStartOfDay
            default: return true
            }
        }
    }

    private func all(_ found: [String], _ wanted: String) -> Bool {
        !found.isEmpty && found.allSatisfy { $0 == wanted }
    }
}
