import ByteIO
public import Migration

/// FULL sections that the stream's own vmdesc doesn't describe, by layouts from elsewhere.
extension StreamReader {
    /// Ends that are looked at for a section without a footer.
    private static var endLimit: Int { 4096 }
    /// Octets that are tried for them, in all.
    private static var triedLimit: Int { 64 << 20 }

    /// A section whose end is proved: its fields, or a blob and why.
    mutating func laidOut<V: MigrationVisitor & ~Copyable>(
        _ header: SectionHeader, headSize: Int, length: Int, at offset: UInt64,
        into visitor: inout V
    ) throws(MigrationError) {
        _ = try load(headSize + length)
        let octets = source.window.extracting(headSize..<headSize + length).octets
        guard let state = options.device(header, octets, at: offset + UInt64(headSize)) else {
            return try opaque(
                header, headSize: headSize, length: length, at: offset, into: &visitor)
        }
        source.consume(headSize)
        try visitor.beginSection(header, contents: .device, at: offset)
        try visitor.device(state)
        source.consume(length)
        try footer(header, into: &visitor)
    }

    /// The end of a section without a footer: a place where its layout ends, and where what comes
    /// next can be told: the header of a device that layouts know, or the end of the stream.
    ///
    /// - Returns: `nil` if there is none, or more than one.
    mutating func layoutEnd(
        _ header: SectionHeader, headSize: Int
    ) throws(MigrationError) -> UInt64? {
        guard !options.layouts.isEmpty, footers != .on, options.layouts.knows(header) else {
            return nil
        }
        let count = try load(options.waitLimit)
        let isWhole = count < options.waitLimit
        let window = source.window
        var found: Int?
        var looked = 0
        var tried = 0
        var at = headSize
        while at <= count, looked < Self.endLimit {
            defer { at += 1 }
            guard canEnd(window, at: at, count: count, isWhole: isWhole) else { continue }
            looked += 1
            tried += at
            guard tried <= Self.triedLimit else { return nil }
            let octets = window.extracting(headSize..<at).octets
            guard (try? options.layouts.state(of: header, octets)) != nil else { continue }
            if found != nil { return nil }
            found = at
        }
        return found.map { source.position + UInt64($0) }
    }

    private func canEnd(_ window: RawSpan, at: Int, count: Int, isWhole: Bool) -> Bool {
        guard at < count else { return false }
        switch window.octet(at: at) {
        case 0:
            // The end mark, and behind it nothing, or a vmdesc.
            return isWhole && at + 1 == count
                || at + 7 <= count && window.octet(at: at + 1) == 6
                    && window.octet(at: at + 6) == UInt8(ascii: "{")
        case 4:
            guard let next = SectionProbe.header(window, at: at) else { return false }
            return options.layouts.knows(
                SectionHeader(
                    kind: .full, sectionID: next.sectionID, name: next.name,
                    instanceID: next.instanceID, versionID: next.versionID))
        default: return false
        }
    }
}

extension StreamOptions {
    /// The fields of a FULL section whose octets are known, by ``layouts``.
    /// - Parameter offset: of the octets, for the warning if there is none.
    /// - Returns: `nil` if no layout fits in just one way.
    public func device(
        _ header: SectionHeader, _ octets: [UInt8], at offset: UInt64
    ) -> DeviceState? {
        do throws(DeviceLayouts.Refusal) {
            return try layouts.state(of: header, octets)
        } catch {
            warn(
                MigrationWarning(
                    .deviceAsBlob, at: offset, path: header.name,
                    "carried as a blob: \(error.reason)"))
            return nil
        }
    }
}
