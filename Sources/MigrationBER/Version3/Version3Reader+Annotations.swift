import BER
import ByteIO
import Migration

/// What Berth adds to version 3: items with names of its own.
extension Version3Reader {
    mutating func annotation<V: MigrationVisitor & ~Copyable>(
        _ annotation: Annotation, _ id: UInt32, _ contents: BERElement, at offset: UInt64,
        into visitor: inout V
    ) throws(MigrationError) {
        // Whether the file is annotated must be known before anything is read by it.
        guard annotation == .stream ? !hasBegun : isAnnotated else {
            throw misplaced(annotation, at: offset, "\(Annotation.stream.name) first, and once")
        }
        switch annotation {
        case .records:
            let octets = try input.octets(contents)
            do { return try records(octets, into: &visitor) } catch {
                throw Version3Reader.placed(error, in: contents)
            }
        case .rest:
            guard isOpenIterator else {
                throw MigrationError(
                    .corrupt, at: offset, path: input.pathText,
                    expected: "an iterator's section whose payload has not ended", found: "none")
            }
            return try rest(try input.octets(contents), into: &visitor)
        case .continued:
            nextContinues = true
            return try nothing(contents)
        case .footer, .noFooter:
            expectsFooter = annotation == .footer
            return try nothing(contents)
        default: try closeSection(into: &visitor)
        }
        if annotation != .stream { try begin(into: &visitor) }
        switch annotation {
        case .description:
            let json = try input.octets(contents)
            // An array of octets has no padding that could be read.
            try visitor.description(unsafe json.span.bytes)
        case .raw:
            try input.pieces(contents) { (piece) throws(MigrationError) in try visitor.raw(piece) }
        case .packedOctets:
            try input.pieces(contents) { (piece) throws(MigrationError) in
                try visitor.packed(piece)
            }
        case .part, .end:
            var header =
                started[id]
                ?? SectionHeader(
                    kind: .part, sectionID: id, name: "", instanceID: 0, versionID: 0)
            header.kind = annotation == .part ? .part : .end
            try section(header, contents, at: offset, into: &visitor)
        case .literal:
            nextIsLiteral = true
            try nothing(contents)
        case .eof:
            try visitor.endOfStream()
            try nothing(contents)
        case .package:
            let length = try input.octets(contents, limit: 4)
            guard !isInPackage else {
                throw misplaced(annotation, at: offset, "items that are no package")
            }
            isInPackage = true
            try visitor.beginPackage(length: length.reduce(0) { $0 << 8 | UInt32($1) })
        case .packageEnd:
            guard isInPackage else {
                throw misplaced(annotation, at: offset, "a package that has begun")
            }
            isInPackage = false
            try visitor.endPackage()
            try nothing(contents)
        default:
            let octets = try input.octets(contents)
            do { try element(annotation, octets, contents, into: &visitor) } catch {
                throw Version3Reader.placed(error, in: contents)
            }
        }
    }

    func misplaced(
        _ annotation: Annotation, at offset: UInt64, _ expected: String
    ) -> MigrationError {
        MigrationError(
            .corrupt, at: offset, path: input.pathText, expected: expected,
            found: annotation.name)
    }

    func misplaced(
        _ kind: SectionKind, at offset: UInt64, _ expected: String
    ) -> MigrationError {
        MigrationError(
            .corrupt, at: offset, path: input.pathText,
            expected: "a section's type \(expected)", found: "0\(kind.rawValue)")
    }

    /// An error inside an annotation's octets, with its place in the file.
    private static func placed(
        _ error: MigrationError, in contents: BERElement
    ) -> MigrationError {
        guard error.code != .io, let offset = error.offset else { return error }
        var error = error
        // In segments the octets lie apart: the whole string's place must do.
        error.offset = contents.isConstructed ? contents.offset : contents.contentOffset + offset
        return error
    }

    mutating func nothing(_ contents: BERElement) throws(MigrationError) {
        let octets = try input.octets(contents, limit: 0)
        _ = octets
    }

    /// Annotations whose contents are elements of version 4, or numbers.
    private mutating func element<V: MigrationVisitor & ~Copyable>(
        _ annotation: Annotation, _ octets: [UInt8], _ contents: BERElement,
        into visitor: inout V
    ) throws(MigrationError) {
        var inner = ElementReader(ByteSource(octets: octets))
        inner.path = input.path + [annotation.name]
        switch annotation {
        case .stream:
            isAnnotated = true
            scanner.checksFlags = true
            try begin(try StreamInfo.read(&inner), into: &visitor)
        case .configuration:
            expectsFooter = true
            _ = try inner.next(SchemaTag.configuration, constructed: true, "a Configuration")
            try visitor.configuration(try ConfigurationCoding.read(&inner))
        case .command:
            _ = try inner.next(SchemaTag.command, constructed: true, "a Command")
            let element = try inner.next(.integer, constructed: false, "code")
            let code = UInt16(try inner.unsigned(element, limit: 0xffff, "code"))
            let payload = try inner.next("payload")
            let octets = try CommandCoding.read(code, payload, &inner)
            try visitor.command(code, payload: unsafe octets.span.bytes)
        case .section:
            guard octets.count == 1, let kind = SectionKind(rawValue: octets[0]) else {
                throw MigrationError(
                    .corrupt, at: 0, path: input.pathText, expected: "a section's type, 01 to 04",
                    found: "\(octets.count) octets, or another")
            }
            nextKind = kind
        case .packed: try visitor.beginPacked(try PackedCoding.readFacts(&inner))
        case .fields: nextLayouts = try FieldLayouts(octets, input.pathText).nodes
        default: break
        }
    }
}
