/// The channels' tables, as people read them.
extension StreamSummary {
    var channelLines: [String] {
        var lines = [""] + channelTable
        let messages = messageTable
        if messages.count > 1 { lines += [""] + Self.table(messages, right: 2..<3) }
        let bitmaps = bitmapTable
        if bitmaps.count > 1 { lines += [""] + Self.table(bitmaps, right: 2..<4) }
        let descriptors = descriptorTable
        if descriptors.count > 1 { lines += [""] + Self.table(descriptors, right: 2..<4) }
        return lines
    }

    private var channelTable: [String] {
        var rows = [
            [
                "channel", "kind", "id", "packets", "syncs", "zero", "full", "packed", "payload",
                "compression",
            ]
        ]
        for (index, channel) in channels.enumerated() {
            func text<T>(_ value: T?) -> String { value.map { "\($0)" } ?? "" }
            let methods = (channel.compression ?? [:]).sorted { $0.key < $1.key }
            rows.append([
                "\(index + 1)", channel.kind, text(channel.id), text(channel.packets),
                text(channel.syncs), text(channel.pages?.zero), text(channel.pages?.full),
                text(channel.packets == nil ? nil : channel.pages?.packed ?? 0),
                text(channel.payload),
                methods.map { "\($0.key) (\($0.value))" }.joined(separator: ", ")
                    + (channel.compression?.isEmpty == true ? "none" : ""),
            ])
        }
        var lines = Self.table(rows, right: 2..<9)
        for (index, channel) in channels.enumerated() {
            if let packets = channel.devicePackets {
                lines.append(
                    "channel \(index + 1) has \(packets) packets of device state, "
                        + Self.octets(channel.deviceState ?? 0))
            }
            if channel.cut > 0 {
                let what =
                    channel.kind == "cpr-state" ? "more than descriptors" : "what is not whole"
                lines.append(
                    "channel \(index + 1) ends with \(Self.octets(channel.cut)) of \(what)")
            }
        }
        return lines
    }

    private var messageTable: [[String]] {
        var rows = [["channel", "message", "count"]]
        for (index, channel) in channels.enumerated() {
            for message in channel.messages ?? [] {
                rows.append(["\(index + 1)", Self.visible(message.name), "\(message.count)"])
            }
        }
        return rows
    }

    private var bitmapTable: [[String]] {
        var rows = [["channel", "received of", "bitmap", "pages", ""]]
        for (index, channel) in channels.enumerated() {
            for bitmap in channel.bitmaps ?? [] {
                rows.append([
                    "\(index + 1)", Self.visible(bitmap.block), Self.octets(bitmap.size),
                    "\(bitmap.pages)", bitmap.isWhole ? "" : "cut off",
                ])
            }
        }
        return rows
    }

    private var descriptorTable: [[String]] {
        var rows = [["channel", "descriptor", "id", "number"]]
        for (index, channel) in channels.enumerated() {
            for descriptor in channel.descriptors ?? [] {
                rows.append([
                    "\(index + 1)", Self.visible(descriptor.name), "\(descriptor.id)",
                    descriptor.number.map { "\($0)" } ?? "beside the octets",
                ])
            }
        }
        return rows
    }
}
