public import ByteIO

/// Values as a tree for people: a line for each, with its name, indented by depth.
///
///     QemuFile
///       version: 3
///       top:
///         [0] full:
///           name: "ram"
public struct TreeListener: ValueListener {
    public static var wantsEvents: Bool { true }
    /// Octets or characters of a string that are shown.
    public static let elision: UInt64 = 32
    /// Levels that are indented; deeper ones stay there.
    static let indentLimit = 64

    private var writer: ValueWriter
    private let sink: TextSink
    private let isFull: Bool
    /// A line has been begun.
    private var isInLine = false
    private var levels = 0
    private var isOnLine = false
    private var shown: UInt64 = 0
    private var isElided = false

    public init(_ program: ValidationProgram, to sink: TextSink, isFull: Bool = false) {
        writer = ValueWriter(program, sink, behind: ":")
        self.sink = sink
        self.isFull = isFull
    }

    public mutating func begin(_ event: ValueEvent) throws(ByteIOError) {
        try label(event)
        isOnLine = false
        switch event.kind {
        case .structure, .list, .unknownConstructed:
            try sink.octet(0x0a)
            levels += 1
        case .choice: isOnLine = true
        case .simple, .unknownPrimitive: try beginSimple(event)
        }
    }

    public mutating func simple(_ event: ValueEvent, _ octets: RawSpan) throws(ByteIOError) {
        guard writer.node(event).shape == .integer, !ValueWriter.isLong(event) else {
            try begin(event)
            try content(event, octets, isFirst: true, isLast: true)
            return try end(event)
        }
        try label(event)
        isOnLine = false
        try sink.octet(0x20)
        try writer.integer(octets)
        try numberName(event, octets)
        try sink.octet(0x0a)
    }

    /// What stands before the value.
    @inline(__always)
    private func label(_ event: ValueEvent) throws(ByteIOError) {
        if !isOnLine {
            try sink.spaces(2 * min(levels, TreeListener.indentLimit))
            if event.isElement {
                try sink.octet(0x5b)
                try sink.decimal(event.index)
                try sink.text("]:")
            } else if event.name >= 0 {
                try writer.name(event.name)
            } else if levels == 0 {
                try sink.text(writer.program.typeName)
                try sink.octet(0x3a)
            } else {
                try sink.text(event.tag.longText)
                try sink.octet(0x3a)
            }
        } else {
            try sink.octet(0x20)
            if event.name >= 0 { try writer.name(event.name) } else { try sink.octet(0x3a) }
        }
    }

    private mutating func beginSimple(_ event: ValueEvent) throws(ByteIOError) {
        shown = 0
        isElided = false
        isInLine = true
        try sink.octet(0x20)
        let node = writer.node(event)
        switch node.shape {
        case .characterString:
            writer.beginCharacters(node.characters)
            try sink.octet(0x22)
        case .bitString: writer.beginBits()
        case .null: try sink.text("NULL")
        default: break
        }
    }

    public mutating func content(
        _ event: ValueEvent, _ octets: RawSpan, isFirst: Bool, isLast: Bool
    ) throws(ByteIOError) {
        let node = writer.node(event)
        let isFull = isFull
        var shown = shown
        let limit = TreeListener.elision
        let sink = sink
        defer {
            if !isFull, shown > limit { isElided = true }
            self.shown = shown
        }
        switch node.shape {
        case .octetString, .any:
            if isFull { return try sink.hex(octets, isUpper: false) }
            let room = Int(limit &- min(shown, limit))
            try sink.hex(octets.extracting(first: min(room, octets.byteCount)), isUpper: false)
            shown &+= UInt64(octets.byteCount)
        case .characterString:
            try writer.characters(octets) { code throws(ByteIOError) in
                shown &+= 1
                guard isFull || shown <= limit * 4 else { return }
                switch code {
                case 0x22: try sink.text("\\\"")
                case 0x5c: try sink.text("\\\\")
                case ..<0x20, 0x7f..<0xa0:
                    try sink.text("\\u00")
                    try sink.text(Hex.octet(UInt8(truncatingIfNeeded: code)))
                default: try sink.scalar(code)
                }
            }
            if shown <= limit * 4, !isFull { shown = min(shown, limit) }
        case .bitString:
            try writer.bits(octets) { octet throws(ByteIOError) in
                shown &+= 1
                guard isFull || shown <= limit else { return }
                for bit in stride(from: 7, through: 0, by: -1) {
                    try sink.octet(octet >> UInt8(bit) & 1 == 0 ? 0x30 : 0x31)
                }
            }
        case .boolean:
            try sink.text(octets.byteCount > 0 && octets.octet(at: 0) != 0 ? "TRUE" : "FALSE")
        case .integer where ValueWriter.isLong(event):
            guard isFirst || isFull else { break }
            try writer.longInteger(
                isFull ? octets : octets.extracting(first: min(Int(limit), octets.byteCount)),
                isFirst: isFirst)
            shown = limit + 1
        case .integer:
            if isFirst {
                try writer.integer(octets)
                try numberName(event, octets)
            }
        case .enumerated:
            if let name = writer.enumerationName(event, octets) {
                try sink.text(name)
            } else {
                try writer.integer(octets)
            }
        case .objectIdentifier:
            try writer.objectIdentifier(octets, isRelative: false, isFirst: isFirst)
        case .relativeOID:
            try writer.objectIdentifier(octets, isRelative: true, isFirst: isFirst)
        case .real: try sink.text(RealText.json(octets))
        default: break
        }
    }

    // Mutating, so that the listener is not copied for it.
    private mutating func numberName(_ event: ValueEvent, _ octets: RawSpan) throws(ByteIOError) {
        let names = writer.program.details[Int(writer.node(event).detail)].names
        guard !names.isEmpty, (1...8).contains(octets.byteCount) else { return }
        var value = Int64(Int8(bitPattern: octets.octet(at: 0)))
        for index in 1..<octets.byteCount { value = value << 8 | Int64(octets.octet(at: index)) }
        if let name = names.first(where: { $0.value == value }) {
            try sink.text(" (")
            try sink.text(name.name)
            try sink.octet(0x29)
        }
    }

    public mutating func end(_ event: ValueEvent) throws(ByteIOError) {
        switch event.kind {
        case .structure, .list, .unknownConstructed:
            levels -= 1
            isOnLine = false
        case .choice: isOnLine = false
        case .simple, .unknownPrimitive:
            let shape = writer.node(event).shape
            if shape == .bitString, let last = writer.endBits(), !isElided {
                for bit in stride(from: 7, through: Int(event.unusedBits), by: -1) {
                    try sink.octet(last >> UInt8(bit) & 1 == 0 ? 0x30 : 0x31)
                }
            }
            if shape == .characterString { try sink.octet(0x22) }
            if isElided {
                try sink.text(" … ")
                if event.length != .max {
                    try sink.decimal(event.length)
                    try sink.text(" octets")
                }
            }
            try sink.octet(0x0a)
            isInLine = false
        }
    }

    /// Ends the line that a fault left open.
    public mutating func finish() throws(ByteIOError) {
        if isInLine || isOnLine { try sink.octet(0x0a) }
    }
}
