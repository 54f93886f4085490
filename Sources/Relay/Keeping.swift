internal import ByteIO
internal import SystemPackage

/// Hands a source's octets on, and writes them into a file as well.
@safe final class Keeping: ByteProducer {
    private var source: ByteSource
    private let file: FileDescriptor

    /// - Parameter file: open as long as this is used.
    init(_ source: consuming ByteSource, _ file: FileDescriptor) {
        self.source = source
        self.file = file
    }

    private static func copy(
        _ count: Int, of window: RawSpan, into buffer: UnsafeMutableRawBufferPointer
    ) {
        unsafe window.extracting(first: count).withUnsafeBytes {
            unsafe buffer.copyMemory(from: $0)
        }
    }

    func read(into buffer: UnsafeMutableRawBufferPointer) throws(ByteIOError) -> Int {
        guard buffer.count > 0, try source.ensure(1) > 0 else { return 0 }
        let count = min(buffer.count, source.available)
        // `count` octets are in the window and have room in the buffer.
        unsafe Self.copy(count, of: source.window, into: buffer)
        source.consume(count)
        do { try unsafe file.writeAll(UnsafeRawBufferPointer(rebasing: buffer[..<count])) } catch {
            throw ByteIOError(.write, errno: error as? Errno)
        }
        return count
    }
}
