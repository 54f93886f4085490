/// Changes a binary stream field by field: section headers, names, lengths, flags of RAM records,
/// footers, the vmdesc.
enum StreamMutator {
    /// A stretch of the stream that is one thing.
    struct Piece {
        enum Kind { case header, type, number, name, record, footer, octets, json }
        var kind: Kind
        var octets: [UInt8]
    }

    static func mutate(_ octets: [UInt8], _ random: inout MutationRandom) -> [UInt8]? {
        var pieces = split(octets)
        guard pieces.count > 1 else { return nil }
        for _ in 0...random.below(3) { change(&pieces, &random) }
        var result: [UInt8] = []
        for index in pieces.indices {
            // The length before a JSON text is kept right.
            if pieces[index].kind == .number, index + 1 < pieces.count,
                pieces[index + 1].kind == .json, random.below(8) != 0
            {
                let count = UInt32(truncatingIfNeeded: pieces[index + 1].octets.count)
                result += (0..<4).map { UInt8(truncatingIfNeeded: count >> UInt32(24 - 8 * $0)) }
            } else {
                result += pieces[index].octets
            }
        }
        return result
    }

    // MARK: Splitting

    private static func split(_ octets: [UInt8]) -> [Piece] {
        var pieces: [Piece] = []
        var at = 0
        func take(_ kind: Piece.Kind, _ count: Int) {
            let end = min(at + max(count, 0), octets.count)
            if end > at { pieces.append(Piece(kind: kind, octets: Array(octets[at..<end]))) }
            at = end
        }
        func number(_ place: Int, _ count: Int) -> Int {
            guard place + count <= octets.count else { return 0 }
            return octets[place..<place + count].reduce(0) { $0 << 8 | Int($1) }
        }
        take(.header, 8)
        while at < octets.count {
            let type = octets[at]
            take(.type, 1)
            switch type {
            case 7:
                take(.number, 4)
                take(.octets, min(number(at - 4, 4), 4096))
            case 1, 4:
                take(.number, 4)
                let id = number(at - 4, 4)
                take(.name, 1 + number(at, 1))
                take(.number, 4)
                take(.number, 4)
                payload(octets, &at, id, &pieces)
            case 2, 3:
                take(.number, 4)
                payload(octets, &at, number(at - 4, 4), &pieces)
            case 8:
                take(.number, 2)
                take(.number, 2)
                take(.octets, number(at - 2, 2))
            case 6:
                take(.number, 4)
                take(.json, number(at - 4, 4))
            case 5:
                take(.name, 1 + number(at, 1))
                take(.number, 4)
            case 0: break
            default:
                // Nothing that is known: the rest in pieces of a size that fields have.
                take(.octets, 16)
            }
        }
        return pieces
    }

    /// Up to the footer of this section, in pieces of eight octets where RAM records could stand.
    private static func payload(
        _ octets: [UInt8], _ at: inout Int, _ id: Int, _ pieces: inout [Piece]
    ) {
        var end = at
        while end + 5 <= octets.count {
            if octets[end] == 0x7e,
                octets[end + 1..<end + 5].reduce(0, { $0 << 8 | Int($1) }) == id
            {
                break
            }
            end += 1
        }
        let hasFooter = end + 5 <= octets.count
        if !hasFooter { end = octets.count }
        while at < end {
            let step = min(8, end - at)
            // What has the same octet for long is some page: one piece.
            var run = at
            while run < end, octets[run] == octets[at] { run += 1 }
            let stop = run - at > 32 ? run : at + step
            pieces.append(
                Piece(kind: run - at > 32 ? .octets : .record, octets: Array(octets[at..<stop])))
            at = stop
        }
        if hasFooter {
            pieces.append(Piece(kind: .footer, octets: Array(octets[at..<at + 5])))
            at += 5
        }
    }

    // MARK: Changing

    private static let names = [
        "ram", "timer", "block", "dirty-bitmap", "spapr/htab", "s390-storage_attributes", "vfio",
        "slirp", "cpu", "pc.ram",
    ]

    private static func change(_ pieces: inout [Piece], _ random: inout MutationRandom) {
        let index = random.below(pieces.count)
        let other = random.below(pieces.count)
        switch random.below(12) {
        case 0: pieces.remove(at: index)
        case 1: pieces.insert(pieces[other], at: index)
        case 2: pieces.swapAt(index, other)
        case 3:
            let count = min(1 + random.below(12), pieces.count - other)
            pieces.insert(contentsOf: pieces[other..<other + count], at: index)
        case 4:
            let count = min(1 + random.below(12), pieces.count - index)
            pieces.removeSubrange(index..<index + count)
        case 5:
            // A command, a package, an end mark from nowhere.
            let codes: [[UInt8]] = [
                [8, 0, 7, 0, 4] + random.number(octets: 4), [8, 0, 4, 0, 0],
                [8] + random.number(octets: 2) + [0, 1, 7], [0], [0x7e] + random.number(octets: 4),
                [5, 1, 0x78, 0, 0, 0, 1],
            ]
            pieces.insert(Piece(kind: .octets, octets: codes[random.below(codes.count)]), at: index)
        default: pieces[index] = changed(pieces[index], &random)
        }
        if pieces.isEmpty { pieces = [Piece(kind: .type, octets: [0])] }
    }

    private static func changed(_ piece: Piece, _ random: inout MutationRandom) -> Piece {
        var piece = piece
        switch piece.kind {
        case .type: piece.octets = [[0, 1, 2, 3, 4, 5, 6, 7, 8][random.below(9)]]
        case .number, .footer:
            if random.below(2) == 0 {
                piece.octets.replaceSubrange(
                    (piece.octets.count > 4 ? 1 : 0)...,
                    with: random.number(octets: min(piece.octets.count, 4)))
            } else {
                piece.octets = random.changed(piece.octets, growth: 0)
            }
        case .name:
            if random.below(2) == 0 {
                let name = Array(names[random.below(names.count)].utf8)
                piece.octets = [UInt8(name.count)] + name
            } else {
                piece.octets = random.changed(piece.octets, growth: 4)
            }
        case .record:
            // The flags stand in the last two octets of a record's word.
            if piece.octets.count == 8, random.below(2) == 0 {
                piece.octets[7] ^= 1 << UInt8(random.below(8))
                if random.below(3) == 0 { piece.octets[6] ^= 1 << UInt8(random.below(8)) }
            } else {
                piece.octets = random.changed(piece.octets, growth: 4)
            }
        case .header, .octets, .json: piece.octets = random.changed(piece.octets)
        }
        return piece
    }
}
