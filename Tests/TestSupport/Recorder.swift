import ByteIO
public import Migration

/// A visitor that keeps what it is told, a line for each call.
public struct Recorder: ~Copyable, MigrationVisitor {
    public private(set) var lines: [String] = []
    /// The vmdesc as it was told.
    public private(set) var description: [UInt8]?

    private var iterator: IteratorLayout?
    private var data: [UInt8] = []
    /// The data of iterators' records, in stream order.
    public private(set) var recordData: [[UInt8]] = []

    public init() {}

    public mutating func begin(_ header: StreamHeader) {
        let zeros = header.leadingZeros > 0 ? " behind \(header.leadingZeros) zeros" : ""
        let channels = header.channels ?? 0
        let more = channels > 0 ? " with \(channels) channels" : ""
        lines.append("begin \(header.fileVersion)\(zeros)\(more)")
    }

    public mutating func configuration(_ configuration: Configuration) {
        lines.append(
            "configuration \(configuration.machine) \(describe(configuration.subsections))")
    }

    public mutating func beginSection(
        _ header: SectionHeader, contents: SectionContents, at offset: UInt64
    ) {
        let what =
            switch contents {
            case .ram: "ram"
            case .iterator(let layout): "records of \(layout.name)"
            case .device: "device"
            case .opaque(let length): "opaque \(length.map(String.init) ?? "?")"
            }
        if case .iterator(let layout) = contents { iterator = layout }
        lines.append(
            "\(header.kind) \(header.sectionID) \(header.name) \(header.instanceID) "
                + "v\(header.versionID): \(what) @\(offset)")
    }

    public mutating func endSection(footer: Bool) {
        lines.append(footer ? "footer" : "no footer")
    }

    public mutating func ramBlocks(_ blocks: [RAMBlock]) {
        for block in blocks {
            var line = "block \(block.name) \(block.length)"
            if let pageSize = block.pageSize { line += " pages of \(pageSize)" }
            if let address = block.address { line += " at \(address)" }
            lines.append(line)
        }
    }

    public mutating func ramPages(_ group: borrowing RAMPageGroup, _ content: RawSpan) {
        let name = group.isNameSpelled ? group.block : "(\(group.block))"
        lines.append("pages of \(group.pageSize) in \(name)")
        append(group, content)
    }

    private mutating func append(_ group: borrowing RAMPageGroup, _ content: RawSpan) {
        for entry in group.entries {
            var line = "  \(entry.kind) \(entry.offset) x\(entry.count)"
            switch entry.kind {
            case .fill: line += " " + hex([entry.fill])
            case .full:
                // Each page by its octets' sum and its last octet: enough to tell pages apart.
                for page in 0..<Int(entry.count) {
                    let at = entry.contentOffset + page * entry.stride
                    let octets = content.extracting(at..<at + entry.contentLength).octets
                    let sum = octets.reduce(0) { $0 + Int($1) }
                    line += " \(sum)/\(hex([octets[octets.count - 1]]))"
                }
            case .xbzrle, .zlib:
                let end = entry.contentOffset + entry.contentLength
                line += " " + hex(content.extracting(entry.contentOffset..<end).octets)
            case .packed: break
            }
            lines.append(line)
        }
    }

    public mutating func ramMapped(total: UInt64) { lines.append("mapped \(total)") }

    public mutating func ramMappedBlock(_ block: RAMBlock) {
        var line = "mapped block \(block.name) \(block.length)"
        if let address = block.address { line += " at \(address)" }
        if let header = block.mapped {
            line += " pages of \(header.pageSize), bitmap \(header.bitmapOffset)"
            line += ", pages \(header.pagesOffset)"
        }
        lines.append(line)
    }

    public mutating func ramMappedOctets(
        _ part: MappedRAMPart, at offset: UInt64, _ octets: RawSpan
    ) {
        lines.append("\(part) \(offset): \(short(octets))")
    }

    public mutating func ramMappedPages(_ group: borrowing RAMPageGroup, _ content: RawSpan) {
        lines.append("stored in \(group.block)")
        append(group, content)
    }

    public mutating func ramHook() { lines.append("hook") }
    public mutating func ramFlush() { lines.append("flush") }
    public mutating func ramCut(_ rest: RawSpan) { lines.append("cut \(hex(rest.octets))") }

    public mutating func iteratorRecord(_ record: borrowing IteratorRecord) {
        guard let kind = iterator?.records[record.kind] else {
            lines.append("record of no iterator")
            return
        }
        data = []
        var line = kind.name
        var number = 0
        var text = 0
        for part in kind.parts {
            switch part {
            case .leading(let name, _, _, _), .number(let name, _, _):
                line += " \(name)=\(record.numbers[number])"
                number += 1
            case .text(let name, _):
                line += " \(name)=\(record.texts[text] ?? "-")"
                text += 1
            case .length: break
            case .data(let name, _): line += " \(name)=[\(record.dataLength)]"
            }
        }
        lines.append(line)
    }

    // Pieces come as the source's windows cut them: only what they are together is told.
    public mutating func iteratorData(_ piece: RawSpan) {
        if !data.isEmpty {
            lines.removeLast()
            recordData.removeLast()
        }
        data += piece.octets
        recordData.append(data)
        lines.append("data \(data.count <= 64 ? hex(data) : "\(data.count) octets")")
    }

    public mutating func iteratorRest(_ octets: RawSpan) {
        lines.append("rest \(hex(octets.octets))")
    }

    public mutating func device(_ state: borrowing DeviceState) { lines.append(describe(state)) }

    public mutating func opaque(_ piece: RawSpan) { lines.append("opaque \(short(piece))") }

    public mutating func command(_ code: UInt16, payload: RawSpan) {
        lines.append("command \(code) \(hex(payload.octets))")
    }

    public mutating func beginPackage(length: UInt32) { lines.append("package \(length)") }
    public mutating func endPackage() { lines.append("end of package") }
    public mutating func endOfStream() { lines.append("end of stream") }
    public mutating func description(_ json: RawSpan) {
        lines.append("description \(json.byteCount)")
        description = json.octets
    }
    public mutating func raw(_ piece: RawSpan) { lines.append("raw \(short(piece))") }
    public mutating func end() { lines.append("end") }

    // Channels.

    public mutating func beginChannel(_ channel: Channel, at offset: UInt64) {
        var line = "channel \(channel.kind.rawValue)"
        switch channel {
        case .multifd(let opening):
            line += " \(opening.id) v\(opening.version) \(hex(opening.uuid))"
            if !opening.reserved.isEmpty { line += " reserved \(hex(opening.reserved))" }
        case .cprState(let version): line += " v\(version)"
        case .preempt, .returnPath, .continued: break
        }
        lines.append(line + " @\(offset)")
    }

    public mutating func endChannel(mark: Bool) {
        lines.append(mark ? "end of channel, marked" : "end of channel")
    }

    public mutating func beginPacket(_ packet: MultifdPacket) {
        var line = "packet \(packet.number): flags \(packet.flags), room \(packet.room)"
        line += ", size \(packet.size)"
        if let allocated = packet.allocated { line += ", alloc \(allocated)" }
        if !packet.header.isEmpty { line += ", header of \(packet.header.count)" }
        if packet.hasData { line += ", data" }
        lines.append(line)
    }

    public mutating func beginDevicePacket(_ packet: DeviceStatePacket) {
        var line = "device packet: flags \(packet.flags), \(packet.name) \(packet.instanceID)"
        line += ", size \(packet.size)"
        if !packet.header.isEmpty { line += ", header of \(packet.header.count)" }
        lines.append(line)
    }

    public mutating func endPacket() { lines.append("end of packet") }
    public mutating func returnMessage(_ message: ReturnMessage) { lines.append("\(message)") }
    public mutating func beginBitmap(block: String, size: UInt64) {
        lines.append("bitmap of \(block): \(size)")
    }
    public mutating func endBitmap(isWhole: Bool) {
        lines.append(isWhole ? "end of bitmap" : "bitmap cut off")
    }
    public mutating func cprDescriptors(_ list: [CPRDescriptor]) {
        for fd in list {
            let number = fd.number.map { " number \($0)" } ?? ""
            lines.append("descriptor \(fd.name) \(fd.id)\(number)")
        }
        lines.append("end of descriptors")
    }
    public mutating func channelCut(_ rest: RawSpan) { lines.append("cut \(hex(rest.octets))") }

    private func short(_ piece: RawSpan) -> String {
        piece.byteCount <= 64 ? hex(piece.octets) : "\(piece.byteCount) octets"
    }
}

/// A device's state in one line: `{a: uint32 1, b: [uint8 1, uint8 2], sub/x v1 {c: blob ff}}`.
public func describe(_ state: borrowing DeviceState) -> String {
    let state = copy state
    return describe(state, inside: 0)
}

private func describe(_ state: DeviceState, inside index: Int) -> String {
    "{" + state.children(of: index).map { describe(state, $0) }.joined(separator: ", ") + "}"
}

private func describe(_ state: DeviceState, _ index: Int) -> String {
    let node = state.nodes[index]
    let name = state.name(of: node)
    let label = name.isEmpty ? "" : name + ": "
    switch node.kind {
    case .subsection: return "\(name) v\(node.value) \(describe(state, inside: index))"
    case .structure: return label + describe(state, inside: index)
    case .array, .list, .tree:
        let parts = state.children(of: index).map { describe(state, $0) }
        return label + "\(node.kind)[" + parts.joined(separator: ", ") + "]"
    case .blob, .buffer, .text, .scalars:
        let kind = node.kind == .scalars ? "\(node.elementKind)s" : "\(node.kind)"
        return label + kind + " " + hex(state.octets(of: node))
    case .absent: return label + "absent"
    case .bool: return label + (node.value == 0 ? "false" : "true")
    default:
        return label + "\(node.kind) "
            + (node.kind.isSigned ? "\(Int64(bitPattern: node.value))" : "\(node.value)")
    }
}
