import Foundation

/// Real streams, small ones, that stand in `Tests/Fixtures`.
public enum Fixture {
    private static let tests = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent()

    /// Most of them; their names tell machine and QEMU version.
    public static let names: [String] = [
        "avr-uno-7.2", "tricore-testboard-11.1", "or1k-sim-10.0", "m68k-virt-11.1",
        "s390x-ccw-keys-7.2", "s390x-ccw-firmware-10.0", "s390x-ccw-keys-11.1",
        "x86-pc-multifd-none.ch0", "x86-q35-multifd-none-11.1.ch0", "x86-microvm-guest-11.1",
        "x86-q35-cpr-reboot-11.1",
        // With iterators besides RAM.
        "x86-isapc-dirty-bitmaps-11.1", "x86-isapc-block-7.2",
    ]

    public static func path(_ name: String) -> String {
        tests.appendingPathComponent("Fixtures/\(name).mig").path
    }

    /// The `pc` of `Samples`, in its firmware.
    public static var sample: String {
        tests.deletingLastPathComponent()
            .appendingPathComponent("Samples/pc-i440fx-7.2.mig").path
    }

    /// What `-dump-vmstate` wrote.
    public static func dump(_ name: String) -> String {
        tests.appendingPathComponent("Fixtures/vmstate/\(name).json").path
    }

    public static func octets(_ name: String) throws -> [UInt8] { try contents(of: path(name)) }

    /// The folder `shared` of the project's makers, where it is there: `BERTH_SHARED`, or beside
    /// the package.
    public static let shared: String? = {
        let folder =
            ProcessInfo.processInfo.environment["BERTH_SHARED"]
            ?? tests.deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("shared").path
        return FileManager.default.fileExists(atPath: folder) ? folder : nil
    }()
}
