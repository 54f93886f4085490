import ByteIO
import Migration
import TestSupport
import Testing

/// The annotation `berth:section` of version 3, which says the type of the section that comes next.
@Suite("Version 3: a section's type")
struct SectionTypeTests {
    private static func annotation(_ word: String, _ contents: [UInt8]) -> [UInt8] {
        tlv(
            "7f8f53",
            text("berth:" + word) + octets("02 01 00 02 01 00 02 01 00") + tlv("04", contents))
    }

    private static let beginning =
        annotation("stream", tlv("30", octets("02 01 03") + text("t")))
        + annotation("configuration", tlv("7fc346", text("m")))

    private static let named = tlv(
        "7f8f53", text("d") + octets("02 01 05 02 01 00 02 01 01 04 01 ff"))
    private static let part = tlv("7f8153", octets("02 01 05") + tlv("7fcc52", []))

    /// The file, and where the item behind the annotation stands in it.
    private static func file(_ type: UInt8, _ item: [UInt8]) -> (octets: [UInt8], offset: UInt64) {
        let before = beginning + annotation("section", [type])
        // The file's tag, its form, the version, and the head of the list: 4 + 1 + 3 + 2.
        return (
            open("7fcdc551", octets("02 01 03") + open("30", before + item)),
            UInt64(10 + before.count)
        )
    }

    @Test("A section with its name is a START or FULL, one without a PART or END")
    func types() throws {
        for type: UInt8 in 1...4 {
            for (item, isNamed) in [(Self.named, true), (Self.part, false)] {
                let file = Self.file(type, item)
                if isNamed == [1, 4].contains(type) {
                    let stream = try decode(ByteSource(octets: file.octets))
                    // Magic, version, the machine's name in 1 + 4 + 1 octets.
                    #expect(stream[14] == type)
                    #expect(hex(stream[15..<19]) == hex(octets("00 00 00 05")))
                    continue
                }
                let error = try #require(throws: MigrationError.self) {
                    try decode(ByteSource(octets: file.octets))
                }
                #expect(error.code == .corrupt)
                #expect(error.offset == file.offset)
                #expect(error.path == "QemuFile.top[3]." + (isNamed ? "full" : "min"))
                #expect(error.found == "0\(type)")
            }
        }
    }
}
