/// A path, perhaps with wildcards, that chooses values of a stream's device state.
///
///     0000:00:01.3/piix4_pm[0].ar.pm1.evt.sts   a value
///     timer                                     all that a section holds, whatever its instance
///     */piix4_pm.ar.*                           * and ? stand for characters of one name
///     cpu[*].env.regs[0..3]                     [*] and ranges, for instances and elements
///     **.irq_level                              ** stands for any number of names and indices
///     "a name.with*odd characters"[0].x         in quotes, all is a name (\" \\ \u{1f})
///
/// A pattern that ends at a value that holds others chooses all of them. Names have dots of their
/// own: a dot stands for one of those as well as for a step down, a dot in quotes for the former
/// alone.
public struct DevicePathPattern: Sendable {
    enum Token: Hashable, Sendable {
        case character(UInt8)
        /// A dot: of a name, or between two.
        case dot
        case anyCharacter
        case anyCharacters
        case anything
        case index(ClosedRange<Int>)
    }

    /// Why a text is no pattern.
    public struct Fault: Error, Hashable, Sendable {
        /// Characters before the place.
        public var position: Int
        public var expected: String
    }

    /// How long a pattern may be, in octets of UTF-8.
    public static let lengthLimit = 4096

    public let text: String
    let tokens: [Token]

    public init(_ text: String) throws(Fault) {
        self.text = text
        tokens = try DevicePathPatternParser.tokens(text)
    }

    /// What of the pattern may come next, after a path has been matched up to some component.
    public struct State: Sendable {
        var words: [UInt64]

        /// Whether a longer path can still match.
        public var isDead: Bool { words.allSatisfy { $0 == 0 } }
    }

    enum Symbol {
        case character(UInt8)
        case step
        case place(Int)
    }

    /// The state behind a section's name and instance.
    public func state(section: String, instance: UInt32?) -> State {
        var state = State(words: Array(repeating: 0, count: tokens.count / 64 + 1))
        enter(0, &state)
        state = advance(state, Array(section.utf8))
        if let instance {
            // Without an instance, a pattern means any.
            merge(advance(state, Symbol.place(Int(instance))), into: &state)
        }
        return state
    }

    /// The state behind one more component.
    public func advance(_ state: State, _ component: DevicePath.Component) -> State {
        if state.isDead { return state }
        switch component {
        case .index(let index): return advance(state, Symbol.place(index))
        case .name(let name): return advance(advance(state, Symbol.step), Array(name.utf8))
        }
    }

    /// The state behind a name. Names have brackets of their own (`config[0]`): they are places, too.
    private func advance(_ state: State, _ name: [UInt8]) -> State {
        var state = state
        /// Where a number in brackets ends in the name, and the state behind it.
        var joins: [(end: Int, state: State)] = []
        for (place, octet) in name.enumerated() {
            if octet == 0x5b, let (number, end) = DevicePath.place(in: name, at: place) {
                joins.append((end, advance(state, Symbol.place(number))))
            }
            state = advance(state, Symbol.character(octet))
            if let join = joins.last, join.end == place + 1 {
                joins.removeLast()
                merge(join.state, into: &state)
            }
            if state.isDead, joins.isEmpty { return state }
        }
        return state
    }

    private func merge(_ other: State, into state: inout State) {
        for index in state.words.indices { state.words[index] |= other.words[index] }
    }

    /// Whether the path up to here is one that the pattern means.
    public func accepts(_ state: State) -> Bool { contains(tokens.count, state) }

    /// Whether the pattern means this path, or a value that holds it.
    public func matches(_ path: DevicePath) -> Bool {
        var state = state(section: path.section, instance: path.instance)
        if accepts(state) { return true }
        for component in path.components {
            state = advance(state, component)
            if accepts(state) { return true }
        }
        return false
    }

    private func contains(_ place: Int, _ state: State) -> Bool {
        state.words[place / 64] & (1 << UInt64(place % 64)) != 0
    }

    /// Adds a place, and those behind wildcards that may stand for nothing.
    private func enter(_ place: Int, _ state: inout State) {
        var place = place
        while true {
            state.words[place / 64] |= 1 << UInt64(place % 64)
            guard place < tokens.count,
                tokens[place] == .anyCharacters || tokens[place] == .anything
            else { return }
            place += 1
        }
    }

    private func advance(_ state: State, _ symbol: Symbol) -> State {
        var next = State(words: Array(repeating: 0, count: state.words.count))
        for word in state.words.indices where state.words[word] != 0 {
            var bits = state.words[word]
            while bits != 0 {
                let place = word * 64 + bits.trailingZeroBitCount
                bits &= bits - 1
                guard place < tokens.count else { continue }
                switch (tokens[place], symbol) {
                case (.character(let wanted), .character(let found)) where wanted == found:
                    enter(place + 1, &next)
                case (.dot, .character(0x2e)): enter(place + 1, &next)
                case (.dot, .step), (.anyCharacter, .character): enter(place + 1, &next)
                case (.index(let range), .place(let index)) where range.contains(index):
                    enter(place + 1, &next)
                case (.anyCharacters, .character), (.anything, _): enter(place, &next)
                default: break
                }
            }
        }
        return next
    }
}
