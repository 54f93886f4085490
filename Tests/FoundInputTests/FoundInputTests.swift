import Foundation
import InputProperties
import TestSupport
import Testing

/// Inputs that fuzzing found, each of which once broke a property or a limit: `Tests/Fixtures/Found`,
/// a folder a target. `outcomes.tsv` there tells what is to become of each.
@Suite("Inputs that fuzzing found")
struct FoundInputTests {
    struct Found: Sendable, CustomStringConvertible {
        var target: String
        var file: String
        var outcome: String

        var description: String { "\(target)/\(file)" }
    }

    static let folder = URL(fileURLWithPath: Fixture.path("Found"))
        .deletingPathExtension().path

    static let all: [Found] = {
        let text = (try? String(contentsOfFile: folder + "/outcomes.tsv", encoding: .utf8)) ?? ""
        return text.split(separator: "\n").compactMap { line in
            let parts = line.split(separator: "\t").map(String.init)
            return parts.count == 3
                ? Found(target: parts[0], file: parts[1], outcome: parts[2]) : nil
        }
    }()

    @Test("Each keeps all properties and ends as it should", arguments: all)
    func found(_ found: Found) throws {
        let target = try #require(InputTarget.named(found.target))
        let input = try contents(of: "\(Self.folder)/\(found.target)/\(found.file)")
        #expect(try target.check(input) == found.outcome)
    }

    @Test("Every file has its line, and every target its name once")
    func listed() throws {
        #expect(Set(InputTarget.all.map(\.name)).count == InputTarget.all.count)
        for target in InputTarget.all {
            let files = try? FileManager.default.contentsOfDirectory(
                atPath: "\(Self.folder)/\(target.name)")
            let listed = Self.all.filter { $0.target == target.name }.map(\.file)
            #expect(Set(files ?? []) == Set(listed), "\(target.name)")
        }
    }
}
