import ByteIO
import Containers
import Inspection
import Migration
import QEMUStream

extension ReadingOptions {
    /// The layouts that `--like` and `--vmstate` name.
    func layouts() throws(CommandFailure) -> DeviceLayouts {
        var layouts = DeviceLayouts()
        if let like {
            let description = try vmdesc(of: like)
            do throws(VMDescription.Fault) {
                layouts.add(try VMDescription(json: description))
            } catch {
                // The stream's own reader has taken it as a whole.
                throw CommandFailure(
                    MigrationError(
                        .corrupt, at: UInt64(error.offset), path: "its vmdesc",
                        expected: error.expected + " (JSON)", found: "other text"), file: like)
            }
        }
        if let vmstate {
            var source = try open(vmstate)
            let text = try DumpFile.content(of: &source, vmstate)
            do throws(VMDescription.Fault) {
                try layouts.add(dump: text)
            } catch {
                throw DumpFile.failure(error, of: text.count, vmstate)
            }
        }
        return layouts
    }

    /// The vmdesc of a stream, in whatever form it comes.
    private func vmdesc(of file: String) throws(CommandFailure) -> [UInt8] {
        let opened = try open(file)
        var layers: [ContainerLayer] = []
        var source: ByteSource
        do {
            source = try ContainerOpener.open(opened, layers: &layers).takeSource()
        } catch { throw CommandFailure(error, file: file) }
        let kind: FileKind
        do throws(ByteIOError) { kind = try FileKind.detect(&source) } catch {
            throw CommandFailure(error, file: file)
        }
        var visitor = SummaryVisitor(keepsDescription: true)
        var version: Int?
        var position: UInt64 = 0
        do throws(MigrationError) {
            try InputReader.read(
                source, kind: kind, options: StreamOptions(), into: &visitor,
                schemaVersion: &version,
                position: &position)
        } catch {
            throw CommandFailure(error, file: file)
        }
        guard let description = visitor.descriptionText else {
            throw CommandFailure(
                MigrationError(
                    .unsupported, expected: "a stream with a vmdesc", found: "one without",
                    hint: "--vmstate takes a -dump-vmstate file instead"), file: file)
        }
        return description
    }

    private func open(_ file: String) throws(CommandFailure) -> ByteSource {
        do throws(ByteIOError) { return try ByteSource(path: file) } catch {
            throw CommandFailure(error, file: file)
        }
    }
}
