import ByteIO
import Migration
import TestSupport
import Testing

/// Iterators' sections that are cut off or contradict themselves: the error, its place, its path.
@Suite("Binary stream: damaged iterators")
struct IteratorDamageTests {
    private func failure(_ octets: [UInt8]) throws -> MigrationError {
        do {
            _ = try events(octets)
        } catch { return error }
        Issue.record("no error: \(hex(octets.suffix(40)))")
        return MigrationError(.io, expected: "", found: "")
    }

    @Test(
        "Cut anywhere, a payload is truncated where the input ends", arguments: IteratorSample.all)
    func truncation(_ sample: IteratorSample) throws {
        if sample.kind == .full { return }
        let whole = sample.stream
        let start = sample.payloadOffset
        #expect(whole[start..<start + sample.payload.count].elementsEqual(sample.payload))
        // All of the heads, some of the data.
        let cuts =
            Array(0..<min(sample.payload.count, 80))
            + stride(from: 80, to: sample.payload.count, by: 99_991)
        for count in cuts {
            let error = try failure(Array(whole.prefix(start + count)))
            #expect(error.code == .truncated, "\(count)")
            #expect(error.offset == UInt64(start + count), "\(count)")
            #expect(error.path.hasPrefix(sample.name), "\(count): \(error.path)")
        }
    }

    struct Damage: Sendable, CustomStringConvertible {
        var what: String
        var name: String
        var version: UInt32 = 1
        var payload: String
        var code = MigrationError.Code.corrupt
        /// Octets of the payload before the place of the error; `nil`: the input's end.
        var place: Int?
        var path: String

        var description: String { what }
    }

    static let damages: [Damage] = [
        Damage(
            what: "a chunk of a disk without a name", name: "block",
            payload: "0000000000000004 0000000000000001 00 41424344", place: 16,
            path: "block.chunk.device"),
        Damage(
            what: "a zero chunk whose disk's name is no UTF-8", name: "block",
            payload: "0000000000000009 02 c328 0000000000000002", place: 9,
            path: "block.zero.device"),
        Damage(
            what: "a chunk that is shorter than 1 MiB", name: "block",
            payload: "0000000000000001 0164 41424344 0000000000000002", code: .truncated,
            place: nil, path: "block.chunk"),
        Damage(
            what: "a bitmap of a node without a name", name: "dirty-bitmap",
            payload: "18 00 00010000 03 01", place: 1, path: "dirty-bitmap.start.node"),
        Damage(
            what: "a bitmap without a name", name: "dirty-bitmap",
            payload: "1c 016e 00 00010000 03 01", place: 3, path: "dirty-bitmap.start.bitmap"),
        Damage(
            what: "bits beyond the end", name: "dirty-bitmap",
            payload: "40 0000000000000000 00000008 00000000000fffff 01", code: .truncated,
            place: nil, path: "dirty-bitmap.bits"),
        Damage(
            what: "more bits than there can be", name: "dirty-bitmap",
            payload: "40 0000000000000000 00000008 ffffffffffffffff 01", place: 13,
            path: "dirty-bitmap.bits"),
        Damage(
            what: "entries of a hash table beyond the end", name: "spapr/htab",
            payload: "00000000 00000000 ffff 0000 00", code: .truncated, place: nil,
            path: "spapr/htab.chunk"),
        Damage(
            what: "a hash table's size that no table has", name: "spapr/htab",
            payload: "00000041", place: 0, path: "spapr/htab"),
        Damage(
            what: "storage attributes beyond the end", name: "s390-storage_attributes",
            version: 0, payload: "0000000000001002 0000000000100000 01", code: .truncated,
            place: nil, path: "s390-storage_attributes.more"),
        Damage(
            what: "more storage attributes than there can be", name: "s390-storage_attributes",
            version: 0, payload: "0000000000000008 0000000000001002 8000000000000000 01",
            place: 16, path: "s390-storage_attributes.more"),
        Damage(
            what: "device data beyond the end", name: "a/vfio",
            payload: "ffffffffef100004 0000000000100000 01", code: .truncated, place: nil,
            path: "a/vfio.data"),
        Damage(
            what: "device data of a size that sums would overflow with", name: "a/vfio",
            payload: "ffffffffef100004 7fffffffffffffff 01", place: 8, path: "a/vfio.data"),
        Damage(
            what: "a backup server's state of nearly 2^63 octets", name: "pbs-state",
            payload: "7ffffffffffffff0 00", place: 0, path: "pbs-state.state"),
    ]

    @Test("A record that can't be has an error with its place and path", arguments: damages)
    func damaged(_ damage: Damage) throws {
        // Without footers, so that nothing bounds what is no record.
        var stream = StreamBuilder(footers: false)
        stream.section(1, 3, damage.name, version: damage.version, octets(damage.payload))
        stream.end()
        let start = 8 + 14 + damage.name.utf8.count
        // An unknown size of a hash table is no record, and so all is carried raw.
        if damage.place == 0, damage.path == damage.name {
            let warnings = Warnings()
            #expect(
                try rewrite(ByteSource(octets: stream.octets), warnings: warnings) == stream.octets)
            #expect(warnings.all.map(\.code) == [.iteratorAsBlob, .carriedRaw])
            #expect(warnings.all.first?.offset == UInt64(start))
            return
        }
        let error = try failure(stream.octets)
        #expect(error.code == damage.code)
        let place = damage.place.map { start + $0 } ?? stream.count
        #expect(error.offset == UInt64(place))
        #expect(error.path == damage.path)
    }

    @Test("A section that goes on behind its end lacks its footer there")
    func behindEnd() throws {
        var stream = StreamBuilder()
        stream.configuration("m")
        stream.startRAM(2, RAM.endOfSection)
        let place = stream.count + 14 + 10 + 4
        stream.section(1, 3, "spapr/htab", octets("00000018 55"))
        stream.end()
        let error = try failure(stream.octets)
        #expect(error.code == .corrupt)
        #expect(error.offset == UInt64(place))
        #expect(error.path == "spapr/htab")
    }

    @Test(
        "An octet between any payload and its footer is told there", arguments: IteratorSample.all)
    func between(_ sample: IteratorSample) throws {
        if sample.kind == .full { return }
        // From the first section on it is known that there are footers.
        var stream = StreamBuilder()
        stream.configuration("m")
        let before = stream.count
        stream.startRAM(2, RAM.endOfSection)
        let end = sample.payloadOffset + stream.count - before + sample.payload.count
        sample.append(to: &stream)
        stream.end()
        var octets = stream.octets
        octets.insert(0x55, at: end)
        let error = try failure(octets)
        #expect(error.code == .corrupt)
        #expect(error.offset == UInt64(end))
        #expect(error.path == sample.name)
    }

    @Test("Every flipped bit of every sample gives an error or the same octets again")
    func flips() throws {
        for sample in IteratorSample.all where sample.payload.count < 200 {
            var octets = sample.stream
            let start = sample.payloadOffset
            for at in start..<start + sample.payload.count {
                for bit in 0..<8 {
                    octets[at] ^= 1 << bit
                    if let again = try? rewrite(ByteSource(octets: octets)) {
                        #expect(again == octets, "\(sample): octet \(at - start), bit \(bit)")
                    }
                    octets[at] ^= 1 << bit
                }
            }
        }
    }
}
