/// Something to be measured: what it does with so many units.
struct Benchmark {
    /// As in `Benchmarks/thresholds.tsv`.
    let name: String
    let unit: String
    /// Units of a small run; a large one has ten times as many.
    let units: Int
    /// Makes the input, and returns what is measured.
    let prepare: (_ units: Int) throws -> () throws -> Void
}

extension Benchmark {
    /// Allocations of a small and of a large run.
    /// - Parameter counter: tells the allocations so far.
    func allocations(
        _ counter: () -> UInt64, small: Int, large: Int
    ) throws -> (small: UInt64, large: UInt64) {
        // What is made once in a process is made now.
        try prepare(small)()
        let results = try [small, large].map { count in
            let work = try prepare(count)
            let before = counter()
            try work()
            return counter() - before
        }
        return (results[0], results[1])
    }
}
