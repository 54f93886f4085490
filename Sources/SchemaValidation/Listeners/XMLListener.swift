public import ByteIO

/// Values as XML by the basic XML encoding rules (X.693 clause 8, with the notation of X.680).
public struct XMLListener: ValueListener {
    public static var wantsEvents: Bool { true }

    private enum Tag {
        case none
        case name(Int32)
        case type(String)
    }

    private var writer: ValueWriter
    private let sink: TextSink
    private var open: [Tag] = []
    private var hidden = 0

    public init(_ program: ValidationProgram, to sink: TextSink) {
        writer = ValueWriter(program, sink)
        self.sink = sink
    }

    public mutating func begin(_ event: ValueEvent) throws(ByteIOError) {
        let isUnknown = event.kind == .unknownConstructed || event.kind == .unknownPrimitive
        if hidden > 0 || isUnknown && event.name < 0 && !event.isElement && !open.isEmpty {
            hidden += 1
            return
        }
        let tag = tag(event)
        open.append(tag)
        try write(tag, isEnd: false)
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
        if open.isEmpty { return .type(writer.program.typeName) }
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
        let name = writer.program.detail(event.node).typeName
        return .type(
            String(name.map { $0 == " " ? "_" : $0 == "&" || $0 == "." ? "-" : $0 }))
    }

    private func write(_ tag: Tag, isEnd: Bool) throws(ByteIOError) {
        switch tag {
        case .none: return
        case .name(let index):
            try sink.text(isEnd ? "</" : "<")
            try writer.name(index)
        case .type(let name):
            try sink.text(isEnd ? "</" : "<")
            try sink.text(name)
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
        case .integer: if isFirst { try writer.integer(octets) }
        case .enumerated:
            if let name = writer.enumerationName(event, octets) {
                try sink.octet(0x3c)
                try sink.text(name)
                try sink.text("/>")
            } else {
                try writer.integer(octets)
            }
        case .objectIdentifier: try writer.objectIdentifier(octets, isRelative: false)
        case .relativeOID: try writer.objectIdentifier(octets, isRelative: true)
        case .real: try sink.text(RealText.xml(octets))
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
            try sink.text("<NULL/>")
        }
        if let tag = open.popLast() { try write(tag, isEnd: true) }
        if open.isEmpty { try sink.octet(0x0a) }
    }

    /// Characters that XML gives a meaning, and those that it hasn't (X.680 12.15.5).
    private static func escape(_ code: UInt32, _ sink: TextSink) throws(ByteIOError) {
        switch code {
        case 0x26: try sink.text("&amp;")
        case 0x3c: try sink.text("&lt;")
        case 0x3e: try sink.text("&gt;")
        case 0x09, 0x0a, 0x0d: try sink.octet(UInt8(truncatingIfNeeded: code))
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
