internal import Migration
internal import QEMUStream

/// Compares the device state of two streams. Sections are matched by idstr and instance id, fields by
/// name, elements by place.
public struct StateDiff {
    /// Elements of one array, or octets of one buffer, that are told one by one.
    public static let elementLimit = 16

    private let ignored: [DevicePathPattern]
    private let isFull: Bool
    public private(set) var findings: [DiffFinding] = []
    private var path = DevicePath(section: "", instance: nil)

    /// - Parameters:
    ///   - ignored: what is not compared.
    ///   - isFull: whether all elements that differ are told one by one.
    public init(ignoring ignored: [DevicePathPattern], isFull: Bool) {
        self.ignored = ignored
        self.isFull = isFull
    }

    /// Compares, and orders the findings by path.
    public mutating func compare(_ before: [DeviceSection], _ after: [DeviceSection]) {
        var places: [DevicePath: Int] = [:]
        for (place, section) in after.enumerated() { places[section.path] = place }
        var common: [(path: DevicePath, number: Int, place: Int)] = []
        for (number, section) in before.enumerated() {
            path = section.path
            guard let place = places.removeValue(forKey: section.path) else {
                add(.removed, side(section), nil)
                continue
            }
            common.append((section.path, number, place))
            compare(section, after[place])
        }
        for place in places.values.sorted() {
            path = after[place].path
            add(.added, nil, side(after[place]))
        }
        // The configuration has no place among the sections.
        let first = (before.first?.version == nil ? 1 : 0, after.first?.version == nil ? 1 : 0)
        tellMoved(common.map { ($0.path, $0.number - first.0, $0.place - first.1) })
    }

    /// Compares what iterators sent.
    public mutating func compare(_ before: [IteratorDigest], _ after: [IteratorDigest]) {
        var others = Dictionary(after.map { ($0.path, $0) }) { first, _ in first }
        for digest in before {
            path = digest.path
            guard let other = others.removeValue(forKey: digest.path) else {
                add(.removed, side(digest), nil)
                continue
            }
            if digest.version != other.version { versions(digest.version, other.version) }
            var same = other
            same.version = digest.version
            if same != digest { add(.changed, side(digest), side(other)) }
        }
        for digest in after where others[digest.path] != nil {
            path = digest.path
            add(.added, nil, side(digest))
        }
    }

    /// Puts the findings into the order of their paths.
    public mutating func sort() { findings.sort { $0.path < $1.path } }

    /// Adds a finding that was made elsewhere.
    public mutating func add(_ finding: DiffFinding) {
        if !isIgnored(finding.path) { findings.append(finding) }
    }

    /// Whether a path is not to be compared.
    public func isIgnored(_ path: DevicePath) -> Bool { ignored.contains { $0.matches(path) } }

    private mutating func add(
        _ change: DiffFinding.Change, _ before: DiffFinding.Side?, _ after: DiffFinding.Side?,
        count: Int? = nil
    ) {
        guard !isIgnored(path) else { return }
        findings.append(
            DiffFinding(path: path, change: change, before: before, after: after, count: count))
    }

    private func side(_ digest: IteratorDigest) -> DiffFinding.Side {
        let crc = String(digest.checksum, radix: 16)
        return DiffFinding.Side(
            type: "iterator",
            text: "\(digest.records) records, \(digest.octets) octets, CRC-32C \(crc)",
            json: "{\"records\": \(digest.records), \"octets\": \(digest.octets), "
                + "\"crc\": \"\(crc)\"}")
    }

    private func side(_ section: DeviceSection) -> DiffFinding.Side {
        let version = section.version.map { "version \($0)" } ?? ""
        let size = section.size.map { "\($0) octets" } ?? ""
        return DiffFinding.Side(
            type: "section",
            text: [version, size].filter { !$0.isEmpty }.joined(separator: ", "),
            json: "{\"version\": \(section.version.map { "\($0)" } ?? "null"), "
                + "\"size\": \(section.size.map { "\($0)" } ?? "null")}")
    }

    private mutating func versions(_ before: UInt32, _ after: UInt32) {
        add(
            .version, DiffFinding.Side(type: "version", text: "\(before)", json: "\(before)"),
            DiffFinding.Side(type: "version", text: "\(after)", json: "\(after)"))
    }

    // MARK: Sections

    private mutating func compare(_ before: DeviceSection, _ after: DeviceSection) {
        if let one = before.version, let other = after.version, one != other {
            versions(one, other)
        }
        if before.isOpaque || after.isOpaque {
            return compareOctets(before, after)
        }
        compare(0, before.state, 0, after.state)
    }

    /// Octets, where one side at least has nothing else.
    private mutating func compareOctets(_ before: DeviceSection, _ after: DeviceSection) {
        func octets(_ section: DeviceSection) -> [UInt8] { DeviceEncoder.encode(section.state) }
        let one = octets(before)
        let other = octets(after)
        if before.size == after.size, one == other,
            before.checksum == after.checksum || before.checksum == nil || after.checksum == nil
        {
            return
        }
        bytes(one[...], other[...], "blob")
        // What differs may lie behind what was kept.
        if one == other { add(.changed, side(before), side(after)) }
    }

    /// Tells sections whose order changed: those outside the longest run that kept it.
    private mutating func tellMoved(
        _ common: [(path: DevicePath, number: Int, place: Int)]
    ) {
        var ends: [Int] = []
        var previous = Array(repeating: -1, count: common.count)
        for (index, section) in common.enumerated() {
            var low = 0
            var high = ends.count
            while low < high {
                let middle = (low + high) / 2
                if common[ends[middle]].place < section.place {
                    low = middle + 1
                } else {
                    high = middle
                }
            }
            if low > 0 { previous[index] = ends[low - 1] }
            if low == ends.count { ends.append(index) } else { ends[low] = index }
        }
        var kept: Set<Int> = []
        var index = ends.last ?? -1
        while index >= 0 {
            kept.insert(index)
            index = previous[index]
        }
        for index in common.indices where !kept.contains(index) {
            path = common[index].path
            let number = common[index].number
            let place = common[index].place
            add(
                .moved, DiffFinding.Side(type: "place", text: "\(number)", json: "\(number)"),
                DiffFinding.Side(type: "place", text: "\(place)", json: "\(place)"))
        }
    }

    // MARK: Values

    private mutating func compare(
        _ one: Int, _ before: DeviceState, _ other: Int, _ after: DeviceState
    ) {
        let left = before.nodes[one]
        let right = after.nodes[other]
        if left.kind.isContainer, right.kind.isContainer, left.kind == right.kind {
            if left.kind == .subsection, left.value != right.value {
                versions(
                    UInt32(truncatingIfNeeded: left.value), UInt32(truncatingIfNeeded: right.value))
            }
            return compareParts(one, before, other, after)
        }
        guard left.kind == right.kind, left.elementKind == right.elementKind else {
            return compareKinds(one, before, other, after)
        }
        switch left.kind {
        case .blob, .buffer:
            bytes(before.octets(of: left), after.octets(of: right), "\(left.kind)")
        case .scalars: elements(left, before, right, after)
        case .text:
            if before.octets(of: left) != after.octets(of: right) {
                add(.changed, value(one, before), value(other, after))
            }
        case .absent: break
        default:
            if left.value != right.value { add(.changed, value(one, before), value(other, after)) }
        }
    }

    /// Values of two kinds.
    private mutating func compareKinds(
        _ one: Int, _ before: DeviceState, _ other: Int, _ after: DeviceState
    ) {
        let left = before.nodes[one]
        let right = after.nodes[other]
        // Arrays without elements are of no kind; a width that version 3 doesn't tell is any.
        func isEmptyArray(_ node: DeviceState.Node, _ index: Int) -> Bool {
            node.kind == .scalars && node.length == 0
                || node.kind == .array && Int(node.end) == index + 1
        }
        if isEmptyArray(left, one), isEmptyArray(right, other) { return }
        let isNumber = left.kind == .number || right.kind == .number
        if isNumber, left.kind.width != nil || right.kind.width != nil, left.value == right.value {
            return
        }
        // What one reader opened may be octets to another.
        let octetKinds: [DeviceState.Kind] = [.blob, .buffer]
        if octetKinds.contains(left.kind) || octetKinds.contains(right.kind) {
            let octets = (octets(one, before), octets(other, after))
            if octets.0 == octets.1 { return }
            if octetKinds.contains(left.kind), octetKinds.contains(right.kind) {
                return bytes(octets.0[...], octets.1[...], "\(right.kind)")
            }
        }
        add(.type, value(one, before), value(other, after))
    }

    /// A value's octets on the wire.
    private func octets(_ index: Int, _ state: DeviceState) -> [UInt8] {
        var part = DeviceState()
        var names: [String: Int32] = [:]
        part.append(index, of: state, &names)
        part.finish()
        return DeviceEncoder.encode(part)
    }

    private mutating func compareParts(
        _ one: Int, _ before: DeviceState, _ other: Int, _ after: DeviceState
    ) {
        let left = before.namedChildren(of: one)
        let right = after.namedChildren(of: other)
        // Most often the names are the same in the same order.
        if left.count == right.count,
            zip(left, right).allSatisfy({ $0.components == $1.components })
        {
            for (first, second) in zip(left, right) {
                path.components += first.components
                compare(first.index, before, second.index, after)
                path.components.removeLast(first.components.count)
            }
            return
        }
        var rest = Dictionary(right.map { ($0.components, $0.index) }) { first, _ in first }
        for (index, components) in left {
            path.components += components
            if let match = rest.removeValue(forKey: components) {
                compare(index, before, match, after)
            } else {
                add(.removed, value(index, before), nil)
            }
            path.components.removeLast(components.count)
        }
        for (index, components) in right where rest[components] != nil {
            path.components += components
            add(.added, nil, value(index, after))
            path.components.removeLast(components.count)
        }
    }

    /// A value as a side of a finding.
    private func value(_ index: Int, _ state: DeviceState) -> DiffFinding.Side {
        let node = state.nodes[index]
        let type = ValueText.type(node, of: state)
        switch node.kind {
        case .structure, .array, .list, .tree:
            return DiffFinding.Side(type: type, text: "", json: "null")
        case .subsection:
            return DiffFinding.Side(
                type: type, text: "version \(node.value)", json: "{\"version\": \(node.value)}")
        case .text:
            let text = ValueText.quoted(state.octets(of: node))
            return DiffFinding.Side(type: type, text: text, json: text)
        case .absent: return DiffFinding.Side(type: type, text: "absent", json: "null")
        case .blob, .buffer, .scalars: return octetSide(state.octets(of: node), type)
        default:
            return DiffFinding.Side(
                type: type, text: ValueText.scalar(node.kind, node.value),
                json: ValueText.decimal(node.kind, node.value))
        }
    }

    private func octetSide(_ octets: ArraySlice<UInt8>, _ type: String) -> DiffFinding.Side {
        let shown = ValueText.hex(octets.prefix(16), separator: " ")
        return DiffFinding.Side(
            type: type, text: shown + (octets.count > 16 ? " …" : ""),
            json: "\"\(ValueText.hex(octets))\"")
    }

    // MARK: Many alike

    private mutating func bytes(
        _ one: ArraySlice<UInt8>, _ other: ArraySlice<UInt8>, _ type: String
    ) {
        if one.elementsEqual(other) { return }
        guard one.count == other.count else {
            return add(
                .changed, octetSide(one, "\(type)[\(one.count)]"),
                octetSide(other, "\(type)[\(other.count)]"))
        }
        let start = one.startIndex
        let shift = other.startIndex - start
        differing(
            one.indices.filter { one[$0] != other[$0 + shift] }.map { $0 - start },
            of: one.count, "octets"
        ) { place in
            (
                Self.scalar(.uint8, UInt64(one[start + place])),
                Self.scalar(.uint8, UInt64(other[start + shift + place]))
            )
        }
    }

    private mutating func elements(
        _ left: DeviceState.Node, _ before: DeviceState, _ right: DeviceState.Node,
        _ after: DeviceState
    ) {
        let one = before.octets(of: left)
        let other = after.octets(of: right)
        if one == other { return }
        let count = before.elementCount(left)
        guard left.length == right.length else {
            return add(
                .changed, octetSide(one, ValueText.type(left, of: before)),
                octetSide(other, ValueText.type(right, of: after)))
        }
        let places = (0..<count).filter {
            before.elementBits(left, at: $0) != after.elementBits(right, at: $0)
        }
        differing(places, of: count, "elements") { place in
            (
                Self.scalar(left.elementKind, before.elementBits(left, at: place)),
                Self.scalar(left.elementKind, after.elementBits(right, at: place))
            )
        }
    }

    private static func scalar(_ kind: DeviceState.Kind, _ bits: UInt64) -> DiffFinding.Side {
        DiffFinding.Side(
            type: "\(kind)", text: ValueText.scalar(kind, bits),
            json: ValueText.decimal(kind, bits))
    }

    /// Tells places one by one, or, if there are too many, together.
    private mutating func differing(
        _ places: [Int], of total: Int, _ what: String,
        _ sides: (Int) -> (DiffFinding.Side, DiffFinding.Side)
    ) {
        var wanted = places
        if !ignored.isEmpty {
            wanted = places.filter {
                var place = path
                place.components.append(.index($0))
                return !isIgnored(place)
            }
        }
        guard let first = wanted.first else { return }
        if !isFull, wanted.count > Self.elementLimit {
            let (before, after) = sides(first)
            func side(_ side: DiffFinding.Side) -> DiffFinding.Side {
                DiffFinding.Side(
                    type: "\(side.type)[\(total)]",
                    text: "\(wanted.count) of \(total) \(what), [\(first)] \(side.text)",
                    json: "{\"first\": \(first), \"value\": \(side.json)}")
            }
            return add(.changed, side(before), side(after), count: wanted.count)
        }
        for place in wanted {
            let (before, after) = sides(place)
            path.components.append(.index(place))
            add(.changed, before, after)
            path.components.removeLast()
        }
    }
}
