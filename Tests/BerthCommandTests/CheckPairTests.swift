import Foundation
import TestSupport
import Testing

/// What real QEMUs did with streams of others, recorded by `Tests/Live/check_pairs.py --fixtures`: what each
/// took or refused, and its words. The streams are without their pages.
@Suite("check: pairs of real QEMUs")
struct CheckPairTests {
    struct Pair: Sendable, CustomTestStringConvertible {
        var name: String
        var isTaken: Bool
        /// Who can know that it is refused: dump, stream, needs, warning, or nothing (`-` if it is
        /// not).
        var told: String
        var stream: String
        var dump: String
        var machine: String
        var like: String
        /// What QEMU said, with single blanks.
        var words: String

        var testDescription: String { name }
    }

    private static let folder = URL(fileURLWithPath: Fixture.path("x"))
        .deletingLastPathComponent().appendingPathComponent("check").path

    static let pairs: [Pair] = {
        guard let text = try? contents(of: folder + "/pairs.tsv") else { return [] }
        return String(decoding: text, as: UTF8.self).split(separator: "\n").dropFirst()
            .compactMap { line in
                let cells = line.split(separator: "\t", omittingEmptySubsequences: false)
                    .map(String.init)
                guard cells.count == 10 else { return nil }
                return Pair(
                    name: cells[0], isTaken: cells[3] == "takes it", told: cells[4],
                    stream: folder + "/" + cells[5], dump: folder + "/" + cells[6],
                    machine: cells[7], like: folder + "/" + cells[8], words: cells[9])
            }
    }()

    @Test("There are enough of them, of both kinds, and most are told")
    func count() {
        let refused = Self.pairs.filter { !$0.isTaken }
        #expect(Self.pairs.count >= 40)
        #expect(refused.count >= 20)
        #expect(refused.count { $0.told == "dump" || $0.told == "stream" } >= 20)
    }

    @Test("Berth foretells what QEMU did, and in its words", arguments: pairs)
    func verdict(_ pair: Pair) throws {
        let arguments = [pair.stream, "--machine", pair.machine, "--against", pair.dump]
        let byDump = try CheckStreamTests.report(arguments)
        let byBoth = try CheckStreamTests.report(arguments + ["--against", pair.like])
        if pair.isTaken {
            #expect(byDump.status == 0, "\(byDump.findings)")
            #expect(byBoth.status == 0, "\(byBoth.findings)")
            return
        }
        switch pair.told {
        case "dump":
            #expect(byDump.status == 1)
            #expect(byBoth.status == 1)
        case "stream": #expect(byBoth.status == 1)
        case "needs": #expect(!byDump.needs.isEmpty)
        default: #expect(byBoth.status == 0, "\(byBoth.findings)")
        }
        guard ["dump", "stream", "warning"].contains(pair.told) else { return }
        let messages = byBoth.messages.joined().map {
            $0.split(separator: " ").joined(separator: " ")
        }
        #expect(
            messages.contains { pair.words.contains($0) },
            "QEMU: \(pair.words); Berth: \(messages)")
    }

    @Test(
        "The same stream as BER gives the same findings",
        arguments: pairs.filter { !$0.isTaken }.prefix(6))
    func ber(_ pair: Pair) throws {
        let folder = try TemporaryFolder()
        let file = folder.file("a.ber")
        try succeed(berth("encode", "-q", pair.stream, "-o", file))
        let more = ["--machine", pair.machine, "--against", pair.dump, "--against", pair.like]
        let ofStream = try CheckStreamTests.report([pair.stream] + more)
        let ofFile = try CheckStreamTests.report([file] + more)
        #expect(ofStream.findings.map(\.code) == ofFile.findings.map(\.code))
        #expect(ofStream.findings.map(\.path) == ofFile.findings.map(\.path))
        #expect(ofStream.messages == ofFile.messages)
    }

    /// QEMU's own script, where there is one: `BERTH_STATIC_CHECKER`.
    private static let script = ProcessInfo.processInfo.environment["BERTH_STATIC_CHECKER"]

    /// Descriptions whose renames came into QEMU's script behind 10.0, by one of the names.
    private static let later = ["num_timers_save": "hpet", "hw_error_le": "acpi-ghes"]

    @Test("QEMU's script finds as much in two dumps", .enabled(if: script != nil))
    func staticChecker() throws {
        let script = try #require(Self.script)
        let source = String(decoding: try contents(of: script), as: UTF8.self)
        let left = Set(Self.later.filter { !source.contains($0.key) }.values)
        let folder = try TemporaryFolder()
        var dumps: [String] = []
        for (index, name) in Set(Self.pairs.map(\.dump)).sorted().enumerated() {
            let text = try run("/usr/bin/env", ["zstd", "-dcq", name])
            try succeed(text)
            dumps.append(try folder.store(text.output, as: "\(index).json"))
        }
        try #require(dumps.count >= 3)
        var total = 0
        for old in dumps {
            for new in dumps where old != new {
                let theirs = try run("/usr/bin/env", ["python3", script, "-s", old, "-d", new])
                // One line each, but for a version that the script does not end the line of.
                let found = theirs.text.components(separatedBy: "Section \"").dropFirst().filter {
                    piece in
                    let rest = piece.drop { $0 != "\"" }.dropFirst()
                    return rest.contains { !$0.isWhitespace }
                        && !left.contains { piece.contains("Description \"\($0)\"") }
                }
                let ours = try berth("check", "--static-checker", "--json", old, new)
                let json = try #require(
                    try JSONSerialization.jsonObject(with: Data(ours.output)) as? [String: Any])
                let findings = try #require(json["findings"] as? [[String: Any]])
                let count = findings.count {
                    $0["code"] as? String != "machine-type"
                        && !left.contains($0["description"] as? String ?? "")
                }
                total += count
                #expect(found.count == count, "\(old) \(new)")
            }
        }
        #expect(total > 0)
    }
}
