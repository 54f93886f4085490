import ByteIO
import Glibc
import SystemPackage
import TestSupport
import Testing

/// Sparse files: holes are passed over and made, and read the same as zeros.
@Suite("Holes")
struct HoleTests {
    /// A file of data at given places and holes between; its size.
    private func sparse(
        _ folder: TemporaryFolder, _ pieces: [(UInt64, [UInt8])], size: UInt64
    ) throws -> String {
        let path = folder.file("sparse")
        let file = try FileDescriptor.open(
            FilePath(path), .writeOnly, options: .create, permissions: .ownerReadWrite)
        defer { try? file.close() }
        for (offset, octets) in pieces {
            _ = try file.writeAll(toAbsoluteOffset: Int64(offset), octets)
        }
        try #require(ftruncate(file.rawValue, off_t(size)) == 0)
        return path
    }

    @Test("Passing over holes gives the same zeros and data as reading them")
    func passing() throws {
        let folder = try TemporaryFolder()
        let pieces: [(UInt64, [UInt8])] = [
            (0, [1, 2]), (300_000, [3]), (5_000_000, [4, 5, 6]), (9_999_999, [7]),
        ]
        let path = try sparse(folder, pieces, size: 16_000_000)
        var source = try ByteSource(path: path, capacity: 64 << 10)
        var found: [UInt64: UInt8] = [:]
        var passed: UInt64 = 0
        let unit = 10_000
        while source.position < 16_000_000 {
            let step = try source.passHole(unit: unit, limit: 16_000_000 - source.position)
            passed += step
            // Whole units, but for what the limit cuts.
            #expect(step % UInt64(unit) == 0 || source.position == 16_000_000)
            if step > 0 { continue }
            let count = min(try source.ensure(unit), unit)
            try #require(count > 0)
            let base = source.position
            for (index, octet) in source.window.extracting(first: count).octets.enumerated()
            where octet != 0 {
                found[base + UInt64(index)] = octet
            }
            source.consume(count)
        }
        var expected: [UInt64: UInt8] = [:]
        for (offset, octets) in pieces {
            for (index, octet) in octets.enumerated() { expected[offset + UInt64(index)] = octet }
        }
        #expect(found == expected)
        // A file system without holes would have everything read.
        #expect(passed == 0 || passed > 15_000_000)
        #expect(try source.ensure(1) == 0)
    }

    @Test("What the window holds is passed over only if it is zeros")
    func window() throws {
        let folder = try TemporaryFolder()
        let path = try sparse(folder, [(0, [0, 0, 9])], size: 1 << 30)
        var source = try ByteSource(path: path, capacity: 4096)
        try source.ensure(3)
        #expect(try source.passHole(unit: 1 << 20, limit: 1 << 30) == 0)
        #expect(source.window.extracting(first: 3).octets == [0, 0, 9])
        source.consume(3)
        let passed = try source.passHole(unit: 1 << 20, limit: (1 << 30) - 3)
        #expect(passed == (1 << 30) - 3 || passed == 0)
        #expect(source.position == 3 + passed)
    }

    @Test("A pipe and memory have no holes")
    func others() throws {
        var memory = ByteSource(octets: [UInt8](repeating: 0, count: 100_000))
        #expect(try memory.passHole(unit: 1000, limit: 100_000) == 0)
        var pipe = ByteSource.packets([UInt8](repeating: 0, count: 100_000), sizes: [1000])
        #expect(try pipe.passHole(unit: 10, limit: 100_000) == 0)
        #expect(try pipe.skip(100_000) == 100_000)
    }

    @Test("Stretches of data are told without moving")
    func data() throws {
        let folder = try TemporaryFolder()
        let path = try sparse(folder, [(1 << 20, [1]), (1 << 24, [2])], size: 1 << 25)
        var source = try ByteSource(path: path)
        var stretches: [Range<UInt64>] = []
        var at: UInt64 = 0
        while let next = try source.data(from: at, to: 1 << 25) {
            stretches.append(next)
            at = next.upperBound
        }
        #expect(stretches.contains { $0.contains(1 << 20) })
        #expect(stretches.contains { $0.contains(1 << 24) })
        #expect(try source.data(from: 1 << 20, to: (1 << 20) + 1) == 1 << 20..<(1 << 20) + 1)
        #expect(try source.data(from: 1 << 25, to: 1 << 26) == nil)
        // Reading goes on where it was.
        #expect(try source.skip(1 << 20) == 1 << 20)
        try source.ensure(1)
        #expect(source.window.octet(at: 0) == 1)
    }

    @Test("Zeros become holes in a file that is made, and are the same octets everywhere")
    func making() throws {
        let folder = try TemporaryFolder()
        let size: UInt64 = 3 << 30
        let path = folder.file("out")
        let file = try OutputFile(path: path)
        var sink = ByteSink(descriptor: file.descriptor)
        try sink.append([1])
        try sink.appendZeros(size)
        try sink.append([2])
        try sink.appendZeros(1 << 20)
        #expect(sink.position == size + 2 + 1 << 20)
        try sink.flush()
        try file.commit()
        var status = stat()
        try #require(unsafe stat(path, &status) == 0)
        #expect(UInt64(status.st_size) == size + 2 + 1 << 20)
        #expect(status.st_blocks < 4096)
        let source = try ByteSource(path: path)
        #expect(try source.octets(at: 0, count: 3) == [1, 0, 0])
        #expect(try source.octets(at: size, count: 3) == [0, 2, 0])

        var memory = ByteSink.inMemory()
        try memory.append([1])
        try memory.appendZeros(200_000)
        try memory.append([2])
        #expect(try memory.takeOctets() == [1] + [UInt8](repeating: 0, count: 200_000) + [2])
    }

    @Test("A file that had something is overwritten with zeros, not left as it was")
    func overwriting() throws {
        let folder = try TemporaryFolder()
        let path = try folder.store([UInt8](repeating: 7, count: 300_000), as: "old")
        let file = try FileDescriptor.open(FilePath(path), .readWrite)
        var sink = ByteSink(descriptor: file)
        try sink.append([1])
        try sink.appendZeros(200_000)
        try sink.append([2])
        try sink.flush()
        try file.close()
        let octets = try contents(of: path)
        #expect(octets[0] == 1 && octets[200_001] == 2 && octets[200_002] == 7)
        #expect(octets[1...200_000].allSatisfy { $0 == 0 })
    }

    @Test("Appending goes to the file's end, where no hole can be")
    func appending() throws {
        let folder = try TemporaryFolder()
        let path = try folder.store([9], as: "log")
        let file = try FileDescriptor.open(FilePath(path), .writeOnly, options: .append)
        var sink = ByteSink(descriptor: file)
        try sink.appendZeros(100_000)
        try sink.append([2])
        try sink.flush()
        try file.close()
        #expect(try contents(of: path) == [9] + [UInt8](repeating: 0, count: 100_000) + [2])
    }

    @Test("The first octet that is not 0, at any place and any alignment")
    func firstNonZero() {
        for size in [1, 8, 63, 64, 65, 200] {
            var octets = [UInt8](repeating: 0, count: size)
            #expect(unsafe octets.span.bytes.isZero)
            for at in 0..<size {
                octets[at] = 1
                #expect(unsafe octets.span.bytes.firstNonZero == at)
                #expect(unsafe octets.span.bytes.extracting(at..<size).firstNonZero == 0)
                octets[at] = 0
            }
        }
    }
}
