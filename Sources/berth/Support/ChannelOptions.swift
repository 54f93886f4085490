public import ArgumentParser
import ByteIO
import Containers
import Inspection
public import Migration
import QEMUStream

/// The channels beside the main one, as inputs.
struct ChannelOptions: ParsableArguments {
    @Option(
        name: .customLong("channel"), parsing: .singleValue,
        help: ArgumentHelp(
            "A recording of another channel of the same migration: multifd, post-copy preempt, "
                + "return path, connection after a recovery, CPR state. May be given several times. "
                + "KIND:FILE says which it is, where its octets don't: multifd, preempt, "
                + "return-path, continued or cpr-state.",
            valueName: "file"),
        completion: .file())
    var channels: [String] = []

    @Option(
        help: ArgumentHelp(
            "Which channel IN is, if its content doesn't tell.", valueName: "kind"))
    var kind: ChannelKind?

    func validate() throws {
        guard !channels.contains("-") else {
            throw ValidationError("--channel wants a file, not standard input.")
        }
    }

    /// Without any.
    static var none: ChannelOptions {
        var options = ChannelOptions()
        options.channels = []
        options.kind = nil
        return options
    }

    /// The channels in their order.
    var files: [ChannelFile] { channels.map(ChannelFile.init) }

    var count: UInt32 { UInt32(clamping: channels.count) }

    /// What the input is.
    func kind(
        of source: inout ByteSource, _ input: InputOptions
    ) throws(CommandFailure) -> FileKind {
        if let kind { return FileKind(kind) }
        return try input.kind(of: &source)
    }

    /// Reads the input, then the channels one after another.
    /// - Parameters:
    ///   - inputName: the input's name in messages.
    ///   - origin: what the input came in, as far as that is to be kept.
    ///   - options: how the file of a name is to be read.
    ///   - schemaVersion: set to a BER file's version as soon as it is known.
    ///   - position: set to how many octets of the input were read, also if an error ends that.
    func read<V: MigrationVisitor & ~Copyable>(
        _ source: consuming ByteSource, _ kind: FileKind, named inputName: String,
        origin: StreamOrigin?, options: (String) -> StreamOptions, into visitor: inout V,
        schemaVersion: inout Int?,
        position: inout UInt64
    ) throws(CommandFailure) {
        // The file that an error is of.
        var name = inputName
        var context = StreamContext()
        do throws(MigrationError) {
            context = try InputReader.readFirst(
                source, kind: kind, channels: count, options: options(name), origin: origin,
                into: &visitor,
                schemaVersion: &schemaVersion, position: &position)
        } catch { throw CommandFailure(error, file: name) }
        for file in files {
            name = file.path
            var channel = ChannelKind.multifd
            let source = try file.open(&channel, name: &name)
            var read: UInt64 = 0
            do throws(MigrationError) {
                context = try InputReader.readChannel(
                    source, kind: channel, options: options(name), context: context,
                    into: &visitor, position: &read)
            } catch { throw CommandFailure(error, file: name) }
        }
        // A BER file's reader has told the end.
        if kind == .migrationBER { return }
        do throws(MigrationError) { try visitor.end() } catch {
            throw CommandFailure(error, file: name)
        }
    }
}

extension ChannelKind: ExpressibleByArgument {}

/// A channel's file.
struct ChannelFile {
    var path: String
    /// What it is, if the user says it.
    var stated: ChannelKind?

    /// - Parameter text: a path, perhaps with a kind and a colon before it.
    init(_ text: String) {
        path = text
        if let colon = text.firstIndex(of: ":"),
            let kind = ChannelKind(rawValue: String(text[..<colon]))
        {
            stated = kind
            path = String(text[text.index(after: colon)...])
        }
    }

    /// Opens the file.
    /// - Parameters:
    ///   - channel: set to what it is.
    ///   - name: set to its name in messages.
    func open(
        _ channel: inout ChannelKind, name: inout String
    ) throws(CommandFailure) -> ByteSource {
        let file: ByteSource
        do { file = try ByteSource(path: path) } catch {
            throw CommandFailure(error, file: path)
        }
        var layers: [ContainerLayer] = []
        var source: ByteSource
        do throws(MigrationError) {
            source = try ContainerOpener.open(file, layers: &layers).takeSource()
        } catch { throw CommandFailure(error, file: InputOptions.name(path, in: layers)) }
        name = InputOptions.name(path, in: layers)
        if let stated {
            channel = stated
            return source
        }
        let kind: FileKind
        do { kind = try FileKind.detect(&source) } catch {
            throw CommandFailure(error, file: path)
        }
        guard let found = kind.channel else {
            let what =
                switch kind {
                case .unknown: "no channel that could be told by its content"
                case .empty: "an empty file"
                default: "a \(kind.rawValue)"
                }
            throw CommandFailure(
                status: CommandFailure.unusable, "\(path): this is \(what)",
                hint: kind == .binaryStream || kind == .migrationBER
                    ? "the main channel is the input itself; --channel is for those beside it"
                    : "KIND:FILE says what it is, as in: --channel preempt:\(path)")
        }
        channel = found
        return source
    }
}
