internal import Migration

/// What values of one place look like: the alternatives of `Value` that were seen there.
///
/// Shapes of several values merge into one that allows them all. That is how elements of an array,
/// instances of a device and several streams of a machine get one description.
struct Shape: Hashable {
    /// What to call its type, where many places have it; in a module from a dump alone.
    var name: String?
    /// Scalars, `absent` and `text`.
    var plain: Set<DeviceState.Kind> = []
    /// Octets of the blobs, and of the buffers.
    var blobSizes: Set<Int> = []
    var bufferSizes: Set<Int> = []
    /// Whether any value that holds others or octets may stand there: what is sent is not known.
    var isOpen = false
    var structure: StructureShape?
    var array: Elements?
    var list: Elements?
    var tree: Entries?

    /// Those of an array or a list.
    struct Elements: Hashable {
        /// `nil` for any number.
        var counts: Set<Int>?
        /// One shape, or none as long as only empty ones were seen.
        var element: [Shape]
    }

    struct Entries: Hashable {
        var key: [Shape]
        var value: [Shape]
    }

    mutating func merge(_ other: Shape) {
        if self == other { return }
        if name != other.name { name = nil }
        plain.formUnion(other.plain)
        isOpen = isOpen || other.isOpen
        blobSizes.formUnion(other.blobSizes)
        bufferSizes.formUnion(other.bufferSizes)
        if let theirs = other.structure {
            structure = structure?.merged(with: theirs) ?? theirs
        }
        array = Shape.merged(array, other.array)
        list = Shape.merged(list, other.list)
        if let theirs = other.tree {
            guard let mine = tree else {
                tree = theirs
                return
            }
            tree = Entries(
                key: Shape.merged(mine.key, theirs.key),
                value: Shape.merged(mine.value, theirs.value))
        }
    }

    private static func merged(_ mine: Elements?, _ theirs: Elements?) -> Elements? {
        guard let mine, let theirs else { return mine ?? theirs }
        return Elements(
            counts: mine.counts.flatMap { mine in theirs.counts.map { mine.union($0) } },
            element: merged(mine.element, theirs.element))
    }

    static func merged(_ mine: [Shape], _ theirs: [Shape]) -> [Shape] {
        guard var shape = mine.first, let other = theirs.first else { return mine + theirs }
        shape.merge(other)
        return [shape]
    }
}

/// What structures of one place look like: their fields in order, and the subsections.
struct StructureShape: Hashable {
    struct Field: Hashable {
        var name: String
        var shape: Shape
        /// Whether a structure may lack it.
        var isOptional = false
    }

    struct Subsection: Hashable {
        var name: String
        /// `nil` where several versions were seen: then any is allowed.
        var version: UInt64?
        var body: StructureShape
    }

    /// What describes it, in a dump; structures of a stream have no name.
    var name: String?
    var fields: [Field]
    /// By name, in the order in which they were first seen.
    var subsections: [Subsection] = []

    func merged(with other: StructureShape) -> StructureShape {
        var result = self
        if name != other.name { result.name = nil }
        result.fields = StructureShape.merged(fields, other.fields)
        for theirs in other.subsections {
            let known = result.subsections.firstIndex { $0.name == theirs.name }
            if let known {
                if result.subsections[known].version != theirs.version {
                    result.subsections[known].version = nil
                }
                result.subsections[known].body =
                    result.subsections[known].body.merged(with: theirs.body)
            } else {
                result.subsections.append(theirs)
            }
        }
        return result
    }

    /// Fields that only one side has are optional.
    private static func merged(_ mine: [Field], _ theirs: [Field]) -> [Field] {
        if mine.map(\.name) == theirs.map(\.name) {
            return zip(mine, theirs).map { mine, theirs in
                var field = mine
                field.shape.merge(theirs.shape)
                field.isOptional = mine.isOptional || theirs.isOptional
                return field
            }
        }
        var result = byName(mine)
        let others = byName(theirs)
        var places: [String: Int] = [:]
        for index in result.indices { places[result[index].name] = index }
        var isShared = Array(repeating: false, count: result.count)
        for other in others {
            guard let place = places[other.name] else {
                result.append(other)
                result[result.count - 1].isOptional = true
                continue
            }
            isShared[place] = true
            result[place].shape.merge(other.shape)
            result[place].isOptional = result[place].isOptional || other.isOptional
        }
        for index in isShared.indices where !isShared[index] { result[index].isOptional = true }
        return result
    }

    /// The fields, those of one name as one. One that stands several times doesn't stand in order:
    /// it counts as optional.
    static func byName(_ fields: [Field]) -> [Field] {
        var result: [Field] = []
        var places: [String: Int] = [:]
        for field in fields {
            guard let place = places[field.name] else {
                places[field.name] = result.count
                result.append(field)
                continue
            }
            result[place].shape.merge(field.shape)
            result[place].isOptional = true
        }
        return result
    }
}
