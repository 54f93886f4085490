import Migration

/// Finds what a device sent of all that its layout allows, by its octets alone.
///
/// Fields that may be missing, lists and subsections make several ways; each is followed until it
/// fails. What comes out is a description as a vmdesc has it, to which the octets fit to the last
/// one.
struct LayoutResolver: ~Copyable {
    /// A way that has got so far.
    private struct Way {
        var position: Int
        var body: VMDescription.Body
    }

    /// Ways that are followed at a time, and steps taken in all; who has more stays a blob.
    static let wayLimit = 1024
    static let stepLimit = 200_000
    /// Structures of an array whose length nothing tells.
    static let countLimit = 64
    static let depthLimit = 64

    private let octets: [UInt8]
    /// The section's version.
    private let version: Int64
    /// Subsections by name, wherever they were described.
    private let library: [String: DeviceLayout]
    /// Whether structures whose number is not told may be several.
    private let opensCounts: Bool
    private var steps = 0
    /// Whether ways were left out, so that a single one that is left proves nothing.
    private var hasGivenUp = false

    init(
        _ octets: [UInt8], version: Int64, library: [String: DeviceLayout], opensCounts: Bool
    ) {
        self.opensCounts = opensCounts
        self.octets = octets
        self.version = version
        self.library = library
    }

    /// The descriptions to which all octets fit.
    mutating func resolve(_ layout: DeviceLayout) -> [VMDescription.Body] {
        let ways = body(layout, from: 0, version: version, depth: 0, isOutermost: true)
        return hasGivenUp ? [] : ways.filter { $0.position == octets.count }.map { $0.body }
    }

    /// Ways that have got equally far go on alike: of those two are enough to tell that there is
    /// more than one.
    private mutating func thin(_ ways: [Way]) -> [Way] {
        guard ways.count > 2 else { return ways }
        var seen: [Int: Int] = [:]
        var result: [Way] = []
        for way in ways {
            let count = seen[way.position, default: 0]
            if count < 2 { result.append(way) }
            seen[way.position] = count + 1
        }
        guard result.count <= LayoutResolver.wayLimit else {
            hasGivenUp = true
            return []
        }
        return result
    }

    /// Counts a step.
    private mutating func mayStep() -> Bool {
        steps += 1
        if steps >= LayoutResolver.stepLimit { hasGivenUp = true }
        return !hasGivenUp
    }

    // MARK: Bodies

    private mutating func body(
        _ layout: DeviceLayout, from start: Int, version: Int64, depth: Int,
        isOutermost: Bool = false
    ) -> [Way] {
        guard depth < LayoutResolver.depthLimit else { return [] }
        var body = VMDescription.Body()
        body.name = layout.name
        body.version = layout.version
        body.isDescribed = true
        var ways = [Way(position: start, body: body)]
        for index in layout.fields.indices where layout.fields[index].version <= version {
            let rest =
                isOutermost && layout.subsections.isEmpty
                ? Self.rigidSize(layout.fields[(index + 1)...], version) : nil
            var next: [Way] = []
            for way in ways {
                guard mayStep() else { return [] }
                let field = layout.fields[index]
                if field.isOptional { next.append(way) }
                next += self.field(field, way, rest: rest, depth: depth)
            }
            ways = thin(next)
            if ways.isEmpty { return [] }
        }
        var ends: [Way] = []
        for way in ways { ends += subsections(layout, way, depth: depth) }
        return thin(ends)
    }

    /// Octets of fields that always have one length.
    private static func rigidSize(
        _ fields: ArraySlice<DeviceLayout.Field>, _ version: Int64
    ) -> Int? {
        var size = 0
        for field in fields where field.version <= version {
            guard field.isRigid, let total = field.field.total, total < 1 << 31 else { return nil }
            size += Int(total)
        }
        return size
    }

    /// The way itself, and those that go on with a subsection.
    private mutating func subsections(
        _ layout: DeviceLayout, _ way: Way, depth: Int
    ) -> [Way] {
        var result: [Way] = []
        var open = [way]
        while let way = open.popLast() {
            guard mayStep() else { return [] }
            var goesOn = false
            if let (name, contents) = subsectionHead(at: way.position),
                let inner = layout.subsections.first(where: { $0.name == name })
                    ?? (name.hasPrefix(layout.name + "/") ? library[name] : nil),
                !way.body.subsections.contains(where: { $0.name == name })
            {
                let version = octets[contents - 4..<contents].reduce(Int64(0)) {
                    $0 << 8 | Int64($1)
                }
                for end in body(inner, from: contents, version: version, depth: depth + 1) {
                    goesOn = true
                    var longer = way
                    longer.position = end.position
                    longer.body.subsections.append(end.body)
                    open.append(longer)
                }
            }
            if !goesOn { result.append(way) }
        }
        return result
    }

    private func subsectionHead(at position: Int) -> (name: String, contents: Int)? {
        guard position + 2 < octets.count, octets[position] == 5 else { return nil }
        let end = position + 2 + Int(octets[position + 1])
        guard end + 4 <= octets.count,
            let name = String(validating: octets[position + 2..<end], as: UTF8.self)
        else { return nil }
        return (name, end + 4)
    }

    // MARK: Fields

    /// The ways to go on with a field that is there.
    private mutating func field(
        _ layout: DeviceLayout.Field, _ way: Way, rest: Int?, depth: Int
    ) -> [Way] {
        if layout.isOpen { return open(layout, way, rest: rest) }
        if DeviceLayout.Field.lists.contains(layout.field.type) {
            return list(layout, way, depth: depth)
        }
        if let inner = layout.layouts.first, layout.isCountOpen, opensCounts {
            return anyNumber(layout, inner, way, depth: depth)
        }
        if let inner = layout.layouts.first, !inner.isRigid || inner.fields.isEmpty {
            return structures(layout, inner, way, depth: depth)
        }
        guard layout.field.type != "gtree", let total = layout.field.total,
            total <= UInt64(octets.count - way.position)
        else { return empty(layout, way) }
        var longer = way
        longer.position += Int(total)
        if total > 0 || layout.field.arrayLength == nil {
            longer.body.fields.append(layout.field)
        }
        return [longer]
    }

    /// A tree whose content nobody knows is believed if it is empty.
    private func empty(_ layout: DeviceLayout.Field, _ way: Way) -> [Way] {
        guard layout.field.type == "gtree", octets.count - way.position >= 5,
            octets[way.position..<way.position + 5].allSatisfy({ $0 == 0 })
        else { return [] }
        var field = layout.field
        field.size = 5
        field.bodies = []
        var longer = way
        longer.position += 5
        longer.body.fields.append(field)
        return [longer]
    }

    /// A field of any length: the example's, or whatever the fields behind it leave.
    private func open(_ layout: DeviceLayout.Field, _ way: Way, rest: Int?) -> [Way] {
        let left = octets.count - way.position
        var sizes: [Int] = []
        if let rest, left >= rest { sizes.append(left - rest) }
        if let example = Int(exactly: layout.field.size), example <= left, !sizes.contains(example)
        {
            sizes.append(example)
        }
        return sizes.map { size in
            var longer = way
            var field = layout.field
            field.size = UInt64(size)
            longer.position += size
            longer.body.fields.append(field)
            return longer
        }
    }

    /// Structures that hold what may be missing: each is told by itself.
    private mutating func structures(
        _ layout: DeviceLayout.Field, _ inner: DeviceLayout, _ way: Way, depth: Int
    ) -> [Way] {
        let count = layout.field.arrayLength ?? 1
        guard count <= UInt64(octets.count) else { return [] }
        var ways = [way]
        for _ in 0..<Int(count) {
            ways = oneMore(layout, inner, ways, depth: depth)
            if ways.isEmpty { return [] }
        }
        return ways
    }

    /// The ways with one more structure behind each.
    private mutating func oneMore(
        _ layout: DeviceLayout.Field, _ inner: DeviceLayout, _ ways: [Way], depth: Int
    ) -> [Way] {
        var next: [Way] = []
        for way in ways {
            for end in body(inner, from: way.position, version: inner.version, depth: depth + 1) {
                var field = layout.field
                field.arrayLength = nil
                field.size = UInt64(end.position - way.position)
                field.bodies = [end.body]
                var longer = way
                longer.position = end.position
                longer.body.fields.append(field)
                next.append(longer)
            }
        }
        return thin(next)
    }

    /// Structures of which nothing tells how many there are: none, or any number that fits.
    private mutating func anyNumber(
        _ layout: DeviceLayout.Field, _ inner: DeviceLayout, _ way: Way, depth: Int
    ) -> [Way] {
        var result = [way]
        var ways = [way]
        for _ in 0..<LayoutResolver.countLimit {
            let next = oneMore(layout, inner, ways, depth: depth)
                .filter { $0.position > way.position }
            if next.isEmpty { break }
            result += next
            ways = next
        }
        return result
    }

    /// 01 before each element, 00 behind the last.
    private mutating func list(
        _ layout: DeviceLayout.Field, _ way: Way, depth: Int
    ) -> [Way] {
        var field = layout.field
        field.bodies = []
        var position = way.position
        while position < octets.count, octets[position] == 1 {
            guard let inner = layout.layouts.first,
                let end = body(
                    inner, from: position + 1, version: inner.version, depth: depth + 1
                ).first
            else { return [] }
            field.bodies.append(end.body)
            position = end.position
        }
        guard position < octets.count, octets[position] == 0 else { return [] }
        position += 1
        field.size = UInt64(position - way.position)
        var longer = way
        longer.position = position
        longer.body.fields.append(field)
        return [longer]
    }
}
