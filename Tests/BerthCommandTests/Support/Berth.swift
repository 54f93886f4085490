import Foundation
import SystemPackage
import TestSupport
import Testing

/// What a run of the program gave.
struct Outcome {
    var status: Int32
    var output: [UInt8]
    /// Standard error, to the octet.
    var errorOctets: [UInt8]

    var text: String { String(decoding: output, as: UTF8.self) }
    var error: String { String(decoding: errorOctets, as: UTF8.self) }
    var lines: [String] { text.split(separator: "\n").map(String.init) }
}

/// Standard input of a run.
enum Input {
    /// `/dev/null`.
    case nothing
    /// Octets through a pipe.
    case pipe([UInt8])
    case file(String)
    case descriptor(FileDescriptor)
    case closed
}

/// Standard output of a run.
enum Output {
    /// A pipe, whose octets are kept.
    case kept
    /// A file that is there, as the shell's `>` does.
    case file(String)
    /// A pipe that nobody reads.
    case brokenPipe
    /// A pipe of which so many octets are read before it is closed.
    case firstOctets(Int)
    case descriptor(FileDescriptor)
    case closed
}

/// Runs `berth`.
func berth(
    _ arguments: String..., input: Input = .nothing, output: Output = .kept
) throws -> Outcome {
    try berth(arguments, input: input, output: output)
}

func berth(
    _ arguments: [String], input: Input = .nothing, output: Output = .kept
) throws -> Outcome {
    try run(Program.path, arguments, input: input, output: output)
}

/// Holds that a command succeeded; its standard error says why not.
func succeed(_ outcome: Outcome) throws {
    try #require(outcome.status == 0, "\(outcome.error)")
}

/// Runs any program to its end.
func run(
    _ program: String, _ arguments: [String], input: Input = .nothing, output: Output = .kept
) throws -> Outcome {
    let folder = try TemporaryFolder()
    let error = try FileDescriptor.open(
        FilePath(folder.file("error")), .readWrite, options: [.create, .closeOnExec],
        permissions: .ownerReadWrite)
    defer { try? error.close() }
    var own: [FileDescriptor] = []
    var feed: (FileDescriptor, [UInt8])?
    var reading: FileDescriptor?
    let standardInput: FileDescriptor?
    switch input {
    case .nothing: standardInput = try open("/dev/null", .readOnly, &own)
    case .file(let path): standardInput = try open(path, .readOnly, &own)
    case .pipe(let octets):
        let ends = try Program.pipe()
        own.append(ends.reading)
        feed = (ends.writing, octets)
        standardInput = ends.reading
    case .descriptor(let descriptor): standardInput = descriptor
    case .closed: standardInput = nil
    }
    let standardOutput: FileDescriptor?
    switch output {
    case .file(let path): standardOutput = try open(path, .writeOnly, &own)
    case .kept, .brokenPipe, .firstOctets:
        let ends = try Program.pipe()
        own.append(ends.writing)
        standardOutput = ends.writing
        if case .brokenPipe = output { try ends.reading.close() } else { reading = ends.reading }
    case .descriptor(let descriptor): standardOutput = descriptor
    case .closed: standardOutput = nil
    }
    let process = try Program.start(
        arguments, input: standardInput, output: standardOutput, error: error, program: program)
    for descriptor in own { try descriptor.close() }
    if let (descriptor, octets) = feed {
        Thread.detachNewThread {
            // A program that has seen enough leaves the rest.
            _ = try? descriptor.writeAll(octets)
            try? descriptor.close()
        }
    }
    var kept: [UInt8] = []
    if let reading {
        var limit = Int.max
        if case .firstOctets(let count) = output { limit = count }
        kept = try octets(of: reading, limit: limit)
        try reading.close()
    }
    let end = try process.wait()
    return Outcome(
        status: end, output: kept, errorOctets: try contents(of: folder.file("error")))
}

private func open(
    _ path: String, _ mode: FileDescriptor.AccessMode, _ own: inout [FileDescriptor]
) throws -> FileDescriptor {
    let descriptor = try FileDescriptor.open(FilePath(path), mode, options: .closeOnExec)
    own.append(descriptor)
    return descriptor
}

/// Reads to the end, or up to a number of octets.
func octets(of descriptor: FileDescriptor, limit: Int = .max) throws -> [UInt8] {
    var result: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 1 << 16)
    while result.count < limit {
        let count = try unsafe piece.withUnsafeMutableBytes { bytes in
            // No more than the buffer holds, or than is wanted.
            let wanted = min(bytes.count, limit - result.count)
            return unsafe try descriptor.read(
                into: UnsafeMutableRawBufferPointer(rebasing: bytes[..<wanted]))
        }
        if count == 0 { break }
        result += piece[..<count]
    }
    return result
}
