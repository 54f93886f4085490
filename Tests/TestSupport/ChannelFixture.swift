import Foundation
public import Migration

/// Recordings of channels, in `Tests/Fixtures/Channels`.
public enum ChannelFixture: String, CaseIterable, Sendable {
    case multifdStale = "x86-pc-multifd-zstd.ch2"
    case multifdZstd = "x86-q35-multifd-zstd-11.1.ch1"
    case multifdOctetPages = "avr-uno-multifd-7.2.ch1"
    case multifdLargePages = "tricore-testboard-multifd-11.1.ch1"
    case returnRecovery = "x86-q35-postcopy-recover-11.1.return"
    case returnCOLO = "x86-q35-colo-11.1.return"
    case returnSwitchover = "x86-q35-switchover-ack-10.0.return"
    case preemptMarked = "x86-pc-postcopy-preempt-7.2.preempt"
    case preempt = "x86-q35-postcopy-preempt-11.1.preempt"
    case continued = "x86-q35-postcopy-recover-11.1.continued-cut"
    case cprTransfer = "x86-q35-cpr-transfer-10.0.cpr"
    case cprSubsection = "x86-q35-cpr-transfer-11.1.cpr"
    case cprExec = "x86-q35-cpr-exec-11.1.cpr"

    public var kind: ChannelKind {
        switch self {
        case .multifdStale, .multifdZstd, .multifdOctetPages, .multifdLargePages: .multifd
        case .returnRecovery, .returnCOLO, .returnSwitchover: .returnPath
        case .preemptMarked, .preempt: .preempt
        case .continued: .continued
        case .cprTransfer, .cprSubsection, .cprExec: .cprState
        }
    }

    public var path: String { Fixture.path("Channels/" + rawValue) }

    public func octets() throws -> [UInt8] { try contents(of: path) }

    public static func octets(_ name: String) throws -> [UInt8] {
        try contents(of: Fixture.path("Channels/" + name))
    }

    /// Whole migrations: the names of the main channel and of its others.
    public static let migrations: [[String]] = [
        [
            "tricore-testboard-multifd-11.1.ch0", "tricore-testboard-multifd-11.1.ch1",
            "tricore-testboard-multifd-11.1.ch2",
        ],
        ["avr-uno-multifd-7.2.ch0", "avr-uno-multifd-7.2.ch1", "avr-uno-multifd-7.2.ch2"],
    ]
}
