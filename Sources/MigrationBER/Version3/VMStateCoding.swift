import BER
import ByteIO
import Migration

/// `VMState` of version 3: values without names and widths, and the annotation that has those.
///
/// Structures, arrays, lists and trees are all `array`; texts and blobs are `oldblob`; a null
/// pointer's place is an empty `array`; subsections of a structure stand behind its fields in one
/// `subsecl`.
struct VMStateEncoder: ~Copyable {
    private let state: DeviceState
    private var sizes: [Int]
    /// Content octets of a structure's `subsecl`.
    private var subsectionSizes: [Int]
    /// Content octets of a subsection's `contents`.
    private var entriesSizes: [Int]

    init(_ state: DeviceState) {
        self.state = state
        sizes = Array(repeating: 0, count: state.nodes.count)
        subsectionSizes = sizes
        entriesSizes = sizes
        for index in stride(from: state.nodes.count - 1, through: 0, by: -1) { measure(index) }
    }

    /// Content octets of the whole `VMState`.
    var contentSize: Int { sizes[0] }

    private static func tag(_ kind: DeviceState.Kind) -> Tag {
        switch kind {
        case .bool: .boolean
        case .text, .blob, .buffer: .octetString
        case .absent, .structure, .array, .scalars, .list, .tree: .sequence
        case .subsection: SchemaTag.subSection
        default: .integer
        }
    }

    private mutating func measure(_ index: Int) {
        let node = state.nodes[index]
        switch node.kind {
        case .bool: sizes[index] = 1
        case .absent: sizes[index] = 0
        case .text, .blob, .buffer: sizes[index] = Segments.contentSize(node.length)
        case .scalars:
            var size = 0
            ScalarCursor.forEachRun(in: state, node) { bits, count in
                size += count * (2 + ScalarCursor.contentSize(node.elementKind, bits))
            }
            sizes[index] = size
        case .structure, .array, .list, .tree, .subsection:
            var size = 0
            var subsections = 0
            for child in state.children(of: index) {
                let kind = state.nodes[child].kind
                let element = BERSize.element(VMStateEncoder.tag(kind), sizes[child])
                if kind == .subsection { subsections += element } else { size += element }
            }
            subsectionSizes[index] = subsections
            if subsections > 0 { size += BERSize.element(SchemaTag.subSecList, subsections) }
            if node.kind == .subsection {
                entriesSizes[index] = size
                size = BERSize.element(.sequence, size)
                size += BERSize.element(.utf8String, state.name(of: node).utf8.count)
                size += BERSize.integer(.integer, node.value)
            }
            sizes[index] = size
        default:
            sizes[index] = ScalarCursor.contentSize(node.kind, node.value)
        }
    }

    /// Writes the entries of the whole.
    func writeContent(_ writer: inout BERWriter) throws(ByteIOError) {
        try writeEntries(0, &writer)
    }

    private func writeEntries(_ index: Int, _ writer: inout BERWriter) throws(ByteIOError) {
        for child in state.children(of: index) where state.nodes[child].kind != .subsection {
            try writeEntry(child, &writer)
        }
        guard subsectionSizes[index] > 0 else { return }
        try writer.head(SchemaTag.subSecList, constructed: true, length: subsectionSizes[index])
        for child in state.children(of: index) where state.nodes[child].kind == .subsection {
            let node = state.nodes[child]
            try writer.head(SchemaTag.subSection, constructed: true, length: sizes[child])
            try writer.string(.utf8String, state.name(of: node))
            try writer.integer(.integer, node.value)
            try writer.head(.sequence, constructed: true, length: entriesSizes[child])
            try writeEntries(child, &writer)
        }
    }

    private func writeEntry(_ index: Int, _ writer: inout BERWriter) throws(ByteIOError) {
        let node = state.nodes[index]
        let tag = VMStateEncoder.tag(node.kind)
        switch node.kind {
        case .bool: try writer.boolean(tag, node.value != 0)
        case .uint8, .uint16, .uint32, .uint64, .uint16le, .uint32le, .uint64le:
            try writer.integer(tag, node.value)
        case .int8, .int16, .int32, .int64, .number:
            try writer.integer(tag, Int64(bitPattern: node.value))
        case .text, .blob, .buffer:
            let start = Int(clamping: node.value)
            // An array of octets has no padding that could be read.
            try Segments.write(
                tag, unsafe state.octets.span.bytes.extracting(start..<start + node.length),
                to: &writer)
        case .scalars:
            try writer.head(tag, constructed: true, length: sizes[index])
            let element = VMStateEncoder.tag(node.elementKind)
            try ScalarCursor.forEachRun(in: state, node) { (bits, count) throws(ByteIOError) in
                for _ in 0..<count {
                    try ScalarCursor.write(node.elementKind, element, bits, to: &writer)
                }
            }
        default:
            try writer.head(tag, constructed: true, length: sizes[index])
            try writeEntries(index, &writer)
        }
    }
}

/// The annotation `berth:fields`: for each value its kind and name, in the values' order.
///
/// A value's kind is a context tag's number (`DeviceState.Kind` as below). What holds no others is
/// primitive and has the name as content; a scalar array adds its elements' kind; what holds
/// others is constructed: the name as UTF8String, then the layouts of what it holds.
enum FieldLayout {
    static func number(_ kind: DeviceState.Kind) -> UInt64 {
        switch kind {
        case .uint8: 0
        case .uint16: 1
        case .uint32: 2
        case .uint64: 3
        case .int8: 4
        case .int16: 5
        case .int32: 6
        case .int64: 7
        case .structure: 8
        case .array: 9
        case .list: 10
        case .tree: 11
        case .text: 12
        case .absent: 13
        case .blob: 14
        case .bool: 15
        case .subsection: 16
        case .scalars: 17
        case .number: 18
        case .buffer: 19
        case .uint16le: 20
        case .uint32le: 21
        case .uint64le: 22
        }
    }

    static func kind(_ number: UInt64) -> DeviceState.Kind? {
        let all: [DeviceState.Kind] = [
            .uint8, .uint16, .uint32, .uint64, .int8, .int16, .int32, .int64, .structure, .array,
            .list, .tree, .text, .absent, .blob, .bool, .subsection, .scalars, .number,
            .buffer, .uint16le, .uint32le, .uint64le,
        ]
        return number < UInt64(all.count) ? all[Int(number)] : nil
    }

    /// A run of layouts that are alike: their count, then one of them.
    static let run: UInt64 = 23
    /// Shorter runs are spelled out.
    static let shortestRun = 4
    /// Layouts that runs may stand for. A reader believes no more.
    static let runLimit = 1 << 18

    /// Whether an array's runs are written as such.
    private static func hasRuns(_ state: borrowing DeviceState, _ index: Int) -> Bool {
        state.nodes[index].kind == .array && state.nodes.count <= runLimit
    }

    /// Writes the layouts of what the node at `index` holds.
    static func write(
        _ state: borrowing DeviceState, inside index: Int, to writer: inout BERWriter
    ) throws(ByteIOError) {
        guard hasRuns(state, index) else {
            for child in state.children(of: index) { try writeOne(state, child, to: &writer) }
            return
        }
        let state = copy state
        try state.forEachRun(of: index, shapeOnly: true) { (first, count) throws(ByteIOError) in
            if count < shortestRun {
                for _ in 0..<count { try writeOne(state, first, to: &writer) }
            } else {
                let content = BERSize.integer(.integer, UInt64(count)) + size(state, first)
                try writer.head(.context(run), constructed: true, length: content)
                try writer.integer(.integer, UInt64(count))
                try writeOne(state, first, to: &writer)
            }
        }
    }

    private static func writeOne(
        _ state: borrowing DeviceState, _ child: Int, to writer: inout BERWriter
    ) throws(ByteIOError) {
        let node = state.nodes[child]
        let tag = Tag.context(number(node.kind))
        let name = state.name(of: node)
        if node.kind == .scalars {
            try writer.head(
                tag, constructed: true,
                length: BERSize.element(.utf8String, name.utf8.count) + 3)
            try writer.string(.utf8String, name)
            try writer.integer(.integer, number(node.elementKind))
        } else if node.kind.isContainer {
            let size = contentSize(state, child)
            try writer.head(tag, constructed: true, length: size)
            try writer.string(.utf8String, name)
            try write(state, inside: child, to: &writer)
        } else {
            try writer.string(tag, name)
        }
    }

    /// Octets of one node's layout.
    private static func size(_ state: borrowing DeviceState, _ child: Int) -> Int {
        let node = state.nodes[child]
        let tag = Tag.context(number(node.kind))
        let name = state.name(of: node).utf8.count
        if node.kind == .scalars {
            return BERSize.element(tag, BERSize.element(.utf8String, name) + 3)
        }
        if node.kind.isContainer { return BERSize.element(tag, contentSize(state, child)) }
        return BERSize.element(tag, name)
    }

    /// Content octets of the layout of a node that holds others.
    private static func contentSize(_ state: borrowing DeviceState, _ index: Int) -> Int {
        var size = BERSize.element(.utf8String, state.name(of: state.nodes[index]).utf8.count)
        guard hasRuns(state, index) else {
            for child in state.children(of: index) { size += Self.size(state, child) }
            return size
        }
        let state = copy state
        state.forEachRun(of: index, shapeOnly: true) { first, count in
            let one = Self.size(state, first)
            size +=
                count < shortestRun
                ? count * one
                : BERSize.element(
                    .context(run), BERSize.integer(.integer, UInt64(count)) + one)
        }
        return size
    }
}
