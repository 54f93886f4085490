/// PATTERN's regular expressions (X.680 annex A), matched against a whole string.
///
/// The expression becomes a program of steps that is run on all ways at once, so that the time is
/// bounded by the lengths of program and string, whatever the expression.
struct PatternMatcher {
    private var steps: [PatternStep] = []

    /// Steps that an expression may have; `#(1,100000)` inside another would have billions.
    static let stepLimit = 20_000

    /// - Returns: `nil` if the expression names character sets or values (`\N{…}`, `{name}`), has
    ///   more steps than the limit, or is none.
    init?(_ pattern: String) {
        var parser = PatternParser(Array(pattern.unicodeScalars.map(\.value)))
        guard let tree = parser.parse(), compile(tree) else { return nil }
        steps.append(.accept)
    }

    // MARK: Compiling

    private mutating func compile(_ tree: PatternTree) -> Bool {
        guard steps.count < PatternMatcher.stepLimit else { return false }
        switch tree {
        case .set(let set): steps.append(.take(set))
        case .wordBoundary: steps.append(.wordBoundary)
        case .sequence(let parts):
            for part in parts { guard compile(part) else { return false } }
        case .either(let parts):
            var exits: [Int] = []
            for (index, part) in parts.enumerated() {
                let isLast = index == parts.count - 1
                let fork = steps.count
                if !isLast { steps.append(.fork(0)) }
                guard compile(part) else { return false }
                if !isLast {
                    exits.append(steps.count)
                    steps.append(.jump(0))
                    steps[fork] = .fork(steps.count)
                }
            }
            for exit in exits { steps[exit] = .jump(steps.count) }
        case .repeated(let part, let least, let most):
            for _ in 0..<least { guard compile(part) else { return false } }
            if let most {
                var forks: [Int] = []
                for _ in least..<max(least, most) {
                    forks.append(steps.count)
                    steps.append(.fork(0))
                    guard compile(part) else { return false }
                }
                for fork in forks { steps[fork] = .fork(steps.count) }
            } else {
                let fork = steps.count
                steps.append(.fork(0))
                guard compile(part) else { return false }
                steps.append(.jump(fork))
                steps[fork] = .fork(steps.count)
            }
        }
        return steps.count < PatternMatcher.stepLimit
    }

    // MARK: Matching

    /// Whether all of `text`, characters' numbers, matches.
    func matches(_ text: [UInt32]) -> Bool {
        var current = Threads(steps.count)
        add(0, to: &current, text, at: 0)
        for (index, character) in text.enumerated() {
            var next = Threads(steps.count)
            for place in current.places {
                if case .take(let set) = steps[place], set.contains(character) {
                    add(place + 1, to: &next, text, at: index + 1)
                }
            }
            current = next
            if current.places.isEmpty { return false }
        }
        return current.places.contains(steps.count - 1)
    }

    /// The steps that wait for the next character, each once.
    private struct Threads {
        var places: [Int] = []
        var isKnown: [Bool]

        init(_ count: Int) { isKnown = Array(repeating: false, count: count) }
    }

    private func add(_ start: Int, to threads: inout Threads, _ text: [UInt32], at index: Int) {
        var open = [start]
        while let place = open.popLast() {
            if threads.isKnown[place] { continue }
            threads.isKnown[place] = true
            switch steps[place] {
            case .take, .accept: threads.places.append(place)
            case .jump(let target): open.append(target)
            case .fork(let target):
                open.append(target)
                open.append(place + 1)
            case .wordBoundary:
                let before = index > 0 && PatternSet.word.contains(text[index - 1])
                let after = index < text.count && PatternSet.word.contains(text[index])
                if before != after { open.append(place + 1) }
            }
        }
    }
}

/// A step of a compiled expression.
enum PatternStep {
    case take(PatternSet)
    case wordBoundary
    /// Goes on with the next step and with this one.
    case fork(Int)
    case jump(Int)
    case accept
}

/// An expression as it was read.
indirect enum PatternTree {
    case set(PatternSet)
    case wordBoundary
    case sequence([PatternTree])
    case either([PatternTree])
    case repeated(PatternTree, least: Int, most: Int?)
}

/// Characters that one place of an expression takes.
struct PatternSet {
    var ranges: [ClosedRange<UInt32>]
    var isComplement = false

    func contains(_ character: UInt32) -> Bool {
        ranges.contains { $0.contains(character) } != isComplement
    }

    /// `\n` (annex A, table A.1): line feed, vertical tab, form feed, carriage return.
    static let newline = PatternSet(ranges: [10...13])
    static let any = PatternSet(ranges: [10...13], isComplement: true)
    static let space = PatternSet(ranges: [9...13, 32...32])
    static let digit = PatternSet(ranges: [0x30...0x39])
    static let word = PatternSet(ranges: [0x30...0x39, 0x41...0x5a, 0x61...0x7a])
}
