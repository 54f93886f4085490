import ByteIO
import Foundation
import SchemaValidation
import Testing

/// A pass needs the same memory whatever the input's size.
struct MemoryTests {
    /// Peak memory of a run of the program, in KiB.
    private static func peak(_ file: String) throws -> (kibibytes: Int, status: Int32) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [
            "python3", "-c",
            """
            import resource, subprocess, sys
            status = subprocess.call(sys.argv[1:], stdout=subprocess.DEVNULL)
            print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, status)
            """, CommandTests.plainProgram.path, "validate", file,
        ]
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        let numbers = String(decoding: data, as: UTF8.self).split(whereSeparator: \.isWhitespace)
            .compactMap { Int($0) }
        try #require(numbers.count == 2)
        return (numbers[0], Int32(numbers[1]))
    }

    @Test(
        "A definite string of 96 MiB takes far less memory than its size",
        arguments: [0x04, 0x0c] as [UInt8])
    func large(_ tag: UInt8) throws {
        let count = 96 << 20
        var octets: [UInt8] = [tag, 0x84]
        for shift in [24, 16, 8, 0] { octets.append(UInt8(truncatingIfNeeded: count >> shift)) }
        octets += [UInt8](repeating: 0x61, count: count)
        let name = "large-\(tag).ber"
        try CommandTests.put(name, octets)
        let file = CommandTests.directory.appendingPathComponent(name)
        defer { try? FileManager.default.removeItem(at: file) }
        let result = try Self.peak(file.path)
        #expect(result.status == 0)
        // A debug build with its libraries is part of it.
        #expect(result.kibibytes < 48 << 10)
    }

    @Test("Nesting of indefinite lengths up to the limit takes no stack")
    func deep() throws {
        let program = try #require(ValidationProgram.anything())
        let levels = 99_000
        let octets =
            (0..<levels).flatMap { _ in [0x30, 0x80] as [UInt8] }
            + [UInt8](repeating: 0, count: 2 * levels)
        #expect(SchemaValidator.validate(octets: octets, program).isValid)
    }
}
