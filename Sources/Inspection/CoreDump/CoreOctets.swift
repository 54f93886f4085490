/// Octets of an ELF file, in its byte order.
struct CoreOctets {
    private(set) var octets: [UInt8] = []
    private let isLittleEndian: Bool

    init(littleEndian: Bool) { isLittleEndian = littleEndian }

    mutating func append<T: FixedWidthInteger>(_ number: T) {
        for index in 0..<T.bitWidth / 8 {
            let place = isLittleEndian ? index : T.bitWidth / 8 - 1 - index
            octets.append(UInt8(truncatingIfNeeded: number >> T(8 * place)))
        }
    }

    mutating func append(_ more: [UInt8]) { octets += more }
    mutating func zeros(_ count: Int) { octets += [UInt8](repeating: 0, count: count) }
}
