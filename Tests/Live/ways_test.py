#!/usr/bin/env python3
"""Takes a running guest from one unmodified QEMU to another on other ways than a saved stream.

    ways_test.py --berth .build/release/berth
    ways_test.py --berth .build/release/berth --way pipe --arch ppc64
    ways_test.py --berth .build/release/berth --way mapped-ram --qemu /opt/qemu-10/bin/qemu-system-x86_64

pipe        a live migration: both QEMUs run, and between them `berth encode | berth decode`
snapshot    `savevm` into a disk image; `berth encode --snapshot`; `-incoming exec:berth decode`
mapped-ram  a mapped-ram file goes through `berth encode | berth decode` and is loaded as such
            (QEMU 9.0 or newer; told as not possible for an older one)

Each checks what resume_test.py checks: the guest's memory is as it was, its count goes on, no page
is damaged, the serial logs join. Options are those of resume_test.py. Exit status: 0 passed,
1 failed, 77 skipped because QEMU (or the assembler) is missing.
"""
import argparse
import os
import shlex
import shutil
import signal
import subprocess
import sys
import time

import resume_test
from guests import Missing
from qemu import Failed
from resume_test import Pipeline, Run, temporary_folder

TOO_OLD = "mapped-ram is newer than this QEMU"


class NotPossible(Exception):
    """This QEMU does not know the way, or a program for it is missing; the text says why."""


class PipeRun(Run):
    """The destination waits from the start for what comes out of the pipeline."""

    def __init__(self, options, folder, berth):
        super().__init__(options, folder, "", "")
        fifo = os.path.join(folder, "between")
        os.mkfifo(fifo)
        self.save = Pipeline(folder, "save", "%s encode | %s decode > %s" % (berth, berth, shlex.quote(fifo)),
                             before="tee saved.mig | " if options.compare else "")
        self.load = Pipeline(folder, "load", "cat %s" % shlex.quote(fifo),
                             after=" | tee restored.mig" if options.compare else "")

    def run(self):
        incoming = ["-S", "-incoming", "defer"]
        with self.start("destination", self.options.qemu_load, incoming) as destination:
            self.enable_capabilities(destination)
            destination.run("migrate-incoming", uri=self.load.uri)
            with self.start("source", self.options.qemu) as source:
                print("  source    QEMU %s, %s, %d MiB%s" % (
                    source.version(), self.options.machine, self.options.memory,
                    ", live" if self.options.live else ""))
                self.wait_passes(source, self.options.passes)
                self.migrate(source)
                before = self.guest.report(source)
                memory = self.whole_memory(source)
                printed = source.printed()
                print("  handed    at pass %d" % before.passes)
                self.arrive(destination)
                self.compare_memory(memory, self.whole_memory(destination))
            # The source is gone; the guest goes on in the destination alone.
            self.go_on(destination, before, printed)
        if self.options.compare:
            print("  streams   identical, %d bytes" % self.compare_streams())

    def arrive(self, destination):
        for _ in self.deadline.poll(lambda: "the arrival; the pipeline " + self.save.said()):
            if destination.run("query-status")["status"] != "inmigrate":
                break
        self.load.finish(self.deadline)
        print("  arrived   QEMU %s, memory to be compared" % destination.version())

    def go_on(self, destination, before, printed):
        destination.run("cont")
        self.wait_passes(destination, before.passes + self.options.passes)
        destination.run("stop")
        after = self.guest.report(destination)
        print("  went on   from pass %d to pass %d, %d pages rewritten, %d damaged" % (
            before.passes, after.passes, after.writes - before.writes, after.damaged))
        if after.damaged:
            raise Failed("the guest found %d damaged pages" % after.damaged)
        if self.guest.serial:
            self.check_serial(printed, destination.printed(), after.passes)


def berth_run(command, what):
    """Runs a shell command of berth's to its end; anything but success is a failure."""
    done = subprocess.run(["sh", "-c", command], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, timeout=120, check=False)
    if done.returncode:
        raise Failed("%s ended with exit status %d and said: %s" % (
            what, done.returncode, done.stdout.decode("utf-8", "replace")[-2000:]))


class SnapshotRun(Run):
    """The source keeps its VM state in a disk image that it has; the destination has none."""

    def __init__(self, options, folder, berth):
        super().__init__(options, folder, "true", "%s decode vm.ber" % berth)
        self.berth = berth
        self.capabilities = []
        self.image = os.path.join(folder, "disk.qcow2")
        if shutil.which("qemu-img") is None:
            raise NotPossible("qemu-img is not installed")
        berth_run("qemu-img create -q -f qcow2 %s 1M" % shlex.quote(self.image), "qemu-img")
        self.options.compare = False

    def start(self, name, command, more=()):
        disk = ["-drive", "if=none,id=snap,format=qcow2,file=" + self.image] if name == "source" else []
        return super().start(name, command, list(more) + disk)

    def migrate(self, source):
        source.run("stop")
        said = source.run("human-monitor-command", command_line="savevm kept")
        if said.strip():
            raise Failed("savevm: " + said.strip())
        name = os.path.join(self.folder, "vm.ber")
        # QEMU still has the image open, as an image of a running guest is.
        berth_run("%s encode --snapshot kept %s -o %s && %s validate -q %s" % (
            self.berth, shlex.quote(self.image), shlex.quote(name), self.berth, shlex.quote(name)), "berth")
        print("  snapshot  %d bytes of BER, valid" % os.path.getsize(name))


class MappedRAMRun(Run):
    """QEMU writes a file with a place for each page; what comes back has to be the same file."""

    def __init__(self, options, folder, berth):
        super().__init__(options, folder, "true", "true")
        self.berth = berth
        self.capabilities.append("mapped-ram")
        name = shlex.quote(self.restored)
        self.convert = "%s encode %s | %s decode -o %s" % (berth, shlex.quote(self.saved), berth, name)

    def enable_capabilities(self, qemu):
        known = [entry["capability"] for entry in qemu.run("query-migrate-capabilities")]
        if "mapped-ram" not in known:
            raise NotPossible(TOO_OLD)
        super().enable_capabilities(qemu)

    class _Place:
        """Stands where a pipeline would: a file that QEMU writes or reads itself."""

        def __init__(self, path):
            self.uri = "file:" + path

        def said(self):
            return "is none: a file"

        def status(self):
            return None

        def finish(self, deadline):
            pass

    def migrate(self, source):
        self.save = self._Place(self.saved)
        super().migrate(source)
        berth_run("bash -o pipefail -c %s" % shlex.quote(self.convert), "berth")
        self.load = self._Place(self.restored)
        blocks = os.stat(self.saved).st_blocks, os.stat(self.restored).st_blocks
        print("  file      %d bytes, %d KiB of disk, decoded %d KiB" % (
            os.path.getsize(self.saved), blocks[0] // 2, blocks[1] // 2))


WAYS = {"pipe": PipeRun, "snapshot": SnapshotRun, "mapped-ram": MappedRAMRun}


def main(arguments=None):
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--way", action="append", choices=sorted(WAYS))
    ways, rest = parser.parse_known_args(arguments)
    if "-h" in rest or "--help" in rest:
        print(__doc__)
        return 0
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    passed = True
    try:
        for way in ways.way or WAYS:
            options = resume_test.options_of(rest)
            if options.berth is None or shutil.which(options.berth) is None:
                raise Failed("--berth names no program")
            for command in (options.qemu, options.qemu_load):
                if shutil.which(shlex.split(command)[0]) is None:
                    raise Missing("%s is not installed" % shlex.split(command)[0])
            if way == "pipe":
                options.live = True
            berth = shlex.quote(os.path.abspath(shutil.which(options.berth)))
            print("%s, %s" % (options.arch, way), flush=True)
            folder = temporary_folder()
            started = time.monotonic()
            try:
                WAYS[way](options, folder, berth).run()
                print("  PASSED    in %.1f s" % (time.monotonic() - started), flush=True)
            except NotPossible as reason:
                print("  left out: %s" % reason, flush=True)
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
