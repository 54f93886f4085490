import ByteIO
import Migration
import TestSupport
import Testing

/// Real streams come back to the octet, and what is told of them is what their makers say.
@Suite("Binary stream: real streams")
struct RealStreamTests {
    @Test("A real stream comes back to the octet", arguments: Fixture.names)
    func roundTrip(_ name: String) throws {
        let octets = try Fixture.octets(name)
        #expect(try rewrite(ByteSource(octets: octets)) == octets)
        #expect(try rewrite(ByteSource(path: Fixture.path(name))) == octets)
        #expect(try rewrite(ByteSource(octets: octets), ignoresDescription: true) == octets)
    }

    /// What `file` and the machines' documentation say of the page sizes (reference, annex A).
    static let pageSizes: [(String, Int)] = [
        ("avr-uno-7.2", 256), ("tricore-testboard-11.1", 16384), ("or1k-sim-10.0", 8192),
        ("m68k-virt-11.1", 4096), ("s390x-ccw-keys-7.2", 4096), ("x86-microvm-guest-11.1", 4096),
    ]

    @Test("The target's page size is found, with the vmdesc or without", arguments: pageSizes)
    func pageSize(_ name: String, _ size: Int) throws {
        let octets = try Fixture.octets(name)
        for ignoresDescription in [false, true] {
            let sizes = Set(
                try events(octets, ignoresDescription: ignoresDescription)
                    .filter { $0.hasPrefix("pages of ") }.map { $0.split(separator: " ")[2] })
            #expect(sizes == ["\(size)"], "ignores: \(ignoresDescription)")
        }
    }

    @Test("All devices of a real stream become fields", arguments: Fixture.names)
    func typedDevices(_ name: String) throws {
        let warnings = Warnings()
        let lines = try events(try Fixture.octets(name), warnings: warnings)
        let blobs = lines.filter { $0.hasPrefix("full") && $0.contains(": opaque") }
        #expect(blobs == [])
        // s390_css of 7.2 hides its channels' layouts behind a first null pointer.
        let isExcused = name.hasPrefix("s390x") && !name.hasSuffix("11.1")
        #expect(warnings.all.isEmpty || isExcused, "\(warnings.all)")
    }

    @Test(
        "The same is told however the octets arrive",
        arguments: ["avr-uno-7.2", "tricore-testboard-11.1"],
        [[1], [2, 1, 3], [4093, 1, 70], [65536]])
    func arrival(_ name: String, _ sizes: [Int]) throws {
        let octets = try Fixture.octets(name)
        let whole = try events(octets)
        var recorder = Recorder()
        try read(.packets(octets, sizes: sizes), into: &recorder)
        #expect(recorder.lines == whole)
    }

    @Test("Larger streams are told the same in pieces", arguments: Fixture.names)
    func arrivalOfLarger(_ name: String) throws {
        let octets = try Fixture.octets(name)
        let whole = try events(octets)
        for sizes in [[4093, 1, 70], [30_000, 8, 9]] {
            var recorder = Recorder()
            try read(.packets(octets, sizes: sizes), into: &recorder)
            #expect(recorder.lines == whole, "\(sizes)")
        }
    }
}
