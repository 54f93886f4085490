/// What few streams have, and a reader should know of.
enum UnusualFacts {
    /// Octets of one device's section above which it is told.
    private static let largeDevice: UInt64 = 4 << 20

    static func of(_ summary: StreamSummary) -> [UnusualFact] {
        guard summary.streamVersion > 0 else { return [] }
        return framing(summary) + memory(summary) + devices(summary)
    }

    private static func framing(_ summary: StreamSummary) -> [UnusualFact] {
        var facts: [UnusualFact] = []
        func tell(_ code: String, _ message: String) {
            facts.append(UnusualFact(code: code, message: message))
        }
        if summary.streamVersion != 3 {
            tell("stream-version", "QEMU writes version 3, this is \(summary.streamVersion)")
        }
        if summary.leadingZeros > 0 {
            tell("leading-zeros", "the stream stands behind \(summary.leadingZeros) octets of zero")
        }
        if summary.machine == nil {
            tell("no-configuration", "no configuration section: a machine of 2.3 or older")
        }
        if !summary.sections.isEmpty {
            switch summary.hasFooters {
            case false?: tell("no-footers", "sections have no footers: a machine of 2.3 or older")
            case nil: tell("some-footers", "some sections have footers, others none")
            case true?: break
            }
        }
        if summary.isWhole, summary.description == nil {
            tell("no-vmdesc", "no vmdesc: post-copy, or the machine suppresses it")
        }
        if summary.raw > 0 {
            tell("raw", "\(summary.raw) octets are carried without being understood")
        }
        for command in summary.commands where command.name == nil {
            tell("unknown-command", "command \(command.code) is not known")
        }
        let names = Set(summary.commands.compactMap(\.name))
        if names.contains("POSTCOPY_LISTEN") || names.contains("POSTCOPY_RUN") {
            tell("postcopy", "post-copy: the guest ran at the other side before all RAM was there")
        }
        return facts
    }

    private static func memory(_ summary: StreamSummary) -> [UnusualFact] {
        var facts: [UnusualFact] = []
        func tell(_ code: String, _ message: String) {
            facts.append(UnusualFact(code: code, message: message))
        }
        let pages = summary.pages
        if pages.xbzrle > 0 {
            tell("xbzrle", "\(pages.xbzrle) pages are differences to what was sent before")
        }
        if pages.compressed > 0 {
            tell("compress", "\(pages.compressed) pages are compressed one by one (QEMU up to 9.0)")
        }
        if summary.blocks.contains(where: { $0.mapped != nil }) {
            tell("mapped-ram", "each page has a place of its own in the file")
        }
        guard let transfer = summary.transfer else { return facts }
        if let missing = transfer.missingPages, missing > 0, transfer.distinctPages > 0,
            summary.channels.isEmpty
        {
            tell(
                "missing-pages",
                "\(missing) of the blocks' pages were never sent: they came by other channels, or the "
                    + "guest does not use them")
        }
        if transfer.passCount > 30 {
            tell("many-passes", "\(transfer.passCount) passes over RAM: the guest wrote faster")
        }
        if transfer.resentPages > transfer.distinctPages, transfer.distinctPages > 0 {
            tell(
                "much-sent-again",
                "\(transfer.resentPages) pages were sent again, more than there are")
        }
        return facts
    }

    private static func devices(_ summary: StreamSummary) -> [UnusualFact] {
        var facts: [UnusualFact] = []
        for section in summary.sections where section.isFull && section.size > largeDevice {
            facts.append(
                UnusualFact(
                    code: "large-device",
                    message: "\(section.name) has \(StreamSummary.octets(section.size))"))
        }
        if summary.devices.blobs > 0 {
            facts.append(
                UnusualFact(
                    code: "blobs",
                    message: "\(summary.devices.octetsInBlobs) octets of device state are in "
                        + "\(summary.devices.blobs) blobs that nothing describes"))
        }
        var seen: Set<String> = []
        for section in summary.sections {
            let name = "\(section.name)[\(section.instanceID)]"
            if !seen.insert(name).inserted {
                facts.append(
                    UnusualFact(
                        code: "twice",
                        message:
                            "two sections are named \(name): QEMU tells them by their order alone"))
            }
        }
        return facts
    }
}
