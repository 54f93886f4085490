/// Streams made by hand.
public enum Samples {
    /// A page whose octets are all the same, but not what a fill record can be: the last differs.
    public static func page(_ octet: UInt8, size: Int = 4096) -> [UInt8] {
        [UInt8](repeating: octet, count: size - 1) + [octet ^ 0xff]
    }

    /// The vmdesc of ``small``'s two devices.
    public static let description =
        #"{"page_size": 4096, "devices": [{"name": "timer", "instance_id": 0, "#
        + #""vmsd_name": "timer", "version": 2, "fields": ["#
        + #"{"name": "ticks", "type": "int64", "size": 8}, "#
        + #"{"name": "on", "type": "bool", "size": 1}]}, "#
        + #"{"name": "uart", "instance_id": 1, "vmsd_name": "uart", "version": 1, "fields": ["#
        + #"{"name": "fifo", "array_len": 3, "type": "uint8", "size": 1}], "subsections": ["#
        + #"{"vmsd_name": "uart/irq", "version": 1, "fields": ["#
        + #"{"name": "level", "type": "uint16", "size": 2}]}]}]}"#

    /// Every framing that a usual stream has, in less than 9 KB: configuration, commands, RAM in
    /// START, PART and END, two devices with a vmdesc, and octets behind.
    public static let small: [UInt8] = {
        var stream = StreamBuilder()
        stream.configuration(
            "pc-test",
            subsections: StreamBuilder.subsection(
                "configuration/target-page-bits", bigEndian(12 as UInt32)))
        stream.command(1)
        stream.command(2, bigEndian(1 as UInt32))
        stream.startRAM(2, RAM.blocks([("pc.ram", 0x10000), ("rom", 0x2000)]) + RAM.endOfSection)
        var records = RAM.fill(0, "pc.ram") + RAM.fill(0x1000) + RAM.page(0x2000, nil, page(7))
        records += RAM.fill(0, "rom", 0xff)
        stream.goOn(2, 2, records + RAM.endOfSection)
        stream.goOn(
            3, 2,
            RAM.page(0x1000, "rom", page(8)) + RAM.xbzrle(0, "pc.ram", [0, 1, 5])
                + RAM.endOfSection)
        stream.full(0, "timer", version: 2, bigEndian(-2 as Int64) + [1])
        stream.full(
            7, "uart", instance: 1,
            [9, 8, 7] + StreamBuilder.subsection("uart/irq", bigEndian(0x1234 as UInt16)))
        stream.end(description)
        stream.append([0, 1, 2, 3])
        return stream.octets
    }()

    /// Where the end mark of ``small`` stands.
    public static var smallEnd: Int { small.count - 4 - description.utf8.count - 5 - 1 }
}
