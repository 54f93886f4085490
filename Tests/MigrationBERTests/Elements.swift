import TestSupport

/// An element of definite length: the tag's octets in hexadecimal, then what it holds. Lengths as
/// X.690 8.1.3 has them, worked out apart from the module under test.
func tlv(_ tag: String, _ content: [UInt8]) -> [UInt8] {
    let length: [UInt8] =
        switch content.count {
        case ..<128: [UInt8(content.count)]
        case ..<256: [0x81, UInt8(content.count)]
        case ..<65536: [0x82] + bigEndian(UInt16(content.count))
        default: [0x84] + bigEndian(UInt32(content.count))
        }
    return octets(tag) + length + content
}

func tlv(_ tag: String, _ hexContent: String) -> [UInt8] { tlv(tag, octets(hexContent)) }

/// An element of indefinite length.
func open(_ tag: String, _ content: [UInt8]) -> [UInt8] { octets(tag) + [0x80] + content + [0, 0] }

func text(_ text: String) -> [UInt8] { tlv("0c", Array(text.utf8)) }

/// A version 4 file with these items, without checkpoints or index.
func version4(_ items: [UInt8]) -> [UInt8] {
    open(
        "7fcdc551",
        octets("02 01 04") + tlv("30", octets("02 01 03") + text("t")) + open("30", items))
}

/// A START of RAM with the block `a` of 16 pages, and a PART with these records.
func version4(records: [UInt8]) -> [UInt8] {
    let block = tlv("30", text("a") + octets("02 03 010000"))
    let start =
        octets("02 01 02") + text("ram") + octets("02 01 00 02 01 04")
        + tlv("7fcc52", tlv("7fbe52", block)) + octets("01 01 ff")
    let part = octets("02 01 02") + open("7fcc52", records) + octets("01 01 ff")
    return version4(tlv("7fd354", start) + open("7fd054", part) + octets("5fc546 00"))
}

/// The head of a group of pages of `a` that begins at the block's start.
let groupHead = text("a") + octets("01 01 ff 02 02 1000 02 01 00")
