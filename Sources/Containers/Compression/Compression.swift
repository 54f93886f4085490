import ByteIO
import Migration

/// What opening compressed octets has in common, whichever they are.
enum Compression {
    /// Notes the layer, and records its octets where they are to be kept.
    static func record(
        _ source: consuming ByteSource, _ name: String, _ opening: inout ContainerOpening
    ) throws(MigrationError) -> ByteSource {
        opening.layers.append(ContainerLayer(name))
        guard opening.options.keeping == .all, opening.mayKeep else { return source }
        opening.container = .compressed(name)
        return try opening.record(source)
    }
}
