import ByteIO
import Migration

/// Finding the vmdesc before the devices that it describes.
extension StreamReader {
    /// Octets at the end of a file in which a vmdesc is looked for. Most have some hundred KiB.
    static let descriptionSearchLimit: UInt64 = 64 << 20

    /// Reads the vmdesc at the end of a file, so that devices anywhere are typed.
    mutating func findDescriptionInFile() throws(MigrationError) {
        guard !options.ignoresDescription, let size = source.size else { return }
        let floor = size - min(size, StreamReader.descriptionSearchLimit)
        var end = size
        // Piece by piece from the end: nothing but the vmdesc itself is held.
        while end > floor {
            let start = end - min(end - floor, 1 << 20)
            // The pieces overlap by what begins a vmdesc.
            guard let piece = try octets(at: start, until: min(end + 7, size)) else { return }
            if end == size, piece.last != UInt8(ascii: "}") { return }
            // An array of octets has no padding that could be read.
            if let at = StreamReader.trailer(in: unsafe piece.span.bytes, endingAt: size - start) {
                let json = start + UInt64(at) + 6
                guard let text = try octets(at: json, until: size) else { return }
                return try take(text, at: json)
            }
            end = start
        }
    }

    private func octets(
        at start: UInt64, until end: UInt64
    ) throws(MigrationError) -> [UInt8]? {
        do {
            return try source.octets(at: start, count: Int(clamping: end - start))
        } catch {
            throw StreamReader.wrap(error)
        }
    }

    /// Where the octets 00 06 stand that begin a vmdesc reaching just to the end.
    /// - Parameter end: where the input ends, counted from the window's start.
    static func trailer(in window: RawSpan, endingAt end: UInt64) -> Int? {
        var at = window.byteCount - 7
        while at >= 0 {
            if window.octet(at: at) == 0, window.octet(at: at + 1) == 6,
                window.octet(at: at + 6) == UInt8(ascii: "{"),
                UInt64(window.bigEndian(at: at + 2, as: UInt32.self)) + UInt64(at) + 6 == end
            {
                return at
            }
            at -= 1
        }
        return nil
    }

    /// Believes a vmdesc.
    private mutating func take(_ json: [UInt8], at offset: UInt64) throws(MigrationError) {
        let found: VMDescription
        do {
            found = try VMDescription(json: json)
        } catch {
            throw self.error(
                .corrupt, at: offset + UInt64(error.offset), path: "vmdesc",
                expected: error.expected + " (JSON)", found: "other text",
                hint: "--ignore-vmdesc reads the stream without it, devices as blobs")
        }
        description = found
        if pageSize == nil, let size = found.pageSize, StreamReader.isPageSize(size) {
            pageSize = size
        }
    }

    /// What a look ahead from a FULL section finds behind it and those that follow.
    enum RunEnd {
        case endOfStream
        case otherItem(at: Int)
        case nothing
    }

    /// Before the first of some FULL sections on a pipe: waits for the vmdesc, if it can come next.
    ///
    /// - Returns: where the run ends, if another item follows it.
    mutating func waitForDescription() throws(MigrationError) -> Int? {
        if footers == .on || footers == .unknown && hasConfiguration {
            switch try lookAhead() {
            case .otherItem(let at): return at
            case .endOfStream, .nothing: break
            }
        }
        let limit = options.waitLimit
        guard try load(limit) < limit, !options.ignoresDescription else { return nil }
        let end = UInt64(source.available)
        if let start = StreamReader.trailer(in: source.window, endingAt: end) {
            let json = source.window.extracting(start + 6..<source.available).octets
            try take(json, at: source.position + UInt64(start) + 6)
        } else if let (start, length) = innerTrailer() {
            let json = source.window.extracting(start + 6..<start + 6 + length).octets
            if let found = try? VMDescription(json: json) { description = found }
        }
        return nil
    }

    /// A vmdesc with something behind it: the last one that is JSON.
    private func innerTrailer() -> (Int, length: Int)? {
        let window = source.window
        var at = window.byteCount - 8
        while at >= 0 {
            if window.octet(at: at) == 0, window.octet(at: at + 1) == 6,
                window.octet(at: at + 6) == UInt8(ascii: "{")
            {
                let length = Int(window.bigEndian(at: at + 2, as: UInt32.self))
                if length >= 2, length <= window.byteCount - at - 6,
                    window.octet(at: at + 5 + length) == UInt8(ascii: "}")
                {
                    return (at, length)
                }
            }
            at -= 1
        }
        return nil
    }

    /// Goes from footer to footer, to see what comes behind the FULL sections.
    ///
    /// It proves no boundary; it tells only whether waiting makes sense.
    private mutating func lookAhead() throws(MigrationError) -> RunEnd {
        let probe = SectionProbe(startedIDs: Set(started.keys), isPackage: false)
        var at = 0
        while at < options.waitLimit {
            var count = try load(at + 300)
            guard count > at else { return .nothing }
            switch source.window.octet(at: at) {
            case 0: return .endOfStream
            case 4: break
            default: return .otherItem(at: at)
            }
            guard let header = SectionProbe.header(source.window, at: at) else { return .nothing }
            at += header.size
            while true {
                count = try load(at + 300)
                let end = count < at + 300 ? count : nil
                guard count - at >= 5 else { return .nothing }
                if SectionProbe.footer(source.window, at: at, id: header.sectionID),
                    probe.item(source.window, at: at + 5, end: end)
                {
                    at += 5
                    break
                }
                at += 1
                guard at < options.waitLimit else { return .nothing }
            }
        }
        return .nothing
    }
}
