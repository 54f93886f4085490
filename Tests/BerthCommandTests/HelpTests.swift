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

        IN may be a file, or - or nothing for standard input: a stream, a BER file, a
        libvirt image, a qcow2 image with a snapshot (a file alone), any of them
        compressed by gzip, bzip2, xz, zstd or lzop. Exit status: 0 fine; 1 a finding;
        2 the input can't be read or the output not written; 64 wrong usage.

        USAGE: berth <subcommand>

        OPTIONS:
          --version               Show the version.
          -h, --help              Show help information.

        SUBCOMMANDS:
          encode                  Turn a migration stream into BER.
          decode                  Turn BER back into the migration stream, to the octet.
          validate                Check a BER file against a schema.
          info                    Tell what a file is and what it holds.
          show                    Print device state.
          diff                    Tell what differs between two streams.
          edit                    Change a stream so that another QEMU takes it.
          dump                    List what is in a BER file.
          schema                  Check, print and generate ASN.1 modules.
          ram                     Take the guest's memory out of a stream.
          check                   Tell whether a stream would load in another QEMU, or
                                  whether one can load another's.
          relay                   Stand between two QEMUs: pass a live migration on,
                                  and record it.
          report                  Write one HTML page that shows what a file holds.
          explain                 Tell what an error code of validate means: clause,
                                  cause, remedy.

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
          --like <file>           A stream of a like machine, in any form: its vmdesc
                                  tells how devices are laid out that this input does
                                  not describe.
          --vmstate <file>        What QEMU's -dump-vmstate wrote for the same machine,
                                  for the same purpose.

        """

    private static let channels = """
          --channel <file>        A recording of another channel of the same migration:
                                  multifd, post-copy preempt, return path, connection
                                  after a recovery, CPR state. May be given several
                                  times. KIND:FILE says which it is, where its octets
                                  don't: multifd, preempt, return-path, continued or
                                  cpr-state.
          --kind <kind>           Which channel IN is, if its content doesn't tell.
                                  (values: multifd, preempt, return-path, continued,
                                  cpr-state)

        """

    private static let schema = """
          --schema <file>         Module texts that belong together. Without: the
                                  schema of Berth's own files, version 3 or 4 as the
                                  input says; an input of another kind is checked as
                                  BER alone.
          --type <name>           The type of the input, or Module.Type.
          --rules <rules>         The encoding rules that the input has to keep: ber,
                                  cer or der. (values: ber, cer, der; default: ber)

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

            A migration over several connections is recorded in several files: the main
            channel is IN, each other one a --channel; all go into one BER file, in this
            order, read one after another (so they have to be files: live connections can't
            wait for each other). A channel alone may be IN too. Version 3 has no place for
            channels.

            USAGE: berth encode [<options>] [<input>]


            """ + input + output + reading + channels + """
                  --schema-version <version>
                                          The schema: 4, or 3 as posted in March 2014, with
                                          annotations. (values: 3, 4; default: 4)
                  --snapshot <id|name>    Of a disk image: the snapshot to take, by ID or name.
                  --keep-container <what> What to keep of the file that the stream comes in,
                                          for decode --container. usual: a libvirt image's
                                          header, XML and compressed octets; all: also
                                          compression around a file; none. (values: usual, all,
                                          none; default: usual)

                """ + common
        ),
        (
            "decode",
            """
            OVERVIEW: Turn BER back into the migration stream, to the octet.

            QEMU loads through it: -incoming "exec:berth decode vm.ber".

            Of a file with channels, -o gets the main one and a --channel each of the
            others, in the file's order; berth info lists them. Where there is no main
            channel, -o gets the first.

            USAGE: berth decode [<input>] [--quiet] [--verbose] [--output <file>] \
            [--channel <file> ...] [--container] [--uncompressed]


            """ + input + output + """
                  --channel <file>        The output file for a channel beside the main one:
                                          one for each that the input has, in their order.
                  --container             Write the file that the stream came in, to the octet:
                                          a libvirt image for virsh restore.
                  --uncompressed          With --container: leave the stream uncompressed, and
                                          let the image say so.

                """ + common
        ),
        (
            "info",
            """
            OVERVIEW: Tell what a file is and what it holds.

            Of a BER file with an index, the contents of pages are passed over, and damage
            in them is not seen, unless --verify is given.

            Of a file that is damaged or cut off it tells what could be read, then the
            error, and exits with 2.

            USAGE: berth info [<options>] [<input>]


            """ + input + reading + channels + """
                  --snapshot <id|name>    Of a disk image: the snapshot to take, by ID or name.
                  --verify                Read all of a BER file, and compare its checkpoints.
                  --json                  Print JSON.

                """ + common
        ),
        (
            "show",
            """
            OVERVIEW: Print device state.

            The configuration and each device's fields, as the stream's vmdesc (or --like,
            --vmstate) describes them, in stream order. Numbers are decimal and, from 10
            on, hexadecimal too; long arrays and buffers are cut short, and array elements
            that are like their neighbour are not repeated, without --full.

            PATH is a section with its instance id, then names and places:
            0000:00:01.3/piix4_pm[0].ar.pm1.evt.sts. Without the instance it means any. *
            and ? stand for characters of one name, [*] and [0..3] for places, ** for
            anything: '*/piix4_pm', 'cpu[*].env.regs[0]', '**.irq_level'. Text in double
            quotes is taken as it is. Exit status: 1 if a PATH means nothing here.

            USAGE: berth show [<options>] [<input>] [<path> ...]

            ARGUMENTS:
              <input>                 The input: a file, or - for standard input (which is
                                      read if nothing is given). (default: -)
              <path>                  What to print; all, if none is given.

            OPTIONS:
              -q, --quiet             No warnings and no progress.
              -v, --verbose           Tell what was done.

            """ + reading + channels + """
                  --snapshot <id|name>    Of a disk image: the snapshot to take, by ID or name.
                  --full                  Print arrays and buffers to their ends, and all
                                          elements.
                  --offsets               Begin each line with the value's offset in the stream.
                  --values-only           Print values alone, a line each: numbers in decimal,
                                          octets in hexadecimal.
                  --json                  Print JSON.

                """ + common
        ),
        (
            "report",
            """
            OVERVIEW: Write one HTML page that shows what a file holds.

            The page needs nothing else: no network, no other file. It has a summary, a map
            of each RAM block's pages, the sections in stream order and the devices with
            their fields. It shows what became of each page of RAM, but nothing of its
            content. Of a file that is damaged or cut off the page shows what could be
            read, and the exit status is 2.

            USAGE: berth report [<input>] [--quiet] [--verbose] [--output <file>] \
            [--page-size <octets>] [--wait-limit <MiB>] [--ignore-vmdesc] [--like <file>] \
            [--vmstate <file>] [--channel <file> ...] [--kind <kind>] [--snapshot <id|name>]


            """ + input + output + reading + channels + """
                  --snapshot <id|name>    Of a disk image: the snapshot to take, by ID or name.

                """ + common
        ),
        (
            "check",
            """
            OVERVIEW: Tell whether a stream would load in another QEMU, or whether one can
            load another's.

            With a stream: each section, field, subsection and RAM block that the target's
            QEMU would refuse or misread, with its place in the stream and what QEMU would
            say. The target is told by --against: what its -dump-vmstate wrote
            (qemu-system-… -M MACHINE -dump-vmstate FILE) tells its devices' fields, a
            stream that it saved its devices and RAM blocks. Of a migration over several
            connections (multifd, post-copy's preempt channel) the main channel is enough:
            sections and blocks stand there, the others carry pages.

            With two -dump-vmstate files: whether streams of the first program load in the
            second, as QEMU's scripts/vmstate-static-checker.py tells, and what it misses.

            Exit status: 0 nothing found that stops it; 1 something; 2 a file can't be read.

            USAGE: berth check [IN] --against FILE... [--machine NAME] [--ram NAME=LENGTH]...
                   berth check OLD.json NEW.json [--both] [--renames FILE]...

            ARGUMENTS:
              <inputs>                A stream in any form, or two -dump-vmstate files; -
                                      is standard input. (default: -)

            OPTIONS:
              --against <file>        What the target's QEMU wrote: a -dump-vmstate file,
                                      or another stream of the target machine, in any form.
                                      Both may be given, each as an option of its own.
              --machine <name>        The target's machine type, in full, in place of what
                                      the files say.
              --ram <name=length>     The length of one of the target's RAM blocks: octets,
                                      or with K, M or G.
              --both                  Of two dumps: check the way back, too. What is found
                                      there is a warning.
              --renames <file>        JSON with names that changed without changing the
                                      wire, in addition to those known.
              --list-renames          Print the names that are known to have changed, as
                                      --renames takes them.
              --static-checker        Of two dumps: only what QEMU's
                                      vmstate-static-checker.py looks for.
              --fail-on <fail-on>     What makes the exit status 1: error, or warning too.
                                      (values: error, warning; default: error)
              --format <format>       How findings are told: text, json, github (workflow
                                      commands), or gitlab (a code quality report).
                                      (values: text, json, github, gitlab; default: text)
              --json                  Print JSON: the same as --format json.
              -q, --quiet             Errors alone: no warnings, notes, verdict or progress.

            """ + reading + common
        ),
        (
            "relay",
            """
            OVERVIEW: Stand between two QEMUs: pass a live migration on, and record it.

            The destination is started with -incoming CONNECT, this with both, and the
            source is told: migrate LISTEN. All connections of one migration are passed on,
            in both directions: multifd, post-copy and the return path too. It ends with
            the migration.

            --record writes a BER file, as encode --channel does, that decode takes apart
            again. The migration waits for it for at most a tenth of the time: if the disk
            or the processor can't keep up, or the disk is full, the recording is given up,
            with a warning, and the migration goes on. --wait says that it may wait as long
            as it takes. --verify looks at everything before it goes on, and cuts the
            migration where it is malformed.

            Exit status: 0 the migration's stream was whole; 1 it was cut or refused, or
            there is no recording though one was wanted; 2 nobody could connect.

            USAGE: berth relay --listen <uri> --connect <uri> [--record <record>] [--wait] \
            [--verify] [--json] [--quiet]

            OPTIONS:
              --listen <uri>          Where the source connects to: unix:PATH or
                                      tcp:HOST:PORT, always with a host.
              --connect <uri>         Where the destination listens, likewise.
              --record <record>       Record the migration in this BER file. It appears
                                      when it is complete.
              --wait                  The migration may wait for the recording.
              --verify                Pass on nothing that was not looked at; cut the
                                      migration where it is malformed.
              --json                  Print what passed as JSON.
              -q, --quiet             No progress and no summary.

            """ + common
        ),
        (
            "diff",
            """
            OVERVIEW: Tell what differs between two streams.

            IN and OTHER may be of any two kinds. Compared are the configuration, sections
            (matched by idstr and instance id), their versions, fields and subsections,
            ordered by path, what other iterators sent, and the last state of each page of
            RAM. A line begins with ~ for what changed, - and + for what is in IN or OTHER
            alone, > for a section that stands elsewhere. Section numbers, the vmdesc,
            commands and the way RAM was sent don't count.

            Memory: some 20 MiB, and the devices' state. The pages of both inputs go into
            files without a name in TMPDIR (or /tmp), as large as what is not zero in them;
            --no-ram does without. Each input is read once, so pipes will do. --ignore
            takes paths as berth show does; a RAM block is ram[0].pc.ram, its page 7
            ram[0].pc.ram[7].

            Exit status: 0 the same; 1 different; 2 an input could not be read.

            USAGE: berth diff [<options>] [<input>] <other>

            ARGUMENTS:
              <input>                 The input: a file, or - for standard input (which is
                                      read if nothing is given). (default: -)
              <other>                 What to compare it with: a file, or - for standard
                                      input.

            OPTIONS:
              -q, --quiet             No warnings and no progress.
              -v, --verbose           Tell what was done.

            """ + reading + """
                  --ignore <path>         Leave out what is at this path. May be given several
                                          times.
                  --no-ram                Leave out the content of RAM.
                  --ram                   List all ranges of pages that differ.
                  --content               Print the octets of RAM that differ.
                  --full                  Tell all elements of arrays and octets of buffers
                                          that differ, one by one.
                  --json                  Print JSON.

                """ + common
        ),
        (
            "edit",
            """
            OVERVIEW: Change a stream so that another QEMU takes it.

            Writes the stream, a binary one or BER as it came, with the edits that the
            switches or a recipe tell; the vmdesc is changed to agree. All paths (see berth
            show) name what is in IN, whatever other edits do. The result is read again
            before it gets its name; --dry-run writes nothing, and prints what would
            change. A libvirt image or another container around IN is not written.

            VALUE of --set: a number in decimal or hexadecimal (0x1f), true or false; for
            an array its elements with commas between; octets in hexadecimal; a text of the
            same length. --take replaces the section of that path, or adds it behind all
            others. A block that is made shorter must hold nothing but zeros behind its new
            end; pages of one that is made longer keep what they have where the stream is
            loaded.

            Exit status: 1 if an edit finds nothing to change; then nothing is written.

            USAGE: berth edit [<options>] [<input>]

            ARGUMENTS:
              <input>                 The input: a file, or - for standard input (which is
                                      read if nothing is given). (default: -)

            OPTIONS:
              -q, --quiet             No warnings and no progress.
              -v, --verbose           Tell what was done.
              -o, --output <file>     The output, a file. It appears under its name only
                                      when it was read again.
              --set <path=value>      Give a value another one.
              --drop <path>           Leave a section or a subsection out.
              --rename <path=name>    Give a section another idstr.
              --set-version <path=number>
                                      Give a section or a subsection another version id.
              --machine <name>        Give the machine type another name.
              --resize-block <block=length>
                                      Give a RAM block another length, in octets.
              --rename-block <block=name>
                                      Give a RAM block another name.
              --take <path>           Take a section from the stream of --from.
              --from <file>           The stream that --take takes from.
              --recipe <file>         A file of edits in JSON, made before those of the
                                      switches.
              --dry-run               Write nothing; print what would change.

            """ + reading + """
                  --snapshot <id|name>    Of a disk image: the snapshot to take, by ID or name.

                """ + common
        ),
        (
            "dump",
            """
            OVERVIEW: List what is in a BER file.

            raw, without a schema: offset, octets of head and content, tag and the
            beginning of each value, for files of any size and depth. tree, json (X.697)
            and xml (X.693): names and values by the schema, in one pass; what breaks the
            schema is told on standard error, and the exit status is 1.

            USAGE: berth dump [<input>] [--quiet] [--verbose] \
            [--schema <file> ...] \
            [--type <name>] [--rules <rules>] [--format <format>] [--json] [--sequence] \
            [--path <path> ...] [--full] [--max-depth <levels>]


            """ + input + schema + """
                  --format <format>       How to list: raw, tree, json or xml. tree if a schema
                                          is given, else raw. (values: raw, tree, json, xml)
                  --json                  Print JSON: with raw an object a line for each
                                          element.
                  --sequence              The input is several values one after another.
                  --path <path>           List only what is under this: top[3].min. May be
                                          given several times.
                  --full                  Show long strings whole in a tree.
                  --max-depth <levels>    How many elements may stand inside each other.
                                          (default: 1000000)

                """ + common
        ),
        (
            "validate",
            """
            OVERVIEW: Check a BER file against a schema.

            One pass, a few MiB of memory, files and pipes of any size. Each finding tells
            the octet, the path in the value and the rule's place in the schema; berth
            explain CODE tells more. Exit status: 0 valid; 1 not; 2 the input or the schema
            can't be read.

            USAGE: berth validate [<input>] [--quiet] [--verbose] \
            [--schema <file> ...] \
            [--type <name>] [--rules <rules>] [--sequence] [--max-errors <number>] \
            [--format <format>] [--json]


            """ + input + schema + """
                  --sequence              The input is several values one after another.
                  --max-errors <number>   Errors after which it gives up. (default: 20)
                  --format <format>       How findings are told: human, or line (one line
                                          each). (values: human, line; default: human)
                  --json                  Print JSON, an object a line for each finding, then a
                                          summary.

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

    @Test("Each command's help tells its options", arguments: HelpTests.commands.indices)
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
