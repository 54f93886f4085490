import Foundation
import InputProperties

/// The table of `docs/reliability.md`: every cut and every flipped bit of the streams named, and of
/// the BER files made from them. `--every N` looks at each Nth bit only.
@main
struct DamageReport {
    static func main() {
        var step = 1
        var isStep = false
        var paths: [String] = []
        for word in CommandLine.arguments.dropFirst() {
            if isStep { step = max(Int(word) ?? 1, 1) }
            if !isStep, word != "--every" { paths.append(word) }
            isStep = word == "--every"
        }
        var isWrong = false
        print("| input | octets | damage | cases | told, with offset | as before | passed on |")
        print("| --- | --- | --- | --- | --- | --- | --- |")
        for path in paths {
            do {
                let stream = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
                for form in Damage.Form.allCases {
                    let damage = try Damage(stream: stream, form: form)
                    let name = "\(URL(fileURLWithPath: path).lastPathComponent) \(form.rawValue)"
                    func row(_ what: String, _ counts: Damage.Counts) {
                        print(
                            "| \(name) | \(damage.input.count) | \(what) | \(counts.all) | "
                                + "\(counts.told) | \(counts.same) | \(counts.passed) |")
                        for text in counts.wrong.prefix(20) { print("WRONG: \(text)") }
                        isWrong = isWrong || !counts.wrong.isEmpty
                    }
                    row(
                        "cut",
                        damage.truncations(stride(from: 0, to: damage.input.count, by: step)))
                    let flips = damage.flips(
                        stride(from: step / 2, to: damage.input.count * 8, by: step))
                    for part in Damage.Part.allCases {
                        if let counts = flips[part] { row("bit in \(part.rawValue)", counts) }
                    }
                }
            } catch {
                print("WRONG: \(path): \(error)")
                isWrong = true
            }
        }
        exit(isWrong ? 1 : 0)
    }
}
