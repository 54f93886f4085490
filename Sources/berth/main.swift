import ByteIO
import Migration
import MigrationBER
import QEMUStream
import SystemPackage

func run() throws {
    let mode = CommandLine.arguments[1]
    let path = CommandLine.arguments[2]
    let source =
        path == "-"
        ? ByteSource(descriptor: .standardInput, closes: false) : try ByteSource(path: path)
    let warn: @Sendable (MigrationWarning) -> Void = {
        _ = try? FileDescriptor.standardError.writeAll("warning: \($0)\n".utf8)
    }
    let sink = ByteSink(descriptor: .standardOutput)
    var options = StreamOptions()
    options.warn = warn
    do {
        switch mode {
        case "e4":
            var reader = StreamReader(source, options: options)
            var writer = Version4Writer(sink, producer: "berth")
            try reader.read(into: &writer)
        case "e3":
            var reader = StreamReader(source, options: options)
            var writer = Version3Writer(sink, producer: "berth")
            try reader.read(into: &writer)
        default:
            let reader = MigrationFileReader(source, warn: warn)
            var writer = StreamWriter(sink)
            try reader.read(into: &writer)
        }
    } catch {
        _ = try? FileDescriptor.standardError.writeAll("error: \(error)\n".utf8)
    }
}
try run()
