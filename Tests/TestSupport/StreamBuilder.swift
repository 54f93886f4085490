/// Builds binary streams octet by octet, as QEMU writes them: the sections' framing of the
/// reference's section 1, commands of 2, RAM records of 3.
public struct StreamBuilder: Sendable {
    public private(set) var octets: [UInt8] = []
    private let hasFooters: Bool
    private var open: UInt32 = 0

    /// - Parameters:
    ///   - header: whether the file header stands first; items of a package have none.
    ///   - footers: whether sections have footers.
    public init(header: Bool = true, footers: Bool = true) {
        hasFooters = footers
        // 1.2: QEVM, version 3.
        if header { octets = [0x51, 0x45, 0x56, 0x4d, 0, 0, 0, 3] }
    }

    public var count: Int { octets.count }

    public mutating func append(_ more: [UInt8]) { octets += more }

    /// A counted string.
    public static func counted(_ text: String) -> [UInt8] {
        [UInt8(text.utf8.count)] + Array(text.utf8)
    }

    /// 1.6: the configuration section; subsections come as they are.
    public mutating func configuration(_ machine: String, subsections: [UInt8] = []) {
        octets += [7] + bigEndian(UInt32(machine.utf8.count)) + Array(machine.utf8) + subsections
    }

    /// 7.4: a subsection.
    public static func subsection(
        _ name: String, version: UInt32 = 1, _ body: [UInt8]
    ) -> [UInt8] {
        [5] + counted(name) + bigEndian(version) + body
    }

    // MARK: Sections (1.4)

    /// START (1) or FULL (4) with payload and, if the stream has them, the footer.
    public mutating func section(
        _ type: UInt8, _ id: UInt32, _ name: String, instance: UInt32 = 0, version: UInt32 = 1,
        _ payload: [UInt8]
    ) {
        octets += [type] + bigEndian(id) + StreamBuilder.counted(name)
        octets += bigEndian(instance) + bigEndian(version) + payload
        footer(id)
    }

    public mutating func full(
        _ id: UInt32, _ name: String, instance: UInt32 = 0, version: UInt32 = 1,
        _ payload: [UInt8]
    ) {
        section(4, id, name, instance: instance, version: version, payload)
    }

    /// START of `ram`, version 4.
    public mutating func startRAM(_ id: UInt32 = 2, _ payload: [UInt8]) {
        section(1, id, "ram", version: 4, payload)
    }

    /// PART (2) or END (3).
    public mutating func goOn(_ type: UInt8, _ id: UInt32 = 2, _ payload: [UInt8]) {
        octets += [type] + bigEndian(id) + payload
        footer(id)
    }

    private mutating func footer(_ id: UInt32) {
        if hasFooters { octets += [0x7e] + bigEndian(id) }
    }

    // MARK: Commands (2.1), end (1.9)

    public mutating func command(_ code: UInt16, _ payload: [UInt8] = []) {
        octets += [8] + bigEndian(code) + bigEndian(UInt16(payload.count)) + payload
    }

    /// 2.3: PACKAGED with its items.
    public mutating func package(_ items: [UInt8]) {
        command(7, bigEndian(UInt32(items.count)))
        octets += items
    }

    public mutating func end(_ json: String? = nil) {
        octets.append(0)
        guard let json else { return }
        octets += [6] + bigEndian(UInt32(json.utf8.count)) + Array(json.utf8)
    }
}

/// RAM records (section 3.2 of the reference).
public enum RAM {
    public static let endOfSection = bigEndian(0x10 as UInt64)
    public static let hook = bigEndian(0x80 as UInt64)
    public static let flush = bigEndian(0x200 as UInt64)

    /// MEM_SIZE with blocks as QEMU writes them without any capability.
    public static func blocks(_ list: [(String, UInt64)]) -> [UInt8] {
        list.reduce(bigEndian(list.reduce(0) { $0 + $1.1 } | 4)) {
            $0 + StreamBuilder.counted($1.0) + bigEndian($1.1)
        }
    }

    /// A record of one page: its word and, unless it goes on in the same block, the name.
    public static func record(
        _ flag: UInt64, _ offset: UInt64, _ block: String?, _ body: [UInt8]
    ) -> [UInt8] {
        let word = bigEndian(offset | flag | (block == nil ? 0x20 : 0))
        return word + (block.map(StreamBuilder.counted) ?? []) + body
    }

    public static func fill(
        _ offset: UInt64, _ block: String? = nil, _ octet: UInt8 = 0
    ) -> [UInt8] {
        record(0x02, offset, block, [octet])
    }

    public static func page(
        _ offset: UInt64, _ block: String? = nil, _ content: [UInt8]
    ) -> [UInt8] {
        record(0x08, offset, block, content)
    }

    public static func xbzrle(
        _ offset: UInt64, _ block: String? = nil, _ delta: [UInt8]
    ) -> [UInt8] {
        record(0x40, offset, block, [1] + bigEndian(UInt16(delta.count)) + delta)
    }

    public static func compressed(
        _ offset: UInt64, _ block: String? = nil, _ octets: [UInt8]
    ) -> [UInt8] {
        record(0x100, offset, block, bigEndian(UInt32(octets.count)) + octets)
    }
}
