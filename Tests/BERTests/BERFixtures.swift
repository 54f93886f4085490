import BER
import ByteIO
import TestSupport

/// What a reader tells of some octets, in short: `+30@0 d0 l3` begins a constructed element,
/// `.04@2 l1=ff` is a primitive one, `-@0` and `~@0` are ends (definite, indefinite).
func trace(
    _ octets: [UInt8], rules: EncodingRules = .ber, depthLimit: Int = 10_000
) throws(BERError) -> [String] {
    try trace(ByteSource(octets: octets), rules: rules, depthLimit: depthLimit)
}

func trace(
    _ source: consuming ByteSource, rules: EncodingRules = .ber, depthLimit: Int = 10_000
) throws(BERError) -> [String] {
    var reader = BERReader(source, rules: rules, depthLimit: depthLimit)
    var lines: [String] = []
    while true {
        switch try reader.next() {
        case .element(let element):
            let length = element.length.map(String.init) ?? "?"
            var line =
                "\(element.isConstructed ? "+" : ".")\(element.tag)@\(element.offset)"
                + " h\(element.headSize) d\(element.depth) l\(length)"
            if !element.isConstructed {
                let count = try reader.loadContent(1 << 20)
                line += " " + hex(reader.content.extracting(first: count).octets)
                reader.consumeContent(count)
            }
            lines.append(line)
        case .end(let start, let isIndefinite):
            lines.append(isIndefinite ? "~\(start)" : "-\(start)")
        case .endOfInput: return lines
        }
    }
}

/// The error that a reader of all of it meets.
func fault(
    _ octets: [UInt8], rules: EncodingRules = .ber, depthLimit: Int = 10_000
) -> BERError? {
    do {
        _ = try trace(octets, rules: rules, depthLimit: depthLimit)
        return nil
    } catch { return error }
}
