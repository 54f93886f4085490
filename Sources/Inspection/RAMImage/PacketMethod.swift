import Containers
import Migration

/// How the data of a compressed multifd packet are made (QEMU's `migration/multifd-*.c`).
struct PacketMethod: Equatable {
    enum Form {
        /// The data of all packets of a channel are one stream.
        case stream
        /// The packet's data are members, one behind the other.
        case members
        /// The pages' lengths, four octets each, and behind them the pages one by one. One of a
        /// page's length is not compressed.
        case pages
    }

    var form: Form
    var compression: PageCompression
    /// As QEMU names it.
    var name: String

    /// - Parameter offset: of the packet's data, where it is known.
    /// - Throws: `unsupported` for methods that are not known, and for several at once.
    init(flags: UInt32, _ path: String, at offset: UInt64?) throws(MigrationError) {
        name = MultifdFlag.method(flags)
        switch name {
        case "zlib": (form, compression) = (.stream, .zlib)
        case "zstd": (form, compression) = (.stream, .zstd)
        // The library is asked for neither head, zlib's or gzip's.
        case "qpl": (form, compression) = (.pages, .deflate)
        case "uadk": (form, compression) = (.pages, .zlib)
        // QATzip's gzip has its own lengths in an extra field, which gzip passes over.
        case "qatzip": (form, compression) = (.members, .gzip)
        default:
            throw MigrationError(
                .unsupported, at: offset, path: path,
                expected: "pages compressed by zlib, zstd, qpl, uadk or qatzip",
                found: "the flags 0x\(String(flags, radix: 16))")
        }
    }
}
