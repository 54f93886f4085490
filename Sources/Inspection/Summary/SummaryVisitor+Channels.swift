import ByteIO
public import Migration

extension SummaryVisitor {
    /// Changes the summary of the channel at hand.
    private mutating func change(_ body: (inout ChannelSummary) -> Void) {
        guard let last = summary.channels.indices.last else { return }
        body(&summary.channels[last])
    }

    public mutating func beginChannel(
        _ channel: Channel, at offset: UInt64
    ) throws(MigrationError) {
        var new = ChannelSummary(kind: channel.kind.rawValue, offset: offset)
        switch channel {
        case .multifd(let opening):
            new.id = Int(opening.id)
            new.version = opening.version
            if opening.uuid.contains(where: { $0 != 0 }) {
                new.uuid = SummaryVisitor.uuid(opening.uuid[...])
            }
            new.packets = 0
            new.syncs = 0
            new.compression = [:]
            new.payload = 0
            new.pages = StreamSummary.Pages()
        case .preempt:
            new.pages = StreamSummary.Pages()
            new.payload = 0
        case .returnPath:
            new.messages = []
            new.requested = 0
        case .continued: new.pages = StreamSummary.Pages()
        case .cprState(let version): new.version = version
        }
        summary.channels.append(new)
        self.channel = channel.kind
    }

    public mutating func endChannel(mark: Bool) throws(MigrationError) {
        if channel == .preempt { change { $0.hasEndMark = mark } }
        channel = nil
    }

    /// Counts pages for the channel at hand.
    mutating func count(_ pages: StreamSummary.Pages, octets: UInt64) {
        change {
            $0.pages?.add(pages)
            $0.payload? &+= octets
        }
    }

    public mutating func beginPacket(_ packet: MultifdPacket) throws(MigrationError) {
        change {
            $0.packets? += 1
            if packet.flags & MultifdFlag.sync != 0 { $0.syncs? += 1 }
            if packet.hasData {
                $0.compression?[MultifdFlag.method(packet.flags), default: 0] += 1
                $0.payload? &+= UInt64(packet.size)
            }
        }
    }

    public mutating func beginDevicePacket(
        _ packet: DeviceStatePacket
    ) throws(MigrationError) {
        change {
            $0.devicePackets = ($0.devicePackets ?? 0) + 1
            $0.deviceState = ($0.deviceState ?? 0) &+ UInt64(packet.size)
        }
    }

    public mutating func endPacket() throws(MigrationError) {}

    public mutating func returnMessage(_ message: ReturnMessage) throws(MigrationError) {
        count(message: message.name)
        if case .requestPages(_, let length, _) = message {
            change { $0.requested? &+= UInt64(length) }
        }
    }

    private mutating func count(message name: String) {
        change { channel in
            let index = channel.messages?.firstIndex { $0.name == name }
            if let index {
                channel.messages?[index].count += 1
            } else {
                channel.messages?.append(ChannelSummary.Message(name: name, count: 1))
            }
        }
    }

    public mutating func beginBitmap(block: String, size: UInt64) throws(MigrationError) {
        count(message: "RECV_BITMAP")
        change {
            $0.bitmaps =
                ($0.bitmaps ?? []) + [
                    ChannelSummary.Bitmap(block: block, size: size, pages: 0, isWhole: false)
                ]
        }
    }

    /// A piece of a bitmap.
    mutating func countBits(_ piece: RawSpan) {
        var pages: UInt64 = 0
        for octet in piece.octets { pages += UInt64(octet.nonzeroBitCount) }
        change { channel in
            guard let last = channel.bitmaps?.indices.last else { return }
            channel.bitmaps?[last].pages += pages
        }
    }

    public mutating func endBitmap(isWhole: Bool) throws(MigrationError) {
        change { channel in
            guard let last = channel.bitmaps?.indices.last else { return }
            channel.bitmaps?[last].isWhole = isWhole
        }
    }

    public mutating func cprDescriptors(_ list: [CPRDescriptor]) throws(MigrationError) {
        change {
            $0.descriptors = list.map {
                ChannelSummary.Descriptor(name: $0.name, id: $0.id, number: $0.number)
            }
        }
    }

    public mutating func channelCut(_ rest: RawSpan) throws(MigrationError) {
        change { $0.cut = UInt64(rest.byteCount) }
    }
}
