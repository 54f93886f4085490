import Migration

/// Values as people read them: a number in decimal and, from 10 on, in hexadecimal too.
enum ValueText {
    static func scalar(_ kind: DeviceState.Kind, _ bits: UInt64) -> String {
        if kind == .bool { return bits == 0 ? "false" : "true" }
        if kind.isSigned {
            let number = Int64(bitPattern: bits)
            if (-9...9).contains(number) { return "\(number)" }
            return "\(number) (0x\(String(masked(bits, kind), radix: 16)))"
        }
        return bits < 10 ? "\(bits)" : "0x\(String(bits, radix: 16)) (\(bits))"
    }

    /// The number alone, in decimal.
    static func decimal(_ kind: DeviceState.Kind, _ bits: UInt64) -> String {
        if kind == .bool { return bits == 0 ? "false" : "true" }
        return kind.isSigned ? "\(Int64(bitPattern: bits))" : "\(bits)"
    }

    /// A signed number's octets as they are on the wire.
    static func masked(_ bits: UInt64, _ kind: DeviceState.Kind) -> UInt64 {
        guard let width = kind.width, width < 8 else { return bits }
        return bits & (1 << UInt64(8 * width) - 1)
    }

    /// The kind's name, as in the schema; of octets and scalar arrays with their number.
    static func type(_ node: DeviceState.Node, of state: borrowing DeviceState) -> String {
        switch node.kind {
        case .scalars: "\(node.elementKind)[\(state.elementCount(node))]"
        case .blob, .buffer: "\(node.kind)[\(node.length)]"
        case .structure: "struct"
        default: "\(node.kind)"
        }
    }

    static func quoted(_ octets: ArraySlice<UInt8>) -> String {
        JSONLine.string(String(decoding: octets, as: UTF8.self))
    }

    /// Two digits an octet.
    static func hex(_ octets: some Sequence<UInt8>, separator: String = "") -> String {
        let digits = Array("0123456789abcdef")
        var text = ""
        for octet in octets {
            if !text.isEmpty { text += separator }
            text.append(digits[Int(octet >> 4)])
            text.append(digits[Int(octet & 15)])
        }
        return text
    }
}

/// JSON made by hand, so that a file of any size goes out a value at a time.
enum JSONLine {
    static func string(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case _ where scalar.value < 0x20 || (0x7f..<0xa0).contains(scalar.value):
                // Terminals obey these.
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}
