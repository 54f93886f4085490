import Foundation
import TestSupport
import Testing

@Suite("Dump")
struct DumpTests {
    @Test("The text tells offset, octets of head and content, tag and value")
    func text() throws {
        let file = octets(
            """
            30 80                       ;  0: SEQUENCE, indefinite
            02 01 ff                    ;  2: INTEGER -1
            02 08 8000000000000000      ;  5: INTEGER -2^63
            02 09 00ffffffffffffffff    ; 15: INTEGER of nine octets
            01 01 ff                    ; 26: TRUE
            01 01 00                    ; 29: FALSE
            05 00                       ; 32: NULL
            0c 81 02 6869               ; 34: UTF8String "hi", a length in long form
            0c 02 1b63                  ; 39: UTF8String with a control character
            a3 04 04 02 c0de            ; 43: [3] of an OCTET STRING
            00 00                       ; 49: end-of-contents
            7f cdc551 00                ; 51: [APPLICATION 1270481], empty
            df 1f 01 07                 ; 56: [PRIVATE 31]
            """)
        let expected = """
            offset      head  length  element
            00000000       2     inf  SEQUENCE {
            00000002       2       1    INTEGER -1
            00000005       2       8    INTEGER -9223372036854775808
            0000000f       2       9    INTEGER 00 ff ff ff ff ff ff ff ff
            0000001a       2       1    BOOLEAN TRUE
            0000001d       2       1    BOOLEAN FALSE
            00000020       2       0    NULL
            00000022       3       2    UTF8String "hi"
            00000027       2       2    UTF8String 1b 63
            0000002b       2       4    [3] {
            0000002d       2       2      OCTET STRING c0 de
            00000031       2       0  } end-of-contents
            00000033       5       0  [APPLICATION 1270481] {
            00000038       3       1  [PRIVATE 31] 07

            """
        let outcome = try berth("dump", input: .pipe(file))
        #expect(outcome.text == expected)
        #expect(outcome.error == "")
        #expect(outcome.status == 0)
        #expect(try berth("dump", "--format", "raw", "-", input: .pipe(file)).text == expected)
    }

    @Test("JSON is an object a line, with the values' octets")
    func json() throws {
        let file = octets("3080 020105 bf8148 03 040161 0000")
        let outcome = try berth("dump", "--json", input: .pipe(file))
        let elements = try outcome.lines.map {
            try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
        }
        #expect(elements.map { $0["offset"] as? Int } == [0, 2, 5, 9])
        #expect(elements.map { $0["depth"] as? Int } == [0, 1, 1, 2])
        #expect(
            elements.map { $0["class"] as? String }
                == ["universal", "universal", "context", "universal"])
        // bf 81 48: 1 * 128 + 72.
        #expect(elements.map { $0["number"] as? Int } == [16, 2, 200, 4])
        #expect(elements.map { $0["constructed"] as? Bool } == [true, false, true, false])
        #expect(elements.map { $0["head"] as? Int } == [2, 2, 4, 2])
        #expect(elements.map { $0["length"] as? Int } == [nil, 1, 3, 1])
        #expect(elements.map { $0["octets"] as? String } == [nil, "05", nil, "61"])
        #expect(outcome.status == 0)
    }

    @Test("Of long values 24 octets are shown")
    func long() throws {
        let hex = String(repeating: " 7a", count: 24)
        let file =
            octets("04 19") + Array(repeating: 0x7a, count: 25)
            + octets("04 18") + Array(repeating: 0x7a, count: 24)
        let outcome = try berth("dump", input: .pipe(file))
        #expect(
            outcome.lines.dropFirst() == [
                "00000000       2      25  OCTET STRING\(hex) …",
                "0000001b       2      24  OCTET STRING\(hex)",
            ])
    }

    @Test("100,000 and 1,000,000 levels of indefinite length are listed")
    func deep() throws {
        for depth in [100_000, 1_000_000] {
            let file =
                [UInt8](Array(repeating: [0x30, 0x80] as [UInt8], count: depth).joined())
                + Array(repeating: 0, count: 2 * depth)
            let outcome = try berth("dump", input: .pipe(file))
            #expect(outcome.status == 0)
            #expect(outcome.error == "")
            // A title, and two lines a level.
            #expect(outcome.output.count { $0 == 0x0a } == 2 * depth + 1)
            let last = String(2 * (2 * depth) - 2, radix: 16)
            let padded = String(repeating: "0", count: 8 - last.count) + last
            #expect(
                outcome.text.hasSuffix("\n\(padded)       2       0  } end-of-contents\n"))
        }
    }

    @Test("Levels beyond the limit are told, and --max-depth moves it")
    func depthLimit() throws {
        let file = octets("3080 3080 3080 0000 0000 0000")
        #expect(try berth("dump", "--max-depth=3", input: .pipe(file)).status == 0)
        let outcome = try berth("dump", "--max-depth=2", input: .pipe(file))
        #expect(
            outcome.error == """
                berth: standard input: offset 0x4: expected BER, found depth in the element \
                at 0x4: more than 2 levels
                hint: --max-depth raises the limit

                """)
        #expect(outcome.status == 2)
        #expect(outcome.lines.count == 3)
        let open = Array(repeating: [0x30, 0x80] as [UInt8], count: 1_000_001).joined()
        let deep = try Report(try berth("dump", input: .pipe([UInt8](open))))
        #expect(deep.offset == 2_000_000)
        #expect(deep.message.contains("more than 1000000 levels"))
    }

    @Test("Huge tags are listed, and those beyond all bounds told")
    func hugeTags() throws {
        // 2^64 - 2 takes ten digits: 01 and nine of 7f, the last one 7e. Then 125 digits.
        let largest = octets("5f 81 ffffffffffffffff 7e 00")
        let huge = octets("9f 81") + Array(repeating: 0x80, count: 123) + octets("00 00")
        let outcome = try berth("dump", input: .pipe(largest + huge))
        #expect(
            outcome.lines.dropFirst() == [
                "00000000      12       0  [APPLICATION 18446744073709551614]",
                "0000000c     127       0  [2^64 or more]",
            ])
        #expect(outcome.status == 0)
        let beyond = octets("9f") + Array(repeating: 0x81, count: 4000) + octets("00 00")
        let report = try Report(try berth("dump", input: .pipe(beyond)))
        #expect(report.message.contains("tag-too-long"))
    }

    @Test("What is no BER is told with the offset of the octet at fault")
    func faults() throws {
        for (file, offset, word) in [
            ("020105 04ff", 4, "length-reserved"), ("3003 0205 01", 3, "length-overruns-parent"),
            ("020105 0000", 3, "unexpected-eoc"), ("0480 0000", 1, "indefinite-primitive"),
            ("3080 0001", 3, "eoc-length"), ("020105 020405", 6, "truncated"),
        ] {
            let outcome = try berth("dump", input: .pipe(octets(file)))
            let report = try Report(outcome)
            #expect(report.offset == offset, "\(file)")
            #expect(report.message.hasPrefix("expected BER, found \(word) in the element at 0x"))
            #expect(outcome.status == 2)
        }
    }

    @Test("A file without any element has none")
    func empty() throws {
        let outcome = try berth("dump", input: .pipe([]))
        #expect(outcome.text == "offset      head  length  element\n")
        #expect(outcome.status == 0)
    }
}
