import Foundation
import TestSupport
import Testing

/// `berth check OLD.json NEW.json`. What is expected of each pair was told by QEMU's
/// `scripts/vmstate-static-checker.py` (of 10.0) on the same two files, but where it says that QEMU's
/// script has no such rule.
@Suite("check: two dumps")
struct CheckDumpTests {
    typealias Text = DumpText

    struct Finding: Hashable {
        var code: String
        var severity: String
        var path: String
    }

    private func findings(
        _ old: String, _ new: String, _ more: String...
    ) throws -> (status: Int32, findings: [Finding]) {
        let folder = try TemporaryFolder()
        let outcome = try berth(
            [
                "check", "--json", try folder.store(Array(old.utf8), as: "old.json"),
                try folder.store(Array(new.utf8), as: "new.json"),
            ] + more)
        try #require(outcome.status <= 1, "\(outcome.error)")
        let json = try #require(
            try JSONSerialization.jsonObject(with: Data(outcome.output)) as? [String: Any])
        let list = try #require(json["findings"] as? [[String: Any]])
        return (
            outcome.status,
            list.map {
                Finding(
                    code: $0["code"] as? String ?? "", severity: $0["severity"] as? String ?? "",
                    path: $0["path"] as? String ?? "")
            }
        )
    }

    private static func device(_ body: String, version: Int = 1) -> String {
        Text.dump([("dev", version, body)])
    }

    private static let two = [Text.field("a", 4), Text.field("b", 2)]

    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var old: String
        var new: String
        var expected: [String]

        init(_ name: String, _ old: String, _ new: String, _ expected: [String]) {
            testDescription = name
            self.old = old
            self.new = new
            self.expected = expected
        }
    }

    static let cases: [Case] = [
        Case("the same", device(Text.body("d", two)), device(Text.body("d", two)), []),
        Case(
            "a type that is gone",
            Text.dump([("dev", 1, Text.body("d")), ("x", 1, Text.body("x"))]),
            Text.dump([("dev", 1, Text.body("d"))]), ["section-missing x"]),
        Case(
            "a newer version", device(Text.body("d", version: 3, two), version: 3),
            device(Text.body("d", version: 2, two), version: 2),
            ["newer-version dev", "newer-version dev"]),
        Case(
            "a version below the minimum", device(Text.body("d", version: 1, two)),
            device(Text.body("d", version: 3, minimum: 2, two), version: 3),
            ["older-version dev"]),
        Case(
            "another description", device(Text.body("d", two)), device(Text.body("e", two)),
            ["description-name dev"]),
        Case(
            "no fields any more", device(Text.body("d", two)), device(Text.body("d", nil)),
            ["entry-missing dev"]),
        Case(
            "no subsections any more",
            device(Text.body("d", two, subsections: [Text.body("d/s")])),
            device(Text.body("d", two)), ["entry-missing dev"]),
        Case(
            "a subsection less",
            device(Text.body("d", two, subsections: [Text.body("d/s"), Text.body("d/t")])),
            device(Text.body("d", two, subsections: [Text.body("d/t")])),
            ["subsection-missing dev: d/s"]),
        Case(
            "a field less at the end", device(Text.body("d", two)),
            device(Text.body("d", [Text.field("a", 4)])), ["field-missing dev: b"]),
        Case(
            "another field in the middle", device(Text.body("d", two)),
            device(Text.body("d", [Text.field("c", 4), Text.field("b", 2)])),
            ["field-other dev: a"]),
        Case(
            "a field of another size", device(Text.body("d", two)),
            device(Text.body("d", [Text.field("a", 8), Text.field("b", 2)])),
            ["field-size dev: a"]),
        Case(
            "fields that moved into a structure", device(Text.body("d", two)),
            device(Text.body("d", [Text.field("s", 8, Text.body("t", two))])), []),
        Case(
            "fields that moved out of one",
            device(Text.body("d", [Text.field("s", 8, Text.body("t", two)), Text.field("c", 1)])),
            device(Text.body("d", two + [Text.field("c", 1)])), []),
        Case(
            "unused octets in place of a field", device(Text.body("d", two)),
            device(Text.body("d", [Text.field("unused", 1, num: 4), Text.field("b", 2)])), []),
        Case(
            "unused octets in place of two fields",
            device(Text.body("d", two + [Text.field("c", 1)])),
            device(Text.body("d", [Text.field("unused", 1, num: 6), Text.field("c", 1)])), []),
        Case(
            "too few unused octets", device(Text.body("d", two + [Text.field("c", 1)])),
            device(Text.body("d", [Text.field("unused", 1, num: 5), Text.field("c", 1)])),
            ["unused-size dev: b"]),
        Case(
            "a structure that is plain now",
            device(Text.body("d", [Text.field("s", 8, Text.body("t", two))])),
            device(Text.body("d", [Text.field("s", 8)])), ["description-missing dev: s"]),
        Case(
            "a field in a structure",
            device(Text.body("d", [Text.field("s", 8, Text.body("t", two))])),
            device(
                Text.body(
                    "d", [Text.field("s", 8, Text.body("t", [two[0], Text.field("b", 4)]))])),
            ["field-size dev: s.b"]),
        Case(
            "a known new name",
            device(Text.body("e1000", [Text.field("dev", 8), Text.field("b", 2)])),
            device(Text.body("e1000", [Text.field("parent_obj", 8), Text.field("b", 2)])), []),
        Case(
            "a known new name of a type", Text.dump([("ICH9 LPC", 1, Text.body("d"))]),
            Text.dump([("ICH9-LPC", 1, Text.body("d"))]), []),
    ]

    @Test("The findings of QEMU's script", arguments: cases)
    func staticChecker(_ item: Case) throws {
        let (status, found) = try findings(item.old, item.new, "--static-checker")
        #expect(found.map { "\($0.code) \($0.path)" } == item.expected)
        #expect(found.allSatisfy { $0.severity == "error" })
        #expect(status == (item.expected.isEmpty ? 0 : 1))
    }

    /// QEMU's own script on the same files: `BERTH_STATIC_CHECKER`.
    private static let script = ProcessInfo.processInfo.environment["BERTH_STATIC_CHECKER"]

    @Test("QEMU's script agrees", .enabled(if: script != nil), arguments: cases)
    func oracle(_ item: Case) throws {
        let folder = try TemporaryFolder()
        let outcome = try run(
            "/usr/bin/env",
            [
                "python3", try #require(Self.script), "-s",
                try folder.store(Array(item.old.utf8), as: "old.json"), "-d",
                try folder.store(Array(item.new.utf8), as: "new.json"),
            ])
        #expect(outcome.status == Int32(item.expected.count), "\(outcome.text)\(outcome.error)")
    }

    @Test("What QEMU's script has no rule for: new fields, array lengths, conditions, versions")
    func more() throws {
        let old = Self.device(Text.body("d", [Text.field("a", 4), Text.field("v", 1, num: 4)]))
        let new = Self.device(
            Text.body(
                "d",
                [
                    Text.field("a", 4, exists: true), Text.field("v", 1, num: 8),
                    Text.field("new", 2), Text.field("later", 2, version: 2),
                    Text.field("maybe", 2, exists: true),
                ]))
        let (status, found) = try findings(old, new)
        #expect(
            found == [
                Finding(code: "field-condition", severity: "warning", path: "dev: a"),
                Finding(code: "field-count", severity: "error", path: "dev: v"),
                Finding(code: "field-new", severity: "error", path: "dev: new"),
            ])
        #expect(status == 1)
        #expect(try findings(old, new, "--static-checker").findings == [])
        let raised = Self.device(
            Text.body("d", [Text.field("a", 4, version: 2), Text.field("v", 1, num: 4)]))
        #expect(
            try findings(old, raised).findings == [
                Finding(code: "field-not-read", severity: "error", path: "dev: a")
            ])
    }

    private static let old = Text.dump(
        machine: "pc-1", [("dev", 1, Text.body("d", two)), ("x", 1, Text.body("x"))])
    private static let new = Text.dump(
        machine: "pc-2",
        [("dev", 1, Text.body("d", [Text.field("a", 4), Text.field("b", 8)]))])

    @Test("The whole text, with lines; the way back is told on request, as warnings")
    func text() throws {
        let folder = try TemporaryFolder()
        let old = try folder.store(Array(Self.old.utf8), as: "old.json")
        let new = try folder.store(Array(Self.new.utf8), as: "new.json")
        let outcome = try berth("check", old, new)
        #expect(outcome.status == 1)
        // In old.json: line 3 is dev, 4 its description, 5 a, 6 b, 8 x. In new.json likewise.
        #expect(
            outcome.text == """
                \(new):1: warning[machine-type]: the dumps are of different machine types \
                (pc-1 sent, pc-2 read)
                \(new):6: error[field-size]: dev: b: the field has another size \
                (2 octets sent, 8 octets read)
                \(old):8: error[section-missing]: x: the type does not exist there
                \(old) to \(new): 2 errors, 1 warning

                """)
        let both = try berth("check", "--both", old, new)
        #expect(both.status == 1)
        #expect(
            both.lines.suffix(4) == [
                "\(old):1: warning[machine-type]: the dumps are of different machine types "
                    + "(pc-2 sent, pc-1 read) [on the way back]",
                "\(old):6: warning[field-size]: dev: b: the field has another size "
                    + "(8 octets sent, 2 octets read) [on the way back]",
                "\(old) to \(new): 2 errors, 1 warning",
                "\(new) to \(old): 2 warnings",
            ])
    }

    @Test("Warnings alone are no failure, unless --fail-on says so")
    func failOn() throws {
        let folder = try TemporaryFolder()
        let one = try folder.store(
            Array(Text.dump(machine: "a", [("d", 1, Text.body("d"))]).utf8), as: "1")
        let other = try folder.store(
            Array(Text.dump(machine: "b", [("d", 1, Text.body("d"))]).utf8), as: "2")
        #expect(try berth("check", one, other).status == 0)
        #expect(try berth("check", "--fail-on", "warning", one, other).status == 1)
        #expect(try berth("check", "--fail-on", "warning", one, one).status == 0)
    }

    @Test("Annotations for CI: GitHub's workflow commands, GitLab's code quality report")
    func annotations() throws {
        let folder = try TemporaryFolder()
        let old = try folder.store(Array(Self.old.utf8), as: "old.json")
        let new = try folder.store(Array(Self.new.utf8), as: "new.json")
        let github = try berth("check", "--format", "github", old, new)
        #expect(github.status == 1)
        #expect(
            github.text == """
                ::warning file=\(new),line=1,title=berth check%3A machine-type::the dumps are of \
                different machine types; found pc-1; wanted pc-2. QEMU: Machine type received is \
                'pc-1' and local is 'pc-2'
                ::error file=\(new),line=6,title=berth check%3A field-size::dev: b: the field has \
                another size; found 2 octets; wanted 8 octets
                ::error file=\(old),line=8,title=berth check%3A section-missing::x: the type does \
                not exist there

                """)
        let gitlab = try berth("check", "--format", "gitlab", old, new)
        let issues = try #require(
            try JSONSerialization.jsonObject(with: Data(gitlab.output)) as? [[String: Any]])
        #expect(
            issues.map { $0["check_name"] as? String } == [
                "machine-type", "field-size", "section-missing",
            ])
        #expect(issues.map { $0["severity"] as? String } == ["minor", "major", "major"])
        let location = issues[1]["location"] as? [String: Any]
        #expect(location?["path"] as? String == new)
        #expect((location?["lines"] as? [String: Int])?["begin"] == 6)
        #expect(Set(issues.map { $0["fingerprint"] as? String }).count == 3)
    }

    @Test("Names that changed can be added; the known ones are printed as they are taken")
    func renames() throws {
        let old = Self.device(Text.body("d", Self.two))
        let new = Self.device(Text.body("d", [Text.field("c", 4), Text.field("b", 2)]))
        let folder = try TemporaryFolder()
        let table = try folder.store(
            Array(#"{"fields": {"d": [["a", "c"]]}}"#.utf8), as: "renames.json")
        #expect(try findings(old, new).findings.map(\.code) == ["field-other"])
        #expect(try findings(old, new, "--renames", table).findings == [])
        // Each pair is a pair of its own.
        let apart = try folder.store(
            Array(#"{"fields": {"d": [["a", "x"], ["c", "y"]]}}"#.utf8), as: "apart.json")
        #expect(
            try findings(old, new, "--renames", apart).findings.map(\.code) == ["field-other"])
        let known = try berth("check", "--list-renames")
        #expect(known.status == 0)
        let printed = try folder.store(known.output, as: "known.json")
        #expect(try findings(old, old, "--renames", printed).findings == [])
        #expect(known.text.contains("\"piix4_pm\""))
        let bad = try folder.store(Array("[1]".utf8), as: "bad.json")
        let outcome = try berth("check", "--renames", bad, bad, bad)
        #expect(outcome.status == 2)
        #expect(
            outcome.error == """
                berth: \(bad): not a table of renames: no JSON object
                hint: berth check --list-renames shows what it looks like

                """)
    }

    @Test("A dump may be compressed, or come on standard input; another file is refused")
    func inputs() throws {
        let folder = try TemporaryFolder()
        let old = try folder.store(Array(Self.old.utf8), as: "old.json")
        let outcome = try berth(["check", "-", old], input: .pipe(Array(Self.old.utf8)))
        #expect(outcome.text == "standard input to \(old): nothing found\n")
        #expect(outcome.status == 0)
        let stream = try folder.store(SmallStream.octets, as: "vm.mig")
        let wrong = try berth("check", stream, old)
        #expect(wrong.status == 2)
        #expect(wrong.error.hasPrefix("berth: \(stream): offset 0x0: a -dump-vmstate file"))
        #expect(try berth("check", old, old, old).status == 64)
    }
}
