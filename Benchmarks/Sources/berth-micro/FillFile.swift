/// A version 3 file of filled pages: nothing but small elements, as `Scripts/make-v3-file.py` makes
/// them.
enum FillFile {
    static func octets(pages: Int) -> [UInt8] {
        var file: [UInt8] = [0x7f, 0xcd, 0xc5, 0x51, 0x80, 2, 1, 3, 0x30, 0x80]
        let list = element(
            [0x7f, 0xc5, 0x52],
            integer(1 << 30) + integer(4)
                + element(
                    [0x30],
                    element([0x30], element([0x0c], Array("pc.ram".utf8)) + integer(1 << 30))))
        file += element(
            [0x7f, 0x8f, 0x53],
            element([0x0c], Array("ram".utf8)) + integer(2) + integer(0) + integer(4)
                + element([0x7f, 0xcc, 0x52], list))
        var page = 0
        while page < pages {
            var body: [UInt8] = []
            for _ in 0..<min(512, pages - page) {
                body += element(
                    [0x7f, 0xc5, 0x52],
                    integer(page % 262_144 * 4096) + integer(0x22) + integer(page & 255))
                page += 1
            }
            file += element([0x7f, 0x81, 0x53], integer(2) + element([0x7f, 0xcc, 0x52], body))
        }
        return file + [0, 0, 0, 0]
    }

    private static func element(_ tag: [UInt8], _ content: [UInt8]) -> [UInt8] {
        var length: [UInt8] = []
        var rest = content.count
        repeat {
            length.insert(UInt8(truncatingIfNeeded: rest), at: 0)
            rest >>= 8
        } while rest > 0
        if content.count > 127 { length.insert(0x80 | UInt8(length.count), at: 0) }
        return tag + length + content
    }

    private static func integer(_ value: Int) -> [UInt8] {
        var octets: [UInt8] = []
        var rest = value
        repeat {
            octets.insert(UInt8(truncatingIfNeeded: rest), at: 0)
            rest >>= 8
        } while rest > 0
        if octets[0] > 127 { octets.insert(0, at: 0) }
        return element([2], octets)
    }
}
