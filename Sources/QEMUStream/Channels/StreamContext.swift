public import ByteIO
public import Migration

/// What a main channel tells that helps to read the channels beside it.
public struct StreamContext: Sendable {
    /// The RAM blocks; empty if they are not known.
    public var blocks: [RAMBlock] = []
    /// The target's page size in octets.
    public var pageSize: UInt64?
    /// The sections that have begun, by section id.
    public var started: [UInt32: SectionHeader] = [:]
    /// Whether sections have footers.
    public var hasFooters: Bool?

    public init() {}
}

extension StreamReader {
    /// A reader of a channel that belongs to a main channel read before.
    public init(
        _ source: consuming ByteSource, options: StreamOptions = StreamOptions(),
        context: StreamContext
    ) {
        self.init(source, options: options)
        if pageSize == nil { pageSize = context.pageSize }
        blocks = context.blocks
        learnsBlocks = context.blocks.isEmpty
        started = context.started
        switch context.hasFooters {
        case true?: footers = .on
        case false?: footers = .off
        case nil: break
        }
    }

    /// What has been learned so far.
    public var context: StreamContext {
        var context = StreamContext()
        context.blocks = blocks
        context.pageSize = pageSize
        context.started = started
        context.hasFooters = footers == .unknown ? nil : footers == .on
        return context
    }

    /// Reads a channel beside the main one.
    /// - Throws: `MigrationError`; what the visitor throws goes through.
    public mutating func readChannel<V: MigrationVisitor & ~Copyable>(
        _ kind: ChannelKind, into visitor: inout V
    ) throws(MigrationError) {
        switch kind {
        case .multifd: try multifd(into: &visitor)
        case .preempt: try preempt(into: &visitor)
        case .returnPath: try returnPath(into: &visitor)
        case .continued: try continued(into: &visitor)
        case .cprState: try cprState(into: &visitor)
        }
    }
}
