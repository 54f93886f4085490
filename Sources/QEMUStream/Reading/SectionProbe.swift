import ByteIO
import Migration

/// Tells whether an item of the stream can begin somewhere, where only likelihood can tell.
///
/// The binary stream gives no section a length, so that a section which nothing describes ends
/// where its footer stands and an item follows that makes sense.
struct SectionProbe {
    /// A START's or FULL's header.
    struct Header {
        var kind: SectionKind
        var sectionID: UInt32
        var name: String
        var instanceID: UInt32
        var versionID: UInt32
        /// Octets of the header.
        var size: Int
    }

    /// Section ids that PART and END can have here.
    var startedIDs: Set<UInt32>
    /// Whether the items lie in a package, which has no end-of-stream mark.
    var isPackage: Bool
    /// Whether another item stands where the octets in question end.
    var endsWithItem = false

    /// Whether a version id is one of QEMU's: small numbers, or a date (`eeprom93xx`).
    static func isPlausible(version: UInt32) -> Bool {
        version < 1 << 16
            || (19_900_101...20_991_231).contains(version) && (1...12).contains(version / 100 % 100)
    }

    /// Reads a header of START or FULL, if one can stand here.
    /// - Returns: `nil` if none can, or the window is too short.
    static func header(_ window: RawSpan, at: Int) -> Header? {
        guard window.byteCount - at >= 6,
            let kind = SectionKind(rawValue: window.octet(at: at)), kind.isNamed
        else { return nil }
        let length = Int(window.octet(at: at + 5))
        guard length > 0, window.byteCount - at >= 14 + length else { return nil }
        for index in at + 6..<at + 6 + length {
            guard (0x20..<0x7f).contains(window.octet(at: index)) else { return nil }
        }
        let version: UInt32 = window.bigEndian(at: at + 10 + length)
        guard isPlausible(version: version),
            let name = window.text(at: at + 6, count: length)
        else {
            return nil
        }
        return Header(
            kind: kind, sectionID: window.bigEndian(at: at + 1), name: name,
            instanceID: window.bigEndian(at: at + 6 + length), versionID: version,
            size: 14 + length)
    }

    /// Whether the footer of section `id` stands at `at`.
    static func footer(_ window: RawSpan, at: Int, id: UInt32) -> Bool {
        at >= 0 && window.byteCount - at >= 5 && window.octet(at: at) == StreamReader.footerMark
            && window.bigEndian(at: at + 1, as: UInt32.self) == id
    }

    /// Whether an item can begin at `at`.
    /// - Parameter end: where the input, or the package, ends, if the window reaches that far.
    func item(_ window: RawSpan, at: Int, end: Int?) -> Bool {
        if at == end { return isPackage || endsWithItem }
        guard at < window.byteCount else { return false }
        switch window.octet(at: at) {
        case 0: return !isPackage && endOfStream(window, at: at, end: end)
        case 1, 4: return SectionProbe.header(window, at: at) != nil
        case 2, 3:
            return window.byteCount - at >= 5
                && startedIDs.contains(window.bigEndian(at: at + 1, as: UInt32.self))
        case 8: return SectionProbe.command(window, at: at) != nil
        default: return false
        }
    }

    /// The octets of a command, if one of QEMU's can stand here.
    static func command(_ window: RawSpan, at: Int) -> Int? {
        guard window.byteCount - at >= 5 else { return nil }
        let code: UInt16 = window.bigEndian(at: at + 1)
        let length: UInt16 = window.bigEndian(at: at + 3)
        guard StreamCommand.isPlausible(code: code, length: length) else { return nil }
        return 5 + Int(length)
    }

    private func endOfStream(_ window: RawSpan, at: Int, end: Int?) -> Bool {
        if at + 1 == end { return true }
        guard window.byteCount - at >= 7, window.octet(at: at + 1) == 6 else { return false }
        let length: UInt32 = window.bigEndian(at: at + 2)
        return length >= 2 && window.octet(at: at + 6) == UInt8(ascii: "{")
    }
}
