import ByteIO
import Containers
import Foundation
import Migration
import TestSupport

/// `Tests/Fixtures/containers`, which `Tests/Oracle/containers.py` makes with stock programs and
/// from the formats' descriptions: each has the stream of `avr-uno-7.2`.
enum ContainerFixture {
    private static let folder = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Fixtures/containers").path

    static func path(_ name: String) -> String { folder + "/" + name }

    static func octets(_ name: String) throws -> [UInt8] { try contents(of: path(name)) }

    static func stream() throws -> [UInt8] { try Fixture.octets("avr-uno-7.2") }

    /// liblzo2 is no library that the program is built with: lzop's files need it at run time.
    // A constant name; the handle is not used.
    static let hasLZO = unsafe dlopen("liblzo2.so.2", RTLD_NOW) != nil

    static let compressed = [
        "one.gzip", "two.gzip", "named.gzip", "one.bzip2", "two.bzip2", "one.xz", "two.xz",
        "best.xz", "one.zstd", "two.zstd", "long.zstd",
    ]
    static let lzop = ["one.lzop", "two.lzop", "named.lzop", "crc.lzop", "bare.lzop"]
    static let images = [
        "v3.qcow2", "v2.qcow2", "deflate.qcow2", "zstd.qcow2", "extended.qcow2", "odd-disk.qcow2",
    ]
}

/// What a container was found to hold.
struct Opened {
    var octets: [UInt8]
    var layers: [ContainerLayer]
    var container: Container?
}

/// Opens containers and reads what is inside to its end.
func open(
    _ source: consuming ByteSource, _ options: ContainerOptions = ContainerOptions()
) throws(MigrationError) -> Opened {
    var layers: [ContainerLayer] = []
    let opened = try ContainerOpener.open(source, options, layers: &layers)
    let container = opened.origin?.container
    var inside = opened.takeSource()
    var result: [UInt8] = []
    do {
        while try inside.ensure(1) > 0 {
            result += inside.window.octets
            inside.consume(inside.available)
        }
    } catch {
        throw MigrationError(
            error.fault.flatMap { MigrationError.Code(rawValue: $0.code.rawValue) } ?? .io,
            at: error.offset, path: error.fault?.format ?? "",
            expected: error.fault?.expected ?? "", found: error.fault?.found ?? "\(error)",
            hint: error.fault?.hint)
    }
    return Opened(octets: result, layers: layers, container: container)
}

/// From memory: nothing that reads here and there.
func open(
    octets: [UInt8], _ options: ContainerOptions = ContainerOptions()
) throws(MigrationError) -> Opened {
    try open(ByteSource(octets: octets), options)
}

/// From a file.
func open(
    file octets: [UInt8], _ options: ContainerOptions = ContainerOptions()
) throws -> Opened {
    let folder = try TemporaryFolder()
    return try open(ByteSource(path: try folder.store(octets, as: "in")), options)
}

/// The error that opening or reading ends with.
func fault(
    _ octets: [UInt8], file: Bool = false, _ options: ContainerOptions = ContainerOptions()
) throws -> MigrationError? {
    do {
        _ = file ? try open(file: octets, options) : try open(octets: octets, options)
        return nil
    } catch let error as MigrationError {
        return error
    }
}
