import Testing

@testable import Inspection

@Suite("States of pages")
struct PageStatesTests {
    @Test("The last state of a page counts, and how many were there before is told")
    func lastState() {
        var states = PageStates(count: 100)
        var room = PageStates.roomLimit
        #expect(states.set(10..<50, .zero, room: &room) == 0)
        // 40..<50 are there.
        #expect(states.set(40..<60, .data, room: &room) == 10)
        #expect(states.set(41..<42, .zero, room: &room) == 1)
        #expect(states.zero == 31)
        #expect(states.data == 19)
        #expect(states.missing == 50)
    }

    @Test("Pages behind the block's end don't count")
    func beyond() {
        var states = PageStates(count: 70_000)
        var room = PageStates.roomLimit
        #expect(states.set(60_000..<UInt64.max, .data, room: &room) == 0)
        #expect(states.data == 10_000)
        #expect(states.set(80_000..<90_000, .data, room: &room) == 0)
        #expect(states.missing == 60_000)
    }

    @Test("What is held against page by page is the same, whatever is set")
    func compared() {
        var generator = SplitMix(state: 7)
        let count = 200_000
        var states = PageStates(count: UInt64(count))
        var room = PageStates.roomLimit
        var plain = [PageStates.State](repeating: .missing, count: count)
        for _ in 0..<400 {
            let first = Int(generator.next() % UInt64(count))
            let longest: UInt64 = generator.next() % 4 == 0 ? 150_000 : 200
            let end = min(count, first + 1 + Int(generator.next() % longest))
            let state: PageStates.State = generator.next() % 2 == 0 ? .zero : .data
            let known = plain[first..<end].reduce(0) { $0 + ($1 == .missing ? 0 : 1) }
            #expect(
                states.set(UInt64(first)..<UInt64(end), state, room: &room) == UInt64(known))
            for page in first..<end { plain[page] = state }
            #expect(states.zero == UInt64(plain.count { $0 == .zero }))
            #expect(states.data == UInt64(plain.count { $0 == .data }))
        }
    }

    @Test("A block in one state takes little room, and room that is not there is told")
    func room() {
        var states = PageStates(count: 1 << 34)
        var room = 1 << 20
        // 16 Ki pieces of 64 octets.
        #expect(states.set(0..<1 << 30, .zero, room: &room) == 0)
        #expect(room == 0)
        #expect(states.zero == 1 << 30)
        #expect(states.set(5..<6, .data, room: &room) == nil)
        #expect(states.set(1 << 33..<(1 << 33) + 1, .data, room: &room) == nil)
        #expect(states.zero == 1 << 30)
    }

    @Test("A piece that comes to be in one state gives its room back")
    func returned() {
        var states = PageStates(count: 1 << 16)
        var room = PageStates.roomLimit
        for page: UInt64 in 0..<1 << 16 {
            #expect(states.set(page..<page + 1, .data, room: &room) == 0)
        }
        #expect(states.data == 1 << 16)
        #expect(room == PageStates.roomLimit - 64)
    }
}

/// Numbers that are the same in each run.
private struct SplitMix {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ z >> 30) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ z >> 27) &* 0x94d0_49bb_1331_11eb
        return z ^ z >> 31
    }
}
