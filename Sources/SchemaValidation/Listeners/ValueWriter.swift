internal import ByteIO

/// What the listings share: names, and simple values in pieces.
struct ValueWriter {
    let program: ValidationProgram
    let sink: TextSink
    private let nodes: [Node]
    private let labels: Labels
    /// The last octet of a BIT STRING waits for the number of its unused bits.
    private var lastBits: Int = -1
    private(set) var bitOctets: UInt64 = 0
    private var stream = CharacterStream(.none)
    /// Octets of the arc that is being read, and whether it is the first.
    private var arc: [UInt8] = []
    private var arcCount: UInt64 = 0
    private var characterCount: UInt64 = 0
    private var characterKind = Node.Characters.none

    /// Octets of an arc that are listed.
    static let arcLimit = 128

    /// - Parameters:
    ///   - before: what stands in front of each name.
    ///   - behind: what stands behind it.
    init(
        _ program: ValidationProgram, _ sink: TextSink, before: String = "", behind: String = ""
    ) {
        self.program = program
        self.sink = sink
        nodes = program.nodes
        labels = Labels(program.names, before: before, behind: behind)
    }

    /// A name, and what stands around it.
    @inline(__always)
    func name(_ index: Int32) throws(ByteIOError) {
        if index >= 0 { try sink.label(labels, index) }
    }

    @inline(__always)
    func node(_ event: ValueEvent) -> Node {
        nodes[Int(event.node < 0 ? program.anyNode : event.node)]
    }

    // MARK: Numbers

    @inline(__always)
    func integer(_ window: RawSpan) throws(ByteIOError) {
        let count = window.byteCount
        guard count > 0 else { return try sink.octet(0x30) }
        guard count <= 8 else {
            return try sink.text(IntegerText.decimal((0..<count).map { window.octet(at: $0) }))
        }
        var value = Int64(Int8(bitPattern: window.octet(at: 0)))
        for index in 1..<max(count, 1) { value = value << 8 | Int64(window.octet(at: index)) }
        try sink.signed(value)
    }

    /// An INTEGER that is too long for decimal digits; it may come in pieces.
    func longInteger(_ window: RawSpan, isFirst: Bool) throws(ByteIOError) {
        if isFirst { try sink.text("0x") }
        try sink.hex(window, isUpper: true)
    }

    static func isLong(_ event: ValueEvent) -> Bool {
        event.length > UInt64(IntegerText.listingLimit)
    }

    /// The name of an ENUMERATED value, if it has one.
    func enumerationName(_ event: ValueEvent, _ window: RawSpan) -> String? {
        let detail = program.detail(event.node)
        guard window.byteCount > 0 else { return nil }
        for (index, value) in detail.enumeration.enumerated()
        where value.compare(window, at: 0, count: window.byteCount) == 0 {
            return detail.enumerationNames[index]
        }
        return nil
    }

    /// `1.3.6.1`; it may come in pieces.
    mutating func objectIdentifier(
        _ window: RawSpan, isRelative: Bool, isFirst: Bool
    ) throws(ByteIOError) {
        if isFirst {
            arc.removeAll(keepingCapacity: true)
            arcCount = 0
        }
        for index in 0..<window.byteCount {
            let octet = window.octet(at: index)
            if arc.count <= ValueWriter.arcLimit { arc.append(octet & 0x7f) }
            guard octet & 0x80 == 0 else { continue }
            try writeArc(isRelative)
            arc.removeAll(keepingCapacity: true)
            arcCount &+= 1
        }
    }

    private func writeArc(_ isRelative: Bool) throws(ByteIOError) {
        let isTop = arcCount == 0 && !isRelative
        if arcCount > 0 { try sink.octet(0x2e) }
        guard arc.count <= ValueWriter.arcLimit else {
            return try sink.text("(more than 896 bits)")
        }
        guard arc.count > 9 else {
            var value = arc.reduce(UInt64(0)) { $0 << 7 | UInt64($1) }
            if isTop {
                let top = min(value / 40, 2)
                try sink.decimal(top)
                try sink.octet(0x2e)
                value -= top * 40
            }
            return try sink.decimal(value)
        }
        // More than 63 bits: an arc under 2.25 has 128 (X.667).
        if isTop { try sink.text("2.") }
        try sink.text(IntegerText.arc(arc, less: isTop ? 80 : 0))
    }

    // MARK: Bits

    mutating func beginBits() {
        lastBits = -1
        bitOctets = 0
    }

    /// Takes a piece, and hands out all octets but the last.
    mutating func bits(
        _ window: RawSpan, _ body: (UInt8) throws(ByteIOError) -> Void
    ) throws(ByteIOError) {
        for index in 0..<window.byteCount {
            if lastBits >= 0 { try body(UInt8(truncatingIfNeeded: lastBits)) }
            lastBits = Int(window.octet(at: index))
            bitOctets &+= 1
        }
    }

    mutating func endBits() -> UInt8? {
        defer { lastBits = -1 }
        return lastBits < 0 ? nil : UInt8(truncatingIfNeeded: lastBits)
    }

    // MARK: Characters

    mutating func beginCharacters(_ characters: Node.Characters) {
        stream = CharacterStream(characters)
        characterKind = characters
        characterCount = 0
    }

    /// Characters as X.680 writes the value: what X.690 8.26 leaves out of times is put in again.
    mutating func characters(
        _ window: RawSpan, _ body: (UInt32) throws(ByteIOError) -> Void
    ) throws(ByteIOError) {
        guard characterKind.isTimeWithoutMarks else { return try stream.take(window, body) }
        for index in 0..<window.byteCount {
            if let mark = mark { try body(mark) }
            try body(UInt32(window.octet(at: index)))
            characterCount &+= 1
        }
    }

    private var mark: UInt32? {
        switch (characterKind, characterCount) {
        case (.duration, 0): 0x50
        case (.date, 4), (.date, 6), (.dateTime, 4), (.dateTime, 6): 0x2d
        case (.dateTime, 8): 0x54
        case (.timeOfDay, 2), (.timeOfDay, 4), (.dateTime, 10), (.dateTime, 12): 0x3a
        default: nil
        }
    }
}
