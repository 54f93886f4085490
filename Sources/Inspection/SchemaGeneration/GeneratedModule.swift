internal import Migration

/// A module in which each device of a machine is a SEQUENCE with its own field names and ranges.
///
/// It is the generic schema of version 4 but for FULL sections: an information object set ties
/// the section's name and version to the type of its state (X.681, X.682 10). So a file that obeys
/// it obeys the generic schema, too, and a device whose shape differs is found.
public struct GeneratedModule {
    /// Why there is no module.
    public enum Failure: Error, Hashable, Sendable {
        /// The generic schema has not the assignments that are replaced.
        case unknownBase(assignment: String)
        /// There is no device.
        case noDevices
    }

    /// The module's text.
    public let text: String
    /// The module's name.
    public let name: String
    /// How many devices (by name and version) are described, and how many are opaque.
    public let described: Int
    public let opaque: Int

    /// - Parameters:
    ///   - base: the text of the generic schema, version 4.
    ///   - producer: what wrote it, for the first line.
    ///   - source: where the devices come from, for the first line.
    public init(
        _ catalog: borrowing DeviceCatalog, base: String, producer: String, source: String
    ) throws(Failure) {
        let devices = catalog.devices
        guard !catalog.isEmpty else { throw .noDevices }
        let fromDump = catalog.hasDump
        let machine = catalog.machines.joined(separator: ", ")
        name = IdentifierRules.reference(
            "Qemu4-" + (catalog.machines.first ?? "stream"))
        var body = try Self.body(of: base)
        // One name with several versions has several rows; other compilers know a single key alone.
        let isUnique = Set(devices.map(\.name)).count == devices.count
        try Self.replace(
            "SecFull", in: &body,
            with: fromDump
                ? FamilyText.section : Self.section(isUnique ? "@name" : "@name,@versionid"))
        if let machines = Self.machineType(catalog.machines) {
            try Self.replace("Configuration", in: &body, with: machines)
        }

        var shapes = ShapeText(usedReferences: Self.references(in: body))
        _ = shapes.reference("Devices")
        var objects: [String] = []
        for device in devices {
            // A device that no ASN.1 text can name has no object: its section is a finding.
            guard let title = IdentifierRules.stringValue(device.name) else { continue }
            let last = device.name.split(separator: "/").last.map(String.init) ?? device.name
            let reference = shapes.reference("\(last)-v\(device.version)")
            shapes.assign("-- \(Self.comment(device.name))")
            switch device.state {
            case let state? where device.isOpaque:
                let parts = shapes.parts(state, of: reference, 2)
                shapes.assign(
                    """
                    \(reference) ::= CHOICE {
                        device  [APPLICATION 8790] SEQUENCE {
                    \(parts)
                        },
                        opaque  OCTET STRING
                    }

                    """)
            case let state?:
                let parts = shapes.parts(state, of: reference, 1)
                shapes.assign(
                    "\(reference) ::= [APPLICATION 8790] SEQUENCE {\n\(parts)\n}\n")
            case nil: shapes.assign("\(reference) ::= OCTET STRING\n")
            }
            objects.append(
                "    { NAME \(title) VERSION \(device.version) STATE \(reference) }")
        }
        if fromDump { objects = FamilyText.objects(catalog.families, &shapes) }
        shapes.assign("Devices DEVICE ::= {\n" + objects.joined(separator: " |\n") + "\n}\n")

        text = """
            -- The devices of \(Self.comment(machine.isEmpty ? "a stream" : machine)), \
            from \(Self.comment(source)).
            -- Made by \(Self.comment(producer)).  All but SecFull, Configuration and what stands \
            behind "Devices of this
            -- machine" is Berth's schema of version 4.

            \(name)
            DEFINITIONS IMPLICIT TAGS ::=
            BEGIN
            \(body)
            -- Devices of this machine ---------------------------------------------

            \(fromDump ? FamilyText.deviceClass : Self.deviceClass(isUnique: isUnique))

            SUBSECTION ::= CLASS {
                &name         UTF8String UNIQUE,
                &version      UInt32,
                &Fields,
                &Subsections  OPTIONAL
            } WITH SYNTAX { NAME &name VERSION &version FIELDS &Fields [SUBSECTIONS &Subsections] }

            \(shapes.usesFields ? Self.fieldClass : "")\
            \(shapes.assignments)
            END

            """
        described = devices.count { $0.state != nil } + catalog.families.count
        opaque = devices.count { $0.state == nil }
    }

    /// - Parameter key: what leads to a row: the name, or the name and the version.
    private static func section(_ key: String) -> String {
        """
        SecFull ::= [APPLICATION 2003] SEQUENCE {
            sectionid   SectionID,
            name        DEVICE.&name ({Devices}),
            instanceid  UInt32,
            versionid   DEVICE.&version ({Devices}\(key == "@name" ? "{@name}" : "")),
            contents    DEVICE.&State ({Devices}{\(key)}),
            footer      BOOLEAN
        }
        """
    }

    private static func deviceClass(isUnique: Bool) -> String {
        """
        DEVICE ::= CLASS {
            &name     UTF8String\(isUnique ? " UNIQUE" : ""),
            &version  UInt32,
            &State
        } WITH SYNTAX { NAME &name VERSION &version STATE &State }
        """
    }

    /// Of structures whose fields may be missing.
    private static let fieldClass = """
        FIELD ::= CLASS {
            &name  UTF8String UNIQUE,
            &Value
        } WITH SYNTAX { NAME &name VALUE &Value }


        """

    private static func machineType(_ machines: [String]) -> String? {
        let values = machines.compactMap { IdentifierRules.stringValue($0) }
        guard !values.isEmpty, values.count == machines.count else { return nil }
        return """
            Configuration ::= [APPLICATION 8646] SEQUENCE {
                machine      UTF8String (\(values.joined(separator: " | "))),
                subsections  SubSecList OPTIONAL
            }
            """
    }

    // MARK: The generic schema

    /// What stands between BEGIN and END.
    private static func body(of base: String) throws(Failure) -> String {
        let lines = base.split(separator: "\n", omittingEmptySubsequences: false)
        guard let first = lines.firstIndex(of: "BEGIN"), let last = lines.lastIndex(of: "END"),
            first < last
        else { throw .unknownBase(assignment: "BEGIN") }
        return lines[(first + 1)..<last].joined(separator: "\n")
    }

    /// Replaces an assignment of a type with braces, up to the line that is a brace alone.
    private static func replace(
        _ reference: String, in body: inout String, with text: String
    ) throws(Failure) {
        var lines = body.split(separator: "\n", omittingEmptySubsequences: false)
        guard let first = lines.firstIndex(where: { $0.hasPrefix("\(reference) ::=") }),
            let last = lines[first...].firstIndex(of: "}")
        else { throw .unknownBase(assignment: reference) }
        lines.replaceSubrange(first...last, with: text.split(separator: "\n"))
        body = lines.joined(separator: "\n")
    }

    /// The references that the generic schema assigns.
    private static func references(in body: String) -> Set<String> {
        var names: Set<String> = ["DEVICE", "SUBSECTION", "FIELD"]
        for line in body.split(separator: "\n") {
            guard let first = line.unicodeScalars.first, first >= "A", first <= "Z",
                let end = line.firstIndex(where: { $0 == " " })
            else { continue }
            names.insert(String(line[..<end]))
        }
        return names
    }

    /// Text that can't end a comment.
    static func comment(_ text: String) -> String {
        var safe = ""
        for scalar in text.unicodeScalars {
            let isPlain = scalar.value >= 0x20 && scalar.value < 0x7f
            if scalar == "-", safe.hasSuffix("-") { safe += " " }
            safe.unicodeScalars.append(isPlain ? scalar : "?")
        }
        return safe
    }
}
