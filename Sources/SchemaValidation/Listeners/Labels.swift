/// Texts that a listing writes again and again: the names of a program, with what stands around them.
@safe final class Labels {
    /// Octets behind the last text that may be read.
    static let padding = 16

    // Allocated in init, freed in deinit; all of it is set.
    private let octets: UnsafeMutableRawBufferPointer
    private let count: Int
    private let starts: UnsafeMutableBufferPointer<Int32>

    init(_ names: [String], before: String, behind: String) {
        var text: [UInt8] = []
        count = names.count
        unsafe starts = .allocate(capacity: names.count + 1)
        for (index, name) in names.enumerated() {
            unsafe starts.initializeElement(at: index, to: Int32(clamping: text.count))
            text += before.utf8
            text += name.utf8
            text += behind.utf8
        }
        unsafe starts.initializeElement(at: names.count, to: Int32(clamping: text.count))
        text += Array(repeating: 0, count: Labels.padding)
        unsafe octets = .allocate(byteCount: text.count, alignment: 16)
        unsafe octets.copyBytes(from: text)
    }

    deinit {
        unsafe octets.deallocate()
        unsafe starts.deallocate()
    }

    /// Where a text lies. Traps if there is none such.
    @inline(__always)
    func range(_ index: Int32) -> (start: Int, count: Int) {
        let index = Int(index)
        precondition(index >= 0 && index < count)
        // Both are set, by the line above.
        let start = unsafe Int(starts[index])
        return (start, unsafe Int(starts[index + 1]) - start)
    }

    /// Copies a text, in pieces of 16 octets: as many are written behind it at most.
    /// - Parameter memory: has room for the text and `padding` octets behind it.
    @inline(__always)
    func copy(_ start: Int, _ count: Int, to memory: UnsafeMutableRawPointer) {
        var at = 0
        while at < count {
            // Within the texts and their padding, as `start` and `count` are those of a text.
            unsafe memory.storeBytes(
                of: octets.loadUnaligned(fromByteOffset: start + at, as: SIMD16<UInt8>.self),
                toByteOffset: at, as: SIMD16<UInt8>.self)
            at += 16
        }
    }
}
