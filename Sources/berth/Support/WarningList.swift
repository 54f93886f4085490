import Migration
import Synchronization

/// Warnings and the files that they are of, kept until the table that they belong to has been
/// printed.
final class WarningList: Sendable {
    private let list = Mutex<[(name: String, warning: MigrationWarning)]>([])

    var all: [(name: String, warning: MigrationWarning)] { list.withLock { $0 } }

    func add(_ warning: MigrationWarning, of name: String) {
        list.withLock { $0.append((name, warning)) }
    }
}
