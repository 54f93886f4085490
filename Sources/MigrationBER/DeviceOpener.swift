public import Migration

/// Makes fields of devices that a file has as opaque octets, by layouts from elsewhere.
public struct DeviceOpener {
    /// Sections of more octets stay opaque.
    public var limit: Int
    /// Gets a FULL section, its octets, and where they stand in the file.
    /// - Returns: the device, if its fields give just these octets; otherwise `nil`.
    public var open: (SectionHeader, [UInt8], _ offset: UInt64) -> DeviceState?

    public init(
        limit: Int, open: @escaping (SectionHeader, [UInt8], _ offset: UInt64) -> DeviceState?
    ) {
        self.limit = limit
        self.open = open
    }
}
