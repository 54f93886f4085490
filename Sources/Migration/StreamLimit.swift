/// What no stream of QEMU's comes near, and hostile input is refused at (`docs/limits.md`).
public enum StreamLimit {
    /// Sections that have begun (START) and not been forgotten: each takes memory. QEMU has some
    /// ten.
    public static let startedSections = 1 << 12
    /// RAM blocks in a list, in a stream as in a BER file.
    public static let blocks = 1 << 16
    /// Descriptors in a CPR state, in a stream as in a BER file.
    public static let descriptors = 1 << 16
    /// Octets of a descriptor's name in a CPR state.
    public static let descriptorName = 1 << 20
    /// Octets of zero before a stream: `file:…,offset=N` leaves N of them.
    public static let leadingZeros: UInt64 = 1 << 40
    /// Pages that one group of a BER file may stand for: some octets would else become a stream
    /// without end. Berth's own groups have at most 123 789.
    public static let groupPages: UInt64 = 1 << 20

    /// Values of a device inside each other, in a BER file: reading them takes stack. A vmdesc, whose JSON
    /// may have 512 levels, tells at most 170.
    public static let valueDepth = 256

    /// The error for one more section than ``startedSections``.
    public static func tooManySections(at offset: UInt64, path: String = "") -> MigrationError {
        MigrationError(
            .limit, at: offset, path: path,
            expected: "at most \(startedSections) sections that have begun", found: "one more",
            hint: "no QEMU has so many: the stream is damaged or was made to do harm")
    }
}
