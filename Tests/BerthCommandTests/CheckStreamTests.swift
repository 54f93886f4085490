import Foundation
import TestSupport
import Testing

/// `berth check IN --against …` on a stream whose octets were counted by hand: the section of dev begins
/// at 4299, its fields n and on at 4316 and 4320; box at 4326, its field at 4343.
@Suite("check: a stream")
struct CheckStreamTests {
    /// Without the page that is filled with ff: QEMU 8.2 refuses such.
    private static let stream = SmallStream.changed(4258, [0])

    struct Finding: Equatable {
        var code: String
        var severity: String
        var path: String
        var offset: Int?
    }

    struct Report {
        var status: Int32
        var verdict: String
        var findings: [Finding]
        var messages: [[String]]
        var gaps: [String]
        var needs: [String]
    }

    /// What a run with `--json` tells.
    static func report(_ arguments: [String]) throws -> Report {
        let outcome = try berth(["check"] + arguments + ["--json"])
        try #require(outcome.status <= 1, "\(outcome.error)")
        let json = try #require(
            try JSONSerialization.jsonObject(with: Data(outcome.output)) as? [String: Any])
        let findings = try #require(json["findings"] as? [[String: Any]])
        return Report(
            status: outcome.status, verdict: json["verdict"] as? String ?? "",
            findings: findings.map {
                Finding(
                    code: $0["code"] as? String ?? "", severity: $0["severity"] as? String ?? "",
                    path: $0["path"] as? String ?? "", offset: $0["offset"] as? Int)
            },
            messages: findings.map { $0["loaderMessages"] as? [String] ?? [] },
            gaps: (json["gaps"] as? [[String: Any]] ?? []).map { $0["code"] as? String ?? "" },
            needs: json["needs"] as? [String] ?? [])
    }

    private func report(
        _ dump: String, stream: [UInt8] = CheckStreamTests.stream, _ more: String...
    ) throws -> Report {
        let folder = try TemporaryFolder()
        let target = try folder.store(Array(dump.utf8), as: "target.json")
        let input = try folder.store(stream, as: "vm.mig")
        return try Self.report([input, "--against", target] + more)
    }

    /// Fields of dev at the target, and what is found.
    private func findings(_ fields: [String]) throws -> [Finding] {
        try report(DumpText.small(DumpText.body("dev", version: 2, fields))).findings
    }

    @Test("What the target describes as it was sent is not refused")
    func same() throws {
        let report = try report(DumpText.small)
        #expect(report.status == 0)
        #expect(report.verdict == "not refused")
        #expect(report.findings == [])
        #expect(report.gaps == ["devices", "memory", "code"])
    }

    @Test("A section of a newer version: the whole text")
    func newer() throws {
        let folder = try TemporaryFolder()
        let target = try folder.store(
            Array(
                DumpText.small(
                    DumpText.body("dev", [DumpText.field("n", 4), DumpText.field("on", 1)]),
                    version: 1
                ).utf8), as: "target.json")
        let input = try folder.store(Self.stream, as: "vm.mig")
        let outcome = try berth("check", input, "--against", target)
        #expect(outcome.status == 1)
        #expect(
            outcome.text == """
                \(input): error[newer-version]: the section is too new
                  at     0x000010cb
                  path   dev[1]
                  found  version 2
                  wanted at most version 1
                  rule   a version must not be above the loader's
                  QEMU   savevm: unsupported version 2 for 'dev' v1
                not told: which devices the target machine has, and where: a dump lists all that the \
                program knows; --against a stream of the target tells
                not told: the target's RAM blocks and their lengths: --against a stream of the target, \
                or --ram NAME=LENGTH, tells: m, rom
                not told: what the devices' own code decides: predicates of fields, and checks of \
                values after loading
                \(input): none (\(target)) would refuse it: 1 error

                """)
        #expect(outcome.error == "")
        let quiet = try berth("check", "-q", input, "--against", target)
        #expect(quiet.status == 1)
        #expect(quiet.lines.count == 7)
    }

    @Test("A section of a version below the target's minimum is told with QEMU's words")
    func older() throws {
        let report = try report(
            DumpText.small(
                DumpText.body(
                    "dev", version: 4, minimum: 3,
                    [DumpText.field("n", 4), DumpText.field("on", 1)]), version: 4))
        #expect(
            report.findings == [
                .init(code: "older-version", severity: "error", path: "dev[1]", offset: 4299)
            ])
        #expect(
            report.messages == [
                ["dev: incoming version_id 2 is too old for local minimum version_id  3"]
            ])
    }

    @Test("A device that the target's program lacks")
    func unknownDevice() throws {
        let report = try report(DumpText.dump([("box", 1, DumpText.box)]))
        #expect(
            report.findings == [
                .init(code: "unknown-device", severity: "error", path: "dev[1]", offset: 4299)
            ])
        #expect(report.messages[0][0].hasPrefix("Unknown savevm section or instance 'dev' 1. Make"))
    }

    @Test("A field that the target does not read, in the middle and at the end")
    func fieldUnknown() throws {
        #expect(
            try findings([DumpText.field("on", 1)]) == [
                .init(code: "field-unknown", severity: "error", path: "dev[1].n", offset: 4316)
            ])
        #expect(
            try findings([DumpText.field("n", 4)]) == [
                .init(code: "field-unknown", severity: "error", path: "dev[1].on", offset: 4320)
            ])
    }

    @Test("A field that the target reads and the stream lacks")
    func fieldNotSent() throws {
        #expect(
            try findings([
                DumpText.field("n", 4), DumpText.field("new", 2), DumpText.field("on", 1),
            ]) == [
                .init(code: "field-not-sent", severity: "error", path: "dev[1].new", offset: 4320)
            ])
        #expect(
            try findings([
                DumpText.field("n", 4), DumpText.field("on", 1), DumpText.field("new", 2),
            ]) == [
                .init(code: "field-not-sent", severity: "error", path: "dev[1].new", offset: 4321)
            ])
    }

    @Test("A field of a later version is not read, one with a predicate need not be")
    func fieldOfLaterVersion() throws {
        #expect(
            try findings([
                DumpText.field("n", 4), DumpText.field("later", 2, version: 3),
                DumpText.field("on", 1), DumpText.field("maybe", 8, exists: true),
            ]) == [])
        // Version 2 is the stream's own.
        #expect(
            try findings([
                DumpText.field("n", 4), DumpText.field("now", 2, version: 2),
                DumpText.field("on", 1),
            ]).map(\.code) == ["field-not-sent"])
    }

    @Test("A field of another length")
    func fieldSize() throws {
        let report = try report(
            DumpText.small(
                DumpText.body("dev", version: 2, [DumpText.field("n", 8), DumpText.field("on", 1)]))
        )
        #expect(
            report.findings == [
                .init(code: "field-size", severity: "error", path: "dev[1].n", offset: 4316)
            ])
        #expect(report.messages == [["Missing section footer for dev"]])
        // Two elements of 4 octets where one is sent.
        #expect(
            try findings([DumpText.field("n", 4, num: 2), DumpText.field("on", 1)]).map(\.code)
                == ["field-size"])
    }

    @Test("A field with another name and the same length is read all the same")
    func renamed() throws {
        #expect(
            try findings([DumpText.field("number", 4), DumpText.field("on", 1)]) == [
                .init(code: "field-renamed", severity: "note", path: "dev[1].n", offset: 4316)
            ])
    }

    @Test("Fields that moved into a structure, and octets that are unused now, are the same octets")
    func moved() throws {
        #expect(
            try findings([
                DumpText.field(
                    "inner", 16,
                    DumpText.body("part", [DumpText.field("n", 4), DumpText.field("on", 1)]))
            ]) == [])
        #expect(try findings([DumpText.field("unused", 1, num: 5)]) == [])
        #expect(try findings([DumpText.field("n", 4), DumpText.field("unused", 1, num: 1)]) == [])
    }

    @Test("Fields in another order are told")
    func order() throws {
        #expect(
            Set(try findings([DumpText.field("on", 1), DumpText.field("n", 4)]).map(\.code))
                == ["field-not-sent", "field-unknown"])
    }

    /// dev with a subsection of its own, as QEMU sends it.
    private static let withSubsection: [UInt8] = {
        var stream = Array(Self.stream[..<4321])
        stream += [5, 7] + Array("dev/sub".utf8) + [0, 0, 0, 3, 0xab]
        stream += Array(Self.stream[4321..<4352])
        let json = SmallStream.json.replacingOccurrences(
            of: #""type":"bool","size":1}]}"#,
            with: #""type":"bool","size":1}],"subsections":[{"vmsd_name":"dev/sub","version":3,"#
                + #""fields":[{"name":"x","type":"uint8","size":1}]}]}"#)
        return stream + [6, 0, 0, UInt8(json.utf8.count >> 8), UInt8(json.utf8.count & 255)]
            + Array(json.utf8)
    }()

    @Test(
        "Subsections: an unknown one, a newer one, an older one, another field in it",
        arguments: [
            (nil, 1, "x", "unknown-subsection", "dev[1].dev/sub", 4321),
            (2, 1, "x", "newer-version", "dev[1].dev/sub", 4321),
            (5, 4, "x", "older-version", "dev[1].dev/sub", 4321),
            (3, 1, "", "field-unknown", "dev[1].dev/sub.x", 4334),
        ] as [(Int?, Int, String, String, String, Int)])
    func subsection(
        version: Int?, minimum: Int, field: String, code: String, path: String, offset: Int
    ) throws {
        let fields = field.isEmpty ? [] : [DumpText.field(field, 1)]
        let subsections = version.map {
            [DumpText.body("dev/sub", version: $0, minimum: minimum, fields)]
        }
        let report = try report(
            DumpText.small(
                DumpText.body(
                    "dev", version: 2, [DumpText.field("n", 4), DumpText.field("on", 1)],
                    subsections: subsections)), stream: Self.withSubsection)
        #expect(
            report.findings == [.init(code: code, severity: "error", path: path, offset: offset)])
    }

    @Test("The machine type's name must begin as the stream's")
    func machine() throws {
        let other = try report(DumpText.small, "--machine", "nonesuch")
        #expect(other.findings == [])
        let wrong = try report(DumpText.small, "--machine", "non")
        #expect(
            wrong.findings == [
                .init(code: "machine-type", severity: "error", path: "configuration", offset: 8)
            ])
        #expect(
            wrong.messages == [["Machine type received is 'none' and local is 'non'"]])
    }

    @Test("Machine types up to 2.3 take no configuration section and no footers")
    func oldMachine() throws {
        let report = try report(DumpText.small, "--machine", "pc-i440fx-2.3")
        #expect(report.findings.map(\.code) == ["configuration-unexpected", "footers"])
        #expect(report.messages[0].first == "Unknown savevm section type 7")
    }

    @Test(
        "A distribution's own machine type does not tell whether it takes a configuration section",
        arguments: [
            ("pc-i440fx-trusty", 0), ("pc-i440fx-rhel7.6.0", 0), ("ubuntu", 0), ("pc-q35-2.4", 0),
            ("pc-i440fx-2.3", 2), ("pseries-2.3", 2), ("pc-q35", 0), ("xenfv", 2),
        ])
    func distributionMachine(_ machine: String, _ count: Int) throws {
        let report = try report(DumpText.small, "--machine", machine)
        let codes = report.findings.map(\.code).filter { $0 != "machine-type" }
        #expect(codes.count == count, "\(codes)")
    }

    @Test(
        "A stream without configuration section is refused by the machine types that want one",
        arguments: [("pc-i440fx-2.4", true), ("pc-i440fx-trusty", false), ("pc-i440fx-2.3", false)])
    func noConfiguration(_ machine: String, _ isRefused: Bool) throws {
        var stream = StreamBuilder(footers: false)
        stream.startRAM(2, RAM.blocks([("m", 0x1000)]) + RAM.endOfSection)
        stream.goOn(3, 2, RAM.endOfSection)
        stream.end()
        let report = try report(DumpText.small, stream: stream.octets, "--machine", machine)
        #expect(report.findings.map(\.code).contains("configuration-missing") == isRefused)
        #expect(report.findings.map(\.code).contains("footers") == isRefused)
    }

    @Test("What QEMU up to 7.0 registers outside of devices may be missing in a dump")
    func formerHandlers() throws {
        for (name, code) in [("ps2kbd", []), ("pci/lasips2", []), ("ps2kbx", ["unknown-device"])] {
            var stream = StreamBuilder()
            stream.configuration("none")
            stream.startRAM(2, RAM.blocks([("m", 0x1000)]) + RAM.endOfSection)
            stream.goOn(3, 2, RAM.endOfSection)
            stream.full(5, name, version: 3, [0, 0, 0, 1])
            stream.end(
                "{\"page_size\": 4096, \"devices\": [{\"name\": \"\(name)\", \"instance_id\": 0, "
                    + "\"vmsd_name\": \"\(name.split(separator: "/").last ?? "")\", \"version\": 3, "
                    + "\"fields\": [{\"name\": \"n\", \"type\": \"int32\", \"size\": 4}]}]}")
            let report = try report(DumpText.small, stream: stream.octets)
            #expect(report.findings.map(\.code) == code, "\(name)")
            #expect(report.gaps.contains("handlers") == code.isEmpty, "\(report.gaps)")
        }
    }

    @Test("RAM blocks of another length, by --ram")
    func blocks() throws {
        let report = try report(DumpText.small, "--ram", "m=0x4000", "--ram", "rom=8K")
        #expect(
            report.findings == [
                .init(code: "block-length", severity: "error", path: "ram/rom", offset: 57)
            ])
        #expect(report.messages == [["Size mismatch: rom: 0x1000 != 0x2000: Invalid argument"]])
        #expect(!report.gaps.contains("memory"))
    }

    /// The same stream without box, and with rom under another name.
    private static let other: [UInt8] = {
        var stream = Array(Self.stream[..<4326]) + [0]
        stream.replaceSubrange(93..<96, with: Array("bin".utf8))
        stream.replaceSubrange(4255..<4258, with: Array("bin".utf8))
        return stream
    }()

    @Test("A stream of the target machine tells its sections and RAM blocks")
    func like() throws {
        let folder = try TemporaryFolder()
        let input = try folder.store(Self.stream, as: "vm.mig")
        let other = try folder.store(Self.other, as: "other.mig")
        let report = try Self.report([input, "--against", other])
        #expect(
            report.findings == [
                .init(code: "unknown-block", severity: "error", path: "ram/rom", offset: 57),
                .init(code: "block-not-sent", severity: "warning", path: "ram/bin", offset: 57),
                .init(code: "unknown-section", severity: "error", path: "box[0]", offset: 4326),
            ])
        // The other way round, the target has more than comes.
        let back = try Self.report([other, "--against", input])
        #expect(
            back.findings.map(\.code) == ["unknown-block", "block-not-sent", "section-not-sent"])
    }

    @Test("A BER file of the stream is checked alike; its sections have their places in it")
    func berInput() throws {
        let folder = try TemporaryFolder()
        let input = try folder.store(Self.stream, as: "vm.mig")
        let target = try folder.store(
            Array(DumpText.dump([("box", 1, DumpText.box)]).utf8), as: "target.json")
        let ber = folder.file("vm.ber")
        try succeed(berth("encode", input, "-o", ber))
        let report = try Self.report([ber, "--against", target])
        #expect(report.findings.map(\.code) == ["unknown-device"])
        #expect(report.findings.map(\.path) == ["dev[1]"])
        // The target's stream may be a BER file as well.
        #expect(try Self.report([input, "--against", ber]).findings == [])
    }

    @Test("A description that QEMU did not finish is told to end in the middle")
    func cutDescription() throws {
        let folder = try TemporaryFolder()
        let text = Array(DumpText.small.utf8)
        let cut = try folder.store(Array(text.prefix(text.count / 2)), as: "target.json")
        let input = try folder.store(Self.stream, as: "vm.mig")
        let outcome = try berth("check", input, "--against", cut)
        #expect(outcome.status == 2)
        #expect(outcome.error.contains("a -dump-vmstate file: truncated: expected "))
        #expect(outcome.error.contains(", found the end\nhint: some QEMUs crash while they "))
    }

    @Test("A stream that describes no devices is held against the target's description itself")
    func undescribed() throws {
        let stream = Array(Self.stream[..<4352])
        #expect(try report(DumpText.small, stream: stream).gaps == ["devices", "memory", "code"])
        let other = try report(
            DumpText.small(DumpText.body("dev", version: 2, [DumpText.field("n", 8)])),
            stream: stream)
        #expect(other.gaps == ["sections", "devices", "memory", "code"])
        #expect(other.status == 0)
    }

    @Test("What can't be read is told; RAM of another version is refused")
    func unreadable() throws {
        let report = try report(DumpText.small, stream: SmallStream.changed(73, [5]))
        #expect(
            report.findings == [
                .init(code: "newer-version", severity: "error", path: "ram[0]", offset: 57)
            ])
        #expect(report.messages == [["savevm: unsupported version 5 for 'ram' v4"]])
        #expect(report.gaps.contains("rest"))
    }

    @Test("Pages that not every version takes are a warning")
    func records() throws {
        let report = try report(DumpText.small, stream: SmallStream.octets)
        #expect(
            report.findings == [
                .init(code: "page-record", severity: "warning", path: "ram", offset: 117)
            ])
        #expect(report.messages == [["Found a zero page with value 255"]])
        #expect(report.status == 0)
    }

    @Test("Two kinds of annotation for CI")
    func annotations() throws {
        let folder = try TemporaryFolder()
        let target = try folder.store(
            Array(DumpText.dump([("box", 1, DumpText.box)]).utf8), as: "target.json")
        let input = try folder.store(Self.stream, as: "vm,1.mig")
        let github = try berth("check", input, "--against", target, "--format", "github")
        #expect(github.status == 1)
        let file = input.replacingOccurrences(of: ",", with: "%2C")
        #expect(
            github.text
                == "::error file=\(file),title=berth check%3A unknown-device::dev[1]: the target's "
                + "program has no such device; found dev, version 2. QEMU: Unknown savevm section or "
                + "instance 'dev' 1. Make sure that your current VM setup matches your saved VM setup, "
                + "including any hotplugged devices\n")
        let gitlab = try berth("check", input, "--against", target, "--format", "gitlab")
        let issues = try #require(
            try JSONSerialization.jsonObject(with: Data(gitlab.output)) as? [[String: Any]])
        #expect(issues.count == 1)
        #expect(issues.first?["check_name"] as? String == "unknown-device")
        #expect(issues.first?["severity"] as? String == "major")
        #expect((issues.first?["fingerprint"] as? String)?.count == 16)
    }

    @Test("Wrong usage and unreadable files are told")
    func usage() throws {
        let folder = try TemporaryFolder()
        let input = try folder.store(Self.stream, as: "vm.mig")
        let dump = try folder.store(Array(DumpText.small.utf8), as: "d.json")
        let none = try berth("check", input)
        #expect(none.status == 64)
        #expect(
            none.error.hasPrefix("berth: there is nothing to check against\nhint: --against FILE"))
        let alone = try berth("check", dump, "--against", dump)
        #expect(alone.status == 64)
        #expect(alone.error.contains("is a -dump-vmstate file\nhint: two dumps are compared"))
        let both = try berth("check", dump, dump, "--against", dump)
        #expect(both.status == 64)
        let bad = try folder.store(Array("{\"a\": 5}".utf8), as: "bad.json")
        let unreadable = try berth("check", input, "--against", bad)
        #expect(unreadable.status == 2)
        #expect(unreadable.error.hasPrefix("berth: \(bad): offset 0x"))
        #expect(try berth("check", input, "--against", folder.file("none")).status == 2)
        #expect(try berth("check", input, "--against", dump, "--ram", "x").status == 64)
        #expect(try berth("check", input, "--against", dump, "--ram", "=5").status == 64)
        #expect(
            try berth("check", input, "--against", dump, "--ram", "m=99999999999G").status == 64)
    }

    @Test("A command that not all QEMUs know is no finding if the target's own stream has it")
    func commands() throws {
        let folder = try TemporaryFolder()
        func stream(_ command: UInt16?) -> [UInt8] {
            var builder = StreamBuilder()
            builder.startRAM(2, RAM.blocks([("m", 0x1000)]) + RAM.endOfSection)
            if let command { builder.command(command) }
            builder.goOn(3, 2, RAM.fill(0, "m") + RAM.endOfSection)
            builder.end()
            return builder.octets
        }
        // SWITCHOVER_START and ENABLE_COLO.
        for code: UInt16 in [11, 8] {
            let input = try folder.store(stream(code), as: "with\(code)")
            let without = try folder.store(stream(nil), as: "without")
            #expect(
                try Self.report([input, "--against", without]).findings.map(\.code) == ["command"])
            #expect(try Self.report([input, "--against", input]).findings.isEmpty)
        }
    }
}
