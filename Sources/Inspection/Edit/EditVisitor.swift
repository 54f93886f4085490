internal import ByteIO
public import Migration

/// Hands a stream on with edits: stands between a reader and a writer.
///
/// One pass. Fields, sections and blocks are changed as they come; the vmdesc, which comes last, is
/// changed to agree. The container that a stream came in is not handed on: it would hold the stream
/// as it was.
public struct EditVisitor<Base: MigrationVisitor & ~Copyable>: ~Copyable, MigrationVisitor {
    public var base: Base
    let operations: [EditOperation]
    /// By operation: what its path chose.
    private var selections: [DeviceSelection]
    /// By operation: whether there was something to do.
    var isDone: [Bool]
    private var names = SectionNames()

    /// What becomes of the section under way.
    enum Section {
        case none, kept, dropped, replaced
    }
    private(set) var section = Section.none
    private var path = DevicePath(section: "", instance: nil)
    private var fullCount = 0
    private var isFull = false
    private var edits: [Int: DescriptionEdit] = [:]
    private var configurationEdit = DescriptionEdit()
    private var machineLength: Int?
    private var highestID: UInt32 = 0
    private var hasFooters = true
    private var hasEnded = false
    private var added: [JSONTree] = []
    private var isInPackage = false
    /// The channel beside the main one that is under way.
    var channel: ChannelKind?
    var memory = BlockEdits()
    var mapped = MappedBlockEdits(shift: 0)
    let lengths: [String: UInt64]
    /// Octets by which the configuration has become longer.
    private(set) var configurationShift: Int64 = 0
    /// Whether a section was changed before RAM so that what follows has moved.
    private(set) var hasMoved = false

    /// - Parameter lengths: the blocks' lengths in octets, as far as they are known beforehand. Those of a
    ///   mapped-ram stream must be to be changed: their sum comes before them.
    public init(
        _ base: consuming Base, _ operations: [EditOperation], lengths: [String: UInt64] = [:]
    ) {
        self.base = base
        self.lengths = lengths
        self.operations = operations
        isDone = operations.map { _ in false }
        selections = operations.map { DeviceSelection($0.pattern.map { [$0] } ?? []) }
    }

    /// Operations that found nothing to change, as texts, with paths that may be meant.
    public var idle: [(what: String, nearest: [String])] {
        operations.indices.filter { !isDone[$0] }.map { index in
            switch operations[index] {
            case .set(let pattern, _), .drop(let pattern), .rename(let pattern, _),
                .version(let pattern, _):
                (pattern.text, selections[index].unmatched.first?.nearest ?? [])
            case .machine: ("the machine's name", [])
            case .resizeBlock(let name, _), .renameBlock(let name, _):
                ("the RAM block \(name)", memory.names)
            case .take(let taken): ("\(taken.path)", [])
            }
        }
    }

    /// Whether what comes now goes on: it stands in a section that is kept, or in a channel.
    private var isKept: Bool { section == .kept || section == .none && channel != nil }

    func refused(_ what: String, _ why: String, hint: String? = nil) -> MigrationError {
        MigrationError(
            .unsupported, path: "\(path)", expected: "an edit that can be made",
            found: "\(what): \(why)", hint: hint)
    }

    // MARK: Stream

    public mutating func begin(_ header: StreamHeader) throws(MigrationError) {
        var header = header
        header.container = nil
        try base.begin(header)
    }

    public mutating func configuration(
        _ configuration: Configuration
    ) throws(MigrationError) {
        var configuration = configuration
        let length = Int64(configuration.machine.utf8.count)
        path = DevicePath(section: DevicePath.configuration, instance: nil)
        // Paths count the name as a value.
        let shift = 1
        var edit = DescriptionEdit()
        var state = try edited(configuration.withMachine, version: nil, &edit)
        if let first = state.children(of: 0).first(where: { state.nodes[$0].kind == .text }) {
            configuration.machine = String(
                decoding: state.octets(of: state.nodes[first]), as: UTF8.self)
        }
        for (index, operation) in operations.enumerated() {
            if case .machine(let name) = operation {
                configuration.machine = name
                machineLength = name.utf8.count
                isDone[index] = true
            }
        }
        state = StateEditor.without([shift], state)
        configuration.subsections = state
        configurationEdit = edit
        configurationShift =
            Int64(configuration.machine.utf8.count) - length
            - edit.dropped.reduce(0) { $0 + Int64($1.octets) }
        try base.configuration(configuration)
    }

    public mutating func command(_ code: UInt16, payload: RawSpan) throws(MigrationError) {
        // POSTCOPY_RAM_DISCARD and RECV_BITMAP name a block.
        if code == 6 || code == 10, memory.renames {
            throw refused("renaming a block", "a command of post-copy names blocks")
        }
        try base.command(code, payload: payload)
    }

    public mutating func beginPackage(length: UInt32) throws(MigrationError) {
        isInPackage = true
        try base.beginPackage(length: length)
    }

    public mutating func endPackage() throws(MigrationError) {
        isInPackage = false
        try base.endPackage()
    }

    public mutating func endOfStream() throws(MigrationError) {
        if !hasEnded {
            hasEnded = true
            for (index, operation) in operations.enumerated() where !isDone[index] {
                guard case .take(let taken) = operation else { continue }
                isDone[index] = true
                highestID = highestID &+ 1
                path = taken.path
                try write(taken, id: highestID, at: 0)
                try base.endSection(footer: hasFooters)
                added.append(entry(of: taken))
            }
        }
        try base.endOfStream()
    }

    public mutating func description(_ json: RawSpan) throws(MigrationError) {
        let isChanged =
            !edits.isEmpty || !added.isEmpty || machineLength != nil
            || !configurationEdit.dropped.isEmpty || !configurationEdit.versions.isEmpty
        guard isChanged else { return try base.description(json) }
        var editor: DescriptionEditor
        do throws(JSONTree.Fault) { editor = try DescriptionEditor(json.octets) } catch {
            throw MigrationError(
                .corrupt, path: "vmdesc", expected: "JSON",
                found: "something else at \(error.offset)")
        }
        do throws(DescriptionEditor.Misfit) {
            try editor.apply(edits, adding: added)
            try editor.applyToConfiguration(configurationEdit, machineLength: machineLength)
        } catch {
            throw MigrationError(
                .unsupported, path: error.path, expected: "an edit that the vmdesc can tell",
                found: error.reason)
        }
        let text = editor.text
        // An array of octets has no padding that could be read.
        try base.description(unsafe text.span.bytes)
    }

    public mutating func raw(_ piece: RawSpan) throws(MigrationError) { try base.raw(piece) }
    public mutating func beginPacked(_ packed: PackedOctets) throws(MigrationError) {}
    public mutating func packed(_ piece: RawSpan) throws(MigrationError) {}
    public mutating func end() throws(MigrationError) { try base.end() }

    // MARK: Sections

    public mutating func beginSection(
        _ header: SectionHeader, contents: SectionContents, at offset: UInt64
    ) throws(MigrationError) {
        var header = header
        path = names.path(of: header)
        isFull = header.kind == .full
        highestID = max(highestID, header.sectionID)
        if isFull { fullCount += 1 }
        section = .kept
        let oldName = header.name
        for (index, operation) in operations.enumerated() {
            if case .take(let taken) = operation, taken.path == path, isFull {
                isDone[index] = true
                guard !isInPackage else { throw refused("--take", "the section is in a package") }
                section = .replaced
                hasMoved = true
                try write(taken, id: header.sectionID, at: offset)
                change { $0.replacement = taken.description }
                if taken.description == nil {
                    let entry = entry(of: taken)
                    change { $0.replacement = entry }
                }
                return
            }
            guard let pattern = operation.pattern,
                pattern.accepts(
                    pattern.state(section: path.section, instance: path.instance))
            else { continue }
            switch operation {
            case .drop:
                isDone[index] = true
                guard !isInPackage else { throw refused("--drop", "the section is in a package") }
                section = .dropped
            case .rename(_, let name):
                isDone[index] = true
                guard (1...255).contains(name.utf8.count) else {
                    throw refused("the name \(name)", "an idstr has 1 to 255 octets")
                }
                guard !isInPackage || name.utf8.count == oldName.utf8.count else {
                    throw refused("--rename", "the section is in a package, whose length is fixed")
                }
                header.name = name
                change { $0.name = name }
            case .version(_, let version):
                isDone[index] = true
                header.versionID = version
                change { $0.version = version }
            case .set:
                throw refused("--set", "this is a section, not a value")
            case .machine, .resizeBlock, .renameBlock, .take: break
            }
        }
        hasMoved = hasMoved || section == .dropped || header.name != oldName
        if section == .dropped {
            change { $0.isDropped = true }
            return
        }
        memory.beginSection()
        try base.beginSection(header, contents: contents, at: offset)
    }

    /// Notes what becomes of the vmdesc's entry of the section under way.
    private mutating func change(_ body: (inout DescriptionEdit) -> Void) {
        guard isFull else { return }
        body(&edits[fullCount - 1, default: DescriptionEdit()])
    }

    private func entry(of taken: TakenSection) -> JSONTree {
        taken.description
            ?? DescriptionEditor.entry(
                of: taken.name, instance: taken.path.instance ?? 0,
                version: taken.section.version ?? 0,
                octets: DeviceOffsets(taken.section.state).total)
    }

    private mutating func write(
        _ taken: TakenSection, id: UInt32, at offset: UInt64
    ) throws(MigrationError) {
        let header = SectionHeader(
            kind: .full, sectionID: id, name: taken.name, instanceID: taken.path.instance ?? 0,
            versionID: taken.section.version ?? 0)
        guard taken.section.isOpaque else {
            try base.beginSection(header, contents: .device, at: offset)
            return try base.device(taken.section.state)
        }
        let octets = taken.section.state.octets
        try base.beginSection(
            header, contents: .opaque(length: UInt64(octets.count)), at: offset)
        // An array of octets has no padding that could be read.
        if !octets.isEmpty { try base.opaque(unsafe octets.span.bytes) }
    }

    public mutating func endSection(footer: Bool) throws(MigrationError) {
        hasFooters = footer
        if section != .dropped { try base.endSection(footer: footer) }
        section = .none
    }

    public mutating func device(_ state: borrowing DeviceState) throws(MigrationError) {
        guard section == .kept else { return }
        var edit = DescriptionEdit()
        let state = try edited(copy state, version: nil, &edit)
        if !edit.dropped.isEmpty || !edit.versions.isEmpty {
            guard !isInPackage || edit.dropped.isEmpty else {
                throw refused("--drop", "the section is in a package, whose length is fixed")
            }
            hasMoved = hasMoved || !edit.dropped.isEmpty
            change {
                $0.dropped = edit.dropped
                $0.versions = edit.versions
            }
        }
        try base.device(state)
    }

    /// A section's state with what the operations change inside it.
    private mutating func edited(
        _ state: DeviceState, version: UInt32?, _ edit: inout DescriptionEdit
    ) throws(MigrationError) -> DeviceState {
        var result = state
        var dropped: Set<Int> = []
        let offsets = DeviceOffsets(state)
        for (index, operation) in operations.enumerated() where operation.pattern != nil {
            var choices: [DeviceChoice] = []
            try selections[index].choose(DeviceSection(path: path, state: state)) {
                choices.append($0)
            }
            for choice in choices where choice.index > 0 {
                isDone[index] = true
                let node = state.nodes[choice.index]
                let isSubsection = node.kind == .subsection && choice.element == nil
                switch operation {
                case .set(_, let text): try StateEditor.set(text, choice, of: &result)
                case .drop:
                    guard isSubsection else {
                        throw refused(
                            "--drop \(choice.path)",
                            "only sections and subsections can be left out of a stream")
                    }
                    dropped.insert(choice.index)
                    edit.dropped.append((choice.path.components, offsets[choice.index].count))
                case .version(_, let version):
                    guard isSubsection else {
                        throw refused(
                            "--version \(choice.path)", "only sections and subsections have one")
                    }
                    result.setBits(UInt64(version), at: choice.index)
                    edit.versions.append((choice.path.components, version))
                case .rename:
                    throw refused("--rename \(choice.path)", "only sections can be renamed")
                case .machine, .resizeBlock, .renameBlock, .take: break
                }
            }
        }
        return dropped.isEmpty ? result : StateEditor.without(dropped, result)
    }

    public mutating func opaque(_ piece: RawSpan) throws(MigrationError) {
        if isKept { try base.opaque(piece) }
    }

    public mutating func iteratorRecord(
        _ record: borrowing IteratorRecord
    ) throws(MigrationError) { if section == .kept { try base.iteratorRecord(record) } }

    public mutating func iteratorData(_ piece: RawSpan) throws(MigrationError) {
        if section == .kept { try base.iteratorData(piece) }
    }

    public mutating func iteratorRest(_ octets: RawSpan) throws(MigrationError) {
        if section == .kept { try base.iteratorRest(octets) }
    }

    // MARK: RAM

    public mutating func ramBlocks(_ blocks: [RAMBlock]) throws(MigrationError) {
        guard section == .kept else { return }
        try base.ramBlocks(try memory.blocks(blocks, operations, &isDone))
    }

    public mutating func ramPages(
        _ group: borrowing RAMPageGroup, _ content: RawSpan
    ) throws(MigrationError) {
        guard isKept else { return }
        guard memory.hasEdits else { return try base.ramPages(group, content) }
        let edited = try memory.pages(group, content)
        guard channel == nil || edited.entries == group.entries else {
            throw refused("--resize-block", "a channel's packet has pages behind the new end")
        }
        if !edited.entries.isEmpty { try base.ramPages(edited, content) }
    }

    public mutating func ramHook() throws(MigrationError) {
        if section == .kept { try base.ramHook() }
    }

    public mutating func ramFlush() throws(MigrationError) {
        if section == .kept { try base.ramFlush() }
    }

    public mutating func ramCut(_ rest: RawSpan) throws(MigrationError) {
        if section == .kept { try base.ramCut(rest) }
    }
}
