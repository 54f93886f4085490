public import ByteIO

/// Values as JSON, by X.697 where the type is known: an object for SEQUENCE, SET and CHOICE, an
/// array for SEQUENCE OF and SET OF, hexadecimal digits for OCTET STRING. Extension additions that
/// the schema doesn't have are left out; other elements of unknown type are objects with their tag.
public struct JSONListener: ValueListener {
    public static var wantsEvents: Bool { true }

    private var writer: ValueWriter
    private let sink: TextSink
    /// For each open value: whether something stands in it, and how it ends.
    private var open: [(hasMembers: Bool, closer: UInt8, kind: ValueEvent.Kind)] = []
    /// Levels inside of what is left out.
    private var hidden = 0
    /// The simple value that is open, and whether anything of it was written.
    private var simple: ValueEvent?
    private var hasContent = false

    public init(_ program: ValidationProgram, to sink: TextSink) {
        writer = ValueWriter(program, sink, before: "\"", behind: "\":")
        self.sink = sink
    }

    public mutating func begin(_ event: ValueEvent) throws(ByteIOError) {
        if hidden > 0 || isUnknownMember(event) {
            hidden += 1
            return
        }
        try member(event)
        switch event.kind {
        case .structure, .choice:
            try sink.octet(0x7b)
            open.append((false, 0x7d, event.kind))
        case .list:
            try sink.octet(0x5b)
            open.append((false, 0x5d, event.kind))
        case .unknownConstructed:
            try sink.text("{\"tag\":\"")
            try sink.text(event.tag.longText)
            try sink.text("\",\"elements\":[")
            open.append((false, 0x5d, event.kind))
        case .unknownPrimitive:
            try sink.text("{\"tag\":\"")
            try sink.text(event.tag.longText)
            try sink.text("\",\"octets\":\"")
            simple = event
        case .simple: try beginSimple(event)
        }
    }

    public mutating func simple(_ event: ValueEvent, _ octets: RawSpan) throws(ByteIOError) {
        guard writer.node(event).shape == .integer, !ValueWriter.isLong(event), hidden == 0,
            !open.isEmpty
        else {
            try begin(event)
            try content(event, octets, isFirst: true, isLast: true)
            return try end(event)
        }
        try member(event)
        try writer.integer(octets)
    }

    private func isUnknownMember(_ event: ValueEvent) -> Bool {
        switch event.kind {
        case .unknownConstructed, .unknownPrimitive:
            event.name < 0 && !event.isElement && open.last?.closer == 0x7d
        default: false
        }
    }

    private mutating func member(_ event: ValueEvent) throws(ByteIOError) {
        guard let last = open.last else { return }
        if last.hasMembers { try sink.octet(0x2c) }
        open[open.count - 1].hasMembers = true
        try sink.octet(0x0a)
        try sink.spaces(min(open.count, 32))
        if last.closer == 0x7d {
            if event.name >= 0 {
                try writer.name(event.name)
            } else {
                try sink.text("\"value\":")
            }
        }
    }

    private mutating func beginSimple(_ event: ValueEvent) throws(ByteIOError) {
        let node = writer.node(event)
        switch node.shape {
        case .octetString, .objectIdentifier, .relativeOID: try sink.octet(0x22)
        case .characterString:
            writer.beginCharacters(node.characters)
            try sink.octet(0x22)
        case .bitString:
            writer.beginBits()
            try sink.text(isFixed(node) ? "\"" : "{\"value\":\"")
        case .null: try sink.text("null")
        default: break
        }
        simple = event
        hasContent = node.shape == .null
    }

    /// A BIT STRING of fixed size has no length beside it (X.697 24).
    private func isFixed(_ node: Node) -> Bool {
        node.flags.contains(.hasOneSize) && node.sizeLower == node.sizeUpper
            && !node.flags.contains(.hasNamedBits)
    }

    public mutating func content(
        _ event: ValueEvent, _ octets: RawSpan, isFirst: Bool, isLast: Bool
    ) throws(ByteIOError) {
        if hidden > 0 { return }
        let node = writer.node(event)
        hasContent = true
        if event.kind == .unknownPrimitive { return try sink.hex(octets, isUpper: true) }
        let sink = sink
        switch node.shape {
        case .octetString: try sink.hex(octets, isUpper: true)
        case .characterString:
            try writer.characters(octets) { code throws(ByteIOError) in
                switch code {
                case 0x22: try sink.text("\\\"")
                case 0x5c: try sink.text("\\\\")
                case 0x0a: try sink.text("\\n")
                case ..<0x20, 0x7f:
                    try sink.text("\\u00")
                    try sink.text(Hex.octet(UInt8(truncatingIfNeeded: code)))
                default: try sink.scalar(code)
                }
            }
        case .bitString:
            try writer.bits(octets) { octet throws(ByteIOError) in
                try sink.text(Hex.octet(octet).uppercased())
            }
        case .boolean:
            try sink.text(octets.byteCount > 0 && octets.octet(at: 0) != 0 ? "true" : "false")
        case .integer where ValueWriter.isLong(event):
            if isFirst { try sink.octet(0x22) }
            try writer.longInteger(octets, isFirst: isFirst)
        case .integer: if isFirst { try writer.integer(octets) }
        case .enumerated:
            if let name = writer.enumerationName(event, octets) {
                try sink.text(JSONText.string(name))
            } else {
                try writer.integer(octets)
            }
        case .objectIdentifier, .relativeOID:
            try writer.objectIdentifier(
                octets, isRelative: node.shape == .relativeOID, isFirst: isFirst)
        case .real: if isFirst { try sink.text(RealText.json(octets)) }
        default: break
        }
    }

    public mutating func end(_ event: ValueEvent) throws(ByteIOError) {
        if hidden > 0 {
            hidden -= 1
            return
        }
        switch event.kind {
        case .structure, .choice, .list, .unknownConstructed: try close(event.kind)
        case .unknownPrimitive:
            simple = nil
            try sink.text("\"}")
        case .simple:
            simple = nil
            let node = writer.node(event)
            switch node.shape {
            case .octetString, .characterString, .objectIdentifier, .relativeOID:
                try sink.octet(0x22)
            case .integer where hasContent && ValueWriter.isLong(event): try sink.octet(0x22)
            case .boolean, .integer, .enumerated, .real:
                if !hasContent { try sink.text("null") }
            case .bitString:
                if let last = writer.endBits() {
                    try sink.text(Hex.octet(last & ~((1 << event.unusedBits) - 1)).uppercased())
                }
                try sink.octet(0x22)
                if !isFixed(node) {
                    try sink.text(",\"length\":")
                    let bits = writer.bitOctets &* 8
                    try sink.decimal(bits &- min(UInt64(event.unusedBits), bits))
                    try sink.octet(0x7d)
                }
            default: break
            }
        }
        if open.isEmpty { try sink.octet(0x0a) }
    }

    /// Closes what a fault left open, so that it is JSON still.
    public mutating func finish() throws(ByteIOError) {
        let wasOpen = simple != nil || !open.isEmpty
        if let simple { try end(simple) }
        while let last = open.last { try close(last.kind) }
        if wasOpen { try sink.octet(0x0a) }
    }

    private mutating func close(_ kind: ValueEvent.Kind) throws(ByteIOError) {
        guard let last = open.popLast() else { return }
        if last.hasMembers {
            try sink.octet(0x0a)
            try sink.spaces(min(open.count, 32))
        }
        try sink.octet(last.closer)
        if kind == .unknownConstructed { try sink.octet(0x7d) }
    }
}
