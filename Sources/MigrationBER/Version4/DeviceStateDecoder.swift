import BER
import Migration

/// Reads `Field`s, `SubSecList`s and `Value`s of version 4 into a device's state.
struct DeviceStateDecoder {
    private(set) var state = DeviceState()
    private var names: [String: Int32] = [:]
    /// Nodes that runs have stood for so far.
    private var repeatedNodes = 0
    /// Values that are open, inside each other.
    private var depth = 0

    mutating func finish() -> DeviceState {
        state.finish()
        return state
    }

    /// Reads `fields` and `subsections` of the element that is open, and its end.
    mutating func parts(_ input: inout ElementReader) throws(MigrationError) {
        _ = try input.next(.sequence, constructed: true, "fields")
        while let field = try input.next() {
            guard field.tag == .sequence, field.isConstructed else {
                throw input.unexpected(field, "a Field")
            }
            let name = try input.text("name", range: 1...1020)
            input.path.append(name)
            try value(try input.next("value"), name: state.intern(name, &names), &input)
            try input.end()
            input.path.removeLast()
        }
        if let list = try input.next() {
            try subsections(list, &input)
            try input.end()
        }
    }

    /// Reads a `SubSecList` that was just opened, and its end.
    mutating func subsections(
        _ list: BERElement, _ input: inout ElementReader
    ) throws(MigrationError) {
        guard list.tag == SchemaTag.subSecList, list.isConstructed else {
            throw input.unexpected(list, "subsections")
        }
        while let element = try input.next() {
            guard element.tag == SchemaTag.subSection, element.isConstructed else {
                throw input.unexpected(element, "a SubSection")
            }
            let name = try input.text("name")
            let version = try input.unsigned32("versionid")
            input.path.append(name)
            let container = state.beginContainer(
                .subsection, name: state.intern(name, &names), version: version)
            try descend(element, input)
            defer { depth -= 1 }
            try parts(&input)
            state.endContainer(container)
            input.path.removeLast()
        }
    }

    /// Goes one level down, which is to be gone up again.
    /// - Throws: `limit` where that is one too many.
    private mutating func descend(
        _ element: BERElement, _ input: borrowing ElementReader
    ) throws(MigrationError) {
        depth += 1
        guard depth <= StreamLimit.valueDepth else {
            depth -= 1
            throw MigrationError(
                .limit, at: element.offset, path: input.pathText,
                expected: "at most \(StreamLimit.valueDepth) values inside each other",
                found: "one more",
                hint: "no QEMU has so many: the file is damaged or was made to do harm")
        }
    }

    /// A value. What holds others is read here, and all else outside, so that each level takes little
    /// stack.
    private mutating func value(
        _ element: BERElement, name: Int32, _ input: inout ElementReader
    ) throws(MigrationError) {
        guard let kind = ValueTag.kind(element.tag), kind.isContainer else {
            return try leaf(element, name: name, &input)
        }
        guard element.isConstructed else { throw input.unexpected(element, "a Value") }
        try descend(element, input)
        defer { depth -= 1 }
        switch kind {
        case .array: try array(name: name, &input)
        case .tree: try tree(name: name, &input)
        case .list:
            let container = state.beginContainer(.list, name: name)
            while let item = try input.next() { try value(item, name: -1, &input) }
            state.endContainer(container)
        default:
            let container = state.beginContainer(.structure, name: name)
            try parts(&input)
            state.endContainer(container)
        }
    }

    @inline(never)
    private mutating func tree(
        name: Int32, _ input: inout ElementReader
    ) throws(MigrationError) {
        let container = state.beginContainer(.tree, name: name)
        while let entry = try input.next() {
            guard entry.tag == .sequence, entry.isConstructed else {
                throw input.unexpected(entry, "a TreeEntry")
            }
            try value(try input.next("key"), name: -1, &input)
            try value(try input.next("value"), name: -1, &input)
            try input.end()
        }
        state.endContainer(container)
    }

    /// A value that holds no others.
    @inline(never)
    private mutating func leaf(
        _ element: BERElement, name: Int32, _ input: inout ElementReader
    ) throws(MigrationError) {
        if element.tag == ValueTag.uint8s {
            return state.add(
                .scalars, of: .uint8, name: name, octets: try input.octets(element))
        }
        guard let kind = ValueTag.kind(element.tag),
            !element.isConstructed || kind == .blob || kind == .buffer || kind == .text
        else { throw input.unexpected(element, "a Value") }
        switch kind {
        case .text:
            state.add(
                .text, name: name,
                octets: Array(try input.text(element, "text", range: 0...255).utf8))
        case .blob, .buffer:
            state.add(kind, name: name, octets: try input.octets(element))
        case .absent:
            guard element.length == 0 else { throw input.unexpected(element, "NULL") }
            state.add(.absent, name: name, bits: 0)
        default:
            state.add(kind, name: name, bits: try scalar(kind, element, &input))
        }
    }

    @inline(never)
    private func scalar(
        _ kind: DeviceState.Kind, _ element: BERElement, _ input: inout ElementReader
    ) throws(MigrationError) -> UInt64 {
        let bits = UInt64(8 * (kind.width ?? 8))
        if kind == .bool { return try input.boolean(element, "value") ? 1 : 0 }
        if kind.isSigned {
            let number = try input.signed(element, "value")
            let magnitude = UInt64(bitPattern: number < 0 ? ~number : number)
            guard magnitude >> (bits - 1) == 0 else {
                throw MigrationError(
                    .corrupt, at: element.contentOffset, path: input.pathText,
                    expected: "an int\(bits)", found: "\(number)")
            }
            return UInt64(bitPattern: number)
        }
        return try input.unsigned(
            element, limit: bits == 64 ? .max : 1 << bits - 1, "value")
    }

    /// An array under way: scalars of one kind are kept as octets until something else comes.
    private struct Gathering {
        var name: Int32
        var octets: [UInt8] = []
        var elementKind: DeviceState.Kind?
        var container: Int?
    }

    /// An array; one of scalars of one kind is kept as octets.
    ///
    /// Arrays can stand inside each other, so what the elements need lies outside this frame.
    @inline(never)
    private mutating func array(
        name: Int32, _ input: inout ElementReader
    ) throws(MigrationError) {
        var gathering = Gathering(name: name)
        while let element = try input.next() {
            if element.tag == RepeatCoding.tag, element.isConstructed {
                try run(&gathering, &input)
            } else if try !gather(element, &gathering, &input) {
                try value(element, name: -1, &input)
            }
        }
        finish(gathering)
    }

    /// Takes an element of a scalar array.
    /// - Returns: whether it is one; if not, a container has begun.
    @inline(never)
    private mutating func gather(
        _ element: BERElement, _ gathering: inout Gathering, _ input: inout ElementReader
    ) throws(MigrationError) -> Bool {
        let kind = ValueTag.kind(element.tag)
        if gathering.container == nil, let kind, kind.width != nil,
            gathering.elementKind ?? kind == kind, !element.isConstructed
        {
            gathering.elementKind = kind
            let bits = try scalar(kind, element, &input)
            kind.append(bits, to: &gathering.octets)
            return true
        }
        begin(&gathering)
        return false
    }

    /// Makes a container of what was gathered, if there is none yet.
    private mutating func begin(_ gathering: inout Gathering) {
        guard gathering.container == nil else { return }
        gathering.container = state.beginContainer(.array, name: gathering.name)
        spread(gathering.octets, gathering.elementKind)
        gathering.octets = []
    }

    private mutating func finish(_ gathering: Gathering) {
        if let container = gathering.container {
            state.endContainer(container)
        } else if let elementKind = gathering.elementKind {
            state.add(
                .scalars, of: elementKind, name: gathering.name, octets: gathering.octets)
        } else {
            state.endContainer(state.beginContainer(.array, name: gathering.name))
        }
    }

    /// A `Repeat`, and its end.
    @inline(never)
    private mutating func run(
        _ gathering: inout Gathering, _ input: inout ElementReader
    ) throws(MigrationError) {
        let number = try input.next(.integer, constructed: false, "count")
        let count = try input.unsigned(number, "count")
        let value = try input.next("value")
        let isScalar = ValueTag.kind(value.tag)?.width != nil && !value.isConstructed
        if isScalar, gathering.container == nil {
            try repeated(
                value, count, number, &gathering.octets, &gathering.elementKind, &input)
        } else {
            begin(&gathering)
            try repeated(value, count, number, &input)
        }
        try input.end()
    }

    /// A run of equal scalars.
    private mutating func repeated(
        _ element: BERElement, _ count: UInt64, _ number: BERElement, _ octets: inout [UInt8],
        _ elementKind: inout DeviceState.Kind?, _ input: inout ElementReader
    ) throws(MigrationError) {
        guard let kind = ValueTag.kind(element.tag), let width = kind.width,
            elementKind ?? kind == kind
        else { throw input.unexpected(element, "a number or BOOLEAN as the others in the array") }
        elementKind = kind
        guard count > 0, count <= UInt64((FormatLimit.held - octets.count) / width) else {
            throw MigrationError(
                .limit, at: number.offset, path: input.pathText,
                expected: "an array of at most \(FormatLimit.held) octets", found: "\(count) values"
            )
        }
        let bits = try scalar(kind, element, &input)
        for _ in 0..<count { kind.append(bits, to: &octets) }
    }

    /// A run of equal values of any kind.
    private mutating func repeated(
        _ element: BERElement, _ count: UInt64, _ number: BERElement,
        _ input: inout ElementReader
    ) throws(MigrationError) {
        let first = state.nodes.count
        try value(element, name: -1, &input)
        let size = state.nodes.count - first
        guard count > 0, count <= UInt64((RepeatCoding.nodeLimit - repeatedNodes) / max(size, 1))
        else {
            throw MigrationError(
                .limit, at: number.offset, path: input.pathText,
                expected: "runs of at most \(RepeatCoding.nodeLimit) values in a device",
                found: "\(count) times \(size) values")
        }
        repeatedNodes += Int(count) * size
        state.duplicate(first, count: Int(count) - 1)
    }

    /// Makes values of their own of scalars that turned out to have others beside them.
    private mutating func spread(_ octets: [UInt8], _ kind: DeviceState.Kind?) {
        guard let kind, let width = kind.width else { return }
        for at in stride(from: 0, to: octets.count, by: width) {
            state.add(kind, name: -1, bits: ScalarCursor.bits(octets, at: at, kind))
        }
    }
}
