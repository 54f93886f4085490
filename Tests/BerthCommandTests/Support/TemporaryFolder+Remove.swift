import Foundation
import TestSupport

extension TemporaryFolder {
    /// Removes a file, if it is there.
    func remove(_ name: String) throws {
        if try names.contains(name) { try FileManager.default.removeItem(atPath: file(name)) }
    }
}
