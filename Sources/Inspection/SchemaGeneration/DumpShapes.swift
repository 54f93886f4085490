internal import Migration
internal import QEMUStream

/// What a `-dump-vmstate` file tells of the values that a device sends: names, which fields may be
/// missing, and the octets of C's types.
enum DumpShapes {
    /// - Parameter isCPU: whether it is a CPU's, or lies in one.
    static func structure(_ body: DumpDescription.Body, isCPU: Bool = false) -> StructureShape {
        let isCPU = isCPU || body.name == DumpFields.cpu
        var shape = StructureShape(name: body.name, fields: [])
        for field in body.fields where field.version <= body.version {
            let isVariable = DumpFields.isVariableArray(field.plainName, of: body.name)
            var value = self.shape(field, isCPU: isCPU)
            if let width = DumpFields.width(field.plainName, of: body.name) {
                value.name = nil
                value.plain.formUnion(DumpFields.scalars(width: width))
            }
            shape.fields.append(
                StructureShape.Field(
                    name: field.name, shape: value,
                    isOptional: field.isOptional || isVariable || field.count == 0))
        }
        // One that is listed twice (`sd-card` of 11.1 has such) is one.
        for part in body.subsections {
            var single = StructureShape(name: body.name, fields: shape.fields)
            single.subsections = [
                StructureShape.Subsection(
                    name: part.name, version: UInt64(exactly: part.version),
                    body: structure(part, isCPU: isCPU))
            ]
            shape = shape.merged(with: single)
        }
        return shape
    }

    private static func shape(_ field: DumpDescription.Field, isCPU: Bool) -> Shape {
        let element = self.element(field, isCPU: isCPU)
        let description = field.body.first?.name
        var elements = element
        // In an array of pointers, marks of null ones, and since 11.0 of others, too.
        if let description {
            elements.plain.formUnion([.absent, .uint8])
            elements.name = "\(description)-Element"
        }
        if let count = field.count {
            // The vmdesc has an array of one element as that element.
            var shape = count == 1 ? elements : Shape()
            shape.name = nil
            shape.array = Shape.Elements(
                counts: [Int(clamping: count)], element: [elements])
            // One that holds numbers of a kind of its own.
            if field.body.isEmpty, element.isOpen { shape.isOpen = true }
            return shape
        }
        // Without a number of elements it may be one, or an array whose length the device knows.
        var shape = element
        if let description {
            shape.name = "\(description)-Place"
            shape.plain.insert(.absent)
            shape.array = Shape.Elements(counts: nil, element: [elements])
            // A list's description is that of its elements; a tree's, of its values.
            shape.list = Shape.Elements(counts: nil, element: [element])
            shape.tree = Shape.Entries(key: [], value: [element])
        } else if !element.isOpen {
            shape.name = "Place\(8 * field.size)"
            shape.array = Shape.Elements(counts: nil, element: [numbers(field.size)])
        }
        return shape
    }

    /// One element: C's size is the wire's for numbers and buffers.
    private static func element(_ field: DumpDescription.Field, isCPU: Bool) -> Shape {
        var shape = Shape()
        if let body = field.body.first {
            shape.structure = structure(body, isCPU: isCPU)
            return shape
        }
        if isCPU {
            shape.name = "Register"
            shape.isOpen = true
            shape.plain = DumpFields.allScalars
            return shape
        }
        switch field.size {
        case 1, 2, 4, 8:
            shape = numbers(field.size)
            if field.count == nil { shape.bufferSizes = [Int(field.size)] }
        case DumpFields.timerSize:
            shape.plain = [.int64]
            shape.bufferSizes = [Int(DumpFields.timerSize)]
            shape.isOpen = true
        default:
            // A buffer, or a type of the device's own.
            shape.isOpen = true
            if let size = Int(exactly: field.size), size > 0 { shape.bufferSizes = [size] }
        }
        return shape
    }

    /// Numbers of so many octets.
    private static func numbers(_ size: UInt64) -> Shape {
        var shape = plain(DumpFields.scalars(width: Int(size)))
        shape.name = "Number\(8 * size)"
        return shape
    }

    private static func plain(_ kinds: Set<DeviceState.Kind>) -> Shape {
        var shape = Shape()
        shape.plain = kinds
        return shape
    }
}
