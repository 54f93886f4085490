import BER
import ByteIO
import TestSupport

/// A random tree of elements, as octets that the writer made, and as lines that a reader of it
/// must tell.
struct RandomTree {
    private(set) var octets: [UInt8] = []
    private(set) var lines: [String] = []

    init(using random: inout SeededGenerator) {
        var writer = BERWriter(.inMemory())
        var lines: [String] = []
        // Memory takes everything.
        for _ in 0..<3 { try? RandomTree.add(to: &writer, &lines, depth: 0, using: &random) }
        var sink = writer.takeSink()
        octets = (try? sink.takeOctets()) ?? []
        self.lines = lines
    }

    private static func add(
        to writer: inout BERWriter, _ lines: inout [String], depth: Int,
        using random: inout SeededGenerator
    ) throws(ByteIOError) {
        let classes: [Tag.Class] = [.application, .context, .private]
        let shift = UInt64.random(in: 0..<64, using: &random)
        let number = UInt64.random(in: 0..<UInt64.max, using: &random) >> shift
        let tag = Tag(classes[Int.random(in: 0..<3, using: &random)], number)
        let start = writer.position
        // 8.1.2: one octet up to number 30; above, one more for each 7 bits.
        var tagSize = 1
        if number >= 31 {
            var rest = number
            repeat {
                tagSize += 1
                rest >>= 7
            } while rest > 0
        }
        switch Int.random(in: 0..<(depth < 6 ? 6 : 3), using: &random) {
        case 0...2:
            let content = random.octets(Int.random(in: 0...300, using: &random))
            try writer.string(tag, unsafe content.span.bytes)
            // 8.1.3.4, 8.1.3.5.
            let lengthSize = content.count < 128 ? 1 : content.count < 256 ? 2 : 3
            lines.append(
                ".\(tag)@\(start) h\(tagSize + lengthSize) d\(depth) l\(content.count) "
                    + hex(content))
        case 3...4:
            try writer.beginIndefinite(tag)
            lines.append("+\(tag)@\(start) h\(tagSize + 1) d\(depth) l?")
            for _ in 0..<Int.random(in: 0...4, using: &random) {
                try add(to: &writer, &lines, depth: depth + 1, using: &random)
            }
            try writer.endIndefinite()
            lines.append("~\(start)")
        default:
            try writer.head(tag, constructed: true, length: 3)
            lines.append("+\(tag)@\(start) h\(tagSize + 1) d\(depth) l3")
            lines.append(".BOOLEAN@\(writer.position) h2 d\(depth + 1) l1 ff")
            try writer.boolean(.boolean, true)
            lines.append("-\(start)")
        }
    }
}
