import SystemPackage
import TestSupport
import Testing

@Suite("Terminal")
struct TerminalTests {
    @Test("Binary output is refused", arguments: ["encode", "decode"])
    func binary(command: String) throws {
        for arguments in [[command], [command, "-o", "-"]] {
            let terminal = try Terminal()
            let outcome = try berth(
                arguments, input: .pipe(SmallStream.octets),
                output: .descriptor(terminal.program))
            #expect(
                outcome.error == """
                    berth: binary output is not written to a terminal
                    hint: name a file with -o, or pipe it on

                    """)
            #expect(outcome.status == 64)
            #expect(try terminal.written() == [])
        }
    }

    @Test("Text is written to a terminal", arguments: ["info", "dump"])
    func text(command: String) throws {
        let ber = try berth("encode", input: .pipe(SmallStream.octets)).output
        let terminal = try Terminal()
        let outcome = try berth(
            command, input: .pipe(ber), output: .descriptor(terminal.program))
        #expect(outcome.status == 0)
        #expect(try !terminal.written().isEmpty)
    }

    @Test(
        "Standard input that is a terminal is no input",
        arguments: ["encode", "decode", "info", "dump"])
    func input(command: String) throws {
        for arguments in [[command], [command, "-"]] {
            let terminal = try Terminal()
            let outcome = try berth(arguments, input: .descriptor(terminal.program))
            #expect(
                outcome.error == "berth: there is no input\nhint: name a file, or pipe one in\n")
            #expect(outcome.status == 64)
            #expect(outcome.output == [])
        }
    }

    /// ESC, a control of C1 in UTF-8, DEL and a bell.
    private static let evil = "a\u{1b}]0;x\u{7}\u{9b}31m\u{7f}b"

    private static func isTame(_ octets: [UInt8]) -> Bool {
        let text = String(decoding: octets, as: UTF8.self)
        return text.unicodeScalars.allSatisfy {
            $0 == "\n" || $0.value >= 0x20 && !(0x7f..<0xa0).contains($0.value)
        }
    }

    /// A stream whose machine, capability, RAM block and (if its name may) device are named so.
    private static func evilStream(pageOffset: UInt64 = 0) -> [UInt8] {
        var builder = StreamBuilder()
        builder.configuration(
            evil,
            subsections: StreamBuilder.subsection(
                "configuration/capabilities", bigEndian(1 as UInt32) + StreamBuilder.counted(evil)))
        builder.startRAM(2, RAM.blocks([(evil, 4096)]) + RAM.endOfSection)
        builder.goOn(3, 2, RAM.fill(pageOffset, evil) + RAM.endOfSection)
        builder.end()
        return builder.octets
    }

    @Test("Names from the input reach the terminal without their control characters")
    func control() throws {
        let stream = TerminalTests.evilStream()
        let ber = try berth("encode", input: .pipe(stream))
        try #require(ber.status == 0)
        #expect(try berth("decode", input: .pipe(ber.output)).output == stream)
        for input in [stream, ber.output] {
            let outcome = try berth("info", input: .pipe(input))
            #expect(outcome.status == 0)
            #expect(outcome.text.contains(#"a\u{1b}]0;x\u{7}\u{9b}31m\u{7f}b"#))
            #expect(TerminalTests.isTame(outcome.output))
        }
        #expect(TerminalTests.isTame(try berth("dump", input: .pipe(ber.output)).output))
        #expect(TerminalTests.isTame(try berth("dump", "--json", input: .pipe(ber.output)).output))
    }

    @Test("Errors and warnings that quote names do so without control characters")
    func controlInErrors() throws {
        let stream = TerminalTests.evilStream(pageOffset: 0x7000)
        for command in ["encode", "info"] {
            let outcome = try berth(command, input: .pipe(stream))
            #expect(outcome.status == 2)
            #expect(outcome.error.contains("ram/a"))
            #expect(TerminalTests.isTame(outcome.errorOctets))
            if command == "info" { #expect(TerminalTests.isTame(outcome.output)) }
        }
        let name = "no\u{1b}[31mfile"
        let outcome = try berth("info", name)
        #expect(TerminalTests.isTame(outcome.errorOctets))
        #expect(outcome.status == 2)
    }

    @Test("JSON keeps names exactly, with their control characters escaped")
    func json() throws {
        let outcome = try berth("info", "--json", input: .pipe(TerminalTests.evilStream()))
        #expect(TerminalTests.isTame(outcome.output))
        let summary = try Summary(outcome)
        #expect(summary["machine"] as? String == TerminalTests.evil)
    }
}
