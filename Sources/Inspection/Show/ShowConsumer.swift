public import Migration

/// Prints what a selection chooses of the device state that goes by.
public struct ShowConsumer: ~Copyable, DeviceSectionConsumer {
    public enum Form: Sendable {
        /// Lines for people.
        /// - Parameters:
        ///   - full: whether arrays and buffers are printed to their ends.
        ///   - offsets: whether lines begin with the value's offset in the input.
        case tree(full: Bool, offsets: Bool)
        case json
        /// A line for each value: numbers in decimal, octets in hexadecimal.
        case values
    }

    public private(set) var selection: DeviceSelection
    private let form: Form
    private var tree = ShowTree()
    private var json = ShowJSON()
    private let write: (String) throws(MigrationError) -> Void

    public init(
        _ patterns: [DevicePathPattern], _ form: Form,
        write: @escaping (String) throws(MigrationError) -> Void
    ) {
        selection = DeviceSelection(patterns)
        self.form = form
        self.write = write
        if case .tree(let full, let offsets) = form {
            tree.isFull = full
            tree.hasOffsets = offsets
        }
        if case .json = form { json.begin() }
    }

    public mutating func take(_ section: borrowing DeviceSection) throws(MigrationError) {
        var choices: [DeviceChoice] = []
        try selection.choose(section) { choices.append($0) }
        for choice in choices {
            switch form {
            case .tree:
                tree.add(choice, of: section)
                try write(tree.takeText())
            case .json:
                json.add(choice, of: section)
                try write(json.takeText())
            case .values:
                var text = ""
                ShowValues.add(choice, of: section.state, to: &text)
                if !text.isEmpty { try write(text) }
            }
        }
    }

    /// Prints what ends the output. To be called also if an error ended the input.
    public mutating func end() throws(MigrationError) {
        if case .json = form {
            json.end()
            try write(json.takeText())
        }
    }
}

/// Values alone, a line each.
enum ShowValues {
    static func add(
        _ choice: DeviceChoice, of state: borrowing DeviceState, to text: inout String
    ) {
        guard let element = choice.element else { return add(choice.index, of: state, to: &text) }
        let node = state.nodes[choice.index]
        text += ValueText.decimal(
            state.elementKind(node), state.elementBits(node, at: element))
        text += "\n"
    }

    private static func add(
        _ index: Int, of state: borrowing DeviceState, to text: inout String
    ) {
        let node = state.nodes[index]
        switch node.kind {
        case .structure, .array, .list, .tree, .subsection:
            for child in state.children(of: index) { add(child, of: state, to: &text) }
        case .text:
            text +=
                StreamSummary.visible(
                    String(decoding: state.octets(of: node), as: UTF8.self)) + "\n"
        case .absent: text += "null\n"
        case .blob, .buffer: text += ValueText.hex(state.octets(of: node)) + "\n"
        case .scalars where node.elementKind == .uint8:
            text += ValueText.hex(state.octets(of: node)) + "\n"
        case .scalars:
            text +=
                (0..<state.elementCount(node)).map {
                    ValueText.decimal(node.elementKind, state.elementBits(node, at: $0))
                }.joined(separator: " ") + "\n"
        default: text += ValueText.decimal(node.kind, node.value) + "\n"
        }
    }
}
