public import ByteIO
public import Migration
public import MigrationBER

/// Some octets of a guest's memory, gathered in a file of their own.
///
/// Of a BER file of version 4 by its index, and of a mapped-ram file by its header, the rest is not
/// read; of any other stream all of it goes by.
public struct MemoryRange: ~Copyable {
    /// A part of the range that is memory.
    public struct Part: Hashable, Sendable {
        /// Octets from the start of the range.
        public var place: UInt64
        public var length: UInt64
        public var block: String
        /// Octets from the start of the block.
        public var offset: UInt64

        public init(place: UInt64, length: UInt64, block: String, offset: UInt64) {
            self.place = place
            self.length = length
            self.block = block
            self.offset = offset
        }
    }

    /// Ascending in the range; what none of them has is no memory.
    public let parts: [Part]
    private var visitor: RAMImageVisitor
    /// The largest page that parts are widened to, so that differences find whole pages.
    private static let largestPage: UInt64 = 64 << 10

    /// - Parameters:
    ///   - image: a file that is never completed.
    ///   - parts: those of the range.
    public init(_ image: consuming RAMImage, parts: [Part]) {
        self.init(gathered: Self.visitor(image, parts: parts), parts: parts)
    }

    /// What a visitor has gathered from a whole stream.
    /// - Parameter visitor: made by ``visitor(_:parts:)`` for the same parts.
    public init(gathered visitor: consuming RAMImageVisitor, parts: [Part]) {
        self.parts = parts
        self.visitor = visitor
    }

    /// Gathers the parts' octets.
    public static func visitor(
        _ image: consuming RAMImage, parts: [Part]
    ) -> RAMImageVisitor {
        var room: UInt64 = 0
        var pieces: [(block: String, piece: RAMImage.Piece)] = []
        for part in parts {
            let start = part.offset - part.offset % Self.largestPage
            let tail = Self.largestPage - 1
            let end = (part.offset + part.length + tail) & ~tail
            // Parts that follow each other closely share a page.
            if let last = pieces.last, last.block == part.block,
                last.piece.range.contains(start), end >= last.piece.range.upperBound
            {
                room += end - last.piece.range.upperBound
                pieces[pieces.count - 1].piece.range = last.piece.range.lowerBound..<end
                continue
            }
            pieces.append((part.block, RAMImage.Piece(range: start..<end, offset: room)))
            room += end - start
        }
        let wanted = pieces
        return RAMImageVisitor(image) { block in
            let pieces = wanted.filter { $0.block == block.name }.compactMap {
                (_, piece) -> RAMImage.Piece? in
                guard piece.range.lowerBound < block.length else { return nil }
                var piece = piece
                piece.range = piece.range.lowerBound..<min(piece.range.upperBound, block.length)
                return piece
            }
            return pieces.isEmpty ? .nothing : .parts(pieces)
        }
    }

    /// Reads by an index.
    public mutating func read(_ file: IndexedFile, blocks: [RAMBlock]) throws(MigrationError) {
        if !blocks.contains(where: { $0.mapped != nil }) { try visitor.ramBlocks(blocks) }
        var done: Set<String> = []
        for part in parts where done.insert(part.block).inserted {
            for piece in ranges(of: part.block) {
                try file.pages(of: part.block, in: piece, into: &visitor)
            }
        }
    }

    private func ranges(of block: String) -> [Range<UInt64>] {
        // Few parts, and each in one block.
        let all = parts.filter { $0.block == block }
        let first = all.map(\.offset).min() ?? 0
        let last = all.map { $0.offset + $0.length }.max() ?? 0
        // Mapped blocks have heads, which a second reading would tell anew.
        return [first - first % Self.largestPage..<last]
    }

    /// Reads a mapped-ram file by its blocks' headers.
    /// - Parameters:
    ///   - source: the file, from its start.
    ///   - blocks: with the headers.
    /// - Returns: whether the headers lead to pages there: an image that was cut out of another
    ///   file has offsets of that one.
    public mutating func read(
        mapped source: borrowing ByteSource, blocks: [RAMBlock]
    ) throws(MigrationError) -> Bool {
        do throws(ByteIOError) {
            let isBigEndian = try MappedFile.order(source, blocks)
            for block in blocks {
                guard case .parts(let pieces) = visitor.choose(block) else { continue }
                guard let header = block.mapped else { return false }
                if !header.hasNoPages, try !MappedFile.isHere(source, header) { return false }
                do throws(MigrationError) { try visitor.image.add(block, pieces) } catch {
                    throw ByteIOError(.write, offset: 0, path: "\(error)")
                }
                for piece in pieces where !header.hasNoPages {
                    try MappedFile.copy(
                        source, header, piece.range, isBigEndian: isBigEndian,
                        to: visitor.image.file, at: piece.offset)
                }
            }
        } catch { throw MigrationError(.io, expected: "", found: "\(error)") }
        return true
    }

    /// The blocks of the stream that was read.
    public var blocks: [RAMBlock] { visitor.blocks }

    /// The octets of a part, all or some of them.
    /// - Parameter range: from the start of the part.
    public func octets(of part: Part, _ range: Range<UInt64>) throws(MigrationError) -> [UInt8] {
        let start = part.offset + range.lowerBound
        for piece in visitor.image.parts(of: part.block)
        where piece.range.contains(start)
            && UInt64(range.count) <= piece.range.upperBound - start
        {
            var octets = [UInt8](
                repeating: 0, count: Int(clamping: range.upperBound - range.lowerBound))
            do {
                try visitor.image.file.read(
                    into: &octets, at: piece.offset + (start - piece.range.lowerBound))
            } catch { throw MigrationError(.io, expected: "", found: "\(error)") }
            return octets
        }
        throw MigrationError(
            .truncated, path: "ram/\(part.block)", expected: "\(part.length) octets of the block",
            found: "a stream that ends before")
    }
}
