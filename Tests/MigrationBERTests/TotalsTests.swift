import ByteIO
import Migration
import MigrationBER
import TestSupport
import Testing

/// `RAMTotals`, which the index of a version 4 file has.
@Suite("BER version 4: totals")
struct TotalsTests {
    /// Three passes over the blocks `a` of four pages and `b` of one; the last page goes when the
    /// guest stands still.
    static let stream: [UInt8] = {
        let page = [UInt8](repeating: 1, count: 4095) + [2]
        var stream = StreamBuilder()
        stream.startRAM(2, RAM.blocks([("a", 0x4000), ("b", 0x1000)]) + RAM.endOfSection)
        stream.goOn(
            2, 2,
            RAM.fill(0, "a") + RAM.fill(0x1000) + RAM.page(0x2000, nil, page)
                + RAM.fill(0, "b", 0x55) + RAM.endOfSection)
        stream.goOn(2, 2, RAM.page(0, "a", page) + RAM.fill(0x3000) + RAM.endOfSection)
        stream.goOn(3, 2, RAM.page(0, "a", page) + RAM.endOfSection)
        stream.end()
        return stream.octets
    }()

    private static func integers(_ values: Int...) -> [UInt8] {
        values.flatMap { value in
            tlv("02", value < 0x80 ? [UInt8(value)] : [UInt8(value >> 8), UInt8(value & 0xff)])
        }
    }

    private static func find(_ piece: [UInt8], in file: [UInt8], from start: Int = 0) -> Int? {
        (start..<max(start, file.count - piece.count))
            .first { file[$0..<$0 + piece.count].elementsEqual(piece) }
    }

    /// The totals of ``stream``, whose groups stand at these places.
    private static func expected(_ places: [(Int, Int)]) -> [UInt8] {
        // Records of a full page have 8 octets before it, of a filled one 8 and the octet; a name
        // that is spelled has its length before it.
        let first =
            tlv("30", text("a") + integers(1, 2, 0, 0, 0, 2 + 9 + 9 + 8 + 4096))
            + tlv("30", text("b") + integers(0, 0, 1, 0, 0, 2 + 9))
        let second = tlv("30", text("a") + integers(1, 1, 0, 0, 0, 2 + 8 + 4096 + 9))
        let third = tlv("30", text("a") + integers(1, 0, 0, 0, 0, 2 + 8 + 4096))
        var stretches: [UInt8] = []
        for ((from, to), rows) in zip(places, [first, second, third]) {
            stretches += tlv("30", integers(from, to, 4096) + tlv("30", rows))
        }
        // Pages: five of them, two of which came again, with 4104 octets each; one while the guest
        // stood still; three passes.
        let passes =
            tlv("30", integers(2, 2, 4124 + 11)) + tlv("30", integers(1, 1, 4115))
            + tlv("30", integers(0, 1, 4106))
        return tlv(
            "a0",
            tlv("30", stretches) + integers(5, 2, 8208, 1, 3) + tlv("30", passes))
    }

    @Test("The index tells what the groups of each stretch hold, and what they come to")
    func written() throws {
        let file = try encode(ByteSource(octets: Self.stream), .version4)
        // A PART is d0 54, a group d0 47; behind a section's groups comes its end.
        var places: [(Int, Int)] = []
        var at = 0
        while let group = Self.find(octets("7f d0 47"), in: file, from: at) {
            let end = try #require(
                Self.find(octets("00 00 01 01 ff 00 00"), in: file, from: group + 4096))
            places.append((group, end))
            at = end
        }
        #expect(places.count == 3)
        let start = try #require(Self.find(Self.expected(places), in: file))
        // Behind it crc and here, and three ends.
        #expect(file.count - start - Self.expected(places).count == 20)
    }

    @Test(
        "Without checkpoints and index there are none, nor with another channel, nor without pages")
    func none() throws {
        var writer = Version4Writer(.inMemory(), producer: "t", checkpointsAndIndex: false)
        try read(ByteSource(octets: Self.stream), into: &writer)
        var sink = writer.takeSink()
        let bare = try sink.takeOctets()
        #expect(Self.find(octets("30 80 7f d3 54"), in: bare) != nil)
        #expect(Self.find(octets("02 01 05 02 01 02 02 02 20 10"), in: bare) == nil)
        var empty = StreamBuilder()
        empty.startRAM(2, RAM.blocks([("a", 0x4000)]) + RAM.endOfSection)
        empty.end()
        let file = try encode(ByteSource(octets: empty.octets), .version4)
        // entries end right before crc.
        let index = try #require(Self.find(octets("7f c9 58"), in: file))
        let entries = Int(file[index + 5])
        #expect(file[index + 4] == 0x30 && file[index + 6 + entries] == 0x04)
    }

    @Test("Reading everything gives the stream back, with totals or without")
    func roundTrip() throws {
        let file = try encode(ByteSource(octets: Self.stream), .version4)
        #expect(try decode(ByteSource(octets: file)) == Self.stream)
    }

    // MARK: Reading

    /// What a visitor is told that wants no pages.
    private func told(_ file: [UInt8], takesTotals: Bool) throws -> [String] {
        let folder = try TemporaryFolder()
        let source = try ByteSource(path: folder.store(file, as: "vm.ber"))
        let reader = try MigrationFileReader(source, passesPages: true)
        if takesTotals {
            var visitor = TotalsRecorder()
            try reader.read(into: &visitor)
            return visitor.lines
        }
        var visitor = GroupsRecorder()
        try reader.read(into: &visitor)
        return visitor.lines
    }

    @Test("Who takes totals gets them in place of the groups; who does not gets the groups")
    func reading() throws {
        let file = try encode(ByteSource(octets: Self.stream), .version4)
        #expect(
            try told(file, takesTotals: true) == [
                "section", "blocks", "end", "section", "a 1 2 0 4124, b 0 0 1 11", "end",
                "section", "a 1 1 0 4115", "end", "section", "a 1 0 0 4106", "end",
                "5 distinct, 2 again with 8208, 1 of the downtime, 3 passes",
            ])
        let groups = try told(file, takesTotals: false).filter { $0.hasPrefix("pages ") }
        #expect(groups.count == 4)
    }

    /// The file with the totals' octets `from` replaced, its checksum right.
    private func forged(_ from: [UInt8], _ to: [UInt8]) throws -> [UInt8] {
        var file = try encode(ByteSource(octets: Self.stream), .version4)
        let index = try #require(Self.find(octets("7f c9 58"), in: file))
        // Behind the entries, in which the same places stand.
        let stretches = try #require(Self.find(octets("0c 01 61 02 01 01"), in: file, from: index))
        let at = try #require(Self.find(from, in: file, from: stretches - 30))
        file.replaceSubrange(at..<at + from.count, with: to)
        var crc = CRC32C()
        let covered = Array(file[index..<file.count - 20])
        crc.update(unsafe covered.span.bytes)
        file.replaceSubrange(file.count - 18..<file.count - 14, with: bigEndian(crc.value))
        return file
    }

    @Test("A stretch that is none is not passed over, one beyond its section is refused")
    func lies() throws {
        let file = try encode(ByteSource(octets: Self.stream), .version4)
        let group = try #require(Self.find(octets("7f d0 47"), in: file))
        let offset = Self.integers(group).count == 3 ? Self.integers(group) : []
        try #require(!offset.isEmpty)
        // The stretch begins an octet further on: there is no record, so the groups are read.
        let moved = try told(
            try forged(offset, Self.integers(group + 1)), takesTotals: true)
        #expect(moved.contains("pages a") && moved.contains("pages b"))
        // Totals whose stretches don't ascend are none.
        let behind = try told(try forged(offset, Self.integers(0x7f)), takesTotals: true)
        #expect(behind.contains("a 1 1 0 4115"))
        // Behind the first one there is not what the file says.
        let end = try #require(
            Self.find(octets("00 00 01 01 ff 00 00"), in: file, from: group + 4096))
        let wrong = try forged(Self.integers(end), Self.integers(end - 1))
        #expect(throws: MigrationError.self) { try told(wrong, takesTotals: true) }
        // Whoever reads everything does not depend on them.
        #expect(try decode(ByteSource(octets: wrong)) == Self.stream)
    }
}

/// Tells of RAM alone, and takes totals.
private struct TotalsRecorder: ~Copyable, RAMRecorder {
    var lines: [String] = []

    static var takesTotals: Bool { true }

    mutating func ramPassed(_ stretch: PageStretch) throws(MigrationError) {
        lines.append(
            stretch.blocks.map { part in
                let pages = part.pages
                return "\(part.block) \(pages.full) \(pages.zero) \(pages.filled) \(pages.octets)"
            }.joined(separator: ", "))
    }

    mutating func ramTotals(_ totals: PageTotals) throws(MigrationError) {
        lines.append(
            "\(totals.distinctPages) distinct, \(totals.resentPages) again with "
                + "\(totals.resentOctets), \(totals.downtimePages) of the downtime, "
                + "\(totals.passCount) passes")
    }
}

/// Tells of RAM alone, and wants groups.
private struct GroupsRecorder: ~Copyable, RAMRecorder {
    var lines: [String] = []
}

private protocol RAMRecorder: MigrationVisitor, ~Copyable {
    var lines: [String] { get set }
}

extension RAMRecorder where Self: ~Copyable {
    mutating func ramPages(
        _ group: borrowing RAMPageGroup, _ content: RawSpan
    ) throws(MigrationError) { lines.append("pages \(group.block)") }

    mutating func ramBlocks(_ blocks: [RAMBlock]) throws(MigrationError) {
        lines.append("blocks")
    }

    mutating func beginSection(
        _ header: SectionHeader, contents: SectionContents, at offset: UInt64
    ) throws(MigrationError) { lines.append("section") }

    mutating func endSection(footer: Bool) throws(MigrationError) { lines.append("end") }

    mutating func begin(_ header: StreamHeader) throws(MigrationError) {}
    mutating func configuration(_ configuration: Configuration) throws(MigrationError) {}
    mutating func ramHook() throws(MigrationError) {}
    mutating func ramFlush() throws(MigrationError) {}
    mutating func ramCut(_ rest: RawSpan) throws(MigrationError) {}
    mutating func iteratorRecord(_ record: borrowing IteratorRecord) throws(MigrationError) {}
    mutating func iteratorData(_ piece: RawSpan) throws(MigrationError) {}
    mutating func iteratorRest(_ octets: RawSpan) throws(MigrationError) {}
    mutating func ramMapped(total: UInt64) throws(MigrationError) {}
    mutating func ramMappedBlock(_ block: RAMBlock) throws(MigrationError) {}
    mutating func ramMappedOctets(
        _ part: MappedRAMPart, at offset: UInt64, _ octets: RawSpan
    ) throws(MigrationError) {}
    mutating func ramMappedPages(
        _ group: borrowing RAMPageGroup, _ content: RawSpan
    ) throws(MigrationError) {}
    mutating func device(_ state: borrowing DeviceState) throws(MigrationError) {}
    mutating func opaque(_ piece: RawSpan) throws(MigrationError) {}
    mutating func command(_ code: UInt16, payload: RawSpan) throws(MigrationError) {}
    mutating func beginPackage(length: UInt32) throws(MigrationError) {}
    mutating func endPackage() throws(MigrationError) {}
    mutating func endOfStream() throws(MigrationError) {}
    mutating func description(_ json: RawSpan) throws(MigrationError) {}
    mutating func raw(_ piece: RawSpan) throws(MigrationError) {}
    mutating func end() throws(MigrationError) {}
}
