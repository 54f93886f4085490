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
    static let wayLimit = 24
    static let stepLimit = 200_000
    static let depthLimit = 64

    private let octets: [UInt8]
    /// The section's version.
    private let version: Int64
    /// Subsections by name, wherever they were described.
    private let library: [String: DeviceLayout]
    private var steps = 0

    init(_ octets: [UInt8], version: Int64, library: [String: DeviceLayout]) {
        self.octets = octets
        self.version = version
        self.library = library
    }

    /// The descriptions to which all octets fit.
    mutating func resolve(_ layout: DeviceLayout) -> [VMDescription.Body] {
        body(layout, from: 0, version: version, depth: 0, isOutermost: true)
            .filter { $0.position == octets.count }.map { $0.body }
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
                steps += 1
                guard steps < LayoutResolver.stepLimit else { return [] }
                let field = layout.fields[index]
                if field.isOptional { next.append(way) }
                next += self.field(field, way, rest: rest, depth: depth)
            }
            ways = Array(next.prefix(LayoutResolver.wayLimit))
            if ways.isEmpty { return [] }
        }
        return ways.flatMap { subsections(layout, $0, depth: depth) }
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
            steps += 1
            guard steps < LayoutResolver.stepLimit, result.count < LayoutResolver.wayLimit else {
                return result
            }
            var goesOn = false
            if let (name, contents) = subsectionHead(at: way.position),
                let inner = layout.subsections.first(where: { $0.name == name })
                    ?? (name.hasPrefix(layout.name + "/") ? library[name] : nil),
                !way.body.subsections.contains(where: { $0.name == name })
            {
                let version = octets[contents - 4..<contents].reduce(Int64(0)) { $0 << 8 | Int64($1) }
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
        if let example = Int(exactly: layout.field.size), example <= left, !sizes.contains(example) {
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
            var next: [Way] = []
            for way in ways {
                for end in body(
                    inner, from: way.position, version: inner.version, depth: depth + 1)
                {
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
            ways = Array(next.prefix(LayoutResolver.wayLimit))
            if ways.isEmpty { return [] }
        }
        return ways
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
