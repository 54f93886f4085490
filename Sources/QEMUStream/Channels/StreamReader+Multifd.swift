import ByteIO
import Migration

/// A multifd channel (QEMU's `migration/multifd.c`, `multifd-nocomp.c`, `multifd-device-state.c`).
extension StreamReader {
    /// Octets of uncompressed payload that are told as pages; QEMU's packets have 512 KiB at most.
    static var payloadLimit: Int { 4 << 20 }

    mutating func multifd<V: MigrationVisitor & ~Copyable>(
        into visitor: inout V
    ) throws(MigrationError) {
        try multifdInit(into: &visitor)
        var room: UInt32?
        var group = RAMPageGroup()
        var rebuilt: [UInt8] = []
        while true {
            let count = try load(12)
            if count == 0 { break }
            guard count >= 12 else { throw truncated("a packet's header", path: "multifd") }
            try checkMagic("a packet")
            let flags: UInt32 = source.window.bigEndian(at: MultifdHeader.Field.flags)
            if flags & MultifdFlag.deviceState != 0 {
                try devicePacket(into: &visitor)
            } else {
                try ramPacket(&room, &group, &rebuilt, into: &visitor)
            }
        }
        try visitor.endChannel(mark: false)
    }

    private mutating func multifdInit<V: MigrationVisitor & ~Copyable>(
        into visitor: inout V
    ) throws(MigrationError) {
        guard try load(MultifdInit.size) >= MultifdInit.size else {
            throw truncated("\(MultifdInit.size) octets that open a multifd channel")
        }
        try checkMagic("a multifd channel")
        let reserved = source.window.extracting(25..<MultifdInit.size).octets
        let opening = MultifdInit(
            version: source.window.bigEndian(at: 4),
            uuid: source.window.extracting(8..<24).octets, id: source.window.octet(at: 24),
            reserved: reserved.contains { $0 != 0 } ? reserved : [])
        try visitor.beginChannel(.multifd(opening), at: source.position)
        source.consume(MultifdInit.size)
    }

    private func checkMagic(_ what: String) throws(MigrationError) {
        let magic: UInt32 = source.window.bigEndian(at: 0)
        guard magic == MultifdInit.magic else {
            throw error(
                .corrupt, at: source.position, path: "multifd",
                expected: "\(what), which begins with 11 22 33 44", found: hex(UInt64(magic)),
                hint: "the packet before is longer or shorter than its header says, "
                    + "or the file is damaged")
        }
        let version: UInt32 = source.window.bigEndian(at: 4)
        guard version == 1 else {
            throw error(
                .unsupported, at: source.position + 4, path: "multifd",
                expected: "version 1 of multifd", found: "\(version)")
        }
    }

    // MARK: RAM

    private mutating func ramPacket<V: MigrationVisitor & ~Copyable>(
        _ room: inout UInt32?, _ group: inout RAMPageGroup, _ rebuilt: inout [UInt8],
        into visitor: inout V
    ) throws(MigrationError) {
        guard try load(MultifdPacket.fixedSize) >= MultifdPacket.fixedSize else {
            throw truncated("a packet's header", path: "multifd")
        }
        let header = MultifdHeader(source.window)
        let path = "packet \(header.number)"
        guard header.allocated <= UInt32(MultifdPacket.roomLimit) else {
            throw error(
                .corrupt, at: source.position + UInt64(MultifdHeader.Field.allocated), path: path,
                expected: "room for at most \(MultifdPacket.roomLimit) pages",
                found: "\(header.allocated)")
        }
        let space: UInt32
        if header.allocated > 0 {
            space = header.allocated
        } else if let room {
            space = room
        } else {
            space = try roomOfEmptyPacket(path)
        }
        room = space
        var packet = MultifdPacket(
            flags: header.flags, number: header.number, room: space, size: header.size,
            allocated: header.allocated == space ? nil : header.allocated)
        let headSize = packet.headerSize
        guard try load(headSize) >= headSize else {
            throw truncated("a packet's header of \(headSize) octets", path: path)
        }
        try pages(header, packet, path, &group)
        packet.hasData = group.entries.first?.kind == .packed
        try MultifdHeader.make(packet, group, into: &rebuilt)
        packet.header = beyond(rebuilt)
        try visitor.beginPacket(packet)
        group.position = source.position + UInt64(headSize)
        let payload = header.normalPages > 0 ? Int(header.size) : 0
        if packet.hasData || payload == 0 {
            if !group.entries.isEmpty {
                try visitor.ramPages(group, source.window.extracting(first: 0))
            }
            source.consume(headSize)
            try octets(UInt64(payload), path, into: &visitor)
        } else {
            guard try load(headSize + payload) >= headSize + payload else {
                throw truncated("\(payload) octets of pages", path: path)
            }
            try visitor.ramPages(
                group, source.window.extracting(headSize..<headSize + payload))
            source.consume(headSize + payload)
        }
        try visitor.endPacket()
    }

    /// A mark of synchronization that is the first packet does not say how long its header is (9.0
    /// and newer): it is zeros up to the next packet.
    private mutating func roomOfEmptyPacket(_ path: String) throws(MigrationError) -> UInt32 {
        var at = MultifdPacket.fixedSize
        let most = at + 8 * MultifdPacket.roomLimit
        var isAtEnd = false
        search: while at < most {
            let wanted = min(at + 4096, most)
            let count = min(try load(wanted), most)
            while at < count {
                if source.window.octet(at: at) != 0 { break search }
                at += 1
            }
            if count < wanted {
                isAtEnd = true
                break
            }
        }
        guard (at - MultifdPacket.fixedSize) % 8 == 0, isAtEnd || at < most else {
            throw error(
                .corrupt, at: source.position + UInt64(at), path: path,
                expected: "zeros up to the next packet", found: "other octets")
        }
        return UInt32((at - MultifdPacket.fixedSize) / 8)
    }

    /// Puts a packet's pages into a group.
    private func pages(
        _ header: MultifdHeader, _ packet: MultifdPacket, _ path: String,
        _ group: inout RAMPageGroup
    ) throws(MigrationError) {
        group.entries.removeAll(keepingCapacity: true)
        let count = UInt64(header.normalPages) + UInt64(header.zeroPages)
        if count == 0 { return }
        guard count <= UInt64(packet.room) else {
            throw error(
                .corrupt, at: source.position + UInt64(MultifdHeader.Field.normalPages), path: path,
                expected: "at most \(packet.room) pages",
                found: "\(header.normalPages) and \(header.zeroPages) of zeros")
        }
        let isPlain = header.flags & MultifdFlag.methods == 0
        group.pageSize = try pageSize(header, packet, isPlain, path)
        let limit = try nameBlock(path, &group)
        let size = Int(group.pageSize)
        for index in 0..<Int(count) {
            let at = MultifdPacket.fixedSize + 8 * index
            let offset: UInt64 = source.window.bigEndian(at: at)
            guard offset & (group.pageSize - 1) == 0, offset < limit,
                limit - offset >= group.pageSize
            else {
                throw error(
                    .corrupt, at: source.position + UInt64(at), path: "\(path)/\(group.block)",
                    expected: "the offset of a page of \(group.pageSize) octets"
                        + (learnsBlocks ? "" : " below \(hex(limit))"),
                    found: hex(offset))
            }
            let isNormal = index < Int(header.normalPages)
            let kind: RAMPageEntry.Kind = isNormal ? isPlain ? .full : .packed : .fill
            let last = group.entries.count - 1
            if last >= 0, group.entries[last].kind == kind,
                group.entries[last].offset &+ group.entries[last].count &* group.pageSize == offset
            {
                group.entries[last].count &+= 1
                continue
            }
            group.entries.append(
                RAMPageEntry(
                    kind: kind, offset: offset, count: 1,
                    contentOffset: kind == .full ? index * size : 0,
                    contentLength: kind == .full ? size : 0, stride: kind == .full ? size : 0))
        }
    }

    private func pageSize(
        _ header: MultifdHeader, _ packet: MultifdPacket, _ isPlain: Bool, _ path: String
    ) throws(MigrationError) -> UInt64 {
        let usual = pageSize ?? MultifdPacket.pagesSize / UInt64(max(packet.room, 1))
        if isPlain, header.normalPages > 0 {
            let (size, rest) = UInt64(header.size).quotientAndRemainder(
                dividingBy: UInt64(header.normalPages))
            guard rest == 0, StreamReader.isPageSize(size), size == pageSize ?? size,
                Int(header.size) <= StreamReader.payloadLimit
            else {
                throw error(
                    .corrupt, at: source.position + UInt64(MultifdHeader.Field.size), path: path,
                    expected: "a payload of \(header.normalPages) pages of \(usual) octets",
                    found: "\(header.size) octets")
            }
            return size
        }
        guard StreamReader.isPageSize(usual) else {
            throw error(
                .corrupt, at: source.position + UInt64(MultifdHeader.Field.allocated), path: path,
                expected: "room for 512 KiB of pages", found: "room for \(packet.room) pages",
                hint: "--page-size tells the size of a page")
        }
        return usual
    }

    /// Takes the block's name from a packet's header.
    /// - Returns: the block's length; where it is not known, what offsets may be at most.
    private func nameBlock(
        _ path: String, _ group: inout RAMPageGroup
    ) throws(MigrationError) -> UInt64 {
        let at = MultifdHeader.Field.block
        guard
            let name = MultifdHeader.paddedText(
                source.window, at: at, size: MultifdHeader.Field.blockSize)
        else {
            throw error(
                .corrupt, at: source.position + UInt64(at), path: path,
                expected: "the name of a RAM block", found: "other octets")
        }
        group.block = name
        if learnsBlocks { return StreamReader.unknownLength }
        guard let block = blocks.first(where: { $0.name == name }) else {
            throw error(
                .corrupt, at: source.position + UInt64(at), path: path,
                expected: "the name of a RAM block in the main channel's list",
                found: MigrationError.excerpt(name),
                hint: "the channel may belong to another main channel")
        }
        return block.length
    }

    /// The header at hand up to its last octet that is not zero; empty if it is what its fields make.
    private func beyond(_ rebuilt: [UInt8]) -> [UInt8] {
        var isSame = true
        var end = 0
        for index in 0..<rebuilt.count {
            let octet = source.window.octet(at: index)
            if octet != rebuilt[index] { isSame = false }
            if octet != 0 { end = index + 1 }
        }
        return isSame ? [] : source.window.extracting(first: end).octets
    }

    /// Hands over so many octets in pieces.
    mutating func octets<V: MigrationVisitor & ~Copyable>(
        _ count: UInt64, _ path: String, into visitor: inout V
    ) throws(MigrationError) {
        var left = count
        while left > 0 {
            let wanted = Int(min(left, UInt64(StreamReader.rawPiece)))
            let got = min(try load(wanted), wanted)
            guard got > 0 else { throw truncated("\(left) octets more of data", path: path) }
            try visitor.opaque(source.window.extracting(first: got))
            source.consume(got)
            left -= UInt64(got)
        }
    }

    // MARK: Device state

    private mutating func devicePacket<V: MigrationVisitor & ~Copyable>(
        into visitor: inout V
    ) throws(MigrationError) {
        let size = DeviceStatePacket.headerSize
        guard try load(size) >= size else {
            throw truncated("the header of a packet of device state", path: "multifd")
        }
        guard let name = MultifdHeader.paddedText(source.window, at: 12, size: 256) else {
            throw error(
                .corrupt, at: source.position + 12, path: "multifd",
                expected: "the name of a device", found: "other octets")
        }
        var packet = DeviceStatePacket(
            flags: source.window.bigEndian(at: 8), name: name,
            instanceID: source.window.bigEndian(at: 268), size: source.window.bigEndian(at: 272))
        packet.header = beyond(MultifdHeader.make(packet))
        try visitor.beginDevicePacket(packet)
        source.consume(size)
        try octets(UInt64(packet.size), name, into: &visitor)
        try visitor.endPacket()
    }
}

extension MultifdHeader {
    /// Makes the header of a packet of device state.
    static func make(_ packet: DeviceStatePacket) -> [UInt8] {
        var octets = Array(packet.header.prefix(DeviceStatePacket.headerSize))
        octets += repeatElement(0, count: DeviceStatePacket.headerSize - octets.count)
        put(MultifdInit.magic, at: 0, &octets)
        put(1 as UInt32, at: 4, &octets)
        put(packet.flags, at: 8, &octets)
        let name = Array(packet.name.utf8.prefix(255))
        octets.replaceSubrange(12..<12 + name.count, with: name)
        octets[12 + name.count] = 0
        put(packet.instanceID, at: 268, &octets)
        put(packet.size, at: 272, &octets)
        return octets
    }
}
