public import ByteIO

/// How pages of RAM are compressed in a stream.
public enum PageCompression: String, Hashable, Sendable, CaseIterable {
    /// Deflated data with zlib's head and checksum (RFC 1950).
    case zlib
    /// A Zstandard frame (RFC 8878).
    case zstd
    /// Deflated data alone (RFC 1951).
    case deflate
    /// gzip members (RFC 1952).
    case gzip
}

/// What a call of ``PageDecompressor`` did.
public struct PageStep: Hashable, Sendable {
    /// Octets of the input that were used.
    public var consumed: Int
    /// Octets of the output that were made.
    public var produced: Int
    /// Whether the compressed data ended there: a frame, a member, a checksum.
    public var isEnd: Bool
}

/// Why compressed pages can't be unpacked.
public struct PageFault: Error, Hashable, Sendable {
    public var code: ContentFault.Code
    public var expected: String
    public var found: String
    /// Octets of the input that were used before.
    public var consumed: Int

    public init(
        _ code: ContentFault.Code, expected: String, found: String, consumed: Int = 0
    ) {
        self.code = code
        self.expected = expected
        self.found = found
        self.consumed = consumed
    }

    init(_ failure: DecompressionFailure) {
        self.init(
            failure.code, expected: failure.expected, found: failure.found,
            consumed: failure.consumed)
    }
}

/// Unpacks pages, by the same libraries that open containers. It keeps its state from one call to the
/// next: a multifd channel's packets are one stream.
///
/// Output never grows beyond what the caller has room for, so data that would unpack to more than
/// they should are found at no cost. Memory is what the format's window takes: 32 KiB for deflated
/// data, up to 128 MiB for zstd if a frame asks for it (QEMU's level 1 asks for 512 KiB).
public final class PageDecompressor {
    private enum Library {
        case zlib(Inflater)
        case zstd(ZstdDecompressor)
    }

    public let compression: PageCompression
    private let library: Library

    public init(_ compression: PageCompression) throws(PageFault) {
        self.compression = compression
        do throws(DecompressionFailure) {
            let name = compression.rawValue
            switch compression {
            case .zlib: library = .zlib(try Inflater(.zlib, name: name))
            case .deflate: library = .zlib(try Inflater(.raw, name: name))
            case .gzip: library = .zlib(try Inflater(.gzip, name: name))
            case .zstd: library = .zstd(try ZstdDecompressor())
            }
        } catch { throw PageFault(error) }
    }

    /// Forgets what came before: the next octets begin a new stream.
    public func begin() throws(PageFault) {
        do throws(DecompressionFailure) {
            switch library {
            case .zlib(let inflater): try inflater.begin(name: compression.rawValue)
            case .zstd(let zstd): try zstd.begin()
            }
        } catch { throw PageFault(error) }
    }

    /// Unpacks some of `input` into `output`.
    /// - Parameter range: where in `output` there is room.
    /// - Returns: how far it came. Nothing used and nothing made means that it wants more input.
    /// - Throws: ``PageFault``; `corrupt` for data that the library refuses.
    public func step(
        _ input: RawSpan, into output: inout [UInt8], _ range: Range<Int>
    ) throws(PageFault) -> PageStep {
        do throws(DecompressionFailure) {
            let room = range.clamped(to: output.indices)
            // Both buffers are used during the call alone.
            let step = try unsafe output.withUnsafeMutableBufferPointer {
                (octets) throws(DecompressionFailure) in
                let target = unsafe UnsafeMutableRawBufferPointer(
                    UnsafeMutableBufferPointer(rebasing: octets[room]))
                return try unsafe run(input, target)
            }
            return PageStep(
                consumed: step.consumed, produced: step.produced, isEnd: step.isEnd)
        } catch { throw PageFault(error) }
    }

    private func run(
        _ input: RawSpan, _ target: UnsafeMutableRawBufferPointer
    ) throws(DecompressionFailure) -> DecompressionStep {
        try unsafe input.withUnsafeBytes { (source) throws(DecompressionFailure) in
            switch library {
            case .zlib(let inflater):
                try unsafe inflater.step(source, target, name: compression.rawValue)
            case .zstd(let zstd): try unsafe zstd.step(source, target)
            }
        }
    }
}
