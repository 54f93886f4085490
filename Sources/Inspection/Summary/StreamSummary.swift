public import Containers
internal import Migration

/// What a migration stream holds, in numbers. The property names are the keys of `--json`.
public struct StreamSummary: Codable, Hashable, Sendable {
    /// A RAM block as the block list tells it.
    public struct Block: Codable, Hashable, Sendable {
        public var name: String
        /// In octets.
        public var length: UInt64
        /// Of the memory behind the block, in octets, where the stream says it.
        public var pageSize: UInt64?
        public var address: UInt64?
        public var pages = Pages()
        /// In a mapped-ram stream, where the block's pages have places instead of records.
        public var mapped: Mapped?
    }

    /// A block of a mapped-ram stream.
    public struct Mapped: Codable, Hashable, Sendable {
        /// Where its bitmap and its first page stand, as its header says; both 0 if the memory is
        /// shared, not saved.
        public var bitmapOffset: UInt64 = 0
        public var pagesOffset: UInt64 = 0
        /// Pages of the block.
        public var pages: UInt64 = 0
        /// Those whose bit is set: they are saved here.
        public var present: UInt64 = 0
        /// Those that stand here though their bit is clear: they were saved and became zero later.
        /// `nil` where it was not counted.
        public var stale: UInt64?
        /// Octets of the pages' places that the file holds; the others are holes. `nil` where no
        /// file tells it.
        public var held: UInt64?
    }

    /// Page records by kind. A page that is sent twice counts twice.
    public struct Pages: Codable, Hashable, Sendable {
        public var zero: UInt64 = 0
        /// Filled with an octet other than 0.
        public var filled: UInt64 = 0
        public var full: UInt64 = 0
        public var xbzrle: UInt64 = 0
        public var compressed: UInt64 = 0
        /// In the compressed data of multifd packets, if there are any such.
        public var packed: UInt64?

        public init() {}

        init(_ counts: PageCounts) {
            zero = counts.zero
            filled = counts.filled
            full = counts.full
            xbzrle = counts.xbzrle
            compressed = counts.zlib
            if counts.packed > 0 { packed = counts.packed }
        }

        public var total: UInt64 {
            zero &+ filled &+ full &+ xbzrle &+ compressed &+ (packed ?? 0)
        }
    }

    /// The sections of one handler: START, PARTs and END together; a FULL alone.
    public struct Section: Codable, Hashable, Sendable {
        public enum Form: String, Codable, Hashable, Sendable {
            /// RAM records.
            case ram
            /// Records of another iterator.
            case records
            /// Named fields.
            case fields
            /// Octets that nothing describes.
            case opaque
        }

        /// Octets from the start of the input to its first section.
        public var offset: UInt64
        public var sectionID: UInt32
        public var name: String
        public var instanceID: UInt32
        public var versionID: UInt32
        public var form: Form
        /// Octets in the binary stream, of all its sections, headers and footers included.
        public var size: UInt64 = 0
        public var hasStart = false
        public var parts = 0
        public var hasEnd = false
        public var isFull = false
        /// Named values, where the form is `fields`.
        public var fields = 0
        /// How much of its state is known, where it is a device's.
        public var coverage: DeviceCoverage?
        /// What was sent, where the form is `records`.
        public var records: [Records] = []
    }

    /// The records of one kind that an iterator sent of one thing.
    public struct Records: Codable, Hashable, Sendable {
        /// As in the schema: `chunk`.
        public var kind: String
        /// Whose they are: a disk, or a node and its bitmap; empty where there is but one.
        public var of: [String] = []
        public var count: UInt64 = 0
        /// Of data.
        public var octets: UInt64 = 0
        /// Amounts, added up, and properties, the last ones, by their names in the schema.
        public var numbers: [String: UInt64] = [:]
    }

    public struct Command: Codable, Hashable, Sendable {
        public var code: UInt16
        public var name: String?
        public var count: Int
    }

    public struct Warning: Codable, Hashable, Sendable {
        public var code: String
        public var offset: UInt64
        public var path: String
        public var message: String

        public init(code: String, offset: UInt64, path: String, message: String) {
            self.code = code
            self.offset = offset
            self.path = path
            self.message = message
        }
    }

    /// What the input came in, the outermost first.
    public var containers: [ContainerLayer] = []
    /// `binary stream` or `BER file`.
    public var kind = ""
    /// Of the BER schema: 3 or 4.
    public var schemaVersion: Int?
    /// Octets of the input, as far as it was read.
    public var size: UInt64 = 0
    /// Of the binary stream: 3; 0 where there is no main channel.
    public var streamVersion: UInt32 = 0
    /// Octets of zero before the stream.
    public var leadingZeros: UInt64 = 0
    /// Of a BER file: the container that it keeps.
    public var keptContainer: ContainerLayer?
    /// Of a BER file: how many octets of a compressed container it keeps.
    public var keptOctets: UInt64?
    public var machine: String?
    public var capabilities: [String] = []
    public var uuid: String?
    /// The target's page size in octets, once a page has come.
    public var pageSize: UInt64?
    public var blocks: [Block] = []
    public var pages = Pages()
    public var sections: [Section] = []
    /// How much of all devices' state is known.
    public var devices = DeviceCoverage()
    public var commands: [Command] = []
    /// What commands say of post-copy, if any does.
    public var postcopy: PostcopySummary?
    /// The channels beside the main one.
    public var channels: [ChannelSummary] = []
    /// Whether sections have footers; `nil` if some have and others not.
    public var hasFooters: Bool?
    /// Octets of the vmdesc.
    public var description: UInt64?
    /// Octets that are carried without being understood.
    public var raw: UInt64 = 0
    public var hasEndMark = false
    /// Whether the input was read to its end without an error.
    public var isWhole = false
    /// Of a BER file of version 4: whether its checkpoints were compared with its octets; `false` if
    /// the contents of pages were passed over.
    public var isVerified: Bool?
    /// Why not.
    public var error: String?
    public var warnings: [Warning] = []
    /// How RAM and state went over.
    public var transfer: TransferSummary?
    /// What few streams have.
    public var unusual: [UnusualFact] = []

    public init() {}
}
