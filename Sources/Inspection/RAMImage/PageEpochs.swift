internal import ByteIO

/// When each page was last written: a number of two octets for each page of an image, in a file
/// without a name.
///
/// Channels are read one after another, though they were written side by side. What orders them is
/// their marks of synchronization: between two of them a page comes at most once (QEMU's
/// `multifd_send_sync_main`). So a page counts unless the one that is there is of a later stretch.
struct PageEpochs: ~Copyable {
    private let file: OutputFile
    private var octets: [UInt8] = []
    /// Octets of the image in a page.
    private var pageSize: UInt64 = 0
    private var size: UInt64 = 0
    private static let pagesAtOnce: UInt64 = 4096

    /// - Parameter file: is never completed.
    init(_ file: consuming OutputFile) { self.file = file }

    /// Calls `body` with those of some pages that count, and notes that they are of this epoch.
    /// - Parameters:
    ///   - range: octets of the image, a multiple of the page size.
    ///   - body: gets pages as their place in the range, and their count.
    mutating func forEachRun(
        of range: Range<UInt64>, pageSize: UInt64, epoch: UInt16,
        _ body: (_ first: UInt64, _ count: UInt64) throws(ByteIOError) -> Void
    ) throws(ByteIOError) {
        let count = (range.upperBound - range.lowerBound) / pageSize
        let begin = range.lowerBound / pageSize
        // The file reads as zeros, the epoch that comes first, up to its size.
        if (begin + count) * 2 > size {
            size = (begin + count) * 2
            try file.setSize(size)
        }
        var done: UInt64 = 0
        while done < count {
            let pages = min(count - done, Self.pagesAtOnce)
            let place = (begin + done) * 2
            let needed = Int(pages) * 2
            if octets.count != needed { octets = Array(repeating: 0, count: needed) }
            try file.read(into: &octets, at: place)
            var first = 0
            for page in 0..<Int(pages) {
                let known = UInt16(octets[2 * page]) << 8 | UInt16(octets[2 * page + 1])
                if known > epoch {
                    if page > first { try body(done + UInt64(first), UInt64(page - first)) }
                    first = page + 1
                } else {
                    octets[2 * page] = UInt8(epoch >> 8)
                    octets[2 * page + 1] = UInt8(truncatingIfNeeded: epoch)
                }
            }
            if Int(pages) > first {
                try body(done + UInt64(first), pages - UInt64(first))
            }
            // An array of octets has no padding that could be read.
            try file.write(unsafe octets.span.bytes, at: place)
            done += pages
        }
    }
}
