import ArgumentParser
import ByteIO
import Containers
import Inspection
import Migration
import MigrationBER
import QEMUStream

extension RAMCommand {
    struct Read: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "read",
            abstract: "Read some octets of the guest's memory.",
            discussion: """
                PLACE is a guest-physical address, or BLOCK+OFFSET: 0x1000, pc.ram+0x1000. A second \
                number is a length; START..END says both at once: pc.ram+0..0x200. Numbers may have \
                K, M, G or T behind them.

                A BER file is read by its index, and a mapped-ram file by its headers: the rest is \
                left alone. Any other stream goes by as a whole, one that comes through a pipe for \
                BLOCK+OFFSET alone, because what tells where memory lies stands behind the pages.

                What is no memory, or was never sent, reads as zeros; of the former a note tells.
                """)

        @OptionGroup var input: InputOptions

        @Argument(help: ArgumentHelp("Where to read.", valueName: "place"))
        var place: String

        @Argument(
            help: ArgumentHelp("How many octets: 256 if nothing is said.", valueName: "length"))
        var length: OctetCount?

        @OptionGroup var channels: ChannelOptions
        @OptionGroup var reading: ReadingOptions
        @OptionGroup var memory: GuestMemoryOptions

        @Option(
            name: .shortAndLong,
            help: "Write the octets into a file (- for standard output), in place of a listing.",
            completion: .file())
        var output: String?

        func validate() throws {
            guard let wanted = WantedMemory(place, length) else {
                throw ValidationError(
                    "\"\(place)\" is no place: an address, BLOCK+OFFSET, or START..END is.")
            }
            guard wanted.range.upperBound - wanted.range.lowerBound > 0 else {
                throw ValidationError("There is nothing to read: the length is 0.")
            }
        }

        func run() throws {
            guard let wanted = WantedMemory(place, length) else { return }
            let source = MemoryInput(
                input: input, channels: channels, reading: reading, memory: memory.options)
            let range = try source.read(wanted)
            let there = range.parts.reduce(0) { $0 + $1.length }
            let length = wanted.range.upperBound - wanted.range.lowerBound
            if there < length, !input.quiet {
                StandardError.line(
                    "berth: note: \(length - there) of these octets are no memory: they read as "
                        + "zeros")
            }
            if let output {
                try write(range, wanted, to: output)
            } else {
                try HexListing.write(range, from: wanted)
            }
        }

        private func write(
            _ range: borrowing MemoryRange, _ wanted: WantedMemory, to output: String
        ) throws(CommandFailure) {
            var options = OutputOptions()
            options.output = output
            let octets = WantedOctets(length: wanted.range.upperBound - wanted.range.lowerBound)
            try options.withSink { (sink) throws(CommandFailure) in
                var sink = sink
                do throws(MigrationError) {
                    try octets.forEachPiece(of: range) { (piece, _) throws(MigrationError) in
                        do { try sink.append(piece) } catch {
                            throw MigrationError(.io, expected: "", found: "\(error)")
                        }
                    }
                } catch { throw CommandFailure(error, file: output) }
                do throws(ByteIOError) { try sink.flush() } catch {
                    throw CommandFailure(error, file: output)
                }
            }
        }
    }
}
