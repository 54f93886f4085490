import ByteIO
import Migration

/// The state that goes ahead of a CPR migration (QEMU's `migration/cpr.c`).
extension StreamReader {
    /// The magic number `QCPR`.
    static var cprMagic: UInt32 { 0x5143_5052 }
    /// Octets of the state that are held.
    static var cprLimit: Int { 16 << 20 }

    mutating func cprState<V: MigrationVisitor & ~Copyable>(
        into visitor: inout V
    ) throws(MigrationError) {
        guard try load(8) >= 8 else { throw truncated("the 8 octets that open a CPR state") }
        let magic: UInt32 = source.window.bigEndian(at: 0)
        guard magic == StreamReader.cprMagic else {
            throw error(
                .corrupt, at: source.position, expected: "the magic QCPR (51 43 50 52)",
                found: hex(UInt64(magic)))
        }
        try visitor.beginChannel(
            .cprState(version: source.window.bigEndian(at: 4)), at: source.position)
        source.consume(8)
        while source.available <= StreamReader.cprLimit, try extend() {}
        guard source.available <= StreamReader.cprLimit else {
            throw error(
                .limit, at: source.position, path: "CPR state",
                expected: "at most \(StreamReader.cprLimit) octets", found: "more")
        }
        if let (list, size) = CPRList.read(source.window) {
            try visitor.cprDescriptors(list)
            source.consume(size)
        }
        let rest = source.available
        if rest > 0 { try visitor.channelCut(source.window.extracting(first: rest)) }
        source.consume(rest)
        try visitor.endChannel(mark: false)
    }
}

/// The list of descriptors: 01 before each, 00 behind the last (a QLIST of `vmstate_cpr_fd`).
enum CPRList {
    /// - Returns: the descriptors, and how many octets they and the list's end take; `nil` if the
    ///   octets are no such list.
    static func read(_ window: RawSpan) -> ([CPRDescriptor], size: Int)? {
        // Which of the two forms it is nothing tells but that the list then adds up.
        read(window, hasNumbers: false) ?? read(window, hasNumbers: true)
    }

    private static func read(
        _ window: RawSpan, hasNumbers: Bool
    ) -> ([CPRDescriptor], size: Int)? {
        var list: [CPRDescriptor] = []
        var at = 0
        while window.byteCount > at {
            let mark = window.octet(at: at)
            at += 1
            if mark == 0 {
                // Subsections may follow.
                return window.byteCount == at || window.octet(at: at) == 5 ? (list, at) : nil
            }
            guard mark == 1, window.byteCount - at >= 4 else { return nil }
            let length = Int(window.bigEndian(at: at, as: UInt32.self))
            at += 4
            let tail = hasNumbers ? 8 : 5
            guard length > 0, length <= StreamLimit.descriptorName,
                window.byteCount - at >= length + tail,
                window.octet(at: at + length - 1) == 0,
                let name = window.text(at: at, count: length - 1), !name.utf8.contains(0)
            else { return nil }
            at += length
            let id: Int32 = window.bigEndian(at: at)
            // Where the descriptor goes beside the octets, a blank carries it (`qemu_file_put_fd`).
            guard hasNumbers || window.octet(at: at + 4) == 0x20,
                list.count < StreamLimit.descriptors
            else { return nil }
            list.append(
                CPRDescriptor(
                    name: name, id: id, number: hasNumbers ? window.bigEndian(at: at + 4) : nil))
            at += tail
        }
        return nil
    }
}
