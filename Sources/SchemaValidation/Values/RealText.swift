internal import ByteIO

/// REAL as text.
enum RealText {
    /// As X.697 24 has it: a number, or a word for what is none.
    static func json(_ window: RawSpan) -> String {
        guard let value = RealValue.double(window, 0, window.byteCount) else { return "null" }
        if value.isNaN { return "\"NaN\"" }
        if value.isInfinite { return value < 0 ? "\"-INF\"" : "\"INF\"" }
        if value == 0 { return value.sign == .minus ? "\"-0\"" : "0" }
        return "\(value)"
    }

    /// As XER has it (X.680 21.8).
    static func xml(_ window: RawSpan) -> String {
        guard let value = RealValue.double(window, 0, window.byteCount) else { return "" }
        if value.isNaN { return "<NOT-A-NUMBER/>" }
        if value.isInfinite { return value < 0 ? "<MINUS-INFINITY/>" : "<PLUS-INFINITY/>" }
        if value == 0 { return value.sign == .minus ? "-0" : "0" }
        // Exponents have no plus (X.680 12.9).
        return "\(value)".uppercased().filter { $0 != "+" }
    }
}
