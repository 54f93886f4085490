import BER
import ByteIO
import Migration

/// Reads an iterator's payload from version 3, where it is as in the binary stream, in an octet
/// string of any length.
struct IteratorPayloadReader {
    private enum Form { case undecided, records, opaque }

    private let header: SectionHeader
    private let offset: UInt64
    private var scanner: IteratorScanner
    private var form = Form.undecided
    /// Octets of a record's head that goes on in the next piece.
    private var carried: [UInt8] = []
    /// The opening octets, once they have been passed.
    private var passed: [UInt8] = []
    private var hasEnded = false
    /// Octets of the payload before the piece at hand.
    private var position: UInt64 = 0

    /// - Parameter offset: of the section, for the visitor.
    init(_ layout: IteratorLayout, _ header: SectionHeader, at offset: UInt64) {
        self.header = header
        self.offset = offset
        scanner = IteratorScanner(layout)
    }

    /// Whether the payload had records, but not its end.
    var isOpen: Bool { form == .records && !hasEnded }

    mutating func read<V: MigrationVisitor & ~Copyable>(
        _ contents: BERElement, _ input: inout ElementReader, into visitor: inout V
    ) throws(MigrationError) {
        if header.kind == .full {
            let octets = try input.octets(contents)
            return try full(unsafe octets.span.bytes, into: &visitor)
        }
        var feeder = self
        defer { self = feeder }
        try input.pieces(contents) { (piece) throws(MigrationError) in
            try feeder.feed(piece, contents, into: &visitor)
        }
        try feeder.finish(contents, into: &visitor)
    }

    // MARK: Pieces

    private mutating func feed<V: MigrationVisitor & ~Copyable>(
        _ piece: RawSpan, _ contents: BERElement, into visitor: inout V
    ) throws(MigrationError) {
        if form == .opaque { return try visitor.opaque(piece) }
        if carried.isEmpty {
            let used = try walk(piece, contents, into: &visitor)
            position += UInt64(used)
            if used < piece.byteCount {
                carried = piece.extracting(used..<piece.byteCount).octets
            }
        } else {
            carried.append(contentsOf: piece.octets)
            let octets = carried
            let used = try walk(unsafe octets.span.bytes, contents, into: &visitor)
            position += UInt64(used)
            carried.removeFirst(used)
        }
    }

    /// Tells the records in a window.
    /// - Returns: its octets up to a record's head that goes on behind it.
    private mutating func walk<V: MigrationVisitor & ~Copyable>(
        _ window: RawSpan, _ contents: BERElement, into visitor: inout V
    ) throws(MigrationError) -> Int {
        var at = 0
        while true {
            guard !hasEnded || at == window.byteCount else {
                throw fault(contents, at, header.name, "the payload's end", "octets behind it")
            }
            if hasEnded { return at }
            let rest = window.extracting(at..<window.byteCount)
            let step = scanner.step(rest)
            switch step {
            case .needsMore: return at
            case .unknown where form == .undecided:
                form = .opaque
                try visitor.beginSection(header, contents: .opaque(length: nil), at: offset)
                if !passed.isEmpty { try visitor.opaque(unsafe passed.span.bytes) }
                try visitor.opaque(rest)
                return window.byteCount
            case .unknown:
                throw fault(
                    contents, at, header.name, "a record of \(scanner.layout.title)",
                    "other octets")
            case .fault(let place, let part, let expected, let found):
                throw fault(contents, at + place, "\(header.name).\(part)", expected, found)
            case .implied(let size):
                passed = scanner.layout.opening
                at += size
            case .record(let size)
            where form == .undecided && !isWhole(at + size, contents):
                // The connection broke here.
                form = .opaque
                try visitor.beginSection(header, contents: .opaque(length: nil), at: offset)
                if !passed.isEmpty { try visitor.opaque(unsafe passed.span.bytes) }
                try visitor.opaque(rest)
                return window.byteCount
            case .record(let size):
                try begin(into: &visitor)
                try visitor.iteratorRecord(scanner.record)
                at += size
            case .data(let size):
                try visitor.iteratorData(rest.extracting(first: size))
                at += size
            case .end(let size):
                try begin(into: &visitor)
                at += size
                hasEnded = true
            }
        }
    }

    /// Whether the record that was found has room in the payload.
    private func isWhole(_ size: Int, _ contents: BERElement) -> Bool {
        guard let length = contents.length else { return true }
        return position + UInt64(size) + scanner.record.dataLength <= length
    }

    private mutating func begin<V: MigrationVisitor & ~Copyable>(
        into visitor: inout V
    ) throws(MigrationError) {
        if form == .records { return }
        form = .records
        try visitor.beginSection(header, contents: .iterator(scanner.layout), at: offset)
    }

    private mutating func finish<V: MigrationVisitor & ~Copyable>(
        _ contents: BERElement, into visitor: inout V
    ) throws(MigrationError) {
        switch form {
        case .opaque: break
        case .undecided:
            form = .opaque
            carried = passed + carried
            try visitor.beginSection(
                header, contents: .opaque(length: UInt64(carried.count)), at: offset)
            if !carried.isEmpty { try visitor.opaque(unsafe carried.span.bytes) }
        case .records:
            guard carried.isEmpty, scanner.dataLeft == 0 else {
                throw fault(
                    contents, 0, header.name, "a whole record of \(scanner.layout.title)",
                    "the payload's end")
            }
            // A record that is the last one needs no end behind it.
            let none: [UInt8] = []
            if case .end(let size) = scanner.step(unsafe none.span.bytes), size == 0 {
                hasEnded = true
            }
        }
    }

    private func fault(
        _ contents: BERElement, _ at: Int, _ path: String, _ expected: String, _ found: String
    ) -> MigrationError {
        // In segments the octets lie apart: the whole string's place must do.
        let place =
            contents.isConstructed
            ? contents.offset : contents.contentOffset + position + UInt64(at)
        return MigrationError(
            .corrupt, at: place, path: path, expected: expected, found: found)
    }

    // MARK: FULL

    /// A FULL section's payload is records if all of it is.
    private mutating func full<V: MigrationVisitor & ~Copyable>(
        _ octets: RawSpan, into visitor: inout V
    ) throws(MigrationError) {
        hasEnded = true
        guard scanner.isWhole(octets) else {
            form = .opaque
            try visitor.beginSection(
                header, contents: .opaque(length: UInt64(octets.byteCount)), at: offset)
            if octets.byteCount > 0 { try visitor.opaque(octets) }
            return
        }
        try begin(into: &visitor)
        try scanner.tell(octets, into: &visitor)
    }
}
