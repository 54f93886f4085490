import ByteIO
import Migration
import QEMUStream
import TestSupport
import Testing

/// Devices without a vmdesc, by layouts from elsewhere (design, section 5; reference, 7 and 10.1).
@Suite("Binary stream: layouts from elsewhere")
struct LayoutTests {
    /// What a section of this name and payload becomes; its refusal's reason if nothing.
    private func line(
        _ name: String, _ body: String, version: UInt32 = 1, instance: UInt32 = 0,
        _ layouts: DeviceLayouts
    ) throws -> String {
        var stream = StreamBuilder()
        stream.configuration("m")
        stream.startRAM(2, RAM.endOfSection)
        stream.full(3, name, instance: instance, version: version, octets(body))
        stream.end()
        let warnings = Warnings()
        let lines = try events(stream.octets, layouts: layouts, warnings: warnings)
        #expect(
            try rewrite(ByteSource(octets: stream.octets), layouts: layouts) == stream.octets)
        if let warning = warnings.all.first {
            #expect(warnings.all.count == 1)
            #expect(warning.code == .deviceAsBlob)
            #expect(warning.path == name)
            return warning.message
        }
        return lines[5]
    }

    // MARK: Another stream's vmdesc

    private static func like(_ devices: String...) throws -> DeviceLayouts {
        var layouts = DeviceLayouts()
        let json = #"{"page_size": 4096, "devices": [\#(devices.joined(separator: ","))]}"#
        layouts.add(try VMDescription(json: Array(json.utf8)))
        return layouts
    }

    private static func device(
        _ name: String, vmsd: String, instance: Int = 0, version: Int = 1, _ fields: String,
        _ more: String = ""
    ) -> String {
        #"{"name": "\#(name)", "instance_id": \#(instance), "vmsd_name": "\#(vmsd)", "#
            + #""version": \#(version), "fields": [\#(fields)]\#(more)}"#
    }

    static let simple = device(
        "0000:00:02.0/dev", vmsd: "dev",
        Device.field("n", "uint16", 2) + "," + Device.field("on", "bool", 1),
        #", "subsections": [{"vmsd_name": "dev/x", "version": 1, "fields": ["#
            + Device.field("v", "int32", 4) + "]}]")

    @Test("A device has the fields that it has in the other stream, wherever it is plugged in")
    func same() throws {
        let like = try Self.like(Self.simple)
        let subsection = "05 05 6465762f78 00000001 fffffffe"
        let expected = "{n: uint16 258, on: true, dev/x v1 {v: int32 -2}}"
        for name in ["0000:00:02.0/dev", "0000:00:07.0/dev", "dev"] {
            #expect(try line(name, "0102 01" + subsection, like) == expected)
        }
        // A subsection need not be sent.
        #expect(try line("dev", "0102 01", like) == "{n: uint16 258, on: true}")
    }

    @Test("What does not fit, or nobody knows, stays a blob and the warning says why")
    func refusals() throws {
        let like = try Self.like(Self.simple)
        let misfit = "carried as a blob: its octets do not fit the layout that is known of it"
        #expect(try line("dev", "0102 01 00", like) == misfit)
        #expect(try line("dev", "0102", like) == misfit)
        // A subsection that the other stream does not describe.
        #expect(try line("dev", "0102 01 05 05 6465762f79 00000001", like) == misfit)
        #expect(
            try line("dev", "0102 01", version: 2, like)
                == "carried as a blob: no layout is known of it in version 2")
        #expect(
            try line("other", "0102 01", like)
                == "carried as a blob: no layout is known of it in version 1")
    }

    @Test("The instance decides between devices of one name; where none agrees, all must")
    func instances() throws {
        let one = Self.device("d", vmsd: "d", instance: 1, Device.field("a", "uint16", 2))
        let two = Self.device("d", vmsd: "d", instance: 2, Device.field("b", "int16", 2))
        let like = try Self.like(one, two)
        #expect(try line("d", "ffff", instance: 1, like) == "{a: uint16 65535}")
        #expect(try line("d", "ffff", instance: 2, like) == "{b: int16 -1}")
        #expect(
            try line("d", "ffff", instance: 3, like)
                == "carried as a blob: its octets fit several layouts")
    }

    @Test("Lists may be longer or shorter than in the other stream")
    func lists() throws {
        let like = try Self.like(
            Self.device(
                "d", vmsd: "d",
                Device.field(
                    "q", "qtailq", 4, Device.element("e", Device.field("v", "uint16", 2)))
                    + "," + Device.field("end", "uint8", 1)))
        #expect(try line("d", "00 09", like) == "{q: list[], end: uint8 9}")
        #expect(
            try line("d", "01 0001 01 0002 01 0003 00 09", like)
                == "{q: list[{v: uint16 1}, {v: uint16 2}, {v: uint16 3}], end: uint8 9}")
    }

    @Test("A virtio device may have another configuration and other queues")
    func virtio() throws {
        let like = try Self.like(
            Self.device(
                "0000:00:09.0/virtio-balloon", vmsd: "virtio-balloon",
                Device.field("virtio", "virtio", 7)))
        let body = CustomTypeTests.virtio(part: "00000010 00000020")
        let expected = CustomTypeTests.virtioText(
            part: "device: {num_pages: uint32 16, actual: uint32 32}")
        #expect(try line("0000:00:05.0/virtio-balloon", body, like) == expected)
        // Octets that are no such device prove nothing, though they could be a field of any length.
        #expect(
            try line("0000:00:05.0/virtio-balloon", "deadbeef", like)
                == "carried as a blob: its octets do not fit the layout that is known of it")
    }

    @Test("Without footers, a device ends where its layout does and another's header stands")
    func noFooters() throws {
        let like = try Self.like(
            Self.simple,
            Self.device("b", vmsd: "b", Device.field("v", "uint32", 4)))
        var stream = StreamBuilder(footers: false)
        stream.startRAM(2, RAM.endOfSection)
        stream.full(3, "0000:00:02.0/dev", octets("0102 01"))
        // A header of a known device stands inside the octets of this one.
        stream.full(4, "b", octets("04000000"))
        stream.full(5, "0000:00:02.0/dev", octets("0304 00 05 05 6465762f78 00000001 00000007"))
        stream.end()
        let lines = try events(stream.octets, layouts: like)
        #expect(
            lines.filter { $0.hasPrefix("{") } == [
                "{n: uint16 258, on: true}", "{v: uint32 67108864}",
                "{n: uint16 772, on: false, dev/x v1 {v: int32 7}}",
            ])
        #expect(try rewrite(ByteSource(octets: stream.octets), layouts: like) == stream.octets)
        // Where one does not fit, all from there on is carried as it is.
        var damaged = stream.octets
        damaged.insert(0xee, at: damaged.count - 1)
        #expect(try rewrite(ByteSource(octets: damaged), layouts: like) == damaged)
    }

    @Test("A stream's own vmdesc goes first; what it misses is looked up")
    func ownFirst() throws {
        let like = try Self.like(
            Self.device("dev", vmsd: "dev", Device.field("other", "uint8", 1)))
        let own = Device.stream([9], Device.field("own", "uint8", 1))
        #expect(try events(own, layouts: like)[5] == "{own: uint8 9}")
    }

    // MARK: -dump-vmstate

    private static func dump(_ fields: String, _ more: String = "") throws -> DeviceLayouts {
        var layouts = DeviceLayouts()
        let json = """
            {
              "vmschkmachine": { "Name": "m" },
              "a-type": { "Name": "a-type", "version_id": 2, "minimum_version_id": 1,
                "Description": { "name": "dev", "version_id": 2, "minimum_version_id": 1,
                  "Fields": [\(fields)]\(more) } }
            }
            """
        try layouts.add(dump: Array(json.utf8))
        return layouts
    }

    private static func dumped(
        _ name: String, _ size: Int, version: Int = 0, exists: Bool = false, _ more: String = ""
    ) -> String {
        #"{"field": "\#(name)", "version_id": \#(version), "field_exists": \#(exists), "#
            + #""size": \#(size)\#(more)}"#
    }

    @Test("A dump gives names and widths; numbers are unsigned, others buffers")
    func dump() throws {
        let layouts = try Self.dump(
            [
                Self.dumped("a", 1), Self.dumped("b", 2), Self.dumped("c", 4), Self.dumped("d", 8),
                Self.dumped("e", 3), Self.dumped("f", 2, #", "num": 2"#),
                Self.dumped("unused", 1),
            ].joined(separator: ","))
        #expect(
            try line(
                "dev", "01 0002 00000003 0000000000000004 aabbcc 0005 0006 00", version: 2, layouts)
                == "{a: uint8 1, b: uint16 2, c: uint32 3, d: uint64 4, e: buffer aabbcc, "
                + "f: uint16s 00050006, unused: buffer 00}")
    }

    @Test("Fields that may be missing are found by where the device ends, if that settles it")
    func optional() throws {
        let layouts = try Self.dump(
            [
                Self.dumped("a", 1), Self.dumped("b", 2, exists: true),
                Self.dumped("c", 4, exists: true), Self.dumped("new", 1, version: 3),
            ].joined(separator: ","))
        #expect(try line("dev", "01", version: 2, layouts) == "{a: uint8 1}")
        #expect(try line("dev", "01 0002", version: 2, layouts) == "{a: uint8 1, b: uint16 2}")
        #expect(
            try line("dev", "01 00000002", version: 2, layouts) == "{a: uint8 1, c: uint32 2}")
        #expect(
            try line("dev", "01 0002 00000003", version: 2, layouts)
                == "{a: uint8 1, b: uint16 2, c: uint32 3}")
        let twins = try Self.dump(
            Self.dumped("a", 2, exists: true) + "," + Self.dumped("b", 2, exists: true))
        #expect(
            try line("dev", "0001", version: 2, twins)
                == "carried as a blob: its octets fit several layouts")
    }

    @Test("Several fields of one name have numbers, as the vmdesc gives them")
    func names() throws {
        let layouts = try Self.dump(
            Self.dumped("config", 1, exists: true) + "," + Self.dumped("config", 4, exists: true))
        #expect(try line("dev", "01020304", version: 2, layouts) == "{config[1]: uint32 16909060}")
    }

    @Test("An array of structures of unknown length is as long as the device leaves room")
    func counts() throws {
        let inner =
            #", "Description": {"name": "e", "version_id": 1, "minimum_version_id": 1, "Fields": ["#
            + Self.dumped("x", 1) + "," + Self.dumped("y", 2) + "]}"
        let layouts = try Self.dump(
            Self.dumped("a", 1) + "," + Self.dumped("elements", 64, inner) + ","
                + Self.dumped("z", 1))
        #expect(
            try line("dev", "01 02 0003 04", version: 2, layouts)
                == "{a: uint8 1, elements: {x: uint8 2, y: uint16 3}, z: uint8 4}")
        #expect(
            try line("dev", "01 02 0003 04 0005 06", version: 2, layouts)
                == "{a: uint8 1, elements: array[{x: uint8 2, y: uint16 3}, "
                + "{x: uint8 4, y: uint16 5}], z: uint8 6}")
        #expect(try line("dev", "01 02", version: 2, layouts) == "{a: uint8 1, z: uint8 2}")
        #expect(
            try line("dev", "01 02 03", version: 2, layouts)
                == "carried as a blob: its octets do not fit the layout that is known of it")
    }

    @Test("Descriptions made so that endless ways fit end in a blob, soon")
    func endless() throws {
        let optional = (0..<60).map { Self.dumped("f\($0)", 1, exists: true) }
        let layouts = try Self.dump(optional.joined(separator: ","))
        #expect(
            try line("dev", String(repeating: "00", count: 30), version: 2, layouts)
                .hasPrefix("carried as a blob"))
    }

    @Test(
        "What is no dump is refused where it goes wrong",
        arguments: [
            ("", 0), ("{", 1), ("[]", 1), (#"{"a": 1}"#, 7), (#"{"vmschkmachine": {}}"#, 0),
            (#"{"d": {"Description": {"Fields": [1]}}}"#, 35),
        ])
    func badDump(_ text: String, _ offset: Int) {
        var layouts = DeviceLayouts()
        #expect {
            try layouts.add(dump: Array(text.utf8))
        } throws: { error in
            (error as? VMDescription.Fault)?.offset == offset
        }
    }

    // MARK: Real streams

    /// What each section of a stream becomes: its header, and its fields if it has any.
    private func sections(_ lines: [String]) -> [(header: String, fields: String?)] {
        var result: [(String, String?)] = []
        for (index, line) in lines.enumerated() where line.hasPrefix("full ") {
            let next = index + 1 < lines.count ? lines[index + 1] : ""
            let header = line.split(separator: ":", omittingEmptySubsequences: false)
                .dropLast().joined(separator: ":")
            result.append((header, next.hasPrefix("{") ? next : nil))
        }
        return result
    }

    @Test(
        "By its own vmdesc from outside, a stream has the fields that it has by itself",
        arguments: Fixture.names)
    func itself(_ name: String) throws {
        try compare(name, like: name, leastTyped: name == "s390x-ccw-keys-7.2" ? -1 : 0)
    }

    @Test(
        "By the vmdesc of a like machine, a device has its own fields or none",
        arguments: [
            ("x86-q35-multifd-none-11.1.ch0", "x86-q35-cpr-reboot-11.1"),
            ("x86-q35-cpr-reboot-11.1", "x86-q35-multifd-none-11.1.ch0"),
            ("x86-microvm-guest-11.1", "x86-q35-cpr-reboot-11.1"),
            ("s390x-ccw-keys-11.1", "s390x-ccw-firmware-10.0"),
        ])
    func neighbours(_ name: String, _ like: String) throws {
        try compare(name, like: like, leastTyped: nil)
    }

    @Test("Another version's names are that version's; the octets come back all the same")
    func otherVersion() throws {
        let stream = try Fixture.octets("x86-pc-multifd-none.ch0")
        let layouts = try layouts(of: "x86-q35-multifd-none-11.1.ch0")
        let lines = try events(stream, ignoresDescription: true, layouts: layouts)
        // 7.2 calls it num_timers.
        #expect(lines.contains { $0.contains("num_timers_save: uint8 3, timer: array[") })
        #expect(
            try rewrite(ByteSource(octets: stream), ignoresDescription: true, layouts: layouts)
                == stream)
    }

    private func layouts(of name: String) throws -> DeviceLayouts {
        var recorder = Recorder()
        try read(ByteSource(octets: try Fixture.octets(name)), into: &recorder)
        let description = recorder.description
        var layouts = DeviceLayouts()
        layouts.add(try VMDescription(json: try #require(description)))
        return layouts
    }

    /// - Parameter leastTyped: by how many fewer devices may have fields; `nil` if any.
    private func compare(_ name: String, like: String, leastTyped: Int?) throws {
        let stream = try Fixture.octets(name)
        let layouts = try layouts(of: like)
        let own = sections(try events(stream))
        let found = sections(try events(stream, ignoresDescription: true, layouts: layouts))
        #expect(own.map { $0.header } == found.map { $0.header })
        for (mine, theirs) in zip(own, found) where theirs.fields != nil {
            #expect(mine.fields == theirs.fields, "\(mine.header)")
        }
        let typed = found.filter { $0.fields != nil }.count
        let all = own.filter { $0.fields != nil }.count
        if let leastTyped { #expect(typed >= all + leastTyped) } else { #expect(typed > all / 3) }
        #expect(
            try rewrite(ByteSource(octets: stream), ignoresDescription: true, layouts: layouts)
                == stream)
    }
}
