import ByteIO
import SystemPackage
import TestSupport
import Testing

@Suite("ByteSource")
struct ByteSourceTests {
    static let sample: [UInt8] = {
        var random = SeededGenerator(seed: 11)
        return random.octets(200_000)
    }()

    /// The ways in which the same octets can come.
    enum Way: String, CaseIterable, Sendable {
        case memory, file, packetsOf1, packetsOf7, unevenPackets

        func source(_ octets: [UInt8], _ folder: TemporaryFolder) throws -> ByteSource {
            switch self {
            case .memory: ByteSource(octets: octets)
            case .file:
                try ByteSource(path: folder.store(octets, as: "sample"), capacity: 4096)
            case .packetsOf1: .packets(octets, sizes: [1])
            case .packetsOf7: .packets(octets, sizes: [7])
            case .unevenPackets: .packets(octets, sizes: [1, 500, 3, 20_000, 64])
            }
        }
    }

    @Test("Windows of random sizes give the octets back in order", arguments: Way.allCases)
    func windows(_ way: Way) throws {
        let folder = try TemporaryFolder()
        let octets = way == .packetsOf1 ? Array(Self.sample.prefix(5000)) : Self.sample
        var source = try way.source(octets, folder)
        var random = SeededGenerator(seed: 12)
        var got: [UInt8] = []
        while true {
            let wanted = Int.random(in: 1...9000, using: &random)
            let count = try source.ensure(wanted)
            #expect(source.position == UInt64(got.count))
            #expect(source.window.byteCount == count && source.available == count)
            #expect(count >= wanted || got.count + count == octets.count)
            if count == 0 { break }
            let taken = Int.random(in: 1...min(count, wanted), using: &random)
            got += source.window.extracting(first: taken).octets
            source.consume(taken)
        }
        #expect(got == octets)
        let isExhausted = source.isExhausted
        #expect(isExhausted)
        #expect(try !source.extend())
    }

    @Test("extend reads just what comes next, and says when nothing does")
    func extend() throws {
        var source = ByteSource.packets([1, 2, 3, 4, 5], sizes: [2, 1])
        var counts: [Int] = []
        while try source.extend() { counts.append(source.available) }
        #expect(counts == [2, 3, 5])
        #expect(source.window.octets == [1, 2, 3, 4, 5])
    }

    @Test("A window grows above the capacity with its octets kept")
    func growth() throws {
        var source = ByteSource.packets(Self.sample, sizes: [60_000])
        try source.ensure(10)
        source.consume(3)
        #expect(try source.ensure(199_000) >= 199_000)
        #expect(source.window.octets.starts(with: Self.sample[3..<199_003]))
    }

    @Test("A window above the limit is refused, with the place")
    func windowLimit() throws {
        var source = ByteSource.packets(Self.sample, sizes: [1000])
        source.windowLimit = 50_000
        try source.ensure(10)
        source.consume(10)
        do {
            try source.ensure(50_001)
            Issue.record("no error")
        } catch {
            #expect(error.operation == .window && error.offset == 10 && error.errno == nil)
        }
        // What is below the limit can still be read.
        #expect(try source.ensure(50_000) >= 50_000)
    }

    @Test("skip passes over what is there and tells how much that was", arguments: Way.allCases)
    func skip(_ way: Way) throws {
        let folder = try TemporaryFolder()
        let octets = way == .packetsOf1 ? Array(Self.sample.prefix(3000)) : Self.sample
        var source = try way.source(octets, folder)
        #expect(try source.skip(1) == 1)
        try source.ensure(100)
        #expect(try source.skip(1000) == 1000)
        #expect(source.position == 1001)
        try source.ensure(1)
        #expect(source.window.octet(at: 0) == octets[1001])
        let rest = UInt64(octets.count - 1001)
        #expect(try source.skip(rest - 10) == rest - 10)
        try source.ensure(20)
        #expect(source.window.octets == octets.suffix(10))
        #expect(try source.skip(.max) == 10)
        #expect(try source.skip(5) == 0)
        #expect(source.position == UInt64(octets.count))
    }

    @Test("Behind a long stretch that is passed over, little is read, and then more and more")
    func readsBehindSeeks() throws {
        let folder = try TemporaryFolder()
        let octets = (0..<5).flatMap { _ in Self.sample }
        var source = try ByteSource(path: folder.store(octets, as: "sample"))
        #expect(try source.ensure(1) == ByteSource.usualCapacity)
        #expect(try source.skip(600_000) == 600_000)
        var counts: [Int] = []
        for _ in 0..<3 {
            counts.append(try source.ensure(1))
            #expect(
                source.window.octets.elementsEqual(
                    octets[Int(source.position)...].prefix(counts[counts.count - 1])))
            source.consume(source.available)
        }
        #expect(counts == [16 << 10, 32 << 10, 64 << 10])
        // More than that is read if it is needed.
        #expect(try source.skip(100_000) == 100_000)
        #expect(try source.ensure(100_000) == 100_000)
        // What can't be passed over is read as ever.
        var short = try ByteSource(path: folder.store(octets, as: "sample"))
        try short.ensure(1)
        #expect(try short.skip(540_000) == 540_000)
        #expect(try short.ensure(1) > 64 << 10)
    }

    @Test(
        "A checksum goes over what is consumed or skipped, and restarts at will",
        arguments: [Way.memory, .file, .unevenPackets])
    func checksum(_ way: Way) throws {
        let folder = try TemporaryFolder()
        var source = try way.source(Self.sample, folder)
        try source.ensure(100)
        source.consume(100)
        source.checksum = CRC32C()
        // Skipping far must not leave octets out, though a file could seek.
        #expect(try source.skip(150_000) == 150_000)
        #expect(source.checksum?.value == crc(Self.sample[100..<150_100]))
        source.checksum = CRC32C()
        #expect(source.checksum?.value == 0)
        try source.ensure(49_900)
        source.consume(49_900)
        #expect(source.checksum?.value == crc(Self.sample[150_100...]))
    }

    private func crc(_ octets: ArraySlice<UInt8>) -> UInt32 {
        var crc = CRC32C()
        let octets = Array(octets)
        crc.update(unsafe octets.span.bytes)
        return crc.value
    }

    @Test("A file tells its size and gives octets anywhere, the window unmoved")
    func fileOctets() throws {
        let folder = try TemporaryFolder()
        var source = try ByteSource(path: folder.store(Self.sample, as: "f"))
        #expect(source.size == 200_000)
        try source.ensure(10)
        source.consume(10)
        #expect(try source.octets(at: 199_990, count: 50) == Array(Self.sample.suffix(10)))
        #expect(try source.octets(at: 5, count: 3) == Array(Self.sample[5..<8]))
        #expect(try source.octets(at: 200_001, count: 3) == [])
        #expect(source.position == 10)
        try source.ensure(1)
        #expect(source.window.octet(at: 0) == Self.sample[10])
    }

    @Test("Neither a pipe nor memory gives octets anywhere")
    func noRandomAccess() throws {
        let memory = ByteSource(octets: [1, 2, 3])
        #expect(memory.size == 3)
        #expect(try memory.octets(at: 0, count: 1) == nil)
        let pipe = ByteSource.packets([1], sizes: [1])
        #expect(pipe.size == nil)
        #expect(try pipe.octets(at: 0, count: 1) == nil)
    }

    @Test("A file that was read from before its start is no file of known size")
    func startedFile() throws {
        let folder = try TemporaryFolder()
        let descriptor = try FileDescriptor.open(
            FilePath(folder.store(Self.sample, as: "f")), .readOnly)
        try descriptor.seek(offset: 1000, from: .start)
        var source = ByteSource(descriptor: descriptor, closes: true)
        // An offset in the source would be another in the file.
        #expect(source.size == nil)
        try source.ensure(4)
        #expect(source.window.octet(at: 0) == Self.sample[1000])
    }

    @Test("A file that is missing or a folder is an error that names it")
    func missing() throws {
        let folder = try TemporaryFolder()
        do {
            _ = try ByteSource(path: folder.file("none"))
            Issue.record("no error")
        } catch {
            #expect(error.operation == .open && error.errno == .noSuchFileOrDirectory)
            #expect(error.path == folder.file("none"))
        }
        var source = try ByteSource(path: folder.path)
        do {
            try source.ensure(1)
            Issue.record("no error")
        } catch {
            #expect(error.operation == .read && error.errno == .isDirectory)
        }
    }

    @Test("Integers are read in network order from any place")
    func integers() {
        let octets: [UInt8] = [0xff, 0x12, 0x34, 0x56, 0x78, 0x9a, 0xbc, 0xde, 0xf0, 0x01]
        let span = unsafe octets.span.bytes
        #expect(span.bigEndian(at: 1, as: UInt16.self) == 0x1234)
        #expect(span.bigEndian(at: 2, as: UInt32.self) == 0x3456_789a)
        #expect(span.bigEndian(at: 1, as: UInt64.self) == 0x1234_5678_9abc_def0)
        #expect(span.octet(at: 9) == 1)
    }
}
