/// A reader of octets from outside, and what must hold of it whatever they are.
///
/// That nothing traps, hangs or takes memory without bound is the least; each check demands more:
/// that what was read comes back to the octet, that pieces of any size give the same, that readers
/// agree with each other.
public struct InputTarget: Sendable {
    public let name: String
    /// - Returns: what became of the input: `read`, or the error's code and offset.
    /// - Throws: ``Breach``.
    public let check: @Sendable ([UInt8]) throws -> String

    /// All of them. A new reader is a line here, and seeds in `Scripts/fuzz-seeds.py`.
    public static let all: [InputTarget] = [
        InputTarget(name: "binary-stream", check: StreamProperties.check),
        InputTarget(name: "mapped-ram", check: StreamProperties.check),
        InputTarget(name: "ber-raw", check: RawBERProperties.check),
        InputTarget(name: "ber-v3", check: MigrationFileProperties.check),
        InputTarget(name: "ber-v4", check: MigrationFileProperties.check),
        InputTarget(name: "schema-text", check: SchemaTextProperties.check),
        InputTarget(name: "schema-ber", check: ValidatorProperties.check),
        InputTarget(name: "vmdesc", check: DescriptionProperties.checkDescription),
        InputTarget(name: "vmstate-dump", check: DescriptionProperties.checkDump),
        InputTarget(name: "libvirt", check: ContainerProperties.check),
        InputTarget(name: "qcow2", check: ContainerProperties.check),
        InputTarget(name: "compression", check: ContainerProperties.check),
        InputTarget(name: "lzop", check: ContainerProperties.check),
        InputTarget(name: "multifd", check: ChannelProperties.checkMultifd),
        InputTarget(name: "return-path", check: ChannelProperties.checkReturnPath),
        InputTarget(name: "channels", check: ChannelProperties.checkOthers),
    ]

    public static func named(_ name: String) -> InputTarget? { all.first { $0.name == name } }
}

/// Something that must hold does not.
public struct Breach: Error, CustomStringConvertible {
    public let description: String

    public init(_ description: String) { self.description = description }
}
