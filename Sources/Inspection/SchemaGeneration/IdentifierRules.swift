/// Identifiers and type references made of QEMU's names (X.680 12.2, 12.3).
enum IdentifierRules {
    /// Letters, digits and single hyphens; what else there is becomes a hyphen.
    private static func words(_ name: String) -> String {
        var text = ""
        for octet in name.utf8 {
            switch octet {
            case 0x30...0x39, 0x41...0x5a, 0x61...0x7a: text.unicodeScalars.append(.init(octet))
            default: if !text.isEmpty, !text.hasSuffix("-") { text += "-" }
            }
        }
        while text.hasSuffix("-") { text.removeLast() }
        return text
    }

    /// An identifier: it begins with a small letter.
    static func identifier(_ name: String) -> String {
        var text = words(name)
        guard let first = text.utf8.first else { return "field" }
        if (0x30...0x39).contains(first) { return "f-" + text }
        text = text.prefix(1).lowercased() + text.dropFirst()
        return text
    }

    /// A type reference: it begins with a capital letter.
    static func reference(_ name: String) -> String {
        let text = words(name)
        guard let first = text.utf8.first else { return "Device" }
        if (0x30...0x39).contains(first) { return "D-" + text }
        return text.prefix(1).uppercased() + text.dropFirst()
    }

    /// A name that none of `used` has: a number is added where needed.
    static func unique(_ name: String, _ used: inout Set<String>) -> String {
        var candidate = name
        var number = 2
        while !used.insert(candidate).inserted {
            candidate = "\(name)-\(number)"
            number += 1
        }
        return candidate
    }

    /// A character string value (X.680 12.14); `nil` for what can't stand in one.
    static func stringValue(_ text: String) -> String? {
        guard text.unicodeScalars.allSatisfy({ $0.value >= 0x20 && $0.value < 0x7f }) else {
            return nil
        }
        var value = "\""
        for scalar in text.unicodeScalars {
            if scalar == "\"" { value += "\"" }
            value.unicodeScalars.append(scalar)
        }
        return value + "\""
    }
}
