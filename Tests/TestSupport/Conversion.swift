public import ByteIO
public import Migration
import MigrationBER
public import QEMUStream
import Synchronization

/// Warnings of one conversion.
public final class Warnings: Sendable {
    private let kept = Mutex<[MigrationWarning]>([])

    public init() {}

    public var all: [MigrationWarning] { kept.withLock { $0 } }

    public func add(_ warning: MigrationWarning) { kept.withLock { $0.append(warning) } }
}

/// A BER format.
public enum Format: String, Sendable, CaseIterable {
    case version3, version4
}

/// Reads a binary stream into a visitor.
public func read<V: MigrationVisitor & ~Copyable>(
    _ source: consuming ByteSource, into visitor: inout V, pageSize: UInt64? = nil,
    waitLimit: Int? = nil, ignoresDescription: Bool = false,
    layouts: DeviceLayouts = DeviceLayouts(), warnings: Warnings = Warnings()
) throws(MigrationError) {
    var options = StreamOptions()
    options.pageSize = pageSize
    options.ignoresDescription = ignoresDescription
    options.layouts = layouts
    if let waitLimit { options.waitLimit = waitLimit }
    options.warn = { warnings.add($0) }
    var reader = StreamReader(source, options: options)
    try reader.read(into: &visitor)
}

/// What a binary stream holds, told line by line.
public func events(
    _ octets: [UInt8], pageSize: UInt64? = nil, waitLimit: Int? = nil,
    ignoresDescription: Bool = false, layouts: DeviceLayouts = DeviceLayouts(),
    warnings: Warnings = Warnings()
) throws(MigrationError) -> [String] {
    var recorder = Recorder()
    try read(
        ByteSource(octets: octets), into: &recorder, pageSize: pageSize, waitLimit: waitLimit,
        ignoresDescription: ignoresDescription, layouts: layouts, warnings: warnings)
    return recorder.lines
}

/// Binary to binary.
public func rewrite(
    _ source: consuming ByteSource, warnings: Warnings = Warnings(),
    ignoresDescription: Bool = false, layouts: DeviceLayouts = DeviceLayouts()
) throws -> [UInt8] {
    var writer = StreamWriter(.inMemory())
    try read(
        source, into: &writer, ignoresDescription: ignoresDescription, layouts: layouts,
        warnings: warnings)
    var sink = writer.takeSink()
    return try sink.takeOctets()
}

/// Binary to BER.
public func encode(
    _ source: consuming ByteSource, _ format: Format, warnings: Warnings = Warnings()
) throws -> [UInt8] {
    switch format {
    case .version3:
        var writer = Version3Writer(.inMemory(), producer: "test")
        try read(source, into: &writer, warnings: warnings)
        var sink = writer.takeSink()
        return try sink.takeOctets()
    case .version4:
        var writer = Version4Writer(.inMemory(), producer: "test")
        try read(source, into: &writer, warnings: warnings)
        var sink = writer.takeSink()
        return try sink.takeOctets()
    }
}

/// BER of either version to binary.
public func decode(_ source: consuming ByteSource) throws -> [UInt8] {
    var writer = StreamWriter(.inMemory())
    try MigrationFileReader(source).read(into: &writer)
    var sink = writer.takeSink()
    return try sink.takeOctets()
}

/// BER to BER.
public func recode(_ source: consuming ByteSource, to format: Format) throws -> [UInt8] {
    switch format {
    case .version3:
        var writer = Version3Writer(.inMemory(), producer: "test")
        try MigrationFileReader(source).read(into: &writer)
        var sink = writer.takeSink()
        return try sink.takeOctets()
    case .version4:
        var writer = Version4Writer(.inMemory(), producer: "test")
        try MigrationFileReader(source).read(into: &writer)
        var sink = writer.takeSink()
        return try sink.takeOctets()
    }
}

/// What a BER file holds, told line by line.
public func berEvents(_ octets: [UInt8]) throws -> [String] {
    var recorder = Recorder()
    try MigrationFileReader(ByteSource(octets: octets)).read(into: &recorder)
    return recorder.lines
}
