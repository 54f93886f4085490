/// The characters of the time types (X.680 38, 46 and 47; X.690 8.25, 8.26, 11.7 and 11.8).
public struct TimeRules {
    private let text: [UInt8]
    private var at = 0

    private init(_ text: [UInt8]) { self.text = text }

    /// Checks an encoding's contents.
    /// - Parameters:
    ///   - simple: the type; what is none of time is well.
    ///   - isCanonical: whether CER's and DER's rules hold.
    /// - Returns: where it goes wrong, and how; `nil` if all is well.
    public static func check(
        contents text: [UInt8], _ simple: TypeKind.Simple, isCanonical: Bool
    ) -> (at: Int, message: String)? {
        var rules = TimeRules(text)
        let message: String?
        switch simple {
        case .utcTime: message = rules.utc(isCanonical)
        case .generalizedTime: message = rules.generalized(isCanonical)
        case .date: message = rules.date(4)
        case .timeOfDay: message = rules.clock()
        case .dateTime: message = rules.date(4) ?? rules.clock()
        case .duration, .time:
            var notation = TimeNotation(text, isCanonical: isCanonical)
            let found = simple == .duration ? notation.duration() : notation.time()
            return found.map { (notation.at, $0) }
        default: return nil
        }
        if let message { return (rules.at, message) }
        return rules.at == text.count ? nil : (rules.at, "the time ends here")
    }

    /// Checks the characters between a value notation's quotes. The useful time types are TIME with
    /// settings (X.680 38.4), spelled with their marks.
    /// - Returns: where it goes wrong, and how; `nil` if all is well.
    static func check(
        notation text: [UInt8], _ simple: TypeKind.Simple
    ) -> (at: Int, message: String)? {
        let settings: String
        switch simple {
        case .time: settings = ""
        case .date: settings = "Basic=Date Date=YMD"
        case .timeOfDay: settings = "Basic=Time Time=HMS Local-or-UTC=L"
        case .dateTime: settings = "Basic=Date-Time Date=YMD Time=HMS Local-or-UTC=L"
        case .duration: settings = "Basic=Interval Interval-type=D"
        default: return check(contents: text, simple, isCanonical: false)
        }
        var notation = TimeNotation(text, isCanonical: false)
        if let message = notation.time() { return (notation.at, message) }
        return notation.properties.have(settings)
            ? nil : (0, "a time with the settings \(settings) is expected")
    }

    private var next: UInt8 { at < text.count ? text[at] : 0 }

    private mutating func number(_ count: Int, _ range: ClosedRange<Int>) -> Int? {
        var value = 0
        for index in 0..<count {
            guard at + index < text.count, (0x30...0x39).contains(text[at + index]) else {
                at += index
                return nil
            }
            value = value * 10 + Int(text[at + index] - 0x30)
        }
        guard range.contains(value) else { return nil }
        at += count
        return value
    }

    private mutating func date(_ yearDigits: Int) -> String? {
        guard let year = number(yearDigits, 0...9999) else { return "a year is expected" }
        guard let month = number(2, 1...12) else {
            return "a month, 01 to 12, is expected"
        }
        let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0 || yearDigits == 2)
        let days = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1]
        guard number(2, 1...days) != nil else { return "a day, 01 to \(days), is expected" }
        return nil
    }

    /// The end of a day is 240000 or 000000 of the next (ISO 8601).
    private mutating func clock() -> String? {
        guard let hour = number(2, 0...24) else { return "an hour, 00 to 24, is expected" }
        let limit = hour == 24 ? 0 : 59
        guard number(2, 0...limit) != nil else {
            return "a minute, 00 to \(limit), is expected"
        }
        let last = hour == 24 ? 0 : 60
        guard number(2, 0...last) != nil else {
            return "a second, 00 to \(last), is expected"
        }
        return nil
    }

    private mutating func zone(minutesOptional: Bool) -> String? {
        at += 1
        guard number(2, 0...23) != nil else { return "hours, 00 to 23, are expected" }
        if minutesOptional, at == text.count { return nil }
        guard number(2, 0...59) != nil else { return "minutes, 00 to 59, are expected" }
        return nil
    }

    private mutating func utc(_ isCanonical: Bool) -> String? {
        if let message = date(2) { return message }
        guard number(2, 0...23) != nil else { return "an hour, 00 to 23, is expected" }
        guard number(2, 0...59) != nil else { return "a minute, 00 to 59, is expected" }
        if (0x30...0x39).contains(next) || isCanonical {
            guard number(2, 0...59) != nil else {
                return "a second, 00 to 59, is expected"
            }
        }
        if next == 0x5a {
            at += 1
            return nil
        }
        guard !isCanonical, next == 0x2b || next == 0x2d else {
            return isCanonical ? "Z is expected (X.690 11.8.1)" : "Z, + or - is expected"
        }
        return zone(minutesOptional: false)
    }

    private mutating func generalized(_ isCanonical: Bool) -> String? {
        if let message = date(4) { return message }
        // Midnight is the day's beginning in CER and DER (X.690 11.7.4).
        let lastHour = isCanonical ? 23 : 24
        guard let hour = number(2, 0...lastHour) else {
            return "an hour, 00 to \(lastHour), is expected"
        }
        if (0x30...0x39).contains(next) || isCanonical {
            let last = hour == 24 ? 0 : 59
            guard number(2, 0...last) != nil else {
                return "a minute, 00 to \(last), is expected"
            }
            if (0x30...0x39).contains(next) || isCanonical {
                let last = hour == 24 ? 0 : 60
                guard number(2, 0...last) != nil else {
                    return "a second, 00 to \(last), is expected"
                }
            }
        }
        if next == 0x2e || next == 0x2c && !isCanonical {
            at += 1
            let from = at
            while (0x30...0x39).contains(next) { at += 1 }
            if at == from { return "a digit is expected" }
            if hour == 24, let wrong = (from..<at).first(where: { text[$0] != 0x30 }) {
                at = wrong
                return "no time of the day is behind 24"
            }
            if isCanonical, text[at - 1] == 0x30 {
                at -= 1
                return "a fraction doesn't end in 0 (X.690 11.7.2)"
            }
        }
        if next == 0x5a {
            at += 1
            return nil
        }
        if isCanonical { return "Z is expected (X.690 11.7.1)" }
        if next == 0x2b || next == 0x2d { return zone(minutesOptional: true) }
        return nil
    }
}
