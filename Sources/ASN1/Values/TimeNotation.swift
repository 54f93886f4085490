/// The forms that the contents of time values have.
enum TimeNotation {
    /// Whether a text is a value of a time type as far as its form and its fields tell; `true` for
    /// types that are none of time.
    static func isValid(_ text: [UInt8], as simple: TypeKind.Simple) -> Bool {
        var reader = Reader(text: text)
        switch simple {
        case .utcTime: return reader.utcTime() && reader.isAtEnd
        case .generalizedTime: return reader.generalizedTime() && reader.isAtEnd
        case .date: return reader.fullDate() && reader.isAtEnd
        case .timeOfDay: return reader.fullTime() && reader.isAtEnd
        case .dateTime:
            return reader.fullDate() && reader.take("T") && reader.fullTime() && reader.isAtEnd
        case .duration: return reader.duration() && reader.isAtEnd
        case .time: return isTime(text)
        default: return true
        }
    }

    /// TIME holds what ISO 8601 allows in its extended formats (X.680 38.1): a recurrence, then a
    /// point, a duration, or two of them as an interval.
    private static func isTime(_ text: [UInt8]) -> Bool {
        var parts = text.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        if let first = parts.first, first.first == UInt8(ascii: "R") {
            guard parts.count > 1, first.dropFirst().allSatisfy({ (0x30...0x39).contains($0) })
            else { return false }
            parts.removeFirst()
        }
        guard parts.count == 1 || parts.count == 2 else { return false }
        return parts.allSatisfy { part in
            var reader = Reader(text: Array(part))
            return (reader.peek == UInt8(ascii: "P") ? reader.duration() : reader.point())
                && reader.isAtEnd
        }
    }

    private struct Reader {
        let text: [UInt8]
        var index = 0

        var isAtEnd: Bool { index == text.count }
        var peek: UInt8 { index < text.count ? text[index] : 0 }
        private var isDigit: Bool { (0x30...0x39).contains(peek) }

        init(text: [UInt8]) { self.text = text }

        mutating func take(_ character: Unicode.Scalar) -> Bool {
            guard peek == UInt8(ascii: character) else { return false }
            index += 1
            return true
        }

        /// That many digits whose number lies in a range.
        private mutating func number(_ digits: Int, _ range: ClosedRange<Int>) -> Bool {
            var value = 0
            for _ in 0..<digits {
                guard isDigit else { return false }
                value = value * 10 + Int(peek - 0x30)
                index += 1
            }
            return range.contains(value)
        }

        private mutating func digits() -> Bool {
            guard isDigit else { return false }
            while isDigit { index += 1 }
            return true
        }

        private mutating func fraction() -> Bool {
            guard take(".") || take(",") else { return true }
            return digits()
        }

        /// 47.3
        mutating func utcTime() -> Bool {
            guard number(2, 0...99), number(2, 1...12), number(2, 1...31), number(2, 0...23),
                number(2, 0...59)
            else { return false }
            if isDigit, !number(2, 0...59) { return false }
            if take("Z") { return true }
            return (take("+") || take("-")) && number(2, 0...23) && number(2, 0...59)
        }

        /// 46.2
        mutating func generalizedTime() -> Bool {
            guard number(4, 0...9999), number(2, 1...12), number(2, 1...31), number(2, 0...24)
            else { return false }
            if isDigit {
                guard number(2, 0...59) else { return false }
                if isDigit, !number(2, 0...60) { return false }
            }
            guard fraction() else { return false }
            if take("Z") || isAtEnd { return true }
            guard take("+") || take("-"), number(2, 0...23) else { return false }
            return isAtEnd || number(2, 0...59)
        }

        mutating func fullDate() -> Bool {
            number(4, 0...9999) && take("-") && number(2, 1...12) && take("-")
                && number(2, 1...31)
        }

        mutating func fullTime() -> Bool {
            number(2, 0...24) && take(":") && number(2, 0...59) && take(":") && number(2, 0...60)
        }

        /// 38.4.4.2: at least one part, the last with a fraction.
        mutating func duration() -> Bool {
            guard take("P") else { return false }
            var hasPart = false
            var isOpen = true
            func part(_ reader: inout Reader, _ letters: inout [Unicode.Scalar]) -> Bool {
                guard isOpen, reader.digits() else { return false }
                if reader.peek == UInt8(ascii: ".") || reader.peek == UInt8(ascii: ",") {
                    guard reader.fraction() else { return false }
                    isOpen = false
                }
                while let letter = letters.first {
                    letters.removeFirst()
                    if reader.take(letter) {
                        hasPart = true
                        return true
                    }
                }
                return false
            }
            var dates: [Unicode.Scalar] = ["Y", "M", "W", "D"]
            while isDigit { guard part(&self, &dates) else { return false } }
            if take("T") {
                guard isDigit else { return false }
                var times: [Unicode.Scalar] = ["H", "M", "S"]
                while isDigit { guard part(&self, &times) else { return false } }
            }
            return hasPart
        }

        /// A date, a time, or both with "T" between.
        mutating func point() -> Bool {
            let start = index
            if clock(), isAtEnd { return true }
            index = start
            guard date() else { return false }
            return isAtEnd || take("T") && clock()
        }

        private mutating func date() -> Bool {
            if take("+") || take("-") {}
            let start = index
            guard digits() else { return false }
            let count = index - start
            if count >= 2, take("C") { return isAtEnd }
            guard count >= 4 else { return false }
            if isAtEnd { return true }
            guard take("-") else { return false }
            if take("W") {
                guard number(2, 1...53) else { return false }
                return !take("-") || number(1, 1...7)
            }
            let mark = index
            if number(3, 1...366), !isDigit { return true }
            index = mark
            guard number(2, 1...12) else { return false }
            return !take("-") || number(2, 1...31)
        }

        private mutating func clock() -> Bool {
            guard number(2, 0...24) else { return false }
            if take(":") {
                guard number(2, 0...59) else { return false }
                if take(":"), !number(2, 0...60) { return false }
            }
            guard fraction() else { return false }
            if take("Z") { return true }
            guard take("+") || take("-") else { return !isDigit }
            return number(2, 0...23) && (!take(":") || number(2, 0...59))
        }
    }
}
