public import FoundationEssentials

/// What the report's page shows beside the summary. The property names are the keys that the page
/// reads.
public struct ReportContents: Encodable, Sendable {
    public struct Block: Encodable, Sendable {
        public var name: String
        /// In octets.
        public var length: UInt64
        public var pageSize: UInt64
        public var pagesPerCell: UInt64
        /// ``PageMap/runs``; JSON has them in Base64.
        public var runs: Data
    }

    /// A section, a command or the vmdesc in stream order.
    public struct Event: Encodable, Sendable {
        /// `start`, `part`, `end`, `full`, `command`, `package`, `vmdesc`, `raw` or `channel`;
        /// `several` where unlike ones were put together.
        public var kind: String
        public var name: String
        public var instance: UInt32?
        public var id: UInt32?
        /// Octets from the start of the input; `nil` where it isn't told.
        public var offset: UInt64?
        /// Octets that it takes there.
        public var size: UInt64
        /// Events that were put together.
        public var count: Int = 1
        /// Pages, where it has RAM: zero, filled, full, xbzrle, compressed.
        public var pages: [UInt64]?
    }

    public struct Device: Encodable, Sendable {
        public var name: String
        public var instance: UInt32
        public var version: UInt32
        public var offset: UInt64
        /// Octets that nothing describes.
        public var opaque: UInt64
        public var fields: [ReportValue]
    }

    public var blocks: [Block] = []
    public var events: [Event] = []
    public var devices: [Device] = []
    /// Fields that were left out, for there are too many.
    public var isCut = false
}
