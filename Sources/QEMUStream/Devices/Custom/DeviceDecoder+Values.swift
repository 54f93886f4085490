import Migration

/// What custom types read: numbers, buffers, structures, lists.
///
/// Each call takes octets from the current position, within the field's limit, and adds a value. An
/// error leaves what was added behind; whoever called the custom type takes it back.
extension DeviceDecoder {
    /// Octets of the field that are left.
    var remaining: Int { limit - position }

    /// The octet that lies so far ahead, if the field has it.
    func octet(ahead offset: Int = 0) -> UInt8? {
        offset >= 0 && offset < remaining ? octets[position + offset] : nil
    }

    /// The number of `kind` that lies so far ahead, if the field has it.
    func look(_ kind: DeviceState.Kind, ahead offset: Int = 0) -> UInt64? {
        guard let width = kind.width, offset >= 0, width <= remaining - offset else { return nil }
        return kind.bits(octets[position + offset..<position + offset + width])
    }

    /// Reads a number.
    @discardableResult
    mutating func number(
        _ kind: DeviceState.Kind, _ name: String
    ) throws(Misfit) -> UInt64 {
        try number(kind, named: try interned(name))
    }

    /// Reads a number under a name that has a number already; -1 for an array's element.
    @discardableResult
    mutating func number(
        _ kind: DeviceState.Kind, named name: Int32
    ) throws(Misfit) -> UInt64 {
        let bits = kind.bits(try take(kind.width ?? 0, end: limit))
        // Another octet than 0 and 1 would not come back from a BOOLEAN.
        state.add(kind == .bool && bits > 1 ? .uint8 : kind, name: name, bits: bits)
        return bits
    }

    /// Reads numbers of one kind, one behind the other.
    mutating func numbers(_ kind: DeviceState.Kind, _ names: String...) throws(Misfit) {
        for name in names { try number(kind, name) }
    }

    /// Reads a number that tells how many elements or octets follow, each of which takes at least
    /// `least` octets.
    mutating func count(
        _ kind: DeviceState.Kind, _ name: String, least: Int = 1
    ) throws(Misfit) -> Int {
        let bits = try number(kind, name)
        guard bits <= UInt64(max(remaining, 0) / max(least, 1)) else {
            throw misfit("\(bits) elements in \(remaining) octets")
        }
        return Int(bits)
    }

    /// Reads an array of numbers.
    mutating func scalars(
        _ kind: DeviceState.Kind, _ name: String, count: Int
    ) throws(Misfit) {
        try scalars(kind, named: try interned(name), count: count)
    }

    mutating func scalars(
        _ kind: DeviceState.Kind, named name: Int32, count: Int
    ) throws(Misfit) {
        let width = kind.width ?? 1
        guard count >= 0, count <= max(remaining, 0) / width else {
            throw misfit("\(count) elements in \(remaining) octets")
        }
        let piece = try take(count * width, end: limit)
        let isBoolean = kind != .bool || piece.allSatisfy { $0 <= 1 }
        state.add(.scalars, of: isBoolean ? kind : .uint8, name: name, octets: piece)
    }

    /// Reads octets that have no finer structure.
    mutating func buffer(_ name: String, _ count: Int) throws(Misfit) {
        try buffer(named: try interned(name), count)
    }

    mutating func buffer(named name: Int32, _ count: Int) throws(Misfit) {
        state.add(.buffer, name: name, octets: try take(count, end: limit))
    }

    /// Reads octets that have a structure which is not known.
    mutating func blob(_ name: String, _ count: Int) throws(Misfit) {
        let number = try interned(name)
        state.add(.blob, name: number, octets: try take(count, end: limit))
    }

    /// Begins a value that holds others. ``end(_:)`` wants the result.
    mutating func begin(
        _ kind: DeviceState.Kind, _ name: String
    ) throws(Misfit) -> Int {
        state.beginContainer(kind, name: try interned(name))
    }

    /// Begins an element without a name, or one whose name has a number already.
    mutating func begin(_ kind: DeviceState.Kind, named name: Int32 = -1) -> Int {
        state.beginContainer(kind, name: name)
    }

    mutating func end(_ container: Int) { state.endContainer(container) }

    /// Reads an array of structures.
    mutating func structures(
        _ name: String, count: Int,
        _ body: (inout DeviceDecoder) throws(Misfit) -> Void
    ) throws(Misfit) {
        let array = try begin(.array, name)
        for _ in 0..<count {
            let element = begin(.structure)
            try body(&self)
            end(element)
        }
        end(array)
    }

    /// Reads a list: 01 before each element, 00 behind the last.
    mutating func list(
        named name: Int32, _ body: (inout DeviceDecoder) throws(Misfit) -> Void
    ) throws(Misfit) {
        let list = begin(.list, named: name)
        while octet() == 1 {
            position += 1
            let element = begin(.structure)
            try body(&self)
            end(element)
        }
        try expect(0, end: limit)
        end(list)
    }

    /// Reads a structure of a name.
    mutating func structure(
        _ name: String, _ body: (inout DeviceDecoder) throws(Misfit) -> Void
    ) throws(Misfit) {
        let container = try begin(.structure, name)
        try body(&self)
        end(container)
    }

    /// The name of the subsection that begins here, if one can.
    func subsectionName(prefix: String) -> String? {
        guard octet() == 5, let length = octet(ahead: 1), remaining >= 6 + Int(length) else {
            return nil
        }
        let start = position + 2
        guard
            let name = String(
                validating: octets[start..<start + Int(length)], as: UTF8.self),
            name.hasPrefix(prefix)
        else { return nil }
        return name
    }

    /// Reads the head of the subsection that begins here, and what `body` makes of its contents.
    mutating func subsection(
        _ name: String,
        _ body: (inout DeviceDecoder, _ version: UInt32) throws(Misfit) -> Void
    ) throws(Misfit) {
        let head = try take(6 + name.utf8.count, end: limit)
        let version = head.suffix(4).reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        let container = state.beginContainer(
            .subsection, name: try interned(name), version: version)
        try body(&self, version)
        end(container)
    }

    /// Tries ways to read the same octets, each from the same position. The one that `body` does
    /// not refuse is kept; if there are several, none is believed.
    mutating func onlyWay<Way: Sendable>(
        _ ways: [Way], _ body: (inout DeviceDecoder, Way) throws(Misfit) -> Void
    ) throws(Misfit) {
        let start = position
        let nodeCount = state.nodes.count
        let octetCount = state.octets.count
        let depth = path.count
        var fitting: [Way] = []
        var reason = misfit("no way to read this fits")
        for way in ways {
            do throws(Misfit) {
                try body(&self, way)
                if position == limit { fitting.append(way) }
            } catch {
                if error.isFinal { throw error }
                reason = error
            }
            position = start
            path.removeSubrange(depth...)
            state.rewind(nodes: nodeCount, octets: octetCount)
        }
        guard fitting.count < 2 else { throw misfit("there are several ways to read this") }
        guard let way = fitting.first else { throw reason }
        try body(&self, way)
    }
}
