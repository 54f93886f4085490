import TestSupport
import Testing

/// A stream or a file that is cut off somewhere.
@Suite("Truncation")
struct TruncationTests {
    /// The stream's size is 11027. Every octet of what is not page content is a place of its own;
    /// within pages, every 97th.
    private static func points(_ count: Int, dense: [Range<Int>]) -> [Int] {
        (1..<count).filter { point in
            point % 97 == 0 || dense.contains { $0.contains(point) }
        }
    }

    private func check(_ whole: [UInt8], _ points: [Int], command: String) throws {
        let folder = try TemporaryFolder()
        for point in points {
            let outcome = try berth(
                command, "--quiet", "-o", folder.file("out"), input: .pipe(Array(whole[..<point])))
            let report = try Report(outcome)
            #expect(report.offset == point)
            #expect(report.file == "standard input")
            #expect(report.message.contains("truncated: expected "), "\(point): \(report.message)")
            #expect(report.hint?.contains("cut off") == true, "\(point)")
            #expect(outcome.status == 2, "\(point)")
        }
        #expect(try folder.names == [])
    }

    @Test(
        "A stream cut anywhere is told as truncated, at the place of the cut, and no file is left")
    func stream() throws {
        let whole = try Fixture.octets("avr-uno-7.2")
        #expect(whole.count == 11027)
        // The headers of the file, the configuration and the RAM section: 0 to 130. The pages end
        // and the device begins at 0x2578 = 9592; the vmdesc's JSON begins at 9948 (11027 - 1079),
        // its mark 06 at 9943, the end mark at 9942.
        #expect(Array(whole[9942..<9949]) == octets("00 06 00000437 7b"))
        let dense = [1..<130, 9580..<9660, 9920..<9952, 11020..<11027]
        var points = TruncationTests.points(whole.count, dense: dense)
        points.removeAll { $0 == 9943 }
        try check(whole, points, command: "encode")
        // There the stream is whole, though without its vmdesc.
        let outcome = try berth("encode", "-q", input: .pipe(Array(whole[..<9943])))
        #expect(outcome.status == 0)
        #expect(outcome.error == "")
    }

    @Test("A BER file cut anywhere is told so too", arguments: ["3", "4"])
    func ber(version: String) throws {
        let whole = try berth(
            "encode", "--schema-version", version, Fixture.path("avr-uno-7.2")
        ).output
        let dense = [1..<90, whole.count - 60..<whole.count]
        try check(whole, TruncationTests.points(whole.count, dense: dense), command: "decode")
    }

    @Test("From a file it is the same as through a pipe")
    func file() throws {
        let whole = SmallStream.octets
        let folder = try TemporaryFolder()
        for point in stride(from: 1, to: whole.count, by: 61) {
            let path = try folder.store(Array(whole[..<point]), as: "in")
            let outcome = try berth("encode", "-q", path, "-o", folder.file("out"))
            let report = try Report(outcome)
            #expect(report.offset == point)
            #expect(report.file == path)
            #expect(outcome.status == 2)
        }
        #expect(try folder.names == ["in"])
    }

    @Test("Dump lists what is there of a cut file, and tells the cut's place")
    func dump() throws {
        let whole = try berth("encode", Fixture.path("avr-uno-7.2")).output
        let all = try berth("dump", input: .pipe(whole)).lines
        for point in stride(from: 1, to: whole.count, by: 211) {
            let outcome = try berth("dump", input: .pipe(Array(whole[..<point])))
            let report = try Report(outcome)
            #expect(report.offset == point)
            #expect(report.hint == "the file was cut off, or it is no BER")
            #expect(outcome.status == 2)
            // The line of the value that is cut may be cut too.
            let lines = outcome.lines.dropLast()
            #expect(lines.elementsEqual(all.prefix(lines.count)))
            #expect(lines.count + 1 <= all.count)
        }
    }
}
