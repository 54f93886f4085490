import ByteIO
import Migration
import TestSupport
import Testing

/// Devices whose octets and description disagree, and descriptions made to do harm.
@Suite("Binary stream: devices that don't fit")
struct MisfitTests {
    @Test("A device longer than described is a blob; the warning names it and the place")
    func tooLong() throws {
        let warnings = Warnings()
        #expect(
            try Device.line("0102030405", Device.field("a", "uint32", 4), warnings: warnings)
                == "opaque 0102030405")
        #expect(warnings.all.map(\.code) == [.deviceAsBlob])
        #expect(warnings.all.first?.path == "dev")
        #expect(warnings.all.first?.offset == Device.bodyOffset)
    }

    @Test("A subsection with another name makes the device a blob, at the subsection")
    func otherSubsection() throws {
        let warnings = Warnings()
        let more = #", "subsections": [{"vmsd_name": "dev/a", "version": 1, "fields": []}]"#
        #expect(
            try Device.line(
                "07 05 05 6465762f62 00000001", Device.field("f", "uint8", 1), more,
                warnings: warnings)
                == "opaque 0705056465762f6200000001")
        #expect(warnings.all.first?.code == .deviceAsBlob)
        #expect(warnings.all.first?.path == "dev.dev/a")
        #expect(warnings.all.first?.offset == Device.bodyOffset + 1)
    }

    @Test("An inner structure that doesn't fit its size is a blob of that size")
    func innerMisfit() throws {
        let warnings = Warnings()
        let inner =
            #", "struct": {"vmsd_name": "s", "version": 1, "fields": ["#
            + Device.field("x", "uint8", 1) + "]}"
        #expect(
            try Device.line(
                "01 0203 04",
                [
                    Device.field("a", "uint8", 1), Device.field("s", "struct", 2, inner),
                    Device.field("b", "uint8", 1),
                ]
                .joined(separator: ","), warnings: warnings)
                == "{a: uint8 1, s: blob 0203, b: uint8 4}")
        #expect(warnings.all.map(\.code) == [.fieldAsBlob])
        #expect(warnings.all.first?.path == "dev.s")
        #expect(warnings.all.first?.offset == Device.bodyOffset + 1)
    }

    @Test("A list whose marks are wrong is a blob")
    func badList() throws {
        let one = Device.element("e", Device.field("x", "uint8", 1))
        for body in ["02 0a 00", "01 0a 01"] {
            let warnings = Warnings()
            #expect(
                try Device.line(body, Device.field("q", "qtailq", 3, one), warnings: warnings)
                    == "{q: blob \(hex(octets(body)))}")
            #expect(warnings.all.map(\.code) == [.fieldAsBlob])
        }
    }

    @Test("A vmdesc that lists other devices, or fewer, is refused at the section")
    func otherDevices() {
        let stream = Device.stream([1], Device.field("f", "uint8", 1))
        let renamed = Array(
            String(decoding: stream, as: UTF8.self).replacing(
                #""name": "dev""#, with: #""name": "div""#
            ).utf8)
        #expect(throws: MigrationError.self) { try events(renamed) }
        var two = StreamBuilder()
        two.configuration("m")
        two.startRAM(2, RAM.endOfSection)
        two.full(0, "dev", [1])
        two.full(1, "dev2", [1])
        two.append(Array(stream[(Int(Device.bodyOffset) + 1 + 5)...]))
        do {
            _ = try events(two.octets)
            Issue.record("no error")
        } catch {
            #expect(error.code == .corrupt, "\(error)")
        }
    }

    @Test("Structures inside each other as deep as JSON may be come back")
    func deepNesting() throws {
        var fields = Device.field("x", "uint8", 1)
        for _ in 0..<150 {
            fields = Device.field(
                "s", "struct", 1, #", "struct": {"vmsd_name": "s", "fields": [\#(fields)]}"#)
        }
        let stream = Device.stream([5], fields)
        #expect(try events(stream)[5].hasPrefix("{s: {s: {s: "))
        for format in Format.allCases {
            #expect(
                try decode(ByteSource(octets: encode(ByteSource(octets: stream), format))) == stream
            )
        }
    }

    @Test("A description that makes endless values of few octets becomes a blob")
    func valueBomb() throws {
        // Four arrays of 4000 empty structures inside each other: 2.56e14 values of no octets.
        var fields = Device.field("x", "buffer", 0)
        for _ in 0..<4 {
            fields = Device.field(
                "s", "struct", 0,
                #", "array_len": 4000, "struct": {"vmsd_name": "s", "fields": [\#(fields)]}"#)
        }
        let warnings = Warnings()
        #expect(
            try Device.line("09", fields + "," + Device.field("b", "uint8", 1), warnings: warnings)
                == "opaque 09")
        #expect(warnings.all.map(\.code).contains(.deviceAsBlob))
    }

    @Test("A description that never adds up is given up in time")
    func refitBomb() throws {
        // Each level claims three octets too many, has three arrays that may be to blame, and a
        // subsection that isn't there: to try all of them at all levels would take 3^40 turns.
        var fields = Device.field("x", "uint8", 1)
        var size = 1
        for _ in 0..<40 {
            let arrays = ["p", "q", "r"].map {
                Device.field($0, "nullptr", 1, #", "array_len": 3"#)
            }
            fields =
                Device.field(
                    "s", "struct", size,
                    #", "struct": {"vmsd_name": "s", "fields": [\#(fields)"#
                        + (size == 1
                            ? "]}"
                            : #"], "subsections": [{"vmsd_name": "zz", "version": 1, "fields": []}]}"#)
                )
                + "," + arrays.joined(separator: ",")
            size += 14
        }
        fields = Device.field(
            "s", "struct", size,
            #", "struct": {"vmsd_name": "s", "fields": [\#(fields)], "#
                + #""subsections": [{"vmsd_name": "zz", "version": 1, "fields": []}]}"#)
        let body = String(repeating: "30", count: size)
        let warnings = Warnings()
        let line = try Device.line(body, fields, warnings: warnings)
        #expect(line.hasPrefix("opaque") || line.hasPrefix("{"))
        #expect(!warnings.all.isEmpty)
    }
}
