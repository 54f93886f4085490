public import ByteIO

/// Lets through what stands under one path: `top[3].min.contents`.
public struct PathFilter<Inner: ValueListener>: ValueListener {
    public static var wantsEvents: Bool { true }

    public var inner: Inner
    private let program: ValidationProgram
    private let wanted: [Finding.Step]
    /// Elements so far in the values that are open and on the way.
    private var counts: [UInt64] = []
    private var level = 0
    /// The level at which the path ends, while its value is open.
    private var found: Int?
    /// Whether anything was found.
    public private(set) var hasMatched = false

    public init(_ inner: Inner, program: ValidationProgram, path: [Finding.Step]) {
        self.inner = inner
        self.program = program
        wanted = path
    }

    public mutating func begin(_ event: ValueEvent) throws(ByteIOError) {
        defer {
            level += 1
            counts.append(0)
        }
        let index = counts.last ?? 0
        if !counts.isEmpty { counts[counts.count - 1] &+= 1 }
        if found != nil { return try inner.begin(event) }
        // The way so far is as wanted, or its counts would not be there.
        guard level <= wanted.count, onWay == level else { return }
        if level > 0, !isWanted(event, index) { return }
        onWay = level + 1
        if level == wanted.count {
            found = level
            hasMatched = true
            try inner.begin(event)
        }
    }

    /// Levels from the outermost on that are as wanted.
    private var onWay = 0

    private func isWanted(_ event: ValueEvent, _ index: UInt64) -> Bool {
        switch wanted[level - 1] {
        case .index(let number): event.isElement && number == index
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
        counts.removeLast()
        if found != nil { try inner.end(event) }
        if found == level { found = nil }
        onWay = min(onWay, level)
    }
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
