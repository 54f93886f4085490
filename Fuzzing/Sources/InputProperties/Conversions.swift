import ASN1
import ByteIO
import Inspection
import Migration
import MigrationBER
import QEMUStream
import SchemaValidation

/// A BER format.
enum Format: String, CaseIterable {
    case version3, version4

    var other: Format { self == .version3 ? .version4 : .version3 }

    /// The project's schema for it.
    var program: ValidationProgram? { self == .version3 ? Format.programs.0 : Format.programs.1 }

    private static let programs = (compile(.version3), compile(.version4))

    private static func compile(_ schema: BuiltInSchema) -> ValidationProgram? {
        guard let compiled = SchemaCompiler().compile([schema.file]).schema,
            let type = compiled.type(named: BuiltInSchema.typeName)
        else { return nil }
        return ValidationProgram(compiled, type: type, name: BuiltInSchema.typeName)
    }
}

/// Binary to binary.
func rewrite(
    _ source: consuming ByteSource, _ options: StreamOptions = StreamOptions()
) throws(MigrationError) -> [UInt8] {
    var writer = StreamWriter(.inMemory())
    var reader = StreamReader(source, options: options)
    try reader.read(into: &writer)
    var sink = writer.takeSink()
    return try octets(&sink)
}

/// Binary to BER.
func encode(
    _ source: consuming ByteSource, _ format: Format, _ options: StreamOptions = StreamOptions()
) throws(MigrationError) -> [UInt8] {
    var reader = StreamReader(source, options: options)
    switch format {
    case .version3:
        var writer = Version3Writer(.inMemory(), producer: "test")
        try reader.read(into: &writer)
        var sink = writer.takeSink()
        return try octets(&sink)
    case .version4:
        var writer = Version4Writer(.inMemory(), producer: "test")
        try reader.read(into: &writer)
        var sink = writer.takeSink()
        return try octets(&sink)
    }
}

/// What a BER file has beside or in place of a main channel.
struct ChannelCount: Equatable {
    var hasMain = true
    var channels = 0
}

/// BER of either version to the main channel, and the others.
func decode(
    _ source: consuming ByteSource, _ count: ChannelCount = ChannelCount(),
    form: StreamWriter.Form = .stream
) throws(MigrationError) -> [[UInt8]] {
    let beside = max(count.hasMain ? count.channels : count.channels - 1, 0)
    var writer = StreamWriter(
        .inMemory(), form: form, channels: [ChannelTarget](repeating: .memory, count: beside))
    try MigrationFileReader(source).read(into: &writer)
    let others = writer.channelOctets
    let held = writer.mainOctets
    var sink = writer.takeSink()
    let first: [UInt8]
    if let held { first = held } else { first = try octets(&sink) }
    return [first] + others
}

/// BER to BER.
func recode(
    _ source: consuming ByteSource, to format: Format
) throws(MigrationError) -> [UInt8] {
    let reader = try MigrationFileReader(source)
    switch format {
    case .version3:
        var writer = Version3Writer(.inMemory(), producer: "test")
        try reader.read(into: &writer)
        var sink = writer.takeSink()
        return try octets(&sink)
    case .version4:
        var writer = Version4Writer(.inMemory(), producer: "test")
        try reader.read(into: &writer)
        var sink = writer.takeSink()
        return try octets(&sink)
    }
}

private func octets(_ sink: inout ByteSink) throws(MigrationError) -> [UInt8] {
    do { return try sink.takeOctets() } catch {
        throw MigrationError(.io, expected: "", found: "\(error)")
    }
}

/// The result, or the error, which must have a place in the input.
func outcome<T>(
    of input: [UInt8], _ body: () throws(MigrationError) -> T
) throws -> Result<T, MigrationError> {
    do throws(MigrationError) {
        return .success(try body())
    } catch {
        try expect(error.code != .io, "an error of the system where there is none: \(error)")
        try expect(
            // A disk image's tables may lead anywhere; the error tells where.
            (error.offset ?? 0) <= UInt64(input.count) || error.path.hasPrefix("qcow2"),
            "an error behind the input's \(input.count) octets: \(error)")
        return .failure(error)
    }
}

func expect(_ condition: Bool, _ message: @autoclosure () -> String) throws {
    guard condition else { throw Breach(message()) }
}

/// As an outcome is written down.
func text(_ error: MigrationError) -> String {
    error.code.rawValue + (error.offset.map { " at \($0)" } ?? "")
}

/// A file of ours must keep its schema.
func expectValid(_ file: [UInt8], _ format: Format, _ what: String) throws {
    guard let program = format.program else { throw Breach("the schema does not compile") }
    let outcome = SchemaValidator.validate(octets: file, program)
    try expect(
        outcome.isValid,
        "\(what) breaks its schema: "
            + (outcome.findings.first.map { "\($0.code) at \($0.at): \($0.message)" } ?? ""))
}
