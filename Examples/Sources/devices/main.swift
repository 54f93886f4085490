// Prints the numbers in each device's state: devices FILE.
import Inspection
import Migration

struct DevicePrinter: ObservingVisitor {
    private var section = ""

    mutating func beginSection(
        _ header: SectionHeader, contents: SectionContents, at offset: UInt64
    ) throws(MigrationError) { section = header.name }

    mutating func device(_ state: borrowing DeviceState) throws(MigrationError) {
        for node in state.nodes where node.kind.width != nil {
            print("\(section) \(state.name(of: node)) = \(node.value)")
        }
    }
}

guard CommandLine.arguments.count == 2 else { fatalError("usage: devices FILE") }
var printer = DevicePrinter()
do {
    try InputReader.read(path: CommandLine.arguments[1], into: &printer)
} catch {
    print("\(CommandLine.arguments[1]): \(error)")
}
