import ByteIO
import Containers
internal import Glibc
import Inspection
import Migration
import MigrationBER
import QEMUStream
import SystemPackage

/// Files that have a stream inside.
enum ContainerProperties {
    /// Octets of what is unpacked that are looked at.
    private static let limit: UInt64 = 4 << 20

    @Sendable static func check(_ input: [UInt8]) throws -> String {
        let file = try ScratchFile.shared(input)
        let first = try outcome(of: input) { () throws(MigrationError) in
            try unpack(ByteSource(descriptor: file, closes: false, capacity: 64 << 10))
        }
        // A disk image can't come through a pipe; else both give the same.
        let piped = try outcome(of: input) { () throws(MigrationError) in
            try unpack(.pipe(input))
        }
        switch (first, piped) {
        case (.success(let octets), .success(let others)):
            try expect(octets == others, "a pipe gives other octets")
        case (.failure(let error), .failure(let other)):
            try expect(
                // How far a library has read when it finds damage depends on what it was given.
                // So does which layer's damage is met first, where two have some.
                error.code == other.code || other.code == .unsupported
                    || error.path != other.path,
                "a pipe gives another error: \(error), \(other)")
        case (.success, .failure(let error)):
            try expect(error.code == .unsupported, "what a file gives, a pipe doesn't: \(error)")
        case (.failure(let error), .success):
            throw Breach("what a pipe gives, a file doesn't: \(error)")
        }
        guard case .success(let octets) = first else {
            if case .failure(let error) = first { return text(error) }
            return ""
        }
        guard octets.count < limit, octets.starts(with: [0x51, 0x45, 0x56, 0x4d]) else {
            return "unpacked"
        }
        return try "unpacked, " + keep(input)
    }

    private static func unpack(
        _ source: consuming ByteSource
    ) throws(MigrationError) -> [UInt8] {
        var layers: [ContainerLayer] = []
        var inside = try ContainerOpener.open(source, layers: &layers).takeSource()
        var result: [UInt8] = []
        do throws(ByteIOError) {
            while UInt64(result.count) < limit, try inside.ensure(1) > 0 {
                result += inside.window.octets
                inside.consume(inside.available)
            }
        } catch {
            guard let fault = error.fault else {
                throw MigrationError(.io, at: error.offset, expected: "", found: "\(error)")
            }
            throw MigrationError(
                MigrationError.Code(rawValue: fault.code.rawValue) ?? .corrupt, at: fault.offset,
                path: fault.format, expected: fault.expected, found: fault.found)
        }
        return result
    }

    /// With the container's own octets kept, it comes back whole.
    private static func keep(_ input: [UInt8]) throws -> String {
        let file = try ScratchFile.shared(input)
        var options = ContainerOptions()
        options.keeping = .all
        var layers: [ContainerLayer] = []
        let opened = try ContainerOpener.open(
            ByteSource(descriptor: file, closes: false), options, layers: &layers)
        let origin = opened.origin
        var writer = Version4Writer(.inMemory(), producer: "test")
        var version: Int?
        var position: UInt64 = 0
        do throws(MigrationError) {
            try InputReader.read(
                opened.takeSource(), kind: .binaryStream, options: StreamOptions(),
                origin: origin, into: &writer, schemaVersion: &version, position: &position)
        } catch { return text(error) }
        var sink = writer.takeSink()
        let kept = try sink.takeOctets()
        try expectValid(kept, .version4, "a file with a container")
        guard let container = origin?.container else { return "nothing kept" }
        if case .snapshot = container { return "a snapshot" }
        try expect(
            try decode(.file(kept), form: .container) == [input], "another container comes back")
        return "kept"
    }
}

/// A file without a name, for readers that need one.
enum ScratchFile {
    private static let descriptor: FileDescriptor? = {
        let folder = FilePath("/dev/shm/berth-fuzz-\(UInt32.random(in: 0 ... .max))")
        let opened = try? FileDescriptor.open(
            folder, .readWrite, options: [.create, .exclusiveCreate],
            permissions: .ownerReadWrite)
        // The descriptor is all that is needed.
        _ = unsafe unlink(folder.string)
        return opened
    }()

    /// The file, with these octets and nothing else, at its start.
    static func shared(_ octets: [UInt8]) throws -> FileDescriptor {
        guard let descriptor else { throw Breach("no scratch file") }
        try descriptor.resize(to: 0)
        try descriptor.seek(offset: 0, from: .start)
        _ = try descriptor.writeAll(octets)
        try descriptor.seek(offset: 0, from: .start)
        return descriptor
    }
}
