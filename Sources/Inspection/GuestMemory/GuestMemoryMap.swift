/// Which of a guest's physical addresses are memory, and where in the RAM blocks it lies.
public struct GuestMemoryMap: Hashable, Sendable {
    public struct Region: Hashable, Sendable {
        /// The guest-physical address of the first octet.
        public var address: UInt64
        public var length: UInt64
        public var block: String
        /// Octets from the start of the block.
        public var offset: UInt64
        /// Whether it is the machine's firmware, and no RAM.
        public var isROM: Bool

        public init(
            address: UInt64, length: UInt64, block: String, offset: UInt64, isROM: Bool = false
        ) {
            self.address = address
            self.length = length
            self.block = block
            self.offset = offset
            self.isROM = isROM
        }

        /// The address behind the last octet. Regions never reach beyond 2^64 - 1.
        public var end: UInt64 { address &+ length }
    }

    /// Ascending; none overlaps another.
    public private(set) var regions: [Region] = []

    public init() {}

    /// The address behind the last octet of RAM.
    public var endOfRAM: UInt64 { regions.last { !$0.isROM }?.end ?? 0 }

    /// Puts a region over whatever is there.
    mutating func place(_ region: Region) {
        guard region.length > 0, !region.address.addingReportingOverflow(region.length).overflow
        else { return }
        cut(region.address..<region.end)
        let index = regions.firstIndex { $0.address > region.address } ?? regions.count
        regions.insert(region, at: index)
        join()
    }

    /// Makes a hole.
    mutating func cut(_ range: Range<UInt64>) {
        regions = regions.flatMap { region -> [Region] in
            guard region.address < range.upperBound, region.end > range.lowerBound else {
                return [region]
            }
            return [
                region.part(region.address..<max(region.address, range.lowerBound)),
                region.part(min(region.end, range.upperBound)..<region.end),
            ].filter { $0.length > 0 }
        }
    }

    /// Makes one of neighbours that go on in the same block.
    private mutating func join() {
        var joined: [Region] = []
        for region in regions {
            if let last = joined.last, last.end == region.address, last.block == region.block,
                last.offset &+ last.length == region.offset, last.isROM == region.isROM
            {
                joined[joined.count - 1].length += region.length
            } else {
                joined.append(region)
            }
        }
        regions = joined
    }

    /// What of the map lies in a range of addresses, ascending.
    public func regions(in range: Range<UInt64>) -> [Region] {
        regions.compactMap { region in
            let start = max(region.address, range.lowerBound)
            let end = min(region.end, range.upperBound)
            return start < end ? region.part(start..<end) : nil
        }
    }
}

extension GuestMemoryMap.Region {
    /// The part of it that has these addresses, all of which it has.
    func part(_ range: Range<UInt64>) -> Self {
        var part = self
        part.offset = offset &+ (range.lowerBound &- address)
        part.address = range.lowerBound
        part.length = range.upperBound - range.lowerBound
        return part
    }
}
