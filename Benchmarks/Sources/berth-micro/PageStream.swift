import ByteIO

/// A binary stream with RAM pages of one kind and nothing else, made while it is read.
final class PageStream: ByteProducer {
    enum Kind { case full, zero, xbzrle }

    private let kind: Kind
    private let pages: UInt64
    private var page: UInt64 = 0
    /// What has been made and not been handed out.
    private var ready: [UInt8] = []
    private var taken = 0
    private var isEnded = false

    init(_ kind: Kind, pages: Int) {
        self.kind = kind
        self.pages = UInt64(pages)
        ready = Array("QEVM".utf8) + [0, 0, 0, 3]
        // START of section 0, "ram", instance 0, version 4, with a list of one block.
        ready += [1, 0, 0, 0, 0, 3] + Array("ram".utf8) + [0, 0, 0, 0, 0, 0, 0, 4]
        ready += PageStream.word(UInt64(pages) * 4096 | 0x04)
        ready += [2] + Array("pc".utf8) + PageStream.word(UInt64(pages) * 4096)
        ready += PageStream.word(0x10) + [0x7e, 0, 0, 0, 0]
        ready += [2, 0, 0, 0, 0]
        ready.reserveCapacity(1 << 20)
    }

    private static func word(_ value: UInt64) -> [UInt8] {
        (0..<8).map { UInt8(truncatingIfNeeded: value >> UInt64(56 - 8 * $0)) }
    }

    private func append(_ word: UInt64) {
        for shift in stride(from: 56, through: 0, by: -8) {
            ready.append(UInt8(truncatingIfNeeded: word >> UInt64(shift)))
        }
    }

    private func refill() {
        ready.removeAll(keepingCapacity: true)
        taken = 0
        while page < pages, ready.count < 512 << 10 {
            let flags: UInt64 = kind == .full ? 0x08 : kind == .zero ? 0x02 : 0x40
            append(page * 4096 | flags | (page == 0 ? 0 : 0x20))
            if page == 0 {
                ready.append(2)
                ready += "pc".utf8
            }
            switch kind {
            case .full:
                for index in 0..<512 { append((page &+ UInt64(index)) &* 0x9e37_79b9_7f4a_7c15) }
            case .zero: ready.append(0)
            case .xbzrle:
                // QEMU's encoding of a page of which one octet has changed.
                ready += [1, 0, 3, 5, 1, 0x41]
            }
            page += 1
        }
        if page == pages, ready.isEmpty, !isEnded {
            isEnded = true
            append(0x10)
            ready += [0x7e, 0, 0, 0, 0, 0]
        }
    }

    func read(into buffer: UnsafeMutableRawBufferPointer) throws(ByteIOError) -> Int {
        if taken == ready.count { refill() }
        let count = min(ready.count - taken, buffer.count)
        // `count` octets lie in the array and in the buffer.
        unsafe buffer.copyBytes(from: ready[taken..<taken + count])
        taken += count
        return count
    }
}
