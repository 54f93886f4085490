import Foundation
import Glibc
import Synchronization
import SystemPackage
import TestSupport

/// The program under test, as it was built.
enum Program {
    /// `BERTH` names another one; otherwise the one that lies with the tests' own binary.
    static let path: String = {
        if let named = ProcessInfo.processInfo.environment["BERTH"] { return named }
        let running = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
        var folder = URL(fileURLWithPath: running ?? CommandLine.arguments[0])
        while folder.path != "/" {
            folder.deleteLastPathComponent()
            let candidate = folder.appendingPathComponent("berth").path
            var isFolder: ObjCBool = false
            if unsafe FileManager.default.fileExists(atPath: candidate, isDirectory: &isFolder),
                !isFolder.boolValue
            {
                return candidate
            }
        }
        fatalError("berth was not built beside the tests")
    }()

    /// The program whose memory is measured: `BERTH_PLAIN` names one where that under test is made
    /// with a sanitizer, which takes memory of its own.
    static let plainPath = ProcessInfo.processInfo.environment["BERTH_PLAIN"] ?? path

    /// A pipe made while another test starts a process would be inherited there, and not end.
    private static let descriptors = Mutex(())

    /// A pipe that no process inherits unless it is told to.
    static func pipe() throws -> (reading: FileDescriptor, writing: FileDescriptor) {
        try descriptors.withLock { _ in
            let ends = try FileDescriptor.pipe()
            for end in [ends.readEnd, ends.writeEnd] {
                _ = fcntl(end.rawValue, F_SETFD, FD_CLOEXEC)
            }
            return (ends.readEnd, ends.writeEnd)
        }
    }

    /// Starts a program. `nil` for one of the three descriptors closes it.
    static func start(
        _ arguments: [String], input: FileDescriptor?, output: FileDescriptor?,
        error: FileDescriptor?, program: String = path
    ) throws -> RunningProgram {
        // Tests write to programs that may be gone.
        _ = ignoresBrokenPipes
        // The three below are initialised by their init functions before they are used, and the
        // strings of argv live until they are freed here.
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        for (number, descriptor) in [input, output, error].enumerated() {
            if let descriptor {
                unsafe posix_spawn_file_actions_adddup2(
                    &actions, descriptor.rawValue, Int32(number))
            } else {
                unsafe posix_spawn_file_actions_addclose(&actions, Int32(number))
            }
        }
        var attributes = posix_spawnattr_t()
        unsafe posix_spawnattr_init(&attributes)
        defer { unsafe posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        unsafe sigemptyset(&signals)
        unsafe sigaddset(&signals, SIGPIPE)
        unsafe posix_spawnattr_setsigdefault(&attributes, &signals)
        unsafe posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGDEF))
        let words = unsafe ([program] + arguments).map { unsafe strdup($0) }
        defer { for index in unsafe words.indices { unsafe free(words[index]) } }
        var id: pid_t = 0
        let failure = descriptors.withLock { _ in
            unsafe posix_spawn(&id, program, &actions, &attributes, words + [nil], environ)
        }
        guard failure == 0 else { throw Errno(rawValue: failure) }
        return RunningProgram(id: id)
    }

    private static let ignoresBrokenPipes: Void = { _ = signal(SIGPIPE, SIG_IGN) }()
}

struct RunningProgram {
    let id: pid_t

    /// Waits for the end.
    /// - Returns: the exit status, or the negative signal.
    func wait() throws -> Int32 {
        var status: Int32 = 0
        while unsafe waitpid(id, &status, 0) < 0 {
            guard errno == EINTR else { throw Errno(rawValue: errno) }
        }
        let signal = status & 0x7f
        return signal == 0 ? (status >> 8) & 0xff : -signal
    }

    /// The peak memory so far in KiB, while the program runs.
    var peakMemory: Int? {
        guard let octets = try? contents(of: "/proc/\(id)/status") else { return nil }
        for line in String(decoding: octets, as: UTF8.self).split(separator: "\n")
        where line.hasPrefix("VmHWM:") {
            return line.split { $0 == " " || $0 == "\t" }.dropLast().last.flatMap { Int($0) }
        }
        return nil
    }
}
