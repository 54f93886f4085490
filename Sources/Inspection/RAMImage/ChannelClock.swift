internal import Migration
internal import QEMUStream

/// Counts the marks of synchronization of each channel, by which their pages are ordered.
///
/// The main channel marks with the record MULTIFD_FLUSH, a multifd channel with the flag SYNC of a
/// packet, and there is one of each for every other. Machines up to 8.0 have no such record: there
/// each end of a RAM section is a mark (QEMU's `multifd_flush_after_each_section`).
struct ChannelClock {
    /// The stretch that pages now come from.
    private(set) var epoch: UInt16 = 0
    private var marksWithRecords: Bool?
    private var isRAM = false
    private var hasFlushed = false

    /// Post-copy's pages come when multifd has sent all of its own.
    private static let postCopy = UInt16.max - 1
    /// Those that were asked for, and those behind a recovery, are never older than others.
    private static let last = UInt16.max

    private mutating func advance() {
        if epoch < Self.postCopy - 1 { epoch += 1 }
    }

    mutating func beginSection(isRAM: Bool) {
        self.isRAM = isRAM
        hasFlushed = false
    }

    mutating func flush() {
        hasFlushed = true
        advance()
    }

    mutating func endSection() {
        defer { isRAM = false }
        guard isRAM else { return }
        // The first section, START, has the record where there are such.
        let withRecords = marksWithRecords ?? hasFlushed
        marksWithRecords = withRecords
        if !withRecords { advance() }
    }

    mutating func command(_ code: UInt16) {
        if code == StreamCommand.postcopyListen || code == StreamCommand.postcopyRun {
            epoch = Self.postCopy
        }
    }

    mutating func beginChannel(_ kind: ChannelKind) {
        switch kind {
        case .multifd: epoch = 0
        case .preempt, .continued: epoch = Self.last
        case .returnPath, .cprState: break
        }
    }

    mutating func endPacket(_ flags: UInt32) {
        if flags & MultifdFlag.sync != 0 { advance() }
    }
}
