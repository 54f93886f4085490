internal import ASN1
internal import ByteIO

/// What can be told of a string only when it ends.
extension Machine where Listener: ~Copyable {
    /// A primitive string or a segment has been looked at.
    mutating func finishPiece() throws(ByteIOError) {
        guard !string.isSegmented else { return }
        let node = nodes[Int(string.element.leaf)]
        if node.flags.contains(.contains) { finishContents(node) }
        finishString()
        if Listener.wantsEvents, !isFinished {
            try tellStringEnd()
        }
    }

    /// All segments have been looked at.
    mutating func finishSegments(_ node: Node) throws(ByteIOError) {
        if node.flags.contains(.contains) { finishContents(node) }
        // The first octet of a BIT STRING's content counts, too.
        let primitiveOctets = string.octets &+ (node.shape == .bitString ? 1 : 0)
        if rules == .cer, primitiveOctets <= Self.segmentOctets, !string.isFaulty {
            fault(
                .stringForm, string.element, at: string.element.start,
                "a string of up to 1000 octets is primitive by CER")
        }
        finishString()
        if Listener.wantsEvents, !isFinished { try tellStringEnd() }
    }

    /// What has to hold for a string as a whole.
    mutating func finishString() {
        guard !string.isFaulty, !isFinished else { return }
        let element = string.element
        let node = nodes[Int(element.leaf)]
        var size = string.octets
        switch node.shape {
        case .bitString:
            let (bits, overflow) = string.octets.multipliedReportingOverflow(by: 8)
            size = overflow ? .max : bits &- min(UInt64(string.unused), bits)
            if node.flags.contains(.hasNamedBits) {
                return finishNamedBits(element, node, size)
            }
        case .characterString:
            switch node.characters {
            case .utf8, .iri, .relativeIRI:
                if string.utf8.wanted > 0 { return utf8Fault(string.utf8.characterStart) }
                if node.characters != .utf8,
                    let message = string.iri.finish(isRelative: node.characters == .relativeIRI)
                {
                    let end = element.contentStart &+ string.octets
                    return fault(.iri, element, at: end, message)
                }
                size = string.utf8.characters
            case .two, .four:
                if string.partialCount > 0 {
                    return fault(
                        .characterLength, element, at: element.start,
                        "\(typeName(element.leaf)) has \(node.characters == .two ? 2 : 4) octets a "
                            + "character, here are \(string.octets)")
                }
                size = string.octets / (node.characters == .two ? 2 : 4)
            case .single, .escaped, .none: break
            default: return finishTime(element, node)
            }
        default: break
        }
        if node.flags.contains(.hasSize) { checkSize(element, node, size) }
    }

    /// Zero bits at the end of a string with named bits don't count: some number of them must make
    /// the size right (X.680 22.7).
    private mutating func finishNamedBits(_ element: Element, _ node: Node, _ bits: UInt64) {
        if isCanonical, bits > string.significantBits, !node.flags.contains(.hasSize) {
            return fault(
                .bitStringUnused, element, at: element.start,
                "zero bits at the end are left out by \(rulesName)")
        }
        guard node.flags.contains(.hasSize) else { return }
        let ranges = program.details[Int(node.detail)].sizeRanges
        let significant = string.significantBits
        // The size that the fewest zero bits make.
        var least: UInt64?
        for range in ranges where range.upperBound >= significant {
            least = min(least ?? .max, max(range.lowerBound, significant))
        }
        guard let least else { return checkSize(element, node, bits) }
        if isCanonical, bits != least {
            fault(
                .bitStringUnused, element, at: element.start,
                "\(bits) bits: \(rulesName) has as few zero bits at the end as SIZE allows, "
                    + "\(least) here")
        }
    }

    private mutating func finishTime(_ element: Element, _ node: Node) {
        defer { scratch.removeAll(keepingCapacity: true) }
        if string.octets > UInt64(limits.timeOctets) {
            return fault(
                .time, element, at: element.start,
                "a time of \(string.octets) characters")
        }
        if let simple = node.characters.timeType,
            let problem = TimeRules.check(contents: scratch, simple, isCanonical: isCanonical)
        {
            fault(
                .time, element,
                at: string.isSegmented
                    ? element.start : element.contentStart &+ UInt64(problem.at),
                "\(typeName(element.leaf)): \(problem.message)")
        }
    }
}
