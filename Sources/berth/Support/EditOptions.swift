import ArgumentParser
import ByteIO
import FoundationEssentials
import Inspection
import Migration

/// Edits, as switches and as a recipe.
struct EditOptions: ParsableArguments {
    @Option(
        parsing: .singleValue,
        help: ArgumentHelp("Give a value another one.", valueName: "path=value"))
    var set: [String] = []

    @Option(
        parsing: .singleValue,
        help: ArgumentHelp("Leave a section or a subsection out.", valueName: "path"))
    var drop: [String] = []

    @Option(
        parsing: .singleValue,
        help: ArgumentHelp("Give a section another idstr.", valueName: "path=name"))
    var rename: [String] = []

    @Option(
        name: .customLong("set-version"), parsing: .singleValue,
        help: ArgumentHelp(
            "Give a section or a subsection another version id.", valueName: "path=number"))
    var versions: [String] = []

    @Option(help: ArgumentHelp("Give the machine type another name.", valueName: "name"))
    var machine: String?

    @Option(
        parsing: .singleValue,
        help: ArgumentHelp(
            "Give a RAM block another length, in octets.", valueName: "block=length"))
    var resizeBlock: [String] = []

    @Option(
        parsing: .singleValue,
        help: ArgumentHelp("Give a RAM block another name.", valueName: "block=name"))
    var renameBlock: [String] = []

    @Option(
        parsing: .singleValue,
        help: ArgumentHelp("Take a section from the stream of --from.", valueName: "path"))
    var take: [String] = []

    @Option(
        help: ArgumentHelp("The stream that --take takes from.", valueName: "file"),
        completion: .file())
    var from: String?

    @Option(
        help: ArgumentHelp(
            "A file of edits in JSON, made before those of the switches.", valueName: "file"),
        completion: .file())
    var recipe: String?

    func validate() throws {
        if take.isEmpty != (from == nil) {
            throw ValidationError("--take and --from belong together.")
        }
    }

    /// The largest recipe that is read.
    private static var recipeLimit: Int { 16 << 20 }

    /// A recipe's file: `{"edits": [{"edit": "set", "path": "…", "value": "…"}, …]}`.
    private struct Recipe: Decodable {
        struct Step: Decodable {
            var edit: String
            var path: String?
            var value: String?
            var name: String?
            var version: UInt32?
            var block: String?
            var length: UInt64?
            var from: String?
        }

        var edits: [Step]
    }

    /// All edits, the recipe's first.
    func operations(reading: ReadingOptions) throws(CommandFailure) -> [EditOperation] {
        var result: [EditOperation] = []
        if let recipe { result += try operations(of: recipe, reading) }
        for text in set {
            let (path, value) = try Self.split(text, "--set PATH=VALUE")
            result.append(.set(try Self.pattern(path), to: value))
        }
        for text in drop { result.append(.drop(try Self.pattern(text))) }
        for text in rename {
            let (path, name) = try Self.split(text, "--rename PATH=NAME")
            result.append(.rename(try Self.pattern(path), to: name))
        }
        for text in versions {
            let (path, number) = try Self.split(text, "--set-version PATH=NUMBER")
            guard let version = UInt32(number) else {
                throw Self.usage("\(text): a version is a number below 2^32")
            }
            result.append(.version(try Self.pattern(path), to: version))
        }
        if let machine { result.append(.machine(try Self.machine(machine))) }
        for text in resizeBlock {
            let (block, number) = try Self.split(text, "--resize-block BLOCK=LENGTH")
            guard let length = Self.number(number) else {
                throw Self.usage("\(text): a length is a number of octets")
            }
            result.append(.resizeBlock(block, to: length))
        }
        for text in renameBlock {
            let (block, name) = try Self.split(text, "--rename-block BLOCK=NAME")
            result.append(.renameBlock(block, to: name))
        }
        if let from {
            for path in take { result += try Self.sections(path, of: from, reading) }
        }
        return result
    }

    private func operations(
        of recipe: String, _ reading: ReadingOptions
    ) throws(CommandFailure) -> [EditOperation] {
        var octets: [UInt8] = []
        do throws(ByteIOError) {
            var source = try ByteSource(path: recipe)
            let count = try source.ensure(Self.recipeLimit)
            guard count < Self.recipeLimit else {
                throw ByteIOError(.window, offset: UInt64(count), path: recipe)
            }
            octets = source.window.octets
        } catch { throw CommandFailure(error, file: recipe) }
        let content: Recipe
        do { content = try JSONDecoder().decode(Recipe.self, from: Data(octets)) } catch {
            throw CommandFailure(
                status: CommandFailure.unusable, "\(recipe): this is no recipe: \(error)",
                hint: #"it looks like {"edits": [{"edit": "set", "path": "…", "value": "…"}]}"#)
        }
        var result: [EditOperation] = []
        for (number, step) in content.edits.enumerated() {
            func lacks(_ what: String) -> CommandFailure {
                CommandFailure(
                    status: CommandFailure.unusable,
                    "\(recipe): edit \(number + 1), \(step.edit): there is no \(what)")
            }
            func pattern() throws(CommandFailure) -> DevicePathPattern {
                guard let path = step.path else { throw lacks("path") }
                return try Self.pattern(path)
            }
            func block() throws(CommandFailure) -> String {
                guard let block = step.block else { throw lacks("block") }
                return block
            }
            func name() throws(CommandFailure) -> String {
                guard let name = step.name else { throw lacks("name") }
                return name
            }
            switch step.edit {
            case "set":
                guard let value = step.value else { throw lacks("value") }
                result.append(.set(try pattern(), to: value))
            case "drop": result.append(.drop(try pattern()))
            case "rename": result.append(.rename(try pattern(), to: try name()))
            case "version":
                guard let version = step.version else { throw lacks("version") }
                result.append(.version(try pattern(), to: version))
            case "machine": result.append(.machine(try Self.machine(try name())))
            case "resize-block":
                guard let length = step.length else { throw lacks("length") }
                result.append(.resizeBlock(try block(), to: length))
            case "rename-block": result.append(.renameBlock(try block(), to: try name()))
            case "take":
                guard let path = step.path else { throw lacks("path") }
                guard let from = step.from else { throw lacks("from") }
                result += try Self.sections(path, of: from, reading)
            default:
                throw CommandFailure(
                    status: CommandFailure.unusable,
                    "\(recipe): edit \(number + 1): there is no edit \"\(step.edit)\"",
                    hint: "there are set, drop, rename, version, machine, resize-block, "
                        + "rename-block and take")
            }
        }
        return result
    }

    // MARK: Parts

    private static func usage(_ message: String) -> CommandFailure {
        CommandFailure(status: CommandFailure.usage, message)
    }

    /// What stands before and behind the last `=` that is not in quotes.
    private static func split(
        _ text: String, _ form: String
    ) throws(CommandFailure) -> (String, String) {
        var isQuoted = false
        var isEscaped = false
        for place in text.indices {
            let character = text[place]
            if isEscaped {
                isEscaped = false
            } else if character == "\\" {
                isEscaped = true
            } else if character == "\"" {
                isQuoted.toggle()
            } else if character == "=", !isQuoted {
                return (String(text[..<place]), String(text[text.index(after: place)...]))
            }
        }
        throw usage("\(text): expected \(form)")
    }

    private static func pattern(_ text: String) throws(CommandFailure) -> DevicePathPattern {
        let patterns = try DevicePathOptions.patterns([text])
        guard let pattern = patterns.first else { throw usage("\(text): expected a path") }
        return pattern
    }

    private static func machine(_ name: String) throws(CommandFailure) -> String {
        guard (1...255).contains(name.utf8.count) else {
            throw usage("\(name): a machine's name has 1 to 255 octets")
        }
        return name
    }

    private static func number(_ text: String) -> UInt64? {
        text.hasPrefix("0x") ? UInt64(text.dropFirst(2), radix: 16) : UInt64(text)
    }

    /// Sections of another stream.
    private static func sections(
        _ path: String, of file: String, _ reading: ReadingOptions
    ) throws(CommandFailure) -> [EditOperation] {
        let pattern = try pattern(path)
        let input = InputOptions.of(file)
        var stream = OpenedStream(input: input, reading: reading)
        var found: [TakenSection] = []
        try stream.read { (isBinary) throws(CommandFailure) in
            StateVisitor(isBinary: isBinary, keptOctets: 256 << 20)
        } finish: { (visitor) throws(CommandFailure) in
            found = TakenSection.find(
                pattern, in: visitor.sections, description: visitor.descriptionText)
        }
        guard !found.isEmpty else {
            throw CommandFailure(
                status: 1, "\(file): there is no device's section at \(path)")
        }
        for section in found where !section.isWhole {
            throw CommandFailure(
                status: CommandFailure.unusable, "\(file): \(section.path): more than 256 MiB")
        }
        return found.map { .take($0) }
    }
}
