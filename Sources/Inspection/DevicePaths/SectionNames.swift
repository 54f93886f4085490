public import Migration

/// Tells sections of one idstr and instance id apart: some of QEMU's machines have them (two
/// `isa-ide` of instance 0). The second's name gets `#2`, as a second field's does.
public struct SectionNames: Sendable {
    private var known: [DevicePath: [UInt32]] = [:]

    public init() {}

    /// The path of a section. One that comes again under the same number, as in COLO's rounds, is
    /// the same.
    public mutating func path(of header: SectionHeader) -> DevicePath {
        var path = DevicePath(section: header.name, instance: header.instanceID)
        var numbers = known[path] ?? []
        let place = numbers.firstIndex(of: header.sectionID) ?? numbers.count
        if place == numbers.count {
            numbers.append(header.sectionID)
            known[path] = numbers
        }
        if place > 0 { path.section += "#\(place + 1)" }
        return path
    }
}
