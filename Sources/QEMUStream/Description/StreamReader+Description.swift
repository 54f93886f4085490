import ByteIO
import Migration

/// Finding the vmdesc before the devices that it describes.
extension StreamReader {
    /// Reads the vmdesc at the end of a file, so that devices anywhere are typed.
    mutating func findDescriptionInFile() throws(MigrationError) {
        guard !options.ignoresDescription, let size = source.size else { return }
        // Larger and larger pieces from the end: most are some hundred KiB.
        var length = min(size, 1 << 20)
        while true {
            let tail: [UInt8]?
            do {
                tail = try source.octets(at: size - length, count: Int(length))
            } catch {
                throw StreamReader.wrap(error)
            }
            guard let tail else { return }
            // An array of octets has no padding that could be read.
            if let start = StreamReader.trailer(in: unsafe tail.span.bytes) {
                return try take(
                    Array(tail[(start + 6)...]), at: size - length + UInt64(start) + 6)
            }
            guard length < size, length < UInt64(options.waitLimit) else { return }
            length = min(size, length * 4, UInt64(options.waitLimit))
        }
    }

    /// Where the octets 00 06 stand that begin a vmdesc reaching just to the end.
    static func trailer(in window: RawSpan) -> Int? {
        let count = window.byteCount
        guard count >= 8, window.octet(at: count - 1) == UInt8(ascii: "}") else { return nil }
        var at = count - 8
        while at >= 0 {
            if window.octet(at: at) == 0, window.octet(at: at + 1) == 6,
                Int(window.bigEndian(at: at + 2, as: UInt32.self)) == count - at - 6,
                window.octet(at: at + 6) == UInt8(ascii: "{")
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
        if let start = StreamReader.trailer(in: source.window) {
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
