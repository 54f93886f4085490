/// The object set of a module that is made from a dump.
///
/// A dump doesn't tell where devices are plugged, and a section's name begins with that place:
/// `0000:00:01.3/piix4_pm`. So an object has a set of names, those that end with the description's
/// (value set fields, X.681 9.9), in place of one.
enum FamilyText {
    static let section = """
        SecFull ::= [APPLICATION 2003] SEQUENCE {
            sectionid   SectionID,
            name        DEVICE.&Names ({Devices}),
            instanceid  UInt32,
            versionid   DEVICE.&Versions ({Devices}{@name}),
            contents    DEVICE.&State ({Devices}{@name}),
            footer      BOOLEAN
        }
        """

    static let deviceClass = """
        DEVICE ::= CLASS {
            &Names     UTF8String,
            &Versions  UInt32,
            &State
        } WITH SYNTAX { NAMES &Names VERSIONS &Versions STATE &State }
        """

    /// The rows: one for each description, and one for the sections of all others.
    static func objects(
        _ families: [DeviceCatalog.Family], _ shapes: inout ShapeText
    ) -> [String] {
        var objects: [String] = []
        var patterns: [String] = []
        for family in families {
            let versions = family.versions.sorted().compactMap { UInt32(exactly: $0) }
            guard let pattern = pattern(family.name), !versions.isEmpty else { continue }
            patterns.append(pattern)
            let reference = shapes.reference(family.name)
            let names = shapes.reference("\(family.name)-Name")
            shapes.assign("-- \(GeneratedModule.comment(family.name))")
            shapes.assign("\(names) ::= UTF8String (PATTERN \"(.*/)?\(pattern)\")")
            let parts = shapes.parts(family.state, of: reference, 1)
            shapes.assign("\(reference) ::= [APPLICATION 8790] SEQUENCE {\n\(parts)\n}\n")
            let list = versions.map { "\($0)" }.joined(separator: " | ")
            objects.append(
                "    { NAMES { \(names) } VERSIONS { \(list) } STATE \(reference) }")
        }
        // CPUs, timers and what else is no device of QEMU's object model is not in a dump.
        let known = shapes.reference("Known-Name")
        let other = shapes.reference("Other-Name")
        shapes.assign("-- What the dump tells nothing of: CPUs, timers, the machine's own state.")
        shapes.assign(
            "\(known) ::= UTF8String (PATTERN \"(.*/)?(\(patterns.joined(separator: "|")))\")")
        shapes.assign("\(other) ::= UTF8String (ALL EXCEPT \(known))\n")
        objects.append("    { NAMES { \(other) } VERSIONS { UInt32 } STATE Contents }")
        return objects
    }

    /// A name as a regular expression (X.680 annex A); `nil` for one that can't stand in a text.
    private static func pattern(_ name: String) -> String? {
        guard !name.isEmpty,
            name.unicodeScalars.allSatisfy({ $0.value >= 0x20 && $0.value < 0x7f })
        else { return nil }
        var text = ""
        for scalar in name.unicodeScalars {
            if ##".[]()*+?|\#{}^$"##.unicodeScalars.contains(scalar) { text += "\\" }
            text.unicodeScalars.append(scalar)
            if scalar == "\"" { text += "\"" }
        }
        return text
    }
}
