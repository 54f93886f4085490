public import ByteIO

/// Values as XML by the basic XML encoding rules (X.693 clause 8, with the notation of X.680).
public struct XMLListener: ValueListener {
    public static var wantsEvents: Bool { true }

    private enum Tag {
        case none
        case name(Int32)
        /// The type of a node.
        case type(Int32)
        /// The outermost type.
        case outermost
    }

    private var writer: ValueWriter
    private let sink: TextSink
    /// The types' names, as XML has them, by node.
    private let types: Labels
    /// For each open value its own tag, and that of its type where an open type has it.
    private var open: [(tag: Tag, inner: Tag)] = []
    private var hidden = 0

    public init(_ program: ValidationProgram, to sink: TextSink) {
        writer = ValueWriter(program, sink)
        self.sink = sink
        let names = program.nodes.indices.map { node in
            program.detail(Int32(clamping: node)).typeName
                .map { $0 == " " ? "_" : $0 == "&" || $0 == "." ? "-" : $0 }
        }
        types = Labels(names.map { String($0) }, before: "", behind: "")
    }

    public mutating func begin(_ event: ValueEvent) throws(ByteIOError) {
        let isUnknown = event.kind == .unknownConstructed || event.kind == .unknownPrimitive
        if hidden > 0 || isUnknown && event.name < 0 && !event.isElement && !open.isEmpty {
            hidden += 1
            return
        }
        let tag = tag(event)
        var inner = Tag.none
        if event.isOpen, event.name >= 0 || event.isElement || open.isEmpty {
            inner = .type(max(event.node, 0))
        }
        open.append((tag, inner))
        try write(tag, isEnd: false)
        try write(inner, isEnd: false)
        guard event.kind == .simple else { return }
        let node = writer.node(event)
        switch node.shape {
        case .characterString: writer.beginCharacters(node.characters)
        case .bitString: writer.beginBits()
        default: break
        }
    }

    private func tag(_ event: ValueEvent) -> Tag {
        if event.name >= 0 { return .name(event.name) }
        if open.isEmpty, !event.isElement { return .outermost }
        guard event.isElement else { return .none }
        // A list of values that are elements already has no tags of its own (X.680 26.4).
        switch event.kind {
        case .choice: return .none
        case .simple:
            switch writer.node(event).shape {
            case .boolean, .enumerated, .null: return .none
            default: break
            }
        default: break
        }
        return .type(max(event.node, 0))
    }

    private func write(_ tag: Tag, isEnd: Bool) throws(ByteIOError) {
        switch tag {
        case .none: return
        case .name(let index):
            try sink.text(isEnd ? "</" : "<")
            try writer.name(index)
        case .type(let node):
            try sink.text(isEnd ? "</" : "<")
            try sink.label(types, node)
        case .outermost:
            try sink.text(isEnd ? "</" : "<")
            try sink.text(writer.program.typeName)
        }
        try sink.octet(0x3e)
    }

    public mutating func content(
        _ event: ValueEvent, _ octets: RawSpan, isFirst: Bool, isLast: Bool
    ) throws(ByteIOError) {
        if hidden > 0 { return }
        if event.kind == .unknownPrimitive { return try sink.hex(octets, isUpper: true) }
        let sink = sink
        switch writer.node(event).shape {
        case .octetString: try sink.hex(octets, isUpper: true)
        case .characterString:
            try writer.characters(octets) { code throws(ByteIOError) in
                try XMLListener.escape(code, sink)
            }
        case .bitString:
            try writer.bits(octets) { octet throws(ByteIOError) in
                for bit in stride(from: 7, through: 0, by: -1) {
                    try sink.octet(octet >> UInt8(bit) & 1 == 0 ? 0x30 : 0x31)
                }
            }
        case .boolean:
            try sink.text(
                octets.byteCount > 0 && octets.octet(at: 0) != 0 ? "<true/>" : "<false/>")
        case .integer where ValueWriter.isLong(event):
            try writer.longInteger(octets, isFirst: isFirst)
        case .integer: if isFirst { try writer.integer(octets) }
        case .enumerated:
            if let name = writer.enumerationName(event, octets) {
                try sink.octet(0x3c)
                try sink.text(name)
                try sink.text("/>")
            } else {
                try writer.integer(octets)
            }
        case .objectIdentifier:
            try writer.objectIdentifier(octets, isRelative: false, isFirst: isFirst)
        case .relativeOID:
            try writer.objectIdentifier(octets, isRelative: true, isFirst: isFirst)
        case .real: if isFirst { try sink.text(RealText.xml(octets)) }
        default: break
        }
    }

    public mutating func end(_ event: ValueEvent) throws(ByteIOError) {
        if hidden > 0 {
            hidden -= 1
            return
        }
        if event.kind == .simple, writer.node(event).shape == .bitString,
            let last = writer.endBits()
        {
            for bit in stride(from: 7, through: Int(event.unusedBits), by: -1) {
                try sink.octet(last >> UInt8(bit) & 1 == 0 ? 0x30 : 0x31)
            }
        }
        if event.kind == .simple, event.isElement, writer.node(event).shape == .null {
            // By the type's name: the value itself is empty (X.680 26.3).
            try sink.octet(0x3c)
            try sink.label(types, max(event.node, 0))
            try sink.text("/>")
        }
        try close()
        if open.isEmpty { try sink.octet(0x0a) }
    }

    private mutating func close() throws(ByteIOError) {
        guard let last = open.popLast() else { return }
        try write(last.inner, isEnd: true)
        try write(last.tag, isEnd: true)
    }

    /// Closes what a fault left open, so that it is XML still.
    public mutating func finish() throws(ByteIOError) {
        if open.isEmpty { return }
        while !open.isEmpty { try close() }
        try sink.octet(0x0a)
    }

    /// Characters that XML gives a meaning, and those that it hasn't (X.680 12.15.5).
    private static func escape(_ code: UInt32, _ sink: TextSink) throws(ByteIOError) {
        switch code {
        case 0x26: try sink.text("&amp;")
        case 0x3c: try sink.text("&lt;")
        case 0x3e: try sink.text("&gt;")
        // A parser would take a bare one for the end of a line.
        case 0x0d: try sink.text("&#xd;")
        case 0xfffe, 0xffff, 0xd800...0xdfff: try sink.scalar(0xfffd)
        case 0x09, 0x0a: try sink.octet(UInt8(truncatingIfNeeded: code))
        case ..<0x20:
            try sink.octet(0x3c)
            try sink.text(controls[Int(code)])
            try sink.text("/>")
        default: try sink.scalar(code)
        }
    }

    private static let controls = [
        "nul", "soh", "stx", "etx", "eot", "enq", "ack", "bel", "bs", "ht", "lf", "vt", "ff", "cr",
        "so", "si", "dle", "dc1", "dc2", "dc3", "dc4", "nak", "syn", "etb", "can", "em", "sub",
        "esc", "is4", "is3", "is2", "is1",
    ]
}
