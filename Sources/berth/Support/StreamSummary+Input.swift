import Containers
import Inspection
import Migration

extension StreamSummary {
    /// Adds what the reading around the stream tells.
    /// - Parameter size: octets of the input.
    mutating func complete(
        _ kind: FileKind, _ version: Int?, _ layers: [ContainerLayer], _ size: UInt64,
        _ failure: CommandFailure?, _ warnings: WarningList
    ) {
        containers = layers
        self.kind = kind.rawValue
        schemaVersion = version
        self.size = size
        error = failure.map { $0.cause.map { "\($0)" } ?? $0.message }
        self.warnings = warnings.all.map { (_, warning) in
            Warning(
                code: warning.code.rawValue, offset: warning.offset, path: warning.path,
                message: warning.message)
        }
    }
}
