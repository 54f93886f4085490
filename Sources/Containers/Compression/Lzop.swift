import ByteIO
import CLZO
import CZlib
import Migration

/// The files of the program lzop: a header, then blocks, each with its own checksums.
enum Lzop: ContainerFormat {
    static let name = "lzop"

    static let magic: [UInt8] = [0x89, 0x4c, 0x5a, 0x4f, 0x00, 0x0d, 0x0a, 0x1a, 0x0a]

    static func begins(_ start: RawSpan) -> Bool {
        start.byteCount >= magic.count && start.extracting(first: magic.count).octets == magic
    }

    static func open(
        _ source: consuming ByteSource, _ opening: inout ContainerOpening
    ) throws(MigrationError) -> ByteSource {
        guard berth_lzo_is_available() != 0 else {
            throw MigrationError(
                .unsupported, at: 0, path: name, expected: "the library liblzo2.so.2",
                found: "that it is not installed",
                hint: "install it (Debian: liblzo2-2), or unpack first: lzop -dc FILE | berth …")
        }
        let source = try Compression.record(source, name, &opening)
        let path = source.path
        return ByteSource(producer: LzopUnpacker(source), path: path)
    }
}

/// Unpacks what lzop wrote, part by part and block by block.
final class LzopUnpacker: ByteProducer {
    /// The header's flags, as lzop names them.
    private struct Flags: OptionSet {
        let rawValue: UInt32
        static let adler32OfData = Flags(rawValue: 0x1)
        static let adler32OfPacked = Flags(rawValue: 0x2)
        static let extraField = Flags(rawValue: 0x40)
        static let crc32OfData = Flags(rawValue: 0x100)
        static let crc32OfPacked = Flags(rawValue: 0x200)
        static let multipart = Flags(rawValue: 0x400)
        static let filter = Flags(rawValue: 0x800)
        static let crc32OfHeader = Flags(rawValue: 0x1000)
    }

    private var input: ByteSource
    private var flags: Flags?
    private var hasBegun = false
    /// The block at hand, and how much of it has been handed on.
    private var block: [UInt8] = []
    private var handedOn = 0
    private var produced: UInt64 = 0

    init(_ input: consuming ByteSource) { self.input = input }

    func read(into buffer: UnsafeMutableRawBufferPointer) throws(ByteIOError) -> Int {
        guard buffer.count > 0 else { return 0 }
        while handedOn == block.count {
            handedOn = 0
            block.removeAll(keepingCapacity: true)
            if let flags {
                try nextBlock(flags)
            } else if try !nextPart() {
                return 0
            }
        }
        let count = min(buffer.count, block.count - handedOn)
        // `count` octets are in the block and have room in the buffer.
        unsafe block.withUnsafeBytes {
            unsafe buffer.copyMemory(
                from: UnsafeRawBufferPointer(rebasing: $0[handedOn..<handedOn + count]))
        }
        handedOn += count
        produced += UInt64(count)
        return count
    }

    // MARK: Parts

    /// Reads a part's header.
    /// - Returns: `false` at the end.
    private func nextPart() throws(ByteIOError) -> Bool {
        try input.ensure(Lzop.magic.count)
        if hasBegun {
            let end = input.position
            while try input.ensure(16) > 0, input.window.octet(at: 0) == 0 { input.consume(1) }
            if input.available == 0 { return false }
            guard input.position == end, Lzop.begins(input.window) else {
                throw fault(
                    .corrupt, at: input.position, expected: "the end or another lzop part",
                    found: "other octets",
                    hint: "what stands before is whole: head -c \(end) FILE | berth …")
            }
        }
        hasBegun = true
        input.consume(Lzop.magic.count)
        try header()
        return true
    }

    private func header() throws(ByteIOError) {
        var octets: [UInt8] = []
        let version = try number(2, into: &octets)
        _ = try number(2, into: &octets)
        // Versions before 0.94 lacked some fields.
        let isNew = version >= 0x940
        if isNew {
            let needed = try number(2, into: &octets)
            guard needed <= 0x1040 else {
                throw fault(
                    .unsupported, at: input.position - 2, expected: "lzop's format up to 1.040",
                    found: String(needed, radix: 16))
            }
        }
        let method = try number(1, into: &octets)
        guard (1...3).contains(method) else {
            throw fault(
                .unsupported, at: input.position - 1, expected: "LZO1X, method 1 to 3",
                found: "method \(method)")
        }
        if isNew { _ = try number(1, into: &octets) }
        let flags = Flags(rawValue: try number(4, into: &octets))
        let flagsAt = input.position - 4
        if flags.contains(.filter) { _ = try number(4, into: &octets) }
        guard !flags.contains(.filter), !flags.contains(.multipart) else {
            throw fault(
                .unsupported, at: flagsAt, expected: "neither filters nor several volumes",
                found: "flags \(String(flags.rawValue, radix: 16))")
        }
        _ = try number(4, into: &octets)
        _ = try number(4, into: &octets)
        if isNew { _ = try number(4, into: &octets) }
        let nameSize = Int(try number(1, into: &octets))
        try append(nameSize, into: &octets)
        try check(octets, of: "the header", asCRC: flags.contains(.crc32OfHeader))
        if flags.contains(.extraField) {
            octets = []
            let size = Int(try number(4, into: &octets))
            guard size <= 1 << 20 else {
                throw fault(
                    .corrupt, at: input.position - 4, expected: "an extra field of at most 1 MiB",
                    found: "\(size) octets")
            }
            try append(size, into: &octets)
            try check(octets, of: "the extra field", asCRC: flags.contains(.crc32OfHeader))
        }
        self.flags = flags
    }

    // MARK: Blocks

    private func nextBlock(_ flags: Flags) throws(ByteIOError) {
        let start = input.position
        var head: [UInt8] = []
        let size = Int(try number(4, into: &head))
        guard size > 0 else {
            self.flags = nil
            return
        }
        let packedSize = Int(try number(4, into: &head))
        guard size <= DecompressionLimit.lzopBlock, packedSize > 0, packedSize <= size else {
            throw fault(
                .corrupt, at: start,
                expected: "a block of at most \(DecompressionLimit.lzopBlock >> 20) MiB, not "
                    + "larger than what it unpacks to",
                found: "\(packedSize) octets for \(size)")
        }
        var sums: [(isCRC: Bool, isOfData: Bool, value: UInt32)] = []
        for (flag, isCRC, isOfData) in [
            (Flags.adler32OfData, false, true), (.crc32OfData, true, true),
            (.adler32OfPacked, false, false), (.crc32OfPacked, true, false),
        ] where flags.contains(flag) && (isOfData || packedSize < size) {
            sums.append((isCRC, isOfData, try number(4, into: &head)))
        }
        let contents = input.position
        guard try input.ensure(packedSize) >= packedSize else { throw truncated() }
        let packed = Self.first(packedSize, of: input.window)
        for sum in sums where !sum.isOfData {
            try compare(
                packed, sum.value, asCRC: sum.isCRC, of: "the packed block", at: contents)
        }
        block = packedSize == size ? packed : try unpack(packed, size: size, at: contents)
        input.consume(packedSize)
        for sum in sums where sum.isOfData {
            try compare(block, sum.value, asCRC: sum.isCRC, of: "the block", at: contents)
        }
    }

    private func unpack(
        _ packed: [UInt8], size: Int, at offset: UInt64
    ) throws(ByteIOError) -> [UInt8] {
        var result: Int32 = 0
        // The library reads the array's octets alone, and writes at most `made` octets.
        let block = unsafe [UInt8](unsafeUninitializedCapacity: size) { buffer, filled in
            var made = size
            result = unsafe packed.withUnsafeBufferPointer {
                unsafe berth_lzo1x_decompress(
                    $0.baseAddress, $0.count, buffer.baseAddress, &made)
            }
            filled = result == 0 ? min(made, size) : 0
        }
        guard result == 0, block.count == size else {
            throw fault(
                .corrupt, at: offset, expected: "LZO data of \(size) octets",
                found: result == 0 ? "\(block.count) octets" : "error \(result) of liblzo2")
        }
        return block
    }

    // MARK: Pieces

    private static func first(_ count: Int, of window: RawSpan) -> [UInt8] {
        window.extracting(first: count).octets
    }

    private func append(_ count: Int, into octets: inout [UInt8]) throws(ByteIOError) {
        guard try input.ensure(count) >= count else { throw truncated() }
        octets.append(contentsOf: Self.first(count, of: input.window))
        input.consume(count)
    }

    private func number(_ count: Int, into octets: inout [UInt8]) throws(ByteIOError) -> UInt32 {
        try append(count, into: &octets)
        return octets.suffix(count).reduce(0) { $0 << 8 | UInt32($1) }
    }

    private func check(
        _ octets: [UInt8], of what: String, asCRC: Bool
    ) throws(ByteIOError) {
        var rest: [UInt8] = []
        let value = try number(4, into: &rest)
        try compare(octets, value, asCRC: asCRC, of: what, at: input.position - 4)
    }

    private func compare(
        _ octets: [UInt8], _ value: UInt32, asCRC: Bool, of what: String, at offset: UInt64
    ) throws(ByteIOError) {
        // zlib reads just the array's octets; a block has at most 64 MiB.
        let found = unsafe octets.withUnsafeBufferPointer {
            asCRC
                ? unsafe crc32(0, $0.baseAddress, UInt32($0.count))
                : unsafe adler32(1, $0.baseAddress, UInt32($0.count))
        }
        guard found == UInt(value) else {
            throw fault(
                .corrupt, at: offset,
                expected: "\(asCRC ? "CRC-32" : "Adler-32") \(String(value, radix: 16)) of \(what)",
                found: String(found, radix: 16))
        }
    }

    private func truncated() -> ByteIOError {
        fault(
            .truncated, at: input.position + UInt64(input.available),
            expected: "the rest of the compressed data", found: "the end of the file",
            hint: "the file was cut off: the copy is incomplete, or the saving was broken off")
    }

    private func fault(
        _ code: ContentFault.Code, at offset: UInt64, expected: String, found: String,
        hint: String? = nil
    ) -> ByteIOError {
        ByteIOError(
            ContentFault(
                code, format: Lzop.name, at: offset, produced: produced, expected: expected,
                found: found, hint: hint))
    }
}
