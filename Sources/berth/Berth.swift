import ArgumentParser
import Glibc

/// The command line: one file a command, listed here.
@main
struct Berth: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "berth",
        abstract: "Turns QEMU migration streams into ASN.1/BER that explains itself, and back.",
        discussion: """
            A saved VM (migrate, savevm, virsh save) is a stream that only the QEMU that wrote it \
            can read. berth encode makes a BER file of it, in which every section, page and \
            device field can be found by any ASN.1 tool; berth decode gives the same octets back.

            IN may be a file, or - or nothing for standard input: a stream, a BER file, a libvirt \
            image, a qcow2 image with a snapshot (a file alone), any of them compressed by gzip, \
            bzip2, xz, zstd or lzop. Exit status: 0 fine; 1 a finding; 2 the input can't be read \
            or the output not written; 64 wrong usage.
            """,
        version: "berth \(Product.version)",
        subcommands: [
            Encode.self, Decode.self, Validate.self, Info.self, Show.self, Diff.self, Edit.self,
            Dump.self, SchemaCommand.self, RAMCommand.self, Check.self, RelayCommand.self,
            Report.self, Explain.self,
        ])

    static func main() {
        // A closed pipe is an error of write, told like any other, not a signal.
        signal(SIGPIPE, SIG_IGN)
        // So is a file above the limit that ulimit -f sets.
        signal(SIGXFSZ, SIG_IGN)
        keepStandardDescriptors()
        do {
            var command = try parseAsRoot()
            try command.run()
        } catch let failure as CommandFailure {
            failure.report()
            Glibc.exit(failure.status)
        } catch {
            exit(withError: error)
        }
    }
}

/// Occupies the three standard descriptors if they are closed: a file that is opened must not get
/// their numbers, or warnings would go into the output. Each is opened the wrong way round, so that
/// its use fails.
private func keepStandardDescriptors() {
    for (number, mode) in [(0 as Int32, O_WRONLY), (1, O_RDONLY), (2, O_RDONLY)]
    where fcntl(number, F_GETFD) < 0 {
        _ = unsafe open("/dev/null", mode)
    }
}

/// What this program is.
enum Product {
    static let version = "0.1.0"
    /// What encoded files say about who made them.
    static let producer = "berth \(version)"
}
