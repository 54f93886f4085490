import ArgumentParser
import QEMUStream

struct Decode: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Turn BER back into the migration stream, to the octet.",
        discussion: """
            QEMU loads through it: -incoming "exec:berth decode vm.ber".
            """)

    @OptionGroup var input: InputOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        let conversion = Conversion(input: input, reading: try ReadingOptions.parse([]))
        try conversion.run(to: output) { sink in StreamWriter(sink) }
    }
}
