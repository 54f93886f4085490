public import ByteIO

/// Checks BER, CER or DER against a type: one pass, bounded memory, a file or pipe of any size.
///
///     let program = ValidationProgram(schema, type: type, name: "QemuFile")
///     let outcome = try SchemaValidator.validate(source, program)
public enum SchemaValidator {
    /// What a pass found.
    public struct Outcome: Sendable {
        public var findings: [Finding]
        /// Whole values of the outermost type.
        public var values: UInt64
        public var elements: UInt64
        /// Octets read.
        public var octets: UInt64
        /// True when the pass ended because there were too many findings.
        public var isCutShort: Bool

        public var isValid: Bool { !findings.contains { $0.severity == .error } }
    }

    /// Checks all of the input.
    /// - Parameter isSequence: several values one after another, or one.
    public static func validate(
        _ source: consuming ByteSource, _ program: ValidationProgram, isSequence: Bool = false,
        limits: ValidationLimits = ValidationLimits()
    ) throws(ByteIOError) -> Outcome {
        var listener = NoListener()
        return try run(
            source, program, isSequence: isSequence, limits: limits, listener: &listener)
    }

    /// Checks all of the input, and tells a listener what is in it.
    // Code of their own for the listeners that are here: others take the general code, which asks
    // the listener's type about every event.
    @_specialize(where Listener == TreeListener)
    @_specialize(where Listener == JSONListener)
    @_specialize(where Listener == XMLListener)
    public static func run<Listener: ValueListener>(
        _ source: consuming ByteSource, _ program: ValidationProgram, isSequence: Bool = false,
        limits: ValidationLimits = ValidationLimits(), listener: inout Listener
    ) throws(ByteIOError) -> Outcome {
        var source = source
        var machine = Machine<Listener>(
            program, root: program.root, limits: limits, isSequence: isSequence,
            listener: listener)
        var isLast = false
        var fetched = 0
        while true {
            let base = source.position
            let want = try machine.run(source.window, base: base, isLast: isLast)
            fill(&machine.findings, from: &fetched, source.window, base: base)
            source.consume(machine.cursor)
            switch want {
            case .nothing:
                listener = machine.listener
                try listener.finish()
                let errors = machine.findings.count { $0.severity == .error }
                return Outcome(
                    findings: machine.findings,
                    values: machine.frames[0].count,
                    elements: machine.elements, octets: source.position,
                    isCutShort: errors >= limits.findings)
            case .octets(let count):
                // Reading goes on in good pieces; at the end there are fewer than wanted.
                isLast = try source.ensure(count) < count
            case .skip(let count):
                let passed = try source.skip(count)
                machine.skipped(passed)
                isLast = passed < count
            }
        }
    }

    /// Checks octets in memory.
    public static func validate(
        octets: [UInt8], _ program: ValidationProgram, isSequence: Bool = false,
        limits: ValidationLimits = ValidationLimits()
    ) -> Outcome {
        let outcome = try? validate(
            ByteSource(octets: octets), program, isSequence: isSequence, limits: limits)
        return outcome
            ?? Outcome(findings: [], values: 0, elements: 0, octets: 0, isCutShort: false)
    }

    /// Octets of an element that a finding shows.
    static let shownOctets = 12

    /// Adds the first octets of elements that are still in the window.
    private static func fill(
        _ findings: inout [Finding], from: inout Int, _ window: RawSpan, base: UInt64
    ) {
        while from < findings.count {
            let offset = findings[from].offset
            if offset >= base, offset < base &+ UInt64(window.byteCount) {
                let at = Int(offset - base)
                for index in at..<min(at + shownOctets, window.byteCount) {
                    findings[from].octets.append(window.octet(at: index))
                }
            }
            from += 1
        }
    }
}
