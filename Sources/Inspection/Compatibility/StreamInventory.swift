internal import Migration
internal import QEMUStream

/// What a stream demands of the QEMU that is to load it: everything but the values.
public struct StreamInventory: Sendable {
    struct Section: Sendable {
        var header: SectionHeader
        /// Octets from the start of the stream, or of the BER file that holds it.
        var offset: UInt64
        /// What was sent; `nil` if nothing describes it, or if it is an iterator's.
        var body: SentBody?
        /// The values that devices' own code looks at.
        var rules: LoaderRules?
        /// Whether the section is one of the `FULL` kind.
        var isDevice: Bool { header.kind == .full }
    }

    struct Command: Hashable, Sendable {
        var code: UInt16
        var length: Int
    }

    /// Kinds of page records that not every QEMU takes, and the section where each was first.
    struct Records: Sendable {
        var fill: (value: UInt8, offset: UInt64)?
        var compressed: (flags: UInt64, offset: UInt64)?
    }

    /// The first subsections of the configuration section.
    struct Settings: Sendable {
        var pageBits: UInt64?
        var capabilities: [String] = []
        var hasUUID = false
    }

    var configuration: (machine: String, settings: Settings)?
    /// Whether sections have footers; `nil` if there was none to tell it.
    var hasFooters: Bool?
    var sections: [Section] = []
    var blocks: [RAMBlock] = []
    var isMapped = false
    /// Where the section with the block list begins.
    var blocksOffset: UInt64 = 0
    var pageSize: UInt64?
    var records = Records()
    var commands: [Command] = []
    /// Kinds of channels beside the main one.
    var channels: [ChannelKind] = []
    /// Whether reading ended before the stream did: all behind that place was carried raw.
    var isCut = false
    /// The section that could not be read.
    var unread: SectionHeader?
    /// Octets from the start of the stream to what could not be read, where a warning told it.
    public var unreadOffset: UInt64?
    /// Whether the input is the binary stream: fields have offsets in it then.
    public var isBinary = true

    public init() {}

    /// Devices that nothing describes.
    var undescribed: [Section] { sections.filter { $0.isDevice && $0.body == nil } }
}

extension SectionHeader {
    /// `0000:00:01.3/piix4_pm[0]`
    var path: String { DevicePath(section: name, instance: instanceID).sectionText }

    /// Octets of the header in the binary stream.
    var size: UInt64 { isNamed ? 14 + UInt64(name.utf8.count) : 5 }
}
