import ByteIO
import Containers
import Migration
import TestSupport
import Testing

@Suite("Snapshots in qcow2 images")
struct QCOW2Tests {
    private static func options(_ snapshot: String) -> ContainerOptions {
        var options = ContainerOptions()
        options.snapshot = snapshot
        options.keeping = .usual
        return options
    }

    @Test("The VM state is read through the cluster tables", arguments: ContainerFixture.images)
    func opened(name: String) throws {
        let opened = try open(file: try ContainerFixture.octets(name))
        #expect(opened.octets == (try ContainerFixture.stream()))
        #expect(opened.layers.count == 1)
        #expect(opened.layers[0].kind == "qcow2 image")
    }

    @Test("A snapshot's facts are told as qemu-img tells them")
    func facts() throws {
        let opened = try open(
            file: try ContainerFixture.octets("odd-disk.qcow2"), Self.options("17"))
        let snapshot = try #require(opened.layers[0].snapshots?.first)
        #expect(snapshot.id == "17")
        #expect(snapshot.name == "grün")
        #expect(snapshot.date == "2023-11-14T22:13:20Z")
        #expect(snapshot.vmClock == 1_234_567_890)
        #expect(snapshot.vmStateSize == 11027)
        #expect(snapshot.diskSize == 1_049_088)
        #expect(snapshot.isChosen)
        #expect(
            opened.container
                == .snapshot(
                    VMSnapshot(
                        id: "17", name: "grün", seconds: 1_700_000_000, nanoseconds: 5,
                        vmClock: 1_234_567_890, vmStateSize: 11027, diskSize: 1_049_088)))
    }

    @Test("A snapshot is chosen by ID or name; another is told of")
    func choice() throws {
        let image = try ContainerFixture.octets("odd-disk.qcow2")
        for snapshot in ["17", "grün"] {
            #expect(
                try open(file: image, Self.options(snapshot)).octets
                    == (try ContainerFixture.stream()))
        }
        let error = try #require(try fault(image, file: true, Self.options("18")))
        #expect(error.code == .unsupported)
        #expect(error.found == "none of that name or ID")
        #expect(error.hint == "--snapshot takes one of: 17 (grün)")
    }

    @Test("An image that is piped is refused, with what to do")
    func piped() throws {
        let error = try #require(try fault(try ContainerFixture.octets("v3.qcow2")))
        #expect(error.code == .unsupported)
        #expect(error.found == "a pipe")
        #expect(error.hint == "name the image in place of piping it")
    }

    /// An image of clusters of 512 octets: header, table of snapshots at 0x200.
    private func damaged(_ at: Int, _ new: String) throws -> MigrationError? {
        var image = try ContainerFixture.octets("v3.qcow2")
        let new = octets(new)
        image.replaceSubrange(at..<at + new.count, with: new)
        return try fault(image, file: true)
    }

    @Test(
        "A header that can't be read by is refused at its octet",
        arguments: [
            (4, "00000004", 4, "version 2 or 3"),
            (20, "00000008", 20, "clusters of 2^9 to 2^21 octets"),
            (20, "00000016", 20, "clusters of 2^9 to 2^21 octets"),
            (32, "00000001", 32, "an image that is not encrypted"),
            (32, "00000002", 32, "an image that is not encrypted"),
            (60, "00010001", 60, "at most 65536 snapshots"),
            (64, "0000000000000201", 64, "the table of snapshots at a cluster of the file"),
            (64, "7ffffffffffffe00", 64, "the table of snapshots at a cluster of the file"),
            (72, "0000000000000004", 72, "an image that holds its data itself"),
            (72, "0000000000000020", 72, "features 0 to 4"),
            (72, "0000000000000010", 20, "clusters of 2^14 octets or more"),
            (72, "0000000000000008", 104, "clusters compressed by zlib or zstd"),
            (100, "00000060", 100, "a header of 104 octets or more"),
        ] as [(Int, String, UInt64, String)])
    func header(at: Int, new: String, offset: UInt64, expected: String) throws {
        let error = try #require(try damaged(at, new))
        #expect(error.offset == offset)
        #expect(error.expected.hasPrefix(expected))
    }

    @Test(
        "A table of snapshots that can't be is refused",
        arguments: [
            // L1: not at a cluster; too long; too short for the state; behind the end.
            (0x200, "0000000000000801", "an L1 table at a cluster"),
            (0x208, "ffffffff", "an L1 table of at most 32 MiB"),
            (0x208, "00000020", "an L1 table for 11027 octets of VM state"),
            (0x200, "00000000fffffe00", "264 octets at 0xfffffe00"),
            // Extra data of 1025 octets; a name beyond the end; a state beyond all tables.
            (0x224, "00000401", "at most 1024 octets of extra data"),
            (0x20e, "ffff", "65600 octets at 0x200"),
            (0x228, "ffffffffffffffff", "an L1 table for 18446744073709551615 octets of VM state"),
            (0x230, "ffffffffffffffff", "an L1 table for 11027 octets of VM state"),
        ] as [(Int, String, String)])
    func table(at: Int, new: String, expected: String) throws {
        let error = try #require(try damaged(at, new))
        #expect(error.expected.hasPrefix(expected), "\(error)")
    }

    @Test("Cluster tables that lead astray are found, whatever they say", arguments: 1...300)
    func astray(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let name = ContainerFixture.images[Int(seed) % ContainerFixture.images.count]
        let stream = try ContainerFixture.stream()
        var image = try ContainerFixture.octets(name)
        for _ in 0..<Int.random(in: 1...4, using: &generator) {
            let at = Int.random(in: 0..<image.count / 8, using: &generator) * 8
            let value: UInt64 =
                switch Int.random(in: 0...3, using: &generator) {
                case 0: .random(in: 0 ... .max, using: &generator)
                case 1: UInt64.random(in: 0..<200, using: &generator) << 9
                case 2: 1 << 62 | UInt64.random(in: 0..<UInt64(image.count), using: &generator)
                default: .max
                }
            image.replaceSubrange(at..<at + 8, with: bigEndian(value))
        }
        do {
            let opened = try open(file: image)
            // What the tables can't tell is damage to the state's own octets.
            if !opened.layers.isEmpty, opened.layers[0].snapshots?.first?.vmStateSize == 11027 {
                #expect(opened.octets.count == stream.count)
            }
        } catch let error as MigrationError {
            #expect(error.code != .io)
        }
    }

    @Test("An image that is cut off is no whole one")
    func truncated() throws {
        let whole = try ContainerFixture.octets("v3.qcow2")
        for count in stride(from: 8, to: whole.count - 512, by: 509) {
            #expect(try fault(Array(whole[..<count]), file: true) != nil, "\(count)")
        }
    }
}
