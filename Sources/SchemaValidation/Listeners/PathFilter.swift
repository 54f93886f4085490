public import ByteIO

/// Lets through what stands under some paths: `top[3].min.contents`.
public struct PathFilter<Inner: ValueListener>: ValueListener {
    public static var wantsEvents: Bool { true }

    public var inner: Inner
    private let program: ValidationProgram
    private let paths: [[Finding.Step]]
    /// For each path, the levels from the outermost on that are as wanted.
    private var onWay: [Int]
    private var level = 0
    /// The level at which a path ends, while its value is open.
    private var found: Int?
    /// For each path, whether anything was found.
    public private(set) var hasMatched: [Bool]

    public init(_ inner: Inner, program: ValidationProgram, paths: [[Finding.Step]]) {
        self.inner = inner
        self.program = program
        self.paths = paths
        onWay = Array(repeating: 0, count: paths.count)
        hasMatched = Array(repeating: false, count: paths.count)
    }

    public mutating func begin(_ event: ValueEvent) throws(ByteIOError) {
        defer { level += 1 }
        for path in paths.indices where level <= paths[path].count && onWay[path] == level {
            if level > 0, !isWanted(event, paths[path][level - 1]) { continue }
            onWay[path] = level + 1
            guard level == paths[path].count else { continue }
            hasMatched[path] = true
            if found == nil { found = level }
        }
        if found != nil { try inner.begin(event) }
    }

    private func isWanted(_ event: ValueEvent, _ step: Finding.Step) -> Bool {
        switch step {
        case .index(let number): event.isElement && number == event.index
        case .name(let name): event.name >= 0 && program.names[Int(event.name)] == name
        }
    }

    public mutating func content(
        _ event: ValueEvent, _ octets: RawSpan, isFirst: Bool, isLast: Bool
    ) throws(ByteIOError) {
        if found != nil { try inner.content(event, octets, isFirst: isFirst, isLast: isLast) }
    }

    public mutating func end(_ event: ValueEvent) throws(ByteIOError) {
        level -= 1
        if found != nil { try inner.end(event) }
        if found == level { found = nil }
        for path in onWay.indices { onWay[path] = min(onWay[path], level) }
    }

    public mutating func finish() throws(ByteIOError) { try inner.finish() }
}

/// Paths as people write them.
public enum PathText {
    /// `QemuFile.top[3].min`: the outermost type's name may stand first.
    /// - Returns: `nil` for what is no path.
    public static func parse(_ text: String, typeName: String) -> [Finding.Step]? {
        var steps: [Finding.Step] = []
        for part in text.split(separator: ".", omittingEmptySubsequences: false) {
            let pieces = part.split(separator: "[", omittingEmptySubsequences: false)
            guard let name = pieces.first else { return nil }
            if !name.isEmpty { steps.append(.name(String(name))) }
            for piece in pieces.dropFirst() {
                guard piece.hasSuffix("]"), let index = UInt64(piece.dropLast()) else { return nil }
                steps.append(.index(index))
            }
            if name.isEmpty, pieces.count < 2 { return nil }
        }
        if steps.first == .name(typeName) { steps.removeFirst() }
        return steps
    }
}
