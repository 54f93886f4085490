public import BER
public import ByteIO

/// Lists the elements of any BER file, without a schema: offset, sizes, tag, value.
///
///     offset      head  length  element
///     00000000       5     inf  [APPLICATION 1270481] {
///     00000005       2       1    INTEGER 4
///     …
///     0001b3c2       2       0  } end-of-contents
///
/// One pass, bounded memory, no allocation an element.
public struct RawDumper: ~Copyable {
    private var reader: BERReader
    private var line: LineWriter
    private let asJSON: Bool

    /// Octets of a value that are shown.
    public static let previewLimit = 24
    /// Levels that are indented; deeper ones stay there.
    public static let indentLimit = 32
    /// Elements inside each other: some 17 octets of memory each.
    public static let depthLimit = 1_000_000

    public init(
        _ source: consuming ByteSource, to sink: consuming ByteSink, asJSON: Bool = false,
        rules: EncodingRules = .ber, depthLimit: Int = RawDumper.depthLimit
    ) {
        reader = BERReader(source, rules: rules, depthLimit: depthLimit)
        line = LineWriter(sink)
        self.asJSON = asJSON
    }

    /// Lists everything.
    /// - Throws: `BERError` for what is no BER; what stands before it has been listed.
    public mutating func run() throws(RawDumpError) {
        do {
            if !asJSON { try line.text("offset      head  length  element\n") }
            while true {
                let position = reader.position
                let event: BERReader.Event
                do { event = try reader.next() } catch {
                    try line.flush()
                    throw RawDumpError.input(error)
                }
                switch event {
                case .element(let element): try list(element)
                case .end(_, let isIndefinite):
                    if asJSON { continue }
                    try end(at: position, isIndefinite: isIndefinite)
                case .endOfInput: return try line.flush()
                }
            }
        } catch let error as ByteIOError {
            throw .output(error)
        } catch let error as RawDumpError {
            throw error
        } catch {
            throw .output(ByteIOError(.write))
        }
    }

    private mutating func list(_ element: BERElement) throws {
        if asJSON { return try json(element) }
        try line.hex(element.offset, digits: 8)
        try line.decimal(UInt64(element.headSize), width: 8)
        if let length = element.length {
            try line.decimal(length, width: 8)
        } else {
            try line.text("     inf")
        }
        try line.spaces(2 + 2 * min(element.depth, RawDumper.indentLimit))
        try line.tag(element.tag)
        if element.isConstructed {
            try line.text(" {\n")
        } else {
            try value(element)
            try line.text("\n")
        }
    }

    private mutating func end(at position: UInt64, isIndefinite: Bool) throws {
        guard isIndefinite else { return }
        try line.hex(position, digits: 8)
        try line.text("       2       0")
        try line.spaces(2 + 2 * min(reader.depth, RawDumper.indentLimit))
        try line.text("} end-of-contents\n")
    }

    private mutating func json(_ element: BERElement) throws {
        try line.text("{\"offset\":")
        try line.decimal(element.offset, width: 0)
        try line.text(",\"depth\":")
        try line.decimal(UInt64(element.depth), width: 0)
        try line.text(",\"class\":\"")
        switch element.tag.class {
        case .universal: try line.text("universal")
        case .application: try line.text("application")
        case .context: try line.text("context")
        case .private: try line.text("private")
        }
        try line.text("\",\"number\":")
        try line.decimal(element.tag.number, width: 0)
        try line.text(element.isConstructed ? ",\"constructed\":true" : ",\"constructed\":false")
        try line.text(",\"head\":")
        try line.decimal(UInt64(element.headSize), width: 0)
        try line.text(",\"length\":")
        if let length = element.length {
            try line.decimal(length, width: 0)
        } else {
            try line.text("null")
        }
        if !element.isConstructed {
            try line.text(",\"octets\":\"")
            let count = try load(element)
            for index in 0..<count { try line.hexOctet(reader.content.octet(at: index)) }
            try line.text("\"")
        }
        try line.text("}\n")
    }

    private mutating func load(_ element: BERElement) throws -> Int {
        do { return try reader.loadContent(RawDumper.previewLimit) } catch {
            try line.text("\n")
            try line.flush()
            throw RawDumpError.input(error)
        }
    }

    /// A value in the form that its universal type suggests.
    private mutating func value(_ element: BERElement) throws {
        let length = element.length ?? 0
        if length == 0 { return }
        let count = try load(element)
        let isWhole = UInt64(count) == length
        switch element.tag {
        case .boolean where length == 1:
            return try line.text(reader.content.octet(at: 0) == 0 ? " FALSE" : " TRUE")
        case .integer where length <= 8, Tag.universal(10) where length <= 8:
            var value = Int64(Int8(bitPattern: reader.content.octet(at: 0)))
            for index in 1..<max(count, 1) {
                value = value << 8 | Int64(reader.content.octet(at: index))
            }
            return try line.signed(value)
        default: break
        }
        let isText: Bool
        switch element.tag {
        case .utf8String, Tag.universal(18), Tag.universal(19), Tag.universal(20),
            Tag.universal(22), Tag.universal(23), Tag.universal(24), Tag.universal(26):
            isText = true
        default: isText = false
        }
        if isText, isPrintable(count) {
            try line.text(" \"")
            for index in 0..<count { try line.octet(reader.content.octet(at: index)) }
            return try line.text(isWhole ? "\"" : "…\"")
        }
        for index in 0..<count {
            try line.text(" ")
            try line.hexOctet(reader.content.octet(at: index))
        }
        if !isWhole { try line.text(" …") }
    }

    private func isPrintable(_ count: Int) -> Bool {
        for index in 0..<count where !(0x20..<0x7f).contains(reader.content.octet(at: index)) {
            return false
        }
        return true
    }
}

/// Why a listing ended early.
public enum RawDumpError: Error {
    case input(BERError)
    case output(ByteIOError)
}
