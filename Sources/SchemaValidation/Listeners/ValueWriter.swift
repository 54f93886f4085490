internal import ByteIO

/// What the listings share: names, and simple values in pieces.
struct ValueWriter {
    let program: ValidationProgram
    let sink: TextSink
    /// The last octet of a BIT STRING waits for the number of its unused bits.
    private var lastBits: Int = -1
    private(set) var bitOctets: UInt64 = 0
    private var stream = CharacterStream(.none)
    private var integer: [UInt8] = []

    init(_ program: ValidationProgram, _ sink: TextSink) {
        self.program = program
        self.sink = sink
    }

    func name(_ index: Int32) throws(ByteIOError) {
        guard index >= 0 else { return }
        let start = Int(program.nameStarts[Int(index)])
        let end = Int(program.nameStarts[Int(index) + 1])
        try sink.octets(program.nameOctets, start..<end)
    }

    func node(_ event: ValueEvent) -> Node {
        program.nodes[Int(event.node < 0 ? program.anyNode : event.node)]
    }

    // MARK: Numbers

    func integer(_ window: RawSpan) throws(ByteIOError) {
        let count = window.byteCount
        guard count > 0 else { return try sink.octet(0x30) }
        guard count <= 8 else {
            return try sink.text(
                IntegerText.decimal(window, at: 0, count: count, limit: IntegerText.listingLimit))
        }
        var value = Int64(Int8(bitPattern: window.octet(at: 0)))
        for index in 1..<max(count, 1) { value = value << 8 | Int64(window.octet(at: index)) }
        try sink.signed(value)
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

    /// `1.3.6.1`
    func objectIdentifier(_ window: RawSpan, isRelative: Bool) throws(ByteIOError) {
        var value: UInt64 = 0
        var isFirst = !isRelative
        var isStart = true
        var start = 0
        for index in 0..<window.byteCount {
            let octet = window.octet(at: index)
            value = value << 7 | UInt64(octet & 0x7f)
            guard octet & 0x80 == 0 else { continue }
            if index - start >= 9 {
                // More than 63 bits: an arc under 2.25 has 128 (X.667).
                if isFirst { try sink.text("2") }
                if !isStart || !isRelative { try sink.octet(0x2e) }
                let count = index + 1 - start
                try sink.text(
                    count > IntegerText.listingLimit
                        ? "(\(count) octets)"
                        : IntegerText.arc(
                            (start...index).map { window.octet(at: $0) }, less: isFirst ? 80 : 0))
                isFirst = false
            } else if isFirst {
                let top = min(value / 40, 2)
                try sink.decimal(top)
                try sink.octet(0x2e)
                try sink.decimal(value - top * 40)
                isFirst = false
            } else {
                if !isStart || !isRelative { try sink.octet(0x2e) }
                try sink.decimal(value)
            }
            isStart = false
            start = index + 1
            value = 0
        }
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
    }

    mutating func characters(
        _ window: RawSpan, _ body: (UInt32) throws(ByteIOError) -> Void
    ) throws(ByteIOError) {
        try stream.take(window, body)
    }
}
