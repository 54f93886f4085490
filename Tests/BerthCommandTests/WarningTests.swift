import TestSupport
import Testing

@Suite("Warnings")
struct WarningTests {
    /// SmallStream whose vmdesc says that "dev" has a field of 8 octets where there are 5: the
    /// footer shows where it ends, the fields don't fit. Its payload stands at 4316 = 0x10dc.
    private static let misfit = SmallStream.with(
        json: SmallStream.json.replacing(
            #""type":"uint32","size":4"#, with: #""type":"uint64","size":8"#))

    @Test("A device that its description does not fit is carried as a blob, with a warning")
    func blob() throws {
        let outcome = try berth("encode", input: .pipe(WarningTests.misfit))
        #expect(outcome.status == 0)
        #expect(
            outcome.error == "berth: warning: standard input: offset 0x10dc: dev: "
                + "carried as a blob, since its description does not fit: "
                + "the description claims 9 octets, the section has 5\n")
        #expect(try berth("decode", input: .pipe(outcome.output)).output == WarningTests.misfit)
        let info = try berth("info", input: .pipe(WarningTests.misfit))
        #expect(info.error == outcome.error)
        #expect(info.status == 0)
        #expect(
            info.lines.contains("5   dev             1        2    27  FULL                opaque"))
        let json = try berth("info", "--json", input: .pipe(WarningTests.misfit))
        #expect(json.error == "")
        let warning = try #require(try Summary(json).list("warnings").first)
        #expect(warning["code"] as? String == "device-as-blob")
        #expect(warning["offset"] as? Int == 0x10dc)
        #expect(warning["path"] as? String == "dev")
    }

    @Test("--quiet keeps warnings back, not errors", arguments: ["-q", "--quiet"])
    func quiet(option: String) throws {
        for command in ["encode", "info"] {
            let outcome = try berth(command, option, input: .pipe(WarningTests.misfit))
            #expect(outcome.error == "")
            #expect(outcome.status == 0)
            let cut = try berth(
                command, option, input: .pipe(Array(WarningTests.misfit.prefix(900))))
            #expect(cut.error.hasPrefix("berth: standard input: offset 0x384: "))
            #expect(cut.status == 2)
        }
        // What is written is the same.
        let loud = try berth("encode", input: .pipe(WarningTests.misfit)).output
        #expect(try berth("encode", option, input: .pipe(WarningTests.misfit)).output == loud)
    }

    @Test("Without a vmdesc the devices are blobs, told once, at the first one's offset")
    func noDescription() throws {
        // Up to the end mark: 4352 octets. The first device stands at 4299 = 0x10cb.
        let stream = Array(SmallStream.octets.prefix(4352))
        let outcome = try berth("encode", input: .pipe(stream))
        #expect(
            outcome.error == "berth: warning: standard input: offset 0x10cb: "
                + "no vmdesc describes the devices here: they are carried as blobs\n")
        #expect(outcome.status == 0)
        #expect(try berth("decode", input: .pipe(outcome.output)).output == stream)
    }

    @Test("--verbose tells how much was read and written")
    func verbose() throws {
        let folder = try TemporaryFolder()
        let input = try folder.store(SmallStream.octets, as: "in")
        let out = folder.file("out")
        for option in ["-v", "--verbose"] {
            let named = try berth("encode", option, input, "-o", out)
            let size = try contents(of: out).count
            #expect(named.error == "berth: read 4644 octets of \(input), wrote \(size) octets\n")
            let piped = try berth("encode", option, input: .pipe(SmallStream.octets))
            #expect(piped.error == "berth: read 4644 octets of standard input\n")
        }
    }
}
