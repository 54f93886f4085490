import TestSupport
import Testing

/// How a command gets its input or gives its output.
enum Way: String, CaseIterable {
    case named, redirected, piped
}

@Suite("Round trip")
struct RoundTripTests {
    private static let forms = ["3", "4"]

    @Test(
        "Encode and decode give the same octets, by file, redirect and pipe",
        arguments: Fixture.names, forms)
    func everyWay(name: String, version: String) throws {
        let original = try Fixture.octets(name)
        let folder = try TemporaryFolder()
        for way in Way.allCases {
            let encoded: [UInt8]
            let decoded: [UInt8]
            switch way {
            case .named:
                let ber = folder.file("a.ber")
                let back = folder.file("a.mig")
                try succeed(
                    berth("encode", Fixture.path(name), "--schema-version", version, "-o", ber))
                try succeed(berth("decode", ber, "--output", back))
                encoded = try contents(of: ber)
                decoded = try contents(of: back)
            case .redirected:
                let ber = try folder.store([], as: "b.ber")
                let back = try folder.store([], as: "b.mig")
                try succeed(
                    berth(
                        "encode", "-", "--schema-version", version,
                        input: .file(Fixture.path(name)), output: .file(ber)))
                try succeed(berth("decode", input: .file(ber), output: .file(back)))
                encoded = try contents(of: ber)
                decoded = try contents(of: back)
            case .piped:
                let first = try berth("encode", "--schema-version", version, input: .pipe(original))
                try succeed(first)
                let second = try berth("decode", "-", "-o", "-", input: .pipe(first.output))
                try succeed(second)
                encoded = first.output
                decoded = second.output
            }
            #expect(decoded == original, "\(way)")
            // Both versions begin with the outer tag [APPLICATION 1270481] and their number.
            #expect(encoded.prefix(8) == octets("7fcdc551 80 0201")[...] + [version == "3" ? 3 : 4])
        }
    }

    @Test("The same input gives the same file, named or redirected")
    func deterministic() throws {
        for name in Fixture.names.prefix(4) {
            let named = try berth("encode", Fixture.path(name))
            let redirected = try berth("encode", input: .file(Fixture.path(name)))
            #expect(named.output == redirected.output)
            #expect(named.status == 0)
        }
    }

    @Test("Encode turns a BER file into the other version, and decode still gives the stream")
    func versions() throws {
        let name = "tricore-testboard-11.1"
        let three = try berth("encode", "--schema-version=3", Fixture.path(name))
        let four = try berth("encode", "--schema-version=4", Fixture.path(name))
        let turned = try berth("encode", "--schema-version=3", input: .pipe(four.output))
        #expect(turned.output == three.output)
        let back = try berth("encode", input: .pipe(three.output))
        #expect(back.output == four.output)
    }

    @Test("Decode of a binary stream gives it as it is")
    func binary() throws {
        let outcome = try berth("decode", input: .pipe(SmallStream.octets))
        #expect(outcome.output == SmallStream.octets)
        #expect(outcome.status == 0)
    }

    @Test("Octets of zero before the stream and others behind it come back")
    func around() throws {
        let stream = Array(repeating: 0, count: 4096) + SmallStream.octets + octets("00 ff 6279 65")
        for version in RoundTripTests.forms {
            let encoded = try berth("encode", "--schema-version", version, input: .pipe(stream))
            try succeed(encoded)
            #expect(try berth("decode", input: .pipe(encoded.output)).output == stream)
        }
    }
}
