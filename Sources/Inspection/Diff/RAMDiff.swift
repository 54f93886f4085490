public import ByteIO
public import Migration

/// Compares two images of guest RAM, block by block: the last state of each page, as QEMU would load
/// it. Pages that were never sent are zero there, as for QEMU.
///
/// Holes of the images are passed over; some MiB of memory, whatever the size.
public struct RAMDiff: ~Copyable {
    /// An image: where its blocks lie, and the file.
    public struct Side: ~Copyable {
        public var places: [RAMImage.Place]
        public var source: ByteSource

        public init(places: [RAMImage.Place], source: consuming ByteSource) {
            self.places = places
            self.source = source
        }
    }

    public enum Event: Sendable {
        /// A block that both have, or one.
        case block(name: String, before: UInt64?, after: UInt64?)
        /// Neighbouring pages that differ: octets from the block's start, and their number. Their
        /// contents, of a page each, if they were asked for.
        case pages(Range<UInt64>, contents: (before: [UInt8], after: [UInt8])?)
        /// What differs of the block.
        case end(differing: UInt64, of: UInt64)
    }

    private var before: Side
    private var after: Side
    private let pageSize: UInt64
    private let isIgnored: (DevicePath) -> Bool
    private let hasIgnored: Bool

    private static let chunk: UInt64 = 1 << 20

    /// - Parameters:
    ///   - pageSize: in octets, a power of two; what is compared.
    ///   - isIgnored: asked for blocks (`ram[0].pc.ram`) and, if there is something to ignore,
    ///     for pages that differ (`ram[0].pc.ram[7]`).
    public init(
        _ before: consuming Side, _ after: consuming Side, pageSize: UInt64, hasIgnored: Bool,
        isIgnored: @escaping (DevicePath) -> Bool
    ) {
        self.before = before
        self.after = after
        self.pageSize = (1 << 8...1 << 20).contains(pageSize) ? pageSize : 4096
        self.hasIgnored = hasIgnored
        self.isIgnored = isIgnored
    }

    /// The path of a block.
    public static func path(_ block: String) -> DevicePath {
        DevicePath(section: "ram", instance: 0, components: [.name(block)])
    }

    /// Compares all blocks, in the first image's order, then those that the second alone has.
    /// - Parameter contents: whether pages are told one by one, with their contents.
    public mutating func run<Failure: Error>(
        contents: Bool, _ body: (Event) throws(Failure) -> Void
    ) throws(Failure) -> MigrationError? {
        var places: [String: RAMImage.Place] = [:]
        for place in after.places { places[place.block.name] = place }
        for place in before.places where !isIgnored(Self.path(place.block.name)) {
            let name = place.block.name
            let other = places[name]
            try body(.block(name: name, before: place.block.length, after: other?.block.length))
            if let other {
                if let error = try compare(place, other, contents: contents, body) { return error }
            }
        }
        let known = Set(before.places.map(\.block.name))
        for place in after.places
        where !known.contains(place.block.name) && !isIgnored(Self.path(place.block.name)) {
            try body(
                .block(name: place.block.name, before: nil, after: place.block.length))
        }
        return nil
    }

    private func compare<Failure: Error>(
        _ one: RAMImage.Place, _ other: RAMImage.Place, contents: Bool,
        _ body: (Event) throws(Failure) -> Void
    ) throws(Failure) -> MigrationError? {
        let length = min(one.block.length, other.block.length)
        var run: Range<UInt64>?
        var differing: UInt64 = 0
        var at: UInt64 = 0
        while at < length {
            let left: [UInt8]
            let right: [UInt8]
            var size: UInt64
            do throws(ByteIOError) {
                // Where both are holes, nothing differs.
                let next = min(
                    try start(before.source, one.offset, at, length),
                    try start(after.source, other.offset, at, length))
                at = max(at, next / pageSize * pageSize)
                guard at < length else { break }
                size = min(Self.chunk, length - at)
                left = try octets(before.source, one.offset + at, size)
                right = try octets(after.source, other.offset + at, size)
            } catch {
                return MigrationError(
                    .io, path: "ram/\(one.block.name)", expected: "", found: "\(error)")
            }
            if left != right {
                for offset in stride(from: 0, to: Int(size), by: Int(pageSize)) {
                    let end = min(offset + Int(pageSize), Int(size))
                    guard left[offset..<end] != right[offset..<end] else { continue }
                    let page = at + UInt64(offset)
                    if hasIgnored {
                        var path = Self.path(one.block.name)
                        path.components.append(.index(Int(clamping: page / pageSize)))
                        if isIgnored(path) { continue }
                    }
                    differing += 1
                    let range = page..<at + UInt64(end)
                    if contents {
                        try body(
                            .pages(
                                range,
                                contents: (Array(left[offset..<end]), Array(right[offset..<end]))))
                    } else if let known = run, known.upperBound == page {
                        run = known.lowerBound..<range.upperBound
                    } else {
                        if let run { try body(.pages(run, contents: nil)) }
                        run = range
                    }
                }
            }
            at += size
        }
        if let run { try body(.pages(run, contents: nil)) }
        let pages = length / pageSize + (length % pageSize > 0 ? 1 : 0)
        try body(.end(differing: differing, of: pages))
        return nil
    }

    /// Where the next data of a block begins, from some place of it on.
    private func start(
        _ source: borrowing ByteSource, _ base: UInt64, _ at: UInt64, _ length: UInt64
    ) throws(ByteIOError) -> UInt64 {
        guard let data = try source.data(from: base + at, to: base + length) else { return length }
        return data.lowerBound - base
    }

    private func octets(
        _ source: borrowing ByteSource, _ offset: UInt64, _ count: UInt64
    ) throws(ByteIOError) -> [UInt8] {
        guard let octets = try source.octets(at: offset, count: Int(count)),
            octets.count == Int(count)
        else { throw ByteIOError(.read, offset: offset) }
        return octets
    }
}
