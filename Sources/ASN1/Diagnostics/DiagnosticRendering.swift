extension Diagnostic {
    /// The finding as one line: `file:line:column: error[code]: message`.
    public var line: String {
        "\(file):\(location.line):\(location.column): \(severity.rawValue)[\(code.rawValue)]: \(message)"
    }

    /// The finding for people: the line of `line`, the source line, a caret under the place,
    /// and the hint.
    public var rendered: String {
        var text = line
        let number = String(location.line)
        let margin = String(repeating: " ", count: number.count)
        if !sourceLine.isEmpty {
            var padding = ""
            for character in sourceLine.unicodeScalars.prefix(max(0, location.column - 1)) {
                padding.unicodeScalars.append(character == "\t" ? "\t" : " ")
            }
            text += "\n \(number) | \(sourceLine)\n \(margin) | \(padding)^"
        }
        if let hint { text += "\n \(margin) = hint: \(hint)" }
        return text
    }
}
