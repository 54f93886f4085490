import ArgumentParser
import Containers
import MigrationBER

struct Encode: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "encode",
        abstract: "Turn a migration stream into BER.",
        discussion: """
            QEMU's own saving can go through it: migrate "exec:berth encode -o vm.ber". A BER \
            file as input is turned into the version that is asked for.

            A migration over several connections is recorded in several files: the main channel is \
            IN, each other one a --channel; all go into one BER file, in this order, read one after \
            another (so they have to be files: live connections can't wait for each other). A channel \
            alone may be IN too. Version 3 has no place for channels.
            """)

    enum SchemaVersion: String, ExpressibleByArgument, CaseIterable {
        case three = "3"
        case four = "4"
    }

    @OptionGroup var input: InputOptions
    @OptionGroup var output: OutputOptions
    @OptionGroup var reading: ReadingOptions
    @OptionGroup var channels: ChannelOptions

    @Option(
        help: ArgumentHelp(
            "The schema: 4, or 3 as posted in March 2014, with annotations.", valueName: "version"))
    var schemaVersion = SchemaVersion.four

    @Option(
        help: ArgumentHelp(
            "Of a disk image: the snapshot to take, by ID or name.", valueName: "id|name"))
    var snapshot: String?

    enum Keeping: String, ExpressibleByArgument, CaseIterable {
        case usual, all, none
    }

    @Option(
        help: ArgumentHelp(
            """
            What to keep of the file that the stream comes in, for decode --container. usual: a \
            libvirt image's header, XML and compressed octets; all: also compression around a \
            file; none.
            """, valueName: "what"))
    var keepContainer = Keeping.usual

    func run() throws {
        var conversion = Conversion(input: input, reading: reading, channels: channels)
        conversion.snapshot = snapshot
        conversion.keeping =
            switch keepContainer {
            case .usual: .usual
            case .all: .all
            case .none: .nothing
            }
        switch schemaVersion {
        case .four:
            try conversion.run(to: output) { sink in
                Version4Writer(sink, producer: Product.producer)
            }
        case .three:
            try conversion.run(to: output) { sink in
                Version3Writer(sink, producer: Product.producer)
            }
        }
    }
}
