import BER
import ByteIO
import Migration

/// Tells what went wrong below in the terms of a migration.
enum BERFailure {
    static func wrap(_ error: ByteIOError) -> MigrationError {
        if let fault = error.fault { return wrap(fault) }
        return MigrationError(.io, at: error.offset, expected: "", found: error.description)
    }

    private static func wrap(_ fault: ContentFault) -> MigrationError {
        return MigrationError(
            MigrationError.Code(rawValue: fault.code.rawValue) ?? .corrupt, at: fault.offset,
            path: fault.format, expected: fault.expected, found: fault.foundWithPlace,
            hint: fault.hint)
    }

    static func wrap(_ error: BERError, path: String) -> MigrationError {
        if let io = error.io {
            if io.operation == .window {
                return MigrationError(
                    .limit, at: error.element, path: path,
                    expected: "an element that fits in memory", found: "a larger one")
            }
            return wrap(io)
        }
        let code: MigrationError.Code =
            switch error.code {
            case .truncated: .truncated
            case .depth, .tagTooLong: .limit
            default: .corrupt
            }
        let detail = error.detail.isEmpty ? "" : " (\(error.detail))"
        return MigrationError(
            code, at: error.at, path: path, expected: "BER as X.690 defines it",
            found: error.code.rawValue + detail,
            hint: code == .truncated
                ? "the file was cut off: the copy is incomplete, or the encoding was broken off"
                : nil)
    }
}
