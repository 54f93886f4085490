public import Migration

/// Where a machine has its memory, as far as the stream and the user tell.
public struct GuestMemory: Hashable, Sendable {
    /// What the user says of it.
    public struct Options: Hashable, Sendable {
        /// The blocks that the machine's RAM is made of, in the order of their nodes.
        public var ramBlocks: [String] = []
        /// Octets of RAM below 4 GiB (an x86 PC's `max-ram-below-4g`).
        public var below4G: UInt64?
        /// The address of the RAM that does not lie below (4 GiB, or 1 TiB beside AMD's hole).
        public var above4G: UInt64?
        /// Blocks at addresses of their own.
        public var placed: [Placement] = []

        public init() {}
    }

    public struct Placement: Hashable, Sendable {
        public var block: String
        public var address: UInt64

        public init(block: String, address: UInt64) {
            self.block = block
            self.address = address
        }
    }

    /// What the processors see.
    public var map = GuestMemoryMap()
    /// Where RAM lies, whatever hides parts of it.
    var ram: [GuestMemoryMap.Region] = []
    /// What the user should know: what was taken for granted, what is left out.
    public var notes: [String] = []

    /// - Parameter isComplete: whether the whole stream went by, devices and all. Before, it is a
    ///   guess by the machine's name.
    /// - Throws: ``MigrationError`` `unsupported` if nobody knows where the machine has its memory.
    public init(
        _ facts: MachineFacts, options: Options, isComplete: Bool = true
    ) throws(MigrationError) {
        if let machine = PCMachine(facts) {
            try machine.place(facts, options, isComplete: isComplete, into: &self)
        } else if let machine = PlainMachine.find(facts) {
            try machine.place(facts, options, into: &self)
        } else if options.placed.isEmpty {
            throw Self.unknown(facts)
        }
        for placement in options.placed {
            guard let block = facts.block(named: placement.block) else {
                throw Self.missing(placement.block, facts)
            }
            let region = GuestMemoryMap.Region(
                address: placement.address, length: block.length, block: block.name, offset: 0)
            guard !placement.address.addingReportingOverflow(block.length).overflow else {
                throw MigrationError(
                    .unsupported, path: "ram/\(block.name)",
                    expected: "a place below 2^64", found: "one that reaches beyond")
            }
            ram.append(region)
            map.place(region)
        }
        guard isComplete else { return }
        let mapped = Set(map.regions.map(\.block))
        for block in facts.blocks where Self.isMemory(block.name) && !mapped.contains(block.name) {
            notes.append(
                "where the machine has the block \(block.name) is not told: it is left out "
                    + "(--place \(block.name)=ADDRESS)")
        }
    }

    private static func unknown(_ facts: MachineFacts) -> MigrationError {
        let machine = facts.machine.map { "the machine \"\($0)\"" } ?? "a machine that is not told"
        return MigrationError(
            .unsupported, path: "ram",
            expected: "a machine whose memory map is known (\(known))",
            found: machine,
            hint: "blocks can be taken one by one (--block), or put where you know that they lie "
                + "(--place BLOCK=ADDRESS)")
    }

    private static var known: String {
        (["pc", "q35", "microvm", "isapc"] + PlainMachine.all.map(\.title)).joined(separator: ", ")
    }

    static func missing(_ name: String, _ facts: MachineFacts) -> MigrationError {
        MigrationError(
            .unsupported, path: "ram", expected: "a RAM block \"\(name)\"", found: "none",
            hint: "there are: " + facts.blocks.map(\.name).joined(separator: ", "))
    }

    /// Whether a block may be a memory backend's: those of firmware and devices have names of their
    /// own making.
    static func isMemory(_ name: String) -> Bool {
        if name.hasPrefix("/objects/") { return true }
        return !name.contains { $0 == "/" || $0 == ":" || $0 == "@" || $0 == "." }
            && name != "isa-bios"
    }

    /// The blocks that the machine's RAM is made of, one behind the other.
    /// - Parameter usual: the block's name where the user gives the machine no backend.
    static func ramBlocks(
        _ facts: MachineFacts, _ options: Options, usual: String
    ) throws(MigrationError) -> [RAMBlock] {
        if !options.ramBlocks.isEmpty {
            var blocks: [RAMBlock] = []
            for name in options.ramBlocks {
                guard let block = facts.block(named: name) else { throw missing(name, facts) }
                blocks.append(block)
            }
            return blocks
        }
        if let block = facts.block(named: usual) { return [block] }
        // libvirt's names for the nodes' backends.
        var nodes: [RAMBlock] = []
        while let node = facts.block(named: "ram-node\(nodes.count)")
            ?? facts.block(named: "/objects/ram-node\(nodes.count)")
        {
            nodes.append(node)
        }
        if !nodes.isEmpty { return nodes }
        let backends = facts.blocks.filter { isMemory($0.name) }
        guard backends.count == 1 else {
            throw MigrationError(
                .unsupported, path: "ram",
                expected: "a block \"\(usual)\", or one memory backend",
                found: backends.isEmpty
                    ? "neither" : "several: " + backends.map(\.name).joined(separator: ", "),
                hint: "--ram-block says which blocks are the machine's RAM, in their nodes' order")
        }
        return backends
    }

    /// Lays blocks one behind the other over windows of addresses.
    /// - Returns: the octets that no window had room for.
    mutating func lay(_ blocks: [RAMBlock], over windows: [Range<UInt64>]) -> UInt64 {
        var windows = windows[...]
        var address = windows.first?.lowerBound ?? 0
        for block in blocks {
            var offset: UInt64 = 0
            while offset < block.length, let window = windows.first {
                let length = min(block.length - offset, window.upperBound - address)
                if length > 0 {
                    let region = GuestMemoryMap.Region(
                        address: address, length: length, block: block.name, offset: offset)
                    ram.append(region)
                    map.place(region)
                }
                offset += length
                address += length
                if address == window.upperBound {
                    windows.removeFirst()
                    address = windows.first?.lowerBound ?? 0
                }
            }
            if offset < block.length { return block.length - offset }
        }
        return 0
    }
}
