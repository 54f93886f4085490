import Migration
import Synchronization

/// Keeps what is warned of.
final class Warnings: Sendable {
    private let list = Mutex<[MigrationWarning]>([])

    var all: [MigrationWarning] { list.withLock { $0 } }

    func add(_ warning: MigrationWarning) { list.withLock { $0.append(warning) } }
}
