import Glibc

/// Where files without a name are made.
enum TemporaryFile {
    /// A path in TMPDIR, or /tmp.
    static func path(_ name: String) -> String {
        var folder = "/tmp"
        // The environment's own memory, a C string, copied at once.
        if let named = unsafe getenv("TMPDIR") {
            let text = unsafe String(cString: named)
            if !text.isEmpty { folder = text }
        }
        return folder + "/" + name
    }
}
