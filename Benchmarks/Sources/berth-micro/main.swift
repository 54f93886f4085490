// Measures Berth's hot paths, and holds them to thresholds.tsv.
//
//     berth-micro SAMPLE.mig [THRESHOLDS.tsv]      a table; status 1 if a threshold is passed
//     berth-micro SAMPLE.mig --once NAME UNITS     one run, for callgrind

import Glibc

let words = CommandLine.arguments.dropFirst()
guard let samplePath = words.first else {
    print("usage: berth-micro SAMPLE.mig [THRESHOLDS.tsv | --once NAME UNITS]")
    exit(64)
}
let benchmarks = try Benchmarks.all(sample: try contents(samplePath))
let rest = Array(words.dropFirst())
if rest.count == 3, rest[0] == "--once", let units = Int(rest[2]) {
    guard let chosen = benchmarks.first(where: { $0.name == rest[1] }) else { exit(64) }
    try chosen.prepare(units)()
    exit(0)
}
let limits = try rest.first.map {
    try Thresholds(String(decoding: contents($0), as: UTF8.self)).limits
}
var isFine = true
print("| what | unit | ns a unit | allocations in 1000 units | at most | to begin with |")
print("| --- | --- | --: | --: | --: | --: |")
for benchmark in benchmarks {
    let found = try Measurement(benchmark)
    let limit = limits?[benchmark.name]
    let isOver = limits != nil && (limit.map { found.allocationsPerThousand > $0 } ?? true)
    if isOver { isFine = false }
    let allocations = (found.allocationsPerThousand * 100).rounded() / 100
    let time = (found.nanosecondsPerUnit * 10).rounded() / 10
    print(
        "| \(benchmark.name) | \(benchmark.unit) | \(time) | \(allocations) | "
            + "\(limit.map { "\($0)" } ?? "–")\(isOver ? " **FAIL**" : "") | "
            + "\(found.allocationsAtStart) |")
}
if let limits {
    for name in limits.keys.sorted() where !benchmarks.contains(where: { $0.name == name }) {
        print("no benchmark is called \(name)")
        isFine = false
    }
}
exit(isFine ? 0 : 1)
