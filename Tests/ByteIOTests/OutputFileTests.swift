import ByteIO
import Glibc
import SystemPackage
import TestSupport
import Testing

@Suite("OutputFile")
struct OutputFileTests {
    private func fill(_ file: borrowing OutputFile, _ octets: [UInt8]) throws {
        var sink = ByteSink(descriptor: file.descriptor)
        try sink.append(octets)
        try sink.flush()
    }

    private func mode(_ path: String) -> UInt32? {
        var status = stat()
        guard unsafe lstat(path, &status) == 0 else { return nil }
        return status.st_mode
    }

    @Test("Nothing stands under the name before the commit, everything after it")
    func commit() throws {
        let folder = try TemporaryFolder()
        let file = try OutputFile(path: folder.file("out"))
        try fill(file, [1, 2, 3])
        #expect(try !folder.names.contains("out"))
        try file.commit()
        #expect(try folder.names == ["out"])
        #expect(try contents(of: folder.file("out")) == [1, 2, 3])
    }

    @Test("What is not committed leaves nothing behind")
    func abandon() throws {
        let folder = try TemporaryFolder()
        do {
            let file = try OutputFile(path: folder.file("out"))
            try fill(file, [1, 2, 3])
            _ = consume file
        }
        #expect(try folder.names == [])
    }

    @Test("The file is its owner's alone")
    func permissions() throws {
        let folder = try TemporaryFolder()
        let old = umask(0)
        defer { umask(old) }
        let file = try OutputFile(path: folder.file("out"))
        try file.commit()
        #expect(mode(folder.file("out")).map { $0 & 0o7777 } == 0o600)
    }

    @Test("A file that has the name stays as it is until the commit, then is replaced")
    func replace() throws {
        let folder = try TemporaryFolder()
        let path = try folder.store([9, 9, 9, 9], as: "out")
        let abandoned = try OutputFile(path: path)
        try fill(abandoned, [1])
        _ = consume abandoned
        #expect(try contents(of: path) == [9, 9, 9, 9])
        let file = try OutputFile(path: path)
        try fill(file, [1, 2])
        #expect(try contents(of: path) == [9, 9, 9, 9])
        try file.commit()
        #expect(try contents(of: path) == [1, 2])
        #expect(try folder.names == ["out"])
    }

    @Test("Behind a symbolic link the new octets are read, and nothing is there if abandoned")
    func symbolicLink() throws {
        let folder = try TemporaryFolder()
        _ = try folder.store([9], as: "target")
        let made = unsafe symlink("target", folder.file("link"))
        #expect(made == 0)
        let abandoned = try OutputFile(path: folder.file("link"))
        try fill(abandoned, [1])
        _ = consume abandoned
        #expect(try contents(of: folder.file("link")) == [9])
        let file = try OutputFile(path: folder.file("link"))
        try fill(file, [1, 2])
        try file.commit()
        #expect(try contents(of: folder.file("link")) == [1, 2])
        #expect(try folder.names == ["link", "target"])
    }

    @Test("What is no regular file is written to, not replaced")
    func special() throws {
        let folder = try TemporaryFolder()
        let null = try OutputFile(path: "/dev/null")
        try fill(null, [1, 2, 3])
        try null.commit()
        #expect(mode("/dev/null").map { $0 & S_IFMT } == S_IFCHR)

        let path = folder.file("fifo")
        let made = unsafe mkfifo(path, 0o600)
        #expect(made == 0)
        let reading = try FileDescriptor.open(FilePath(path), .readOnly, options: .nonBlocking)
        let fifo = try OutputFile(path: path)
        try fill(fifo, [7, 8])
        try fifo.commit()
        var source = ByteSource(descriptor: reading, closes: true)
        #expect(try source.ensure(3) == 2)
        #expect(source.window.octets == [7, 8])
        #expect(mode(path).map { $0 & S_IFMT } == S_IFIFO)
    }

    @Test("A full disk gives an error")
    func fullDisk() throws {
        let file = try OutputFile(path: "/dev/full")
        #expect(throws: ByteIOError.self) { try fill(file, [1]) }
    }

    @Test("A folder that is missing, or a folder in the file's place, is refused")
    func refused() throws {
        let folder = try TemporaryFolder()
        for path in [folder.file("none/out"), folder.path] {
            do {
                let file = try OutputFile(path: path)
                _ = consume file
                Issue.record("no error for \(path)")
            } catch {
                #expect(error.operation == .open && error.path == path)
            }
        }
    }

    @Test(
        "Names as long as the file system allows can be written",
        arguments: [
            String(repeating: "n", count: 255), String(repeating: "€", count: 85), "n", ".n",
        ])
    func longNames(_ name: String) throws {
        let folder = try TemporaryFolder()
        let file = try OutputFile(path: folder.file(name))
        try fill(file, [4])
        try file.commit()
        #expect(try folder.names == [name])
    }
}
