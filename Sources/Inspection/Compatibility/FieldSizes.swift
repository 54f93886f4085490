/// When the length of a field in C, which a dump has, tells its length on the wire.
enum FieldSizes {
    /// Types of the vmdesc whose length is the same in C (QEMU's `migration/vmstate-types.c` and
    /// `hw/pci/pci.c`).
    private static let plain: Set<String> = [
        "bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64",
        "int8 equal", "int16 equal", "int32 equal", "int64 equal", "uint8 equal", "uint16 equal",
        "uint32 equal", "uint64 equal", "int32 le", "buffer", "unused_buffer", "pci config",
        "pci irq state", "uint16le", "uint32le", "uint64le",
    ]

    static func isPlain(_ type: String?) -> Bool { type.map { plain.contains($0) } ?? false }

    /// What the loader reads, if it is another length than was sent.
    static func mismatch(
        _ sent: ArraySlice<SentBody.Field>, _ expected: ExpectedBody.Field
    ) -> UInt64? {
        guard let field = sent.first, expected.size > 0, isPlain(field.type) else { return nil }
        // A buffer of another stream has the length that was sent there.
        if expected.type != nil,
            !isPlain(expected.type) || expected.type?.hasSuffix("buffer") == true
        {
            return nil
        }
        let total = sent.reduce(into: UInt64(0)) { $0 &+= $1.total }
        // Without a number of elements it may be an array of any length, of elements of this size.
        guard let count = expected.count else {
            if field.size == expected.size || total == expected.size { return nil }
            // QEMUTimer is a structure in C and 8 octets on the wire, as is a clock's period.
            return isTimer(field, expected) ? nil : expected.size
        }
        let read = expected.size.multipliedReportingOverflow(by: count).partialValue
        return read == total ? nil : read
    }

    /// Values of 64 bits whose type is not told may be timers.
    private static func isTimer(
        _ field: SentBody.Field, _ expected: ExpectedBody.Field
    ) -> Bool {
        field.size == 8 && field.type?.hasSuffix("int64") == true && expected.size >= 40
    }
}
