import Testing

/// What the program says of itself. The texts are what a manual would promise: a change of an
/// option has to change them here.
@Suite("Help")
struct HelpTests {
    private static let root = """
        OVERVIEW: Turns QEMU migration streams into ASN.1/BER that explains itself, and
        back.

        A saved VM (migrate, savevm, virsh save) is a stream that only the QEMU that
        wrote it can read. berth encode makes a BER file of it, in which every section,
        page and device field can be found by any ASN.1 tool; berth decode gives the
        same octets back.

        IN may be a file, or - or nothing for standard input. Exit status: 0 fine; 1 a
        finding; 2 the input can't be read or the output not written; 64 wrong usage.

        USAGE: berth <subcommand>

        OPTIONS:
          --version               Show the version.
          -h, --help              Show help information.

        SUBCOMMANDS:
          encode                  Turn a migration stream into BER.
          decode                  Turn BER back into the migration stream, to the octet.
          info                    Tell what a file is and what it holds.
          dump                    List the elements of any BER file.

          See 'berth help <subcommand>' for detailed help.

        """

    private static let input = """
        ARGUMENTS:
          <input>                 The input: a file, or - for standard input (which is
                                  read if nothing is given). (default: -)

        OPTIONS:
          -q, --quiet             No warnings and no progress.
          -v, --verbose           Tell what was done.

        """

    private static let output = """
          -o, --output <file>     The output file. It appears under its name only when
                                  it is complete.

        """

    private static let reading = """
          --page-size <octets>    The target's page size in octets, in place of what
                                  the stream says or shows.
          --wait-limit <MiB>      How much device state may wait in memory for the
                                  vmdesc, which comes last. (default: 256)
          --ignore-vmdesc         Leave the vmdesc aside: devices are carried as blobs.

        """

    private static let common = """
          --version               Show the version.
          -h, --help              Show help information.


        """

    private static let commands: [(name: String, text: String)] = [
        (
            "encode",
            """
            OVERVIEW: Turn a migration stream into BER.

            QEMU's own saving can go through it: migrate "exec:berth encode -o vm.ber". A
            BER file as input is turned into the version that is asked for.

            USAGE: berth encode [<input>] [--quiet] [--verbose] [--output <file>] \
            [--page-size <octets>] [--wait-limit <MiB>] [--ignore-vmdesc] \
            [--schema-version <version>]


            """ + input + output + reading + """
                  --schema-version <version>
                                          The schema: 4, or 3 as posted in March 2014, with
                                          annotations. (values: 3, 4; default: 4)

                """ + common
        ),
        (
            "decode",
            """
            OVERVIEW: Turn BER back into the migration stream, to the octet.

            QEMU loads through it: -incoming "exec:berth decode vm.ber".

            USAGE: berth decode [<input>] [--quiet] [--verbose] [--output <file>]


            """ + input + output + common
        ),
        (
            "info",
            """
            OVERVIEW: Tell what a file is and what it holds.

            Of a file that is damaged or cut off it tells what could be read, then the
            error, and exits with 2.

            USAGE: berth info [<input>] [--quiet] [--verbose] [--page-size <octets>] \
            [--wait-limit <MiB>] [--ignore-vmdesc] [--json]


            """ + input + reading + """
                  --json                  Print JSON.

                """ + common
        ),
        (
            "dump",
            """
            OVERVIEW: List the elements of any BER file.

            Without a schema: offset, octets of head and content, tag and the beginning of
            each value, for files of any size and depth.

            USAGE: berth dump [<input>] [--quiet] [--verbose] [--format <format>] [--json] \
            [--max-depth <levels>]


            """ + input + """
                  --format <format>       How to list: raw, which needs no schema. (values:
                                          raw; default: raw)
                  --json                  Print JSON, an object a line for each element.
                  --max-depth <levels>    How many elements may stand inside each other.
                                          (default: 1000000)

                """ + common
        ),
    ]

    @Test(
        "--help, -h, help and no arguments print the overview",
        arguments: ["--help", "-h", "help", ""])
    func overview(argument: String) throws {
        let outcome = try berth(argument.isEmpty ? [] : [argument])
        #expect(outcome.text == HelpTests.root)
        #expect(outcome.error == "")
        #expect(outcome.status == 0)
    }

    @Test("Each command's help tells its options", arguments: 0..<4)
    func command(index: Int) throws {
        let (name, text) = HelpTests.commands[index]
        for arguments in [[name, "--help"], [name, "-h"], ["help", name]] {
            let outcome = try berth(arguments)
            #expect(outcome.text == text)
            #expect(outcome.error == "")
            #expect(outcome.status == 0)
        }
    }

    @Test("--version tells name and version, with a command too")
    func version() throws {
        for arguments in [["--version"], ["encode", "--version"]] {
            let outcome = try berth(arguments)
            #expect(outcome.text == "berth 0.1.0\n")
            #expect(outcome.status == 0)
        }
    }
}
