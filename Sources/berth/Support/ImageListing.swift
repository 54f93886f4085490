import Inspection
import Migration

/// Tells where the parts of a memory image lie.
enum ImageListing {
    struct Part: Encodable {
        /// The RAM block.
        var name: String
        /// Octets from the start of the image.
        var offset: UInt64
        var length: UInt64
        /// The guest-physical address, where it is known.
        var address: UInt64?
        /// Octets from the start of the block.
        var blockOffset: UInt64?
        /// Whether it is the machine's firmware.
        var rom: Bool?

        init(_ region: GuestMemoryMap.Region, offset: UInt64) {
            name = region.block
            self.offset = offset
            length = region.length
            address = region.address
            blockOffset = region.offset
            rom = region.isROM
        }

        init(_ place: RAMImage.Place) {
            name = place.block.name
            offset = place.offset
            length = place.block.length
        }
    }

    static func tell(
        _ places: [RAMImage.Place], asJSON: Bool, quiet: Bool
    ) throws(CommandFailure) {
        try tell(places.map(Part.init), asJSON: asJSON, quiet: quiet)
    }

    /// A line for each part: its place, its length and what it is.
    static func tell(_ parts: [Part], asJSON: Bool, quiet: Bool) throws(CommandFailure) {
        if asJSON { return try TextOutput.write(try TextOutput.json(parts)) }
        guard !quiet else { return }
        var text = ""
        for part in parts {
            let name = part.name.isEmpty ? "\"\"" : part.name
            text += "\(hex(part.offset)) \(hex(part.length)) \(name)"
            if let blockOffset = part.blockOffset { text += "+\(hex(blockOffset))" }
            if part.rom == true { text += " (firmware)" }
            text += "\n"
        }
        try TextOutput.write(TextOutput.visible(text))
    }

    static func hex(_ number: UInt64) -> String { "0x" + String(number, radix: 16) }
}
