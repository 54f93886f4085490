#!/usr/bin/env python3
"""Takes a stream of each machine type, or of each device, that a QEMU has, through all that Berth does.

    sweep.py --berth BERTH [--qemu COMMAND …] [--machine REGEX] [--devices MACHINE [--device REGEX]] [--keep FOLDER]
    sweep.py --berth BERTH --qemu COMMAND --to COMMAND [--machine REGEX]

COMMAND is a QEMU's name with {arch} for the architecture, such as /opt/qemu-11.1/bin/qemu-system-{arch}. Each machine
type starts stopped (or MACHINE with one device more) and is saved; with --run it runs its firmware for so long before. What QEMU doesn't start or save is counted, not
judged. Of each stream:

- versions 4 and 3 bring the same octets back, and are valid by their schema; version 4 is valid by its own module,
  too, and does not differ from the stream;
- no device stays opaque where QEMU's description says what it has;
- the blocks of `ram list` are those of QEMU's `info ramblock`;
- `check` against this QEMU's own -dump-vmstate says what QEMU does, which is asked if `check` finds something;
- `info`, `show`, `report` and `dump` end well;
- with --to, for machine types that both QEMUs have, instead of all this: `check` against the other QEMU's
  description and a stream of it says what that QEMU does with the stream.

Prints a line for each stream with something amiss, and a summary. Exit status 0, 1 if something was amiss, 77 if
there is no QEMU. Not part of CI: some thousand machines take an hour.
"""
import argparse
import collections
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

from qemu import Deadline, Failed, Qemu

ARCHITECTURES = """aarch64 alpha arm avr cris hexagon hppa i386 loongarch64 m68k microblaze microblazeel mips mips64
    mips64el mipsel nios2 or1k ppc ppc64 riscv32 riscv64 rx s390x sh4 sh4eb sparc sparc64 tricore x86_64 xtensa
    xtensaeb""".split()

# Need Xen, or are no machine.
NEVER = re.compile(r"none|xen.*")


class NotSaved(Exception):
    """QEMU has no stream of this; the text says why."""


def listed(command, options, pattern):
    """Names that QEMU lists on either stream."""
    run = subprocess.run(command + options, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                         stderr=subprocess.STDOUT, timeout=60)
    return re.findall(pattern, run.stdout.decode("utf-8", "replace"), re.M)


def machines(command):
    """Names of machine types; an alias is one more, for the other QEMU may mean another by it."""
    if not shutil.which(command[0]):
        return []
    return [name for name in listed(command, ["-M", "help"], r"^(\S+) {2,}\S") if not NEVER.fullmatch(name)]


def ram_blocks(qemu):
    blocks = {}
    for line in qemu.run("human-monitor-command", command_line="info ramblock").splitlines()[1:]:
        found = re.match(r"\s*(\S.*?)\s+\d+ [KMGT]i?B\s+0x[0-9a-f]+ 0x([0-9a-f]+)", line)
        if found:
            blocks[found.group(1)] = int(found.group(2), 16)
    return blocks


def save(command, options, folder, name="vm", seconds=0):
    """The stream's name, and the blocks that QEMU tells."""
    path = os.path.join(folder, name + ".mig")
    try:
        with Qemu(name, command + options + ["-S"], folder, Deadline(60)) as qemu:
            if seconds:
                qemu.run("cont")
                time.sleep(seconds)
                qemu.run("stop")
            blocks = ram_blocks(qemu)
            try:
                qemu.run("migrate-set-parameters", max_bandwidth=1 << 34)
            except Failed:  # QEMU before 2.8
                qemu.run("migrate_set_speed", value=1 << 34)
            qemu.run("migrate", uri="exec:cat > " + path)
            for _ in qemu.deadline.poll("migration"):
                state = qemu.run("query-migrate")
                if state.get("status") == "completed":
                    return path, blocks
                if state.get("status") in ("failed", "cancelled"):
                    raise NotSaved(state.get("error-desc", "failed"))
    except Failed as error:
        raise NotSaved(str(error)) from None


def refusal(command, options, path, folder):
    """What this QEMU says when it refuses the stream; None if it takes it."""
    try:
        with Qemu("target", command + options + ["-S", "-incoming", "exec:cat " + path], folder,
                  Deadline(60)) as qemu:
            for _ in qemu.deadline.poll("loading"):
                state = qemu.run("query-migrate").get("status")
                if state == "completed":
                    return None
                if state == "failed":
                    return qemu.said()
                # QEMU before 2.11 tells nothing of the receiving side.
                if not state and qemu.run("query-status").get("status") != "inmigrate":
                    return None
    except Failed as error:
        return str(error)


class Judge:
    """Runs Berth on one stream, and keeps what is amiss."""

    def __init__(self, berth, folder):
        self.berth, self.folder, self.amiss = berth, folder, []

    def run(self, *arguments, statuses=(0,)):
        run = subprocess.run([self.berth, *arguments], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                             stderr=subprocess.PIPE, timeout=300)
        if run.returncode not in statuses:
            text = (run.stdout[-300:] + b" " + run.stderr[-300:]).decode("utf-8", "replace")
            self.amiss.append("%s: exit status %d: %s" % (arguments[0], run.returncode, " ".join(text.split())))
            return None
        return run

    def file(self, name):
        return os.path.join(self.folder, name)

    def round_trips(self, stream):
        with open(stream, "rb") as file:
            octets = file.read()
        for version in ("3", "4"):
            ber = self.file("v%s.ber" % version)
            if not self.run("encode", "-q", "--schema-version", version, stream, "-o", ber):
                continue
            back = self.run("decode", "-q", ber, "-o", self.file("back"))
            if back:
                with open(self.file("back"), "rb") as file:
                    if file.read() != octets:
                        self.amiss.append("version %s brings other octets back" % version)
            self.run("validate", ber)
        self.run("diff", stream, self.file("v4.ber"))

    def listings(self, stream, blocks):
        info = self.run("info", "--json", stream)
        told = True
        if info:
            summary = json.loads(info.stdout)
            # Machine types of QEMU 2.2 and before send nothing that tells where a device ends.
            told = any(section["isFull"] for section in summary["sections"])
            blobs = summary["devices"]["blobs"]
            if blobs:
                self.amiss.append("%d devices or fields are opaque" % blobs)
        ram = self.run("ram", "list", "--json", stream)
        if ram:
            found = {block["name"]: block["length"] for block in json.loads(ram.stdout)["blocks"]}
            # A block that QEMU doesn't migrate is in its list alone; QEMU before 2.8 has no list,
            # and up to 2.11 it leaves out of it what has no name.
            found.pop("", None)
            wrong = sorted(name for name, length in found.items() if blocks.get(name, length) != length)
            if blocks and (wrong or not set(found) <= set(blocks)):
                self.amiss.append("blocks: %s for %s" % (found, blocks))
        self.run("show", stream)
        self.run("report", stream, "-o", self.file("report.html"))
        dump = self.run("dump", "--format", "json", self.file("v4.ber"))
        if dump:
            json.loads(dump.stdout)
        if told and self.run("schema", "generate", stream, "-o", self.file("own.asn")):
            self.run("validate", "--schema", self.file("own.asn"), self.file("v4.ber"))

    def crosses(self, stream, dump, sample, refused):
        """What the other QEMU does, and what Berth finds; amiss if one takes what the other doesn't.

        sample is a stream of the other: a dump has nothing of processors and RAM blocks.
        """
        run = self.run("check", "--json", stream, "--against", dump, "--against", sample, statuses=(0, 1))
        if not run:
            return None
        verdict = json.loads(run.stdout)
        findings = verdict["findings"]
        gaps = [name for gap in verdict["gaps"] if gap["code"] == "subsections" for name in gap["names"]]
        severities = {finding["severity"] for finding in findings}
        found = "an error" if run.returncode else "a warning" if "warning" in severities else (
            "an unknown subsection" if gaps else "nothing")
        outcome = "QEMU %s, check finds %s" % ("refuses" if refused else "loads", found)
        if bool(refused) != bool(run.returncode):
            self.amiss.append("%s: %s; QEMU: %s" % (
                outcome, ", ".join(["%(code)s %(path)s" % each for each in findings[:3]] + gaps),
                " | ".join((refused or "").split("\n")[-4:])[-300:]))
        return outcome

    def check(self, stream, dump, refused):
        run = self.run("check", stream, "--against", dump, statuses=(0, 1))
        if run and run.returncode == 1 and not refused():
            self.amiss.append("check: " + " ".join(run.stdout.decode("utf-8", "replace").split())[:400])


def dump_of(command, options, folder):
    path = os.path.join(folder, "dump.json")
    run = subprocess.run(command + options + ["-display", "none", "-dump-vmstate", path], stdin=subprocess.DEVNULL,
                         stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=60)
    return path if run.returncode == 0 and os.path.exists(path) else None


def judge(berth, command, options, to, arguments, name):
    keep = arguments.keep
    with tempfile.TemporaryDirectory(prefix="berth-sweep-") as folder:
        stream, blocks = save(command, options, folder, seconds=arguments.run)
        one = Judge(berth, folder)
        outcome = None
        dump = dump_of(to or command, options, folder)
        if to and dump:
            sample, _ = save(to, options, folder, "sample")
            outcome = one.crosses(stream, dump, sample, refusal(to, options, stream, folder))
        elif not to:
            one.round_trips(stream)
            one.listings(stream, blocks)
            if dump:
                one.check(stream, dump, lambda: refusal(command, options, stream, folder))
        if one.amiss and keep:
            os.makedirs(keep, exist_ok=True)
            shutil.copy(stream, os.path.join(keep, re.sub(r"[^\w.,=-]", "_", name) + ".mig"))
            if dump:
                shutil.copy(dump, os.path.join(keep, re.sub(r"[^\w.,=-]", "_", name) + ".json"))
        return one.amiss, bool(dump), outcome


def cases(templates, arguments):
    """Name, command and options of each."""
    for template in templates:
        for arch in arguments.arch or ARCHITECTURES:
            command = [template.replace("{arch}", arch)]
            if not shutil.which(command[0]):
                continue
            label = "%s %s" % (template, arch)
            if arguments.devices:
                machine = ["-M", arguments.devices, "-m", "64", "-nodefaults"]
                for device in listed(command, ["-M", "none", "-device", "help"], r'^name "([^"]+)"'):
                    if re.search(arguments.device, device):
                        yield "%s %s" % (label, device), command, machine + ["-device", device]
            else:
                known = set(machines([arguments.to.replace("{arch}", arch)])) if arguments.to else None
                for machine in machines(command):
                    if re.search(arguments.machine, machine) and (known is None or machine in known):
                        yield "%s %s" % (label, machine), command, ["-M", machine]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--berth", required=True)
    parser.add_argument("--qemu", action="append", help="COMMAND with {arch} (default: qemu-system-{arch})")
    parser.add_argument("--to", metavar="COMMAND", help="hold `check` against what this QEMU does with the streams")
    parser.add_argument("--arch", action="append", help="this architecture alone")
    parser.add_argument("--machine", default="", metavar="REGEX", help="machine types whose name has this")
    parser.add_argument("--devices", metavar="MACHINE", help="each device alone on this machine")
    parser.add_argument("--device", default="", metavar="REGEX", help="devices whose name has this")
    parser.add_argument("--run", type=float, default=0, metavar="SECONDS", help="let the firmware run before")
    parser.add_argument("--keep", metavar="FOLDER", help="keep streams with something amiss there")
    parser.add_argument("--part", default="0/1", metavar="K/N", help="each Nth case, from the Kth on")
    arguments = parser.parse_args()
    berth = os.path.abspath(arguments.berth)
    part, parts = map(int, arguments.part.split("/"))
    counts, refusals, outcomes = collections.Counter(), collections.Counter(), collections.Counter()
    for index, (name, command, options) in enumerate(cases(arguments.qemu or ["qemu-system-{arch}"], arguments)):
        if index % parts != part:
            continue
        counts["tried"] += 1
        try:
            to = arguments.to and [arguments.to.replace("{arch}", name.split()[-2])]
            amiss, dumped, outcome = judge(berth, command, options, to, arguments, name)
        except NotSaved as reason:
            refusals[" ".join(str(reason).split())[-60:]] += 1
            continue
        except subprocess.TimeoutExpired as error:
            amiss, dumped, outcome = ["no end: %s" % error], False, None
        counts["saved"] += 1
        counts["checked against their QEMU's description"] += dumped
        outcomes[outcome] += bool(outcome)
        if amiss:
            counts["amiss"] += 1
            print("%s: %s" % (name, "; ".join(amiss)), flush=True)
    for reason, count in refusals.most_common(10):
        print("not saved, %d times: … %s" % (count, reason))
    for outcome, count in sorted(each for each in outcomes.items() if each[1]):
        print("%s: %d" % (outcome, count))
    print("%d tried, %d saved, %d checked against their QEMU's description, %d amiss" % (
        counts["tried"], counts["saved"], counts["checked against their QEMU's description"], counts["amiss"]))
    if not counts["tried"]:
        return 77
    return 1 if counts["amiss"] else 0


if __name__ == "__main__":
    sys.exit(main())
