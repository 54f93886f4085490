/// A device's state as named values, flat in one array.
///
/// The values stand in the order of the wire, each before what it holds:
///
///     root struct ┬ "a" uint32
///                 ├ "b" array ┬ uint8
///                 │           └ uint8
///                 └ subsection "dev/x" version 1 ┬ "c" blob
///
/// Octets of blobs, texts and scalar arrays lie in ``octets``. So a device of any size costs a few
/// allocations, not one for each value.
public struct DeviceState: Hashable, Sendable {
    public enum Kind: UInt8, Hashable, Sendable, BitwiseCopyable {
        case bool, uint8, uint16, uint32, uint64, int8, int16, int32, int64
        /// Numbers that stand least significant octet first: registers of PCI devices, and what a
        /// little-endian host wrote as it lay in memory.
        case uint16le, uint32le, uint64le
        /// A counted string: an octet with its length, then UTF-8.
        case text
        /// Octets that nothing describes or opens.
        case blob
        /// Octets that have no finer structure: QEMU itself moves them as a whole.
        case buffer
        /// A null pointer's place: one octet, 0x30.
        case absent
        /// Fields, then subsections.
        case structure
        case array
        /// QTAILQ and QLIST: 01 before each element, 00 behind the last.
        case list
        /// GTree: be32 count; 01, key and value for each entry; 00. Keys and values alternate.
        case tree
        /// Fields, then subsections, under a name and a version of its own.
        case subsection
        /// An array whose elements are all of one scalar kind, kept as octets.
        case scalars
        /// A number whose width is not known: version 3 without annotations has such. It has no
        /// octets on the wire.
        case number
    }

    public struct Node: Hashable, Sendable, BitwiseCopyable {
        public var kind: Kind
        /// For `scalars`: the kind of the elements.
        public var elementKind: Kind = .blob
        /// Into ``DeviceState/names``; -1 for a value without a name.
        public var name: Int32
        /// The node behind everything that this one holds.
        public var end: Int32
        /// A scalar's bits, zero- or sign-extended; a subsection's version; where a blob's, a
        /// text's or scalars' octets begin.
        public var value: UInt64
        /// Octets of a blob, a buffer, a text or scalars; unused elsewhere.
        public var length: Int
    }

    public private(set) var nodes: [Node] = []
    public private(set) var names: [String] = []
    /// The octets of blobs, texts and scalar arrays.
    public private(set) var octets: [UInt8] = []

    /// A state that holds nothing: the root alone.
    public init() {
        nodes.append(Node(kind: .structure, name: -1, end: 1, value: 0, length: 0))
    }

    // MARK: Building

    /// Adds a value that holds no others, behind all that was added before.
    public mutating func add(_ kind: Kind, name: Int32, bits: UInt64) {
        nodes.append(
            Node(
                kind: kind, name: name, end: Int32(clamping: nodes.count + 1), value: bits,
                length: 0))
    }

    /// Adds a blob, a text, or scalars of `elementKind`.
    public mutating func add(
        _ kind: Kind, of elementKind: Kind = .blob, name: Int32, octets piece: some Sequence<UInt8>
    ) {
        let start = octets.count
        octets.append(contentsOf: piece)
        nodes.append(
            Node(
                kind: kind, elementKind: elementKind, name: name,
                end: Int32(clamping: nodes.count + 1), value: UInt64(start),
                length: octets.count - start))
    }

    /// Begins a value that holds others.
    /// - Returns: what ``endContainer(_:)`` wants.
    public mutating func beginContainer(_ kind: Kind, name: Int32, version: UInt32 = 0) -> Int {
        nodes.append(Node(kind: kind, name: name, end: 0, value: UInt64(version), length: 0))
        return nodes.count - 1
    }

    public mutating func endContainer(_ index: Int) {
        nodes[index].end = Int32(clamping: nodes.count)
    }

    /// Ends the root. To be called when everything has been added.
    public mutating func finish() {
        nodes[0].end = Int32(clamping: nodes.count)
    }

    /// The number of a name, which it gets here if it has none yet.
    public mutating func intern(_ name: String, _ known: inout [String: Int32]) -> Int32 {
        if let number = known[name] { return number }
        let number = Int32(clamping: names.count)
        names.append(name)
        known[name] = number
        return number
    }

    /// Takes back everything that was added since there were so many nodes and octets.
    public mutating func rewind(nodes nodeCount: Int, octets octetCount: Int) {
        nodes.removeSubrange(nodeCount...)
        octets.removeSubrange(octetCount...)
    }

    /// Adds copies of the node at `index`, which is the last that was added, behind it.
    public mutating func duplicate(_ index: Int, count: Int) {
        let size = nodes.count - index
        for copy in 0..<max(count, 0) {
            let shift = Int32(clamping: (copy + 1) * size)
            for offset in 0..<size {
                var node = nodes[index + offset]
                node.end &+= shift
                nodes.append(node)
            }
        }
    }

    // MARK: Changing

    /// Gives a scalar other bits, or a subsection another version.
    public mutating func setBits(_ bits: UInt64, at index: Int) { nodes[index].value = bits }

    /// Gives a blob, a buffer, a text or scalars other octets, as many as `piece` has.
    /// - Parameter place: octets of the node's before the first; the piece must end within them.
    public mutating func setOctets(_ piece: [UInt8], at index: Int, from place: Int) {
        let start = Int(clamping: nodes[index].value) + place
        guard place >= 0, piece.count <= nodes[index].length - place else { return }
        octets.replaceSubrange(start..<start + piece.count, with: piece)
    }

    // MARK: Looking

    /// The name of a node, or an empty text.
    public func name(of node: Node) -> String {
        names.indices.contains(Int(node.name)) ? names[Int(node.name)] : ""
    }

    /// The octets of a blob, a text or scalars.
    public func octets(of node: Node) -> ArraySlice<UInt8> {
        let start = Int(clamping: node.value)
        return octets[start..<start + node.length]
    }

    /// The indices of what the node at `index` holds, directly.
    public func children(of index: Int) -> Children {
        Children(state: self, position: index + 1, end: Int(nodes[index].end))
    }

    public struct Children: Sequence, IteratorProtocol {
        let state: DeviceState
        var position: Int
        let end: Int

        public mutating func next() -> Int? {
            guard position < end else { return nil }
            defer { position = Int(state.nodes[position].end) }
            return position
        }
    }
}

extension DeviceState.Kind {
    /// Octets of a scalar on the wire; `nil` for what is no scalar.
    public var width: Int? {
        switch self {
        case .bool, .uint8, .int8: 1
        case .uint16, .int16, .uint16le: 2
        case .uint32, .int32, .uint32le: 4
        case .uint64, .int64, .uint64le: 8
        default: nil
        }
    }

    public var isSigned: Bool {
        switch self {
        case .int8, .int16, .int32, .int64, .number: true
        default: false
        }
    }

    /// Whether the least significant octet comes first on the wire.
    public var isLittleEndian: Bool {
        switch self {
        case .uint16le, .uint32le, .uint64le: true
        default: false
        }
    }

    /// The bits of a scalar of this kind that these octets are, sign-extended if it is signed.
    public func bits(_ octets: some BidirectionalCollection<UInt8>) -> UInt64 {
        var bits: UInt64 = 0
        if isLittleEndian {
            for octet in octets.reversed() { bits = bits << 8 | UInt64(octet) }
        } else {
            for octet in octets { bits = bits << 8 | UInt64(octet) }
        }
        let width = octets.count
        if isSigned, width < 8, bits >> UInt64(8 * width - 1) != 0 {
            bits |= UInt64.max << UInt64(8 * width)
        }
        return bits
    }

    /// Appends the octets of a scalar of this kind.
    public func append(_ bits: UInt64, to octets: inout [UInt8]) {
        let width = width ?? 0
        for index in 0..<width {
            let shift = UInt64(8 * (isLittleEndian ? index : width - 1 - index))
            octets.append(UInt8(truncatingIfNeeded: bits >> shift))
        }
    }

    /// Whether values stand inside this one.
    public var isContainer: Bool {
        switch self {
        case .structure, .array, .list, .tree, .subsection: true
        default: false
        }
    }
}
