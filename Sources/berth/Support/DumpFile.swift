import ByteIO
import Migration
import QEMUStream

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

    /// - Throws: `CommandFailure` with the offset, if it is none or ends in the middle.
    static func description(
        _ json: [UInt8], _ name: String
    ) throws(CommandFailure) -> DumpDescription {
        do throws(VMDescription.Fault) { return try DumpDescription(json: json) } catch {
            throw failure(error, of: json.count, name)
        }
    }

    /// - Parameter count: the file's octets.
    static func failure(
        _ fault: VMDescription.Fault, of count: Int, _ name: String
    ) -> CommandFailure {
        let isCut = fault.offset >= count
        return CommandFailure(
            MigrationError(
                isCut ? .truncated : .corrupt, at: UInt64(fault.offset),
                path: "a -dump-vmstate file", expected: fault.expected + " (JSON)",
                found: isCut ? "the end" : "other text",
                hint: isCut
                    ? "some QEMUs crash while they write it: a stream of the same machine will do, too"
                    : nil), file: name)
    }
}
