/// The form of the strings behind PATTERN and SETTINGS.
enum PatternSyntax {
    /// What is wrong with a regular expression (X.680 annex A); `nil` when nothing is.
    static func fault(_ text: String) -> String? {
        let characters = Array(text.unicodeScalars)
        var groups = 0
        var index = 0
        var hasAtom = false
        while index < characters.count {
            let character = characters[index]
            index += 1
            switch character {
            case "\\":
                guard index < characters.count else { return "a backslash ends it" }
                index += 1
                hasAtom = true
            case "[":
                // The first "]" behind "[" or "[^" stands for itself.
                if index < characters.count, characters[index] == "^" { index += 1 }
                if index < characters.count, characters[index] == "]" { index += 1 }
                while index < characters.count, characters[index] != "]" {
                    index += characters[index] == "\\" ? 2 : 1
                }
                guard index < characters.count else { return "a \"[\" has no \"]\"" }
                index += 1
                hasAtom = true
            case "(":
                groups += 1
                hasAtom = false
            case ")":
                groups -= 1
                guard groups >= 0 else { return "a \")\" has no \"(\"" }
                hasAtom = true
            case "|": hasAtom = false
            case "*", "+", "?":
                guard hasAtom else { return "nothing stands before \"\(character)\"" }
            case "#":
                guard hasAtom else { return "nothing stands before \"#\"" }
                guard index < characters.count else { return "no number follows \"#\"" }
                if characters[index] == "(" {
                    guard let end = characters[index...].firstIndex(of: ")") else {
                        return "a \"(\" has no \")\""
                    }
                    let counts = characters[(index + 1)..<end]
                    let isGood = counts.allSatisfy { ("0"..."9").contains($0) || $0 == "," }
                    guard isGood, counts.count(where: { $0 == "," }) <= 1,
                        counts.contains(where: { $0 != "," })
                    else { return "the numbers behind \"#\" are none" }
                    index = end + 1
                } else {
                    guard ("0"..."9").contains(characters[index]) else {
                        return "no number follows \"#\""
                    }
                    index += 1
                }
            default: hasAtom = true
            }
        }
        return groups > 0 ? "a \"(\" has no \")\"" : nil
    }

    /// What is wrong with the property settings of a time type (38.2, table 6).
    static func settingsFault(_ text: String) -> String? {
        let settings = text.split(separator: " ")
        if settings.isEmpty { return "it names no property" }
        for setting in settings {
            let parts = setting.split(separator: "=", omittingEmptySubsequences: false)
            guard parts.count == 2, let known = properties[String(parts[0])] else {
                return "\"\(setting)\" is no property of a time"
            }
            let value = String(parts[1])
            if known.contains(value) { continue }
            // F3, L5, R12: a letter and a number.
            let stem = value.drop { !("0"..."9").contains($0) }
            let letters = value.prefix(value.count - stem.count)
            if !stem.isEmpty, stem.allSatisfy({ ("0"..."9").contains($0) }),
                known.contains(letters + "n")
            {
                continue
            }
            return "the property \(parts[0]) has no setting \"\(value)\""
        }
        return nil
    }

    private static let properties: [String: Set<String>] = [
        "Basic": ["Date", "Time", "Date-Time", "Interval", "Rec-Interval"],
        "Date": ["C", "Y", "YM", "YMD", "YD", "YW", "YWD"],
        "Year": ["Basic", "Proleptic", "Negative", "Ln"],
        "Time": ["H", "HM", "HMS", "HFn", "HMFn", "HMSFn"],
        "Local-or-UTC": ["L", "Z", "LD"],
        "Interval-type": ["SE", "D", "SD", "DE"],
        "SE-point": ["Date", "Time", "Date-Time"],
        "Recurrence": ["Unlimited", "Rn"],
        "Midnight": ["Start", "End"],
    ]
}
