import ByteIO
import Inspection
import Migration
import QEMUStream
import Synchronization

/// Reads what a stream demands of its loader.
enum InventoryReader {
    static func inventory(
        _ source: consuming ByteSource, _ kind: FileKind, _ input: InputOptions,
        options: StreamOptions, quiet: Bool
    ) throws(CommandFailure) -> StreamInventory {
        var options = options
        let unread = Mutex<UInt64?>(nil)
        options.warn = { warning in
            guard warning.code == .carriedRaw else { return }
            unread.withLock { $0 = $0 ?? warning.offset }
        }
        options.passesMappedPages = kind == .binaryStream && source.size != nil
        var visitor = ProgressVisitor(
            InventoryVisitor(), Progress(total: source.size, quiet: quiet))
        var version: Int?
        var position: UInt64 = 0
        do throws(MigrationError) {
            try InputReader.read(
                source, kind: kind, options: options, into: &visitor, schemaVersion: &version,
                position: &position)
        } catch {
            throw CommandFailure(error, file: input.name)
        }
        var inventory = visitor.finish().finish()
        inventory.unreadOffset = unread.withLock { $0 }
        inventory.isBinary = kind == .binaryStream
        return inventory
    }
}
