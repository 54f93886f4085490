import BER
import ByteIO
import Migration

/// `DeviceState`, `DeviceStruct`, `SubSecList`, `Field` and `Value` of version 4, to be written.
///
/// All lengths are definite, so the sizes come first: one for each node, from the last to the
/// first, so that what a node holds is known before it.
struct DeviceStateEncoder: ~Copyable {
    private let state: DeviceState
    /// Content octets of each node's value; a structure's are those of both its parts.
    private var sizes: [Int]
    /// Content octets of a structure's or subsection's `fields`, and of its `SubSecList`.
    private var fieldSizes: [Int]
    private var subsectionSizes: [Int]
    /// Nodes that runs stand for so far.
    private var repeatedNodes = 0
    /// Whether an array's runs of equal elements are written as `Repeat`.
    private var hasRepeats: [Bool]

    init(_ state: DeviceState) {
        self.state = state
        let count = state.nodes.count
        sizes = Array(repeating: 0, count: count)
        fieldSizes = Array(repeating: 0, count: count)
        subsectionSizes = Array(repeating: 0, count: count)
        hasRepeats = Array(repeating: false, count: count)
        for index in 0..<count where state.nodes[index].kind == .array { findRuns(index) }
        for index in stride(from: count - 1, through: 0, by: -1) { measure(index) }
    }

    /// Content octets of the root: `fields` and, if there are any, `subsections`.
    var contentSize: Int { sizes[0] }

    /// Octets of the root's `SubSecList` alone, 0 if it has no subsections.
    var subsectionListSize: Int {
        subsectionSizes[0] == 0
            ? 0 : BERSize.element(SchemaTag.subSecList, subsectionSizes[0])
    }

    // MARK: Sizes

    /// Settles whether an array is written with runs: a reader makes only so many nodes of them.
    private mutating func findRuns(_ index: Int) {
        var nodes = 0
        state.forEachRun(of: index) { first, count in
            if count >= RepeatCoding.shortestRun {
                nodes += count * (Int(state.nodes[first].end) - first)
            }
        }
        guard nodes > 0, repeatedNodes + nodes <= RepeatCoding.nodeLimit else { return }
        repeatedNodes += nodes
        hasRepeats[index] = true
    }

    private mutating func measure(_ index: Int) {
        let node = state.nodes[index]
        switch node.kind {
        case .bool: sizes[index] = 1
        case .uint8, .uint16, .uint32, .uint64, .uint16le, .uint32le, .uint64le:
            sizes[index] = BERSize.unsigned(node.value)
        case .int8, .int16, .int32, .int64, .number:
            sizes[index] = BERSize.signed(Int64(bitPattern: node.value))
        case .text: sizes[index] = node.length
        case .blob, .buffer: sizes[index] = Segments.contentSize(node.length)
        case .absent: sizes[index] = 0
        case .scalars:
            let size = scalarsSize(node)
            let packed = Segments.contentSize(node.length)
            sizes[index] = node.elementKind == .uint8 ? min(size, packed) : size
        case .array where hasRepeats[index]:
            var size = 0
            state.forEachRun(of: index) { first, count in
                size +=
                    count < RepeatCoding.shortestRun
                    ? count * valueSize(first)
                    : BERSize.element(RepeatCoding.tag, repeatSize(first, count))
            }
            sizes[index] = size
        case .array, .list:
            var size = 0
            for child in state.children(of: index) { size += valueSize(child) }
            sizes[index] = size
        case .tree:
            var size = 0
            var key: Int?
            for child in state.children(of: index) {
                if let first = key {
                    size += BERSize.element(.sequence, valueSize(first) + valueSize(child))
                    key = nil
                } else {
                    key = child
                }
            }
            sizes[index] = size
        case .structure, .subsection:
            var fields = 0
            var subsections = 0
            for child in state.children(of: index) {
                if state.nodes[child].kind == .subsection {
                    subsections += BERSize.element(SchemaTag.subSection, sizes[child])
                } else {
                    fields += BERSize.element(.sequence, fieldSize(child))
                }
            }
            fieldSizes[index] = fields
            subsectionSizes[index] = subsections
            var size = BERSize.element(.sequence, fields)
            if subsections > 0 { size += BERSize.element(SchemaTag.subSecList, subsections) }
            if node.kind == .subsection {
                size += BERSize.element(.utf8String, state.name(of: node).utf8.count)
                size += BERSize.integer(.integer, node.value)
            }
            sizes[index] = size
        }
    }

    private func fieldSize(_ index: Int) -> Int {
        BERSize.element(.utf8String, state.name(of: state.nodes[index]).utf8.count)
            + valueSize(index)
    }

    private func valueSize(_ index: Int) -> Int {
        BERSize.element(tag(index), sizes[index])
    }

    /// Content octets of a run of values like the one at `first`.
    private func repeatSize(_ first: Int, _ count: Int) -> Int {
        BERSize.integer(.integer, UInt64(count)) + valueSize(first)
    }

    private func tag(_ index: Int) -> Tag {
        let node = state.nodes[index]
        return isPacked(node, sizes[index]) ? ValueTag.uint8s : ValueTag.tag(node.kind)
    }

    /// Whether an array is written as an octet string, which has just its octets.
    private func isPacked(_ node: DeviceState.Node, _ size: Int) -> Bool {
        node.kind == .scalars && node.elementKind == .uint8 && node.length > 0
            && size == Segments.contentSize(node.length)
    }

    private func scalarsSize(_ node: DeviceState.Node) -> Int {
        var size = 0
        ScalarCursor.forEachRun(in: state, node) { bits, count in
            size += RepeatCoding.size(node.elementKind, bits, count)
        }
        return size
    }

    // MARK: Writing

    /// Writes the root's `fields` and `subsections`.
    func writeContent(_ writer: inout BERWriter) throws(ByteIOError) {
        try writeParts(0, &writer)
    }

    /// Writes the root's `SubSecList` alone, if it has subsections.
    func writeSubsectionList(_ writer: inout BERWriter) throws(ByteIOError) {
        try writeSubsections(0, &writer)
    }

    private func writeParts(_ index: Int, _ writer: inout BERWriter) throws(ByteIOError) {
        try writer.head(.sequence, constructed: true, length: fieldSizes[index])
        for child in state.children(of: index) where state.nodes[child].kind != .subsection {
            try writer.head(.sequence, constructed: true, length: fieldSize(child))
            try writer.string(.utf8String, state.name(of: state.nodes[child]))
            try writeValue(child, &writer)
        }
        try writeSubsections(index, &writer)
    }

    private func writeSubsections(_ index: Int, _ writer: inout BERWriter) throws(ByteIOError) {
        guard subsectionSizes[index] > 0 else { return }
        try writer.head(
            SchemaTag.subSecList, constructed: true, length: subsectionSizes[index])
        for child in state.children(of: index) where state.nodes[child].kind == .subsection {
            let node = state.nodes[child]
            try writer.head(SchemaTag.subSection, constructed: true, length: sizes[child])
            try writer.string(.utf8String, state.name(of: node))
            try writer.integer(.integer, node.value)
            try writeParts(child, &writer)
        }
    }

    private func writeOctets(
        _ node: DeviceState.Node, _ tag: Tag, _ writer: inout BERWriter
    ) throws(ByteIOError) {
        let start = Int(clamping: node.value)
        // An array of octets has no padding that could be read.
        try Segments.write(
            tag, unsafe state.octets.span.bytes.extracting(start..<start + node.length),
            to: &writer)
    }

    private func writeValue(_ index: Int, _ writer: inout BERWriter) throws(ByteIOError) {
        let node = state.nodes[index]
        let tag = tag(index)
        switch node.kind {
        case .bool: try writer.boolean(tag, node.value != 0)
        case .uint8, .uint16, .uint32, .uint64, .uint16le, .uint32le, .uint64le:
            try writer.integer(tag, node.value)
        case .int8, .int16, .int32, .int64, .number:
            try writer.integer(tag, Int64(bitPattern: node.value))
        case .text, .blob, .buffer: try writeOctets(node, tag, &writer)
        case .absent: try writer.null(tag)
        case .scalars where isPacked(node, sizes[index]): try writeOctets(node, tag, &writer)
        case .scalars:
            try writer.head(tag, constructed: true, length: sizes[index])
            try ScalarCursor.forEachRun(in: state, node) { (bits, count) throws(ByteIOError) in
                try RepeatCoding.write(node.elementKind, bits, count, to: &writer)
            }
        case .array where hasRepeats[index]:
            try writer.head(tag, constructed: true, length: sizes[index])
            try state.forEachRun(of: index) { (first, count) throws(ByteIOError) in
                guard count >= RepeatCoding.shortestRun else {
                    for _ in 0..<count { try writeValue(first, &writer) }
                    return
                }
                try writer.head(
                    RepeatCoding.tag, constructed: true, length: repeatSize(first, count))
                try writer.integer(.integer, UInt64(count))
                try writeValue(first, &writer)
            }
        case .array, .list:
            try writer.head(tag, constructed: true, length: sizes[index])
            for child in state.children(of: index) { try writeValue(child, &writer) }
        case .tree:
            try writer.head(tag, constructed: true, length: sizes[index])
            var key: Int?
            for child in state.children(of: index) {
                if let first = key {
                    try writer.head(
                        .sequence, constructed: true, length: valueSize(first) + valueSize(child))
                    try writeValue(first, &writer)
                    try writeValue(child, &writer)
                    key = nil
                } else {
                    key = child
                }
            }
        case .structure, .subsection:
            try writer.head(tag, constructed: true, length: sizes[index])
            try writeParts(index, &writer)
        }
    }
}

/// The tags of `Value`'s alternatives.
enum ValueTag {
    /// An array of uint8 as octets.
    static let uint8s = Tag.context(13)

    static func tag(_ kind: DeviceState.Kind) -> Tag {
        switch kind {
        case .bool: .boolean
        case .uint8: .context(0)
        case .uint16: .context(1)
        case .uint32: .context(2)
        case .uint64: .context(3)
        case .int8: .context(4)
        case .int16: .context(5)
        case .int32: .context(6)
        // A number without a width has no place of its own; the widest has room for it.
        case .int64, .number: .context(7)
        case .structure: .context(8)
        case .array, .scalars: .context(9)
        case .list: .context(10)
        case .tree: .context(11)
        case .text: .utf8String
        case .absent: .null
        case .blob: .octetString
        case .buffer: .context(14)
        case .uint16le: .context(15)
        case .uint32le: .context(16)
        case .uint64le: .context(17)
        case .subsection: SchemaTag.subSection
        }
    }

    /// The alternative that has `tag`.
    static func kind(_ tag: Tag) -> DeviceState.Kind? {
        let all: [DeviceState.Kind] = [
            .uint8, .uint16, .uint32, .uint64, .int8, .int16, .int32, .int64, .structure, .array,
            .list, .tree,
        ]
        if tag.class == .context, tag.number < 12 { return all[Int(tag.number)] }
        return switch tag {
        case .context(14): .buffer
        case .context(15): .uint16le
        case .context(16): .uint32le
        case .context(17): .uint64le
        case .boolean: .bool
        case .utf8String: .text
        case .null: .absent
        case .octetString: .blob
        default: nil
        }
    }
}

/// The elements of a scalar array that is kept as octets.
enum ScalarCursor {
    /// The bits of the scalar at `at`, sign-extended if its kind is signed.
    static func bits(_ octets: [UInt8], at: Int, _ kind: DeviceState.Kind) -> UInt64 {
        kind.bits(octets[at..<at + (kind.width ?? 1)])
    }

    /// Runs of equal elements, in order.
    static func forEachRun<Failure: Error>(
        in state: borrowing DeviceState, _ node: DeviceState.Node,
        _ body: (_ bits: UInt64, _ count: Int) throws(Failure) -> Void
    ) throws(Failure) {
        var at = Int(clamping: node.value)
        let end = at + node.length
        let width = node.elementKind.width ?? 1
        while at + width <= end {
            let value = bits(state.octets, at: at, node.elementKind)
            var count = 1
            at += width
            while at + width <= end, bits(state.octets, at: at, node.elementKind) == value {
                count += 1
                at += width
            }
            try body(value, count)
        }
    }

    static func contentSize(_ kind: DeviceState.Kind, _ bits: UInt64) -> Int {
        if kind == .bool { return 1 }
        return kind.isSigned ? BERSize.signed(Int64(bitPattern: bits)) : BERSize.unsigned(bits)
    }

    static func write(
        _ kind: DeviceState.Kind, _ tag: Tag, _ bits: UInt64, to writer: inout BERWriter
    ) throws(ByteIOError) {
        if kind == .bool {
            try writer.boolean(tag, bits != 0)
        } else if kind.isSigned {
            try writer.integer(tag, Int64(bitPattern: bits))
        } else {
            try writer.integer(tag, bits)
        }
    }
}

/// `Repeat`: a run of equal elements in an array.
enum RepeatCoding {
    static let tag = Tag.context(12)
    /// Shorter runs are spelled out: they are no longer than this.
    static let shortestRun = 4
    /// Nodes that runs of a device may stand for. A reader believes no more.
    static let nodeLimit = 1 << 18

    static func contentSize(_ kind: DeviceState.Kind, _ bits: UInt64, _ count: Int) -> Int {
        BERSize.integer(.integer, UInt64(count)) + 2 + ScalarCursor.contentSize(kind, bits)
    }

    /// Octets of a run, as `Repeat` or spelled out.
    static func size(_ kind: DeviceState.Kind, _ bits: UInt64, _ count: Int) -> Int {
        count < shortestRun
            ? count * (2 + ScalarCursor.contentSize(kind, bits))
            : BERSize.element(tag, contentSize(kind, bits, count))
    }

    static func write(
        _ kind: DeviceState.Kind, _ bits: UInt64, _ count: Int, to writer: inout BERWriter
    ) throws(ByteIOError) {
        let element = ValueTag.tag(kind)
        guard count >= shortestRun else {
            for _ in 0..<count { try ScalarCursor.write(kind, element, bits, to: &writer) }
            return
        }
        try writer.head(tag, constructed: true, length: contentSize(kind, bits, count))
        try writer.integer(.integer, UInt64(count))
        try ScalarCursor.write(kind, element, bits, to: &writer)
    }
}
