import ByteIO
import Migration
import TestSupport
import Testing

/// Devices by their vmdesc (reference, sections 7 to 9).
@Suite("Binary stream: devices")
struct DeviceTests {
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
        ("fpr", 16, "00112233445566778899aabbccddeeff", "uint64s 00112233445566778899aabbccddeeff"),
        ("avr", 16, "00112233445566778899aabbccddeeff", "uint64s 00112233445566778899aabbccddeeff"),
        ("uint32", 3, "010203", "blob 010203"),
        ("buffer", 3, "7e0000", "buffer 7e0000"), ("unused_buffer", 2, "0000", "buffer 0000"),
        ("bitmap", 8, "0000000000000005", "uint64s 0000000000000005"),
        ("GByteArray", 6, "00000002aabb", "{length: uint32 2, data: buffer aabb}"),
        ("virtio", 2, "0102", "blob 0102"), ("unknown", 1, "09", "blob 09"),
        ("msix state", 0, "", "blob "),
        ("nullptr", 1, "30", "absent"), ("ptr-marker", 1, "30", "absent"),
        ("ptr-marker", 1, "31", "uint8 49"),
    ]

    @Test("Every type of field is what QEMU puts on the wire", arguments: scalars)
    func scalar(_ type: String, _ size: Int, _ body: String, _ expected: String) throws {
        #expect(try Device.line(body, Device.field("f", type, size)) == "{f: \(expected)}")
    }

    @Test("An array of scalars is one value, one of structures has a value for each")
    func arrays() throws {
        #expect(
            try Device.line("0001 ffff", Device.field("a", "int16", 2, #", "array_len": 2"#))
                == "{a: int16s 0001ffff}")
        let structure =
            #", "array_len": 2, "struct": {"vmsd_name": "s", "version": 1, "fields": ["#
            + Device.field("x", "uint8", 1) + "," + Device.field("y", "uint16", 2) + "]}"
        #expect(
            try Device.line("01 0002 03 0004", Device.field("a", "struct", 3, structure))
                == "{a: array[{x: uint8 1, y: uint16 2}, {x: uint8 3, y: uint16 4}]}")
        #expect(
            try Device.line("aabb ccdd", Device.field("a", "buffer", 2, #", "array_len": 2"#))
                == "{a: array[buffer aabb, buffer ccdd]}")
    }

    @Test("Elements told one by one, with index or without, are one array (9.5)")
    func indices() throws {
        let parts = (0..<3).map { Device.field("a", "uint8", 1, #", "index": \#($0)"#) }
        #expect(
            try Device.line(
                "010203 ff", parts.joined(separator: ",") + "," + Device.field("b", "int8", 1))
                == "{a: array[uint8 1, uint8 2, uint8 3], b: int8 -1}")
        let plain = [Device.field("a", "uint8", 1), Device.field("a", "uint16", 2)].joined(
            separator: ",")
        #expect(try Device.line("01 0203", plain) == "{a: array[uint8 1, uint16 515]}")
    }

    @Test("Structures have their own subsections, in the middle of what is around (7.1)")
    func nestedSubsections() throws {
        let subsection =
            #", "subsections": [{"vmsd_name": "s/t", "version": 3, "fields": ["#
            + Device.field("z", "uint8", 1) + "]}]"
        let inner =
            #", "struct": {"vmsd_name": "s", "version": 1, "fields": ["#
            + Device.field("x", "uint8", 1) + "]" + subsection + "}"
        // 1 + 6 + 3 + 1 octets.
        #expect(
            try Device.line(
                "01 05 03 732f74 00000003 02  09",
                Device.field("s", "struct", 11, inner) + "," + Device.field("b", "uint8", 1))
                == "{s: {x: uint8 1, s/t v3 {z: uint8 2}}, b: uint8 9}")
    }

    @Test("A device's subsections stand behind its fields, with versions of 32 bits (7.4)")
    func subsections() throws {
        let more =
            #", "subsections": [{"vmsd_name": "dev/a", "version": 1, "fields": ["#
            + Device.field("x", "uint8", 1)
            + #"]}, {"vmsd_name": "dev/b", "version": 1, "fields": [], "#
            + #""subsections": [{"vmsd_name": "dev/b/c", "version": 1, "fields": []}]}]"#
        #expect(
            try Device.line(
                "07  05 05 6465762f61 80000001 02  05 05 6465762f62 00000001 "
                    + "05 07 6465762f622f63 00000009",
                Device.field("f", "uint8", 1), more)
                == "{f: uint8 7, dev/a v2147483649 {x: uint8 2}, "
                + "dev/b v1 {dev/b/c v9 {}}}")
    }

    @Test("vstruct and tmp have their members in place of `struct` (9.4)")
    func inPlace() throws {
        for type in ["vstruct", "tmp", "vdagent/cbinfos"] {
            let members =
                #", "vmsd_name": "v", "version": 2, "fields": ["#
                + Device.field("x", "uint16", 2) + "]"
            #expect(
                try Device.line(
                    "0102 03",
                    Device.field("v", type, 2, members) + "," + Device.field("b", "int8", 1))
                    == "{v: {x: uint16 258}, b: int8 3}")
        }
    }

    @Test("Lists are told by keys that repeat: 01 before each element, 00 behind (8.3, 9.4)")
    func lists() throws {
        for type in ["qtailq", "qlist"] {
            let one = Device.element(
                "e", Device.field("x", "uint8", 1) + "," + Device.field("y", "uint8", 1))
            #expect(
                try Device.line("01 0a0b 01 0c0d 00", Device.field("q", type, 7, one + one))
                    == "{q: list[{x: uint8 10, y: uint8 11}, {x: uint8 12, y: uint8 13}]}")
            #expect(try Device.line("00", Device.field("q", type, 1)) == "{q: list[]}")
        }
    }

    @Test("Trees have a count, and keys by a description or as 64 bits (8.3)")
    func trees() throws {
        let key = Device.element("k", Device.field("id", "uint8", 1))
        let value = Device.element("v", Device.field("x", "uint16", 2))
        #expect(
            try Device.line(
                "00000002 01 05 0102 01 06 0304 00",
                Device.field("t", "gtree", 13, key + value + key + value))
                == "{t: tree[{id: uint8 5}, {x: uint16 258}, {id: uint8 6}, {x: uint16 772}]}")
        #expect(
            try Device.line(
                "00000001 01 0000000000000007 0102 00", Device.field("t", "gtree", 16, value))
                == "{t: tree[uint64 7, {x: uint16 258}]}")
        #expect(try Device.line("00000000 00", Device.field("t", "gtree", 5)) == "{t: tree[]}")
    }

    // MARK: Null pointers (9.4, 9.5)

    private let target =
        #", "struct": {"vmsd_name": "p", "version": 1, "fields": [{"name": "x", "#
        + #""type": "uint16", "size": 2}]}"#

    @Test("Up to 9.2 a null pointer is a structure without a description")
    func nullsOldest() throws {
        let null = Device.field("p", "struct", 1, #", "array_len": 3, "struct": {}"#)
        #expect(try Device.line("303030", null) == "{p: array[absent, absent, absent]}")
    }

    @Test("Up to 9.2 a first null hides what stands behind: it becomes a blob, with a warning")
    func nullsHideOthers() throws {
        let warnings = Warnings()
        let null = Device.field("p", "struct", 1, #", "array_len": 4, "struct": {}"#)
        // Two nulls, a structure of 3 octets, a null: six octets where four are claimed.
        #expect(
            try Device.line(
                "3030 010203 30 09", null + "," + Device.field("b", "uint8", 1), warnings: warnings)
                == "{p: array[absent, absent, blob 01020330], b: uint8 9}")
        #expect(warnings.all.map(\.code) == [.fieldAsBlob])
        #expect(warnings.all.first?.path == "dev.p")
        #expect(warnings.all.first?.offset == Device.bodyOffset + 2)
    }

    @Test("Up to 9.2 a first pointer's description serves all that are not null")
    func firstDescribesOthers() throws {
        let all = Device.field("p", "struct", 2, #", "array_len": 4"# + target)
        #expect(
            try Device.line("0102 30 0304 30", all)
                == "{p: array[{x: uint16 258}, absent, {x: uint16 772}, absent]}")
    }

    @Test("10.0 to 11.0 tell runs, the first of them too long")
    func nullsSplit() throws {
        let fields = [
            Device.field("p", "struct", 2, #", "array_len": 4"# + target),
            Device.field("p", "nullptr", 1),
            Device.field("p", "struct", 2, target), Device.field("p", "nullptr", 1),
        ]
        #expect(
            try Device.line("0102 30 0304 30", fields.joined(separator: ","))
                == "{p: array[{x: uint16 258}, absent, {x: uint16 772}, absent]}")
    }

    @Test("11.1 tells runs of markers; pointers that it allocates have one each")
    func nullsMarked() throws {
        let runs = [
            Device.field("p", "ptr-marker", 1, #", "array_len": 3"#),
            Device.field("p", "struct", 2, target),
        ]
        #expect(
            try Device.line("303030 0102", runs.joined(separator: ","))
                == "{p: array[absent, absent, absent, {x: uint16 258}]}")
        let allocated = [
            Device.field("p", "ptr-marker", 1), Device.field("p", "struct", 2, target),
            Device.field("p", "ptr-marker", 1),
        ]
        #expect(
            try Device.line("31 0102 30", allocated.joined(separator: ","))
                == "{p: array[uint8 49, {x: uint16 258}, absent]}")
    }

    @Test("11.1 leaves a single last element out (9.5, defect 5)")
    func undescribedLast() throws {
        let run = Device.field("p", "struct", 2, #", "array_len": 2"# + target)
        #expect(
            try Device.line("0102 0304 30", run)
                == "{p: array[{x: uint16 258}, {x: uint16 772}, absent]}")
    }

    @Test("Capability strings longer than the first are decoded or kept (9.5, defect 2)")
    func variableElements() throws {
        let body = "03 616263 05 6465666768"
        // 8 octets are claimed, 10 stand there.
        #expect(
            try Device.line(body, Device.field("c", "capability", 4, #", "array_len": 2"#))
                == "{c: array[blob 03616263056465666768]}")
    }
}
