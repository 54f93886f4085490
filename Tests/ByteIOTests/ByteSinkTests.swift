import ByteIO
import Glibc
import SystemPackage
import TestSupport
import Testing

@Suite("ByteSink")
struct ByteSinkTests {
    static let lent: [UInt8] = {
        var random = SeededGenerator(seed: 21)
        return random.octets(100_000)
    }()

    /// Writes random pieces by all ways in turns, and keeps what should come out.
    static func write(
        to sink: inout ByteSink, seed: UInt64, steps: Int, longest: Int
    ) throws -> [UInt8] {
        var random = SeededGenerator(seed: seed)
        var expected: [UInt8] = []
        for _ in 0..<steps {
            let start = Int.random(in: 0..<50_000, using: &random)
            let count = Int.random(in: 0...longest, using: &random)
            let piece = unsafe lent.span.bytes.extracting(start..<start + count)
            switch Int.random(in: 0..<8, using: &random) {
            case 0...2:
                try sink.lend(piece)
                expected += lent[start..<start + count]
            case 3:
                try sink.append(piece)
                expected += lent[start..<start + count]
            case 4:
                let value = UInt64.random(in: 0 ... .max, using: &random)
                try sink.append(bigEndian: value)
                expected += bigEndian(value)
            case 5:
                try sink.append(lent[start])
                expected.append(lent[start])
            case 6:
                try sink.append(Array(lent[start..<start + min(count, 5)]))
                expected += lent[start..<start + min(count, 5)]
            default:
                if Bool.random(using: &random) { try sink.settle() } else { try sink.flush() }
            }
            #expect(sink.position == UInt64(expected.count))
        }
        return expected
    }

    @Test(
        "Appended and lent octets come out in the order in which they went in",
        arguments: [1, 2, 3, 4, 5] as [UInt64])
    func order(_ seed: UInt64) throws {
        let folder = try TemporaryFolder()
        let file = try FileDescriptor.open(
            FilePath(folder.file("out")), .writeOnly, options: .create,
            permissions: .ownerReadWrite)
        var memory = ByteSink.inMemory()
        var disk = ByteSink(descriptor: file)
        let expected = try Self.write(to: &memory, seed: seed, steps: 800, longest: 3000)
        _ = try Self.write(to: &disk, seed: seed, steps: 800, longest: 3000)
        try disk.flush()
        try file.close()
        #expect(try memory.takeOctets() == expected, "seed \(seed)")
        #expect(try contents(of: folder.file("out")) == expected, "seed \(seed)")
    }

    @Test("More than 1024 lent pieces between small ones keep their order")
    func manyPieces() throws {
        var sink = ByteSink.inMemory()
        var expected: [UInt8] = []
        for index in 0..<5000 {
            try sink.append(UInt8(truncatingIfNeeded: index))
            try sink.lend(unsafe Self.lent.span.bytes.extracting(index..<index + 2))
            expected += [UInt8(truncatingIfNeeded: index), Self.lent[index], Self.lent[index + 1]]
        }
        try sink.settle()
        #expect(try sink.takeOctets() == expected)
    }

    @Test("Copies larger than the buffer, behind lent pieces, keep their order")
    func largeCopies() throws {
        var random = SeededGenerator(seed: 22)
        let large = random.octets(700_000)
        var sink = ByteSink.inMemory()
        try sink.append(1)
        try sink.lend(unsafe Self.lent.span.bytes)
        try sink.append(large)
        try sink.lend(unsafe Self.lent.span.bytes)
        try sink.append(bigEndian: 0xdead_beef as UInt32)
        #expect(
            try sink.takeOctets() == [1] + Self.lent + large + Self.lent + [0xde, 0xad, 0xbe, 0xef])
    }

    @Test("Lent memory may be given back after settle")
    func settled() throws {
        var sink = ByteSink.inMemory()
        var memory: [UInt8] = [1, 2, 3, 4]
        try sink.append(0)
        try sink.lend(unsafe memory.span.bytes)
        try sink.settle()
        memory[0] = 9
        #expect(try sink.takeOctets() == [0, 1, 2, 3, 4])
    }

    @Test("The checksum goes over all that is accepted, copied and lent, in order")
    func checksum() throws {
        for seed in 31...36 as ClosedRange<UInt64> {
            var sink = ByteSink.inMemory()
            try sink.beginChecksum()
            let expected = try Self.write(to: &sink, seed: seed, steps: 300, longest: 2000)
            #expect(try sink.checksum()?.value == crc(expected), "seed \(seed)")
        }
    }

    @Test("A checksum that begins again forgets what came before, lent or copied")
    func restartedChecksum() throws {
        var sink = ByteSink.inMemory()
        try sink.beginChecksum()
        try sink.lend(unsafe Self.lent.span.bytes.extracting(0..<1000))
        try sink.append([1, 2, 3])
        try sink.beginChecksum()
        #expect(try sink.checksum()?.value == 0)
        try sink.append([4, 5])
        try sink.lend(unsafe Self.lent.span.bytes.extracting(0..<10))
        try sink.append(6)
        #expect(try sink.checksum()?.value == crc([4, 5] + Self.lent[0..<10] + [6]))
        // Asking does not end it.
        try sink.append(7)
        #expect(try sink.checksum()?.value == crc([4, 5] + Self.lent[0..<10] + [6, 7]))
        #expect(try sink.takeOctets().count == 1000 + 3 + 2 + 10 + 2)
    }

    @Test("A checksum can be asked for, or begun again, after each octet")
    func checksumAfterEachOctet() throws {
        // Each question closes a piece of the vectored write, which has 1024 places.
        var sink = ByteSink.inMemory()
        try sink.beginChecksum()
        for index in 0..<3000 {
            try sink.append(UInt8(truncatingIfNeeded: index))
            let value = try sink.checksum()?.value
            if index % 2 == 0 {
                try sink.beginChecksum()
            } else {
                #expect(value == crc([UInt8(truncatingIfNeeded: index)]))
            }
        }
        #expect(try sink.takeOctets() == (0..<3000).map { UInt8(truncatingIfNeeded: $0) })
    }

    private func crc(_ octets: [UInt8]) -> UInt32 {
        var crc = CRC32C()
        crc.update(unsafe octets.span.bytes)
        return crc.value
    }

    @Test("A full disk is an error that tells the reason")
    func fullDisk() throws {
        let full = try FileDescriptor.open(FilePath("/dev/full"), .writeOnly)
        var sink = ByteSink(descriptor: full, path: "/dev/full")
        try sink.append([1, 2, 3])
        do {
            try sink.flush()
            Issue.record("no error")
        } catch {
            #expect(error.operation == .write && error.errno == .noSpace)
            #expect(error.path == "/dev/full")
        }
        try full.close()
    }

    @Test("A pipe whose reader is gone is an error")
    func closedPipe() throws {
        signal(SIGPIPE, SIG_IGN)
        let ends = try FileDescriptor.pipe()
        try ends.readEnd.close()
        var sink = ByteSink(descriptor: ends.writeEnd)
        do {
            try sink.append(Self.lent)
            try sink.lend(unsafe Self.lent.span.bytes)
            try sink.flush()
            Issue.record("no error")
        } catch {
            #expect(error.operation == .write && error.errno == .brokenPipe)
        }
        try ends.writeEnd.close()
    }

    @Test("What a slow reader takes in small pieces comes whole, from a pipe that doesn't block")
    func partialWrites() async throws {
        let ends = try FileDescriptor.pipe()
        // Writes to it are cut short all the time, and refused when it is full.
        _ = fcntl(ends.writeEnd.rawValue, F_SETFL, O_NONBLOCK)
        var random = SeededGenerator(seed: 23)
        let copied = random.octets(300_000)
        let reader = Task.detached {
            var source = ByteSource(descriptor: ends.readEnd, closes: true, capacity: 4096)
            var got: [UInt8] = []
            while try source.ensure(1) > 0 {
                got += source.window.octets
                source.consume(source.available)
            }
            return got
        }
        var sink = ByteSink(descriptor: ends.writeEnd)
        for _ in 0..<40 {
            try sink.append(5)
            try sink.lend(unsafe Self.lent.span.bytes)
        }
        try sink.append(copied)
        try sink.flush()
        try ends.writeEnd.close()
        let expected = (0..<40).flatMap { _ in [5] + Self.lent } + copied
        let got = try await reader.value
        #expect(got == expected)
    }
}
