import ByteIO

/// A binary stream with RAM pages of one kind and nothing else, made while it is read.
///
/// The records are made once; of each only the address is written anew. So a benchmark's time is
/// Berth's, and a copy of the octets, as a read is one.
final class PageStream: ByteProducer {
    enum Kind { case full, zero, xbzrle }

    private let pages: Int
    private let flags: UInt64
    /// Octets of a record, its address included.
    private let recordSize: Int
    /// So many records as are handed out at once.
    private var records: [UInt8] = []
    /// What is handed out now; the records too, when their turn has come.
    private var ready: [UInt8]
    private var readyCount: Int
    private var taken = 0
    /// Pages that have been handed out.
    private var page = 1
    private var isEnded = false

    /// - Parameter pages: of 4 KiB; at least one.
    init(_ kind: Kind, pages: Int) {
        self.pages = pages
        let content: [UInt8]
        switch kind {
        case .full:
            flags = 0x08
            content = (0..<512).flatMap { PageStream.word(($0 &+ 1) &* 0x9e37_79b9_7f4a_7c15) }
        case .zero:
            flags = 0x02
            content = [0]
        case .xbzrle:
            flags = 0x40
            // QEMU's encoding of a page of which one octet has changed.
            content = [1, 0, 3, 5, 1, 0x41]
        }
        recordSize = 8 + content.count
        // START of section 0, "ram", instance 0, version 4, with a list of one block.
        ready = Array("QEVM".utf8) + [0, 0, 0, 3]
        ready += [1, 0, 0, 0, 0, 3] + Array("ram".utf8) + [0, 0, 0, 0, 0, 0, 0, 4]
        ready += PageStream.word(UInt64(pages) * 4096 | 0x04)
        ready += [2] + Array("pc".utf8) + PageStream.word(UInt64(pages) * 4096)
        ready += PageStream.word(0x10) + [0x7e, 0, 0, 0, 0]
        // PART with the first page, which names the block.
        ready += [2, 0, 0, 0, 0] + PageStream.word(flags) + [2] + Array("pc".utf8) + content
        readyCount = ready.count
        let record = PageStream.word(0) + content
        for _ in 0..<(1 << 19) / recordSize { records += record }
    }

    private static func word(_ value: UInt64) -> [UInt8] {
        (0..<8).map { UInt8(truncatingIfNeeded: value >> UInt64(56 - 8 * $0)) }
    }

    private func refill() {
        taken = 0
        readyCount = 0
        if page < pages {
            // The beginning has been handed out.
            if page == 1 { swap(&ready, &records) }
            let count = min(pages - page, ready.count / recordSize)
            for index in 0..<count {
                let head = UInt64(page + index) * 4096 | flags | 0x20
                for octet in 0..<8 {
                    ready[index * recordSize + octet] = UInt8(
                        truncatingIfNeeded: head >> UInt64(56 - 8 * octet))
                }
            }
            page += count
            readyCount = count * recordSize
        } else if !isEnded {
            isEnded = true
            ready = PageStream.word(0x10) + [0x7e, 0, 0, 0, 0, 0]
            readyCount = ready.count
        }
    }

    func read(into buffer: UnsafeMutableRawBufferPointer) throws(ByteIOError) -> Int {
        if taken == readyCount { refill() }
        let count = min(readyCount - taken, buffer.count)
        // `count` octets lie in the array and in the buffer.
        unsafe buffer.copyBytes(from: ready[taken..<taken + count])
        taken += count
        return count
    }
}
