public import ASN1
internal import ByteIO

/// The schemas of Berth's own files, which the program carries with it.
public enum BuiltInSchema: Int, Sendable, CaseIterable {
    case version3 = 3
    case version4 = 4

    /// The outermost type of both.
    public static let typeName = "QemuFile"

    public var fileName: String { "qemu-v\(rawValue).asn" }

    public var text: String {
        switch self {
        case .version3: BuiltInTexts.version3
        case .version4: BuiltInTexts.version4
        }
    }

    public var file: SourceFile { SourceFile(name: fileName, text: text) }

    /// Tells by a file's first octets which schema it says that it obeys.
    /// - Returns: `nil` if it doesn't begin as a BER file of Berth's does.
    public static func detect(_ window: RawSpan) -> BuiltInSchema? {
        let head = ElementHeader.read(window, at: 0, available: window.byteCount)
        guard head.problem == .none, head.tag == TagKey(classBits: 1, number: 1_270_481) else {
            return nil
        }
        let at = head.size
        if window.byteCount >= at + 3, window.octet(at: at) == 2, window.octet(at: at + 1) == 1,
            window.octet(at: at + 2) == 4
        {
            return .version4
        }
        return .version3
    }
}
