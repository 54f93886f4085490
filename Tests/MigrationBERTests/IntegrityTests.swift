import ByteIO
import Migration
import TestSupport
import Testing

/// Checkpoints and the index find damage.
@Suite("BER files: integrity")
struct IntegrityTests {
    private static let stream: [UInt8] = {
        var stream = StreamBuilder()
        stream.configuration("m")
        stream.startRAM(2, RAM.blocks([("a", 0x4000)]) + RAM.endOfSection)
        stream.goOn(2, 2, RAM.fill(0, "a") + RAM.xbzrle(0x1000, nil, [1, 1, 7]) + RAM.endOfSection)
        stream.goOn(3, 2, RAM.endOfSection)
        stream.full(0, "dev", [0xff, 1])
        stream.end(
            #"{"devices": [{"name": "dev", "instance_id": 0, "vmsd_name": "dev", "version": 1, "#
                + #""fields": [{"name": "f", "type": "int8", "array_len": 2, "size": 1}]}]}"#)
        return stream.octets
    }()

    @Test("Every flipped bit of a version 4 file is found")
    func flips() throws {
        var file = try encode(ByteSource(octets: Self.stream), .version4)
        #expect(try decode(ByteSource(octets: file)) == Self.stream)
        for at in file.indices {
            for bit in 0..<8 {
                file[at] ^= 1 << bit
                #expect(throws: MigrationError.self, "octet \(at), bit \(bit)") {
                    try decode(ByteSource(octets: file))
                }
                file[at] ^= 1 << bit
            }
        }
    }

    @Test("Every cut of a file of either version is found", arguments: Format.allCases)
    func cuts(_ format: Format) throws {
        let file = try encode(ByteSource(octets: Self.stream), format)
        for count in file.indices {
            do {
                _ = try decode(ByteSource(octets: Array(file.prefix(count))))
                Issue.record("cut to \(count): no error")
            } catch let error as MigrationError {
                #expect(
                    error.code == (count < 1 ? .unsupported : .truncated),
                    "cut to \(count): \(error)")
                #expect((error.offset ?? .max) <= UInt64(count), "cut to \(count): \(error)")
            }
        }
    }

    @Test("Flipped bits of a version 3 file trap nothing")
    func version3Flips() throws {
        var file = try encode(ByteSource(octets: Self.stream), .version3)
        var errors = 0
        for at in file.indices {
            for bit in 0..<8 {
                file[at] ^= 1 << bit
                do { _ = try decode(ByteSource(octets: file)) } catch let error as MigrationError {
                    errors += 1
                    #expect((error.offset ?? 0) <= UInt64(file.count), "octet \(at), bit \(bit)")
                }
                file[at] ^= 1 << bit
            }
        }
        #expect(errors > 1000)
    }

    @Test("A fault inside an annotation has its place in the file")
    func annotationPlace() throws {
        var file = try encode(ByteSource(octets: Self.stream), .version3)
        // The configuration's tag, CF (8646 = 67 * 128 + 70), stands in an annotation.
        let at = try #require(
            file.indices.first { file[$0...].starts(with: [0x7f, 0xc3, 0x46]) })
        file[at + 1] ^= 1
        do {
            _ = try decode(ByteSource(octets: file))
            Issue.record("no error")
        } catch let error as MigrationError { #expect(error.offset == UInt64(at)) }
    }

    @Test("A checkpoint that doesn't agree is told as such, with its place")
    func checkpoint() throws {
        var file = try encode(ByteSource(octets: Self.stream), .version4)
        let at = try #require(
            file.indices.last { file[$0...].starts(with: [0x5f, 0xc3, 0x4b, 4]) })
        file[at + 5] ^= 0x10
        do {
            _ = try decode(ByteSource(octets: file))
            Issue.record("no error")
        } catch let error as MigrationError {
            #expect(error.code == .checksum && error.offset == UInt64(at))
        }
    }

    @Test("An index that stands elsewhere than it says, or is damaged, is told as such")
    func index() throws {
        let file = try encode(ByteSource(octets: Self.stream), .version4)
        // The last four octets end `top` and the file; before them stand `here` and `crc`.
        for at in [file.count - 5, file.count - 15] {
            var damaged = file
            damaged[at] ^= 1
            do {
                _ = try decode(ByteSource(octets: damaged))
                Issue.record("no error")
            } catch let error as MigrationError { #expect(error.code == .checksum) }
        }
    }
}
