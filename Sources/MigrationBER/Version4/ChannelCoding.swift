import BER
import ByteIO
import Migration

/// `MultifdPages`: a packet of RAM, up to its data.
enum PacketCoding {
    static let alloc = Tag.context(0)
    static let header = Tag.context(1)
    static let data = Tag.context(2)

    /// Writes the head of a packet, and the fields before its pages.
    /// - Parameter pagesSize: octets of the element with the pages; 0 if there is none.
    static func writeHead(
        _ packet: MultifdPacket, pagesSize: Int, to writer: inout BERWriter
    ) throws(ByteIOError) {
        var size =
            BERSize.integer(.integer, UInt64(packet.flags))
            + BERSize.integer(.integer, packet.number)
            + BERSize.integer(.integer, UInt64(packet.room))
            + BERSize.integer(.integer, UInt64(packet.size)) + pagesSize
        if let allocated = packet.allocated { size += BERSize.integer(alloc, UInt64(allocated)) }
        if !packet.header.isEmpty { size += Segments.size(header, UInt64(packet.header.count)) }
        if packet.hasData { size += Segments.size(data, UInt64(packet.size)) }
        try writer.head(SchemaTag.multifdPages, constructed: true, length: size)
        try writer.integer(.integer, UInt64(packet.flags))
        try writer.integer(.integer, packet.number)
        try writer.integer(.integer, UInt64(packet.room))
        try writer.integer(.integer, UInt64(packet.size))
        if let allocated = packet.allocated { try writer.integer(alloc, UInt64(allocated)) }
        if !packet.header.isEmpty {
            // An array of octets has no padding that could be read.
            try Segments.write(header, unsafe packet.header.span.bytes, to: &writer)
        }
    }

    /// Writes `MultifdDevice` up to its data.
    static func writeHead(
        _ packet: DeviceStatePacket, to writer: inout BERWriter
    ) throws(ByteIOError) {
        var size =
            BERSize.integer(.integer, UInt64(packet.flags))
            + BERSize.element(.utf8String, packet.name.utf8.count)
            + BERSize.integer(.integer, UInt64(packet.instanceID))
            + BERSize.integer(.integer, UInt64(packet.size))
            + Segments.size(data, UInt64(packet.size))
        if !packet.header.isEmpty { size += Segments.size(header, UInt64(packet.header.count)) }
        try writer.head(SchemaTag.multifdDevice, constructed: true, length: size)
        try writer.integer(.integer, UInt64(packet.flags))
        try writer.string(.utf8String, packet.name)
        try writer.integer(.integer, UInt64(packet.instanceID))
        try writer.integer(.integer, UInt64(packet.size))
        if !packet.header.isEmpty {
            // An array of octets has no padding that could be read.
            try Segments.write(header, unsafe packet.header.span.bytes, to: &writer)
        }
    }
}

/// `ReturnMessage`, but for bitmaps.
enum ReturnMessageCoding {
    static let request = Tag.context(2)
    static let bitmap = Tag.context(3)
    static let switchoverAck = Tag.context(5)
    static let other = Tag.context(7)

    static func write(
        _ message: ReturnMessage, to writer: inout BERWriter
    ) throws(ByteIOError) {
        switch message {
        case .shut(let value): try writer.integer(.context(0), UInt64(value))
        case .pong(let value): try writer.integer(.context(1), UInt64(value))
        case .requestPages(let start, let length, let block):
            var size =
                BERSize.integer(.integer, start) + BERSize.integer(.integer, UInt64(length))
            if let block { size += BERSize.element(.utf8String, block.utf8.count) }
            try writer.head(request, constructed: true, length: size)
            try writer.integer(.integer, start)
            try writer.integer(.integer, UInt64(length))
            if let block { try writer.string(.utf8String, block) }
        case .resumeAck(let value): try writer.integer(.context(4), UInt64(value))
        case .switchoverAck: try writer.null(switchoverAck)
        case .colo(let word): try writer.integer(.context(6), UInt64(word))
        case .other(let type, let data):
            try writer.head(
                other, constructed: true,
                length: BERSize.integer(.integer, UInt64(type))
                    + BERSize.element(.octetString, data.count))
            try writer.integer(.integer, UInt64(type))
            try writer.head(.octetString, constructed: false, length: data.count)
            try writer.sink.append(data)
        }
    }

    /// What stands in `ReceivedPages` before the bits.
    static func writeHead(
        block: String, size: UInt64, bits: Int?, to writer: inout BERWriter
    ) throws(ByteIOError) {
        if let bits {
            try writer.head(
                bitmap, constructed: true,
                length: BERSize.element(.utf8String, block.utf8.count)
                    + BERSize.integer(.integer, size) + bits + 3)
        } else {
            try writer.beginIndefinite(bitmap)
        }
        try writer.string(.utf8String, block)
        try writer.integer(.integer, size)
    }
}

/// `CPRState`.
enum CPRStateCoding {
    static let rest = Tag.context(0)
    static let number = Tag.context(0)

    static func write(
        version: UInt32, _ list: [CPRDescriptor]?, rest octets: [UInt8],
        to writer: inout BERWriter
    ) throws(ByteIOError) {
        let listSize = list.map { $0.reduce(0) { $0 + BERSize.element(.sequence, size($1)) } }
        var content = BERSize.integer(.integer, UInt64(version))
        if let listSize { content += BERSize.element(.sequence, listSize) }
        if !octets.isEmpty { content += Segments.size(rest, UInt64(octets.count)) }
        try writer.head(SchemaTag.cprState, constructed: true, length: content)
        try writer.integer(.integer, UInt64(version))
        if let list, let listSize {
            try writer.head(.sequence, constructed: true, length: listSize)
            for descriptor in list {
                try writer.head(.sequence, constructed: true, length: size(descriptor))
                try writer.string(.utf8String, descriptor.name)
                try writer.integer(.integer, Int64(descriptor.id))
                if let number = descriptor.number {
                    try writer.integer(CPRStateCoding.number, Int64(number))
                }
            }
        }
        // An array of octets has no padding that could be read.
        if !octets.isEmpty { try Segments.write(rest, unsafe octets.span.bytes, to: &writer) }
    }

    private static func size(_ descriptor: CPRDescriptor) -> Int {
        BERSize.element(.utf8String, descriptor.name.utf8.count)
            + BERSize.element(.integer, BERSize.signed(Int64(descriptor.id)))
            + (descriptor.number.map { BERSize.element(number, BERSize.signed(Int64($0))) } ?? 0)
    }
}
