internal import ByteIO

/// Finds the records of an iterator in its payload, whose octets come in windows of any size.
///
/// Each step says what stands at the window's start; whoever steps consumes so many octets.
public struct IteratorScanner: Sendable {
    public enum Step: Equatable, Sendable {
        /// More octets have to be in the window.
        case needsMore
        /// Implied octets.
        case implied(size: Int)
        /// A record, up to its data: ``IteratorScanner/record``.
        case record(size: Int)
        /// Data of the record before.
        case data(size: Int)
        /// The payload's end; its mark takes so many octets.
        case end(size: Int)
        /// No record of this iterator begins so.
        case unknown
        /// A record that contradicts itself.
        /// - Parameters:
        ///   - at: octets from the window's start.
        ///   - part: the record's and the part's name, as in `chunk.device`.
        case fault(at: Int, part: String, expected: String, found: String)
    }

    private enum State { case opening, records, end }

    public let layout: IteratorLayout
    /// The record that was found last.
    public private(set) var record = IteratorRecord()
    /// Octets of its data that have not come yet.
    public private(set) var dataLeft: UInt64 = 0
    private var state = State.opening

    public init(_ layout: IteratorLayout) {
        self.layout = layout
    }

    /// - Parameters:
    ///   - window: the octets from the first one that has not been consumed.
    ///   - left: octets of the payload from there, if that is known.
    public mutating func step(_ window: RawSpan, left: Int? = nil) -> Step {
        if dataLeft > 0 {
            let size = Int(min(dataLeft, UInt64(window.byteCount)))
            dataLeft -= UInt64(size)
            return size > 0 ? .data(size: size) : .needsMore
        }
        if state == .end { return .end(size: 0) }
        if state == .opening, let step = opening(window, left: left) { return step }
        if !layout.end.isEmpty {
            guard window.byteCount >= layout.end.count else { return .needsMore }
            if IteratorScanner.begins(window, layout.end) { return .end(size: layout.end.count) }
        }
        for index in layout.records.indices where layout.records[index].place != .alone {
            if let step = match(index, window, left: left) { return step }
        }
        return .unknown
    }

    /// What the payload begins with; `nil` if records follow at once.
    private mutating func opening(_ window: RawSpan, left: Int?) -> Step? {
        for index in layout.records.indices where layout.records[index].place == .alone {
            if let step = match(index, window, left: left) { return step }
        }
        if layout.opening.isEmpty {
            state = .records
            return nil
        }
        guard window.byteCount >= layout.opening.count else { return .needsMore }
        guard IteratorScanner.begins(window, layout.opening) else { return .unknown }
        state = .records
        return .implied(size: layout.opening.count)
    }

    private static func begins(_ window: RawSpan, _ octets: [UInt8]) -> Bool {
        guard window.byteCount >= octets.count else { return false }
        for index in octets.indices where window.octet(at: index) != octets[index] {
            return false
        }
        return true
    }

    // MARK: One record

    /// - Returns: `nil` if the window begins with no record of this kind.
    private mutating func match(_ index: Int, _ window: RawSpan, left: Int?) -> Step? {
        let kind = layout.records[index]
        var at = 0
        var word: UInt64 = 0
        if let lead = kind.lead {
            guard window.byteCount >= lead.octets else { return .needsMore }
            word = IteratorScanner.number(window, at: 0, lead.octets)
            at = lead.octets
        }
        var rest = word & ~kind.textFlags
        if case .leading(_, _, let shift, let range)? = kind.parts.first {
            guard range.contains(word >> UInt64(shift)) else { return nil }
            rest &= shift == 0 ? 0 : (1 << UInt64(shift)) - 1
        }
        guard rest == kind.lead?.value ?? 0 else { return nil }
        return parts(of: kind, index, word: word, window, at: at, left: left)
    }

    private mutating func parts(
        of kind: IteratorLayout.Record, _ index: Int, word: UInt64, _ window: RawSpan,
        at start: Int, left: Int?
    ) -> Step? {
        var at = start
        var number = 0
        var text = 0
        var length: UInt64 = 0
        for part in kind.parts {
            switch part {
            case .leading(_, _, let shift, _):
                record.numbers[number] = word >> UInt64(shift)
                number += 1
            case .number(_, _, let octets):
                guard window.byteCount - at >= octets else { return .needsMore }
                record.numbers[number] = IteratorScanner.number(window, at: at, octets)
                number += 1
                at += octets
            case .text(let name, let flag):
                if let flag, word & flag == 0 {
                    record.texts[text] = nil
                } else {
                    guard window.byteCount > at else { return .needsMore }
                    let count = Int(window.octet(at: at))
                    guard window.byteCount - at > count else { return .needsMore }
                    if count == 0 {
                        return .fault(
                            at: at, part: "\(kind.name).\(name)",
                            expected: "a name of 1 to 255 octets", found: "an empty one")
                    }
                    guard take(text, window, at: at + 1, count: count) else {
                        return .fault(
                            at: at + 1, part: "\(kind.name).\(name)", expected: "a name in UTF-8",
                            found: "other octets")
                    }
                    at += 1 + count
                }
                text += 1
            case .length(let octets, let unit):
                guard window.byteCount - at >= octets else { return .needsMore }
                let (product, overflow) = IteratorScanner.number(window, at: at, octets)
                    .multipliedReportingOverflow(by: UInt64(unit))
                guard !overflow, product <= IteratorLayout.dataLimit else {
                    return .fault(
                        at: at, part: kind.name,
                        expected: "at most \(IteratorLayout.dataLimit) octets of data",
                        found: overflow ? "more" : "\(product)")
                }
                length = product
                at += octets
            case .data(_, .fixed(let count)): length = UInt64(count)
            case .data(_, .untilEnd):
                guard let left, left - at >= layout.end.count else { return .unknown }
                length = UInt64(left - at - layout.end.count)
            case .data(_, .counted): break
            }
        }
        record.kind = index
        record.dataLength = length
        dataLeft = length
        if kind.isLast { state = .end }
        return .record(size: at)
    }

    /// Takes a text from the window; a name that the record had before is not made anew.
    private mutating func take(_ text: Int, _ window: RawSpan, at: Int, count: Int) -> Bool {
        if let name = record.texts[text], name.utf8.count == count {
            var isSame = true
            var index = at
            for octet in name.utf8 {
                if octet != window.octet(at: index) {
                    isSame = false
                    break
                }
                index += 1
            }
            if isSame { return true }
        }
        guard let name = window.text(at: at, count: count) else { return false }
        record.texts[text] = name
        return true
    }

    private static func number(_ window: RawSpan, at: Int, _ octets: Int) -> UInt64 {
        var value: UInt64 = 0
        for index in at..<at + octets { value = value << 8 | UInt64(window.octet(at: index)) }
        return value
    }
}

// MARK: Whole payloads

extension IteratorScanner {
    /// Whether these octets are records and an end, and nothing more.
    public func isWhole(_ payload: RawSpan) -> Bool {
        var scanner = IteratorScanner(layout)
        var at = 0
        while true {
            let left = payload.byteCount - at
            switch scanner.step(payload.extracting(at..<payload.byteCount), left: left) {
            case .record(let size), .data(let size), .implied(let size): at += size
            case .end(let size): return at + size == payload.byteCount
            case .needsMore, .unknown, .fault: return false
            }
        }
    }

    /// Tells the records of a payload that ``isWhole(_:)``.
    public mutating func tell<V: MigrationVisitor & ~Copyable>(
        _ payload: RawSpan, into visitor: inout V
    ) throws(MigrationError) {
        var at = 0
        while true {
            let rest = payload.extracting(at..<payload.byteCount)
            switch step(rest, left: rest.byteCount) {
            case .record(let size):
                try visitor.iteratorRecord(record)
                at += size
            case .data(let size):
                try visitor.iteratorData(rest.extracting(first: size))
                at += size
            case .implied(let size): at += size
            case .end, .needsMore, .unknown, .fault: return
            }
        }
    }
}
