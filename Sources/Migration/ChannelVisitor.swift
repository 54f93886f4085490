/// What the channels beside the main one hold. They come one after another behind the main channel's
/// items, each whole.
///
///     beginChannel
///       multifd:     ( beginPacket  ramPages?  opaque…  endPacket
///                    | beginDevicePacket  opaque…  endPacket )*
///       preempt:     ramPages*  channelCut?
///       return path: ( returnMessage | beginBitmap  opaque…  endBitmap )*  channelCut?
///       continued:   what a stream's items are
///       CPR state:   cprDescriptors?  channelCut?
///     endChannel
///
/// A visitor that does not know channels refuses them: that is what the methods here do of
/// themselves.
public protocol ChannelVisitor: ~Copyable {
    /// - Parameter offset: octets from the start of the input to the channel.
    mutating func beginChannel(_ channel: Channel, at offset: UInt64) throws(MigrationError)
    /// - Parameter mark: whether the end-of-section record ends a preempt channel (QEMU 7.1, 7.2).
    mutating func endChannel(mark: Bool) throws(MigrationError)

    /// A packet. Its pages follow, in one group, if it has any, then its data.
    mutating func beginPacket(_ packet: MultifdPacket) throws(MigrationError)
    mutating func beginDevicePacket(_ packet: DeviceStatePacket) throws(MigrationError)
    mutating func endPacket() throws(MigrationError)

    mutating func returnMessage(_ message: ReturnMessage) throws(MigrationError)
    /// RECV_BITMAP: the pages of a block that have been received, in pieces.
    /// - Parameter size: octets of the bitmap.
    mutating func beginBitmap(block: String, size: UInt64) throws(MigrationError)
    /// - Parameter isWhole: whether all of it came, and the word that ends it.
    mutating func endBitmap(isWhole: Bool) throws(MigrationError)

    /// The list of descriptors, if the octets are one.
    mutating func cprDescriptors(_ list: [CPRDescriptor]) throws(MigrationError)

    /// The last octets of a channel, which are nothing whole.
    mutating func channelCut(_ rest: RawSpan) throws(MigrationError)
}

extension ChannelVisitor where Self: ~Copyable {
    public mutating func beginChannel(
        _ channel: Channel, at offset: UInt64
    ) throws(MigrationError) {
        throw MigrationError(
            .unsupported, at: offset, expected: "a main channel alone",
            found: "a channel of kind \(channel.kind.rawValue)")
    }

    public mutating func endChannel(mark: Bool) throws(MigrationError) {}
    public mutating func beginPacket(_ packet: MultifdPacket) throws(MigrationError) {}
    public mutating func beginDevicePacket(_ packet: DeviceStatePacket) throws(MigrationError) {}
    public mutating func endPacket() throws(MigrationError) {}
    public mutating func returnMessage(_ message: ReturnMessage) throws(MigrationError) {}
    public mutating func beginBitmap(block: String, size: UInt64) throws(MigrationError) {}
    public mutating func endBitmap(isWhole: Bool) throws(MigrationError) {}
    public mutating func cprDescriptors(_ list: [CPRDescriptor]) throws(MigrationError) {}
    public mutating func channelCut(_ rest: RawSpan) throws(MigrationError) {}
}
