import BER
import ByteIO
import Migration

/// `RAMSecEntry` of version 3, to be written.
enum RAMSecEntryCoding {
    /// Writes a block list.
    static func write(_ blocks: [RAMBlock], to writer: inout BERWriter) throws(ByteIOError) {
        var total: UInt64 = 0
        var size = 0
        for block in blocks {
            total &+= block.length
            size += BERSize.element(.sequence, blockSize(block))
        }
        let content =
            BERSize.integer(.integer, total) + BERSize.integer(.integer, RAMFlag.memSize)
            + BERSize.element(.sequence, size)
        try writer.head(SchemaTag.ramSecEntry, constructed: true, length: content)
        try writer.integer(.integer, total)
        try writer.integer(.integer, RAMFlag.memSize)
        try writer.head(.sequence, constructed: true, length: size)
        for block in blocks {
            try writer.head(.sequence, constructed: true, length: blockSize(block))
            try writer.string(.utf8String, block.name)
            try writer.integer(.integer, block.length)
        }
    }

    private static func blockSize(_ block: RAMBlock) -> Int {
        BERSize.element(.utf8String, block.name.utf8.count)
            + BERSize.integer(.integer, block.length)
    }

    /// Content below so many octets is copied; above, it is lent to the system where it is.
    private static let lendThreshold = 32 << 10

    /// Writes the entries of a group of full and filled pages.
    static func write(
        _ group: borrowing RAMPageGroup, _ content: RawSpan, to writer: inout BERWriter
    ) throws(ByteIOError) {
        let lends = content.byteCount >= lendThreshold
        var isNameDue = group.isNameSpelled
        for entry in group.entries {
            var offset = entry.offset
            var at = entry.contentOffset
            let flag = entry.kind == .full ? RAMFlag.page : RAMFlag.zero
            let bodySize =
                entry.kind == .full
                ? BERSize.element(.octetString, entry.contentLength)
                : BERSize.integer(.integer, UInt64(entry.fill))
            for _ in 0..<entry.count {
                let flags = isNameDue ? flag : flag | RAMFlag.continued
                var size =
                    BERSize.integer(.integer, offset) + BERSize.integer(.integer, flags) + bodySize
                if isNameDue { size += BERSize.element(.utf8String, group.block.utf8.count) }
                try writer.head(SchemaTag.ramSecEntry, constructed: true, length: size)
                try writer.integer(.integer, offset)
                try writer.integer(.integer, flags)
                if isNameDue {
                    try writer.string(.utf8String, group.block)
                    isNameDue = false
                }
                if entry.kind == .full {
                    try writer.head(
                        .octetString, constructed: false, length: entry.contentLength)
                    let page = content.extracting(at..<at + entry.contentLength)
                    if lends { try writer.sink.lend(page) } else { try writer.sink.append(page) }
                    at += entry.stride
                } else {
                    try writer.integer(.integer, UInt64(entry.fill))
                }
                offset &+= group.pageSize
            }
        }
        if lends { try writer.sink.settle() }
    }
}
