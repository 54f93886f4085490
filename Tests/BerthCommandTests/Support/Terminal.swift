import Glibc
import SystemPackage

/// A terminal of the test's own.
final class Terminal {
    /// What a user's side reads and types.
    let user: FileDescriptor
    /// What the program has.
    let program: FileDescriptor

    private static let unlock: UInt = 0x4004_5431
    private static let number: UInt = 0x8004_5430

    init() throws {
        user = try FileDescriptor.open(FilePath("/dev/ptmx"), .readWrite, options: .closeOnExec)
        var isLocked: Int32 = 0
        var name: UInt32 = 0
        // TIOCSPTLCK and TIOCGPTN each take the address of an int.
        guard unsafe ioctl(user.rawValue, Terminal.unlock, &isLocked) == 0,
            unsafe ioctl(user.rawValue, Terminal.number, &name) == 0
        else { throw Errno(rawValue: errno) }
        program = try FileDescriptor.open(
            FilePath("/dev/pts/\(name)"), .readWrite,
            options: [.closeOnExec, .init(rawValue: O_NOCTTY)])
    }

    /// What has been written to the terminal, when no program has it any more.
    func written() throws -> [UInt8] {
        // With the last descriptor closed, reading ends (with an error, on Linux).
        try closeProgram()
        var result: [UInt8] = []
        while let piece = try? octets(of: user, limit: 1), !piece.isEmpty { result += piece }
        return result
    }

    private var isOpen = true

    private func closeProgram() throws {
        // Twice would close what another test has opened since.
        if isOpen { try program.close() }
        isOpen = false
    }

    deinit {
        try? user.close()
        try? closeProgram()
    }
}
