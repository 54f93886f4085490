import ByteIO

/// What a compressor's library does: unpacks one member (gzip), frame (zstd) or stream (xz, bzip2)
/// after another.
protocol Decompressor: AnyObject {
    /// As in `gzip`.
    static var name: String { get }
    /// Whether a file of such members begins here.
    static func begins(_ start: RawSpan) -> Bool
    /// Whether another member begins here, behind one.
    static func goesOn(_ start: RawSpan) -> Bool
    /// Zeros may follow the last member, in a multiple of this number.
    static var paddingUnit: UInt64 { get }
    /// Whether a member may follow zeros.
    static var resumesBehindPadding: Bool { get }

    /// The program that unpacks without a limit.
    static var unlimited: String { get }

    init() throws(DecompressionFailure)
    /// Begins the next member.
    func begin() throws(DecompressionFailure)
    /// Unpacks some octets. Neither buffer is used afterwards.
    func step(
        _ input: UnsafeRawBufferPointer, _ output: UnsafeMutableRawBufferPointer
    ) throws(DecompressionFailure) -> DecompressionStep
}

extension Decompressor {
    static func goesOn(_ start: RawSpan) -> Bool { begins(start) }
    static var unlimited: String { name }
    static var paddingUnit: UInt64 { 1 }
    static var resumesBehindPadding: Bool { false }
}

struct DecompressionStep {
    var consumed: Int
    var produced: Int
    /// Whether the member is complete.
    var isEnd: Bool
}

/// Why a library does not go on.
struct DecompressionFailure: Error {
    var code: ContentFault.Code
    var expected: String
    var found: String
    /// Octets of the input that were used before.
    var consumed = 0

    static func memory(_ name: String) -> DecompressionFailure {
        DecompressionFailure(
            code: .limit, expected: "memory for \(name)", found: "that there is none")
    }
}

/// What unpacking may take.
enum DecompressionLimit {
    /// Of a zstd frame's window, as a power of two: what the zstd program takes by itself.
    static let zstdWindow: Int32 = 27
    /// Of all memory for xz, in octets: `xz -9` needs 65 MiB.
    static let xzMemory: UInt64 = 192 << 20
    /// Of a block of lzop, in octets: that program's own limit. Its blocks have 256 KiB.
    static let lzopBlock = 64 << 20
}
