import Inspection
import Migration

/// Octets of a guest's memory that a user asks for.
struct WantedMemory: Hashable {
    /// The block; guest-physical addresses are meant if it is `nil`.
    var block: String?
    /// Addresses, or octets from the start of the block.
    var range: Range<UInt64>

    /// Octets that are read where no length is said.
    static let usualLength: UInt64 = 256

    /// - Parameters:
    ///   - text: `ADDRESS`, `BLOCK+OFFSET` or `START..END`.
    ///   - length: what stands behind it.
    init?(_ text: String, _ length: OctetCount?) {
        var start = text
        var end: UInt64?
        if let dots = text.lastRange(of: "..") {
            guard length == nil, let number = OctetCount(argument: String(text[dots.upperBound...]))
            else { return nil }
            end = number.value
            start = String(text[..<dots.lowerBound])
        }
        var first: UInt64 = 0
        if let address = OctetCount(argument: start) {
            first = address.value
        } else if let plus = start.lastIndex(of: "+"), plus > start.startIndex,
            let offset = OctetCount(argument: String(start[start.index(after: plus)...]))
        {
            block = String(start[..<plus])
            first = offset.value
        } else {
            guard let letter = start.unicodeScalars.first, !(48...57).contains(letter.value) else {
                return nil
            }
            block = start
        }
        if let end {
            guard end >= first else { return nil }
            range = first..<end
        } else {
            let (behind, overflows) = first.addingReportingOverflow(
                length?.value ?? Self.usualLength)
            guard !overflows else { return nil }
            range = first..<behind
        }
    }

    /// What of it is memory.
    /// - Parameter map: gives the machine's map, if that is needed.
    /// - Throws: ``MigrationError`` if nothing is.
    func parts(
        _ blocks: [RAMBlock], _ map: () throws(MigrationError) -> GuestMemoryMap
    ) throws(MigrationError) -> [MemoryRange.Part] {
        let length = range.upperBound - range.lowerBound
        guard let name = block else {
            let map = try map()
            let parts = map.regions(in: range).map {
                MemoryRange.Part(
                    place: $0.address - range.lowerBound, length: $0.length, block: $0.block,
                    offset: $0.offset)
            }
            guard !parts.isEmpty else {
                let regions = map.regions.map {
                    "\(ImageListing.hex($0.address))..\(ImageListing.hex($0.end))"
                }
                throw MigrationError(
                    .unsupported, path: "ram",
                    expected: "memory at \(ImageListing.hex(range.lowerBound))",
                    found: "none", hint: "there is: " + regions.joined(separator: ", "))
            }
            return parts
        }
        guard let found = blocks.first(where: { $0.name == name }) else {
            throw MigrationError(
                .unsupported, path: "ram", expected: "a RAM block \"\(name)\"", found: "none",
                hint: "there are: " + blocks.map(\.name).joined(separator: ", "))
        }
        guard range.upperBound <= found.length else {
            throw MigrationError(
                .unsupported, path: "ram/\(name)",
                expected: "octets before its end at \(ImageListing.hex(found.length))",
                found: "up to \(ImageListing.hex(range.upperBound))")
        }
        return [
            MemoryRange.Part(place: 0, length: length, block: name, offset: range.lowerBound)
        ]
    }
}

extension String {
    /// Where a text stands last.
    fileprivate func lastRange(of text: String) -> Range<Index>? {
        var at = endIndex
        while at > startIndex {
            at = index(before: at)
            if self[at...].hasPrefix(text) { return at..<index(at, offsetBy: text.count) }
        }
        return nil
    }
}

/// The octets of a range in order, those that are no memory as zeros.
struct WantedOctets {
    var length: UInt64

    private static let piece: UInt64 = 64 << 10

    /// - Parameter body: gets pieces and their places in the range.
    func forEachPiece(
        of range: borrowing MemoryRange,
        _ body: ([UInt8], UInt64) throws(MigrationError) -> Void
    ) throws(MigrationError) {
        var at: UInt64 = 0
        for part in range.parts {
            try zeros(at..<part.place, body)
            var done: UInt64 = 0
            while done < part.length {
                let step = min(Self.piece, part.length - done)
                try body(try range.octets(of: part, done..<done + step), part.place + done)
                done += step
            }
            at = part.place + part.length
        }
        try zeros(at..<length, body)
    }

    private func zeros(
        _ range: Range<UInt64>, _ body: ([UInt8], UInt64) throws(MigrationError) -> Void
    ) throws(MigrationError) {
        var at = range.lowerBound
        while at < range.upperBound {
            let step = min(Self.piece, range.upperBound - at)
            try body([UInt8](repeating: 0, count: Int(step)), at)
            at += step
        }
    }
}
