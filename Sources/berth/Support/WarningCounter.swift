import Migration
import Synchronization

/// Counts warnings of devices that could not be described.
final class WarningCounter: Sendable {
    private let count = Mutex(0)

    var blobs: Int { count.withLock { $0 } }

    func add(_ warning: MigrationWarning) {
        switch warning.code {
        case .deviceAsBlob, .fieldAsBlob, .noDescription, .carriedRaw, .iteratorAsBlob:
            count.withLock { $0 += 1 }
        default: break
        }
    }
}
