/// Changes elements as a whole, and keeps the lengths around them right.
enum BERMutator {
    /// An element whose content is either octets or elements.
    struct Element {
        var identifier: [UInt8]
        var isIndefinite = false
        /// Length octets in place of right ones.
        var length: [UInt8]?
        var content: [UInt8] = []
        var children: [Element]?
    }

    private static let depthLimit = 40

    static func mutate(_ octets: [UInt8], _ random: inout MutationRandom) -> [UInt8]? {
        var at = 0
        guard var tree = parse(octets, &at, end: octets.count, isIndefinite: false, depth: 0),
            !tree.isEmpty
        else { return nil }
        for _ in 0...random.below(3) { change(&tree, &random, depth: 0) }
        var result: [UInt8] = []
        for element in tree { write(element, &result) }
        return result
    }

    // MARK: Reading

    private static func parse(
        _ octets: [UInt8], _ at: inout Int, end: Int, isIndefinite: Bool, depth: Int
    ) -> [Element]? {
        var result: [Element] = []
        while at < end {
            if isIndefinite, at + 2 <= end, octets[at] == 0, octets[at + 1] == 0 {
                at += 2
                return result
            }
            let start = at
            let isConstructed = octets[at] & 0x20 != 0
            let isLong = octets[at] & 0x1f == 0x1f
            at += 1
            if isLong {
                while at < end, octets[at] & 0x80 != 0 { at += 1 }
                at += 1
            }
            guard at < end else { return nil }
            var element = Element(identifier: Array(octets[start..<at]))
            var length = Int(octets[at])
            at += 1
            if length == 0x80 {
                guard isConstructed else { return nil }
                element.isIndefinite = true
            } else if length > 0x80 {
                let count = length & 0x7f
                guard count <= 7, at + count <= end else { return nil }
                length = octets[at..<at + count].reduce(0) { $0 << 8 | Int($1) }
                at += count
            }
            guard element.isIndefinite || length <= end - at else { return nil }
            if isConstructed, depth < depthLimit {
                let inner = element.isIndefinite ? end : at + length
                guard
                    let children = parse(
                        octets, &at, end: inner, isIndefinite: element.isIndefinite,
                        depth: depth + 1)
                else { return nil }
                element.children = children
            } else {
                guard !element.isIndefinite else { return nil }
                element.content = Array(octets[at..<at + length])
                at += length
            }
            result.append(element)
        }
        return isIndefinite ? nil : result
    }

    // MARK: Writing

    private static func write(_ element: Element, _ result: inout [UInt8]) {
        result += element.identifier
        var content = element.content
        if let children = element.children {
            content = []
            for child in children { write(child, &content) }
        }
        if element.isIndefinite {
            result += [0x80] + content + [0, 0]
        } else {
            result += (element.length ?? lengthOctets(content.count)) + content
        }
    }

    private static func lengthOctets(_ length: Int) -> [UInt8] {
        if length < 0x80 { return [UInt8(length)] }
        var octets: [UInt8] = []
        var rest = length
        while rest > 0 {
            octets.insert(UInt8(truncatingIfNeeded: rest), at: 0)
            rest >>= 8
        }
        return [0x80 | UInt8(octets.count)] + octets
    }

    // MARK: Changing

    private static func change(
        _ list: inout [Element], _ random: inout MutationRandom, depth: Int
    ) {
        guard !list.isEmpty else {
            list.append(Element(identifier: [0x04], content: random.changed([])))
            return
        }
        let index = random.below(list.count)
        // Mostly somewhere inside.
        if let children = list[index].children, !children.isEmpty, random.below(8) != 0 {
            var inner = children
            change(&inner, &random, depth: depth + 1)
            list[index].children = inner
            return
        }
        let other = random.below(list.count)
        switch random.below(14) {
        case 0: list.insert(list[index], at: other)
        case 1: list.remove(at: index)
        case 2: list.swapAt(index, other)
        case 3:
            if list[index].children != nil { list[index].isIndefinite.toggle() }
        case 4:
            // A right length in more octets than needed, or a wrong one.
            let count = list[index].content.count
            list[index].length =
                random.below(2) == 0
                ? [
                    0x84, 0, 0, UInt8(truncatingIfNeeded: count >> 8),
                    UInt8(truncatingIfNeeded: count),
                ]
                : [0x88] + random.number(octets: 8)
        case 5: list[index].identifier = list[other].identifier
        case 6:
            list[index].identifier = random.changed(list[index].identifier, growth: 2)
            if list[index].identifier.isEmpty { list[index].identifier = [0x30] }
        case 7:
            if list[index].children == nil {
                let value = random.number(octets: 1 << random.below(4))
                list[index].content = Array(value.drop { $0 == 0 && value.count > 1 })
                if list[index].content.isEmpty { list[index].content = [0] }
            }
        case 8:
            // A string in segments.
            if list[index].children == nil, list[index].identifier.count == 1 {
                let content = list[index].content
                let cut = random.below(content.count + 1)
                list[index].identifier[0] |= 0x20
                list[index].children = [
                    Element(identifier: [4], content: Array(content[..<cut])),
                    Element(identifier: [4], content: Array(content[cut...])),
                ]
            }
        case 9: list[index].children = nil
        case 10:
            // Something around it.
            list[index] = Element(
                identifier: list[index].identifier, isIndefinite: random.below(2) == 0,
                children: [list[index]])
        case 11:
            // In its place what it holds, or its neighbour inside of it.
            if let children = list[index].children {
                list.replaceSubrange(index...index, with: children)
            }
        default:
            if list[index].children == nil {
                list[index].content = random.changed(list[index].content)
            } else {
                let added = list[other]
                list[index].children?.append(added)
            }
        }
    }
}
