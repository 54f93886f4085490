import BER
import ByteIO
import Migration

/// Reads an iterator's records of version 4, up to the end of the element that is open.
struct IteratorRecordDecoder {
    private let layout: IteratorLayout
    private let components: [[IteratorCoding.Component]]
    private var record = IteratorRecord()
    private var hasEnded = false

    init(_ layout: IteratorLayout) {
        self.layout = layout
        components = layout.records.map(IteratorCoding.components)
    }

    mutating func read<V: MigrationVisitor & ~Copyable>(
        _ input: inout ElementReader, into visitor: inout V
    ) throws(MigrationError) {
        var number = 0
        while let element = try input.next() {
            input.path.append("[\(number)]")
            if element.tag == SchemaTag.checkpoint {
                try Checkpoint.verify(element, &input)
            } else {
                try self.element(element, isFirst: number == 0, &input, into: &visitor)
            }
            input.path.removeLast()
            number += 1
        }
    }

    private mutating func element<V: MigrationVisitor & ~Copyable>(
        _ element: BERElement, isFirst: Bool, _ input: inout ElementReader,
        into visitor: inout V
    ) throws(MigrationError) {
        guard !hasEnded else {
            throw input.unexpected(element, "the end, behind the section's last record")
        }
        if element.tag == .octetString {
            hasEnded = true
            let octets = try input.octets(element)
            return try visitor.iteratorRest(unsafe octets.span.bytes)
        }
        guard element.tag.class == .context, element.tag.number < UInt64(layout.records.count)
        else {
            throw input.unexpected(element, "a record of \(layout.title)")
        }
        let kind = layout.records[Int(element.tag.number)]
        guard kind.place != .alone || isFirst else {
            throw input.unexpected(element, "no \(kind.name) behind other records")
        }
        hasEnded = kind.isLast
        record.kind = Int(element.tag.number)
        input.path.append(kind.name)
        try parts(of: kind, element, &input, into: &visitor)
        input.path.removeLast()
    }

    private mutating func parts<V: MigrationVisitor & ~Copyable>(
        of kind: IteratorLayout.Record, _ element: BERElement, _ input: inout ElementReader,
        into visitor: inout V
    ) throws(MigrationError) {
        let parts = components[record.kind]
        record.dataLength = 0
        if parts.isEmpty {
            guard !element.isConstructed, element.length == 0 else {
                throw input.unexpected(element, "NULL")
            }
            return try visitor.iteratorRecord(record)
        }
        if IteratorCoding.isBare(parts) {
            if case .number(let index) = parts[0] {
                try number(index, of: kind, element, &input)
                return try visitor.iteratorRecord(record)
            }
            return try data(of: kind, element, &input, into: &visitor)
        }
        guard element.isConstructed else { throw input.unexpected(element, "a SEQUENCE") }
        var next = try input.next()
        for part in parts {
            switch part {
            case .number(let index):
                guard let element = next, element.tag == .integer, !element.isConstructed else {
                    throw missing(next, kind, part, &input)
                }
                try number(index, of: kind, element, &input)
            case .text(let index, let tag?):
                guard let element = next, element.tag == .context(tag) else {
                    record.texts[index] = nil
                    continue
                }
                record.texts[index] = try input.implicitText(element, name(of: part, in: kind))
            case .text(let index, nil):
                guard let element = next else { throw missing(next, kind, part, &input) }
                record.texts[index] = try input.text(element, name(of: part, in: kind))
            case .data:
                guard let element = next, element.tag == .octetString else {
                    throw missing(next, kind, part, &input)
                }
                try data(of: kind, element, &input, into: &visitor)
                return try input.end()
            }
            next = try input.next()
        }
        if let next { throw input.unexpected(next, "the end of \(kind.name)") }
        try visitor.iteratorRecord(record)
    }

    private func missing(
        _ found: BERElement?, _ kind: IteratorLayout.Record, _ part: IteratorCoding.Component,
        _ input: inout ElementReader
    ) -> MigrationError {
        let name = name(of: part, in: kind)
        if let found { return input.unexpected(found, name) }
        return MigrationError(
            .corrupt, at: input.reader.position, path: input.pathText, expected: name,
            found: "the end of the element around it")
    }

    /// A component's name in the schema.
    private func name(
        of component: IteratorCoding.Component, in kind: IteratorLayout.Record
    ) -> String {
        var numbers = 0
        var texts = 0
        for part in kind.parts {
            switch (part, component) {
            case (.leading(let name, _, _, _), .number(let index)),
                (.number(let name, _, _), .number(let index)):
                if numbers == index { return name }
                numbers += 1
            case (.text(let name, _), .text(let index, _)):
                if texts == index { return name }
                texts += 1
            case (.data(let name, _), .data): return name
            default: break
            }
        }
        return kind.name
    }

    // MARK: Values

    private mutating func number(
        _ index: Int, of kind: IteratorLayout.Record, _ element: BERElement,
        _ input: inout ElementReader
    ) throws(MigrationError) {
        var range: ClosedRange<UInt64> = 0...UInt64.max
        var numbers = 0
        for part in kind.parts {
            switch part {
            case .leading(_, _, _, let allowed):
                if numbers == index { range = allowed }
                numbers += 1
            case .number(_, _, let octets):
                if numbers == index { range = 0...UInt64.max >> UInt64(64 - 8 * octets) }
                numbers += 1
            default: break
            }
        }
        let name = name(of: .number(index), in: kind)
        let value = try input.unsigned(element, limit: range.upperBound, name)
        guard value >= range.lowerBound else {
            throw MigrationError(
                .corrupt, at: element.contentOffset, path: input.pathText + "." + name,
                expected: "at least \(range.lowerBound)", found: "\(value)")
        }
        record.numbers[index] = value
    }

    /// Tells the record and its data.
    private mutating func data<V: MigrationVisitor & ~Copyable>(
        of kind: IteratorLayout.Record, _ element: BERElement, _ input: inout ElementReader,
        into visitor: inout V
    ) throws(MigrationError) {
        let name = kind.data?.name ?? ""
        guard let length = try dataLength(of: kind, element, &input) else {
            // In segments of no foreseeable length: all at once.
            let octets = try input.octets(element)
            record.dataLength = UInt64(octets.count)
            try check(kind, element, name, &input)
            try visitor.iteratorRecord(record)
            if !octets.isEmpty { try visitor.iteratorData(unsafe octets.span.bytes) }
            return
        }
        record.dataLength = length
        try check(kind, element, name, &input)
        try visitor.iteratorRecord(record)
        var left = length
        try input.pieces(element) { (piece) throws(MigrationError) in
            let count = UInt64(piece.byteCount)
            guard count <= left else {
                throw MigrationError(
                    .corrupt, at: element.offset, path: "\(kind.name).\(name)",
                    expected: "\(length) octets", found: "more")
            }
            left -= count
            if count > 0 { try visitor.iteratorData(piece) }
        }
        guard left == 0 else {
            throw MigrationError(
                .corrupt, at: element.offset, path: input.pathText + "." + name,
                expected: "\(length) octets", found: "\(length - left)")
        }
    }

    /// The data's length: the layout's, the primitive string's, or that of a string in segments
    /// of 1 MiB, as writers make them.
    private func dataLength(
        of kind: IteratorLayout.Record, _ element: BERElement, _ input: inout ElementReader
    ) throws(MigrationError) -> UInt64? {
        if case .fixed(let count)? = kind.data?.length { return UInt64(count) }
        return try input.stringLength(element)
    }

    /// Whether the record can stand in the binary stream.
    private func check(
        _ kind: IteratorLayout.Record, _ element: BERElement, _ name: String,
        _ input: inout ElementReader
    ) throws(MigrationError) {
        guard record.dataLength <= IteratorLayout.dataLimit else {
            throw MigrationError(
                .limit, at: element.contentOffset, path: input.pathText + "." + name,
                expected: "at most \(IteratorLayout.dataLimit) octets",
                found: "\(record.dataLength)")
        }
        if let (octets, unit) = kind.dataCount {
            let (count, rest) = record.dataLength.quotientAndRemainder(dividingBy: UInt64(unit))
            let limit = UInt64.max >> UInt64(64 - 8 * octets)
            guard rest == 0, count <= limit else {
                throw MigrationError(
                    .corrupt, at: element.contentOffset, path: input.pathText + "." + name,
                    expected: rest == 0
                        ? "at most \(limit) units of \(unit) octets"
                        : "a multiple of \(unit) octets",
                    found: "\(record.dataLength) octets")
            }
        }
        var head: [UInt8] = []
        guard !layout.end.isEmpty, kind.lead == nil else { return }
        layout.appendHead(of: record, to: &head)
        guard !head.starts(with: layout.end) else {
            throw MigrationError(
                .corrupt, at: element.offset, path: input.pathText,
                expected: "a record that can be told from the section's end",
                found: "one that has its octets")
        }
    }
}

extension ElementReader {
    /// The content of a UTF8String under a context tag.
    mutating func implicitText(
        _ element: BERElement, _ name: String
    ) throws(MigrationError) -> String {
        var plain = element
        plain.tag = .utf8String
        return try text(plain, name)
    }
}
