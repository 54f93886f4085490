public import Migration

/// A value that a path chose: a node of a section's state, or an element of an array of scalars.
public struct DeviceChoice: Sendable {
    public var path: DevicePath
    /// Into ``DeviceState/nodes``; 0 for the section itself.
    public var index: Int
    /// The place in an array of scalars, or the octet's in a buffer.
    public var element: Int?
}

/// Which values of a stream's device state patterns choose, and which pattern chose any.
public struct DeviceSelection: Sendable {
    public let patterns: [DevicePathPattern]
    /// By pattern: whether a value was found.
    public private(set) var isMatched: [Bool]
    /// By pattern: the paths nearest to it so far, while it has not matched.
    private var nearest: [[(distance: Int, path: String)]]

    /// Nearest paths that are kept for each pattern.
    private static let nearestLimit = 3
    /// Paths that are compared with a pattern; edit distances are dear.
    private var comparisonsLeft = 50_000

    public init(_ patterns: [DevicePathPattern]) {
        self.patterns = patterns
        isMatched = Array(repeating: false, count: patterns.count)
        nearest = Array(repeating: [], count: patterns.count)
    }

    /// The patterns that chose nothing, each with paths that there are and that look like it.
    public var unmatched: [(pattern: DevicePathPattern, nearest: [String])] {
        patterns.indices.filter { !isMatched[$0] }.map {
            (patterns[$0], nearest[$0].map(\.path))
        }
    }

    /// What the patterns choose of a section, in the order of the wire. What lies inside a value
    /// that was chosen isn't told again.
    public mutating func choose(
        _ section: borrowing DeviceSection,
        _ body: (DeviceChoice) throws(MigrationError) -> Void
    ) throws(MigrationError) {
        if patterns.isEmpty {
            return try body(DeviceChoice(path: section.path, index: 0, element: nil))
        }
        let states = patterns.map {
            $0.state(section: section.path.section, instance: section.path.instance)
        }
        var path = section.path
        try walk(0, of: section.state, &path, states, isChosen: false, body)
    }

    private mutating func walk(
        _ index: Int, of state: borrowing DeviceState, _ path: inout DevicePath,
        _ states: [DevicePathPattern.State], isChosen: Bool,
        _ body: (DeviceChoice) throws(MigrationError) -> Void
    ) throws(MigrationError) {
        var isChosen = isChosen
        let accepts = accept(states)
        if accepts, !isChosen {
            isChosen = true
            try body(DeviceChoice(path: path, index: index, element: nil))
        }
        if !accepts { compare(path) }
        let isOpen = patterns.indices.contains {
            (!isChosen || !isMatched[$0]) && !states[$0].isDead
        }
        guard isOpen || !isMatched.allSatisfy({ $0 }) && comparisonsLeft > 0 else { return }
        let node = state.nodes[index]
        if [.scalars, .blob, .buffer].contains(node.kind) {
            if isOpen {
                try elements(of: node, at: index, state, &path, states, isChosen: isChosen, body)
            }
            return
        }
        for (child, components) in state.namedChildren(of: index) {
            var next = states
            for component in components {
                path.components.append(component)
                for place in next.indices {
                    next[place] = patterns[place].advance(next[place], component)
                }
            }
            try walk(child, of: state, &path, next, isChosen: isChosen, body)
            path.components.removeLast(components.count)
        }
    }

    private mutating func elements(
        of node: DeviceState.Node, at index: Int, _ state: borrowing DeviceState,
        _ path: inout DevicePath, _ states: [DevicePathPattern.State], isChosen: Bool,
        _ body: (DeviceChoice) throws(MigrationError) -> Void
    ) throws(MigrationError) {
        // An element has no name: only a pattern that ends with an index can mean it alone.
        let isWanted = patterns.indices.contains {
            patterns[$0].endsWithIndex && !states[$0].isDead
        }
        guard isWanted else { return }
        for place in 0..<state.elementCount(node) {
            let next = patterns.indices.map { patterns[$0].advance(states[$0], .index(place)) }
            guard accept(next), !isChosen else { continue }
            path.components.append(.index(place))
            try body(DeviceChoice(path: path, index: index, element: place))
            path.components.removeLast()
        }
    }

    private mutating func accept(_ states: [DevicePathPattern.State]) -> Bool {
        var isAccepted = false
        for place in patterns.indices where patterns[place].accepts(states[place]) {
            isMatched[place] = true
            isAccepted = true
        }
        return isAccepted
    }

    // MARK: What the user may have meant

    private mutating func compare(_ path: DevicePath) {
        if case .index? = path.components.last { return }
        guard comparisonsLeft > 0, isMatched.contains(false) else { return }
        comparisonsLeft -= 1
        let text = path.description
        for place in patterns.indices where !isMatched[place] {
            let wanted = patterns[place].text
            var worst = max(wanted.utf8.count / 2, 1)
            if nearest[place].count == Self.nearestLimit, let last = nearest[place].last {
                worst = last.distance - 1
            }
            var distance: Int?
            for variant in Self.variants(path, text) {
                let found =
                    variant.hasPrefix(wanted)
                    ? 1 : EditDistance.between(wanted, variant, limit: distance ?? worst)
                if let found, found <= worst { distance = min(distance ?? found, found) }
            }
            guard let distance else { continue }
            let at = nearest[place].firstIndex { $0.distance > distance } ?? nearest[place].count
            nearest[place].insert((distance, text), at: at)
            if nearest[place].count > Self.nearestLimit { nearest[place].removeLast() }
        }
    }

    /// What a user may have written for the path: the instance or the bus left out.
    private static func variants(_ path: DevicePath, _ text: String) -> [String] {
        var variants = [text]
        if let instance = path.instance { variants.append(text.replacingFirst("[\(instance)]")) }
        if let slash = path.section.lastIndex(of: "/") {
            let bus = DevicePath.quoted(String(path.section[...slash]))
            if text.hasPrefix(bus) { variants += variants.map { String($0.dropFirst(bus.count)) } }
        }
        return variants
    }
}

extension DevicePathPattern {
    /// Whether the last thing it wants is an index.
    var endsWithIndex: Bool {
        if case .index? = tokens.last { return true }
        return false
    }
}

extension String {
    /// Without the first occurrence of a text.
    fileprivate func replacingFirst(_ part: String) -> String {
        let octets = Array(utf8)
        guard let range = octets.firstPlace(of: Array(part.utf8)) else { return self }
        return String(
            decoding: octets[..<range.lowerBound] + octets[range.upperBound...], as: UTF8.self)
    }
}
