public import Migration

/// What the user may settle about reading a binary stream.
public struct StreamOptions: Sendable {
    /// The target's page size in octets, in place of what the stream says or shows.
    public var pageSize: UInt64?
    /// Octets of device sections that may wait in memory for their description.
    public var waitLimit = 256 << 20
    /// Leaves the vmdesc aside: devices become blobs.
    public var ignoresDescription = false
    /// Layouts for devices that the stream's own vmdesc doesn't describe.
    public var layouts = DeviceLayouts()
    /// Passes over the pages of mapped blocks without reading or telling them.
    public var passesMappedPages = false
    /// Passes over the contents of pages in a BER file of version 4 that has an index: groups are told
    /// without octets, checkpoints are not verified.
    public var passesIndexedPages = false
    /// Called with what the user should know of. Rare, so a closure does.
    public var warn: @Sendable (MigrationWarning) -> Void = { _ in }

    public init() {}
}
