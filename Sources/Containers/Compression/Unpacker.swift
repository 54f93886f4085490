import ByteIO
import Migration

/// Unpacks a source with a compressor's library, member by member.
final class Unpacker<D: Decompressor>: ByteProducer {
    private var input: ByteSource
    private let decompressor: D
    private var isInside = false
    private var hasBegun = false
    private var isAtEnd = false
    private var produced: UInt64 = 0
    private let budget: UnpackBudget
    /// Whether no other compression is around this one.
    private let isOutermost: Bool

    init(_ input: consuming ByteSource, _ budget: UnpackBudget) throws(ByteIOError) {
        self.budget = budget
        isOutermost = budget.claim()
        do { decompressor = try D() } catch {
            throw ByteIOError(
                ContentFault(
                    error.code, format: D.name, at: 0, produced: 0, expected: error.expected,
                    found: error.found))
        }
        self.input = input
    }

    func read(into buffer: UnsafeMutableRawBufferPointer) throws(ByteIOError) -> Int {
        guard !isAtEnd, buffer.count > 0 else { return 0 }
        while true {
            if !isInside, try !nextMember() {
                isAtEnd = true
                return 0
            }
            try input.ensure(1)
            let step = try unsafe step(into: buffer)
            input.consume(step.consumed)
            produced += UInt64(step.produced)
            if isOutermost { budget.read(input.position) }
            guard budget.allows(produced) else {
                throw fault(
                    .limit, at: input.position,
                    expected: "at most \(budget.ratio) octets unpacked from each",
                    found: "more",
                    hint: "a file made to do harm, or zeros without number: --unpack-ratio raises "
                        + "the limit")
            }
            if step.isEnd { isInside = false }
            if step.produced > 0 { return step.produced }
            if step.isEnd || step.consumed > 0 { continue }
            // Nothing came of what there is: the library wants more.
            guard try input.extend() else {
                throw fault(
                    .truncated, at: input.position + UInt64(input.available),
                    expected: "the rest of the compressed data", found: "the end of the file",
                    hint: "the file was cut off: the copy is incomplete, or the saving was broken "
                        + "off")
            }
        }
    }

    private func step(
        into buffer: UnsafeMutableRawBufferPointer
    ) throws(ByteIOError) -> DecompressionStep {
        var result: DecompressionStep?
        var failure: DecompressionFailure?
        do throws(DecompressionFailure) {
            result = try unsafe Self.step(decompressor, input.window, buffer)
        } catch { failure = error }
        guard let result, failure == nil else {
            let failure = failure ?? .memory(D.name)
            throw fault(
                failure.code, at: input.position + UInt64(failure.consumed),
                expected: failure.expected, found: failure.found,
                hint: failure.code == .corrupt ? nil : Self.unpackHint)
        }
        return result
    }

    private static func step(
        _ decompressor: D, _ window: RawSpan, _ buffer: UnsafeMutableRawBufferPointer
    ) throws(DecompressionFailure) -> DecompressionStep {
        // The library uses both buffers during the call alone.
        try unsafe window.withUnsafeBytes { (octets) throws(DecompressionFailure) in
            try unsafe decompressor.step(octets, buffer)
        }
    }

    /// Goes to the next member.
    /// - Returns: `false` at the end.
    private func nextMember() throws(ByteIOError) -> Bool {
        let end = input.position
        try input.ensure(16)
        if !(hasBegun ? D.goesOn(input.window) : D.begins(input.window)) {
            try skipPadding()
            if input.available == 0, hasBegun {
                let zeros = input.position - end
                guard zeros % D.paddingUnit == 0 else {
                    throw fault(
                        .corrupt, at: end, expected: "zeros in a multiple of \(D.paddingUnit)",
                        found: "\(zeros) of them")
                }
                return false
            }
            guard D.goesOn(input.window), input.position == end || D.resumesBehindPadding,
                (input.position - end) % D.paddingUnit == 0
            else {
                throw fault(
                    .corrupt, at: input.position, expected: "the end or another \(D.name) member",
                    found: "other octets",
                    hint: "what stands before is whole: head -c \(end) FILE | berth …")
            }
        }
        do { try decompressor.begin() } catch {
            throw fault(error.code, at: end, expected: error.expected, found: error.found)
        }
        isInside = true
        hasBegun = true
        return true
    }

    /// Goes over zeros, however many.
    private func skipPadding() throws(ByteIOError) {
        while try input.ensure(16) > 0 {
            var count = 0
            while count < input.available, input.window.octet(at: count) == 0 { count += 1 }
            if count == 0 { return }
            input.consume(count)
        }
    }

    private func fault(
        _ code: ContentFault.Code, at offset: UInt64, expected: String, found: String,
        hint: String? = nil
    ) -> ByteIOError {
        ByteIOError(
            ContentFault(
                code, format: D.name, at: offset, produced: produced, expected: expected,
                found: found, hint: hint))
    }

    private static var unpackHint: String {
        "unpack it first, as in: \(D.unlimited) -dc FILE | berth …"
    }
}

/// The container that is nothing but compression.
enum Compressed<D: Decompressor>: ContainerFormat {
    static var name: String { D.name }

    static func begins(_ start: RawSpan) -> Bool { D.begins(start) }

    static func open(
        _ source: consuming ByteSource, _ opening: inout ContainerOpening
    ) throws(MigrationError) -> ByteSource {
        let source = try Compression.record(source, name, &opening)
        let path = source.path
        do {
            return ByteSource(producer: try Unpacker<D>(source, opening.budget), path: path)
        } catch { throw MigrationError(error) }
    }
}
