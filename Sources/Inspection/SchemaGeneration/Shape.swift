internal import Migration

/// What values of one place look like: the alternatives of `Value` that were seen there.
///
/// Shapes of several values merge into one that allows them all. That is how elements of an array,
/// instances of a device and several streams of a machine get one description.
struct Shape: Hashable {
    /// Scalars, `absent` and `text`.
    var plain: Set<DeviceState.Kind> = []
    /// Octets of the blobs, and of the buffers.
    var blobSizes: Set<Int> = []
    var bufferSizes: Set<Int> = []
    var structure: StructureShape?
    var array: Elements?
    var list: Elements?
    var tree: Entries?

    /// Those of an array or a list.
    struct Elements: Hashable {
        var counts: Set<Int>
        /// One shape, or none as long as only empty ones were seen.
        var element: [Shape]
    }

    struct Entries: Hashable {
        var key: [Shape]
        var value: [Shape]
    }

    mutating func merge(_ other: Shape) {
        plain.formUnion(other.plain)
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
            counts: mine.counts.union(theirs.counts),
            element: merged(mine.element, theirs.element))
    }

    static func merged(_ mine: [Shape], _ theirs: [Shape]) -> [Shape] {
        guard var shape = mine.first, let other = theirs.first else { return mine + theirs }
        shape.merge(other)
        return [shape]
    }
}

/// What structures of one place look like: their fields in order, and the subsections seen.
struct StructureShape: Hashable {
    struct Field: Hashable {
        var name: String
        var shape: Shape
    }

    struct Subsection: Hashable {
        var name: String
        /// `nil` where several versions were seen: then any is allowed.
        var version: UInt64?
        var body: StructureShape
    }

    /// `nil` where structures with different fields were seen: then any are allowed.
    var fields: [Field]?
    /// By name, in the order in which they were first seen.
    var subsections: [Subsection] = []

    func merged(with other: StructureShape) -> StructureShape {
        var result = self
        if let mine = fields, let theirs = other.fields, mine.map(\.name) == theirs.map(\.name) {
            result.fields = zip(mine, theirs).map { field, their in
                var field = field
                field.shape.merge(their.shape)
                return field
            }
        } else {
            result.fields = nil
        }
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
}
