import Glibc

/// Where files that are needed for a while lie.
enum TemporaryPlace {
    /// `TMPDIR`, or `/tmp`.
    static var folder: String {
        // The environment's own string, copied at once.
        if let named = unsafe getenv("TMPDIR"), unsafe named.pointee != 0 {
            return unsafe String(cString: named)
        }
        return "/tmp"
    }

    /// A path in there.
    static func path(_ name: String) -> String { folder + "/" + name }
}
