public import Migration

extension ProgressVisitor where Base: ~Copyable {
    public mutating func beginChannel(
        _ channel: Channel, at offset: UInt64
    ) throws(MigrationError) { try base.beginChannel(channel, at: offset) }

    public mutating func endChannel(mark: Bool) throws(MigrationError) {
        try base.endChannel(mark: mark)
    }

    public mutating func beginPacket(_ packet: MultifdPacket) throws(MigrationError) {
        try base.beginPacket(packet)
    }

    public mutating func beginDevicePacket(
        _ packet: DeviceStatePacket
    ) throws(MigrationError) { try base.beginDevicePacket(packet) }

    public mutating func endPacket() throws(MigrationError) { try base.endPacket() }

    public mutating func returnMessage(_ message: ReturnMessage) throws(MigrationError) {
        try base.returnMessage(message)
    }

    public mutating func beginBitmap(block: String, size: UInt64) throws(MigrationError) {
        try base.beginBitmap(block: block, size: size)
    }

    public mutating func endBitmap(isWhole: Bool) throws(MigrationError) {
        try base.endBitmap(isWhole: isWhole)
    }

    public mutating func cprDescriptors(_ list: [CPRDescriptor]) throws(MigrationError) {
        try base.cprDescriptors(list)
    }

    public mutating func channelCut(_ rest: RawSpan) throws(MigrationError) {
        try base.channelCut(rest)
    }
}
