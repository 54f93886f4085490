import ByteIO
import Migration
import TestSupport
import Testing

/// Devices by their vmdesc (reference, sections 7 to 9).
@Suite("Binary stream: devices")
struct DeviceTests {
    /// A stream with one device `dev`, whose vmdesc has these fields (and what else is given).
    static func stream(_ body: [UInt8], _ fields: String, _ more: String = "") -> [UInt8] {
        var stream = StreamBuilder()
        stream.configuration("m")
        stream.startRAM(2, RAM.endOfSection)
        stream.full(0, "dev", body)
        stream.end(
            #"{"page_size": 4096, "devices": [{"name": "dev", "instance_id": 0, "#
                + #""vmsd_name": "dev", "version": 1, "fields": [\#(fields)]\#(more)}]}"#)
        return stream.octets
    }

    /// Where `stream`'s body begins: header, configuration, RAM, the section's header.
    static let bodyOffset: UInt64 = 8 + 6 + (17 + 8 + 5) + 17

    private func device(
        _ hexBody: String, _ fields: String, _ more: String = "", warnings: Warnings = Warnings(),
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws -> String {
        let stream = Self.stream(octets(hexBody), fields, more)
        let lines = try events(stream, warnings: warnings)
        #expect(
            try rewrite(ByteSource(octets: stream)) == stream, sourceLocation: sourceLocation)
        return lines[5]
    }

    private func field(_ name: String, _ type: String, _ size: Int, _ more: String = "") -> String {
        #"{"name": "\#(name)", "type": "\#(type)"\#(more), "size": \#(size)}"#
    }

    /// 8.1 and 8.4: what QEMU's type names put on the wire.
    static let scalars: [(String, Int, String, String)] = [
        ("bool", 1, "00", "false"), ("bool", 1, "01", "true"),
        // True for QEMU, but a BOOLEAN would not give it back.
        ("bool", 1, "02", "uint8 2"),
        ("int8", 1, "ff", "int8 -1"), ("uint8", 1, "ff", "uint8 255"),
        ("uint8 equal", 1, "80", "uint8 128"),
        ("int16", 2, "8000", "int16 -32768"), ("uint16", 2, "8000", "uint16 32768"),
        ("uint16 equal", 2, "0102", "uint16 258"),
        ("int32", 4, "fffffffe", "int32 -2"), ("int32 equal", 4, "7fffffff", "int32 2147483647"),
        ("uint32", 4, "fffffffe", "uint32 4294967294"),
        ("uint32 equal", 4, "00000100", "uint32 256"),
        // Big-endian all the same: "le" is "less or equal".
        ("int32 le", 4, "00000001", "int32 1"),
        ("int64", 8, "8000000000000000", "int64 -9223372036854775808"),
        ("uint64", 8, "ffffffffffffffff", "uint64 18446744073709551615"),
        ("uint64 equal", 8, "0000000000000001", "uint64 1"),
        // The unsigned type that must be equal really has this name.
        ("int64 equal", 8, "ffffffffffffffff", "uint64 18446744073709551615"),
        ("timer", 8, "ffffffffffffffff", "int64 -1"),
        ("CPU_Double_U", 8, "3ff0000000000000", "uint64 4607182418800017408"),
        ("float64", 8, "3ff0000000000000", "uint64 4607182418800017408"),
        ("cpsr", 4, "40000000", "uint32 1073741824"), ("fpcr", 8, "0000000000000003", "uint64 3"),
        ("powered_off", 1, "01", "uint8 1"), ("sreg", 1, "82", "uint8 130"),
        ("int32_as_uint16", 2, "0102", "uint16 258"),
        // The name is no key: two words of a MIPS register, 16 octets of AltiVec.
        ("fpr", 16, "00112233445566778899aabbccddeeff", "blob 00112233445566778899aabbccddeeff"),
        ("avr", 16, "00112233445566778899aabbccddeeff", "blob 00112233445566778899aabbccddeeff"),
        ("uint32", 3, "010203", "blob 010203"),
        ("buffer", 3, "7e0000", "blob 7e0000"), ("unused_buffer", 2, "0000", "blob 0000"),
        ("bitmap", 8, "0000000000000005", "blob 0000000000000005"),
        ("GByteArray", 6, "00000002aabb", "blob 00000002aabb"),
        ("virtio", 2, "0102", "blob 0102"), ("unknown", 1, "09", "blob 09"),
        ("msix state", 0, "", "blob "),
        ("nullptr", 1, "30", "absent"), ("ptr-marker", 1, "30", "absent"),
        ("ptr-marker", 1, "31", "uint8 49"),
    ]

    @Test("Every type of field is what QEMU puts on the wire", arguments: scalars)
    func scalar(_ type: String, _ size: Int, _ body: String, _ expected: String) throws {
        #expect(try device(body, field("f", type, size)) == "{f: \(expected)}")
    }

    @Test("An array of scalars is one value, one of structures has a value for each")
    func arrays() throws {
        #expect(
            try device("0001 ffff", field("a", "int16", 2, #", "array_len": 2"#))
                == "{a: int16s 0001ffff}")
        let structure =
            #", "array_len": 2, "struct": {"vmsd_name": "s", "version": 1, "fields": ["#
            + field("x", "uint8", 1) + "," + field("y", "uint16", 2) + "]}"
        #expect(
            try device("01 0002 03 0004", field("a", "struct", 3, structure))
                == "{a: array[{x: uint8 1, y: uint16 2}, {x: uint8 3, y: uint16 4}]}")
        #expect(
            try device("aabb ccdd", field("a", "buffer", 2, #", "array_len": 2"#))
                == "{a: array[blob aabb, blob ccdd]}")
    }

    @Test("Elements told one by one, with index or without, are one array (9.5)")
    func indices() throws {
        let parts = (0..<3).map { field("a", "uint8", 1, #", "index": \#($0)"#) }
        #expect(
            try device("010203 ff", parts.joined(separator: ",") + "," + field("b", "int8", 1))
                == "{a: array[uint8 1, uint8 2, uint8 3], b: int8 -1}")
        let plain = [field("a", "uint8", 1), field("a", "uint16", 2)].joined(separator: ",")
        #expect(try device("01 0203", plain) == "{a: array[uint8 1, uint16 515]}")
    }

    @Test("Structures have their own subsections, in the middle of what is around (7.1)")
    func nestedSubsections() throws {
        let subsection =
            #", "subsections": [{"vmsd_name": "s/t", "version": 3, "fields": ["#
            + field("z", "uint8", 1) + "]}]"
        let inner =
            #", "struct": {"vmsd_name": "s", "version": 1, "fields": ["#
            + field("x", "uint8", 1) + "]" + subsection + "}"
        // 1 + 6 + 3 + 1 octets.
        #expect(
            try device(
                "01 05 03 732f74 00000003 02  09",
                field("s", "struct", 11, inner) + "," + field("b", "uint8", 1))
                == "{s: {x: uint8 1, s/t v3 {z: uint8 2}}, b: uint8 9}")
    }

    @Test("A device's subsections stand behind its fields, with versions of 32 bits (7.4)")
    func subsections() throws {
        let more =
            #", "subsections": [{"vmsd_name": "dev/a", "version": 1, "fields": ["#
            + field("x", "uint8", 1) + #"]}, {"vmsd_name": "dev/b", "version": 1, "fields": [], "#
            + #""subsections": [{"vmsd_name": "dev/b/c", "version": 1, "fields": []}]}]"#
        #expect(
            try device(
                "07  05 05 6465762f61 80000001 02  05 05 6465762f62 00000001 "
                    + "05 07 6465762f622f63 00000009",
                field("f", "uint8", 1), more)
                == "{f: uint8 7, dev/a v2147483649 {x: uint8 2}, "
                + "dev/b v1 {dev/b/c v9 {}}}")
    }

    @Test("vstruct and tmp have their members in place of `struct` (9.4)")
    func inPlace() throws {
        for type in ["vstruct", "tmp", "vdagent/cbinfos"] {
            let members =
                #", "vmsd_name": "v", "version": 2, "fields": ["#
                + field("x", "uint16", 2) + "]"
            #expect(
                try device("0102 03", field("v", type, 2, members) + "," + field("b", "int8", 1))
                    == "{v: {x: uint16 258}, b: int8 3}")
        }
    }

    private func element(_ name: String, _ inner: String) -> String {
        #", "vmsd_name": "\#(name)", "version": 1, "fields": [\#(inner)]"#
    }

    @Test("Lists are told by keys that repeat: 01 before each element, 00 behind (8.3, 9.4)")
    func lists() throws {
        for type in ["qtailq", "qlist"] {
            let one = element("e", field("x", "uint8", 1) + "," + field("y", "uint8", 1))
            #expect(
                try device("01 0a0b 01 0c0d 00", field("q", type, 7, one + one))
                    == "{q: list[{x: uint8 10, y: uint8 11}, {x: uint8 12, y: uint8 13}]}")
            #expect(try device("00", field("q", type, 1)) == "{q: list[]}")
        }
    }

    @Test("Trees have a count, and keys by a description or as 64 bits (8.3)")
    func trees() throws {
        let key = element("k", field("id", "uint8", 1))
        let value = element("v", field("x", "uint16", 2))
        #expect(
            try device(
                "00000002 01 05 0102 01 06 0304 00",
                field("t", "gtree", 13, key + value + key + value))
                == "{t: tree[{id: uint8 5}, {x: uint16 258}, {id: uint8 6}, {x: uint16 772}]}")
        #expect(
            try device("00000001 01 0000000000000007 0102 00", field("t", "gtree", 16, value))
                == "{t: tree[uint64 7, {x: uint16 258}]}")
        #expect(try device("00000000 00", field("t", "gtree", 5)) == "{t: tree[]}")
    }

    // MARK: Null pointers (9.4, 9.5)

    private let target =
        #", "struct": {"vmsd_name": "p", "version": 1, "fields": [{"name": "x", "#
        + #""type": "uint16", "size": 2}]}"#

    @Test("Up to 9.2 a null pointer is a structure without a description")
    func nullsOldest() throws {
        let null = field("p", "struct", 1, #", "array_len": 3, "struct": {}"#)
        #expect(try device("303030", null) == "{p: array[absent, absent, absent]}")
    }

    @Test("Up to 9.2 a first null hides what stands behind: it becomes a blob, with a warning")
    func nullsHideOthers() throws {
        let warnings = Warnings()
        let null = field("p", "struct", 1, #", "array_len": 4, "struct": {}"#)
        // Two nulls, a structure of 3 octets, a null: six octets where four are claimed.
        #expect(
            try device("3030 010203 30 09", null + "," + field("b", "uint8", 1), warnings: warnings)
                == "{p: array[absent, absent, blob 01020330], b: uint8 9}")
        #expect(warnings.all.map(\.code) == [.fieldAsBlob])
        #expect(warnings.all.first?.path == "dev.p")
        #expect(warnings.all.first?.offset == Self.bodyOffset + 2)
    }

    @Test("Up to 9.2 a first pointer's description serves all that are not null")
    func firstDescribesOthers() throws {
        let all = field("p", "struct", 2, #", "array_len": 4"# + target)
        #expect(
            try device("0102 30 0304 30", all)
                == "{p: array[{x: uint16 258}, absent, {x: uint16 772}, absent]}")
    }

    @Test("10.0 to 11.0 tell runs, the first of them too long")
    func nullsSplit() throws {
        let fields = [
            field("p", "struct", 2, #", "array_len": 4"# + target), field("p", "nullptr", 1),
            field("p", "struct", 2, target), field("p", "nullptr", 1),
        ]
        #expect(
            try device("0102 30 0304 30", fields.joined(separator: ","))
                == "{p: array[{x: uint16 258}, absent, {x: uint16 772}, absent]}")
    }

    @Test("11.1 tells runs of markers; pointers that it allocates have one each")
    func nullsMarked() throws {
        let runs = [
            field("p", "ptr-marker", 1, #", "array_len": 3"#), field("p", "struct", 2, target),
        ]
        #expect(
            try device("303030 0102", runs.joined(separator: ","))
                == "{p: array[absent, absent, absent, {x: uint16 258}]}")
        let allocated = [
            field("p", "ptr-marker", 1), field("p", "struct", 2, target),
            field("p", "ptr-marker", 1),
        ]
        #expect(
            try device("31 0102 30", allocated.joined(separator: ","))
                == "{p: array[uint8 49, {x: uint16 258}, absent]}")
    }

    @Test("11.1 leaves a single last element out (9.5, defect 5)")
    func undescribedLast() throws {
        let run = field("p", "struct", 2, #", "array_len": 2"# + target)
        #expect(
            try device("0102 0304 30", run)
                == "{p: array[{x: uint16 258}, {x: uint16 772}, absent]}")
    }

    @Test("Capability strings longer than the first are decoded or kept (9.5, defect 2)")
    func variableElements() throws {
        let body = "03 616263 05 6465666768"
        // 8 octets are claimed, 10 stand there.
        #expect(
            try device(body, field("c", "capability", 4, #", "array_len": 2"#))
                == "{c: array[blob 03616263056465666768]}")
    }

    // MARK: What doesn't fit

    @Test("A device longer than described is a blob; the warning names it and the place")
    func tooLong() throws {
        let warnings = Warnings()
        #expect(
            try device("0102030405", field("a", "uint32", 4), warnings: warnings)
                == "opaque 0102030405")
        #expect(warnings.all.map(\.code) == [.deviceAsBlob])
        #expect(warnings.all.first?.path == "dev")
        #expect(warnings.all.first?.offset == Self.bodyOffset)
    }

    @Test("A subsection with another name makes the device a blob, at the subsection")
    func otherSubsection() throws {
        let warnings = Warnings()
        let more = #", "subsections": [{"vmsd_name": "dev/a", "version": 1, "fields": []}]"#
        #expect(
            try device(
                "07 05 05 6465762f62 00000001", field("f", "uint8", 1), more, warnings: warnings)
                == "opaque 0705056465762f6200000001")
        #expect(warnings.all.first?.code == .deviceAsBlob)
        #expect(warnings.all.first?.path == "dev.dev/a")
        #expect(warnings.all.first?.offset == Self.bodyOffset + 1)
    }

    @Test("An inner structure that doesn't fit its size is a blob of that size")
    func innerMisfit() throws {
        let warnings = Warnings()
        let inner =
            #", "struct": {"vmsd_name": "s", "version": 1, "fields": ["#
            + field("x", "uint8", 1) + "]}"
        #expect(
            try device(
                "01 0203 04",
                [field("a", "uint8", 1), field("s", "struct", 2, inner), field("b", "uint8", 1)]
                    .joined(separator: ","), warnings: warnings)
                == "{a: uint8 1, s: blob 0203, b: uint8 4}")
        #expect(warnings.all.map(\.code) == [.fieldAsBlob])
        #expect(warnings.all.first?.path == "dev.s")
        #expect(warnings.all.first?.offset == Self.bodyOffset + 1)
    }

    @Test("A list whose marks are wrong is a blob")
    func badList() throws {
        let one = element("e", field("x", "uint8", 1))
        for body in ["02 0a 00", "01 0a 01"] {
            let warnings = Warnings()
            #expect(
                try device(body, field("q", "qtailq", 3, one), warnings: warnings)
                    == "{q: blob \(hex(octets(body)))}")
            #expect(warnings.all.map(\.code) == [.fieldAsBlob])
        }
    }

    @Test("A vmdesc that lists other devices, or fewer, is refused at the section")
    func otherDevices() {
        let stream = Self.stream([1], field("f", "uint8", 1))
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
        two.append(Array(stream[(Int(Self.bodyOffset) + 1 + 5)...]))
        do {
            _ = try events(two.octets)
            Issue.record("no error")
        } catch {
            #expect(error.code == .corrupt, "\(error)")
        }
    }

    @Test("Structures inside each other as deep as JSON may be come back")
    func deepNesting() throws {
        var fields = field("x", "uint8", 1)
        for _ in 0..<150 {
            fields = field(
                "s", "struct", 1, #", "struct": {"vmsd_name": "s", "fields": [\#(fields)]}"#)
        }
        let stream = Self.stream([5], fields)
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
        var fields = field("x", "buffer", 0)
        for _ in 0..<4 {
            fields = field(
                "s", "struct", 0,
                #", "array_len": 4000, "struct": {"vmsd_name": "s", "fields": [\#(fields)]}"#)
        }
        let warnings = Warnings()
        #expect(
            try device("09", fields + "," + field("b", "uint8", 1), warnings: warnings)
                == "opaque 09")
        #expect(warnings.all.map(\.code).contains(.deviceAsBlob))
    }

    @Test("A description that never adds up is given up in time")
    func refitBomb() throws {
        // Each level claims three octets too many, has three arrays that may be to blame, and a
        // subsection that isn't there: to try all of them at all levels would take 3^40 turns.
        var fields = field("x", "uint8", 1)
        var size = 1
        for _ in 0..<40 {
            let arrays = ["p", "q", "r"].map { field($0, "nullptr", 1, #", "array_len": 3"#) }
            fields =
                field(
                    "s", "struct", size,
                    #", "struct": {"vmsd_name": "s", "fields": [\#(fields)"#
                        + (size == 1
                            ? "]}"
                            : #"], "subsections": [{"vmsd_name": "zz", "version": 1, "fields": []}]}"#)
                )
                + "," + arrays.joined(separator: ",")
            size += 14
        }
        fields = field(
            "s", "struct", size,
            #", "struct": {"vmsd_name": "s", "fields": [\#(fields)], "#
                + #""subsections": [{"vmsd_name": "zz", "version": 1, "fields": []}]}"#)
        let body = String(repeating: "30", count: size)
        let warnings = Warnings()
        let line = try device(body, fields, warnings: warnings)
        #expect(line.hasPrefix("opaque") || line.hasPrefix("{"))
        #expect(!warnings.all.isEmpty)
    }
}
