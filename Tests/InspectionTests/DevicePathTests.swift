import Inspection
import Testing

/// Paths into device state, and the patterns that mean them.
@Suite("Device paths")
struct DevicePathTests {
    private func path(
        _ section: String, _ instance: UInt32? = 0, _ components: DevicePath.Component...
    ) -> DevicePath {
        DevicePath(section: section, instance: instance, components: components)
    }

    private func matches(_ pattern: String, _ path: DevicePath) throws -> Bool {
        try DevicePathPattern(pattern).matches(path)
    }

    @Test("A path is printed as section, instance, names and places")
    func text() {
        #expect(
            path("0000:00:01.3/piix4_pm", 0, .name("ar.pm1.evt.sts")).description
                == "0000:00:01.3/piix4_pm[0].ar.pm1.evt.sts")
        #expect(
            path("cpu", 12, .name("regs"), .index(3), .name("x/y")).description
                == "cpu[12].regs[3].x/y")
        #expect(path("configuration", nil, .name("machine")).description == "configuration.machine")
        #expect(path("d", 0, .name("config[0]"), .name("id")).description == "d[0].config[0].id")
    }

    @Test(
        "A name that a pattern would misread is quoted, and its text finds it alone",
        arguments: [
            ("a*b", #"d[0]."a*b""#), ("a b", #"d[0]."a b""#), ("a\"\\", #"d[0]."a\"\\""#),
            ("a[x]", #"d[0]."a[x]""#), ("", #"d[0]."""#), ("\u{1b}c", #"d[0]."\u{1b}c""#),
            ("a\u{9b}", #"d[0]."a\u{9b}""#), ("é", "d[0].é"), ("a[0", #"d[0]."a[0""#),
            ("a[0].b", #"d[0]."a[0].b""#),
        ])
    func quoted(name: String, text: String) throws {
        let path = path("d", 0, .name(name))
        #expect(path.description == text)
        #expect(try matches(text, path))
        #expect(try !matches(text, self.path("d", 0, .name("axxb"))))
    }

    @Test("A pattern means a path and all that is inside it, and nothing else")
    func inside() throws {
        let value = path("0000:00:01.3/piix4_pm", 0, .name("ar.pm1.evt.sts"))
        #expect(try matches("0000:00:01.3/piix4_pm[0].ar.pm1.evt.sts", value))
        #expect(try matches("0000:00:01.3/piix4_pm[0]", value))
        #expect(try matches("0000:00:01.3/piix4_pm", value))
        #expect(try !matches("0000:00:01.3/piix4_pm[1]", value))
        #expect(try !matches("0000:00:01.3/piix4_p", value))
        #expect(try !matches("0000:00:01.3/piix4_pm[0].ar.pm1", value))
        #expect(try !matches("0000:00:01.3/piix4_pm[0].ar.pm1.evt.sts.x", value))
        #expect(try !matches("piix4_pm", value))
    }

    @Test("A dot is one of a name or a step down; in quotes it is one of a name alone")
    func dots() throws {
        let one = path("d", 0, .name("a.b"))
        let two = path("d", 0, .name("a"), .name("b"))
        #expect(try matches("d.a.b", one))
        #expect(try matches("d.a.b", two))
        #expect(try matches(#"d."a.b""#, one))
        #expect(try !matches(#"d."a.b""#, two))
    }

    @Test("An instance that is left out is any, for the section alone")
    func instances() throws {
        #expect(try matches("cpu.x", path("cpu", 3, .name("x"))))
        #expect(try matches("cpu[3].x", path("cpu", 3, .name("x"))))
        #expect(try !matches("cpu[2].x", path("cpu", 3, .name("x"))))
        #expect(try matches("cpu[2..4].x", path("cpu", 3, .name("x"))))
        #expect(try !matches("cpu[4..9].x", path("cpu", 3, .name("x"))))
        #expect(try matches("cpu[*].x", path("cpu", 4_294_967_295, .name("x"))))
        #expect(try !matches("cpu.x.y", path("cpu", 3, .name("x"), .index(0), .name("y"))))
        #expect(try matches("configuration.machine", path("configuration", nil, .name("machine"))))
        #expect(
            try !matches("configuration[0].machine", path("configuration", nil, .name("machine"))))
    }

    @Test("* and ? stay in one name, ** does not")
    func wildcards() throws {
        let value = path("0000:00:02.0/vga", 0, .name("vga"), .name("gr"), .index(2))
        #expect(try matches("*/vga.vga.gr[2]", value))
        #expect(try matches("*/vga.v?a.g*[2]", value))
        #expect(try !matches("*/vga.v?.gr[2]", value))
        #expect(try matches("*.*.*[*]", value))
        #expect(try matches("**.gr", value))
        #expect(try matches("**[2]", value))
        #expect(try matches("**", value))
        #expect(try !matches("*.gr", value))
        #expect(try !matches("**.gr[3]", value))
        #expect(try matches("**.bits", path("d", 0, .index(4), .name("x"), .name("bits"))))
    }

    @Test("A number in brackets in a name is found like a place")
    func brackets() throws {
        let value = path("d", 0, .name("config[0]"), .name("id"))
        #expect(try matches("d[0].config[0].id", value))
        #expect(try matches("d.config[*].id", value))
        #expect(try matches(#"d."config[0]".id"#, value))
        #expect(try matches("d.config*.id", value))
        #expect(try !matches("d.config[1].id", value))
        #expect(try !matches("d.config.id", value))
        #expect(try matches("d.irq[3]x", path("d", 0, .name("irq[3]x"))))
    }

    @Test(
        "A text that is no pattern is told with the place",
        arguments: [
            ("", 0, "a path"), ("a[", 2, "a number"), ("a[b]", 2, "a number"),
            ("a[3", 3, "]"), ("a[3.4]", 4, ".."), ("a[4..3]", 2, "a range that ascends"),
            ("a.\"b", 2, "a closing quote"), ("a\\", 2, "a character behind \\"),
            ("\"\\u{d800}\"", 2, "u{…} with a character's number"),
            ("a[99999999999999999999]", 2, "a number"),
        ])
    func faults(text: String, position: Int, expected: String) {
        let fault = #expect(throws: DevicePathPattern.Fault.self) {
            try DevicePathPattern(text)
        }
        #expect(fault?.position == position)
        #expect(fault?.expected.hasPrefix(expected) == true)
    }

    @Test(
        "A pattern of more than 4096 octets is refused; one of 4096 with only wildcards is not slow"
    )
    func length() throws {
        #expect(throws: DevicePathPattern.Fault.self) {
            try DevicePathPattern(String(repeating: "a", count: 4097))
        }
        let pattern = try DevicePathPattern(String(repeating: "*?", count: 2048))
        #expect(pattern.matches(path(String(repeating: "x", count: 2048), 0)))
        #expect(!pattern.matches(path(String(repeating: "x", count: 2047), 0)))
    }

    @Test("Paths are ordered by section, instance by number, then places by number")
    func order() {
        let paths = [
            path("a", 2), path("a", 10), path("a", 10, .name("x")),
            path("a", 10, .name("x"), .index(2)), path("a", 10, .name("x"), .index(10)),
            path("a", 10, .name("y")), path("b", 0),
        ]
        #expect(paths.shuffled().sorted() == paths)
    }
}
