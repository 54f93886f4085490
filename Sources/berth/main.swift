import ByteIO
import Migration
import QEMUStream
import SystemPackage

func run() throws {
let source = CommandLine.arguments[1] == "-" ? ByteSource(descriptor: .standardInput, closes: false) : try ByteSource(path: CommandLine.arguments[1])
var options = StreamOptions()
options.warn = { _ = try? FileDescriptor.standardError.writeAll("warning: \($0)\n".utf8) }
var reader = StreamReader(source, options: options)
var writer = StreamWriter(ByteSink(descriptor: .standardOutput))
do { try reader.read(into: &writer) } catch { _ = try? FileDescriptor.standardError.writeAll("error: \(error)\n".utf8) }
}
try run()
