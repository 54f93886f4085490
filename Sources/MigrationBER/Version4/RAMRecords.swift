import BER
import ByteIO
import Migration

/// `RAMRecord`s of version 4, up to the end of the element that is open.
enum RAMRecords {
    /// - Parameter passed: stretches that are passed over, if some are.
    /// - Returns: the block list, if there was one.
    @discardableResult
    static func read<V: MigrationVisitor & ~Copyable>(
        _ input: inout ElementReader, _ decoder: inout PageGroupDecoder,
        _ mapped: inout MappedRAMDecoder, passing passed: inout PassedStretches?,
        into visitor: inout V
    ) throws(MigrationError) -> [RAMBlock]? {
        var list: [RAMBlock]?
        var number = 0
        while true {
            if let pages = try passed?.pass(&input) {
                try visitor.ramPassed(pages)
                number += 1
            }
            guard let record = try input.next() else { break }
            input.path.append("[\(number)]")
            switch record.tag {
            case SchemaTag.ramPages where record.isConstructed:
                try decoder.read(record, &input, into: &visitor)
            case SchemaTag.ramBlockList where record.isConstructed:
                let blocks = try BlockListCoding.read(&input)
                decoder.take(blocks)
                list = blocks
                try visitor.ramBlocks(blocks)
            case SchemaTag.stored where record.isConstructed:
                try mapped.pages(record, &input, &decoder, into: &visitor)
            case SchemaTag.bitmap where record.isConstructed:
                try mapped.octets(.bitmap, record, &input, into: &visitor)
            case SchemaTag.gap where record.isConstructed:
                try mapped.octets(.gap, record, &input, into: &visitor)
            case SchemaTag.mappedBlock where record.isConstructed:
                try mapped.block(record, &input, &decoder, into: &visitor)
            case SchemaTag.mapped where !record.isConstructed:
                try mapped.total(record, &input, into: &visitor)
            case SchemaTag.hook where record.length == 0 && !record.isConstructed:
                try visitor.ramHook()
            case SchemaTag.flush where record.length == 0 && !record.isConstructed:
                try visitor.ramFlush()
            case SchemaTag.cut:
                let rest = try input.octets(record, limit: FormatLimit.held)
                try visitor.ramCut(unsafe rest.span.bytes)
            case SchemaTag.checkpoint: try Checkpoint.verify(record, &input)
            default: throw input.unexpected(record, "a RAMRecord")
            }
            input.path.removeLast()
            number += 1
        }
        return list
    }
}

/// `Checkpoint`: what was read since the one before must have this checksum.
enum Checkpoint {
    static func verify(
        _ item: BERElement, _ input: inout ElementReader
    ) throws(MigrationError) {
        let sum = input.reader.checksumBefore?.value
        let octets = try input.octets(item, limit: 4)
        let stated = octets.reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        // Where contents are passed over there is nothing to compare with.
        if sum == nil, octets.count == 4 { return }
        let computed = sum ?? 0
        guard octets.count == 4, stated == computed else {
            throw MigrationError(
                .checksum, at: item.offset, path: input.pathText + ".checkpoint",
                expected: "CRC-32C \(String(stated, radix: 16)) of the octets before",
                found: String(computed, radix: 16),
                hint: "the file is damaged between this checkpoint and the one before")
        }
        input.reader.checksum = CRC32C()
    }
}
