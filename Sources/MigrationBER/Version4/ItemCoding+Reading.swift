import BER
import ByteIO
import Migration

extension StreamInfo {
    /// Reads `StreamInfo`, which must come next, and its end.
    static func read(_ input: inout ElementReader) throws(MigrationError) -> StreamHeader {
        _ = try input.next(.sequence, constructed: true, "stream")
        input.path.append("stream")
        var header = StreamHeader(fileVersion: try input.unsigned32("fileversion"))
        _ = try input.text("producer", range: 0...4096)
        while let option = try input.next() {
            let isLast = header.container != nil
            switch option.tag {
            case .context(0) where !isLast && header.leadingZeros == 0 && header.channels == nil:
                header.leadingZeros = try input.unsigned(
                    option, limit: StreamLimit.leadingZeros, "offset")
            case .context(1) where !isLast && header.channels == nil:
                header.channels = UInt32(
                    try input.unsigned(option, limit: UInt64(UInt32.max), "channels"))
            case .context(2) where !isLast && option.isConstructed:
                header.container = try ContainerCoding.read(&input)
            default: throw input.unexpected(option, "offset, channels or container")
            }
        }
        input.path.removeLast()
        return header
    }
}

extension ConfigurationCoding {
    /// Reads the rest of a `Configuration` that was just opened, and its end.
    static func read(_ input: inout ElementReader) throws(MigrationError) -> Configuration {
        input.path.append("configuration")
        let machine = try input.text("machine", range: 0...4096)
        var decoder = DeviceStateDecoder()
        if let list = try input.next() {
            try decoder.subsections(list, &input)
            try input.end()
        }
        input.path.removeLast()
        return Configuration(machine: machine, subsections: decoder.finish())
    }
}

extension BlockListCoding {
    /// Reads the rest of a `RAMBlockList` that was just opened, and its end.
    /// - Parameter isPlain: whether it is version 3's `bl`, where a block has a name, a length, and
    ///   nothing else.
    static func read(
        _ input: inout ElementReader, isPlain: Bool = false
    ) throws(MigrationError) -> [RAMBlock] {
        var blocks: [RAMBlock] = []
        while let element = try input.next() {
            guard element.tag == .sequence, element.isConstructed else {
                throw input.unexpected(element, "a RAMBlock")
            }
            let name = isPlain ? try input.text("name") : try input.blockName("name")
            var block = RAMBlock(name: name, length: 0)
            let length = try input.next(.integer, constructed: false, "len")
            block.length = try input.unsigned(length, "len")
            guard block.isPlausible else {
                throw MigrationError(
                    .corrupt, at: length.offset, path: input.pathText + ".len",
                    expected: "whole pages of 4096 octets, since the block has no name",
                    found: "\(block.length)")
            }
            while let option = try input.next() {
                switch option.tag {
                case _ where isPlain: throw input.unexpected(option, "the end of the block")
                case .context(0) where block.pageSize == nil && block.address == nil:
                    block.pageSize = try input.unsigned(option, "pagesize")
                case .context(1) where block.address == nil:
                    block.address = try input.unsigned(option, "address")
                default: throw input.unexpected(option, "pagesize or address")
                }
            }
            blocks.append(block)
            guard blocks.count <= StreamLimit.blocks else {
                throw MigrationError(
                    .limit, at: element.offset, path: input.pathText,
                    expected: "at most \(StreamLimit.blocks) RAM blocks", found: "more")
            }
        }
        return blocks
    }
}

extension IndexCoding {
    /// Reads the rest of an `Index` that was just opened, and its end; checks that it is intact
    /// and stands where it says.
    static func check(
        _ item: BERElement, _ input: inout ElementReader
    ) throws(MigrationError) {
        input.path.append("index")
        // Only the index's own octets count: those before belong to checkpoints.
        let head = input.reader.checksumBefore
        _ = try input.next(.sequence, constructed: true, "entries")
        try input.skipRest()
        let crc = try crc(&input) { (input) throws(MigrationError) in
            // Who reads everything has no need of them.
            try input.skipRest()
        }
        let all = input.reader.checksumBefore
        let stated = try input.octets(crc, limit: 4).reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        let place = try input.next(.octetString, constructed: false, "here")
        let here = try input.octets(place, limit: 8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        guard crc.length == 4, place.length == 8, here == item.offset else {
            throw MigrationError(
                .checksum, at: place.offset, path: input.pathText,
                expected: "the index's own offset, \(item.offset)", found: "\(here)")
        }
        // Behind a checkpoint the running checksum began anew with the index.
        let isUnchecked = head == nil && all == nil
        guard isUnchecked || head?.value == 0 && all?.value == stated else {
            throw MigrationError(
                .checksum, at: crc.offset, path: input.pathText,
                expected: "CRC-32C \(String(stated, radix: 16)) of the index",
                found: String(all?.value ?? 0, radix: 16))
        }
        try input.end()
        input.path.removeLast()
    }

    /// The element `crc`, behind `totals` if the file has them.
    /// - Parameter totals: reads these, which were just opened, and their end.
    static func crc(
        _ input: inout ElementReader,
        totals: (inout ElementReader) throws(MigrationError) -> Void
    ) throws(MigrationError) -> BERElement {
        let element = try input.next("totals or crc")
        if element.tag == .octetString, !element.isConstructed { return element }
        guard element.tag == .context(0), element.isConstructed else {
            throw input.unexpected(element, "totals or crc")
        }
        input.path.append("totals")
        try totals(&input)
        input.path.removeLast()
        return try input.next(.octetString, constructed: false, "crc")
    }
}
