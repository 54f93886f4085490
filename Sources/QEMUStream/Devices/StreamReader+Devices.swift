import ByteIO
import Migration

/// FULL sections: devices.
extension StreamReader {
    /// - Returns: whether the section could be bounded; if not, nothing is consumed.
    mutating func full<V: MigrationVisitor & ~Copyable>(
        into visitor: inout V
    ) throws(MigrationError) -> Bool {
        let offset = source.position
        guard let (header, headSize) = try namedHeader(.full) else {
            try cutOr("a section's header", into: &visitor)
            return false
        }
        if bound == nil, description == nil, provedEnds[offset] == nil {
            let runEnd = try waitForDescription()
            isBeforeMore = runEnd != nil
            try prove(runEnd: runEnd)
        } else if bound != nil, provedEnds[offset] == nil {
            try prove(runEnd: nil)
        }
        if bound == nil, let description {
            return try described(
                header, headSize: headSize, by: description, at: offset, into: &visitor)
        }
        if provedEnds[offset] == nil, let end = try layoutEnd(header, headSize: headSize) {
            provedEnds[offset] = end
        }
        guard let end = provedEnds[offset], end >= offset + UInt64(headSize) else {
            warnOfRaw(header, at: offset)
            return false
        }
        fullCount += 1
        let length = Int(end - offset) - headSize
        if options.layouts.isEmpty {
            warnOfBlobs(at: offset)
            try opaque(header, headSize: headSize, length: length, at: offset, into: &visitor)
        } else {
            try laidOut(header, headSize: headSize, length: length, at: offset, into: &visitor)
        }
        return true
    }

    // MARK: Without a description

    /// Finds the ends of this FULL section and those behind it by their footers.
    private mutating func prove(runEnd: Int?) throws(MigrationError) {
        guard bound != nil || description == nil else { return }
        guard footers == .on || footers == .unknown && hasConfiguration else { return }
        let start = source.position
        var end = runEnd ?? source.available
        if let bound { end = Int(bound - start) }
        let chain = SectionChain(
            probe: SectionProbe(
                startedIDs: Set(started.keys), isPackage: bound != nil,
                endsWithItem: runEnd != nil))
        let outcome = chain.solve(source.window, from: 0, end: end)
        switch outcome {
        case .proved(let ends):
            for (section, payloadEnd) in ends {
                provedEnds[start + UInt64(section)] = start + UInt64(payloadEnd)
            }
        case .ambiguous: break
        case .broken:
            if source.available >= options.waitLimit { return }
            throw error(
                bound == nil ? .truncated : .corrupt, at: start + UInt64(end),
                path: "device sections",
                expected: "sections with footers up to the end mark",
                found: "none that lead there",
                hint: "the stream was cut off among its devices, or one of them is damaged")
        }
    }

    private func warnOfRaw(_ header: SectionHeader, at offset: UInt64) {
        options.warn(
            MigrationWarning(
                .carriedRaw, at: offset, path: header.name,
                "neither a vmdesc nor footers tell where this device ends: "
                    + "all from here on is carried as raw octets"))
    }

    private mutating func warnOfBlobs(at offset: UInt64) {
        // Those before RAM and those behind it are different news.
        let kind = isBeforeMore && bound == nil ? 1 : 2
        if warnedOfBlobs & kind != 0 { return }
        warnedOfBlobs |= kind
        let message =
            if options.ignoresDescription {
                "the vmdesc is left aside: devices are carried as blobs"
            } else if kind == 1 {
                "devices that come before RAM are carried as blobs, since on a pipe their "
                    + "description comes too late; from a file they get fields"
            } else {
                "no vmdesc describes the devices here: they are carried as blobs"
            }
        options.warn(MigrationWarning(.noDescription, at: offset, message))
    }

    mutating func opaque<V: MigrationVisitor & ~Copyable>(
        _ header: SectionHeader, headSize: Int, length: Int, at offset: UInt64,
        into visitor: inout V
    ) throws(MigrationError) {
        if try fullIterator(
            header, headSize: headSize, length: length, at: offset, into: &visitor)
        {
            return
        }
        source.consume(headSize)
        try visitor.beginSection(header, contents: .opaque(length: UInt64(length)), at: offset)
        if length > 0 { try visitor.opaque(source.window.extracting(first: length)) }
        source.consume(length)
        try footer(header, into: &visitor)
    }

    // MARK: With a description

    private mutating func described<V: MigrationVisitor & ~Copyable>(
        _ header: SectionHeader, headSize: Int, by description: VMDescription, at offset: UInt64,
        into visitor: inout V
    ) throws(MigrationError) -> Bool {
        guard fullCount < description.devices.count else {
            throw error(
                .corrupt, at: offset, path: header.name,
                expected: "the end mark behind the \(description.devices.count) devices "
                    + "that the vmdesc lists",
                found: "one more device",
                hint: "--ignore-vmdesc reads the stream without it, devices as blobs")
        }
        let device = description.devices[fullCount]
        guard device.name == header.name, device.instanceID == header.instanceID else {
            throw error(
                .corrupt, at: offset + 6, path: header.name,
                expected: "device \(device.name) (instance \(device.instanceID)), "
                    + "the vmdesc's number \(fullCount)",
                found: "\(header.name) (instance \(header.instanceID))",
                hint: "--ignore-vmdesc reads the stream without it, devices as blobs")
        }
        guard
            let length = try bodyLength(
                header, headSize: headSize, device: device,
                next: fullCount + 1 < description.devices.count
                    ? description.devices[fullCount + 1] : nil)
        else {
            warnOfRaw(header, at: offset)
            return false
        }
        fullCount += 1
        if try fullIterator(
            header, headSize: headSize, length: length, at: offset, into: &visitor)
        {
            return true
        }
        let bodyOffset = offset + UInt64(headSize)
        let octets = source.window.extracting(headSize..<headSize + length).octets
        var decoder = DeviceDecoder(octets, section: header.name)
        do throws(DeviceDecoder.Misfit) {
            try decoder.decode(device.body)
        } catch {
            options.warn(
                MigrationWarning(
                    .deviceAsBlob, at: bodyOffset + UInt64(error.offset),
                    path: path(header, error.field),
                    "carried as a blob, since its description does not fit: \(error.reason)"))
            if !options.layouts.isEmpty {
                try laidOut(
                    header, headSize: headSize, length: length, at: offset, into: &visitor)
            } else {
                try opaque(header, headSize: headSize, length: length, at: offset, into: &visitor)
            }
            return true
        }
        for note in decoder.notes {
            options.warn(
                MigrationWarning(
                    .fieldAsBlob, at: bodyOffset + UInt64(note.offset),
                    path: path(header, note.field),
                    "carried as a blob, since its description does not fit: \(note.reason)"))
        }
        source.consume(headSize)
        try visitor.beginSection(header, contents: .device, at: offset)
        try visitor.device(decoder.state)
        source.consume(length)
        try footer(header, into: &visitor)
        return true
    }

    private func path(_ header: SectionHeader, _ field: String) -> String {
        field.isEmpty ? header.name : "\(header.name).\(field)"
    }

    /// The payload's length: what the description claims, if the footer and the next item agree;
    /// otherwise what they say alone.
    /// - Returns: `nil` if several lengths are possible.
    private mutating func bodyLength(
        _ header: SectionHeader, headSize: Int, device: VMDescription.Device,
        next: VMDescription.Device?
    ) throws(MigrationError) -> Int? {
        if let total = device.body.total, total <= UInt64(options.waitLimit) {
            let length = Int(total)
            _ = try load(headSize + length + 300)
            if isEnd(at: headSize + length, header, next: next) { return length }
        }
        var at = headSize
        var found: Int?
        while true {
            let wanted = min(at + (1 << 20), options.waitLimit)
            let count = try load(wanted)
            // An item's header has at most 270 octets: those near the end of what is asked for wait
            // for more.
            let isWhole = count < wanted
            let last = isWhole ? count : wanted - 300
            while at <= last {
                if isEnd(at: at, header, next: next) {
                    if found != nil { return nil }
                    found = at
                }
                at += 1
            }
            if isWhole || wanted == options.waitLimit { break }
        }
        if let found { return found - headSize }
        if let total = device.body.total, total <= UInt64(options.waitLimit) {
            // Where the vmdesc says so the section ends; it is the next that it doesn't know.
            let end = headSize + Int(total)
            if SectionProbe.footer(source.window, at: end, id: header.sectionID),
                SectionProbe.header(source.window, at: end + 5)?.kind == .full
            {
                return Int(total)
            }
        }
        let claimed = device.body.total.map { "\($0) octets" } ?? "sizes out of all bounds"
        if footers == .off { return nil }
        throw error(
            .corrupt, at: source.position + UInt64(headSize), path: header.name,
            expected: "the section's footer behind \(claimed), as the vmdesc describes it",
            found: "none there nor anywhere behind",
            hint: "the device's state is damaged, or the vmdesc belongs to another stream")
    }

    /// Whether the payload can end at `at`: what stands there is the footer and then what the
    /// vmdesc says comes next.
    private func isEnd(
        at: Int, _ header: SectionHeader, next: VMDescription.Device?
    ) -> Bool {
        let window = source.window
        guard at <= window.byteCount else { return false }
        var item = at
        let hasFooter = SectionProbe.footer(window, at: at, id: header.sectionID)
        if hasFooter { item += 5 } else if footers == .on { return false }
        guard item < window.byteCount else { return false }
        switch window.octet(at: item) {
        case 4:
            guard let next, let head = SectionProbe.header(window, at: item) else { return false }
            return head.name == next.name && head.instanceID == next.instanceID
        case 0:
            guard next == nil else { return false }
            return hasFooter || window.byteCount - item < 2 || window.octet(at: item + 1) == 6
        default:
            let probe = SectionProbe(startedIDs: Set(started.keys), isPackage: false)
            return hasFooter && probe.item(window, at: item, end: nil)
        }
    }
}
