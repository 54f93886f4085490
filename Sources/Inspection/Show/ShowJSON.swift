import Migration

/// Device state as JSON: an array of what was chosen, each with its values in the order of the wire.
///
///     [{"path": "timer[0]", "section": "timer", "instance": 0, "version": 2, "sectionID": 0,
///       "offset": 4113, "size": 9, "described": true,
///       "values": [{"path": "timer[0].ticks", "type": "int64", "value": -2,
///                   "hex": "fffffffffffffffe", "offset": 4132, "at": 0, "size": 8}, …]}, …]
struct ShowJSON {
    private(set) var text = ""
    private var isFirst = true

    mutating func takeText() -> String {
        defer { text = "" }
        return text
    }

    mutating func begin() { text += "[" }
    mutating func end() { text += isFirst ? "]\n" : "\n]\n" }

    mutating func add(_ choice: DeviceChoice, of section: borrowing DeviceSection) {
        text += isFirst ? "\n{" : ",\n{"
        isFirst = false
        text += "\"path\": \(JSONLine.string(choice.path.description))"
        text += ", \"section\": \(JSONLine.string(section.path.section))"
        if let instance = section.path.instance { text += ", \"instance\": \(instance)" }
        if let version = section.version { text += ", \"version\": \(version)" }
        if let id = section.sectionID { text += ", \"sectionID\": \(id)" }
        if let offset = section.offset { text += ", \"offset\": \(offset)" }
        if let size = section.size { text += ", \"size\": \(size)" }
        text += ", \"described\": \(!section.isOpaque), \"values\": ["
        var writer = Writer(offsets: DeviceOffsets(section.state), bodyOffset: section.bodyOffset)
        var path = choice.path
        if let element = choice.element {
            writer.element(element, of: choice.index, section.state, path)
        } else {
            writer.value(choice.index, of: section.state, &path)
        }
        text += writer.text + (writer.text.isEmpty ? "]}" : "\n ]}")
    }

    private struct Writer {
        let offsets: DeviceOffsets
        let bodyOffset: UInt64?
        var text = ""

        private mutating func begin(_ path: DevicePath, _ type: String) {
            text += text.isEmpty ? "\n  {" : ",\n  {"
            text += "\"path\": \(JSONLine.string(path.description)), \"type\": \"\(type)\""
        }

        private mutating func end(_ place: Range<Int>) {
            if let bodyOffset { text += ", \"offset\": \(bodyOffset + UInt64(place.lowerBound))" }
            text += ", \"at\": \(place.lowerBound), \"size\": \(place.count)}"
        }

        private mutating func scalar(_ kind: DeviceState.Kind, _ bits: UInt64) {
            text += ", \"value\": \(ValueText.decimal(kind, bits))"
            guard kind != .bool else { return }
            let digits = String(ValueText.masked(bits, kind), radix: 16)
            let width = 2 * (kind.width ?? 0)
            text += ", \"hex\": \""
            text += String(repeating: "0", count: max(0, width - digits.count)) + digits + "\""
        }

        mutating func element(
            _ place: Int, of index: Int, _ state: borrowing DeviceState, _ path: DevicePath
        ) {
            let node = state.nodes[index]
            let kind = state.elementKind(node)
            let width = state.elementWidth(node)
            begin(path, "\(kind)")
            scalar(kind, state.elementBits(node, at: place))
            let start = offsets[index].lowerBound + place * width
            end(start..<start + width)
        }

        /// A value, or all that it holds.
        mutating func value(
            _ index: Int, of state: borrowing DeviceState, _ path: inout DevicePath
        ) {
            let node = state.nodes[index]
            if node.kind.isContainer {
                if node.kind == .subsection {
                    begin(path, "subsection")
                    text += ", \"version\": \(node.value)"
                    end(offsets[index])
                }
                for (child, components) in state.namedChildren(of: index) {
                    path.components += components
                    value(child, of: state, &path)
                    path.components.removeLast(components.count)
                }
                return
            }
            switch node.kind {
            case .text:
                begin(path, "text")
                text += ", \"value\": \(ValueText.quoted(state.octets(of: node)))"
            case .absent:
                begin(path, "absent")
                text += ", \"value\": null"
            case .blob, .buffer:
                begin(path, "\(node.kind)")
                text += ", \"hex\": \"\(ValueText.hex(state.octets(of: node)))\""
            case .scalars:
                begin(path, "\(node.elementKind)[]")
                let values = (0..<state.elementCount(node)).map {
                    ValueText.decimal(node.elementKind, state.elementBits(node, at: $0))
                }
                text += ", \"value\": [\(values.joined(separator: ", "))]"
            default:
                begin(path, "\(node.kind)")
                scalar(node.kind, node.value)
            }
            end(offsets[index])
        }
    }
}
