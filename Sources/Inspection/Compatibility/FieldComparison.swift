internal import QEMUStream

/// Compares the fields of two descriptions: two cursors go on side by side.
///
/// Where a name differs, three things are tried, as in QEMU's `vmstate-static-checker.py`: that
/// fields moved into a structure, that they moved out of one, and that unused octets took their
/// place.
struct FieldComparison {
    typealias Field = DumpDescription.Field

    /// Fields, one after another; those around a structure that was entered wait below.
    private struct Cursor {
        var fields: ArraySlice<Field>
        var outer: [ArraySlice<Field>] = []

        mutating func enter(_ inner: [Field]) {
            outer.append(fields)
            fields = inner[...]
        }
    }

    private enum Side { case sender, receiver }

    private let one: DumpDescription.Body
    private let other: DumpDescription.Body
    private let path: String
    private let version: Int64
    private var sent: Cursor
    private var read: Cursor
    /// The side whose unused octets are being filled, and how many are left.
    private var unused: (side: Side, octets: Int64)?

    init(
        _ one: DumpDescription.Body, _ other: DumpDescription.Body, path: String, version: Int64
    ) {
        self.one = one
        self.other = other
        self.path = path
        self.version = version
        sent = Cursor(fields: one.fields[...])
        read = Cursor(fields: other.fields[...])
    }

    mutating func run(in comparison: inout DumpComparison) {
        var field: Field?
        var match: Field?
        while true {
            // An unused field's own side waits while the other goes on.
            if field == nil {
                guard let next = sent.fields.popFirst() else {
                    guard let outer = sent.outer.popLast() else { break }
                    sent.fields = outer
                    continue
                }
                field = next
            }
            if match == nil {
                guard let next = read.fields.popFirst() else {
                    guard let outer = read.outer.popLast() else {
                        return exhausted(field, in: &comparison)
                    }
                    read.fields = outer
                    continue
                }
                match = next
            }
            guard let current = field, let counterpart = match else { return }
            if unused != nil {
                guard fill(&field, &match, in: &comparison) else { return }
                continue
            }
            switch step(current, counterpart, in: &comparison) {
            case .both:
                field = nil
                match = nil
            case .keepSent: match = nil
            case .keepRead: field = nil
            case .stop: return
            }
        }
        if unused == nil { reportNew(in: &comparison) }
    }

    private enum Step { case both, keepSent, keepRead, stop }

    private mutating func step(
        _ field: Field, _ match: Field, in comparison: inout DumpComparison
    ) -> Step {
        let renames = comparison.renames
        if renames.areSame(fields: field.declaredName, match.declaredName, in: one.name) {
            compare(field, match, in: &comparison)
            return .both
        }
        if Self.begins(match, field.declaredName, renames) {
            read.enter(match.body.first?.fields ?? [])
            return .keepSent
        }
        if Self.begins(field, match.declaredName, renames) {
            sent.enter(field.body.first?.fields ?? [])
            return .keepRead
        }
        if field.declaredName == "unused" || match.declaredName == "unused" {
            let one = Self.total(field)
            let other = Self.total(match)
            if one == other { return .both }
            if match.declaredName == "unused" {
                unused = (.receiver, other &- one)
                return .keepRead
            }
            unused = (.sender, one &- other)
            return .keepSent
        }
        comparison.report(
            .fieldOther, DumpComparison.join(path, field.declaredName),
            "another field stands there; what follows was not compared",
            expected: match.declaredName, found: field.declaredName, description: one.name,
            field: field.declaredName, place: .receiver(match.offset))
        return .stop
    }

    /// Takes one field for part of what is unused on the other side.
    /// - Returns: whether to go on.
    private mutating func fill(
        _ field: inout Field?, _ match: inout Field?, in comparison: inout DumpComparison
    ) -> Bool {
        guard let open = unused else { return true }
        let filler = open.side == .receiver ? field : match
        let left = open.octets &- Int64(clamping: filler?.size ?? 0)
        if open.side == .receiver { field = nil } else { match = nil }
        unused = (open.side, left)
        if left == 0 {
            unused = nil
            field = nil
            match = nil
        } else if left < 0 {
            comparison.report(
                .unusedSize, DumpComparison.join(path, filler?.declaredName ?? ""),
                "the fields do not fill the unused octets", description: one.name,
                field: filler?.declaredName,
                place: open.side == .receiver
                    ? .sender(filler?.offset ?? 0) : .receiver(filler?.offset ?? 0))
            return false
        }
        return true
    }

    private func compare(
        _ field: Field, _ match: Field, in comparison: inout DumpComparison
    ) {
        let inner = DumpComparison.join(path, field.declaredName)
        // QEMU's script counts this as an error, though the loader then reads what is sent.
        if field.version > match.version {
            comparison.report(
                .newerVersion, inner, "the field is as old as the description there, or older",
                severity: .warning, expected: "from version \(match.version) on",
                found: "from version \(field.version) on", description: one.name,
                field: field.declaredName, place: .receiver(match.offset))
        }
        guard let body = field.body.first else {
            if field.size != match.size {
                comparison.report(
                    .fieldSize, inner, "the field has another size",
                    expected: "\(match.size) octets", found: "\(field.size) octets",
                    description: one.name, field: field.declaredName,
                    place: .receiver(match.offset))
            }
            return compareRest(field, match, inner, in: &comparison)
        }
        guard let other = match.body.first else {
            return comparison.report(
                .descriptionMissing, inner, "the structure is a plain field there",
                description: one.name, field: field.declaredName, place: .receiver(match.offset))
        }
        compareRest(field, match, inner, in: &comparison)
        comparison.compare(body, other, path: inner, version: other.version)
    }

    /// What QEMU's script leaves out.
    private func compareRest(
        _ field: Field, _ match: Field, _ inner: String, in comparison: inout DumpComparison
    ) {
        if let one = field.count, let other = match.count, one != other,
            field.declaredName != "unused"
        {
            comparison.report(
                .fieldCount, inner, "the array has another length",
                expected: "\(other) elements", found: "\(one) elements",
                description: self.one.name, field: field.declaredName,
                place: .receiver(match.offset))
        }
        if field.isOptional != match.isOptional {
            comparison.report(
                .fieldCondition, inner,
                match.isOptional
                    ? "a predicate decides there whether it is read"
                    : "it is always read there, but a predicate decides whether it is sent",
                description: one.name, field: field.declaredName, place: .receiver(match.offset))
        } else if !match.isOptional, field.version <= one.version, match.version > version {
            comparison.report(
                .fieldNotRead, inner, "the receiver does not read it in the version that is sent",
                expected: "version \(match.version)", found: "version \(version)",
                description: one.name, field: field.declaredName, place: .receiver(match.offset))
        }
    }

    private func exhausted(_ field: Field?, in comparison: inout DumpComparison) {
        guard let field else { return }
        comparison.report(
            .fieldMissing, DumpComparison.join(path, field.declaredName),
            "the field does not exist there; what follows was not compared",
            description: one.name, field: field.declaredName, place: .receiver(other.offset))
    }

    /// Fields that the receiver reads behind all that is sent. QEMU's script stops before them.
    private mutating func reportNew(in comparison: inout DumpComparison) {
        let rest = ([read.fields] + read.outer.reversed()).flatMap { $0 }
        for field in rest where !field.isOptional && field.version <= version {
            comparison.report(
                .fieldNew, DumpComparison.join(path, field.declaredName),
                "the receiver reads this field, which is not sent", description: one.name,
                field: field.declaredName,
                place: .receiver(field.offset))
        }
    }

    /// Whether a field is a structure that begins with a field of this name.
    private static func begins(_ field: Field, _ name: String, _ renames: RenameTable) -> Bool {
        guard let body = field.body.first, let first = body.fields.first else { return false }
        return renames.areSame(fields: first.declaredName, name, in: body.name)
    }

    private static func total(_ field: Field) -> Int64 {
        let (product, overflow) = field.size.multipliedReportingOverflow(by: field.count ?? 1)
        return overflow ? Int64.max : Int64(clamping: product)
    }
}
