public import ByteIO

/// One element's head, as the reader found it.
public struct BERElement: Hashable, Sendable, BitwiseCopyable {
    public var tag: Tag
    public var isConstructed: Bool
    /// Content octets; `nil` for the indefinite form.
    public var length: UInt64?
    /// Octets from the start of the input to the first identifier octet.
    public var offset: UInt64
    /// Octets of identifier and length.
    public var headSize: Int
    /// How many elements stand around this one.
    public var depth: Int

    /// Octets from the start of the input to the content.
    public var contentOffset: UInt64 { offset + UInt64(headSize) }
}

/// A streaming reader of BER: element by element, without a schema, in bounded memory.
///
/// It takes all that X.690 allows (and, by ``EncodingRules``, just a part of that). After a
/// primitive element its content can be read through ``loadContent(_:)`` and ``content``; what is
/// left of it is passed over. Nesting costs a few octets a level, not a stack frame.
public struct BERReader: ~Copyable {
    public enum Event: Sendable {
        /// A primitive element, or a constructed one whose elements follow.
        case element(BERElement)
        /// The innermost open constructed element has ended.
        /// - Parameters:
        ///   - start: the offset of that element.
        ///   - isIndefinite: whether end-of-contents octets ended it, the two before here.
        case end(start: UInt64, isIndefinite: Bool)
        case endOfInput
    }

    struct Frame: BitwiseCopyable {
        /// Where the element begins.
        var start: UInt64
        /// Behind the last octet that it or anything in it may have.
        var limit: UInt64
        var isIndefinite: Bool
    }

    /// Elements inside each other, unless told otherwise.
    public static let usualDepthLimit = 10_000

    private var source: ByteSource
    private let rules: EncodingRules
    private let depthLimit: Int
    private var frames: [Frame] = []
    /// Content octets of the current primitive element that have not been consumed.
    public private(set) var contentLeft: UInt64 = 0
    private var current: UInt64 = 0
    /// The checksum over what stood before the last element's identifier octets.
    public private(set) var checksumBefore: CRC32C?

    public init(
        _ source: consuming ByteSource, rules: EncodingRules = .ber,
        depthLimit: Int = BERReader.usualDepthLimit
    ) {
        self.source = source
        self.rules = rules
        self.depthLimit = depthLimit
    }

    /// Octets from the start of the input to the next one to be looked at.
    public var position: UInt64 { source.position }
    /// Elements that are open.
    public var depth: Int { frames.count }
    /// The input's size, where it is known.
    public var inputSize: UInt64? { source.size }

    /// A checksum over all octets that have been consumed since it was set.
    public var checksum: CRC32C? {
        get { source.checksum }
        set { source.checksum = newValue }
    }

    /// Octets that are read at a time; fewer where most content is passed over.
    public var usualWindow: Int {
        get { source.usualWindow }
        set { source.usualWindow = newValue }
    }

    // MARK: Structure

    /// The next element, the end of one, or the end of the input.
    /// - Throws: ``BERError``. Faults of the framing are final: the reader must not be used after.
    public mutating func next() throws(BERError) -> Event {
        if contentLeft > 0 { try passContent() }
        if let frame = frames.last, !frame.isIndefinite, source.position == frame.limit {
            frames.removeLast()
            return .end(start: frame.start, isIndefinite: false)
        }
        let start = source.position
        while true {
            switch ElementHead.parse(source.window) {
            case .complete(let head):
                return try open(head, at: start)
            case .fault(let code, let at):
                throw BERError(code, element: start, at: start + UInt64(at))
            case .incomplete:
                let before = source.available
                let isMore: Bool
                do { isMore = try source.extend() } catch { throw failure(error) }
                if isMore { continue }
                if before == 0, frames.isEmpty { return .endOfInput }
                throw BERError(
                    .truncated, element: before == 0 ? frames.last?.start ?? start : start,
                    at: start + UInt64(before),
                    before == 0 ? "an element is open" : "the input ends in an element's head")
            }
        }
    }

    private mutating func open(_ head: ElementHead, at start: UInt64) throws(BERError) -> Event {
        let lengthAt = start + UInt64(head.lengthAt)
        if head.tag == .endOfContents {
            guard let frame = frames.last, frame.isIndefinite else {
                throw BERError(.unexpectedEndOfContents, element: start, at: start)
            }
            guard head.length == 0, head.size == 2, !head.isConstructed else {
                throw BERError(.endOfContentsLength, element: start, at: lengthAt)
            }
            guard start + 2 <= frame.limit else {
                throw BERError(
                    .lengthOverrunsParent, element: start, at: lengthAt,
                    "end-of-contents lies beyond the end of an element around it")
            }
            source.consume(2)
            frames.removeLast()
            return .end(start: frame.start, isIndefinite: true)
        }
        if rules.demandsMinimalLength, !head.isLengthMinimal {
            throw BERError(.lengthNotMinimal, element: start, at: lengthAt)
        }
        let limit = frames.last?.limit ?? UInt64.max
        let contentStart = start + UInt64(head.size)
        let (end, overflow) = contentStart.addingReportingOverflow(head.length ?? 0)
        guard !overflow, end <= limit else {
            throw BERError(
                .lengthOverrunsParent, element: start, at: lengthAt,
                "wants \(head.length ?? 0) octets, the element around it has "
                    + "\(limit - min(contentStart, limit)) left")
        }
        if head.isConstructed {
            if head.length == nil, !rules.allowsIndefiniteLength {
                throw BERError(.indefiniteForbidden, element: start, at: lengthAt)
            }
            if head.length != nil, !rules.allowsDefiniteConstructed {
                throw BERError(.definiteForbidden, element: start, at: lengthAt)
            }
            guard frames.count < depthLimit else {
                throw BERError(
                    .depth, element: start, at: start, "more than \(depthLimit) levels")
            }
            frames.append(
                Frame(
                    start: start, limit: head.length == nil ? limit : end,
                    isIndefinite: head.length == nil))
        } else {
            guard let length = head.length else {
                throw BERError(.indefinitePrimitive, element: start, at: lengthAt)
            }
            contentLeft = length
            current = start
        }
        checksumBefore = source.checksum
        source.consume(head.size)
        return .element(
            BERElement(
                tag: head.tag, isConstructed: head.isConstructed, length: head.length,
                offset: start, headSize: head.size,
                depth: frames.count - (head.isConstructed ? 1 : 0)))
    }

    // MARK: Content of a primitive element

    /// Reads content into the window, up to `limit` octets of what is left.
    /// - Returns: how many octets ``content`` has now: all that is left, or `limit`.
    /// - Throws: ``BERError`` with code `truncated` if the input ends before.
    @discardableResult
    public mutating func loadContent(_ limit: Int) throws(BERError) -> Int {
        let wanted = Int(min(UInt64(clamping: limit), contentLeft))
        let got: Int
        do { got = try source.ensure(wanted) } catch { throw failure(error) }
        guard got >= wanted else { throw truncated() }
        return wanted
    }

    /// The content octets in the window, from the first one not consumed.
    public var content: RawSpan {
        @_lifetime(borrow self)
        get {
            let window = source.window
            return window.extracting(
                first: Int(min(UInt64(window.byteCount), contentLeft)))
        }
    }

    /// Takes `count` content octets away. Traps if ``content`` has fewer.
    public mutating func consumeContent(_ count: Int) {
        precondition(count >= 0 && UInt64(count) <= contentLeft)
        source.consume(count)
        contentLeft -= UInt64(count)
    }

    private mutating func passContent() throws(BERError) {
        let left = contentLeft
        let passed: UInt64
        do { passed = try source.skip(left) } catch { throw failure(error) }
        contentLeft -= passed
        guard contentLeft == 0 else { throw truncated() }
    }

    private func truncated() -> BERError {
        let end = source.position + UInt64(source.available)
        return BERError(
            .truncated, element: current, at: end,
            "the element wants \(contentLeft - UInt64(source.available)) octets more")
    }

    // MARK: A whole element at once

    /// Reads all of a definite constructed element that was just opened into the window, if it has
    /// at most `limit` octets.
    /// - Returns: its content's length; `nil` if it is longer, or indefinite, and so must be read
    ///   element by element.
    public mutating func loadConstructed(
        _ element: BERElement, limit: Int
    ) throws(BERError) -> Int? {
        guard let length = element.length, length <= UInt64(limit) else { return nil }
        let got: Int
        do { got = try source.ensure(Int(length)) } catch { throw failure(error) }
        guard got >= Int(length) else {
            throw BERError(
                .truncated, element: element.offset, at: source.position + UInt64(got),
                "the element wants \(Int(length) - got) octets more")
        }
        return Int(length)
    }

    /// The window, for an element that ``loadConstructed(_:limit:)`` has loaded.
    public var window: RawSpan {
        @_lifetime(borrow self)
        get { source.window }
    }

    /// Reads at least one octet more into the window.
    /// - Returns: whether there was one.
    public mutating func extendWindow() throws(BERError) -> Bool {
        do { return try source.extend() } catch { throw failure(error) }
    }

    /// Octets of the window that belong to the open element.
    public var loadedCount: Int {
        let limit = frames.last?.limit ?? .max
        return Int(min(UInt64(source.available), limit - source.position))
    }

    /// Passes over whole elements in the open one, `count` octets of the window, that the caller
    /// has read there.
    public mutating func consumeLoaded(_ count: Int) {
        precondition(contentLeft == 0 && count <= loadedCount)
        source.consume(count)
    }

    /// Passes over whole elements in the open one, `count` octets that the caller knows of from
    /// elsewhere: nothing in them is looked at.
    /// - Throws: ``BERError`` with code `lengthOverrunsParent` if the open element has fewer, and
    ///   `truncated` if the input has.
    public mutating func passElements(_ count: UInt64) throws(BERError) {
        precondition(contentLeft == 0)
        let start = frames.last?.start ?? 0
        let limit = frames.last?.limit ?? .max
        guard count <= limit - min(limit, source.position) else {
            throw BERError(
                .lengthOverrunsParent, element: start, at: source.position,
                "\(count) octets of elements go beyond the one around them")
        }
        let passed: UInt64
        do { passed = try source.skip(count) } catch { throw failure(error) }
        guard passed == count else {
            throw BERError(.truncated, element: start, at: source.position, "an element is open")
        }
    }

    private func failure(_ error: ByteIOError) -> BERError {
        BERError(.io, element: current, at: error.offset, error.description, io: error)
    }
}
