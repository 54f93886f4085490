import TestSupport
import Testing

@Suite("Wrong usage")
struct UsageTests {
    private static let pageSize = "--page-size wants a power of two from 256 to 16777216."
    private static let waitLimit = "--wait-limit wants 1 to 4096 MiB."

    /// Arguments, and the first line of what is said of them.
    private static let cases: [([String], String)] = [
        (["restore"], "Unexpected argument 'restore'"),
        (["--quiet"], "Unknown option '--quiet'"),
        (["encode", "a", "b"], "Unexpected argument 'b'"),
        (["encode", "--fast"], "Unknown option '--fast'"),
        (["encode", "-o"], "Missing value for '-o <file>'"),
        (["encode", "--output"], "Missing value for '--output <file>'"),
        (
            ["encode", "--schema-version", "5"],
            "The value '5' is invalid for '--schema-version <version>'. "
                + "Please provide one of '3' and '4'."
        ),
        (
            ["encode", "--page-size", "many"],
            "The value 'many' is invalid for '--page-size <octets>'"
        ),
        (["encode", "--page-size", "0"], pageSize),
        (["encode", "--page-size", "128"], pageSize),
        (["encode", "--page-size", "4097"], pageSize),
        (["encode", "--page-size", "33554432"], pageSize),
        (["info", "--page-size", "1000"], pageSize),
        (["encode", "--wait-limit", "0"], waitLimit),
        (["encode", "--wait-limit", "4097"], waitLimit),
        (["info", "--wait-limit=-1"], waitLimit),
        (["decode", "--page-size", "4096"], "Unknown option '--page-size'"),
        (["decode", "--schema-version", "3"], "Unknown option '--schema-version'"),
        (["decode", "--json"], "Unknown option '--json'"),
        (["info", "-o", "x"], "Unknown option '-o'"),
        (["dump", "--max-depth", "0"], "--max-depth wants at least 1."),
        (["dump", "--max-depth=-5"], "--max-depth wants at least 1."),
        (
            ["dump", "--format", "yaml"],
            "The value 'yaml' is invalid for '--format <format>'. "
                + "Please provide one of 'raw', 'tree', 'json' or 'xml'."
        ),
    ]

    @Test("Each is refused with 64, a message and the usage, before anything is read or written")
    func refused() throws {
        for (arguments, message) in UsageTests.cases {
            let outcome = try berth(arguments)
            let lines = outcome.error.split(separator: "\n")
            #expect(outcome.status == 64, "\(arguments)")
            #expect(lines.first.map(String.init) == "Error: " + message, "\(arguments)")
            #expect(lines.contains { $0.hasPrefix("Usage: berth ") }, "\(arguments)")
            #expect(outcome.output == [], "\(arguments)")
        }
    }

    @Test("Values at the limits are taken")
    func limits() throws {
        let folder = try TemporaryFolder()
        let path = try folder.store(SmallStream.octets, as: "small.mig")
        for option in ["--wait-limit=1", "--wait-limit=4096"] {
            #expect(try berth("info", option, path).status == 0, "\(option)")
        }
        // No page of 256 or 16777216 octets stands in this stream: refused, but not as usage.
        for option in ["--page-size=256", "--page-size=16777216"] {
            #expect(try berth("info", option, path).status == 2, "\(option)")
        }
        #expect(try berth("info", "--page-size=4096", path).status == 0)
        #expect(try berth("dump", "--max-depth=1", path).status == 2)
    }

    @Test("An input that isn't there, or is a folder, is told with its name")
    func noInput() throws {
        let folder = try TemporaryFolder()
        let missing = folder.file("missing")
        for command in ["encode", "decode", "info", "dump"] {
            let outcome = try berth(command, missing)
            #expect(outcome.error == "berth: cannot open \(missing): No such file or directory\n")
            #expect(outcome.status == 2)
            let other = try berth(command, folder.path)
            #expect(other.error == "berth: cannot read \(folder.path): Is a directory\n")
            #expect(other.status == 2)
        }
    }
}
