internal import ByteIO

/// Where an element in a window ends.
enum Extent {
    enum Result {
        case end(Int)
        case incomplete
        case malformed
    }

    static func find(_ window: RawSpan, at start: Int, limit: Int) -> Result {
        var at = start
        var open = 0
        repeat {
            let head = ElementHeader.read(window, at: at, available: max(0, limit - at))
            if head.problem == .incomplete { return .incomplete }
            guard head.problem == .none else { return .malformed }
            at += head.size
            if head.isIndefinite {
                guard head.isConstructed else { return .malformed }
                open += 1
            } else if head.tag == .endOfContents, open > 0 {
                guard head.length == 0 else { return .malformed }
                open -= 1
            } else {
                guard head.length <= UInt64(limit - at) else { return .incomplete }
                at += Int(head.length)
            }
        } while open > 0
        return .end(at)
    }
}

/// An element in a window, head and content.
struct Slice {
    var head: ElementHeader
    var start: Int
    var contentEnd: Int
    var end: Int

    var contentStart: Int { start + head.size }

    init?(_ window: RawSpan, at: Int, limit: Int) {
        guard case .end(let end) = Extent.find(window, at: at, limit: limit) else { return nil }
        head = ElementHeader.read(window, at: at, available: limit - at)
        start = at
        self.end = end
        contentEnd = head.isIndefinite ? end - 2 : end
    }

    /// The elements inside.
    func children(_ window: RawSpan) -> [Slice] {
        var result: [Slice] = []
        var at = contentStart
        while at < contentEnd, let child = Slice(window, at: at, limit: contentEnd) {
            result.append(child)
            at = child.end
        }
        return result
    }

    /// The octets of a string, in one piece or in segments. Of a BIT STRING, the first octet of each
    /// segment is left out and the unused bits of the last are told.
    func string(_ window: RawSpan, isBits: Bool) -> (octets: [UInt8], unused: Int) {
        var octets: [UInt8] = []
        var unused = 0
        // Segments of segments are gone through in order; the stack holds what is left.
        var stack = [self]
        while let next = stack.popLast() {
            if next.head.isConstructed {
                stack += next.children(window).reversed()
                continue
            }
            var from = next.contentStart
            if isBits, from < next.contentEnd {
                unused = Int(window.octet(at: from) & 7)
                from += 1
            }
            for index in from..<max(from, next.contentEnd) {
                octets.append(window.octet(at: index))
            }
        }
        return (octets, unused)
    }
}
