public import ByteIO
public import Migration

/// Writes a guest's memory into a file in which an octet's place is its physical address.
///
/// Where memory lies is known only when the devices have gone by, behind all pages. So RAM is put
/// where the machine's name says that it is; firmware, which hides parts of it, waits in a file
/// beside. What turns out otherwise is moved in the end.
public struct PhysicalImageVisitor: ~Copyable, ObservingVisitor {
    private var ram: RAMImageVisitor
    /// Firmware, and RAM if nobody knew where to put it.
    private var others: RAMImageVisitor
    private var gathered = MachineFactsVisitor()
    private let options: GuestMemory.Options
    /// Where RAM was put.
    private var guess: [GuestMemoryMap.Region] = []

    /// - Parameters:
    ///   - image: the output.
    ///   - others: another image, which is never completed.
    public init(
        _ image: consuming RAMImage, others: consuming RAMImage, options: GuestMemory.Options
    ) {
        ram = RAMImageVisitor(image) { _ in .nothing }
        self.others = RAMImageVisitor(others, block: nil)
        self.options = options
    }

    public var facts: MachineFacts { gathered.facts }

    /// Takes the blocks that are known now.
    private mutating func choose() {
        guess = (try? GuestMemory(facts, options: options, isComplete: false))?.ram ?? []
        let guess = guess
        ram.choose = { block in
            let parts = Self.pieces(of: block.name, guess)
            return parts.isEmpty ? .nothing : .parts(parts)
        }
        others.choose = { block in
            guess.contains { $0.block == block.name } ? .nothing : .whole
        }
    }

    private static func pieces(
        of block: String, _ regions: [GuestMemoryMap.Region]
    ) -> [RAMImage.Piece] {
        regions.filter { $0.block == block }.map {
            RAMImage.Piece(range: $0.offset..<$0.offset &+ $0.length, offset: $0.address)
        }
    }

    // MARK: The stream

    public mutating func configuration(
        _ configuration: Configuration
    ) throws(MigrationError) { try gathered.configuration(configuration) }

    public mutating func beginSection(
        _ header: SectionHeader, contents: SectionContents, at offset: UInt64
    ) throws(MigrationError) {
        try gathered.beginSection(header, contents: contents, at: offset)
        try ram.beginSection(header, contents: contents, at: offset)
        try others.beginSection(header, contents: contents, at: offset)
    }

    public mutating func endSection(footer: Bool) throws(MigrationError) {
        try gathered.endSection(footer: footer)
        try ram.endSection(footer: footer)
        try others.endSection(footer: footer)
    }

    public mutating func device(_ state: borrowing DeviceState) throws(MigrationError) {
        try gathered.device(state)
    }

    public mutating func opaque(_ piece: RawSpan) throws(MigrationError) {
        try gathered.opaque(piece)
        // A packet's data are pages.
        try ram.opaque(piece)
        try others.opaque(piece)
    }

    public mutating func ramBlocks(_ blocks: [RAMBlock]) throws(MigrationError) {
        try gathered.ramBlocks(blocks)
        choose()
        try ram.ramBlocks(blocks)
        try others.ramBlocks(blocks)
    }

    public mutating func ramPages(
        _ group: borrowing RAMPageGroup, _ content: RawSpan
    ) throws(MigrationError) {
        try ram.ramPages(group, content)
        try others.ramPages(group, content)
    }

    public mutating func ramMapped(total: UInt64) throws(MigrationError) {
        try gathered.ramMapped(total: total)
        try ram.ramMapped(total: total)
        try others.ramMapped(total: total)
    }

    public mutating func ramMappedBlock(_ block: RAMBlock) throws(MigrationError) {
        try gathered.ramMappedBlock(block)
        // A block before may have been taken for all of RAM: what was put stays where it is.
        let before = guess
        choose()
        guess = before + guess.filter { region in !before.contains { $0.block == region.block } }
        try ram.ramMappedBlock(block)
        try others.ramMappedBlock(block)
    }

    public mutating func ramMappedOctets(
        _ part: MappedRAMPart, at offset: UInt64, _ octets: RawSpan
    ) throws(MigrationError) {
        try ram.ramMappedOctets(part, at: offset, octets)
        try others.ramMappedOctets(part, at: offset, octets)
    }

    public mutating func ramMappedPages(
        _ group: borrowing RAMPageGroup, _ content: RawSpan
    ) throws(MigrationError) {
        try ram.ramMappedPages(group, content)
        try others.ramMappedPages(group, content)
    }

    public mutating func ramFlush() throws(MigrationError) {
        try ram.ramFlush()
        try others.ramFlush()
    }

    public mutating func command(_ code: UInt16, payload: RawSpan) throws(MigrationError) {
        try ram.command(code, payload: payload)
        try others.command(code, payload: payload)
    }

    public mutating func beginChannel(
        _ channel: Channel, at offset: UInt64
    ) throws(MigrationError) {
        try ram.beginChannel(channel, at: offset)
        try others.beginChannel(channel, at: offset)
    }

    public mutating func beginPacket(_ packet: MultifdPacket) throws(MigrationError) {
        try ram.beginPacket(packet)
        try others.beginPacket(packet)
    }

    public mutating func beginDevicePacket(
        _ packet: DeviceStatePacket
    ) throws(MigrationError) {
        try ram.beginDevicePacket(packet)
        try others.beginDevicePacket(packet)
    }

    public mutating func endPacket() throws(MigrationError) {
        try ram.endPacket()
        try others.endPacket()
    }

    // MARK: The end

    /// Completes the image.
    /// - Parameter makeFile: makes another output in place of the first one, if RAM turns out to lie
    ///   elsewhere than was thought.
    /// - Returns: where memory lies; what of the image's part of it is not RAM or firmware is zero.
    public consuming func finish(
        _ makeFile: () throws(MigrationError) -> OutputFile
    ) throws(MigrationError) -> GuestMemory {
        let memory = try GuestMemory(facts, options: options)
        let isRight = Self.isSame(guess, memory.ram)
        let file: OutputFile
        let ramParts = ram.image
        let otherParts = others.image
        if isRight {
            try Self.patch(ramParts.file, memory, otherParts)
            return try Self.commit(ramParts, memory)
        }
        file = try makeFile()
        do {
            for region in memory.ram {
                // What was put into either file goes where it belongs.
                try Self.copy(region, from: ramParts, to: file)
                try Self.copy(region, from: otherParts, to: file)
            }
        } catch { throw Self.failed(error) }
        try Self.patch(file, memory, otherParts)
        do { try file.commit() } catch { throw Self.failed(error) }
        return memory
    }

    private static func commit(
        _ image: consuming RAMImage, _ memory: GuestMemory
    ) throws(MigrationError) -> GuestMemory {
        try image.commit()
        return memory
    }

    private static func isSame(
        _ one: [GuestMemoryMap.Region], _ other: [GuestMemoryMap.Region]
    ) -> Bool {
        one.sorted { $0.address < $1.address } == other.sorted { $0.address < $1.address }
    }

    /// Copies what an image has of a region.
    private static func copy(
        _ region: GuestMemoryMap.Region, from image: borrowing RAMImage,
        to file: borrowing OutputFile
    ) throws(ByteIOError) {
        for part in image.parts(of: region.block) {
            let start = max(part.range.lowerBound, region.offset)
            let end = min(part.range.upperBound, region.offset &+ region.length)
            guard start < end else { continue }
            let place = part.offset &+ (start - part.range.lowerBound)
            try file.copy(
                place..<place &+ (end - start), from: image.file,
                to: region.address &+ (start - region.offset))
        }
    }

    /// Makes holes where RAM is hidden, and puts firmware in its places.
    private static func patch(
        _ file: borrowing OutputFile, _ memory: GuestMemory, _ others: borrowing RAMImage
    ) throws(MigrationError) {
        let end = memory.map.endOfRAM
        do {
            var at: UInt64 = 0
            for region in memory.map.regions where region.address < end {
                if at < region.address { try file.clear(at..<region.address) }
                if region.isROM {
                    try file.clear(region.address..<region.end)
                    try copy(region, from: others, to: file)
                }
                at = region.end
            }
            try file.setSize(end)
        } catch { throw failed(error) }
    }

    private static func failed(_ error: ByteIOError) -> MigrationError {
        MigrationError(.io, expected: "", found: "\(error)")
    }
}
