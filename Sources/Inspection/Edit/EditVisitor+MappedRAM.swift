public import Migration

/// RAM in fixed places of the file: what is told of a block moves with what was changed before it.
extension EditVisitor where Base: ~Copyable {
    public mutating func ramMapped(total: UInt64) throws(MigrationError) {
        guard !hasMoved else {
            throw refused(
                "a section before mapped-ram", "sections before RAM must keep their length")
        }
        mapped = MappedBlockEdits(shift: configurationShift)
        var sum = total
        for operation in operations {
            guard case .resizeBlock(let name, let length) = operation else { continue }
            guard let known = lengths[name] else {
                throw refused(
                    "--resize-block in a mapped-ram stream", "its blocks must be known beforehand",
                    hint: "give the stream as a file, and a block that it has")
            }
            let (less, underflow) = sum.subtractingReportingOverflow(known)
            let (more, overflow) = less.addingReportingOverflow(length)
            guard !underflow, !overflow else {
                throw refused("--resize-block", "the blocks' lengths don't add up")
            }
            sum = more
        }
        if section == .kept { try base.ramMapped(total: sum) }
    }

    public mutating func ramMappedBlock(_ block: RAMBlock) throws(MigrationError) {
        guard section == .kept else { return }
        let edited = try memory.block(block, operations, &isDone)
        try base.ramMappedBlock(
            try mapped.block(block, named: edited.name, length: edited.length))
    }

    public mutating func ramMappedOctets(
        _ part: MappedRAMPart, at offset: UInt64, _ octets: RawSpan
    ) throws(MigrationError) {
        guard section == .kept, let kept = try mapped.octets(part, at: offset, octets) else {
            return
        }
        try base.ramMappedOctets(part, at: offset, octets.extracting(kept))
    }

    public mutating func ramMappedPages(
        _ group: borrowing RAMPageGroup, _ content: RawSpan
    ) throws(MigrationError) {
        guard section == .kept else { return }
        try mapped.check(group)
        guard memory.renames else { return try base.ramMappedPages(group, content) }
        try base.ramMappedPages(memory.renamed(group), content)
    }
}
