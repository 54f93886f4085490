import ASN1
import BER
import ByteIO
import Inspection
import Migration
import MigrationBER
import QEMUStream
import SchemaValidation
import SystemPackage

/// All benchmarks. A new one is a new entry here and a line in `thresholds.tsv`.
enum Benchmarks {
    static func all(sample: [UInt8]) throws -> [Benchmark] {
        let null = try FileDescriptor.open(FilePath("/dev/null"), .writeOnly)
        let sink = { ByteSink(descriptor: null) }
        return pages(sink) + elements(sink) + [devices(sample, sink)]
    }

    // MARK: Pages

    private static func pages(_ sink: @escaping () -> ByteSink) -> [Benchmark] {
        let kinds: [(String, PageStream.Kind, Int)] = [
            ("full", .full, 4096), ("zero", .zero, 65_536), ("xbzrle", .xbzrle, 65_536),
        ]
        var all: [Benchmark] = []
        for (name, kind, units) in kinds {
            all.append(
                Benchmark(name: "encode \(name) pages", unit: "page", units: units) { count in
                    {
                        var writer = Version4Writer(sink(), producer: "benchmark")
                        var reader = StreamReader(
                            ByteSource(producer: PageStream(kind, pages: count)))
                        try reader.read(into: &writer)
                    }
                })
            let few = units / 4
            all.append(
                Benchmark(name: "decode \(name) pages", unit: "page", units: few) { count in
                    let file = try encoded(kind, count)
                    return {
                        var writer = StreamWriter(sink())
                        try MigrationFileReader(OctetStream.source(file)).read(into: &writer)
                    }
                })
            all.append(
                Benchmark(name: "validate \(name) pages", unit: "page", units: few) { count in
                    let file = try encoded(kind, count)
                    let program = try program(.version4)
                    return { try expectValid(file, program) }
                })
        }
        return all
    }

    private static func encoded(_ kind: PageStream.Kind, _ count: Int) throws -> [UInt8] {
        var writer = Version4Writer(.inMemory(), producer: "benchmark")
        var reader = StreamReader(ByteSource(producer: PageStream(kind, pages: count)))
        try reader.read(into: &writer)
        var made = writer.takeSink()
        return try made.takeOctets()
    }

    // MARK: Elements

    /// Each page of the file is four elements; a unit is an element.
    private static func elements(_ sink: @escaping () -> ByteSink) -> [Benchmark] {
        let units = 40_000
        let file = { (count: Int) in FillFile.octets(pages: count / 4) }
        return [
            Benchmark(name: "read elements", unit: "element", units: units) { count in
                let file = file(count)
                return {
                    var reader = BERReader(OctetStream.source(file))
                    while true {
                        if case .endOfInput = try reader.next() { break }
                    }
                }
            },
            Benchmark(name: "validate elements", unit: "element", units: units) { count in
                let (file, program) = (file(count), try program(.version3))
                return { try expectValid(file, program) }
            },
            Benchmark(name: "dump raw elements", unit: "element", units: units) { count in
                let file = file(count)
                return {
                    var dumper = RawDumper(OctetStream.source(file), to: sink())
                    try dumper.run()
                }
            },
            Benchmark(name: "dump tree elements", unit: "element", units: units) { count in
                let (file, program) = (file(count), try program(.version3))
                return {
                    var listener = TreeListener(program, to: TextSink(sink()))
                    _ = try SchemaValidator.run(
                        OctetStream.source(file), program, listener: &listener)
                }
            },
            Benchmark(name: "dump JSON elements", unit: "element", units: units) { count in
                let (file, program) = (file(count), try program(.version3))
                return {
                    var listener = JSONListener(program, to: TextSink(sink()))
                    _ = try SchemaValidator.run(
                        OctetStream.source(file), program, listener: &listener)
                }
            },
        ]
    }

    private static func program(_ schema: BuiltInSchema) throws -> ValidationProgram {
        guard let compiled = SchemaCompiler().compile([schema.file]).schema,
            let type = compiled.type(named: BuiltInSchema.typeName)
        else { throw Failure.schema }
        return ValidationProgram(compiled, type: type, name: BuiltInSchema.typeName)
    }

    private static func expectValid(_ file: [UInt8], _ program: ValidationProgram) throws {
        let outcome = try SchemaValidator.validate(OctetStream.source(file), program)
        guard outcome.isValid, outcome.octets == UInt64(file.count) else { throw Failure.invalid }
    }

    enum Failure: Error { case schema, invalid }

    // MARK: Devices

    /// A real machine's stream, again and again.
    private static func devices(
        _ sample: [UInt8], _ sink: @escaping () -> ByteSink
    ) -> Benchmark {
        Benchmark(name: "encode a machine", unit: "stream", units: 4) { count in
            {
                for _ in 0..<count {
                    var writer = Version4Writer(sink(), producer: "benchmark")
                    var reader = StreamReader(OctetStream.source(sample))
                    try reader.read(into: &writer)
                }
            }
        }
    }
}
