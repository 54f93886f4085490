import ArgumentParser
import ByteIO
import Containers
import Inspection
import Migration
import QEMUStream

/// The QEMU that a stream is to be loaded by.
struct CheckTargetOptions: ParsableArguments {
    @Option(
        name: .customLong("against"), parsing: .singleValue,
        help: ArgumentHelp(
            "What the target's QEMU wrote: a -dump-vmstate file, or another stream of the target "
                + "machine, in any form. Both may be given, each as an option of its own.",
            valueName: "file"),
        completion: .file())
    var files: [String] = []

    @Option(
        help: ArgumentHelp(
            "The target's machine type, in full, in place of what the files say.",
            valueName: "name"))
    var machine: String?

    @Option(
        name: .customLong("ram"), parsing: .singleValue,
        help: ArgumentHelp(
            "The length of one of the target's RAM blocks: octets, or with K, M or G.",
            valueName: "name=length"))
    var blocks: [String] = []

    func validate() throws {
        guard !files.contains("-") else {
            throw ValidationError("--against wants a file, not standard input.")
        }
        for block in blocks where Self.block(block) == nil {
            throw ValidationError(
                "--ram wants NAME=LENGTH, as in pc.ram=128M or 0000:00:03.0/e1000.rom=0x40000.")
        }
    }

    /// A block's name, which may have any characters, and its length.
    private static func block(_ text: String) -> (name: String, length: UInt64)? {
        guard let equals = text.lastIndex(of: "=") else { return nil }
        var number = text[text.index(after: equals)...].uppercased()
        var unit: UInt64 = 1
        for (suffix, octets) in [("K", 1 << 10), ("M", 1 << 20), ("G", 1 << 30)] as [(_, UInt64)]
        where number.hasSuffix(suffix) {
            number.removeLast()
            unit = octets
        }
        let digits = number.hasPrefix("0X") ? number.dropFirst(2) : number[...]
        guard let count = UInt64(digits, radix: number.hasPrefix("0X") ? 16 : 10) else {
            return nil
        }
        let (length, overflow) = count.multipliedReportingOverflow(by: unit)
        return overflow || equals == text.startIndex ? nil : (String(text[..<equals]), length)
    }

    /// What is known of the target.
    /// - Parameter layouts: gets the dumps' layouts, for streams that describe no devices.
    func target(layouts: inout DeviceLayouts) throws(CommandFailure) -> TargetMachine {
        var target = TargetMachine()
        target.machine = machine
        for file in files {
            switch try TargetFile(path: file) {
            case .dump(let dump, let json):
                target.add(dump)
                do throws(VMDescription.Fault) { try layouts.add(dump: json) } catch {
                    throw DumpFile.failure(error, of: json.count, file)
                }
            case .stream(let inventory): target.add(inventory)
            }
        }
        for case (let name, let length)? in blocks.map({ Self.block($0) }) {
            target.setBlock(name, length: length)
        }
        return target
    }
}

/// A file that tells of the QEMU that is to load a stream.
enum TargetFile {
    case dump(DumpDescription, [UInt8])
    case stream(StreamInventory)

    init(path: String) throws(CommandFailure) {
        let input = InputOptions.of(path, quiet: true)
        var source = try input.openInside()
        let kind = try input.kind(of: &source)
        if kind == .vmstateDump {
            let json = try DumpFile.content(of: &source, path)
            self = .dump(try DumpFile.description(json, path), json)
        } else {
            self = .stream(
                try InventoryReader.inventory(
                    source, kind, input, options: StreamOptions(), quiet: true))
        }
    }
}
