import TestSupport
import Testing

@Suite("Kinds of files")
struct KindTests {
    struct Case: Sendable {
        var kind: String
        /// How such files begin.
        var start: [UInt8]
        var hint: String
    }

    static let cases: [Case] = [
        Case(
            kind: "ELF file", start: octets("7f454c46 020101"),
            hint: "a memory dump or a program: it holds no migration stream")
    ]

    private static let expected =
        "expected a migration stream (QEVM) or a BER file (7f cd c5 51), found "

    @Test("Each is told by its first octets, with what to do", arguments: cases.indices)
    func known(index: Int) throws {
        let known = KindTests.cases[index]
        let folder = try TemporaryFolder()
        let path = try folder.store(known.start + [UInt8](repeating: 0xa5, count: 5000), as: "in")
        let error = """
            berth: \(path): offset 0x0: unsupported: \(KindTests.expected)\
            a file of kind: \(known.kind)
            hint: \(known.hint)

            """
        for command in ["encode", "decode"] {
            let outcome = try berth(command, path, "-o", folder.file("out"))
            #expect(outcome.error == error)
            #expect(outcome.status == 2)
            #expect(try folder.names == ["in"])
        }
        let info = try berth("info", path)
        #expect(info.text == "kind             \(known.kind)\n")
        #expect(info.error == error)
        #expect(info.status == 2)
        let summary = try Summary(try berth("info", "--json", path))
        #expect(summary["kind"] as? String == known.kind)
        #expect(summary["isWhole"] as? Bool == false)
        #expect(summary["size"] as? Int == known.start.count + 5000)
    }

    @Test("An empty input is its own kind, and no file comes of it")
    func empty() throws {
        let folder = try TemporaryFolder()
        let error = """
            berth: standard input: offset 0x0: truncated: \(KindTests.expected)an empty input
            hint: nothing was saved into it, or the program before it in the pipe failed

            """
        for command in ["encode", "decode"] {
            let outcome = try berth(command, "-o", folder.file("out"), input: .pipe([]))
            #expect(outcome.error == error)
            #expect(outcome.status == 2)
        }
        #expect(try folder.names == [])
        let info = try berth("info", input: .pipe([]))
        #expect(info.text == "kind             empty\n")
        #expect(info.error == error)
        #expect(info.status == 2)
        #expect(try berth("encode", input: .nothing).error == error)
    }

    @Test("Random octets are of no kind, and no file comes of them", arguments: 1...12)
    func random(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        // 80 in front is neither a magic nor zero.
        let input = [0x80] + generator.octets(Int.random(in: 0...5000, using: &generator))
        let folder = try TemporaryFolder()
        for command in ["encode", "decode"] {
            let outcome = try berth(command, "-o", folder.file("out"), input: .pipe(input))
            #expect(
                outcome.error == """
                    berth: standard input: offset 0x0: unsupported: \(KindTests.expected)neither
                    hint: another kind of file, or one that is encrypted or damaged at its start

                    """)
            #expect(outcome.status == 2)
        }
        #expect(try folder.names == [])
    }

    @Test("Random octets behind either magic are an error that names an offset", arguments: 1...12)
    func randomBehind(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let folder = try TemporaryFolder()
        let noise = generator.octets(3000)
        // An item of a type that there is not; an element that is not `version`.
        for (magic, offset) in [
            (octets("5145564d 00000003 66"), 8), (octets("7fcdc551 80 66 01"), 5),
        ] {
            let outcome = try berth("encode", "-o", folder.file("out"), input: .pipe(magic + noise))
            #expect(
                outcome.error.hasPrefix(
                    "berth: standard input: offset 0x\(String(offset, radix: 16)): "))
            #expect(outcome.status == 2)
        }
        #expect(try folder.names == [])
    }

    @Test("Kinds that Berth reads are told with their version")
    func own() throws {
        let stream = try berth("info", input: .pipe(SmallStream.octets))
        #expect(stream.lines.first == "kind             binary stream")
        for version in ["3", "4"] {
            let ber = try berth(
                "encode", "--schema-version", version, input: .pipe(SmallStream.octets))
            let outcome = try berth("info", input: .pipe(ber.output))
            #expect(outcome.lines.first == "kind             BER file, schema version \(version)")
        }
    }
}
