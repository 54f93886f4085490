import BER
import ByteIO
import Migration

/// The channels beside the main one.
extension Version4Reader {
    /// Reads a channel whose element was just opened, and its end.
    /// - Returns: whether the item is one.
    mutating func channel<V: MigrationVisitor & ~Copyable>(
        _ item: BERElement, into visitor: inout V
    ) throws(MigrationError) -> Bool {
        guard item.isConstructed else { return false }
        let name: String
        switch item.tag {
        case SchemaTag.multifdChannel: name = "multifd"
        case SchemaTag.preemptChannel: name = "preempt"
        case SchemaTag.returnPath: name = "returnpath"
        case SchemaTag.continuedConnection: name = "continued"
        case SchemaTag.cprState: name = "cpr"
        default: return false
        }
        guard nesting == .none else { throw input.unexpected(item, "an Item that is no channel") }
        input.path.append(name)
        switch item.tag {
        case SchemaTag.multifdChannel: try multifd(at: item.offset, into: &visitor)
        case SchemaTag.preemptChannel: try preempt(at: item.offset, into: &visitor)
        case SchemaTag.returnPath: try returnPath(at: item.offset, into: &visitor)
        case SchemaTag.continuedConnection:
            try visitor.beginChannel(.continued, at: item.offset)
            nesting = .channel
            try items(into: &visitor)
            nesting = .none
            try visitor.endChannel(mark: false)
        default: try cprState(at: item.offset, into: &visitor)
        }
        input.path.removeLast()
        return true
    }

    /// An octet string of so many octets.
    private mutating func string(
        _ element: BERElement, size: Int, _ name: String
    ) throws(MigrationError) -> [UInt8] {
        let octets = try input.octets(element, limit: FormatLimit.piece)
        guard octets.count == size else {
            throw MigrationError(
                .corrupt, at: element.contentOffset, path: input.pathText + "." + name,
                expected: "\(size) octets", found: "\(octets.count)")
        }
        return octets
    }

    /// Hands over a string, which must have so many octets.
    private mutating func pieces<V: MigrationVisitor & ~Copyable>(
        _ element: BERElement, size: UInt64, _ name: String, into visitor: inout V
    ) throws(MigrationError) {
        var count: UInt64 = 0
        try input.pieces(element) { (piece) throws(MigrationError) in
            count += UInt64(piece.byteCount)
            if count <= size { try visitor.opaque(piece) }
        }
        guard count == size else {
            throw MigrationError(
                .corrupt, at: element.offset, path: input.pathText + "." + name,
                expected: "\(size) octets", found: "\(count)")
        }
    }

    // MARK: multifd

    private mutating func multifd<V: MigrationVisitor & ~Copyable>(
        at offset: UInt64, into visitor: inout V
    ) throws(MigrationError) {
        let version = try input.unsigned32("version")
        let uuid = try input.next(.octetString, constructed: false, "uuid")
        var opening = MultifdInit(
            version: version, uuid: try string(uuid, size: 16, "uuid"), id: 0)
        let id = try input.next(.integer, constructed: false, "id")
        opening.id = UInt8(try input.unsigned(id, limit: 255, "id"))
        var next = try input.next("packets")
        if next.tag == .context(0) {
            opening.reserved = try string(next, size: MultifdInit.reservedSize, "reserved")
            next = try input.next("packets")
        }
        guard next.tag == .sequence, next.isConstructed else {
            throw input.unexpected(next, "packets")
        }
        try visitor.beginChannel(.multifd(opening), at: offset)
        var number = 0
        while let element = try input.next() {
            input.path.append("packets[\(number)]")
            switch element.tag {
            case SchemaTag.multifdPages where element.isConstructed:
                try packet(into: &visitor)
            case SchemaTag.multifdDevice where element.isConstructed:
                try devicePacket(into: &visitor)
            case SchemaTag.checkpoint: try Checkpoint.verify(element, &input)
            default: throw input.unexpected(element, "a MultifdPacket")
            }
            input.path.removeLast()
            number += 1
        }
        try input.end()
        try visitor.endChannel(mark: false)
    }

    private mutating func packet<V: MigrationVisitor & ~Copyable>(
        into visitor: inout V
    ) throws(MigrationError) {
        let flags = try input.unsigned32("flags")
        let count = try input.next(.integer, constructed: false, "number")
        let number = try input.unsigned(count, "number")
        let space = try input.next(.integer, constructed: false, "room")
        let room = UInt32(
            try input.unsigned(space, limit: UInt64(MultifdPacket.roomLimit), "room"))
        var packet = MultifdPacket(
            flags: flags, number: number, room: room, size: try input.unsigned32("size"))
        var next = try input.next()
        if let element = next, element.tag == PacketCoding.alloc {
            packet.allocated = UInt32(
                try input.unsigned(element, limit: UInt64(UInt32.max), "alloc"))
            next = try input.next()
        }
        if let element = next, element.tag == PacketCoding.header {
            packet.header = try input.octets(element, limit: packet.headerSize)
            next = try input.next()
        }
        if let element = next, element.tag == SchemaTag.ramPages, element.isConstructed {
            packet.hasData = try decoder.readPacket(element, packet, &input, into: &visitor)
            next = try input.next()
        } else {
            try visitor.beginPacket(packet)
        }
        if packet.hasData {
            guard let element = next, element.tag == PacketCoding.data else {
                throw MigrationError(
                    .corrupt, at: input.reader.position, path: input.pathText,
                    expected: "the data of packed pages", found: "none")
            }
            try pieces(element, size: UInt64(packet.size), "data", into: &visitor)
            try input.end()
        } else if let element = next {
            throw input.unexpected(element, "the end of a packet without packed pages")
        }
        try visitor.endPacket()
    }

    private mutating func devicePacket<V: MigrationVisitor & ~Copyable>(
        into visitor: inout V
    ) throws(MigrationError) {
        var packet = DeviceStatePacket(
            flags: try input.unsigned32("flags"), name: try input.text("name"),
            instanceID: try input.unsigned32("instanceid"), size: try input.unsigned32("size"))
        var next = try input.next("data")
        if next.tag == PacketCoding.header {
            packet.header = try input.octets(next, limit: DeviceStatePacket.headerSize)
            next = try input.next("data")
        }
        guard next.tag == PacketCoding.data else { throw input.unexpected(next, "data") }
        try visitor.beginDevicePacket(packet)
        try pieces(next, size: UInt64(packet.size), "data", into: &visitor)
        try input.end()
        try visitor.endPacket()
    }

    // MARK: Others

    private mutating func preempt<V: MigrationVisitor & ~Copyable>(
        at offset: UInt64, into visitor: inout V
    ) throws(MigrationError) {
        try visitor.beginChannel(.preempt, at: offset)
        _ = try input.next(.sequence, constructed: true, "records")
        var number = 0
        while let record = try input.next() {
            input.path.append("records[\(number)]")
            switch record.tag {
            case SchemaTag.ramPages where record.isConstructed:
                try decoder.read(record, &input, into: &visitor)
            case SchemaTag.cut: try cut(record, into: &visitor)
            case SchemaTag.checkpoint: try Checkpoint.verify(record, &input)
            default: throw input.unexpected(record, "a group of pages")
            }
            input.path.removeLast()
            number += 1
        }
        let mark = try input.boolean("eos")
        try input.end()
        try visitor.endChannel(mark: mark)
    }

    private mutating func cut<V: MigrationVisitor & ~Copyable>(
        _ element: BERElement, into visitor: inout V
    ) throws(MigrationError) {
        let rest = try input.octets(element, limit: FormatLimit.held)
        // An array of octets has no padding that could be read.
        try visitor.channelCut(unsafe rest.span.bytes)
    }

    private mutating func returnPath<V: MigrationVisitor & ~Copyable>(
        at offset: UInt64, into visitor: inout V
    ) throws(MigrationError) {
        try visitor.beginChannel(.returnPath, at: offset)
        var number = 0
        while let element = try input.next() {
            input.path.append("[\(number)]")
            switch element.tag {
            case ReturnMessageCoding.bitmap where element.isConstructed:
                try bitmap(into: &visitor)
            case SchemaTag.cut: try cut(element, into: &visitor)
            case SchemaTag.checkpoint: try Checkpoint.verify(element, &input)
            default: try visitor.returnMessage(try message(element))
            }
            input.path.removeLast()
            number += 1
        }
        try visitor.endChannel(mark: false)
    }

    private mutating func message(
        _ element: BERElement
    ) throws(MigrationError) -> ReturnMessage {
        let limit = UInt64(UInt32.max)
        switch (element.tag, element.isConstructed) {
        case (.context(0), false):
            return .shut(UInt32(try input.unsigned(element, limit: limit, "shut")))
        case (.context(1), false):
            return .pong(UInt32(try input.unsigned(element, limit: limit, "pong")))
        case (ReturnMessageCoding.request, true):
            let start = try input.next(.integer, constructed: false, "start")
            let place = try input.unsigned(start, "start")
            let length = try input.unsigned32("len")
            var block: String?
            if let name = try input.next() {
                block = try input.text(name, "block")
                try input.end()
            }
            return .requestPages(start: place, length: length, block: block)
        case (.context(4), false):
            return .resumeAck(UInt32(try input.unsigned(element, limit: limit, "resumeack")))
        case (ReturnMessageCoding.switchoverAck, false) where element.length == 0:
            return .switchoverAck
        case (.context(6), false):
            return .colo(
                UInt32(
                    try input.unsigned(
                        element, limit: UInt64(ReturnMessage.coloLimit), "colo")))
        case (ReturnMessageCoding.other, true):
            let type = try input.next(.integer, constructed: false, "type")
            let number = UInt16(try input.unsigned(type, limit: 0xffff, "type"))
            let data = try input.next(.octetString, constructed: false, "data")
            let octets = try input.octets(data, limit: ReturnMessage.dataLimit)
            try input.end()
            return .other(type: number, data: octets)
        default: throw input.unexpected(element, "a ReturnMessage")
        }
    }

    private mutating func bitmap<V: MigrationVisitor & ~Copyable>(
        into visitor: inout V
    ) throws(MigrationError) {
        let block = try input.text("block")
        let element = try input.next(.integer, constructed: false, "size")
        try visitor.beginBitmap(block: block, size: try input.unsigned(element, "size"))
        let bits = try input.next("bits")
        guard bits.tag == .octetString else { throw input.unexpected(bits, "bits") }
        try input.pieces(bits) { (piece) throws(MigrationError) in try visitor.opaque(piece) }
        let isWhole = try input.boolean("whole")
        try input.end()
        try visitor.endBitmap(isWhole: isWhole)
    }

    private mutating func cprState<V: MigrationVisitor & ~Copyable>(
        at offset: UInt64, into visitor: inout V
    ) throws(MigrationError) {
        try visitor.beginChannel(.cprState(version: try input.unsigned32("version")), at: offset)
        var next = try input.next()
        if let list = next, list.tag == .sequence, list.isConstructed {
            try visitor.cprDescriptors(try descriptors())
            next = try input.next()
        }
        if let rest = next {
            guard rest.tag == CPRStateCoding.rest else { throw input.unexpected(rest, "rest") }
            try cut(rest, into: &visitor)
            try input.end()
        }
        try visitor.endChannel(mark: false)
    }

    private mutating func descriptors() throws(MigrationError) -> [CPRDescriptor] {
        var list: [CPRDescriptor] = []
        while let element = try input.next() {
            guard element.tag == .sequence, element.isConstructed else {
                throw input.unexpected(element, "a CPRDescriptor")
            }
            let name = try input.text("name", range: 0...StreamLimit.descriptorName)
            let id = try input.next(.integer, constructed: false, "id")
            var descriptor = CPRDescriptor(name: name, id: try int32(id, "id"), number: nil)
            if let number = try input.next() {
                guard number.tag == CPRStateCoding.number, !number.isConstructed else {
                    throw input.unexpected(number, "number")
                }
                descriptor.number = try int32(number, "number")
                try input.end()
            }
            list.append(descriptor)
            guard list.count <= StreamLimit.descriptors else {
                throw MigrationError(
                    .limit, at: element.offset, path: input.pathText,
                    expected: "at most \(StreamLimit.descriptors) descriptors", found: "more")
            }
        }
        return list
    }

    private mutating func int32(
        _ element: BERElement, _ name: String
    ) throws(MigrationError) -> Int32 {
        let value = try input.signed(element, name)
        guard let number = Int32(exactly: value) else {
            throw MigrationError(
                .corrupt, at: element.contentOffset, path: input.pathText + "." + name,
                expected: "32 bits with sign", found: "\(value)")
        }
        return number
    }
}
