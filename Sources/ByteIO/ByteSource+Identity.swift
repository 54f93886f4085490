internal import Glibc
public import SystemPackage

extension ByteSource {
    /// Whether a descriptor is of the very file that the source reads, by another name perhaps.
    ///
    /// Writing there would destroy what has not been read yet, or never end.
    public func isSameFile(as other: FileDescriptor) -> Bool {
        var own = stat()
        var their = stat()
        guard descriptor >= 0, unsafe fstat(descriptor, &own) == 0,
            unsafe fstat(other.rawValue, &their) == 0
        else { return false }
        return own.st_mode & S_IFMT == S_IFREG && own.st_dev == their.st_dev
            && own.st_ino == their.st_ino
    }
}
