import ArgumentParser
import Inspection

/// What the user says of where a machine has its memory.
struct GuestMemoryOptions: ParsableArguments {
    @Option(
        name: .customLong("ram-block"), parsing: .singleValue,
        help: ArgumentHelp(
            "A block that the machine's RAM is made of, if it has a memory backend's name. Several, "
                + "in the order of their nodes, may be given.", valueName: "block"))
    var ramBlocks: [String] = []

    @Option(
        name: .customLong("below-4g"),
        help: ArgumentHelp(
            "Octets of an x86 PC's RAM below 4 GiB, in place of what the stream or the machine "
                + "tells.", valueName: "octets"))
    var below4G: OctetCount?

    @Option(
        name: .customLong("above-4g"),
        help: ArgumentHelp(
            "Where the rest of an x86 PC's RAM begins: 4G, or 1T behind AMD's hole.",
            valueName: "address"))
    var above4G: OctetCount?

    @Option(
        name: .customLong("place"), parsing: .singleValue,
        help: ArgumentHelp(
            "Where a block lies that the machine does not tell (a DIMM, a machine that Berth does "
                + "not know).", valueName: "block=address"))
    var placed: [String] = []

    func validate() throws {
        for text in placed where Self.placement(text) == nil {
            throw ValidationError("--place wants BLOCK=ADDRESS, not \"\(text)\".")
        }
    }

    private static func placement(_ text: String) -> GuestMemory.Placement? {
        guard let equals = text.lastIndex(of: "="), equals > text.startIndex,
            let address = OctetCount(argument: String(text[text.index(after: equals)...]))
        else { return nil }
        return GuestMemory.Placement(block: String(text[..<equals]), address: address.value)
    }

    var options: GuestMemory.Options {
        var options = GuestMemory.Options()
        options.ramBlocks = ramBlocks
        options.below4G = below4G?.value
        options.above4G = above4G?.value
        options.placed = placed.compactMap(Self.placement)
        return options
    }
}
