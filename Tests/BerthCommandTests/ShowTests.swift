import TestSupport
import Testing

/// `berth show`. The expectations are counted by hand from ``SmallStream`` and ``Samples``.
@Suite("show")
struct ShowTests {
    private static let small = """
        configuration
          machine  text  "none"
          configuration/target-page-bits  subsection  version 1
            target_page_bits  uint32  0xc (12)
        dev[1]  version 2, 5 octets, at 0x10cb
          n   uint32  5
          on  bool  true
        box[0]  version 1, 3 octets, at 0x10e6
          b  buffer[3]  c0 ff ee

        """

    @Test("The tree of a stream, whole")
    func tree() throws {
        let outcome = try berth("show", input: .pipe(SmallStream.octets))
        #expect(outcome.status == 0)
        #expect(outcome.text == Self.small)
        #expect(outcome.error == "")
    }

    @Test("A BER file of either version shows the same values", arguments: ["3", "4"])
    func forms(version: String) throws {
        let ber = try berth("encode", "--schema-version", version, input: .pipe(SmallStream.octets))
        let outcome = try berth("show", input: .pipe(ber.output))
        try succeed(outcome)
        // The section's place is another one there.
        func withoutPlaces(_ text: String) -> [String] {
            text.split(separator: "\n").map { line in
                line.firstRange(of: ", at 0x").map { String(line[..<$0.lowerBound]) }
                    ?? String(line)
            }
        }
        #expect(withoutPlaces(outcome.text) == withoutPlaces(Self.small))
    }

    @Test("Offsets are those of the values in the stream")
    func offsets() throws {
        let outcome = try berth(
            "show", "-", "dev", "configuration", "--offsets", input: .pipe(SmallStream.octets))
        // n stands at 4316, on at 4320; the machine's name behind the last octet of its length, 12;
        // the subsection at 17, its bits at 53.
        #expect(
            outcome.text == """
                configuration
                0000000c    machine  text  "none"
                00000011    configuration/target-page-bits  subsection  version 1
                00000035      target_page_bits  uint32  0xc (12)
                dev[1]  version 2, 5 octets, at 0x10cb
                000010dc    n   uint32  5
                000010e0    on  bool  true

                """)
    }

    @Test("A path prints its value, with wildcards all of them, in the stream's order")
    func paths() throws {
        let outcome = try berth(
            "show", "-", "box[*].b[1..2]", "**.on", "d?v[1].n", "*.machine",
            input: .pipe(SmallStream.octets))
        #expect(outcome.status == 0)
        #expect(
            outcome.text == """
                configuration.machine  text  "none"
                dev[1].n  uint32  5
                dev[1].on  bool  true
                box[0].b[1]  uint8  0xff (255)
                box[0].b[2]  uint8  0xee (238)

                """)
    }

    @Test("--values-only prints numbers in decimal and octets in hexadecimal, nothing else")
    func values() throws {
        let outcome = try berth(
            "show", "-", "*", "--values-only", input: .pipe(SmallStream.octets))
        #expect(outcome.text == "none\n12\n5\ntrue\nc0ffee\n")
        let element = try berth(
            "show", "--values-only", "-", "box.b[0]", input: .pipe(SmallStream.octets))
        #expect(element.text == "192\n")
    }

    @Test("--json tells path, type, value, hexadecimal digits, offset, place and size")
    func json() throws {
        let outcome = try berth("show", "-", "dev", "--json", input: .pipe(SmallStream.octets))
        #expect(
            outcome.text == """
                [
                {"path": "dev[1]", "section": "dev", "instance": 1, "version": 2, "sectionID": 5, \
                "offset": 4299, "size": 5, "described": true, "values": [
                  {"path": "dev[1].n", "type": "uint32", "value": 5, "hex": "00000005", \
                "offset": 4316, "at": 0, "size": 4},
                  {"path": "dev[1].on", "type": "bool", "value": true, \
                "offset": 4320, "at": 4, "size": 1}
                 ]}
                ]

                """)
        let none = try berth("show", "-", "zzzz", "--json", input: .pipe(SmallStream.octets))
        #expect(none.text == "[]\n")
        #expect(none.status == 1)
    }

    @Test("A path that means nothing: exit status 1, and the nearest paths; others are printed")
    func nothing() throws {
        let outcome = try berth(
            "show", "-", "dev.m", "box.b", "zzzzz", input: .pipe(SmallStream.octets))
        #expect(outcome.status == 1)
        #expect(outcome.text == "box[0].b  buffer[3]  c0 ff ee\n")
        #expect(
            outcome.error == """
                berth: standard input: nothing is at dev.m
                hint: there is dev[1].n, dev[1], dev[1].on
                berth: standard input: nothing is at zzzzz

                """)
    }

    @Test("A text that is no path is wrong usage", arguments: ["a[", "\"a", ""])
    func wrong(path: String) throws {
        let outcome = try berth("show", "-", path, input: .pipe(SmallStream.octets))
        #expect(outcome.status == 64)
        #expect(outcome.text == "")
        #expect(outcome.error.contains("hint: a path looks like "))
    }

    @Test("A stream without vmdesc shows octets; --like gives them names")
    func like() throws {
        // Without the vmdesc behind the end mark.
        let bare = Array(SmallStream.octets.prefix(4352))
        let outcome = try berth("show", "-", "dev", input: .pipe(bare))
        #expect(
            outcome.text == """
                dev[1]  version 2, 5 octets, not described, at 0x10cb
                  blob[5]  00 00 00 05 01

                """)
        let folder = try TemporaryFolder()
        let file = try folder.store(SmallStream.octets, as: "like")
        let like = try berth("show", "-", "dev", "--like", file, input: .pipe(bare))
        #expect(
            like.text == """
                dev[1]  version 2, 5 octets, at 0x10cb
                  n   uint32  5
                  on  bool  true

                """)
    }

    @Test("Subsections, negative numbers and small arrays")
    func samples() throws {
        let outcome = try berth("show", "-", "timer", "uart", input: .pipe(Samples.small))
        #expect(
            outcome.lines.filter { $0.hasPrefix(" ") } == [
                "  ticks  int64  -2",
                "  on     bool  true",
                "  fifo  uint8[3]  09 08 07",
                "  uart/irq  subsection  version 1",
                "    level  uint16  0x1234 (4660)",
            ])
    }

    @Test("A cut stream shows what came before, then the error, and exits with 2")
    func cut() throws {
        let outcome = try berth(
            "show", input: .pipe(Array(SmallStream.octets.prefix(4287))))
        #expect(outcome.status == 2)
        #expect(outcome.text.hasPrefix("configuration\n  machine  text  \"none\"\n"))
        #expect(outcome.error.contains("truncated"))
    }

    /// A card of QEMU 7.2 with mq=on and eight vectors, whose octets read as a device of the channel subsystem,
    /// too, but for its control unit.
    @Test("A virtio device on PCI is not taken for one of the channel subsystem")
    func transports() throws {
        let stream = Fixture.path("check/34").replacing(".mig", with: ".mig.zst")
        let shown = try berth("show", "-q", stream, "**.virtio.queue_count", "--values-only")
        try succeed(shown)
        // Receiving, sending, control.
        #expect(shown.text == "3\n")
    }
}
