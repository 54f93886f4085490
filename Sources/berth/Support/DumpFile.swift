import ByteIO
import Migration

/// The text of a `-dump-vmstate` file.
enum DumpFile {
    /// Octets of the largest that is read; those of QEMU 11.1 have some 2 MiB.
    static let limit = 64 << 20

    /// - Parameter name: the file's name in messages.
    static func content(
        of source: inout ByteSource, _ name: String
    ) throws(CommandFailure) -> [UInt8] {
        do throws(ByteIOError) {
            if try source.ensure(limit + 1) <= limit { return source.window.octets }
        } catch { throw CommandFailure(error, file: name) }
        throw CommandFailure(
            MigrationError(
                .limit, at: UInt64(limit), expected: "at most \(limit >> 20) MiB of JSON",
                found: "more", hint: "QEMU's -dump-vmstate writes some MiB"), file: name)
    }
}
