import Migration

/// Turns a device's octets into fields by its description.
///
/// The description says which fields were sent and how long each one is; the octets must agree
/// with it to the last one. Where just an inner part disagrees, that part becomes a blob of the
/// length that the description gives it, and a note tells of it.
struct DeviceDecoder: ~Copyable {
    /// Why a description doesn't fit.
    struct Misfit: Error {
        /// Octets from the start of the body.
        var offset: Int
        var field: String
        var reason: String
        /// Whether trying otherwise is no use.
        var isFinal = false
    }

    /// Elements of an array that have no octets each.
    static let emptyElementLimit: UInt64 = 4096
    /// Values that are looked at in a device, besides some for each octet. Descriptions can be made
    /// so that few octets become endless values; QEMU's are far below.
    static let valueLimit = 1 << 16
    static let valuesPerOctet = 32

    let octets: [UInt8]
    var state = DeviceState()
    /// Parts that became blobs.
    var notes: [Misfit] = []
    private var names: [String: Int32] = [:]
    var position = 0
    /// Where the field ends that a custom type looks into.
    var limit = 0
    var path: [String] = []
    /// The handler's name, without the path of its bus.
    private let handler: String
    /// Names of the descriptions that the field lies in, the device's own first.
    private var owners: [String] = []
    /// Values looked at, those included that were taken back.
    private var valueCount = 0

    /// - Parameter section: the section's name, as in `0000:00:02.0/vga`.
    init(_ octets: [UInt8], section: String = "") {
        self.octets = octets
        handler = section.split(separator: "/").last.map { String($0) } ?? ""
    }

    /// Decodes all octets by `body`, and proves that the fields give them back.
    mutating func decode(_ body: VMDescription.Body) throws(Misfit) {
        try sized(body, end: octets.count)
        state.finish()
        let again = DeviceEncoder.encode(state)
        guard again == octets else {
            let at = zip(again, octets).enumerated().first { $0.element.0 != $0.element.1 }?.offset
            throw Misfit(
                offset: at ?? min(again.count, octets.count), field: "",
                reason: "the fields don't give the octets back")
        }
    }

    // MARK: Bodies

    /// A body that must end at `end`.
    private mutating func sized(_ body: VMDescription.Body, end: Int) throws(Misfit) {
        guard let total = body.total else { throw misfit("sizes out of all bounds") }
        let length = end - position
        if total == UInt64(length) {
            try self.body(body, end: end, refit: nil)
        } else {
            try refit(body, end: end, total: total)
        }
        guard position == end else {
            throw misfit("the fields have \(position - end + length) octets of \(length)")
        }
    }

    mutating func body(
        _ body: VMDescription.Body, end: Int, refit: (group: Int, length: Int)?
    ) throws(Misfit) {
        owners.append(body.name)
        defer { owners.removeLast() }
        var index = 0
        while index < body.fields.count {
            let group = PointerArrays.group(body.fields, at: index)
            if let refit, refit.group == index {
                try misdescribed(body.fields[group], end: position + refit.length)
            } else {
                try fieldGroup(body.fields[group], end: end)
            }
            index = group.upperBound
        }
        for subsection in body.subsections { try self.subsection(subsection, end: end) }
    }

    private mutating func subsection(_ body: VMDescription.Body, end: Int) throws(Misfit) {
        path.append(body.name)
        defer { path.removeLast() }
        let name = Array(body.name.utf8)
        let head = 6 + name.count
        guard end - position >= head, octets[position] == 5,
            Int(octets[position + 1]) == name.count,
            octets[position + 2..<position + 2 + name.count].elementsEqual(name)
        else { throw misfit("the subsection does not begin here") }
        let version = octets[position + head - 4..<position + head]
            .reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        position += head
        let number = try interned(body.name)
        let container = state.beginContainer(.subsection, name: number, version: version)
        try self.body(body, end: end, refit: nil)
        state.endContainer(container)
    }

    // MARK: Fields

    /// Entries of one name that follow each other are one array, told in parts.
    private mutating func fieldGroup(
        _ fields: ArraySlice<VMDescription.Field>, end: Int
    ) throws(Misfit) {
        guard let first = fields.first else { return }
        path.append(first.name)
        defer { path.removeLast() }
        let name = try interned(first.name)
        if fields.count == 1 {
            guard let length = first.arrayLength else {
                return try element(first, name: name, end: end)
            }
            try array(first, length: length, name: name, end: end)
        } else {
            let container = state.beginContainer(.array, name: name)
            for field in fields {
                for _ in 0..<(try elementCount(field, field.arrayLength ?? 1)) {
                    try element(field, name: -1, end: end)
                }
            }
            state.endContainer(container)
        }
    }

    private func elementCount(
        _ field: VMDescription.Field, _ length: UInt64
    ) throws(Misfit) -> Int {
        // Elements without octets can be told in any number; only so many are believed.
        let limit = field.size > 0 ? UInt64(octets.count) : DeviceDecoder.emptyElementLimit
        guard length <= limit else {
            throw misfit("an array of \(length) elements of \(field.size) octets")
        }
        return Int(length)
    }

    mutating func array(
        _ field: VMDescription.Field, length: UInt64, name: Int32, end: Int
    ) throws(Misfit) {
        let count = try elementCount(field, length)
        if let kind = FieldTypes.scalar(type: field.type, size: field.size), let width = kind.width
        {
            let piece = try take(count * width, end: end)
            let isBoolean = kind == .bool && piece.allSatisfy { $0 <= 1 }
            state.add(
                .scalars, of: kind == .bool && !isBoolean ? .uint8 : kind, name: name,
                octets: piece)
            return
        }
        let container = state.beginContainer(.array, name: name)
        for _ in 0..<count { try element(field, name: -1, end: end) }
        state.endContainer(container)
    }

    mutating func element(
        _ field: VMDescription.Field, name: Int32, end: Int
    ) throws(Misfit) {
        valueCount += 1
        guard valueCount <= DeviceDecoder.valueLimit + DeviceDecoder.valuesPerOctet * octets.count
        else {
            var error = misfit("more than \(valueCount - 1) values in \(octets.count) octets")
            error.isFinal = true
            throw error
        }
        guard let size = Int(exactly: field.size), size <= end - position else {
            throw misfit("\(field.size) octets, \(end - position) are left")
        }
        if let kind = FieldTypes.scalar(type: field.type, size: field.size) {
            return scalar(kind, name: name, size: size)
        }
        switch field.type {
        case "nullptr", "ptr-marker":
            if size == 1 { return marker(name) }
        case "qtailq", "qlist":
            return try attempt(size, name: name) { (decoder, end) throws(Misfit) in
                try decoder.list(field.bodies, name: name, end: end)
            }
        case "gtree":
            return try attempt(size, name: name) { (decoder, end) throws(Misfit) in
                try decoder.tree(field.bodies, name: name, end: end)
            }
        case "capability":
            return try attempt(size, name: name) { (decoder, end) throws(Misfit) in
                try decoder.text(name: name, end: end)
            }
        default: break
        }
        if field.bodies.count == 1, field.bodies[0].isDescribed {
            return try attempt(size, name: name) { (decoder, end) throws(Misfit) in
                try decoder.structure(field.bodies[0], name: name, end: end)
            }
        }
        // Up to 9.2 a null pointer is a struct without a description.
        if field.type == "struct", size == 1, octets[position] == PointerArrays.null {
            return marker(name)
        }
        try opaque(field, name: name, size: size)
    }

    /// A field of which the description tells just a type and a size.
    private mutating func opaque(
        _ field: VMDescription.Field, name: Int32, size: Int
    ) throws(Misfit) {
        let place = CustomType.Place(
            type: field.type, field: field.name, owner: owners.last ?? "",
            device: owners.first ?? "", handler: handler)
        let end = position + size
        if size > 0, let custom = CustomTypes.find(place) {
            let start = position
            let outer = limit
            let nodeCount = state.nodes.count
            let octetCount = state.octets.count
            let depth = path.count
            limit = end
            defer { limit = outer }
            do throws(Misfit) {
                try custom.parse(&self, name, place)
                if position == end { return }
            } catch {
                if error.isFinal { throw error }
            }
            position = start
            path.removeSubrange(depth...)
            state.rewind(nodes: nodeCount, octets: octetCount)
        }
        let isBuffer = place.isBuffer
        state.add(isBuffer ? .buffer : .blob, name: name, octets: octets[position..<end])
        position = end
    }

    /// Runs a decoder for an element of `size` octets; makes it a blob if that fails.
    private mutating func attempt(
        _ size: Int, name: Int32,
        _ decode: (inout DeviceDecoder, _ end: Int) throws(Misfit) -> Void
    ) throws(Misfit) {
        let start = position
        let nodeCount = state.nodes.count
        let octetCount = state.octets.count
        let depth = path.count
        do throws(Misfit) {
            try decode(&self, start + size)
            if position == start + size { return }
            throw misfit("\(position - start) octets of \(size) are described")
        } catch {
            if error.isFinal { throw error }
            notes.append(error)
            path.removeSubrange(depth...)
            state.rewind(nodes: nodeCount, octets: octetCount)
            position = start + size
            state.add(.blob, name: name, octets: octets[start..<position])
        }
    }

    private mutating func scalar(_ kind: DeviceState.Kind, name: Int32, size: Int) {
        let bits = kind.bits(octets[position..<position + size])
        position += size
        // Other octets than 0 and 1 are true for QEMU, but would not come back from a BOOLEAN.
        state.add(kind == .bool && bits > 1 ? .uint8 : kind, name: name, bits: bits)
    }

    mutating func marker(_ name: Int32) {
        let octet = octets[position]
        position += 1
        if octet == PointerArrays.null {
            state.add(.absent, name: name, bits: 0)
        } else {
            state.add(.uint8, name: name, bits: UInt64(octet))
        }
    }

    private mutating func text(name: Int32, end: Int) throws(Misfit) {
        let length = Int(try take(1, end: end).first ?? 0)
        let start = position
        let piece = try take(length, end: end)
        guard String(validating: piece, as: UTF8.self) != nil else {
            position = start
            throw misfit("text that is no UTF-8")
        }
        state.add(.text, name: name, octets: piece)
    }

    private mutating func structure(
        _ body: VMDescription.Body, name: Int32, end: Int
    ) throws(Misfit) {
        let container = state.beginContainer(.structure, name: name)
        try sized(body, end: end)
        state.endContainer(container)
    }

    private mutating func list(
        _ bodies: [VMDescription.Body], name: Int32, end: Int
    ) throws(Misfit) {
        let container = state.beginContainer(.list, name: name)
        for body in bodies {
            try expect(1, end: end)
            let inner = state.beginContainer(.structure, name: -1)
            try self.body(body, end: end, refit: nil)
            state.endContainer(inner)
        }
        try expect(0, end: end)
        state.endContainer(container)
    }

    private mutating func tree(
        _ bodies: [VMDescription.Body], name: Int32, end: Int
    ) throws(Misfit) {
        let count = try take(4, end: end).reduce(0) { $0 << 8 | Int($1) }
        // A "direct" key is a bare be64, without a description.
        let hasDirectKeys = bodies.count == count
        guard hasDirectKeys || bodies.count == 2 * count else {
            throw misfit("\(count) entries, \(bodies.count) descriptions")
        }
        let container = state.beginContainer(.tree, name: name)
        var next = 0
        for _ in 0..<count {
            try expect(1, end: end)
            if hasDirectKeys {
                guard end - position >= 8 else { throw misfit("a key of 8 octets") }
                scalar(.uint64, name: -1, size: 8)
            }
            for _ in 0..<(hasDirectKeys ? 1 : 2) {
                let inner = state.beginContainer(.structure, name: -1)
                try self.body(bodies[next], end: end, refit: nil)
                state.endContainer(inner)
                next += 1
            }
        }
        try expect(0, end: end)
        state.endContainer(container)
    }

    // MARK: Helpers

    mutating func take(_ count: Int, end: Int) throws(Misfit) -> ArraySlice<UInt8> {
        guard count >= 0, count <= end - position else {
            throw misfit("\(count) octets, \(end - position) are left")
        }
        position += count
        return octets[position - count..<position]
    }

    mutating func expect(_ octet: UInt8, end: Int) throws(Misfit) {
        guard position < end, octets[position] == octet else {
            throw misfit("the octet \(octet) of a list")
        }
        position += 1
    }

    mutating func interned(_ name: String) throws(Misfit) -> Int32 {
        guard (1...255).contains(name.unicodeScalars.count) else {
            throw misfit("a name of 1 to 255 characters")
        }
        return state.intern(name, &names)
    }

    func misfit(_ reason: String) -> Misfit {
        Misfit(offset: position, field: path.joined(separator: "."), reason: reason)
    }
}
