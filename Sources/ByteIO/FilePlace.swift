internal import Glibc
public import SystemPackage

/// Where an output goes, however its path is spelled: two paths of one place name the same output.
public struct FilePlace: Hashable, Sendable {
    private let device: UInt64
    private let inode: UInt64
    /// The name in that folder; empty where the numbers are those of the file itself.
    private let name: String

    /// The place that an ``OutputFile`` of this path writes to: a name in a folder, since what had
    /// the name is replaced, or what is no regular file itself.
    /// - Returns: `nil` if nothing can be confused there (`/dev/null`), or there is no such folder.
    public init?(of path: String) {
        let target = OutputFile.target(of: path)
        var status = stat()
        if unsafe stat(target, &status) == 0, status.st_mode & S_IFMT != S_IFREG {
            guard status.st_mode & S_IFMT != S_IFCHR else { return nil }
            name = ""
        } else {
            guard unsafe stat(OutputFile.folder(of: target), &status) == 0 else { return nil }
            name =
                target.lastIndex(of: "/").map { String(target[target.index(after: $0)...]) }
                ?? target
        }
        device = UInt64(status.st_dev)
        inode = UInt64(status.st_ino)
    }

    /// Whether a descriptor is of the regular file that a path names now. An ``OutputFile`` of that
    /// path would take the name away from what is written there.
    public static func isFile(at path: String, of descriptor: FileDescriptor) -> Bool {
        var own = stat()
        var their = stat()
        guard unsafe fstat(descriptor.rawValue, &own) == 0, unsafe stat(path, &their) == 0 else {
            return false
        }
        return own.st_mode & S_IFMT == S_IFREG && own.st_dev == their.st_dev
            && own.st_ino == their.st_ino
    }
}
