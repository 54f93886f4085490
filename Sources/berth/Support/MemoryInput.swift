import ByteIO
import Containers
import Inspection
import Migration
import MigrationBER
import QEMUStream

/// An input of which some memory is read, by the shortest way that it has.
struct MemoryInput {
    let input: InputOptions
    let channels: ChannelOptions
    let reading: ReadingOptions
    let memory: GuestMemory.Options

    /// Reads a range.
    /// - Returns: its octets, in a file without a name.
    func read(_ wanted: WantedMemory) throws(CommandFailure) -> MemoryRange {
        var layers: [ContainerLayer] = []
        var source = try open(&layers)
        let kind = try channels.kind(of: &source, input)
        let name = input.name(in: layers)
        let isAlone = layers.isEmpty && channels.channels.isEmpty
        if kind == .migrationBER, isAlone {
            let scratch = try scratch()
            do throws(MigrationError) {
                if let file = try IndexedFile(source) { return try read(wanted, file, scratch) }
            } catch { throw CommandFailure(error, file: name) }
        }
        guard input.input != "-" else { return try readPipe(wanted, source, kind) }
        let facts = try facts(source, kind, name, needsDevices: wanted.block == nil)
        let parts = try parts(wanted, facts, name)
        if isAlone, facts.blocks.contains(where: { $0.mapped != nil }) {
            var range = MemoryRange(RAMImage(try scratch()), parts: parts)
            let isRead: Bool
            let file = try input.open()
            do { isRead = try range.read(mapped: file, blocks: facts.blocks) } catch {
                throw CommandFailure(error, file: name)
            }
            if isRead { return range }
        }
        return try readAll(parts, try open(&layers), kind)
    }

    private func open(_ layers: inout [ContainerLayer]) throws(CommandFailure) -> ByteSource {
        let quiet = input.quiet
        let name = input.name
        let opened = try input.openInside(keeping: .nothing, layers: &layers) { warning in
            if !quiet { StandardError.line("berth: warning: \(name): \(warning)") }
        }
        return opened.takeSource()
    }

    /// A file without a name, in `TMPDIR`.
    private func scratch() throws(CommandFailure) -> OutputFile {
        let path = TemporaryPlace.path("berth-memory")
        do { return try OutputFile(path: path) } catch {
            throw CommandFailure(error, file: path)
        }
    }

    private func parts(
        _ wanted: WantedMemory, _ facts: MachineFacts, _ name: String
    ) throws(CommandFailure) -> [MemoryRange.Part] {
        do { return try parts(wanted, facts) } catch { throw CommandFailure(error, file: name) }
    }

    private func parts(
        _ wanted: WantedMemory, _ facts: MachineFacts
    ) throws(MigrationError) -> [MemoryRange.Part] {
        try wanted.parts(facts.blocks) { () throws(MigrationError) in
            let found = try GuestMemory(facts, options: memory)
            if input.verbose {
                for note in found.notes {
                    StandardError.line("berth: note: \(input.name): \(note)")
                }
            }
            return found.map
        }
    }

    // MARK: Ways to read

    private func read(
        _ wanted: WantedMemory, _ file: IndexedFile, _ scratch: consuming OutputFile
    ) throws(MigrationError) -> MemoryRange {
        var look = MachineFactsVisitor()
        try file.items(into: &look)
        let parts = try parts(wanted, look.facts)
        var range = MemoryRange(RAMImage(scratch), parts: parts)
        try range.read(file, blocks: look.facts.blocks)
        return range
    }

    /// What stands in the stream beside pages; up to its first page, if the devices are not needed.
    private func facts(
        _ source: consuming ByteSource, _ kind: FileKind, _ name: String, needsDevices: Bool
    ) throws(CommandFailure) -> MachineFacts {
        var look = MachineFactsVisitor(endsAtPages: !needsDevices)
        var version: Int?
        var position: UInt64 = 0
        var options = reading.options(layouts: try reading.layouts()) { _ in }
        options.passesMappedPages = true
        do {
            try InputReader.read(
                source, kind: kind, options: options, into: &look, schemaVersion: &version,
                position: &position)
        } catch {
            guard look.hasEnded else { throw CommandFailure(error, file: name) }
        }
        return look.facts
    }

    /// Reads everything, in one pass.
    private func readAll(
        _ parts: [MemoryRange.Part], _ source: consuming ByteSource, _ kind: FileKind
    ) throws(CommandFailure) -> MemoryRange {
        let quiet = input.quiet
        let size = source.size
        let isOrdered = !channels.channels.isEmpty || kind == .migrationBER
        let gathering = MemoryRange.visitor(
            isOrdered ? RAMImage(try scratch(), epochs: try scratch()) : RAMImage(try scratch()),
            parts: parts)
        var visitor = ProgressVisitor(gathering, Progress(total: size, quiet: quiet))
        var version: Int?
        var position: UInt64 = 0
        do throws(CommandFailure) {
            try channels.read(
                source, kind, named: input.name, origin: nil,
                options: { name in
                    reading.options { warning in
                        if !quiet { StandardError.line("berth: warning: \(name): \(warning)") }
                    }
                }, into: &visitor, schemaVersion: &version, position: &position)
        } catch {
            _ = visitor.finish()
            throw error
        }
        return MemoryRange(gathered: visitor.finish(), parts: parts)
    }

    private func readPipe(
        _ wanted: WantedMemory, _ source: consuming ByteSource, _ kind: FileKind
    ) throws(CommandFailure) -> MemoryRange {
        guard let block = wanted.block else {
            throw CommandFailure(
                status: CommandFailure.usage,
                "standard input: a guest-physical address wants a file",
                hint: "what tells where memory lies stands behind the pages; name the file, or "
                    + "a place in a block, as in pc.ram+0x1000")
        }
        let length = wanted.range.upperBound - wanted.range.lowerBound
        let part = MemoryRange.Part(
            place: 0, length: length, block: block, offset: wanted.range.lowerBound)
        let range = try readAll([part], source, kind)
        do {
            // Whether the block is there, and so long.
            _ = try wanted.parts(range.blocks) { () throws(MigrationError) in GuestMemoryMap() }
        } catch { throw CommandFailure(error, file: input.name) }
        return range
    }
}
