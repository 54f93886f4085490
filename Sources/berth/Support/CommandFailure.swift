import ByteIO
import Migration

/// Why a command fails, ready for standard error, with the exit status.
struct CommandFailure: Error {
    /// The input could not be read, or the output not written.
    static let unusable: Int32 = 2
    /// Wrong usage (EX_USAGE).
    static let usage: Int32 = 64

    var status: Int32
    /// What follows `berth: `; empty if everything has been said.
    var message: String
    var hint: String?
    /// What is wrong with the input, if that is why.
    var cause: MigrationError?

    init(status: Int32, _ message: String, hint: String? = nil) {
        self.status = status
        self.message = message
        self.hint = hint
    }

    /// `FILE: offset 0x1f3a2: PATH: expected …, found …`
    init(_ error: MigrationError, file: String) {
        status = CommandFailure.unusable
        cause = error
        // A failed system call names its file itself: it may be the output.
        message = error.code == .io ? error.found : "\(file): \(error)"
        hint = error.hint
    }

    init(_ error: ByteIOError, file: String) {
        status = CommandFailure.unusable
        // The error names the file itself, if it knows it.
        message = error.path == nil ? "\(file): \(error)" : "\(error)"
    }

    func report() {
        guard !message.isEmpty else { return }
        StandardError.line("berth: " + message)
        if let hint { StandardError.line("hint: " + hint) }
    }
}
