import Migration

/// What the wire has for the vmdesc's scalar types.
///
/// The names are QEMU's info names (`migration/vmstate-types.c` and the devices' own). A name is
/// no unique key, so it counts only together with the size that the vmdesc gives.
enum FieldTypes {
    /// The scalar that a field of this type and size is, if it is one.
    static func scalar(type: String, size: UInt64) -> DeviceState.Kind? {
        guard let kind = kinds[type] ?? custom(type, size), let width = kind.width,
            UInt64(width) == size
        else { return nil }
        return kind
    }

    private static let kinds: [String: DeviceState.Kind] = [
        "bool": .bool,
        "int8": .int8, "uint8": .uint8, "uint8 equal": .uint8,
        "int16": .int16, "uint16": .uint16, "uint16 equal": .uint16,
        "int32": .int32, "int32 equal": .int32, "uint32": .uint32, "uint32 equal": .uint32,
        // Big-endian: "le" means that the loader demands less or equal.
        "int32 le": .int32,
        // QEMU's name for the unsigned type that must be equal.
        "int64 equal": .uint64,
        "int64": .int64, "uint64": .uint64, "uint64 equal": .uint64,
        // Nanoseconds; -1 is a timer that is not armed.
        "timer": .int64,
        "CPU_Double_U": .uint64, "float64": .uint64,
    ]

    /// Types of single devices that put one big-endian number on the wire.
    private static let numbers: Set<String> = [
        "cpsr", "fpscr", "fpcr", "fpsr", "pstate64", "powered_off", "fpr", "vsr",
        "cpu/altivec/vscr", "psr", "fsr", "xcc", "msr", "sr", "psw", "sreg", "rampD", "rampX",
        "rampY", "rampZ", "eind", "int32_as_uint16", "uint16_from_uint8",
    ]

    private static func custom(_ type: String, _ size: UInt64) -> DeviceState.Kind? {
        guard numbers.contains(type) else { return nil }
        return switch size {
        case 1: .uint8
        case 2: .uint16
        case 4: .uint32
        case 8: .uint64
        default: nil
        }
    }
}
