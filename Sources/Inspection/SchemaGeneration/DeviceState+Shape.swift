internal import Migration

extension DeviceState {
    /// The shape of the structure or subsection at `index`.
    func structureShape(_ index: Int) -> StructureShape {
        var fields: [StructureShape.Field] = []
        var subsections: [StructureShape.Subsection] = []
        for child in children(of: index) {
            let node = nodes[child]
            if node.kind == .subsection {
                subsections.append(
                    StructureShape.Subsection(
                        name: name(of: node), version: node.value, body: structureShape(child)))
            } else {
                fields.append(
                    StructureShape.Field(name: name(of: node), shape: shape(child)))
            }
        }
        return StructureShape(fields: fields, subsections: subsections)
    }

    private func shape(_ index: Int) -> Shape {
        let node = nodes[index]
        var shape = Shape()
        switch node.kind {
        case .blob: shape.blobSizes = [node.length]
        case .buffer: shape.bufferSizes = [node.length]
        case .structure, .subsection: shape.structure = structureShape(index)
        case .scalars:
            let width = node.elementKind.width ?? 1
            var element = Shape()
            element.plain = [node.elementKind]
            shape.array = Shape.Elements(counts: [node.length / width], element: [element])
        case .array: shape.array = elements(index)
        case .list: shape.list = elements(index)
        case .tree:
            var entries = Shape.Entries(key: [], value: [])
            var isKey = true
            for child in children(of: index) {
                if isKey {
                    entries.key = Shape.merged(entries.key, [self.shape(child)])
                } else {
                    entries.value = Shape.merged(entries.value, [self.shape(child)])
                }
                isKey.toggle()
            }
            shape.tree = entries
        default: shape.plain = [node.kind]
        }
        return shape
    }

    private func elements(_ index: Int) -> Shape.Elements {
        var count = 0
        var element: [Shape] = []
        for child in children(of: index) {
            count += 1
            element = Shape.merged(element, [shape(child)])
        }
        return Shape.Elements(counts: [count], element: element)
    }
}
