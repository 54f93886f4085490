internal import ByteIO

/// Key values of open types, held while the structure is open that they stand in.
struct KeyRegisters {
    private struct Slot {
        var start: Int
        var count: Int
    }

    private var octets: [UInt8] = []
    private var slots: [Slot] = []

    /// How an element's tag stands in a key.
    static func prefix(_ tag: TagKey) -> [UInt8] {
        (0..<8).map { UInt8(truncatingIfNeeded: tag.bits >> UInt64(56 - 8 * $0)) }
    }

    var slotCount: Int { slots.count }
    var octetCount: Int { octets.count }

    /// Makes room for a structure's registers.
    mutating func open(_ count: Int) {
        for _ in 0..<count { slots.append(Slot(start: 0, count: -1)) }
    }

    /// Forgets what a structure held.
    mutating func close(slots slotCount: Int, octets octetCount: Int) {
        slots.removeLast(max(0, slots.count - slotCount))
        octets.removeLast(max(0, octets.count - octetCount))
    }

    mutating func set(_ slot: Int, _ tag: TagKey, _ window: RawSpan, at: Int, count: Int) {
        guard slots.indices.contains(slot) else { return }
        slots[slot] = Slot(start: octets.count, count: count + 8)
        for index in 0..<8 {
            octets.append(UInt8(truncatingIfNeeded: tag.bits >> UInt64(56 - 8 * index)))
        }
        for index in 0..<count { octets.append(window.octet(at: at + index)) }
    }

    func isSet(_ slot: Int) -> Bool { slots.indices.contains(slot) && slots[slot].count >= 0 }

    func holds(_ slot: Int, _ key: [UInt8]) -> Bool {
        guard isSet(slot), slots[slot].count == key.count else { return false }
        let start = slots[slot].start
        for index in key.indices where octets[start + index] != key[index] { return false }
        return true
    }
}
