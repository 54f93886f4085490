#!/usr/bin/env python3
"""Saves a running guest of an unmodified QEMU through one shell pipeline, restores it through
another, and checks that it goes on as if nothing had happened.

    resume_test.py --berth .build/release/berth
    resume_test.py --berth .build/release/berth --arch s390x --schema-version 4
    resume_test.py --save 'cat > f' --load 'cat f'

What is checked, and how to drive other machines and versions of QEMU: README.md beside this file.
Exit status: 0 passed, 1 failed, 77 skipped because QEMU (or the assembler) is not installed.
"""
import argparse
import os
import re
import shlex
import shutil
import signal
import sys
import tempfile
import time

from guests import GUESTS, PAGE, Missing
from qemu import Deadline, Failed, Qemu

COMPARED_AT_MOST = 256 << 20
LINE = re.compile(r"BERTH ([0-9a-f]{8}) ([0-9a-f]{8})\n")


def options_of(arguments):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    tested = parser.add_argument_group("what is tested")
    tested.add_argument("--berth", metavar="PATH", help="the berth program")
    tested.add_argument("--schema-version", choices=("3", "4", "both"), default="both",
                        help="which BER version berth writes (default: one run with each)")
    tested.add_argument("--save", metavar="PIPELINE", help="in place of berth: reads the stream, in a shell")
    tested.add_argument("--load", metavar="PIPELINE", help="in place of berth: writes the stream, in a shell")
    machine = parser.add_argument_group("the machine")
    machine.add_argument("--arch", choices=sorted(GUESTS), default="x86_64")
    machine.add_argument("--qemu", metavar="COMMAND", help="default: qemu-system-ARCH")
    machine.add_argument("--qemu-load", metavar="COMMAND", help="QEMU that restores, if another")
    machine.add_argument("--machine", help="name a versioned one (pc-i440fx-7.2) for --qemu-load")
    machine.add_argument("--memory", type=int, metavar="MIB")
    machine.add_argument("--pages", type=int, default=512, help="pages the guest watches (default: 512)")
    machine.add_argument("--qemu-options", default="", metavar="WORDS", help="more options for both QEMUs")
    machine.add_argument("--guest-kernel", metavar="FILE",
                         help="a guest already built (from guest/ARCH.s, with the same --pages)")
    migration = parser.add_argument_group("the migration")
    migration.add_argument("--live", action="store_true", help="leave the guest running while it is saved")
    migration.add_argument("--rounds", type=int, default=3, help="RAM rounds of a live migration (default: 3)")
    migration.add_argument("--capabilities", default="", metavar="NAME,…")
    checks = parser.add_argument_group("checks")
    checks.add_argument("--compare", action=argparse.BooleanOptionalAction, default=True,
                        help="the restored stream must be the saved one, byte for byte (default: yes)")
    checks.add_argument("--passes", type=int, default=3, help="passes over its memory to wait for (default: 3)")
    checks.add_argument("--timeout", type=float, default=60, metavar="SECONDS", help="for one run (default: 60)")
    checks.add_argument("--keep", action="store_true", help="leave the temporary folder, and name it")
    options = parser.parse_args(arguments)
    if (options.save is None) != (options.load is None) or (options.berth is None) == (options.save is None):
        parser.error("give --berth, or both --save and --load")
    if not 16 <= options.pages <= 1024 or options.passes < 2 or options.rounds < 2:
        parser.error("--pages must be 16 to 1024, --passes and --rounds at least 2")
    guest = GUESTS[options.arch]
    options.qemu = options.qemu or "qemu-system-" + guest.arch
    options.qemu_load = options.qemu_load or options.qemu
    options.machine = options.machine or guest.machine
    options.memory = options.memory or guest.memory
    return options


def pipelines_of(options):
    """A list of (name, save, load)."""
    if options.save is not None:
        return [("own pipelines", options.save, options.load)]
    berth = shutil.which(options.berth)
    if berth is None:
        raise Failed("%s is not a program" % options.berth)
    berth = shlex.quote(os.path.abspath(berth))
    known = {
        # with names of files, as QEMU's users write it, and with redirections only
        "4": ("berth, version 4", berth + " encode -o vm.ber", berth + " decode vm.ber"),
        "3": ("berth, version 3", berth + " encode --schema-version 3 > vm.ber", berth + " decode < vm.ber"),
    }
    versions = "43" if options.schema_version == "both" else options.schema_version
    return [known[version] for version in versions]


class Pipeline:
    """A shell script around a pipeline that keeps its exit status, what it says, and the stream."""

    def __init__(self, folder, name, text, before="", after=""):
        self.name = name
        self._status = os.path.join(folder, name + ".status")
        self._log = os.path.join(folder, name + ".stderr")
        script = os.path.join(folder, name + ".sh")
        with open(script, "w", encoding="utf-8") as file:
            file.write("cd %s || exit 1\n%s{ (\n%s\n) 2> %s; echo $? > %s; }%s\n" % (
                shlex.quote(folder), before, text, self._log, self._status, after))
        self.uri = "exec:sh " + shlex.quote(script)

    def said(self):
        try:
            with open(self._log, encoding="utf-8", errors="replace") as file:
                text = file.read().strip()
        except FileNotFoundError:
            return "was not started"
        return "said: " + text[-2000:] if text else "said nothing"

    def status(self):
        """The exit status, or None while it runs."""
        try:
            with open(self._status, encoding="ascii") as file:
                text = file.read()
        except FileNotFoundError:
            return None
        return int(text) if text.endswith("\n") else None

    def finish(self, deadline):
        for _ in deadline.poll(lambda: "the %s pipeline, which %s" % (self.name, self.said())):
            status = self.status()
            if status is not None:
                break
        if status:
            raise Failed("the %s pipeline ended with exit status %d and %s" % (self.name, status, self.said()))


class Run:
    """One save and one restore."""

    def __init__(self, options, folder, save, load):
        self.options = options
        self.folder = folder
        self.guest = GUESTS[options.arch]
        self.deadline = Deadline(options.timeout)
        self.saved, self.restored = os.path.join(folder, "saved.mig"), os.path.join(folder, "restored.mig")
        compare = options.compare
        self.save = Pipeline(folder, "save", save, before="tee saved.mig | " if compare else "")
        self.load = Pipeline(folder, "load", load, after=" | tee restored.mig" if compare else "")
        self.capabilities = [name for name in options.capabilities.split(",") if name]
        image = os.path.abspath(options.guest_kernel) if options.guest_kernel else self.guest.build(folder, options.pages)
        self.words = (["-nodefaults", "-accel", "tcg", "-M", options.machine, "-m", str(options.memory)]
                      + self.guest.options + [self.guest.boot, image] + shlex.split(options.qemu_options))

    def start(self, name, command, more=()):
        return Qemu(name, shlex.split(command) + self.words + list(more), self.folder, self.deadline)

    def enable_capabilities(self, qemu):
        if self.capabilities:
            qemu.run("migrate-set-capabilities",
                     capabilities=[{"capability": name, "state": True} for name in self.capabilities])

    def wait_passes(self, qemu, count):
        for _ in self.deadline.poll(lambda: "pass %d of the guest on the %s; QEMU: %s" % (count, qemu.name, qemu.said())):
            report = self.guest.report(qemu)
            if report is not None and report.passes >= count:
                return report

    def whole_memory(self, qemu):
        return qemu.memory(self.guest.ram, min(self.options.memory << 20, COMPARED_AT_MOST))

    def run(self):
        with self.start("source", self.options.qemu) as source:
            print("  source    QEMU %s, %s, %d MiB%s" % (
                source.version(), self.options.machine, self.options.memory, ", live" if self.options.live else ""))
            self.wait_passes(source, self.options.passes)
            self.migrate(source)
            before = self.guest.report(source)
            memory = self.whole_memory(source)
            printed = source.printed()
        print("  saved     at pass %d" % before.passes)
        # only now, with its saver gone: what it wrote must be all that the restore needs
        self.restore(before, memory, printed)
        if self.options.compare:
            size = self.compare_streams()
            print("  streams   identical, %d bytes" % size)

    def migrate(self, source):
        self.enable_capabilities(source)
        if self.options.live:
            source.run("migrate-set-parameters", max_bandwidth=4 << 20, downtime_limit=1)
        else:
            source.run("stop")
        source.run("migrate", uri=self.save.uri)
        slow = self.options.live
        for _ in self.deadline.poll(lambda: "the migration; the save pipeline " + self.save.said()):
            state = source.run("query-migrate")
            status = state.get("status")
            if status == "completed":
                break
            if status in ("failed", "cancelled"):
                raise Failed("migration %s: %s; the save pipeline %s; QEMU: %s" % (
                    status, state.get("error-desc", "no reason given"), self.save.said(), source.said()))
            if slow and state.get("ram", {}).get("dirty-sync-count", 0) >= self.options.rounds:
                source.run("migrate-set-parameters", max_bandwidth=1 << 32, downtime_limit=30000)
                slow = False
        self.save.finish(self.deadline)
        if self.options.live:
            print("  live      %d rounds" % state["ram"]["dirty-sync-count"])
        if "xbzrle" in self.capabilities:
            pages = state.get("xbzrle-cache", {}).get("pages", 0)
            if not pages:
                raise Failed("no XBZRLE page was sent: this run shows nothing about them")
            print("  XBZRLE    %d pages" % pages)

    def restore(self, before, memory, printed):
        incoming = ["-S", "-incoming", "defer" if self.capabilities else self.load.uri]
        with self.start("destination", self.options.qemu_load, incoming) as destination:
            if self.capabilities:
                self.enable_capabilities(destination)
                destination.run("migrate-incoming", uri=self.load.uri)
            try:
                for _ in self.deadline.poll("the restore"):
                    if destination.run("query-status")["status"] != "inmigrate":
                        break
                    if self.load.status():
                        self.load.finish(self.deadline)
                self.load.finish(self.deadline)
            except Failed as reason:
                said = self.load.said()
                raise reason if said in str(reason) else Failed("%s; the load pipeline %s" % (reason, said)) from None
            state = destination.run("query-migrate")
            if state.get("status") not in ("completed", None):
                raise Failed("the destination's migration is %s; QEMU: %s" % (state.get("status"), destination.said()))
            self.compare_memory(memory, self.whole_memory(destination))
            print("  restored  QEMU %s, memory as it was" % destination.version())

            destination.run("cont")
            after = self.wait_passes(destination, before.passes + self.options.passes)
            destination.run("stop")
            after = self.guest.report(destination)
            print("  went on   from pass %d to pass %d, %d pages rewritten, %d damaged" % (
                before.passes, after.passes, after.writes - before.writes, after.damaged))
            if after.damaged:
                raise Failed("the guest found %d damaged pages (%d before it was saved), the last one at %#x" % (
                    after.damaged, before.damaged,
                    self.guest.data + 0x10000 + after.last_damaged * PAGE))
            if self.guest.serial:
                self.check_serial(printed, destination.printed(), after.passes)

    def compare_memory(self, before, after):
        if before == after:
            return
        pages = [at for at in range(0, len(before), PAGE) if before[at:at + PAGE] != after[at:at + PAGE]]
        raise Failed("%d pages of memory differ after the restore, the first one at %#x" % (
            len(pages), self.guest.ram + pages[0]))

    @staticmethod
    def check_serial(before, after, passes):
        """Both serial logs joined must be one log without a gap or a torn line."""
        joined = before + after
        lines = LINE.findall(joined[:joined.rfind("\n") + 1])
        torn = LINE.sub("", joined[:joined.rfind("\n") + 1])
        counts = [int(count, 16) for count, _ in lines]
        if torn or counts != list(range(1, len(counts) + 1)) or not passes - 1 <= len(counts) <= passes:
            raise Failed("the serial port does not go on where it was: …%r, then %r…" % (before[-80:], after[:80]))

    def compare_streams(self):
        with open(self.saved, "rb") as saved, open(self.restored, "rb") as restored:
            offset = 0
            while True:
                first, second = saved.read(1 << 20), restored.read(1 << 20)
                if first != second:
                    at = next((i for i, (a, b) in enumerate(zip(first, second)) if a != b), min(len(first), len(second)))
                    raise Failed("the restored stream (%d bytes) differs from the saved one (%d bytes) from offset %#x on"
                                 % (os.path.getsize(self.restored), os.path.getsize(self.saved), offset + at))
                if not first:
                    return offset
                offset += len(first)


def temporary_folder():
    """A folder whose name is short enough for sockets in it."""
    folder = tempfile.mkdtemp(prefix="berth-live-")
    if len(folder) > 70:
        os.rmdir(folder)
        folder = tempfile.mkdtemp(prefix="berth-live-", dir="/tmp")
    return folder


def main(arguments=None):
    options = options_of(arguments)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    passed = True
    try:
        for command in (options.qemu, options.qemu_load):
            if shutil.which(shlex.split(command)[0]) is None:
                raise Missing("%s is not installed" % shlex.split(command)[0])
        for name, save, load in pipelines_of(options):
            print("%s, %s" % (options.arch, name), flush=True)
            folder = temporary_folder()
            started = time.monotonic()
            try:
                Run(options, folder, save, load).run()
                print("  PASSED    in %.1f s" % (time.monotonic() - started), flush=True)
            except Failed as reason:
                print("  FAILED    %s" % reason, flush=True)
                passed = False
            finally:
                if options.keep:
                    print("  kept      %s" % folder)
                else:
                    shutil.rmtree(folder, ignore_errors=True)
    except Missing as reason:
        print("SKIPPED: %s" % reason)
        return 77
    except Failed as reason:
        print("FAILED: %s" % reason)
        return 1
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(main())
