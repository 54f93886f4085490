import Foundation
import Glibc
import SystemPackage
import TestSupport
import Testing

@Suite("Output")
struct OutputTests {
    /// Cut in the middle of a page.
    private static let cut = Array(SmallStream.octets.prefix(2000))

    private func status(_ path: String) -> stat? {
        var status = stat()
        return unsafe lstat(path, &status) == 0 ? status : nil
    }

    @Test("After a failure nothing stands in the folder", arguments: ["encode", "decode"])
    func nothingLeft(command: String) throws {
        let folder = try TemporaryFolder()
        let outcome = try berth(
            command, "-o", folder.file("out"), input: .pipe(OutputTests.cut))
        #expect(outcome.status == 2)
        #expect(try folder.names == [])
    }

    @Test("After a failure a file of that name is as it was")
    func untouched() throws {
        let folder = try TemporaryFolder()
        let path = try folder.store(Array("precious".utf8), as: "out")
        let before = try #require(status(path))
        #expect(try berth("encode", "-o", path, input: .pipe(OutputTests.cut)).status == 2)
        let after = try #require(status(path))
        #expect(try contents(of: path) == Array("precious".utf8))
        #expect(after.st_ino == before.st_ino)
        #expect(after.st_mode == before.st_mode)
        #expect(try folder.names == ["out"])
    }

    @Test("After success the file is replaced, and its owner's alone")
    func replaced() throws {
        let folder = try TemporaryFolder()
        let path = try folder.store(Array(repeating: 0x55, count: 100_000), as: "out")
        let changed = unsafe chmod(path, 0o666)
        #expect(changed == 0)
        let kept = try berth("encode", input: .pipe(SmallStream.octets)).output
        #expect(try berth("encode", "-o", path, input: .pipe(SmallStream.octets)).status == 0)
        #expect(try contents(of: path) == kept)
        #expect(try #require(status(path)).st_mode & 0o7777 == 0o600)
        #expect(try folder.names == ["out"])
    }

    @Test("The input may be the output's name")
    func inPlace() throws {
        let folder = try TemporaryFolder()
        let path = try folder.store(SmallStream.octets, as: "vm")
        #expect(try berth("encode", path, "-o", path).status == 0)
        #expect(try contents(of: path).prefix(4) == octets("7fcdc551")[...])
        #expect(try berth("decode", path, "-o", path).status == 0)
        #expect(try contents(of: path) == SmallStream.octets)
    }

    @Test("While the input still comes nothing stands under the name, nor if the program is killed")
    func notBefore() throws {
        for isKilled in [false, true] {
            let folder = try TemporaryFolder()
            let path = folder.file("out")
            let pipe = try Program.pipe()
            let silent = try FileDescriptor.open(
                FilePath("/dev/null"), .writeOnly, options: .closeOnExec)
            let process = try Program.start(
                ["encode", "-o", path], input: pipe.reading, output: silent, error: silent)
            try pipe.reading.close()
            try silent.close()
            try pipe.writing.writeAll(SmallStream.octets.prefix(3000))
            #expect(status(path) == nil)
            if isKilled {
                #expect(kill(process.id, SIGKILL) == 0)
                #expect(try process.wait() == -SIGKILL)
                try pipe.writing.close()
                #expect(status(path) == nil)
            } else {
                try pipe.writing.writeAll(SmallStream.octets.dropFirst(3000))
                // The end of the input has not come, so nothing can be complete.
                #expect(status(path) == nil)
                try pipe.writing.close()
                #expect(try process.wait() == 0)
                #expect(status(path) != nil)
            }
        }
    }

    @Test("A folder that isn't there is an error, told before the input is read")
    func noFolder() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("missing/out")
        let outcome = try berth("encode", "-o", path, input: .pipe(SmallStream.octets))
        #expect(outcome.error == "berth: cannot open \(path): No such file or directory\n")
        #expect(outcome.status == 2)
        #expect(try folder.names == [])
    }

    @Test("A folder as output is an error")
    func folderAsOutput() throws {
        let folder = try TemporaryFolder()
        let outcome = try berth("encode", "-o", folder.path, input: .pipe(SmallStream.octets))
        #expect(outcome.error == "berth: cannot open \(folder.path): Is a directory\n")
        #expect(outcome.status == 2)
    }

    @Test("A named pipe as output is written to, and stays one")
    func namedPipe() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("fifo")
        let made = unsafe mkfifo(path, 0o600)
        try #require(made == 0)
        // Opened both ways, so that neither side waits for the other.
        let end = try FileDescriptor.open(FilePath(path), .readWrite, options: .closeOnExec)
        defer { try? end.close() }
        let outcome = try berth("encode", "-o", path, input: .pipe(SmallStream.octets))
        #expect(outcome.status == 0)
        let kept = try berth("encode", input: .pipe(SmallStream.octets)).output
        // Less than a pipe holds: all of it is there.
        #expect(try octets(of: end, limit: kept.count) == kept)
        #expect(try #require(status(path)).st_mode & S_IFMT == S_IFIFO)
    }

    @Test("A full disk is an error", arguments: ["encode", "decode"])
    func full(command: String) throws {
        let outcome = try berth(command, "-o", "/dev/full", input: .pipe(SmallStream.octets))
        #expect(outcome.error == "berth: cannot write /dev/full: No space left on device\n")
        #expect(outcome.status == 2)
    }

    @Test("A full disk behind standard output is an error", arguments: 0..<6)
    func fullRedirect(index: Int) throws {
        let ber = try berth("encode", input: .pipe(SmallStream.octets)).output
        let cases: [([String], [UInt8])] = [
            (["encode"], SmallStream.octets), (["decode"], ber), (["info"], ber),
            (["info", "--json"], ber), (["dump"], ber), (["dump", "--json"], ber),
        ]
        let (arguments, input) = cases[index]
        let outcome = try berth(arguments, input: .pipe(input), output: .file("/dev/full"))
        #expect(outcome.error.hasPrefix("berth: "))
        #expect(outcome.error.contains("standard output"))
        #expect(outcome.error.hasSuffix(": No space left on device\n"))
        #expect(outcome.status == 2)
    }

    @Test("A pipe that nobody reads is an error of encode and decode")
    func brokenPipe() throws {
        let ber = try berth("encode", input: .pipe(SmallStream.octets)).output
        for (command, input) in [("encode", SmallStream.octets), ("decode", ber)] {
            let outcome = try berth(command, input: .pipe(input), output: .brokenPipe)
            #expect(outcome.error == "berth: cannot write standard output: Broken pipe\n")
            #expect(outcome.status == 2)
        }
    }

    @Test("A reader of info or dump that has seen enough is no error")
    func enough() throws {
        let path = Fixture.path("m68k-virt-11.1")
        let ber = try berth("encode", path).output
        for output in [Output.brokenPipe, .firstOctets(80)] {
            for arguments in [["info"], ["info", "--json"], ["dump"], ["dump", "--json"]] {
                let outcome = try berth(arguments, input: .pipe(ber), output: output)
                #expect(outcome.error == "", "\(arguments)")
                #expect(outcome.status == 0, "\(arguments)")
            }
        }
    }

    @Test("A closed standard output is an error, and a closed standard error harms no file")
    func closed() throws {
        let folder = try TemporaryFolder()
        let input = try folder.store(SmallStream.octets, as: "in")
        let encode = try berth("encode", input, output: .closed)
        #expect(encode.error == "berth: cannot write standard output: Bad file descriptor\n")
        #expect(encode.status == 2)
        let info = try berth("info", input, output: .closed)
        #expect(info.error == "berth: standard output: cannot write: Bad file descriptor\n")
        #expect(info.status == 2)
        #expect(try berth("info", input: .closed).status == 2)
        // All three closed: the files that are opened must not get the numbers 0 to 2, or the
        // warning would stand in the output.
        let out = folder.file("out")
        let process = try Program.start(
            ["encode", "--ignore-vmdesc", input, "-o", out], input: nil, output: nil, error: nil)
        #expect(try process.wait() == 0)
        let kept = try berth("encode", "--ignore-vmdesc", input).output
        #expect(try contents(of: out) == kept)
    }
}
