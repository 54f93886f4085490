import ByteIO

extension PageDecompressor {
    /// Unpacks a page that was compressed by itself.
    /// - Parameters:
    ///   - input: the compressed page and nothing else.
    ///   - start: where the page begins in `output`, which has room for an octet more than a page.
    ///   - size: octets of a page.
    /// - Throws: ``PageFault`` unless the data are whole and give a page and nothing more.
    public func unpackPage(
        _ input: RawSpan, into output: inout [UInt8], at start: Int, size: Int
    ) throws(PageFault) {
        try begin()
        var used = 0
        var made = 0
        var isEnd = false
        // The octet more tells data that would go on.
        while !isEnd, made <= size {
            let step: PageStep
            do {
                step = try self.step(
                    input.extracting(used..<input.byteCount), into: &output,
                    start + made..<start + size + 1)
            } catch {
                var fault = error
                fault.consumed += used
                throw fault
            }
            used += step.consumed
            made += step.produced
            isEnd = step.isEnd
            if step.consumed == 0, step.produced == 0 { break }
        }
        guard made <= size else {
            throw PageFault(
                .corrupt, expected: "a page of \(size) octets", found: "data that unpack to more",
                consumed: used)
        }
        guard isEnd else {
            throw PageFault(
                .truncated, expected: "the rest of the compressed page",
                found: "its end after \(made) octets of \(size)", consumed: used)
        }
        guard made == size else {
            throw PageFault(
                .corrupt, expected: "a page of \(size) octets",
                found: "data that unpack to \(made)",
                consumed: used)
        }
        guard used == input.byteCount else {
            throw PageFault(
                .corrupt, expected: "the end of the compressed page",
                found: "\(input.byteCount - used) octets more", consumed: used)
        }
    }
}
