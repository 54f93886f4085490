import ArgumentParser
import QEMUStream

struct Decode: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "decode",
        abstract: "Turn BER back into the migration stream, to the octet.",
        discussion: """
            QEMU loads through it: -incoming "exec:berth decode vm.ber".

            Of a file with channels, -o gets the main one and a --channel each of the others, in the \
            file's order; berth info lists them. Where there is no main channel, -o gets the first.
            """)

    @OptionGroup var input: InputOptions
    @OptionGroup var output: OutputOptions
    @OptionGroup var channels: ChannelOutputs

    @Flag(
        help: ArgumentHelp(
            """
            Write the file that the stream came in, to the octet: a libvirt image for virsh \
            restore.
            """))
    var container = false

    @Flag(
        help: ArgumentHelp(
            "With --container: leave the stream uncompressed, and let the image say so."))
    var uncompressed = false

    func validate() throws {
        if uncompressed, !container {
            throw ValidationError("--uncompressed wants --container.")
        }
        if channels.hasPlace(of: output.output) {
            throw ValidationError("-o and --channel want different files.")
        }
    }

    func run() throws {
        let form: StreamWriter.Form =
            !container ? .stream : uncompressed ? .uncompressedContainer : .container
        let conversion = Conversion(input: input, reading: try ReadingOptions.parse([]))
        try channels.withTargets { (targets) throws(CommandFailure) in
            try conversion.run(to: output) { sink in
                StreamWriter(sink, form: form, channels: targets)
            }
        }
    }
}
