import Migration

/// Device state as a tree of lines.
struct ShowTree {
    /// Whether everything is printed, however long.
    var isFull = false
    /// Whether lines begin with the value's offset.
    var hasOffsets = false
    private(set) var text = ""
    private var offsets: DeviceOffsets?
    private var bodyOffset: UInt64?

    /// Elements and octets that go on one line.
    private static let lineElements = 8
    private static let lineOctets = 16
    /// Lines of an array or a buffer that are printed.
    private static let lineLimit = 4

    mutating func takeText() -> String {
        defer { text = "" }
        return text
    }

    /// Adds what was chosen of a section.
    mutating func add(_ choice: DeviceChoice, of section: borrowing DeviceSection) {
        let state = section.state
        offsets = hasOffsets ? DeviceOffsets(state) : nil
        bodyOffset = section.bodyOffset
        if choice.index == 0 {
            heading(section)
            body(0, of: state, level: 1)
            return
        }
        let node = state.nodes[choice.index]
        let path = choice.path.description
        guard let element = choice.element else {
            return line(choice.index, of: state, label: path, width: 0, level: 0)
        }
        let kind = state.elementKind(node)
        prefix(choice.index, adding: element * state.elementWidth(node))
        text +=
            "\(path)  \(kind)  \(ValueText.scalar(kind, state.elementBits(node, at: element)))\n"
    }

    private mutating func heading(_ section: borrowing DeviceSection) {
        var details: [String] = []
        if let version = section.version { details.append("version \(version)") }
        if let size = section.size, section.version != nil { details.append("\(size) octets") }
        if section.isOpaque { details.append("not described") }
        if let offset = section.offset, section.version != nil {
            details.append("at 0x\(String(offset, radix: 16))")
        }
        text += section.path.sectionText
        if !details.isEmpty { text += "  " + details.joined(separator: ", ") }
        text += "\n"
        guard section.isOpaque, let size = section.size else { return }
        let kept = UInt64(section.state.nodes.count > 1 ? section.state.nodes[1].length : 0)
        if size > kept { text += "  (of these the first \(kept))\n" }
    }

    /// The lines of what a value holds. Neighbours in an array that are alike stand for each other.
    private mutating func body(_ index: Int, of state: borrowing DeviceState, level: Int) {
        let children = state.namedChildren(of: index)
        let labels = children.map { Self.label($0.components) }
        var width = 0
        for (place, child) in children.enumerated()
        where !state.nodes[child.index].kind.isContainer {
            width = max(width, labels[place].count)
        }
        var runs: [Int: Int] = [:]
        if !isFull, [.array, .list].contains(state.nodes[index].kind) {
            state.forEachRun(of: index) { first, count in runs[first] = count }
        }
        var place = 0
        while place < children.count {
            let child = children[place].index
            line(child, of: state, label: labels[place], width: min(width, 32), level: level)
            let alike = runs[child] ?? 1
            if alike > 1 {
                let last = place + alike - 1
                pad()
                text += String(repeating: "  ", count: level)
                text +=
                    alike == 2
                    ? "[\(last)]  like [\(place)]\n"
                    : "[\(place + 1)..\(last)]  like [\(place)]\n"
            }
            place += alike
        }
    }

    private static func label(_ components: [DevicePath.Component]) -> String {
        var label = ""
        for component in components {
            switch component {
            case .index(let index): label += "[\(index)]"
            case .name(let name):
                label += (label.isEmpty ? "" : ".") + DevicePath.quoted(name)
            }
        }
        return label
    }

    private mutating func line(
        _ index: Int, of state: borrowing DeviceState, label: String, width: Int, level: Int
    ) {
        let node = state.nodes[index]
        prefix(index)
        text += String(repeating: "  ", count: level)
        // A section that nothing describes has octets alone.
        if state.nodes.count == 2, node.name < 0, node.kind == .blob {
            text += "blob[\(node.length)]"
        } else {
            text += label
            if !node.kind.isContainer {
                text += String(repeating: " ", count: max(0, width - label.count))
            }
            text += "  " + ValueText.type(node, of: state)
        }
        switch node.kind {
        case .structure:
            text += "\n"
            body(index, of: state, level: level + 1)
        case .array, .list, .tree:
            var count = 0
            for _ in state.children(of: index) { count += 1 }
            text += "[\(node.kind == .tree ? count / 2 : count)]\n"
            body(index, of: state, level: level + 1)
        case .subsection:
            text += "  version \(node.value)\n"
            body(index, of: state, level: level + 1)
        case .text: text += "  \(ValueText.quoted(state.octets(of: node)))\n"
        case .absent: text += "\n"
        case .blob, .buffer: octets(state.octets(of: node), level: level + 1)
        case .scalars: scalars(node, of: state, level: level + 1)
        default: text += "  \(ValueText.scalar(node.kind, node.value))\n"
        }
    }

    private mutating func scalars(
        _ node: DeviceState.Node, of state: borrowing DeviceState, level: Int
    ) {
        if node.elementKind == .uint8 { return octets(state.octets(of: node), level: level) }
        let count = state.elementCount(node)
        func value(_ place: Int) -> String {
            ValueText.scalar(node.elementKind, state.elementBits(node, at: place))
        }
        guard count > 0 else {
            text += "\n"
            return
        }
        let first = state.elementBits(node, at: 0)
        if count > 1, (1..<count).allSatisfy({ state.elementBits(node, at: $0) == first }) {
            text += "  all \(value(0))\n"
            return
        }
        if count <= Self.lineElements {
            text += "  " + (0..<count).map(value).joined(separator: ", ") + "\n"
            return
        }
        text += "\n"
        let lines = (count + Self.lineElements - 1) / Self.lineElements
        for line in 0..<(isFull ? lines : min(lines, Self.lineLimit)) {
            let start = line * Self.lineElements
            pad()
            text += String(repeating: "  ", count: level) + "[\(start)]  "
            text +=
                (start..<min(start + Self.lineElements, count)).map(value)
                .joined(separator: ", ") + "\n"
        }
        more(count - Self.lineLimit * Self.lineElements, "elements", level: level)
    }

    private mutating func octets(_ octets: ArraySlice<UInt8>, level: Int) {
        guard let first = octets.first else {
            text += "\n"
            return
        }
        if octets.count > 1, octets.allSatisfy({ $0 == first }) {
            text += "  all \(ValueText.hex([first]))\n"
            return
        }
        if octets.count <= Self.lineOctets {
            text += "  \(ValueText.hex(octets, separator: " "))\n"
            return
        }
        text += "\n"
        let lines = (octets.count + Self.lineOctets - 1) / Self.lineOctets
        for line in 0..<(isFull ? lines : min(lines, Self.lineLimit)) {
            let piece = octets.dropFirst(line * Self.lineOctets).prefix(Self.lineOctets)
            let digits = String(line * Self.lineOctets, radix: 16)
            pad()
            text += String(repeating: "  ", count: level)
            text += String(repeating: "0", count: max(0, 4 - digits.count)) + digits + "  "
            text += ValueText.hex(piece, separator: " ")
            text += String(repeating: "   ", count: Self.lineOctets - piece.count) + "  "
            for octet in piece {
                text.unicodeScalars.append(
                    (0x20..<0x7f).contains(octet) ? Unicode.Scalar(octet) : ".")
            }
            text += "\n"
        }
        more(octets.count - Self.lineLimit * Self.lineOctets, "octets", level: level)
    }

    private mutating func more(_ count: Int, _ what: String, level: Int) {
        guard !isFull, count > 0 else { return }
        pad()
        text += String(repeating: "  ", count: level) + "… \(count) more \(what)\n"
    }

    // MARK: Offsets

    private static let offsetWidth = 10

    private mutating func prefix(_ index: Int, adding place: Int = 0) {
        guard hasOffsets, let offsets else { return }
        guard let bodyOffset else { return pad() }
        let digits = String(bodyOffset + UInt64(offsets[index].lowerBound + place), radix: 16)
        text += String(repeating: "0", count: max(0, Self.offsetWidth - 2 - digits.count))
        text += digits + "  "
    }

    /// Lines without a value of their own.
    private mutating func pad() {
        if hasOffsets { text += String(repeating: " ", count: Self.offsetWidth) }
    }
}
