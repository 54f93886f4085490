import ASN1
import ByteIO
import Foundation
import SchemaValidation
import Testing

/// Random schemas and values, encoded and judged by asn1tools, then judged by us. The seed is fixed.
struct DifferentialTests {
    struct Line: Decodable {
        enum Cell: Decodable {
            case text(String)
            case flag(Bool)

            init(from decoder: any Decoder) throws {
                let container = try decoder.singleValueContainer()
                if let flag = try? container.decode(Bool.self) {
                    self = .flag(flag)
                } else {
                    self = .text(try container.decode(String.self))
                }
            }
        }
        var schema: String
        var vectors: [[Cell]]
    }

    static func python(_ arguments: [String]) -> String? {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["python3"] + arguments
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = FileHandle.nullDevice
        guard (try? process.run()) != nil else { return nil }
        let data = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return process.terminationStatus == 0 ? String(decoding: data, as: UTF8.self) : nil
    }

    static let hasOracle = python(["-c", "import asn1tools"]) != nil

    @Test(
        "We judge as asn1tools does what it encodes", .enabled(if: hasOracle),
        arguments: [(1, "ber"), (2, "ber"), (3, "der"), (4, "der")])
    func asn1tools(_ seed: Int, _ rules: String) throws {
        let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("Oracles/asn1tools_vectors.py").path
        let output = try #require(Self.python([script, "\(seed)", "150", rules]))
        var good = 0
        var bad = 0
        for line in output.split(separator: "\n") {
            let parsed = try JSONDecoder().decode(Line.self, from: Data(line.utf8))
            let result = SchemaCompiler().compile([SourceFile(name: "m", text: parsed.schema)])
            let schema = try #require(result.schema, "\(parsed.schema)")
            let type = try #require(schema.type(named: "T"))
            let program = ValidationProgram(
                schema, type: type, name: "T", rules: ValueRules(rawValue: rules) ?? .ber)
            for vector in parsed.vectors {
                guard vector.count == 3, case .text(let listing) = vector[2],
                    case .text(let hex) = vector[0],
                    case .flag(let verdict) = vector[1]
                else { continue }
                let digits = Array(hex.utf8)
                let octets = stride(from: 0, to: digits.count, by: 2).compactMap {
                    UInt8(String(decoding: digits[$0..<$0 + 2], as: UTF8.self), radix: 16)
                }
                let outcome = SchemaValidator.validate(octets: octets, program)
                let message = outcome.findings.first.map { "\($0.code) \($0.pathText)" } ?? "valid"
                #expect(outcome.isValid == verdict, "\(parsed.schema) \(hex): \(message)")
                if verdict { good += 1 } else { bad += 1 }
                if !listing.isEmpty {
                    let ours = try Self.json(octets, program)
                    // Objects are the same whatever the order of their members.
                    let same = try Self.parse(ours).isEqual(Self.parse(listing))
                    #expect(same, "\(parsed.schema) \(hex): \(ours) \(listing)")
                }
            }
        }
        #expect(good > 300)
        #expect(bad > 50)
    }

    static func json(_ octets: [UInt8], _ program: ValidationProgram) throws -> String {
        let sink = TextSink(ByteSink.inMemory())
        var listener = JSONListener(program, to: sink)
        _ = try SchemaValidator.run(ByteSource(octets: octets), program, listener: &listener)
        return String(decoding: try sink.takeOctets(), as: UTF8.self)
    }

    static func parse(_ text: String) throws -> NSArray {
        let value = try JSONSerialization.jsonObject(
            with: Data("[\(text)]".utf8), options: [.fragmentsAllowed])
        return try #require(value as? NSArray)
    }
}
