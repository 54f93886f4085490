import TestSupport
import Testing

@Suite("Validation of Berth's own files")
struct ValidateTests {
    @Test(
        "What encode writes is valid by the schema that the program carries with it",
        arguments: Fixture.names, ["3", "4"])
    func encoded(name: String, version: String) throws {
        let folder = try TemporaryFolder()
        let ber = folder.file("a.ber")
        try succeed(
            berth("encode", "-q", Fixture.path(name), "--schema-version", version, "-o", ber))
        let outcome = try berth("validate", ber)
        #expect(outcome.status == 0)
        #expect(outcome.text.contains("valid QemuFile by qemu-v\(version).asn"))
    }

    // SecFull's tag in version 4, one bit of its number changed: no item has that.
    @Test("A file with a tag that no item has is not valid, and the place is told")
    func damaged() throws {
        let folder = try TemporaryFolder()
        let ber = folder.file("a.ber")
        try succeed(berth("encode", "-q", Fixture.path(Fixture.names[0]), "-o", ber))
        var octets = try contents(of: ber)
        // [APPLICATION 2003], constructed: 7f 8f 53 (X.690 8.1.2.4).
        let place = try #require(
            octets.indices.dropLast(2).first {
                octets[$0] == 0x7f && octets[$0 + 1] == 0x8f && octets[$0 + 2] == 0x53
            })
        octets[place + 2] = 0x52
        let outcome = try berth("validate", "--format", "line", try folder.store(octets, as: "b"))
        #expect(outcome.status == 1)
        #expect(outcome.text.contains("no-choice-alternative"))
    }
}
