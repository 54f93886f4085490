#!/usr/bin/env python3
"""Holds what `berth check` says against what QEMU does.

Each pair is a stream and a machine that is to load it. The stream is saved by one QEMU and given to
another by -incoming; Berth is asked before, once with the target's -dump-vmstate file alone and once
with a stream of the target machine beside it. A pair fails if Berth says that QEMU would refuse what it
takes, if QEMU says something else than Berth foretold, or if Berth misses what `told` says it can know.

    check_pairs.py --berth BERTH [--qemu VERSION=COMMAND]... [--only REGEX] [--table FILE]

COMMAND has {arch} in place of the architecture. Without --qemu: the QEMU in PATH. Pairs whose versions or
programs are missing are skipped. Exit status: 0 all agree, 1 some don't, 77 no QEMU.
"""
import argparse
import json
import os
import re
import shutil
import struct
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from qemu import Deadline, Failed, Qemu  # noqa: E402

PC = ["-M", "pc-i440fx-7.2", "-m", "16"]
Q35 = ["-M", "pc-q35-7.2", "-m", "16"]
BALLOON = ["-device", "virtio-balloon-pci,addr=3"]
MANY = ["-device", "e1000,addr=5", "-device", "virtio-net-pci,addr=6", "-device", "qemu-xhci,addr=7",
        "-device", "virtio-rng-pci,addr=8", "-device", "VGA,addr=9", "-device", "lsi53c895a,addr=0xa",
        "-device", "virtio-scsi-pci,addr=0xb", "-device", "usb-tablet", "-device", "ich9-ahci,addr=0xc"]


# Changes of a stream's octets, each on what the stream has only once.

def header_at(stream, name, instance=0):
    """Where a section's header ends, of a FULL section."""
    encoded = name.encode()
    for found in re.finditer(re.escape(bytes([len(encoded)]) + encoded + struct.pack(">I", instance)), stream):
        if stream[found.start() - 5] == 4:
            return found.end()
    raise Failed("no section %s" % name)


def version(name, to):
    def edit(stream):
        at = header_at(stream, name)
        return stream[:at] + struct.pack(">I", to) + stream[at + 4:]
    return edit


def replace(old, new):
    def edit(stream):
        if stream.count(old) < 1:
            raise Failed("nothing to change: %r" % old)
        at = stream.index(old)
        return stream[:at] + new + stream[at + len(old):]
    return edit


def subsection(old, new):
    """Renames a subsection; the vmdesc, too."""
    def edit(stream):
        stream = replace(b"\x05" + bytes([len(old)]) + old, b"\x05" + bytes([len(new)]) + new)(stream)
        return stream.replace(b'"vmsd_name": "' + old + b'"', b'"vmsd_name": "' + new + b'"')
    return edit


# name, what is sent: version and arguments, what loads it, then options:
#   arch        x86_64 if not given
#   caps        migration capabilities of the sender
#   edit        a change of the octets
#   stored      False for what is no fixture of the unit tests
#   told        what Berth can know: "dump" (from a dump alone), "stream" (if a stream of the target is there,
#               too), "needs" (it names what must be set), "" (nothing: the devices' own code decides)
PAIRS = [
    ("same machine", "7.2", PC, "7.2", PC, {}),
    ("same machine, many devices", "7.2", Q35 + MANY, "7.2", Q35 + MANY, {}),
    ("7.2 to 10.0", "7.2", PC + BALLOON, "10.0", PC + BALLOON, {}),
    ("7.2 to 11.1", "7.2", PC + BALLOON, "11.1", PC + BALLOON, {}),
    ("7.2 to 11.1, many devices", "7.2", Q35 + MANY, "11.1", Q35 + MANY, {}),
    ("10.0 to 11.1, many devices", "10.0", Q35 + MANY, "11.1", Q35 + MANY, {"told": "warning"}),
    ("10.0 back to 7.2", "10.0", PC + BALLOON, "7.2", PC + BALLOON, {}),
    ("11.1 back to 10.0", "11.1", PC + BALLOON, "10.0", PC + BALLOON, {}),
    ("11.1 back to 7.2, many devices", "11.1", Q35 + MANY, "7.2", Q35 + MANY, {}),
    ("older machine type", "7.2", PC, "7.2", ["-M", "pc-i440fx-7.1", "-m", "16"], {"told": "dump"}),
    ("other machine", "7.2", PC, "7.2", Q35, {"told": "dump"}),
    ("other architecture", "7.2", PC, "7.2", ["-M", "virt-7.2", "-m", "16"],
     {"told": "dump", "load_arch": "aarch64"}),
    ("missing device with a ROM", "7.2", PC + ["-device", "e1000"], "7.2", PC, {"told": "stream"}),
    ("missing device", "7.2", PC + BALLOON, "7.2", PC, {"told": "stream"}),
    ("device on another slot", "7.2", PC + BALLOON, "7.2",
     PC + ["-device", "virtio-balloon-pci,addr=4"], {"told": "stream"}),
    ("other device on the slot", "7.2", PC + BALLOON, "7.2",
     PC + ["-device", "virtio-rng-pci,addr=3"], {"told": "stream"}),
    ("device that the stream lacks", "7.2", PC, "7.2", PC + BALLOON, {}),
    ("device that the program lacks", "11.1", PC + ["-device", "igb,addr=3,romfile="], "7.2", PC,
     {"told": "dump"}),
    ("more memory", "7.2", PC, "7.2", PC[:2] + ["-m", "32"], {"told": "stream"}),
    ("the ROM grew", "7.2", PC + ["-device", "e1000,romfile={rom64}"], "7.2",
     PC + ["-device", "e1000,romfile={rom128}"], {"told": "stream"}),
    ("more video memory", "7.2", PC + ["-device", "VGA,vgamem_mb=32"], "7.2",
     PC + ["-device", "VGA,vgamem_mb=16"], {"told": "stream"}),
    ("fewer CPUs", "7.2", PC + ["-smp", "2"], "7.2", PC, {"told": "stream"}),
    ("more CPUs", "7.2", PC, "7.2", PC + ["-smp", "2"], {}),
    ("more CPUs, 11.1", "11.1", PC, "11.1", PC + ["-smp", "2"], {"told": "warning"}),
    ("other CPU model", "7.2", PC + ["-cpu", "qemu64"], "7.2", PC + ["-cpu", "max"], {}),
    ("CPU of 64 bits for one of 32", "7.2", PC, "7.2", PC, {"told": "stream", "load_arch": "i386"}),
    ("second serial port", "7.2", PC + ["-device", "isa-serial,index=0", "-device", "isa-serial,index=1"],
     "7.2", PC + ["-device", "isa-serial,index=0"], {"told": "stream"}),
    ("other chip, same description", "7.2", PC + ["-device", "e1000,romfile="], "7.2",
     PC + ["-device", "e1000-82544gc,romfile="], {"told": "stream"}),
    ("fewer virtqueues", "7.2", PC + ["-device", "virtio-net-pci,addr=3,romfile=,mq=on,vectors=8"], "7.2",
     PC + ["-device", "virtio-net-pci,addr=3,romfile="], {"told": "stream"}),
    ("no configuration section", "7.2", PC + ["-global", "migration.send-configuration=off"], "7.2", PC,
     {"told": "dump"}),
    ("no footers", "7.2", PC + ["-global", "migration.send-section-footer=off"], "7.2", PC,
     {"told": "dump"}),
    ("machine without configuration to one with", "7.2", ["-M", "pc-i440fx-2.3", "-m", "16"], "7.2",
     ["-M", "pc-i440fx-2.4", "-m", "16"], {"told": "dump"}),
    ("machine with configuration to one without", "7.2", ["-M", "pc-i440fx-2.4", "-m", "16"], "7.2",
     ["-M", "pc-i440fx-2.3", "-m", "16"], {"told": "dump"}),
    ("ignore-shared", "7.2", PC, "7.2", PC, {"caps": ["x-ignore-shared"], "told": "needs"}),
    ("compressed pages", "7.2", PC, "10.0", PC, {"caps": ["compress"], "told": "warning", "stored": False}),
    ("newer section", "7.2", PC, "7.2", PC, {"edit": version("dma", 9), "told": "dump"}),
    ("newer section, RAM", "7.2", PC, "7.2", PC,
     {"edit": replace(b"\x03ram\0\0\0\0\0\0\0\x04", b"\x03ram\0\0\0\0\0\0\0\x05"), "told": "dump"}),
    ("older section", "7.2", PC, "7.2", PC, {"edit": version("i8254", 1), "told": "dump"}),
    ("unknown subsection", "7.2", PC, "7.2", PC,
     {"edit": subsection(b"pckbd/extended_state", b"pckbd/extended_stats"), "told": "dump"}),
    ("newer subsection", "7.2", PC, "7.2", PC,
     {"edit": replace(b"\x14pckbd/extended_state\0\0\0\0", b"\x14pckbd/extended_state\0\0\0\x07"),
      "told": "dump"}),
    ("unknown section", "7.2", PC, "7.2", PC,
     {"edit": lambda stream: replace(b'"ioapic"', b'"ioapix"')(
         replace(b'"vmsd_name": "ioapic"', b'"vmsd_name": "ioapix"')(
             replace(b"\x06ioapic", b"\x06ioapix")(stream))), "told": "dump"}),
    ("other page size", "7.2", ["-M", "virt-7.2", "-m", "16"], "7.2", ["-M", "virt-7.2", "-m", "16"],
     {"arch": "aarch64", "edit": replace(
         b"configuration/target-page-bits\0\0\0\x01\0\0\0\x0c",
         b"configuration/target-page-bits\0\0\0\x01\0\0\0\x0e"), "told": "stream", "unread": True}),
    ("aarch64 7.2 to 10.0", "7.2", ["-M", "virt-7.2", "-m", "16"], "10.0", ["-M", "virt-7.2", "-m", "16"],
     {"arch": "aarch64", "told": "stream"}),
    ("aarch64 device that the stream lacks", "7.2", ["-M", "virt-7.2", "-m", "16"], "7.2",
     ["-M", "virt-7.2", "-m", "16", "-device", "virtio-rng-pci"], {"arch": "aarch64"}),
    ("s390x 7.2 to 11.1", "7.2", ["-M", "s390-ccw-virtio-7.2", "-m", "16"], "11.1",
     ["-M", "s390-ccw-virtio-7.2", "-m", "16"], {"arch": "s390x"}),
    ("ppc64 7.2 to 11.1, whose default CPU is another", "7.2", ["-M", "pseries-7.2", "-m", "256"], "11.1",
     ["-M", "pseries-7.2", "-m", "256"], {"arch": "ppc64", "told": "stream", "stored": False}),
    ("am53c974, 11.1 back to 7.2", "11.1", Q35 + ["-device", "am53c974,addr=4"], "7.2",
     Q35 + ["-device", "am53c974,addr=4"], {"told": "dump"}),
    ("am53c974, 7.2 to 11.1", "7.2", Q35 + ["-device", "am53c974,addr=4"], "11.1",
     Q35 + ["-device", "am53c974,addr=4"], {"told": "dump"}),
    ("pvscsi, 7.2 to 11.1", "7.2", Q35 + ["-device", "pvscsi,addr=4"], "11.1",
     Q35 + ["-device", "pvscsi,addr=4"], {}),
    ("e1000e, 7.2 to 11.1", "7.2", Q35 + ["-device", "e1000e,addr=4,romfile="], "11.1",
     Q35 + ["-device", "e1000e,addr=4,romfile="], {}),
    ("isa-vga, 7.2 to 11.1", "7.2", PC + ["-device", "isa-vga"], "11.1", PC + ["-device", "isa-vga"],
     {"told": "stream"}),
]


def without_pages(stream):
    """The stream without its RAM records: a few KiB instead of hundreds. Everything else stays.

    For pages of 4 KiB without multifd and the like, which is what the pairs have.
    """
    start = stream.index(b"\x03ram\0\0\0\0\0\0\0") - 5
    section = stream[start + 1:start + 5]
    at = start + 5 + 12
    # x-ignore-shared adds an address to each block.
    address = 8 if b"x-ignore-shared" in stream[:start] else 0
    kept = [stream[:at]]
    while True:
        word = struct.unpack_from(">Q", stream, at)[0]
        flags = word & 0xfff
        begin = at
        at += 8
        if flags == 0x4:
            left = word - flags
            while left > 0:
                length = stream[at]
                left -= struct.unpack_from(">Q", stream, at + 1 + length)[0]
                at += 9 + length + address
            kept.append(stream[begin:at])
        elif flags in (0x2, 0x22):
            at += 1 + (0 if flags & 0x20 else 1 + stream[at])
        elif flags in (0x8, 0x28):
            at += 4096 + (0 if flags & 0x20 else 1 + stream[at])
        elif flags == 0x10:
            begin_of_next = at
            if stream[at] == 0x7e:
                begin_of_next += 5
            while stream[begin_of_next] == 8:
                begin_of_next += 5 + struct.unpack_from(">H", stream, begin_of_next + 3)[0]
            kept.append(stream[begin:begin_of_next])
            at = begin_of_next
            if stream[at] not in (2, 3) or stream[at + 1:at + 5] != section:
                return b"".join(kept) + stream[at:]
            kept.append(stream[at:at + 5])
            at += 5
        else:
            raise Failed("a RAM record with flags 0x%x" % flags)


class Fixtures:
    """Writes what the unit tests need to check the same pairs without QEMU."""

    def __init__(self, folder):
        self.folder = folder
        self.names = {}
        self.rows = []
        os.makedirs(folder, exist_ok=True)

    def store(self, name, content):
        """The name of a file with this content."""
        if content not in self.names:
            self.names[content] = name % len(self.names)
            path = os.path.join(self.folder, self.names[content])
            subprocess.run(["zstd", "-q", "-19", "-f", "-o", path], input=content, check=True)
        return self.names[content]

    def add(self, row, pair, path, dump, machine, like):
        with open(path, "rb") as file:
            stream = self.store("%02d.mig.zst", without_pages(file.read()))
        with open(like, "rb") as file:
            other = self.store("%02d.mig.zst", without_pages(file.read()))
        with open(dump, "rb") as file:
            # Only the machine's name differs from dump to dump of one program.
            text = re.sub(rb'(?s)"vmschkmachine": \{.*?\},', b'"vmschkmachine": {"Name": ""},', file.read(), count=1)
        # Indentation is a third of it.
        text = json.dumps(json.loads(text), indent=0, separators=(",", ":")).encode()
        self.rows.append([row["pair"], pair[1], pair[3], row["qemu"], pair[5].get("told", "-") or "nothing",
                          stream, self.store("%02d.json.zst", text), machine, other, row["words"]])

    def write(self):
        with open(os.path.join(self.folder, "pairs.tsv"), "w") as file:
            file.write("pair\tsender\treceiver\tqemu\ttold\tstream\tdump\tmachine\tlike\tqemu says\n")
            for row in self.rows:
                file.write("\t".join(row) + "\n")


class Runner:
    def __init__(self, options, folder):
        self.options = options
        self.folder = folder
        self.cache = {}
        self.runs = 0
        self.fixtures = Fixtures(options.fixtures) if options.fixtures else None
        for size in (64, 128):
            # An option ROM: the mark, its length in units of 512 octets.
            with open(os.path.join(folder, "rom%d" % size), "wb") as file:
                file.write((b"\x55\xaa" + bytes([size * 2 & 0xff]) + b"\xcb").ljust(size << 10, b"\0"))

    def command(self, release, arch, args):
        command = [word.format(arch=arch) for word in self.options.qemus[release].split()]
        args = [word.format(rom64=os.path.join(self.folder, "rom64"), rom128=os.path.join(self.folder, "rom128"))
                for word in args]
        return command + ["-nodefaults", "-accel", "tcg"] + args

    def has(self, release, arch):
        if release not in self.options.qemus:
            return False
        program = self.options.qemus[release].split()[0].format(arch=arch)
        return shutil.which(program) is not None

    def start(self, command):
        """A QEMU under a name of its own: sockets are left behind."""
        self.runs += 1
        return Qemu("qemu-%d" % self.runs, command, self.folder, Deadline(60))

    def said(self):
        """What the last one printed."""
        with open(os.path.join(self.folder, "qemu-%d.log" % self.runs), errors="replace") as file:
            return file.read()

    def stream(self, release, arch, args, caps=()):
        key = ("stream", release, arch, tuple(args), tuple(caps))
        if key not in self.cache:
            path = os.path.join(self.folder, "%d.mig" % len(self.cache))
            qemu = self.start(self.command(release, arch, args) + ["-S"])
            try:
                if caps:
                    qemu.run("migrate-set-capabilities", capabilities=[
                        {"capability": name, "state": True} for name in caps])
                qemu.run("migrate", uri="exec:cat > %s" % path)
                for _ in qemu.deadline.poll("saving"):
                    status = qemu.run("query-migrate").get("status")
                    if status == "completed":
                        break
                    if status == "failed":
                        raise Failed("saving: " + qemu.said())
            finally:
                qemu.end()
            self.cache[key] = path
        return self.cache[key]

    def dump(self, release, arch, args):
        machine = args[args.index("-M") + 1]
        key = ("dump", release, arch, machine)
        if key not in self.cache:
            path = os.path.join(self.folder, "%d.json" % len(self.cache))
            command = self.command(release, arch, ["-M", machine]) + ["-dump-vmstate", path]
            done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
            if done.returncode or not os.path.exists(path):
                raise Failed("-dump-vmstate: " + done.stderr[-300:])
            self.cache[key] = path
        return self.cache[key]

    def load(self, release, arch, args, path):
        """Whether QEMU takes the stream, and what it says."""
        qemu = self.start(self.command(release, arch, args) + ["-S", "-incoming", "defer"])
        try:
            before = len(self.said())
            qemu.run("migrate-incoming", uri="exec:cat %s" % path)
            for _ in qemu.deadline.poll("loading"):
                # It ends when it refuses a stream.
                if qemu.process.poll() is not None:
                    return False, self.said()[before:]
                status = qemu.run("query-migrate").get("status")
                if status in ("completed", "failed"):
                    return status == "completed", self.said()[before:]
        except Failed:
            try:
                qemu.process.wait(5)
            except subprocess.TimeoutExpired:
                raise Failed("the target hangs") from None
            return False, self.said()[before:]
        finally:
            qemu.end()

    def check(self, path, *against):
        """What Berth says."""
        command = [self.options.berth, "check", path, "--json"]
        for file in against:
            command += ["--against", file]
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=300)
        if done.returncode not in (0, 1):
            return None, done.stderr.strip()
        verdict = json.loads(done.stdout)
        if (verdict["verdict"] == "refused") != (done.returncode == 1):
            raise Failed("exit status %d, but %s" % (done.returncode, verdict["verdict"]))
        return verdict, None


def said_the_same(verdict, stderr):
    """The finding that QEMU's words bear out, if one does: it stops at the first."""
    text = " ".join(stderr.split())
    for finding in verdict["findings"]:
        if any(" ".join(message.split()) in text for message in finding["loaderMessages"]):
            return finding
    return None


def check_pair(runner, pair):
    name, sender, sent, receiver, read, options = pair
    arch = options.get("arch", "x86_64")
    load_arch = options.get("load_arch", arch)
    told = options.get("told")
    path = runner.stream(sender, arch, sent, options.get("caps", ()))
    if "edit" in options:
        with open(path, "rb") as file:
            content = options["edit"](file.read())
        path += ".edited"
        with open(path, "wb") as file:
            file.write(content)
    dump = runner.dump(receiver, load_arch, read)
    like = runner.stream(receiver, load_arch, read)
    by_dump, unread = runner.check(path, dump)
    by_both, _ = runner.check(path, dump, like)
    loaded, stderr = runner.load(receiver, load_arch, read, path)
    row = {"pair": name, "qemu": "takes it" if loaded else "refuses it", "said": last_words(stderr)}
    if by_dump is None:
        row.update(dump="unreadable", both="unreadable", agrees=not loaded and bool(options.get("unread")),
                   finding=" ".join(unread.split()))
        return row
    row["dump"], row["both"] = by_dump["verdict"], by_both["verdict"]
    finding = said_the_same(by_both, stderr)
    row["finding"] = "%s %s" % (finding["code"], finding["path"]) if finding else ""
    row["words"] = " ".join(stderr.split())
    if runner.fixtures and options.get("stored", True):
        with open(dump) as file:
            machine = json.load(file)["vmschkmachine"]["Name"]
        runner.fixtures.add(row, pair, path, dump, machine, like)
    wrong = []
    if loaded:
        if "refused" in (row["dump"], row["both"]):
            wrong.append("Berth says it is refused")
        if told is not None:
            wrong.append("QEMU was expected to refuse it")
    else:
        if told is None:
            wrong.append("QEMU was expected to take it")
        if told == "dump" and row["dump"] != "refused" or told in ("dump", "stream") and row["both"] != "refused":
            wrong.append("Berth does not say that it is refused")
        if told == "needs" and not by_dump["needs"]:
            wrong.append("Berth does not say what is needed")
        if told in ("dump", "stream", "warning") and not finding:
            wrong.append("QEMU says something else")
    row["agrees"] = not wrong
    row["wrong"] = "; ".join(wrong)
    return row


def last_words(stderr):
    """What QEMU said of the stream, without what it says of every one."""
    lines = [re.sub(r"^\S*qemu-system-\w+: ", "", line) for line in stderr.splitlines()]
    lines = [line for line in lines if line and not line.startswith(("load of migration failed", "qemu: module"))]
    return lines[0] if lines else (stderr.strip().splitlines() or [""])[-1]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--berth", required=True)
    parser.add_argument("--qemu", action="append", default=[], metavar="VERSION=COMMAND")
    parser.add_argument("--only", default="", metavar="REGEX")
    parser.add_argument("--table", help="write a table of tab-separated values")
    parser.add_argument("--fixtures", help="write what the unit tests use into this folder; needs zstd")
    parser.add_argument("--keep", help="keep streams and dumps in this folder")
    options = parser.parse_args()
    options.berth = os.path.abspath(options.berth)
    options.qemus = dict(text.split("=", 1) for text in options.qemu)
    if not options.qemus and shutil.which("qemu-system-x86_64"):
        said = subprocess.run(["qemu-system-x86_64", "--version"], capture_output=True, text=True).stdout
        found = re.search(r"version (\d+\.\d+)", said)
        if found:
            options.qemus[found.group(1)] = "qemu-system-{arch}"
    if not options.qemus:
        print("skipped: there is no qemu-system-x86_64")
        return 77
    folder = options.keep or tempfile.mkdtemp(prefix="berth-pairs-")
    os.makedirs(folder, exist_ok=True)
    rows, skipped = [], 0
    try:
        runner = Runner(options, os.path.abspath(folder))
        for pair in PAIRS:
            if not re.search(options.only, pair[0]):
                continue
            arch = pair[5].get("arch", "x86_64")
            if not runner.has(pair[1], arch) or not runner.has(pair[3], pair[5].get("load_arch", arch)):
                skipped += 1
                continue
            try:
                row = check_pair(runner, pair)
            except (Failed, subprocess.TimeoutExpired) as error:
                row = {"pair": pair[0], "qemu": "?", "said": "", "dump": "?", "both": "?", "finding": "",
                       "agrees": False, "wrong": str(error)}
            rows.append(row)
            print("%-4s %s: QEMU %s; Berth: %s by the dump, %s with a stream%s%s" % (
                "ok" if row["agrees"] else "FAIL", row["pair"], row["qemu"], row["dump"], row["both"],
                " (%s)" % row["finding"] if row["finding"] else "",
                ": " + row["wrong"] + ": " + row["said"] if row.get("wrong") else ""), flush=True)
        if runner.fixtures:
            runner.fixtures.write()
    finally:
        if not options.keep:
            shutil.rmtree(folder, ignore_errors=True)
    if options.table:
        with open(options.table, "w") as file:
            file.write("pair\tsender\treceiver\tqemu\tby dump\twith stream\tfinding\tqemu says\n")
            known = {pair[0]: pair for pair in PAIRS}
            for row in rows:
                pair = known[row["pair"]]
                file.write("\t".join([row["pair"], pair[1], pair[3], row["qemu"], row["dump"], row["both"],
                                      row["finding"], row["said"]]) + "\n")
    if not rows:
        print("skipped: no pair's versions are there")
        return 77
    bad = sum(not row["agrees"] for row in rows)
    silent = sum(row["qemu"] == "refuses it" and row["both"] == "not refused" for row in rows)
    print("%d pairs: %d agree, %d do not; %d skipped; %d refused by what no file tells" % (
        len(rows), len(rows) - bad, bad, skipped, silent))
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
