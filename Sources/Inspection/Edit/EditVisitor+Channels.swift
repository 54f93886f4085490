public import Migration

/// Channels beside the main one go on as they are, but for blocks' names. What else is told of blocks
/// there is not edited, and refused.
extension EditVisitor where Base: ~Copyable {
    public mutating func beginChannel(
        _ channel: Channel, at offset: UInt64
    ) throws(MigrationError) {
        if memory.hasEdits, channel.kind == .returnPath || channel.kind == .continued {
            throw refused("an edit of a block", "messages of the return path name blocks")
        }
        self.channel = channel.kind
        memory.beginSection()
        try base.beginChannel(channel, at: offset)
    }

    public mutating func endChannel(mark: Bool) throws(MigrationError) {
        channel = nil
        try base.endChannel(mark: mark)
    }

    public mutating func beginPacket(_ packet: MultifdPacket) throws(MigrationError) {
        if memory.renames, !packet.header.isEmpty {
            throw refused("--rename-block", "a packet's header has more than Berth knows")
        }
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
