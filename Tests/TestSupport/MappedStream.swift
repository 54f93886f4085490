/// A block of a mapped-ram stream, as section 4 of the reference lays it out.
public struct MappedBlock: Sendable {
    public var name: String
    public var pages: Int
    /// What stands in the places of pages: full pages by their number.
    public var content: [Int: [UInt8]]
    /// Pages whose bit is set.
    public var present: Set<Int>
    public var address: UInt64?
    /// Whether offsets are 0 and nothing follows the header.
    public var isShared = false
    /// Octets from the gap's end, of which the gap's last ones are made.
    public var gapEnd: [UInt8] = []

    public init(
        _ name: String, pages: Int, _ content: [Int: [UInt8]] = [:], present: Set<Int>? = nil,
        address: UInt64? = nil
    ) {
        self.name = name
        self.pages = pages
        self.content = content
        self.present = present ?? Set(content.keys)
        self.address = address
    }
}

/// Builds mapped-ram streams octet by octet. Pages begin at multiples of the page size, not of
/// 1 MiB as QEMU's do, so that they stay small.
public struct MappedStream: Sendable {
    public private(set) var octets: [UInt8]
    public let pageSize: Int
    /// Where the header of each block begins.
    public private(set) var headers: [Int] = []
    public private(set) var bitmaps: [Int] = []
    public private(set) var pages: [Int] = []

    /// - Parameters:
    ///   - base: what is added to all offsets: octets that stood before the stream.
    ///   - zeros: octets of zero that stand before it.
    public init(
        _ blocks: [MappedBlock], pageSize: Int = 256, base: Int = 0, zeros: Int = 0,
        capabilities: [String]? = nil, bigEndian isBig: Bool = false
    ) {
        self.pageSize = pageSize
        var stream = StreamBuilder()
        if let capabilities {
            stream.configuration(
                "m",
                subsections: StreamBuilder.subsection(
                    "configuration/capabilities",
                    bigEndian(UInt32(capabilities.count))
                        + capabilities.flatMap(StreamBuilder.counted)))
        }
        // START of ram, without the footer that a whole section would get.
        stream.append([1] + bigEndian(2 as UInt32) + StreamBuilder.counted("ram"))
        stream.append(bigEndian(0 as UInt32) + bigEndian(4 as UInt32))
        octets = [UInt8](repeating: 0, count: zeros) + stream.octets
        octets += bigEndian(UInt64(blocks.reduce(0) { $0 + $1.pages * pageSize }) | 4)
        for block in blocks { append(block, base: base, isBig) }
        octets += RAM.endOfSection + [0x7e] + bigEndian(2 as UInt32)
        var rest = StreamBuilder(header: false)
        rest.goOn(2, 2, RAM.endOfSection)
        rest.goOn(3, 2, RAM.endOfSection)
        rest.full(0, "dev", bigEndian(5 as UInt32))
        rest.end(
            #"{"page_size": \#(pageSize), "devices": [{"name": "dev", "instance_id": 0, "#
                + #""vmsd_name": "dev", "version": 1, "fields": ["#
                + #"{"name": "n", "type": "uint32", "size": 4}]}]}"#)
        octets += rest.octets
    }

    private mutating func append(_ block: MappedBlock, base: Int, _ isBig: Bool) {
        octets += StreamBuilder.counted(block.name)
        octets += bigEndian(UInt64(block.pages * pageSize))
        if let address = block.address { octets += bigEndian(address) }
        headers.append(octets.count)
        let bitmap = octets.count + 28 + base
        let bitmapSize = (block.pages + 63) / 64 * 8
        let first = (bitmap + bitmapSize + pageSize - 1) / pageSize * pageSize
        octets += bigEndian(1 as UInt32) + bigEndian(UInt64(pageSize))
        octets += bigEndian(UInt64(block.isShared ? 0 : bitmap))
        octets += bigEndian(UInt64(block.isShared ? 0 : first))
        bitmaps.append(octets.count)
        if block.isShared {
            pages.append(octets.count)
            return
        }
        var bits = [UInt8](repeating: 0, count: bitmapSize)
        for page in block.present {
            bits[isBig ? page / 8 ^ 7 : page / 8] |= 1 << UInt8(page % 8)
        }
        octets += bits
        let gap = first - bitmap - bitmapSize
        octets += [UInt8](repeating: 0, count: gap - block.gapEnd.count) + block.gapEnd
        pages.append(octets.count)
        for page in 0..<block.pages {
            octets += block.content[page] ?? [UInt8](repeating: 0, count: pageSize)
        }
    }
}
