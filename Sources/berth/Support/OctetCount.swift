import ArgumentParser

/// A number of octets, or an address: decimal or 0x…, with K, M, G or T behind it for powers of 1024.
struct OctetCount: ExpressibleByArgument, Hashable {
    var value: UInt64

    init?(argument: String) {
        var text = argument[...]
        var shift: UInt64 = 0
        if let last = text.last, !text.hasPrefix("0x"), let place = "KMGT".firstIndex(of: last) {
            shift = UInt64(10 * ("KMGT".distance(from: "KMGT".startIndex, to: place) + 1))
            text = text.dropLast()
        }
        let isHexadecimal = text.hasPrefix("0x")
        if isHexadecimal { text = text.dropFirst(2) }
        guard let first = text.first, first != "+", first != "-",
            let number = UInt64(text, radix: isHexadecimal ? 16 : 10),
            number <= UInt64.max >> shift
        else { return nil }
        value = number << shift
    }
}
