import ArgumentParser

struct RAMCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ram", abstract: "Take the guest's memory out of a stream.",
        subcommands: [List.self, Extract.self, Read.self])
}
