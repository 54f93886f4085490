import Foundation
import TestSupport
import Testing

/// `ram extract` against what QEMU's own `pmemsave` gave of the same memory.
@Suite("ram extract: real memory")
struct RAMMemoryTests {
    struct Manifest: Decodable {
        var streams: [Capture]
    }

    struct Capture: Decodable, CustomTestStringConvertible {
        var name: String
        var files: [File]
        var pmemsave: [Range]

        var testDescription: String { name }
        var paths: [String] { files.map { Fixture.path("Memory/" + $0.file.dropLast(4)) } }
    }

    struct File: Decodable {
        var file: String
    }

    struct Range: Decodable {
        var address: Int
        var size: Int
        var sha256: String
    }

    struct Place: Decodable {
        var name: String
        var offset: Int
        var length: Int
    }

    static let captures: [Capture] = {
        let path = Fixture.path("Memory/memory").replacing(".mig", with: ".json")
        guard let data = FileManager.default.contents(atPath: path),
            let manifest = try? JSONDecoder().decode(Manifest.self, from: data)
        else { return [] }
        return manifest.streams
    }()

    private static func sha256(_ octets: ArraySlice<UInt8>) throws -> String {
        let outcome = try run(
            "/usr/bin/sha256sum", [], input: .pipe(Array(octets)), output: .kept)
        try succeed(outcome)
        return String(outcome.text.prefix(64))
    }

    private func holds(_ capture: Capture, _ arguments: [String]) throws {
        let folder = try TemporaryFolder()
        let image = folder.file("image")
        let outcome = try berth(["ram", "extract", "-q", "--json", "-o", image] + arguments)
        try succeed(outcome)
        let places = try JSONDecoder().decode([Place].self, from: Data(outcome.output))
        let main = try #require(places.max { $0.length < $1.length })
        let memory = try contents(of: image)
        for range in capture.pmemsave {
            let start = main.offset + range.address
            #expect(try Self.sha256(memory[start..<start + range.size]) == range.sha256)
        }
    }

    @Test("The captures are there")
    func there() { #expect(Self.captures.count == 6) }

    @Test("A migration's memory is the guest's, whatever its channels", arguments: captures)
    func streams(capture: Capture) throws {
        let paths = capture.paths
        try holds(capture, [paths[0]] + paths[1...].flatMap { ["--channel", $0] })
        // Packets' order is told by their marks, not by the order of the channels.
        try holds(capture, [paths[0]] + paths[1...].reversed().flatMap { ["--channel", $0] })
    }

    @Test("So it is from BER", arguments: captures)
    func files(capture: Capture) throws {
        let folder = try TemporaryFolder()
        let ber = folder.file("vm.ber")
        let paths = capture.paths
        try succeed(
            berth(
                ["encode", "-q", paths[0], "-o", ber]
                    + paths[1...].flatMap { ["--channel", $0] }))
        try holds(capture, [ber])
        guard paths.count == 1 else { return }
        try succeed(berth("encode", "-q", "--schema-version", "3", paths[0], "-o", ber))
        try holds(capture, [ber])
    }

    @Test(
        "A damaged or cut channel is an error or other memory, and never half an image",
        arguments: captures.filter { $0.files.count > 1 })
    func damaged(capture: Capture) throws {
        let paths = capture.paths
        let octets = try contents(of: paths[1])
        var random = SeededGenerator(seed: 17)
        for round in 0..<12 {
            let folder = try TemporaryFolder()
            var changed = octets
            let at = Int(random.next() % UInt64(octets.count))
            if round % 3 == 0 {
                changed.removeSubrange(at...)
            } else {
                changed[at] ^= 1 << UInt8(random.next() % 8)
            }
            let outcome = try berth(
                ["ram", "extract", "-q", paths[0], "-o", folder.file("image"), "--channel"]
                    + [try folder.store(changed, as: "c"), "--channel", paths[2]])
            #expect([0, 2].contains(outcome.status), "octet \(at): \(outcome.error)")
            #expect(try folder.names == (outcome.status == 0 ? ["c", "image"] : ["c"]))
            if outcome.status == 2 {
                #expect(outcome.error.contains("/c: offset 0x"), "octet \(at): \(outcome.error)")
            }
        }
    }
}
