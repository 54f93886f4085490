import BER

/// The tags of `Schemas/qemu-v4.asn` and `qemu-v3.asn`, under the names that they have there.
enum SchemaTag {
    static let qemuFile = Tag.application(1_270_481)
    // Items.
    static let configuration = Tag.application(8646)
    static let secStart = Tag.application(10708)
    static let secPart = Tag.application(10324)
    static let secEnd = Tag.application(8910)
    static let secFull = Tag.application(2003)
    static let command = Tag.application(8653)
    static let endOfStream = Tag.application(8902)
    static let description = Tag.application(11076)
    static let rawBytes = Tag.application(10583)
    static let packedOctets = Tag.application(8655)
    static let checkpoint = Tag.application(8651)
    static let index = Tag.application(9432)
    // RAM.
    static let ramSection = Tag.application(9810)
    static let ramBlockList = Tag.application(8018)
    static let ramPages = Tag.application(10311)
    static let hook = Tag.application(9295)
    static let flush = Tag.application(9036)
    static let cut = Tag.application(8660)
    static let zero = Tag.context(0)
    static let skip = Tag.context(1)
    static let fill = Tag.context(2)
    static let xbzrle = Tag.application(11330)
    static let zlib = Tag.application(8666)
    static let mapped = Tag.application(9940)
    static let mappedBlock = Tag.application(9922)
    static let bitmap = Tag.application(8525)
    static let gap = Tag.application(9168)
    static let stored = Tag.application(10704)
    static let packed = Tag.context(3)
    // Channels.
    static let multifdChannel = Tag.application(9926)
    static let multifdPages = Tag.application(10315)
    static let multifdDevice = Tag.application(8784)
    static let preemptChannel = Tag.application(10309)
    static let returnPath = Tag.application(10576)
    static let continuedConnection = Tag.application(8654)
    static let cprState = Tag.application(8656)
    // Devices.
    static let deviceState = Tag.application(8790)
    static let subSecList = Tag.application(10700)
    static let subSection = Tag.application(10707)
    // Version 3 alone.
    static let secMin = Tag.application(211)
    static let ramSecEntry = Tag.application(8914)
}

/// What the formats fix in numbers.
enum FormatLimit {
    /// Octets of an octet string in one piece.
    static let piece = 1 << 20
    /// Octets between checkpoints, after which one comes at the next chance.
    static let checkpointDistance: UInt64 = 4 << 20
    /// Octets that groups of pages take in the file before the next index entry.
    static let indexDistance: UInt64 = 1 << 20
    /// Index entries; more are merged by twos.
    static let indexEntries = 1 << 16
    /// Rows of `RAMTotals`, each of one block in one stretch of groups; with more there are no totals.
    static let totalsRows = 1 << 15
    /// Octets of a page.
    static let largestPage: UInt64 = 1 << 24
    /// Octets of a vmdesc, a device, a text: what is held in memory at once.
    static let held = 512 << 20
}
