internal import Migration

/// Holds what a stream has of a device against what a loader reads of it.
///
/// QEMU's loader (`vmstate_load_state`) goes by its own fields alone: the wire has no names, no
/// lengths. What is one field too many or too long makes it read the wrong octets from there on. Names
/// are compared here only to say which field that is.
struct BodyComparison {
    let renames: RenameTable
    let section: StreamInventory.Section
    /// What QEMU says when it has read the wrong octets.
    let misreading: [String]
    /// Whether offsets of fields count from the section's start.
    let hasOffsets: Bool
    private(set) var findings: [CompatibilityFinding] = []
    /// Paths of subsections that the target's one example does not have.
    private(set) var unproved: [String] = []

    init(
        _ section: StreamInventory.Section, renames: RenameTable, hasFooters: Bool,
        hasOffsets: Bool
    ) {
        self.section = section
        self.renames = renames
        self.hasOffsets = hasOffsets
        misreading =
            hasFooters
            ? LoaderMessage.footer(section.header) : LoaderMessage.loading(section.header)
    }

    var errorCount: Int { findings.count { $0.severity == .error } }

    /// - Parameter version: what the loader takes the body for. Of a section or subsection that is
    ///   the version on the wire, of a structure the loader's own.
    mutating func compare(
        _ sent: SentBody, _ expected: ExpectedBody, version: Int64, path: String
    ) {
        var readable = ReadableFields(
            expected.fields.filter { $0.isOptional || $0.version <= version })
        var index = 0
        var sentFields = sent.fields[...]
        while let field = sentFields.first {
            // Elements of one array may be told one by one.
            let group = sentFields.prefix { $0.name == field.name }
            switch align(group, &sentFields, &readable, expected, path: path) {
            case .again: continue
            case .done: sentFields = sentFields.dropFirst(group.count)
            }
            index += 1
        }
        for field in readable.rest where !field.isOptional {
            notSent(field, expected, path: path, at: sent)
        }
        for subsection in sent.subsections { compare(subsection, in: expected, path: path) }
    }

    private mutating func compare(
        _ subsection: SentBody, in expected: ExpectedBody, path: String
    ) {
        let name = subsection.name ?? ""
        let inner = path + "." + DevicePath.quoted(name)
        let known = expected.subsections.first { $0.name == name }
        guard let known else {
            if expected.isComplete {
                report(
                    .unknownSubsection, inner, at: subsection.offset,
                    "the target knows no such subsection",
                    expected: Self.names(expected.subsections.map(\.name)),
                    found: "\(name), version \(subsection.version)",
                    loaderMessages: LoaderMessage.subsection(
                        name, in: expected.name, of: section.header))
            } else {
                unproved.append(inner)
            }
            return
        }
        if subsection.version > known.version, known.isComplete {
            report(
                .newerVersion, inner, at: subsection.offset, "the subsection is too new",
                expected: "at most version \(known.version)",
                found: "version \(subsection.version)",
                loaderMessages: LoaderMessage.newer(
                    name, subsection.version, local: known.version))
        } else if subsection.version < known.minimumVersion {
            report(
                .olderVersion, inner, at: subsection.offset, "the subsection is too old",
                expected: "at least version \(known.minimumVersion)",
                found: "version \(subsection.version)",
                loaderMessages: LoaderMessage.older(
                    name, subsection.version, minimum: known.minimumVersion))
        } else {
            compare(subsection, known, version: subsection.version, path: inner)
        }
    }

    private enum Alignment { case again, done }

    /// Finds what the loader reads in a field's place.
    private mutating func align(
        _ group: ArraySlice<SentBody.Field>, _ sent: inout ArraySlice<SentBody.Field>,
        _ readable: inout ReadableFields, _ expected: ExpectedBody, path: String
    ) -> Alignment {
        guard let field = group.first else { return .done }
        let isSame = { [renames] (candidate: ExpectedBody.Field) in
            candidate.name == field.name
                || renames.areSame(
                    fields: field.name, candidate.plainName, in: expected.name)
        }
        if let next = readable.first, isSame(next) {
            readable.advance()
            compare(group, next, expected, path: path)
            return .done
        }
        // Fields that moved into a structure, or out of one, are the same octets.
        if let next = readable.first, let inner = next.body.first,
            inner.fields.first.map(isSame) == true
        {
            readable.enter(inner)
            return .again
        }
        if let inner = field.bodies.first, group.count == 1, field.count == 1,
            let first = inner.fields.first, inner.subsections.isEmpty,
            let next = readable.rest.first(where: { !$0.isOptional }), next.name == first.name
        {
            sent = inner.fields[...] + sent.dropFirst()
            return .again
        }
        let found = readable.distance(to: isSame)
        // Optional fields may be passed over; before an always read one, unused octets are tried.
        if found?.isFree != true, fillUnused(field, group, &sent, &readable, expected) {
            return .again
        }
        if let found {
            for candidate in readable.pass(found.count) where !candidate.isOptional {
                // What comes later is only in another order; that it is read here is wrong too.
                notSent(candidate, expected, path: path, offset: field.offset)
            }
            return .again
        }
        return replace(group, sent.dropFirst(group.count), &readable, expected, path: path)
    }

    /// Octets that one side calls unused.
    private func fillUnused(
        _ field: SentBody.Field, _ group: ArraySlice<SentBody.Field>,
        _ sent: inout ArraySlice<SentBody.Field>, _ readable: inout ReadableFields,
        _ expected: ExpectedBody
    ) -> Bool {
        // One example calls all fields optional, but what it has was sent there.
        if let next = readable.first, next.plainName == "unused",
            !next.isOptional || !expected.isComplete
        {
            var left = next.total
            var rest = sent
            while left > 0, let filler = rest.first, filler.total <= left, filler.total > 0 {
                left -= filler.total
                rest = rest.dropFirst()
            }
            guard left == 0 else { return false }
            sent = rest
            readable.advance()
            return true
        }
        guard field.type == "unused_buffer" || field.name == "unused", group.count == 1 else {
            return false
        }
        guard
            let after =
                readable.filling(field.total, before: sent.dropFirst(group.count).first?.name)
        else { return false }
        readable = after
        sent = sent.dropFirst()
        return true
    }

    /// A field whose name the loader does not have: it may be called otherwise there.
    private mutating func replace(
        _ group: ArraySlice<SentBody.Field>, _ later: ArraySlice<SentBody.Field>,
        _ readable: inout ReadableFields, _ expected: ExpectedBody, path: String
    ) -> Alignment {
        guard let field = group.first else { return .done }
        let inner = path + "." + DevicePath.quoted(field.name)
        let total = group.reduce(into: UInt64(0)) { $0 &+= $1.total }
        guard expected.isComplete else {
            if let other = Self.inPlace(of: field, total, later.first?.name, readable) {
                readable.advance()
                report(
                    .fieldRenamed, inner, at: field.offset, "the target's stream has \(other) there"
                )
                return .done
            }
            report(
                .fieldUnknown, inner, .warning, at: field.offset,
                "the target's stream has no such field: whether it reads it can't be told",
                found: Self.octets(total))
            return .done
        }
        // What is read up to the next field that both have: one of these is in its place.
        let names = Set(later.map(\.name))
        let gap = readable.rest.prefix { !names.contains($0.name) }
        let same = gap.firstIndex { candidate in
            if let body = candidate.body.first {
                return field.bodies.first.map { $0.name == nil || $0.name == body.name } ?? false
            }
            // C's size tells nothing of what a type of the device's own sends.
            return field.bodies.isEmpty
                && (candidate.total == total || !FieldSizes.isPlain(field.type))
        }
        guard let index = same ?? gap.firstIndex(where: { !$0.isOptional }) else {
            report(
                .fieldUnknown, inner, at: field.offset, "the target reads no such field",
                found: Self.octets(total), loaderMessages: misreading)
            return .done
        }
        let next = gap[index]
        for skipped in readable.pass(gap.startIndex.distance(to: index)) where !skipped.isOptional {
            notSent(skipped, expected, path: path, offset: field.offset)
        }
        readable.advance()
        if let body = next.body.first, let sent = field.bodies.first {
            compare(sent, body, version: body.version, path: inner)
        } else if same != nil {
            report(.fieldRenamed, inner, at: field.offset, "the target reads it as \(next.name)")
        } else {
            report(
                .fieldSize, inner, at: field.offset, "the target reads another field in its place",
                expected: "\(next.name), \(Self.octets(next.total))",
                found: "\(field.name), \(Self.octets(total))", loaderMessages: misreading)
        }
        return .done
    }

    /// The name of the one value of as many octets that an example has between the same fields.
    private static func inPlace(
        of field: SentBody.Field, _ total: UInt64, _ next: String?, _ readable: ReadableFields
    ) -> String? {
        let rest = readable.rest
        guard let other = rest.first, other.body.isEmpty, field.bodies.isEmpty,
            other.total == total, rest.dropFirst().first?.name == next
        else { return nil }
        return other.name
    }

    /// A field under the name that it has on both sides.
    private mutating func compare(
        _ group: ArraySlice<SentBody.Field>, _ expected: ExpectedBody.Field,
        _ owner: ExpectedBody, path: String
    ) {
        guard let field = group.first else { return }
        let inner = path + "." + DevicePath.quoted(field.name)
        if let body = expected.body.first {
            let count = group.reduce(into: UInt64(0)) { $0 &+= $1.count }
            if !owner.isComplete, field.type == "struct", let local = expected.count,
                group.count == 1, count != local
            {
                // It is the sender's if that sends it, too, and else the target's.
                report(
                    .fieldSize, inner, .warning, at: field.offset,
                    "the target's array has another length", expected: "\(local) elements",
                    found: "\(count) elements", loaderMessages: misreading)
            }
            var seen = 0
            for element in group {
                for sent in element.bodies {
                    // Elements differ in their subsections; those of a long array hardly do.
                    guard seen < Self.elementLimit else { return }
                    seen += 1
                    compare(sent, body, version: body.version, path: inner)
                }
            }
            if seen == 0, group.count == 1, owner.isComplete, field.bodies.isEmpty,
                FieldSizes.isPlain(field.type), body.fields.count > 1
            {
                report(
                    .fieldType, inner, at: field.offset,
                    "the target reads a structure, not one value",
                    expected: "the fields of \(body.name)", found: Self.octets(field.total),
                    loaderMessages: misreading)
            }
            return
        }
        guard let read = FieldSizes.mismatch(group, expected) else { return }
        let total = group.reduce(into: UInt64(0)) { $0 &+= $1.total }
        // How long an array is may be the sender's affair; how long a number is can't be.
        let isProved = owner.isComplete || group.count == 1 && field.size != expected.size
        report(
            .fieldSize, inner, isProved ? nil : .warning, at: field.offset,
            "the target reads another length",
            expected: Self.octets(read), found: Self.octets(total), loaderMessages: misreading)
    }

    /// Elements of one array that are looked at.
    private static let elementLimit = 256

    private mutating func notSent(
        _ field: ExpectedBody.Field, _ expected: ExpectedBody, path: String, at sent: SentBody
    ) {
        let end = sent.fields.last.map { $0.offset &+ $0.total } ?? sent.offset
        notSent(field, expected, path: path, offset: end)
    }

    private mutating func notSent(
        _ field: ExpectedBody.Field, _ expected: ExpectedBody, path: String, offset: UInt64
    ) {
        report(
            .fieldNotSent, path + "." + DevicePath.quoted(field.name), at: offset,
            "the target reads this field here, which the stream does not have",
            expected: field.total > 0 && field.body.isEmpty
                ? Self.octets(field.total) : "a field",
            loaderMessages: misreading)
    }

    private mutating func report(
        _ code: CompatibilityCode, _ path: String,
        _ severity: CompatibilityFinding.Severity? = nil, at offset: UInt64, _ message: String,
        expected: String? = nil, found: String? = nil, loaderMessages: [String] = []
    ) {
        let place =
            hasOffsets
            ? section.offset &+ section.header.size &+ offset : section.offset
        findings.append(
            CompatibilityFinding(
                code, severity, path: path, message, expected: expected, found: found,
                loaderMessages: loaderMessages, place: .stream(place)))
    }

    private static func octets(_ count: UInt64) -> String {
        count == 1 ? "1 octet" : "\(count) octets"
    }

    private static func names(_ names: [String]) -> String {
        names.isEmpty ? "no subsection" : names.joined(separator: ", ")
    }
}
