internal import Glibc
public import SystemPackage

/// A file that appears under its name only when it is complete.
///
/// The octets go to a file without a name in the same folder (`O_TMPFILE`), or to a hidden one
/// where the file system has none; `commit` gives it the name. What is not committed is gone. The
/// file is readable for its owner alone: a VM's memory is nobody else's business. If the path
/// names something that is no regular file (a pipe, a terminal, `/dev/null`), that is written to.
public struct OutputFile: ~Copyable {
    /// Where to write; stays this value's.
    public let descriptor: FileDescriptor
    private let path: String
    private var temporary: String?
    private let isPlain: Bool
    private var committed = false
    private var isClosed = false

    /// - Throws: ``ByteIOError`` if the folder or the path can't be written.
    public init(path: String) throws(ByteIOError) {
        let target = OutputFile.target(of: path)
        let opened = try OutputFile.open(target)
        self.path = target
        descriptor = opened.descriptor
        temporary = opened.temporary
        isPlain = opened.isPlain
    }

    private static func open(_ path: String) throws(ByteIOError) -> (
        descriptor: FileDescriptor, temporary: String?, isPlain: Bool
    ) {
        removeLitter(of: path)
        var status = stat()
        let exists = unsafe stat(path, &status) == 0
        let isPlain = !exists || status.st_mode & S_IFMT == S_IFREG
        var temporary: String?
        var opened: Int32 = -1
        if isPlain {
            // A file without a name gets one through /proc.
            if unsafe access("/proc/self/fd", X_OK) == 0 {
                opened = unsafe Glibc.open(folder(of: path), unnamed | O_RDWR | O_CLOEXEC, 0o600)
            }
            if opened < 0 { (opened, temporary) = openHidden(for: path) }
        } else {
            opened = unsafe Glibc.open(path, O_WRONLY | O_CLOEXEC)
        }
        guard opened >= 0 else {
            throw ByteIOError(.open, errno: Errno(rawValue: errno), path: path)
        }
        // Says that the file is in use, until its last descriptor is closed.
        if isPlain, temporary == nil { _ = flock(opened, LOCK_EX | LOCK_NB) }
        return (FileDescriptor(rawValue: opened), temporary, isPlain)
    }

    /// Makes a hidden file and locks it. Another run for the same path may take one that is not
    /// locked yet for litter; then there is a next one.
    private static func openHidden(for path: String) -> (opened: Int32, name: String?) {
        while true {
            let name = hiddenName(for: path)
            let opened = unsafe Glibc.open(name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
            guard opened >= 0 else { return (opened, nil) }
            while flock(opened, LOCK_EX) != 0, errno == EINTR {}
            var status = stat()
            if unsafe fstat(opened, &status) != 0 || status.st_nlink > 0 { return (opened, name) }
            _ = Glibc.close(opened)
        }
    }

    deinit {
        if !committed {
            if let temporary { _ = unsafe unlink(temporary) }
            if !isClosed { _ = Glibc.close(descriptor.rawValue) }
        }
    }

    /// Closes the file and gives it its name, in place of a file that had it.
    /// - Throws: ``ByteIOError`` if the octets could not all be stored; then no file appears.
    public consuming func commit() throws(ByteIOError) {
        if isPlain, temporary == nil {
            let hidden = OutputFile.hiddenName(for: path)
            let unnamed = "/proc/self/fd/\(descriptor.rawValue)"
            guard unsafe linkat(AT_FDCWD, unnamed, AT_FDCWD, hidden, AT_SYMLINK_FOLLOW) == 0 else {
                throw ByteIOError(.rename, errno: Errno(rawValue: errno), path: path)
            }
            temporary = hidden
        }
        // The lock stays until the file has its name.
        let locked = fcntl(descriptor.rawValue, F_DUPFD_CLOEXEC, 0)
        defer { if locked >= 0 { _ = Glibc.close(locked) } }
        // Some file systems tell only now that they could not store all.
        isClosed = true
        guard Glibc.close(descriptor.rawValue) == 0 else {
            throw ByteIOError(.close, errno: Errno(rawValue: errno), path: path)
        }
        if let temporary, unsafe rename(temporary, path) != 0 {
            throw ByteIOError(.rename, errno: Errno(rawValue: errno), path: path)
        }
        committed = true
    }

    /// Linux's O_TMPFILE, which is no simple macro and so not imported.
    private static let unnamed = 0o20_000_000 | O_DIRECTORY

    /// Where a symbolic link leads: the link stays, what it names is replaced.
    static func target(of path: String) -> String {
        var status = stat()
        guard unsafe lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFLNK,
            let resolved = unsafe realpath(path, nil)
        else { return path }
        // realpath's own memory, a C string until freed here.
        defer { unsafe free(resolved) }
        return unsafe String(cString: resolved)
    }

    static func folder(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    private static func hiddenName(for path: String) -> String {
        let suffix = String(UInt32.random(in: 0 ... .max), radix: 36)
        return "\(folder(of: path))/\(hiddenStart(for: path))\(suffix)\(hiddenEnd)"
    }

    private static let hiddenEnd = ".berth-part"

    private static func hiddenStart(for path: String) -> String {
        let name = path.lastIndex(of: "/").map { path[path.index(after: $0)...] } ?? path[...]
        // Names have at most 255 octets, whatever characters they are of.
        return ".\(String(decoding: name.utf8.prefix(200), as: UTF8.self))."
    }

    /// Removes hidden files that runs for the same path left when they were killed. One that is
    /// still being written is locked.
    private static func removeLitter(of path: String) {
        let folder = folder(of: path)
        let start = hiddenStart(for: path)
        guard let list = unsafe opendir(folder) else { return }
        defer { unsafe closedir(list) }
        var litter: [String] = []
        while let entry = unsafe readdir(list) {
            // The entry's name ends with a NUL within it; it is copied before the next call.
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) {
                unsafe $0.withMemoryRebound(to: CChar.self, capacity: 256) {
                    unsafe String(cString: $0)
                }
            }
            let suffix = name.dropFirst(start.count).dropLast(hiddenEnd.count)
            if name.hasPrefix(start), name.hasSuffix(hiddenEnd), !suffix.contains(".") {
                litter.append(folder + "/" + name)
            }
        }
        for file in litter {
            let opened = unsafe Glibc.open(file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
            guard opened >= 0 else { continue }
            if flock(opened, LOCK_EX | LOCK_NB) == 0 { _ = unsafe unlink(file) }
            _ = Glibc.close(opened)
        }
    }
}
