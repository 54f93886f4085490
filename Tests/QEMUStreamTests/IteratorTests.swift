import ByteIO
import Migration
import TestSupport
import Testing

/// Iterators with known records: what is told of them, and that their octets come back.
@Suite("Binary stream: iterators")
struct IteratorTests {
    /// What is told between the last section's begin and its end.
    private func told(_ lines: [String]) throws -> [String] {
        let begin = try #require(lines.lastIndex { $0.contains(": records of ") })
        let end = try #require(lines[begin...].firstIndex { $0.hasSuffix("footer") })
        return Array(lines[begin + 1..<end])
    }

    @Test("Each kind of record is told as the reference lays it out", arguments: IteratorSample.all)
    func records(_ sample: IteratorSample) throws {
        let warnings = Warnings()
        let lines = try events(sample.stream, warnings: warnings)
        #expect(try told(lines) == sample.lines)
        #expect(warnings.all.filter { $0.code == .iteratorAsBlob }.isEmpty)
        #expect(try rewrite(ByteSource(octets: sample.stream)) == sample.stream)
    }

    @Test(
        "Records are told the same however their octets arrive", arguments: IteratorSample.all,
        [[1], [7, 1, 60_000]])
    func arrival(_ sample: IteratorSample, _ sizes: [Int]) throws {
        // A megabyte octet by octet takes long and shows nothing more.
        if sample.payload.count > 1 << 16, sizes == [1] { return }
        var recorder = Recorder()
        try read(.packets(sample.stream, sizes: sizes), into: &recorder)
        #expect(try told(recorder.lines) == sample.lines)
        #expect(try rewrite(.packets(sample.stream, sizes: sizes)) == sample.stream)
    }

    @Test("Data larger than any window goes by in pieces")
    func large() throws {
        let content = [UInt8](repeating: 0x3c, count: 9 << 20)
        var stream = StreamBuilder()
        stream.configuration("m")
        let word = octets("ffffffffef100004")
        stream.section(
            1, 5, "dev/vfio", octets("ffffffffef100003 ffffffffef100001"))
        stream.goOn(
            3, 5, word + bigEndian(UInt64(content.count)) + content + octets("ffffffffef100001"))
        stream.end()
        var pieces = PieceCounter()
        try read(ByteSource.packets(stream.octets, sizes: [60_000]), into: &pieces)
        #expect(pieces.total == content.count)
        #expect(pieces.largest <= ByteSource.usualCapacity)
        #expect(try rewrite(ByteSource.packets(stream.octets, sizes: [60_000])) == stream.octets)
    }

    @Test("Names hold for the records behind, in other sections too")
    func sticky() throws {
        var stream = StreamBuilder()
        stream.configuration("m")
        stream.section(1, 3, "dirty-bitmap", octets("1c 016e 0162 00001000 01  01"))
        stream.goOn(2, 3, octets("42 0000000000000000 00000008  01"))
        stream.goOn(3, 3, octets("20 01"))
        stream.end()
        let lines = try events(stream.octets)
        #expect(lines.contains("zeroes node=- bitmap=- sector=0 count=8"))
        #expect(try rewrite(ByteSource(octets: stream.octets)) == stream.octets)
    }

    // MARK: What is no record

    @Test("A payload that begins with no record is a blob, with a warning at its first octet")
    func unknownFirst() throws {
        let payload = octets("00000000 00000010 aabb")
        var stream = StreamBuilder()
        stream.configuration("m")
        stream.section(1, 3, "block", payload)
        stream.goOn(3, 3, octets("00000000 00000002"))
        stream.end()
        let warnings = Warnings()
        let lines = try events(stream.octets, warnings: warnings)
        #expect(lines.contains("start 3 block 0 v1: opaque 10 @14"))
        #expect(lines.contains("end 3 block 0 v1: records of block @48"))
        #expect(warnings.all.map(\.code) == [.iteratorAsBlob])
        #expect(warnings.all.map(\.offset) == [33])
        #expect(try rewrite(ByteSource(octets: stream.octets)) == stream.octets)
    }

    @Test("What follows records and is none is carried up to the footer, with a warning")
    func unknownLater() throws {
        var stream = StreamBuilder()
        stream.configuration("m")
        // VFIO's words have become more before, and may again.
        stream.section(
            1, 3, "a/vfio",
            octets("ffffffffef100003 ffffffffef100007 0102 ffffffffef100001"))
        stream.end()
        let warnings = Warnings()
        let lines = try events(stream.octets, warnings: warnings)
        #expect(
            try told(lines) == ["setup", "rest ffffffffef1000070102ffffffffef100001"])
        #expect(warnings.all.map(\.code) == [.iteratorAsBlob])
        // Behind the configuration, the section's header and the word that is known.
        #expect(warnings.all.map(\.offset) == [42])
        #expect(warnings.all.first?.path == "a/vfio")
        #expect(try rewrite(ByteSource(octets: stream.octets)) == stream.octets)
    }

    @Test("Where no footer tells an end, what is no record is an error at its place")
    func unknownWithoutFooter() throws {
        var stream = StreamBuilder(footers: false)
        stream.section(1, 3, "block", octets("00000000 00000004 00000000 00000003"))
        stream.end()
        do {
            _ = try events(stream.octets)
            Issue.record("no error")
        } catch {
            #expect(error.code == .corrupt)
            #expect(error.offset == 8 + 14 + 5 + 8)
            #expect(error.path == "block")
        }
    }

    @Test("Another version of an iterator is carried as octets")
    func otherVersion() throws {
        var stream = StreamBuilder()
        stream.configuration("m")
        stream.section(1, 3, "block", version: 2, octets("00000000 00000002"))
        stream.end()
        let lines = try events(stream.octets)
        #expect(lines.contains("start 3 block 0 v2: opaque 8 @14"))
        #expect(try rewrite(ByteSource(octets: stream.octets)) == stream.octets)
    }

    @Test("A FULL section of VFIO that is not records alone stays what it was")
    func oddFull() throws {
        for payload in ["ffffffffef100002 aabb", "ffffffffef100001 00", "aabbccdd"] {
            var stream = StreamBuilder()
            stream.configuration("m")
            stream.full(3, "a/vfio", octets(payload))
            stream.end()
            let lines = try events(stream.octets)
            #expect(lines.contains { $0.hasPrefix("full 3 a/vfio 0 v1: opaque") }, "\(payload)")
            #expect(try rewrite(ByteSource(octets: stream.octets)) == stream.octets)
        }
    }

    // MARK: Broken connections

    @Test("After a package an iterator's section may be cut: its whole records are told")
    func cut() throws {
        var inner = StreamBuilder(header: false)
        inner.command(4)
        var stream = StreamBuilder()
        stream.configuration("m")
        stream.section(1, 3, "dirty-bitmap", octets("1c 016e 0162 00001000 01  01"))
        stream.package(inner.octets)
        let payload = octets(
            "42 0000000000000000 00000008  40 0000000000000008 00000008 0000000000000004 01020304")
        let whole = stream.octets + [2, 0, 0, 0, 3] + payload
        for count in 0..<payload.count {
            let octets = Array(whole.dropLast(payload.count - count))
            let lines = try events(octets)
            let isTold = lines.contains("zeroes node=- bitmap=- sector=0 count=8")
            #expect(isTold == (count >= 13), "\(count)")
            if isTold { #expect(lines.contains("rest " + hex(payload[13..<count]))) }
            #expect(!lines.contains { $0.hasPrefix("bits") }, "\(count)")
            #expect(try rewrite(ByteSource(octets: octets)) == octets, "\(count)")
        }
    }
}

/// Counts iterators' data.
private struct PieceCounter: ~Copyable, MigrationVisitor {
    var total = 0
    var largest = 0

    mutating func iteratorData(_ piece: RawSpan) {
        total += piece.byteCount
        largest = max(largest, piece.byteCount)
    }

    mutating func begin(_ header: StreamHeader) {}
    mutating func configuration(_ configuration: Configuration) {}
    mutating func beginSection(
        _ header: SectionHeader, contents: SectionContents, at offset: UInt64
    ) {}
    mutating func endSection(footer: Bool) {}
    mutating func ramBlocks(_ blocks: [RAMBlock]) {}
    mutating func ramPages(_ group: borrowing RAMPageGroup, _ content: RawSpan) {}
    mutating func ramHook() {}
    mutating func ramFlush() {}
    mutating func ramCut(_ rest: RawSpan) {}
    mutating func ramMapped(total: UInt64) {}
    mutating func ramMappedBlock(_ block: RAMBlock) {}
    mutating func ramMappedOctets(_ part: MappedRAMPart, at offset: UInt64, _ octets: RawSpan) {}
    mutating func ramMappedPages(_ group: borrowing RAMPageGroup, _ content: RawSpan) {}
    mutating func iteratorRecord(_ record: borrowing IteratorRecord) {}
    mutating func iteratorRest(_ octets: RawSpan) {}
    mutating func device(_ state: borrowing DeviceState) {}
    mutating func opaque(_ piece: RawSpan) {}
    mutating func command(_ code: UInt16, payload: RawSpan) {}
    mutating func beginPackage(length: UInt32) {}
    mutating func endPackage() {}
    mutating func endOfStream() {}
    mutating func description(_ json: RawSpan) {}
    mutating func raw(_ piece: RawSpan) {}
    mutating func end() {}
}
