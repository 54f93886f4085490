import ByteIO
import Inspection
import Migration
import MigrationBER
import QEMUStream

/// What becomes of damaged inputs: cut at any place, with any one bit flipped.
public struct Damage {
    /// What an octet of the undamaged input is part of.
    public enum Part: String, CaseIterable, Sendable {
        case framing, records, page, device, vmdesc, file
    }

    /// Outcomes, counted.
    public struct Counts: Sendable, Equatable {
        public var all = 0
        /// An error with a place.
        public var told = 0
        /// The same octets as from the undamaged input.
        public var same = 0
        /// The damaged octets of a stream, one by one; of a BER file, another stream.
        public var passed = 0
        /// What must not be: an error without a place, other octets than the damaged ones.
        public var wrong: [String] = []

        public init() {}
    }

    /// How the input is read.
    public enum Form: String, Sendable, CaseIterable { case stream, version3, version4 }

    public let input: [UInt8]
    public let form: Form
    private let whole: [UInt8]
    public let parts: [Part]

    /// - Parameter stream: a binary stream.
    public init(stream: [UInt8], form: Form) throws {
        self.form = form
        switch form {
        case .stream: input = stream
        case .version3: input = try encode(.file(stream), .version3)
        case .version4: input = try encode(.file(stream), .version4)
        }
        whole = try Damage.read(input, form)
        parts =
            form == .stream
            ? try StreamParts.of(stream) : [Part](repeating: .file, count: input.count)
    }

    private static func read(_ octets: [UInt8], _ form: Form) throws(MigrationError) -> [UInt8] {
        form == .stream ? try rewrite(.file(octets)) : try decode(.file(octets))[0]
    }

    /// Cuts the input to each of these lengths.
    public func truncations(_ lengths: some Sequence<Int>) -> Counts {
        var counts = Counts()
        for length in lengths {
            let octets = Array(input[..<length])
            count(octets, "cut to \(length)", &counts) { error in
                error.code == .truncated || length < 8
                    ? nil : "\(error.code.rawValue) in place of truncated"
            }
        }
        return counts
    }

    /// Flips a bit: bit `place % 8` of octet `place / 8`.
    public func flips(_ places: some Sequence<Int>) -> [Part: Counts] {
        var result: [Part: Counts] = [:]
        var octets = input
        for place in places {
            let at = place / 8
            octets[at] ^= 1 << UInt8(place % 8)
            count(octets, "bit \(place % 8) of octet \(at)", &result[parts[at], default: Counts()])
            octets[at] ^= 1 << UInt8(place % 8)
        }
        return result
    }

    private func count(
        _ octets: [UInt8], _ what: String, _ counts: inout Counts,
        _ objection: (MigrationError) -> String? = { _ in nil }
    ) {
        counts.all += 1
        do throws(MigrationError) {
            let again = try Damage.read(octets, form)
            if form == .stream {
                if again == octets { counts.passed += 1 } else { counts.wrong.append(what) }
            } else if again == whole {
                counts.same += 1
            } else {
                counts.passed += 1
            }
        } catch {
            // Of a file with channels none is asked for here: that is no damage's place.
            let isPlaced =
                error.offset.map { $0 <= UInt64(octets.count) }
                ?? (error.code == .unsupported && error.path.isEmpty)
            if isPlaced, error.code != .io, objection(error) == nil {
                counts.told += 1
            } else {
                counts.wrong.append("\(what): \(error) \(objection(error) ?? "")")
            }
        }
    }
}

/// Which part of a stream each octet belongs to: an independent look at the RAM sections' records,
/// for streams that have plain ones.
private enum StreamParts {
    static func of(_ stream: [UInt8]) throws -> [Damage.Part] {
        var finder = SectionFinder(size: stream.count)
        var reader = StreamReader(.file(stream))
        try reader.read(into: &finder)
        var parts = [Damage.Part](repeating: .framing, count: stream.count)
        for (index, section) in finder.sections.enumerated() {
            let next =
                index + 1 < finder.sections.count
                ? finder.sections[index + 1].offset : finder.end ?? stream.count
            let head = section.header.isNamed ? 14 + section.header.name.utf8.count : 5
            let payload = section.offset + head..<next - (section.hasFooter ? 5 : 0)
            guard payload.lowerBound < payload.upperBound else { continue }
            if section.isRAM {
                records(stream, payload, finder.pageSize, &parts)
            } else {
                for at in payload { parts[at] = .device }
            }
        }
        if let end = finder.end, end + 6 < stream.count {
            for at in end + 6..<stream.count { parts[at] = .vmdesc }
        }
        return parts
    }

    private static func records(
        _ stream: [UInt8], _ range: Range<Int>, _ pageSize: Int, _ parts: inout [Damage.Part]
    ) {
        var at = range.lowerBound
        while at + 8 <= range.upperBound {
            for place in at..<at + 8 { parts[place] = .records }
            let flags = Int(stream[at + 6]) << 8 | Int(stream[at + 7])
            let word = stream[at..<at + 8].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            let flag = flags & (pageSize - 1) & 0x3ff
            at += 8
            func pass(_ count: Int, _ part: Damage.Part) {
                let end = min(at + count, range.upperBound)
                for place in at..<max(end, at) { parts[place] = part }
                at = end
            }
            if flag & 0x04 != 0 {
                // Blocks up to the total: names and lengths.
                var left = word & ~UInt64(0xff)
                while left > 0, at + 9 < range.upperBound {
                    pass(1 + Int(stream[at]), .records)
                    let length = stream[at..<at + 8].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
                    pass(8, .records)
                    left -= min(left, length)
                }
                continue
            }
            if flag & 0x10 != 0 { break }
            if flag & 0x0a != 0, flag & 0x20 == 0 { pass(1 + Int(stream[at]), .records) }
            if flag & 0x02 != 0 { pass(1, .page) }
            if flag & 0x08 != 0 { pass(pageSize, .page) }
        }
    }
}

/// Where the sections stand, by what the reader tells.
private struct SectionFinder: ObservingVisitor {
    struct Section {
        var header: SectionHeader
        var offset: Int
        var isRAM: Bool
        var hasFooter = false
    }

    var sections: [Section] = []
    var pageSize = 4096
    /// Where the end mark stands, if a vmdesc follows it to the stream's end.
    var end: Int?

    mutating func beginSection(
        _ header: SectionHeader, contents: SectionContents, at offset: UInt64
    ) throws(MigrationError) {
        sections.append(
            Section(header: header, offset: Int(clamping: offset), isRAM: contents == .ram))
    }

    mutating func endSection(footer: Bool) throws(MigrationError) {
        sections[sections.count - 1].hasFooter = footer
    }

    mutating func ramPages(
        _ group: borrowing RAMPageGroup, _ content: RawSpan
    ) throws(MigrationError) {
        pageSize = Int(clamping: group.pageSize)
    }

    mutating func description(_ json: RawSpan) throws(MigrationError) {
        end = size - json.byteCount - 6
    }

    let size: Int

    init(size: Int) { self.size = size }
}
