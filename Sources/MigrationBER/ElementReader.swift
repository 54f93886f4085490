import BER
import ByteIO
import Migration

/// A BER reader with the steps that both formats' readers are made of: elements that must be there,
/// values that must fit, and the path for when they don't.
struct ElementReader: ~Copyable {
    var reader: BERReader
    /// The place in the schema, as in `top[3].part.contents`.
    var path: [String] = []
    /// Opens devices that the file has as octets.
    var opener: DeviceOpener?

    /// Elements inside each other; more than any file of Berth's has.
    static let depthLimit = 1024

    init(_ source: consuming ByteSource) {
        reader = BERReader(source, depthLimit: ElementReader.depthLimit)
    }

    // MARK: Elements

    /// The next element inside the open one; `nil` at its end.
    mutating func next() throws(MigrationError) -> BERElement? {
        do {
            switch try reader.next() {
            case .element(let element): return element
            case .end, .endOfInput: return nil
            }
        } catch { throw BERFailure.wrap(error, path: pathText) }
    }

    /// The next element, which must be there.
    mutating func next(_ expected: String) throws(MigrationError) -> BERElement {
        let position = reader.position
        guard let element = try next() else {
            throw MigrationError(
                .corrupt, at: position, path: pathText, expected: expected,
                found: "the end of the element around it")
        }
        return element
    }

    /// The next element, which must have `tag`.
    mutating func next(
        _ tag: Tag, constructed: Bool, _ expected: String
    ) throws(MigrationError) -> BERElement {
        let element = try next(expected)
        guard element.tag == tag, element.isConstructed == constructed else {
            throw unexpected(element, expected)
        }
        return element
    }

    /// The end of the open element, which must come now.
    mutating func end() throws(MigrationError) {
        if let element = try next() { throw unexpected(element, "the end of \(pathText)") }
    }

    /// Passes over the open element's remaining elements.
    mutating func skipRest() throws(MigrationError) {
        let outer = reader.depth - 1
        while reader.depth > outer { _ = try next() }
    }

    func unexpected(_ element: BERElement, _ expected: String) -> MigrationError {
        MigrationError(
            .corrupt, at: element.offset, path: pathText, expected: expected,
            found: "\(element.tag), \(element.isConstructed ? "constructed" : "primitive")")
    }

    var pathText: String {
        var text = ""
        for part in path {
            if !text.isEmpty, !part.hasPrefix("[") { text += "." }
            text += part
        }
        return text
    }

    // MARK: Values

    mutating func unsigned(
        _ element: BERElement, limit: UInt64 = .max, _ name: String
    ) throws(MigrationError) -> UInt64 {
        let value: UInt64
        do { value = try reader.unsignedInteger(element) } catch {
            throw BERFailure.wrap(error, path: pathText + "." + name)
        }
        guard value <= limit else {
            throw MigrationError(
                .corrupt, at: element.contentOffset, path: pathText + "." + name,
                expected: "at most \(limit)", found: "\(value)")
        }
        return value
    }

    mutating func unsigned32(_ name: String) throws(MigrationError) -> UInt32 {
        let element = try next(.integer, constructed: false, name)
        return UInt32(try unsigned(element, limit: UInt64(UInt32.max), name))
    }

    mutating func signed(
        _ element: BERElement, _ name: String
    ) throws(MigrationError) -> Int64 {
        do { return try reader.signedInteger(element) } catch {
            throw BERFailure.wrap(error, path: pathText + "." + name)
        }
    }

    mutating func boolean(_ name: String) throws(MigrationError) -> Bool {
        let element = try next(.boolean, constructed: false, name)
        return try boolean(element, name)
    }

    mutating func boolean(
        _ element: BERElement, _ name: String
    ) throws(MigrationError) -> Bool {
        do { return try reader.boolean(element) } catch {
            throw BERFailure.wrap(error, path: pathText + "." + name)
        }
    }

    mutating func octets(
        _ element: BERElement, limit: Int = FormatLimit.held
    ) throws(MigrationError) -> [UInt8] {
        do { return try reader.string(element, limit: limit) } catch {
            throw BERFailure.wrap(error, path: pathText)
        }
    }

    /// A UTF8String; names that go into the binary stream have at most 255 octets there.
    mutating func text(
        _ element: BERElement, _ name: String, range: ClosedRange<Int> = 1...255
    ) throws(MigrationError) -> String {
        guard element.tag == .utf8String else { throw unexpected(element, name) }
        let octets = try octets(element, limit: 1 << 20)
        guard let text = String(validating: octets, as: UTF8.self) else {
            throw MigrationError(
                .corrupt, at: element.contentOffset, path: pathText + "." + name,
                expected: "UTF-8", found: "other octets")
        }
        guard range.contains(octets.count) else {
            throw MigrationError(
                .corrupt, at: element.contentOffset, path: pathText + "." + name,
                expected: "\(range.lowerBound) to \(range.upperBound) octets of text",
                found: "\(octets.count)")
        }
        return text
    }

    mutating func text(
        _ name: String, range: ClosedRange<Int> = 1...255
    ) throws(MigrationError) -> String {
        try text(try next(name), name, range: range)
    }

    /// A RAM block's name: QEMU up to 2.11 has memory without one.
    mutating func blockName(_ name: String) throws(MigrationError) -> String {
        try text(name, range: 0...255)
    }

    /// Hands over a string of any length in pieces.
    mutating func pieces(
        _ element: BERElement, _ body: (RawSpan) throws(MigrationError) -> Void
    ) throws(MigrationError) {
        var failure: MigrationError?
        do {
            try reader.segments(element) { (reader, _) throws(BERError) in
                while failure == nil, reader.contentLeft > 0 {
                    let count = try reader.loadContent(FormatLimit.piece)
                    do throws(MigrationError) {
                        try body(reader.content.extracting(first: count))
                    } catch {
                        failure = error
                    }
                    reader.consumeContent(count)
                }
            }
        } catch { throw failure ?? BERFailure.wrap(error, path: pathText) }
        if let failure { throw failure }
    }

    /// Tells an opaque section, of which `contents` is the octet string, up to its end: a device, if
    /// the octets can be opened.
    mutating func opaque<V: MigrationVisitor & ~Copyable>(
        _ header: SectionHeader, _ contents: BERElement, at offset: UInt64, into visitor: inout V
    ) throws(MigrationError) {
        let length = try stringLength(contents)
        if let opener, let length, header.kind == .full, length <= UInt64(opener.limit) {
            let octets = try octets(contents)
            if let state = opener.open(header, octets, contents.contentOffset) {
                try visitor.beginSection(header, contents: .device, at: offset)
                return try visitor.device(state)
            }
            try visitor.beginSection(
                header, contents: .opaque(length: UInt64(octets.count)), at: offset)
            // An array of octets has no padding that could be read.
            if !octets.isEmpty { try visitor.opaque(unsafe octets.span.bytes) }
            return
        }
        try visitor.beginSection(header, contents: .opaque(length: length), at: offset)
        try pieces(contents) { (piece) throws(MigrationError) in try visitor.opaque(piece) }
    }
}
