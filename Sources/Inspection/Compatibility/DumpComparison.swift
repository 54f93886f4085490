public import QEMUStream

/// Compares two `-dump-vmstate` files: would a stream of the one program load in the other?
///
/// It finds what QEMU's `scripts/vmstate-static-checker.py` finds, by the same order of steps, and
/// some more: see ``CompatibilityCode/isStaticCheckersRule``.
public struct DumpComparison {
    let renames: RenameTable
    /// The type that is being compared.
    var section = ""
    public private(set) var findings: [CompatibilityFinding] = []

    public init(renames: RenameTable) { self.renames = renames }

    /// All findings for streams from the first to the second.
    public static func findings(
        from sender: DumpDescription, to receiver: DumpDescription, renames: RenameTable,
        direction: CompatibilityFinding.Direction
    ) -> [CompatibilityFinding] {
        var comparison = DumpComparison(renames: renames)
        comparison.compare(sender, receiver)
        return comparison.findings.map {
            var finding = $0
            finding.direction = direction
            // Few promise that a VM can go back.
            if direction == .backward, finding.severity == .error { finding.severity = .warning }
            return finding
        }
    }

    private mutating func compare(_ sender: DumpDescription, _ receiver: DumpDescription) {
        if let one = sender.machine, let other = receiver.machine, one != other {
            var finding = CompatibilityFinding(
                .machineType, .warning, path: "", "the dumps are of different machine types",
                expected: other, found: one, place: .receiver(0))
            finding.loaderMessages = LoaderMessage.machineType(one, local: other)
            findings.append(finding)
        }
        var types: [String: DumpDescription.Device] = [:]
        for device in receiver.devices { types[device.type] = device }
        for device in sender.devices {
            section = device.type
            let names = [device.type] + renames.otherNames(ofSection: device.type)
            guard let other = names.lazy.compactMap({ types[$0] }).first else {
                report(
                    .sectionMissing, "", "the type does not exist there",
                    place: .sender(device.offset))
                continue
            }
            compareVersions(
                device.version, other.version, minimum: nil, path: "", description: nil,
                place: .receiver(other.offset))
            compare(device.body, other.body, path: "", version: device.body.version)
        }
    }

    /// - Parameters:
    ///   - minimum: the receiver's minimum, where it counts.
    mutating func compareVersions(
        _ one: Int64, _ other: Int64, minimum: Int64?, path: String, description: String?,
        place: CompatibilityFinding.Place
    ) {
        if one > other {
            report(
                .newerVersion, path, "the version is newer than the receiver's",
                expected: "at most \(other)", found: "\(one)", description: description,
                place: place)
        }
        if let minimum, one < minimum {
            report(
                .olderVersion, path, "the version is older than the receiver takes",
                expected: "at least \(minimum)", found: "\(one)", description: description,
                place: place)
        }
    }

    /// Compares two descriptions.
    /// - Parameter version: what the receiver takes the sender's version for: that of a structure
    ///   inside another is not on the wire.
    mutating func compare(
        _ one: DumpDescription.Body, _ other: DumpDescription.Body, path: String, version: Int64
    ) {
        compareVersions(
            one.version, other.version, minimum: other.minimumVersion, path: path,
            description: one.name, place: .receiver(other.offset))
        guard renames.areSame(descriptions: one.name, other.name, in: section) else {
            return report(
                .descriptionName, path, "the description has another name",
                expected: other.name, found: one.name, description: one.name,
                place: .receiver(other.offset))
        }
        if one.hasFields {
            if other.hasFields {
                var fields = FieldComparison(one, other, path: path, version: version)
                fields.run(in: &self)
            } else {
                report(
                    .entryMissing, path, "the description has no fields there",
                    found: "\(one.fields.count) fields", description: one.name, field: "Fields",
                    place: .receiver(other.offset))
            }
        }
        guard one.hasSubsections else { return }
        guard other.hasSubsections else {
            return report(
                .entryMissing, path, "the description has no subsections there",
                found: "\(one.subsections.count) subsections", description: one.name,
                field: "Subsections", place: .receiver(other.offset))
        }
        for subsection in one.subsections {
            let inner = Self.join(path, subsection.name)
            let same = other.subsections.filter { $0.name == subsection.name }
            for match in same {
                compare(subsection, match, path: inner, version: subsection.version)
            }
            if same.isEmpty {
                report(
                    .subsectionMissing, inner, "the subsection does not exist there",
                    description: one.name, field: subsection.name,
                    loaderMessages: LoaderMessage.subsection(subsection.name, in: one.name),
                    place: .sender(subsection.offset))
            }
        }
    }

    mutating func report(
        _ code: CompatibilityCode, _ path: String, _ message: String,
        severity: CompatibilityFinding.Severity? = nil, expected: String? = nil,
        found: String? = nil, description: String? = nil, field: String? = nil,
        loaderMessages: [String] = [], place: CompatibilityFinding.Place
    ) {
        var finding = CompatibilityFinding(
            code, severity, path: path.isEmpty ? section : section + ": " + path, message,
            expected: expected, found: found, loaderMessages: loaderMessages, place: place)
        finding.section = section
        finding.description = description
        finding.field = field
        findings.append(finding)
    }

    static func join(_ path: String, _ name: String) -> String {
        path.isEmpty ? name : path + "." + name
    }
}
