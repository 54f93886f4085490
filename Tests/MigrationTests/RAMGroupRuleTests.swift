import Migration
import Testing

/// Where groups end: by content, and never dearer than the records (DESIGN, section 5).
@Suite("RAMGroupRule")
struct RAMGroupRuleTests {
    @Test("64 full pages of 4096 octets fill a group, then one of zeros still fits")
    func contentLimit() {
        var rule = RAMGroupRule(pageSize: 4096)
        for page in 0..<64 as Range<UInt64> {
            let isTaken = rule.take(
                .full, isZero: false, at: page * 4096, length: 4104, merges: page > 0)
            #expect(isTaken)
        }
        var other = rule
        let isFullTaken = rule.take(
            .full, isZero: false, at: 64 * 4096, length: 4104, merges: true)
        #expect(!isFullTaken)
        let isFillTaken = other.take(
            .fill, isZero: true, at: 64 * 4096, length: 9, merges: false)
        #expect(isFillTaken)
    }

    @Test("The first record of a group is taken whatever it costs")
    func first() {
        var rule = RAMGroupRule(pageSize: 4096)
        let isTaken = rule.take(.fill, isZero: false, at: 1 << 40, length: 9, merges: false)
        #expect(isTaken)
    }

    @Test("A jump that nothing has paid for begins a new group")
    func jumps() {
        // One filled page saves nothing: its entry takes nine octets, as its record does.
        var poor = RAMGroupRule(pageSize: 4096)
        _ = poor.take(.fill, isZero: false, at: 0, length: 9, merges: false)
        let isTaken = poor.take(.fill, isZero: false, at: 0x9000, length: 9, merges: false)
        #expect(!isTaken)
        // Two pages of zeros in a run take five octets for eighteen.
        var rich = RAMGroupRule(pageSize: 4096)
        _ = rich.take(.fill, isZero: true, at: 0, length: 9, merges: false)
        _ = rich.take(.fill, isZero: true, at: 0x1000, length: 9, merges: true)
        let isPaid = rich.take(.fill, isZero: false, at: 0x9000, length: 9, merges: false)
        #expect(isPaid)
    }

    @Test("Records of 272 KiB end a group, of whatever kind")
    func recordLimit() {
        var rule = RAMGroupRule(pageSize: 4096)
        var count: UInt64 = 0
        while rule.take(.fill, isZero: true, at: count * 4096, length: 9, merges: count > 0) {
            count += 1
        }
        // (262144 + 16384) / 9 octets.
        #expect(count == 30_947)
    }
}
