import ByteIO
import Foundation
import Testing

@testable import SchemaValidation

/// Common elements take a way of their own through the machine, unless the window's end is near. Both
/// ways must tell the same.
struct QuickTests {
    /// Everything that is told, as text; content in one piece.
    struct Recorder: ValueListener {
        static var wantsEvents: Bool { true }
        var events: [String] = []
        var content: [UInt8] = []

        mutating func begin(_ event: ValueEvent) {
            events.append(
                "\(event.kind) \(event.node) \(event.name) \(event.offset) \(event.tag.longText) "
                    + "\(event.length) \(event.isElement) \(event.index) \(event.isOpen) "
                    + "\(event.depth)")
            content = []
        }

        mutating func content(
            _ event: ValueEvent, _ octets: RawSpan, isFirst: Bool, isLast: Bool
        ) {
            content += octets.octets
        }

        mutating func end(_ event: ValueEvent) {
            events.append("end \(event.kind) \(content) \(event.unusedBits)")
            content = []
        }
    }

    struct Told: Equatable {
        var findings: [PieceTests.Key]
        var events: [String]
        var elements: UInt64
    }

    /// Runs the machine over octets with others behind them, so that no window's end is near; with a
    /// step, it gets just as many as it asks for, and never goes the quick way.
    static func run(
        _ octets: [UInt8], _ program: ValidationProgram, isWhole: Bool
    ) throws -> Told {
        let padded = octets + Array(repeating: 0, count: 64)
        var machine = Machine<Recorder>(
            program, root: program.root, limits: ValidationLimits(), isSequence: false,
            end: UInt64(octets.count), listener: Recorder())
        var lower = 0
        var upper = isWhole ? padded.count : 0
        var turns = 0
        while true {
            turns += 1
            try #require(turns < 4 * padded.count + 100, "it doesn't get on")
            let window = Array(padded[lower..<upper])
            let want = try machine.run(
                // An array of octets has no padding that could be read.
                unsafe window.span.bytes, base: UInt64(lower), isLast: upper == padded.count)
            lower += machine.cursor
            switch want {
            case .nothing:
                return Told(
                    findings: machine.findings.map(PieceTests.Key.init),
                    events: machine.listener.events, elements: machine.elements)
            case .octets(let count): upper = min(padded.count, max(upper, lower + count))
            case .skip(let count):
                let there = min(Int(clamping: count), padded.count - lower)
                machine.skipped(UInt64(there))
                lower += there
                upper = max(upper, lower)
            }
        }
    }

    private static func expectSame(_ octets: [UInt8], _ program: ValidationProgram) throws {
        let quick = try run(octets, program, isWhole: true)
        let slow = try run(octets, program, isWhole: false)
        #expect(quick == slow, "\(octets.map { String($0, radix: 16) }.joined(separator: " "))")
    }

    @Test("Each vector is told the same both ways", arguments: SuiteTests.values)
    func vectors(_ row: SuiteTests.Row) throws {
        let octets = [UInt8](
            try Data(contentsOf: SuiteTests.directory.appendingPathComponent(row.file)))
        try Self.expectSame(octets, SuiteTests.program(row))
    }

    @Test("Each fault is told the same both ways", arguments: FaultTests.cases)
    func faults(_ example: FaultTests.Case) throws {
        try Self.expectSame(
            FaultTests.octets(example.octets), FaultTests.program(example.type, example.rules))
    }

    @Test("Damage of any kind is told the same both ways")
    func damage() throws {
        var generator = SplitMix(state: 20_261_123)
        for row in SuiteTests.values where row.schema != "-" {
            let program = try SuiteTests.program(row)
            let octets = [UInt8](
                try Data(contentsOf: SuiteTests.directory.appendingPathComponent(row.file)))
            guard octets.count < 400 else { continue }
            for _ in 0..<50 {
                var damaged = octets
                for _ in 0...Int(generator.next() % 3) where !damaged.isEmpty {
                    let index = Int(generator.next() % UInt64(damaged.count))
                    damaged[index] = UInt8(truncatingIfNeeded: generator.next())
                }
                try Self.expectSame(damaged, program)
            }
        }
    }
}
