import Foundation
import TestSupport
import Testing

/// Compares the listing with other programs', element for element, where they are installed.
@Suite("Dump beside stock tools")
struct DumpPeerTests {
    private static func tool(_ name: String) -> String? {
        let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin"
        return path.split(separator: ":").map { "\($0)/\(name)" }
            .first { FileManager.default.isExecutableFile(atPath: $0) }
    }

    private static let unberPath = tool("unber")
    private static let opensslPath = tool("openssl")

    private static let inputs = ["avr-uno-7.2", "tricore-testboard-11.1", "or1k-sim-10.0"]
        .flatMap { name in ["3", "4"].map { (name, $0) } }

    /// What both sides say of an element.
    struct Element: Equatable, CustomStringConvertible {
        var offset: Int
        var head: Int
        /// -1: indefinite.
        var length: Int
        var isConstructed: Bool
        var tag: String
        var description: String { "\(offset) \(head) \(length) \(isConstructed) \(tag)" }
    }

    private func file(_ index: Int, _ folder: TemporaryFolder) throws -> String {
        let (name, version) = DumpPeerTests.inputs[index]
        let path = folder.file("in.ber")
        let outcome = try berth(
            "encode", "--schema-version", version, Fixture.path(name), "-o", path)
        #expect(outcome.status == 0)
        return path
    }

    private func own(_ path: String) throws -> [Element] {
        let outcome = try berth("dump", "--json", path)
        #expect(outcome.status == 0)
        return try outcome.lines.map { line in
            let object = try #require(
                try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
            let number = try #require(object["number"] as? Int)
            let kind = try #require(object["class"] as? String)
            return Element(
                offset: try #require(object["offset"] as? Int),
                head: try #require(object["head"] as? Int),
                length: object["length"] as? Int ?? -1,
                isConstructed: try #require(object["constructed"] as? Bool),
                tag: "\(kind) \(number)")
        }
    }

    /// The value of an attribute as unber writes it: `NAME="VALUE"`.
    private func attribute(_ name: String, _ line: Substring) -> Substring? {
        guard let start = line.range(of: " \(name)=\"") else { return nil }
        return line[start.upperBound...].prefix { $0 != "\"" }
    }

    @Test(
        "unber finds the same elements: offsets, lengths, tags",
        .enabled(if: unberPath != nil), arguments: inputs.indices)
    func unber(index: Int) throws {
        let folder = try TemporaryFolder()
        let path = try file(index, folder)
        let listing = try run(try #require(DumpPeerTests.unberPath), [path])
        #expect(listing.status == 0)
        var theirs: [Element] = []
        for line in listing.text.split(separator: "\n") {
            let line = line.drop { $0 == " " }
            guard ["<C ", "<P ", "<I "].contains(where: { line.hasPrefix($0) }) else { continue }
            // T="[APPLICATION 3]", "[UNIVERSAL 16]", "[3]".
            let tag = try #require(attribute("T", line)).dropFirst().dropLast().lowercased()
            let length = try #require(attribute("V", line))
            theirs.append(
                Element(
                    offset: try #require(Int(attribute("O", line) ?? "")),
                    head: try #require(Int(attribute("TL", line) ?? "")),
                    length: length == "Indefinite" ? -1 : try #require(Int(length)),
                    isConstructed: !line.hasPrefix("<P "),
                    tag: tag.contains(" ") ? tag : "context \(tag)"))
        }
        let ours = try own(path)
        #expect(ours.count > 100)
        #expect(theirs.count == ours.count)
        for (their, our) in zip(theirs, ours) { try #require(their == our) }
    }

    @Test(
        "openssl asn1parse finds the same elements: offsets, depths, lengths, tags",
        .enabled(if: opensslPath != nil), arguments: inputs.indices)
    func openssl(index: Int) throws {
        let folder = try TemporaryFolder()
        let path = try file(index, folder)
        let listing = try run(
            try #require(DumpPeerTests.opensslPath), ["asn1parse", "-inform", "DER", "-in", path])
        #expect(listing.status == 0)
        let ours = try own(path)
        var at = 0
        for line in listing.text.split(separator: "\n") {
            // `   18:d=2  hl=4 l=  17 cons: appl [ 8646 ]`, `  22:d=3  hl=2 l=   4 prim: UTF8STRING`
            let words = line.replacing("=", with: " ").replacing(":", with: " ").split(
                separator: " ")
            guard words.count > 7, words[1] == "d", words[3] == "hl", words[5] == "l" else {
                continue
            }
            if words.contains("EOC") { continue }
            try #require(at < ours.count)
            let our = ours[at]
            at += 1
            try #require(Int(words[0]) == our.offset)
            try #require(Int(words[4]) == our.head)
            try #require(words[6] == "inf" ? our.length == -1 : Int(words[6]) == our.length)
            try #require((words[7] == "cons") == our.isConstructed)
            for (prefix, kind) in [("appl", "application"), ("cont", "context")]
            where words[8] == prefix {
                try #require("\(kind) \(words[10])" == our.tag)
            }
            for (name, number) in [
                ("SEQUENCE", 16), ("INTEGER", 2), ("BOOLEAN", 1), ("UTF8STRING", 12), ("NULL", 5),
                ("OCTET", 4),
            ] where words[8] == name { try #require("universal \(number)" == our.tag) }
        }
        #expect(at == ours.count)
        #expect(ours.count > 100)
    }
}
