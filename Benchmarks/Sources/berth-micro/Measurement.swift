import CAllocationCounter

/// What a benchmark came to.
struct Measurement {
    /// Of the large run less the small one, for 1000 units.
    var allocationsPerThousand: Double
    /// Of the small run, all that is made once included.
    var allocationsAtStart: UInt64
    /// Of the large run, by the processor's clock.
    var nanosecondsPerUnit: Double

    init(_ benchmark: Benchmark) throws {
        let units = benchmark.units
        let (small, large) = try benchmark.allocations(
            berth_allocations, small: units, large: 10 * units)
        let work = try benchmark.prepare(10 * units)
        let begin = ProcessorTime.now
        try work()
        let time = ProcessorTime.now - begin
        allocationsPerThousand = (Double(large) - Double(small)) / Double(9 * units) * 1000
        allocationsAtStart = small
        nanosecondsPerUnit = Double(time) / Double(10 * units)
    }
}
