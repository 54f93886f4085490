import Foundation
import Testing

/// What `info --json` printed, parsed by Foundation.
struct Summary {
    let members: [String: Any]

    init(_ outcome: Outcome) throws {
        let value = try JSONSerialization.jsonObject(with: Data(outcome.output))
        members = try #require(value as? [String: Any])
    }

    subscript(_ key: String) -> Any? { members[key] }

    /// An array of objects.
    func list(_ key: String) throws -> [[String: Any]] {
        try #require(members[key] as? [[String: Any]])
    }
}
