public import ByteIO
import Foundation
import Glibc
import SystemPackage

extension ByteSource {
    /// A source that is no file, of which each read gets just the next piece.
    ///
    /// A socket that keeps packets apart, fed by a thread: so the reads' sizes are the test's and
    /// no matter of timing.
    /// - Parameter sizes: the pieces' sizes, taken in turns.
    public static func packets(_ octets: [UInt8], sizes: [Int]) -> ByteSource {
        precondition(sizes.allSatisfy { (1...65536).contains($0) } && !sizes.isEmpty)
        var ends: [Int32] = [-1, -1]
        let made = unsafe socketpair(AF_UNIX, Int32(SOCK_SEQPACKET.rawValue), 0, &ends)
        precondition(made == 0, "socketpair: \(errno)")
        let (reading, writing) = (ends[0], ends[1])
        Thread.detachNewThread {
            var at = 0
            var turn = 0
            while at < octets.count {
                let count = min(sizes[turn % sizes.count], octets.count - at)
                let sent = unsafe octets.withUnsafeBytes {
                    // The range lies within the array.
                    unsafe send(
                        writing, $0.baseAddress.map { unsafe $0 + at }, count,
                        Int32(MSG_NOSIGNAL))
                }
                // The reader may have given up: then nobody needs the rest.
                if sent != count { break }
                at += count
                turn += 1
            }
            _ = Glibc.close(writing)
        }
        return ByteSource(descriptor: FileDescriptor(rawValue: reading), closes: true)
    }
}
