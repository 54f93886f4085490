internal import ByteIO

/// Key values of open types, held while the structure is open that they stand in.
struct KeyRegisters {
    enum State: UInt8 {
        case unknown, isSet
        /// The component isn't there: its default value is the key, if it has one.
        case absent
        /// There, but too long, too far away or damaged.
        case unusable
    }

    private struct Slot {
        var start = 0
        var count = 0
        var state = State.unknown
    }

    /// Whole elements, heads included.
    private var octets: [UInt8] = []
    private var slots: [Slot] = []

    var slotCount: Int { slots.count }
    var octetCount: Int { octets.count }

    /// Makes room for a structure's registers.
    mutating func open(_ count: Int) {
        for _ in 0..<count { slots.append(Slot()) }
    }

    /// Forgets what a structure held.
    mutating func close(slots slotCount: Int, octets octetCount: Int) {
        slots.removeLast(max(0, slots.count - slotCount))
        octets.removeLast(max(0, octets.count - octetCount))
    }

    mutating func set(_ slot: Int, _ window: RawSpan, _ range: Range<Int>) {
        guard slots.indices.contains(slot) else { return }
        // An element that is looked at twice is entered once.
        let isSame = slots[slot].state == .isSet && slots[slot].count == range.count
        if !isSame {
            slots[slot] = Slot(start: octets.count, count: range.count, state: .isSet)
            for index in range { octets.append(window.octet(at: index)) }
            return
        }
        for index in range {
            octets[slots[slot].start + index - range.lowerBound] = window.octet(at: index)
        }
    }

    mutating func mark(_ slot: Int, _ state: State) {
        if slots.indices.contains(slot) { slots[slot].state = state }
    }

    func state(_ slot: Int) -> State {
        slots.indices.contains(slot) ? slots[slot].state : .unknown
    }

    /// The element that a register holds.
    func element(_ slot: Int) -> [UInt8] {
        guard state(slot) == .isSet else { return [] }
        return Array(octets[slots[slot].start..<slots[slot].start + slots[slot].count])
    }
}
