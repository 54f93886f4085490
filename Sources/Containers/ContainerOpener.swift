public import ByteIO
public import Migration

/// An input with its containers open.
public struct OpenedInput: ~Copyable {
    /// What is inside, from its start.
    public var source: ByteSource
    /// What a BER file keeps of them, if anything.
    public let origin: StreamOrigin?

    public consuming func takeSource() -> ByteSource { source }
}

/// What a stream came in, as far as a BER file keeps it.
public struct StreamOrigin {
    public let container: Container
    /// The container's own octets, where they can't be made from the stream.
    public let packed: PackedRecord?
}

/// Opens containers.
public enum ContainerOpener {
    /// Containers inside each other. A file can be made that unpacks to itself.
    public static let depthLimit = 8

    /// Opens one container after another until something else comes.
    /// - Parameter layers: set to the containers, the outermost first, also if an error ends that.
    /// - Throws: `MigrationError` if a container is damaged, or holds what can't be opened here.
    public static func open(
        _ source: consuming ByteSource, _ options: ContainerOptions = ContainerOptions(),
        layers: inout [ContainerLayer]
    ) throws(MigrationError) -> OpenedInput {
        var opening = ContainerOpening(options: options)
        layers = []
        defer { layers = opening.layers }
        var source = source
        while let format = try format(of: &source) {
            guard opening.layers.count < depthLimit else {
                throw MigrationError(
                    .limit, at: 0, path: format.name,
                    expected: "at most \(depthLimit) containers inside each other", found: "more")
            }
            opening.dropUnkept(format.name)
            source = try format.open(source, &opening)
        }
        var origin: StreamOrigin?
        if let container = opening.container {
            origin = StreamOrigin(container: container, packed: opening.packed)
            if let packed = opening.packed { source.count(in: packed.unpacked) }
        }
        return OpenedInput(source: source, origin: origin)
    }

    private static func format(
        of source: inout ByteSource
    ) throws(MigrationError) -> (any ContainerFormat.Type)? {
        do { try source.ensure(ContainerRegistry.probeSize) } catch { throw MigrationError(error) }
        // No more than that: what a file is must not depend on how much of it has come.
        let start = source.window.extracting(
            first: min(source.available, ContainerRegistry.probeSize))
        for format in ContainerRegistry.formats where format.begins(start) { return format }
        return nil
    }
}
