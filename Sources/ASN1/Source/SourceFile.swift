/// A module text as the caller gives it: a name to report and the octets.
///
/// The octets need not be valid UTF-8: comments of old modules hold Latin-1, and a file of
/// any octets must give errors, not a crash.
public struct SourceFile: Sendable, Hashable {
    /// The name that diagnostics show; usually the path as the user typed it.
    public let name: String
    /// The octets of the text.
    public let bytes: [UInt8]

    /// Makes a source file from octets.
    public init(name: String, bytes: [UInt8]) {
        self.name = name
        self.bytes = bytes
    }

    /// Makes a source file from text.
    public init(name: String, text: String) {
        self.init(name: name, bytes: Array(text.utf8))
    }

    /// The text of a line, without its end.
    ///
    /// - Parameter line: the line's number, from 1.
    /// - Returns: the line, or the empty string when there is no such line.
    public func line(_ line: Int) -> String {
        var current = 1
        var start = 0
        var index = 0
        while index < bytes.count {
            if bytes[index] == 0x0A {
                if current == line { break }
                current += 1
                start = index + 1
            }
            index += 1
        }
        guard current == line else { return "" }
        var end = index
        if end > start, bytes[end - 1] == 0x0D { end -= 1 }
        return String(decoding: bytes[start..<end], as: UTF8.self)
    }
}
