import ByteIO
import Foundation
import Testing

@testable import SchemaValidation

/// What is found doesn't depend on how the octets arrive.
struct PieceTests {
    /// Runs the machine over windows that grow by `step` octets at a time.
    static func run(_ octets: [UInt8], _ program: ValidationProgram, step: Int) throws -> [Finding]
    {
        var machine = Machine<NoListener>(
            program, root: program.root, limits: ValidationLimits(), isSequence: false,
            listener: NoListener())
        var lower = 0
        var upper = 0
        var turns = 0
        while true {
            turns += 1
            try #require(turns < 4 * octets.count + 100, "it doesn't get on")
            let window = Array(octets[lower..<upper])
            let want = try machine.run(
                // An array of octets has no padding that could be read.
                unsafe window.span.bytes, base: UInt64(lower), isLast: upper == octets.count)
            lower += machine.cursor
            switch want {
            case .nothing: return machine.findings
            case .octets(let count):
                upper = min(octets.count, max(upper, lower + max(count, step)))
            case .skip(let count):
                let there = min(Int(clamping: count), octets.count - lower)
                machine.skipped(UInt64(there))
                lower += there
                upper = max(upper, lower)
            }
        }
    }

    @Test("Each vector gives the same findings octet by octet", arguments: SuiteTests.values)
    func pieces(_ row: SuiteTests.Row) throws {
        let program = try SuiteTests.program(row)
        let octets = [UInt8](
            try Data(contentsOf: SuiteTests.directory.appendingPathComponent(row.file)))
        let whole = SchemaValidator.validate(octets: octets, program).findings.map(Key.init)
        for step in [1, 7] {
            let pieces = try Self.run(octets, program, step: step).map(Key.init)
            #expect(pieces == whole)
        }
    }

    @Test("Each fault is the same octet by octet", arguments: FaultTests.cases)
    func faults(_ example: FaultTests.Case) throws {
        let program = try FaultTests.program(example.type, example.rules)
        let octets = FaultTests.octets(example.octets)
        let whole = SchemaValidator.validate(octets: octets, program).findings.map(Key.init)
        let pieces = try Self.run(octets, program, step: 1).map(Key.init)
        #expect(pieces == whole)
    }

    /// A finding without the octets that it shows.
    struct Key: Equatable {
        var code: ValidationCode
        var offset: UInt64
        var at: UInt64
        var path: String

        init(_ finding: Finding) {
            code = finding.code
            offset = finding.offset
            at = finding.at
            path = finding.pathText
        }
    }

    @Test("Damage of any kind ends in findings, never in a crash")
    func damage() throws {
        var generator = SplitMix(state: 20_260_315)
        for row in SuiteTests.values where row.schema != "-" {
            let program = try SuiteTests.program(row)
            let octets = [UInt8](
                try Data(contentsOf: SuiteTests.directory.appendingPathComponent(row.file)))
            guard octets.count < 400 else { continue }
            for _ in 0..<200 {
                var damaged = octets
                for _ in 0...Int(generator.next() % 3) where !damaged.isEmpty {
                    let index = Int(generator.next() % UInt64(damaged.count))
                    damaged[index] = UInt8(truncatingIfNeeded: generator.next())
                }
                let whole = SchemaValidator.validate(octets: damaged, program)
                let pieces = try Self.run(damaged, program, step: 1)
                #expect(whole.findings.map(Key.init) == pieces.map(Key.init))
            }
        }
    }
}

/// A small generator with a seed.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }
}
