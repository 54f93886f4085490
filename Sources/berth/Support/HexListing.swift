import Inspection
import Migration

/// Octets as lines of sixteen, with their addresses and what of them is text.
enum HexListing {
    private static let width: UInt64 = 16
    private static let digits = Array("0123456789abcdef".utf8)

    /// Lists a range; lines that are equal to the one before are one `*`.
    static func write(
        _ range: borrowing MemoryRange, from wanted: WantedMemory
    ) throws(CommandFailure) {
        let first = wanted.range.lowerBound
        var line = Line(address: first, behind: wanted.range.upperBound)
        do throws(MigrationError) {
            try WantedOctets(length: wanted.range.upperBound - first).forEachPiece(of: range) {
                (octets, place) throws(MigrationError) in
                for octet in octets { line.add(octet) }
                if line.text.count > 1 << 16 {
                    do throws(CommandFailure) { try TextOutput.write(line.take()) } catch {
                        throw MigrationError(.io, expected: "", found: error.message)
                    }
                }
            }
        } catch { throw CommandFailure(error, file: "") }
        line.end()
        try TextOutput.write(line.take())
    }

    private struct Line {
        /// Of the next octet.
        var address: UInt64
        let behind: UInt64
        var text: [UInt8] = []
        private var octets: [UInt8] = []
        private var before: [UInt8] = []
        private var isRepeated = false

        init(address: UInt64, behind: UInt64) {
            self.address = address
            self.behind = behind
        }

        mutating func take() -> String {
            defer { text.removeAll(keepingCapacity: true) }
            return String(decoding: text, as: UTF8.self)
        }

        mutating func add(_ octet: UInt8) {
            octets.append(octet)
            address &+= 1
            if address % HexListing.width == 0 { finish() }
        }

        /// Ends the last line; the address behind it closes the list, as `hexdump` does.
        mutating func end() {
            if !octets.isEmpty { finish() }
            number(address)
            text.append(UInt8(ascii: "\n"))
        }

        private mutating func finish() {
            let start = address &- UInt64(octets.count)
            defer {
                before = octets
                octets.removeAll(keepingCapacity: true)
            }
            if octets == before, octets.count == 16, address != behind {
                if !isRepeated { text += Array("*\n".utf8) }
                isRepeated = true
                return
            }
            isRepeated = false
            // A first line that begins within sixteen octets stands where they would.
            let skipped = Int(start % HexListing.width)
            number(start - UInt64(skipped))
            text += Array("  ".utf8)
            for column in 0..<16 {
                if column == 8 { text.append(UInt8(ascii: " ")) }
                if column >= skipped, column - skipped < octets.count {
                    let octet = octets[column - skipped]
                    text.append(HexListing.digits[Int(octet >> 4)])
                    text.append(HexListing.digits[Int(octet & 15)])
                    text.append(UInt8(ascii: " "))
                } else {
                    text += Array("   ".utf8)
                }
            }
            text += Array(" |".utf8)
            for octet in octets {
                text.append((0x20..<0x7f).contains(octet) ? octet : UInt8(ascii: "."))
            }
            text += Array("|\n".utf8)
        }

        private mutating func number(_ number: UInt64) {
            for shift in stride(from: behind >= 1 << 32 ? 60 : 28, through: 0, by: -4) {
                text.append(HexListing.digits[Int(number >> UInt64(shift) & 15)])
            }
        }
    }
}
