/// A record of an iterator, without its data.
///
/// It is made once and filled anew for each record, so that records cost no allocation.
public struct IteratorRecord: Sendable {
    /// Its kind: the place in ``IteratorLayout/records``.
    public var kind: Int
    /// Its numbers, in the layout's order.
    public var numbers: InlineArray<4, UInt64>
    /// Its texts, in the layout's order; `nil` where one isn't there.
    public var texts: InlineArray<2, String?>
    /// Octets of data that follow.
    public var dataLength: UInt64

    public init(kind: Int = 0) {
        self.kind = kind
        numbers = InlineArray(repeating: 0)
        texts = InlineArray(repeating: nil)
        dataLength = 0
    }
}

extension IteratorLayout {
    /// Adds the octets of a record up to its data: what ``IteratorScanner`` has read.
    /// - Parameter record: one that fits the layout, as readers see to.
    public func appendHead(of record: borrowing IteratorRecord, to octets: inout [UInt8]) {
        let kind = records[record.kind]
        var word = kind.lead?.value ?? 0
        var number = 0
        var text = 0
        for part in kind.parts {
            switch part {
            case .leading(_, _, let shift, _):
                word |= record.numbers[number] << UInt64(shift)
                number += 1
            case .number: number += 1
            case .text(_, let flag):
                if let flag, record.texts[text] != nil { word |= flag }
                text += 1
            case .length, .data: break
            }
        }
        if let lead = kind.lead { IteratorLayout.append(word, lead.octets, to: &octets) }
        number = 0
        text = 0
        for part in kind.parts {
            switch part {
            case .leading: number += 1
            case .number(_, _, let width):
                IteratorLayout.append(record.numbers[number], width, to: &octets)
                number += 1
            case .text:
                if let name = record.texts[text] {
                    octets.append(UInt8(truncatingIfNeeded: name.utf8.count))
                    octets.append(contentsOf: name.utf8)
                }
                text += 1
            case .length(let width, let unit):
                IteratorLayout.append(record.dataLength / UInt64(unit), width, to: &octets)
            case .data: break
            }
        }
    }

    private static func append(_ value: UInt64, _ width: Int, to octets: inout [UInt8]) {
        for shift in stride(from: 8 * (width - 1), through: 0, by: -8) {
            octets.append(UInt8(truncatingIfNeeded: value >> UInt64(shift)))
        }
    }
}
