public import Migration

/// Payloads of iterators, put together by hand from the reference's section 6, and what they hold
/// as ``Recorder`` tells it.
public struct IteratorSample: Sendable, CustomStringConvertible {
    public var name: String
    public var version: UInt32
    public var kind: SectionKind
    public var payload: [UInt8]
    public var lines: [String]

    public var description: String { "\(name) \(kind)" }

    init(
        _ name: String, _ version: UInt32, _ kind: SectionKind, _ payload: [UInt8],
        _ lines: [String]
    ) {
        self.name = name
        self.version = version
        self.kind = kind
        self.payload = payload
        self.lines = lines
    }

    /// A stream with this section, a START before it where one is needed, and its FULL vmdesc.
    public var stream: [UInt8] {
        var stream = StreamBuilder()
        stream.configuration("m")
        append(to: &stream)
        stream.end()
        return stream.octets
    }

    /// Octets of ``stream`` before the payload.
    public var payloadOffset: Int {
        let header = 8 + 1 + 4 + 1
        let name = name.utf8.count
        let start = 14 + name + startPayload.count + 5
        return header + (kind == .start || kind == .full ? 14 + name : start + 5)
    }

    private var startPayload: [UInt8] {
        IteratorSample.all.first { $0.name == name && $0.kind == .start }?.payload ?? []
    }

    public func append(to stream: inout StreamBuilder, id: UInt32 = 3) {
        switch kind {
        case .start: stream.section(1, id, name, version: version, payload)
        case .full: stream.full(id, name, version: version, payload)
        case .part, .end:
            stream.section(1, id, name, version: version, startPayload)
            stream.goOn(kind.rawValue, id, payload)
        }
    }

    /// A chunk's content, of which no octet is like its neighbour.
    public static let chunk: [UInt8] = (0..<1 << 20).map { UInt8(truncatingIfNeeded: $0 &* 37) }

    public static let all: [IteratorSample] = block + bitmaps + table + attributes + vfio + backup

    /// 6.1
    static let block: [IteratorSample] = [
        IteratorSample("block", 1, .start, octets("00000000 00000002"), []),
        IteratorSample(
            "block", 1, .part,
            octets("00000000 00000004")  // PROGRESS 0
                + octets("00000000 00100009 04 64727630")  // ZERO, sector 0x800, "drv0"
                + octets("00000000 00000001 04 64727631") + chunk  // sector 0, "drv1"
                + octets("00000000 00000002"),
            [
                "progress percent=0", "zero sector=2048 device=drv0",
                "chunk sector=0 device=drv1 data=[1048576]", "data 1048576 octets",
            ]),
        IteratorSample(
            "block", 1, .end,
            octets("ffffffff fffffe09 01 64")  // ZERO, the highest sector, "d"
                + octets("00000000 0000c804 00000000 00000002"),  // PROGRESS 100, EOS
            ["zero sector=36028797018963967 device=d", "progress percent=100"]),
    ]

    /// 6.2 and B.5
    static let bitmaps: [IteratorSample] = [
        IteratorSample(
            "dirty-bitmap", 1, .start, octets("1c 026464 03626d30 00010000 03  01"),
            ["start node=dd bitmap=bm0 granularity=65536 flags=3"]),
        IteratorSample(
            "dirty-bitmap", 1, .part,
            octets("4c 026464 03626d30 0000000000000800 00000400 0000000000000004 01020380")
                + octets("42 0000000000000c00 00000001")  // BITS, ZEROES
                + octets("44 0162 ffffffffffffffff ffffffff 0000000000000000")  // other bitmap
                + [0x01],
            [
                "bits node=dd bitmap=bm0 sector=2048 count=1024 data=[4]", "data 01020380",
                "zeroes node=- bitmap=- sector=3072 count=1",
                "bits node=- bitmap=b sector=18446744073709551615 count=4294967295 data=[0]",
            ]),
        IteratorSample(
            "dirty-bitmap", 1, .end, octets("2c 026464 03626d30  24 0162  20  01"),
            [
                "complete node=dd bitmap=bm0", "complete node=- bitmap=b",
                "complete node=- bitmap=-",
            ]),
    ]

    /// 6.3
    static let table: [IteratorSample] = [
        IteratorSample("spapr/htab", 1, .start, octets("00000018"), ["shift shift=24"]),
        IteratorSample(
            "spapr/htab", 1, .part,
            octets("00000000  00000010 0001 0002 00112233445566778899aabbccddeeff")
                + octets("00000000 0000 0001  00000001 0000 0000  00000000 00000000"),
            [
                "chunk index=16 invalid=2 valid=[16]", "data 00112233445566778899aabbccddeeff",
                "chunk index=0 invalid=1 valid=[0]", "chunk index=1 invalid=0 valid=[0]",
            ]),
        IteratorSample("spapr/htab", 1, .end, octets("ffffffff"), ["none"]),
        IteratorSample("spapr/htab", 1, .end, octets("00000000 00000000 00000000"), []),
    ]

    /// 6.4
    static let attributes: [IteratorSample] = [
        IteratorSample("s390-storage_attributes", 0, .start, octets("0000000000000001"), []),
        IteratorSample(
            "s390-storage_attributes", 0, .part,
            octets("0000000000012002 0000000000000003 010203  0000000000000004")
                + octets("0000000000000001"),
            ["more first=18 attributes=[3]", "data 010203", "error"]),
        IteratorSample(
            "s390-storage_attributes", 0, .end, octets("0000000000000008 0000000000000001"),
            ["done"]),
    ]

    /// 6.8
    static let vfio: [IteratorSample] = [
        IteratorSample(
            "0000:00:05.0/vfio", 1, .start, octets("ffffffffef100003 ffffffffef100001"),
            ["setup"]),
        IteratorSample(
            "0000:00:05.0/vfio", 1, .part,
            octets("ffffffffef100004 0000000000000002 abcd  ffffffffef100005"),
            ["data data=[2]", "data abcd", "init-data-sent"]),
        IteratorSample(
            "0000:00:05.0/vfio", 1, .end,
            octets("ffffffffef100004 0000000000000000 ffffffffef100001"), ["data data=[0]"]),
        IteratorSample(
            "0000:00:05.0/vfio", 1, .full,
            octets("ffffffffef100002 00000002 8086 ffffffffef100001"),
            ["config config=[6]", "data 000000028086"]),
        IteratorSample("0000:00:05.0/vfio", 1, .full, octets("ffffffffef100001"), []),
        IteratorSample(
            "0000:00:05.0/vfio", 1, .full, octets("ffffffffef100006"), ["config-load-ready"]),
    ]

    /// 6.12
    static let backup: [IteratorSample] = [
        IteratorSample(
            "pbs-state", 1, .start, octets("0000000000000005 7b226122 7d"),
            ["state state=[5]", "data 7b2261227d"])
    ]
}
