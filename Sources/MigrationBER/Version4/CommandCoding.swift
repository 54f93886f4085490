import BER
import ByteIO
import Migration

/// `Command`, but for packages.
enum CommandCoding {
    static let packaged: UInt16 = 7
    private static let ping = Tag.context(1)
    private static let advise = Tag.context(2)
    private static let discard = Tag.context(3)

    // MARK: Writing

    static func write(
        _ code: UInt16, _ payload: RawSpan, to writer: inout BERWriter
    ) throws(ByteIOError) {
        let typed = CommandPayload(code, payload)
        let size =
            typed.map(size) ?? BERSize.element(.octetString, payload.byteCount)
        try writer.head(
            SchemaTag.command, constructed: true,
            length: BERSize.integer(.integer, UInt64(code)) + size)
        try writer.integer(.integer, UInt64(code))
        if let typed {
            try write(typed, to: &writer)
        } else {
            try writer.string(.octetString, payload)
        }
    }

    private static func size(_ payload: CommandPayload) -> Int {
        switch payload {
        case .ping(let number): BERSize.integer(ping, UInt64(number))
        case .advise(let pageSizes, let pageSize):
            BERSize.element(
                advise,
                BERSize.integer(.integer, pageSizes) + BERSize.integer(.integer, pageSize))
        case .discard(let block, let ranges):
            BERSize.element(discard, contentSize(block, ranges))
        case .receivedBitmap(let block): BERSize.element(.utf8String, block.utf8.count)
        }
    }

    private static func contentSize(_ block: String, _ ranges: [CommandPayload.Range]) -> Int {
        BERSize.element(.utf8String, block.utf8.count)
            + BERSize.element(.sequence, rangesSize(ranges))
    }

    private static func rangesSize(_ ranges: [CommandPayload.Range]) -> Int {
        ranges.reduce(0) { $0 + BERSize.element(.sequence, size($1)) }
    }

    private static func size(_ range: CommandPayload.Range) -> Int {
        BERSize.integer(.integer, range.start) + BERSize.integer(.integer, range.length)
    }

    private static func write(
        _ payload: CommandPayload, to writer: inout BERWriter
    ) throws(ByteIOError) {
        switch payload {
        case .ping(let number): try writer.integer(ping, UInt64(number))
        case .advise(let pageSizes, let pageSize):
            try writer.head(
                advise, constructed: true,
                length: BERSize.integer(.integer, pageSizes)
                    + BERSize.integer(.integer, pageSize))
            try writer.integer(.integer, pageSizes)
            try writer.integer(.integer, pageSize)
        case .discard(let block, let ranges):
            try writer.head(discard, constructed: true, length: contentSize(block, ranges))
            try writer.string(.utf8String, block)
            try writer.head(.sequence, constructed: true, length: rangesSize(ranges))
            for range in ranges {
                try writer.head(.sequence, constructed: true, length: size(range))
                try writer.integer(.integer, range.start)
                try writer.integer(.integer, range.length)
            }
        case .receivedBitmap(let block): try writer.string(.utf8String, block)
        }
    }

    // MARK: Reading

    /// Reads the payload whose element was just opened.
    /// - Returns: its octets.
    static func read(
        _ code: UInt16, _ element: BERElement, _ input: inout ElementReader
    ) throws(MigrationError) -> [UInt8] {
        let payload: CommandPayload
        switch (element.tag, element.isConstructed) {
        case (.octetString, _): return try input.octets(element, limit: 0xffff)
        case (ping, false):
            let limit = UInt64(UInt32.max)
            payload = .ping(UInt32(try input.unsigned(element, limit: limit, "ping")))
        case (advise, true):
            let pageSizes = try number("pagesizes", &input)
            payload = .advise(pageSizes: pageSizes, pageSize: try number("pagesize", &input))
            try input.end()
        case (discard, true): payload = try readDiscard(&input)
        case (.utf8String, _): payload = .receivedBitmap(block: try input.text(element, "block"))
        default: throw input.unexpected(element, "a command's payload")
        }
        guard payload.code == code else {
            throw input.unexpected(element, "the payload of command \(code)")
        }
        let octets = payload.octets
        guard octets.count <= 0xffff else {
            throw MigrationError(
                .limit, at: element.offset, path: input.pathText,
                expected: "a payload of at most 65535 octets", found: "\(octets.count)")
        }
        return octets
    }

    private static func number(
        _ name: String, _ input: inout ElementReader
    ) throws(MigrationError) -> UInt64 {
        let element = try input.next(.integer, constructed: false, name)
        return try input.unsigned(element, name)
    }

    /// The ranges of a payload: more could not be sent.
    private static let rangeLimit = 4096

    private static func readDiscard(
        _ input: inout ElementReader
    ) throws(MigrationError) -> CommandPayload {
        let name = try input.text("block")
        let list = try input.next(.sequence, constructed: true, "ranges")
        var ranges: [CommandPayload.Range] = []
        while let element = try input.next() {
            guard element.tag == .sequence, element.isConstructed else {
                throw input.unexpected(element, "a DiscardedRange")
            }
            let start = try number("start", &input)
            ranges.append(
                CommandPayload.Range(start: start, length: try number("len", &input)))
            try input.end()
            guard ranges.count <= rangeLimit else {
                throw MigrationError(
                    .limit, at: list.offset, path: input.pathText,
                    expected: "at most \(rangeLimit) ranges", found: "more")
            }
        }
        try input.end()
        guard !ranges.isEmpty else {
            throw MigrationError(
                .corrupt, at: list.offset, path: input.pathText, expected: "a range",
                found: "none")
        }
        return .discard(block: name, ranges: ranges)
    }
}
