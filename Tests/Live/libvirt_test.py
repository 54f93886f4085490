#!/usr/bin/env python3
"""Takes images of a real `virsh save` through BER and back, and lets `virsh restore` take them.

    libvirt_test.py --berth .build/release/berth
    libvirt_test.py --berth .build/release/berth --format raw --format xz

For each of libvirt's save formats: a running guest is saved, the image is encoded, the BER file
validated and decoded again (`decode --container`); the image has to be the same to the octet. The
saved one is removed, and the guest goes on from the one that was decoded: its count continues and no
page of its memory is damaged.

libvirt's driver runs inside virsh (qemu:///embed) in a folder of its own: no daemon, no network, no
KVM, nothing of the system's libvirt is touched. Exit status: 0 passed, 1 failed, 77 skipped because
virsh, libvirt's QEMU driver, QEMU or the assembler is not installed.
"""
import argparse
import os
import re
import shutil
import subprocess
import sys
import time
from xml.sax.saxutils import escape

from guests import GUESTS, Missing
from qemu import Deadline, Failed
from resume_test import LINE, temporary_folder

FORMATS = ("raw", "gzip", "bzip2", "xz", "lzop", "zstd")
DOMAIN = """<domain type='qemu'>
  <name>berth-live</name>
  <memory unit='MiB'>16</memory>
  <vcpu>1</vcpu>
  <os><type arch='x86_64' machine='{machine}'>hvm</type><kernel>{guest}</kernel></os>
  <devices>
    <emulator>{qemu}</emulator>
    <serial type='file'><source path='{serial}' append='on'/><target port='0'/></serial>
    <memballoon model='none'/>
  </devices>
</domain>
"""
NOBODY = 65534
SETTINGS = """security_driver = "none"
cgroup_controllers = []
namespaces = []
stdio_handler = "file"
seccomp_sandbox = 0
dynamic_ownership = 0
remember_owner = 0
"""


def unprivileged(folder):
    """As root: options that run a program as nobody, who then owns the folder. libvirt's driver
    with root's rights asks for users that only the whole of libvirt's packages make."""
    if os.getuid() != 0:
        return {}
    for name in [folder] + [os.path.join(folder, entry) for entry in os.listdir(folder)]:
        os.chown(name, NOBODY, NOBODY)
    for root, folders, files in os.walk(os.path.join(folder, "root")):
        for name in folders + files:
            os.chown(os.path.join(root, name), NOBODY, NOBODY)
    return {"user": NOBODY, "group": NOBODY, "extra_groups": []}


class Virsh:
    """One virsh, with libvirt's driver in it, which is given its commands one by one."""

    def __init__(self, folder, name, deadline):
        self.deadline = deadline
        self._log = os.path.join(folder, name + ".log")
        with open(self._log, "wb") as log:
            self.process = subprocess.Popen(
                ["virsh", "-q", "-c", "qemu:///embed?root=" + os.path.join(folder, "root")],
                stdin=subprocess.PIPE, stdout=log, stderr=log, cwd=folder,
                env=dict(os.environ, HOME=folder, XDG_RUNTIME_DIR=folder), **unprivileged(folder))
        self._done = 0

    def said(self):
        with open(self._log, "rb") as log:
            return log.read().decode("utf-8", "replace")

    def run(self, command):
        """Runs a command to its end: virsh then echoes a word of ours."""
        self._done += 1
        mark = "BERTH-DONE-%d" % self._done
        before = len(self.said())
        try:
            self.process.stdin.write(("%s\necho %s\n" % (command, mark)).encode())
            self.process.stdin.flush()
        except BrokenPipeError:
            pass
        for _ in self.deadline.poll(lambda: "%s; virsh said: %s" % (command, self.said()[-2000:])):
            said = self.said()[before:]
            # What virsh was given stands there as well, behind "echo".
            if re.search("(?<!echo )%s(?![0-9])" % mark, said):
                break
            if self.process.poll() is not None:
                raise Failed("virsh ended during: %s; it said: %s" % (command, self.said()[-2000:]))
        errors = re.findall("^error: .*", said, re.M)
        if errors:
            raise Failed("virsh %s: %s" % (command, "; ".join(errors)[:1000]))

    def end(self):
        """Ends the guest, if there is one, and virsh."""
        if self.process.poll() is None:
            try:
                self.process.stdin.write(b"destroy berth-live\n")
                self.process.stdin.close()
                self.process.wait(20)
            except (OSError, ValueError):
                pass
            except subprocess.TimeoutExpired:
                self.process.kill()
        self.process.wait()

    def __enter__(self):
        return self

    def __exit__(self, *reason):
        self.end()


def berth(program, *arguments):
    done = subprocess.run([program, *arguments], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, timeout=120, check=False)
    if done.returncode:
        raise Failed("berth %s ended with exit status %d and said: %s" % (
            " ".join(arguments), done.returncode, (done.stderr + done.stdout).decode("utf-8", "replace")[-2000:]))
    return done.stdout.decode("utf-8", "replace")


def counts(serial):
    """The passes that the guest reported, each (count, damaged); what is cut off at the end is left."""
    try:
        with open(serial, "rb") as file:
            text = file.read().decode("ascii", "replace")
    except FileNotFoundError:
        return []
    whole = text[:text.rfind("\n") + 1]
    if LINE.sub("", whole):
        raise Failed("the serial port has a torn line: %r" % LINE.sub("", whole)[:80])
    return [(int(count, 16), int(damaged, 16)) for count, damaged in LINE.findall(whole)]


def wait_for(serial, count, deadline, virsh):
    for _ in deadline.poll(lambda: "pass %d of the guest; virsh said: %s" % (count, virsh.said()[-2000:])):
        passes = counts(serial)
        if passes and passes[-1][0] >= count:
            return passes


def settings(folder, format):
    root = os.path.join(folder, "root")
    os.makedirs(os.path.join(root, "etc"), exist_ok=True)
    with open(os.path.join(root, "etc", "qemu.conf"), "w", encoding="ascii") as file:
        file.write(SETTINGS + 'save_image_format = "%s"\n' % format)


def same(first, second):
    with open(first, "rb") as a, open(second, "rb") as b:
        offset = 0
        while True:
            x, y = a.read(1 << 20), b.read(1 << 20)
            if x != y:
                at = next((i for i, (p, q) in enumerate(zip(x, y)) if p != q), min(len(x), len(y)))
                raise Failed("the decoded image differs from the saved one from offset %#x on" % (offset + at))
            if not x:
                return offset
            offset += len(x)


def run(options, folder, format, guest):
    deadline = Deadline(options.timeout)
    settings(folder, format)
    serial, image, ber, back = (os.path.join(folder, format + end) for end in (".serial", ".image", ".ber", ".back"))
    domain = os.path.join(folder, "domain.xml")
    with open(domain, "w", encoding="utf-8") as file:
        file.write(DOMAIN.format(machine=options.machine, guest=escape(guest), serial=escape(serial),
                                 qemu=escape(shutil.which(options.qemu))))
    with Virsh(folder, format + "-save", deadline) as virsh:
        try:
            virsh.run("create domain.xml")
        except Failed as reason:
            # Nothing of Berth's has had a part yet.
            raise Missing("libvirt can't start a guest here: %s" % reason) from None
        wait_for(serial, 3, deadline, virsh)
        try:
            virsh.run("save berth-live " + image)
        except Failed as reason:
            if "Invalid save image format" in str(reason) or "Invalid compressed save format" in str(reason) \
                    or "nvalid argument" in str(reason):
                print("  %-8s  not known to this libvirt" % format, flush=True)
                return
            raise
    before = counts(serial)
    told = berth(options.berth, "info", image)
    if not told.startswith("container        libvirt save image"):
        raise Failed("info does not tell a libvirt image: %s" % told[:400])
    if format != "raw" and "container        %s\n" % format not in told:
        raise Failed("info does not tell %s in the image: %s" % (format, told[:400]))
    berth(options.berth, "encode", image, "-o", ber)
    berth(options.berth, "validate", "-q", ber)
    berth(options.berth, "decode", "--container", ber, "-o", back)
    size = same(image, back)
    os.unlink(image)
    os.unlink(ber)
    with Virsh(folder, format + "-restore", deadline) as virsh:
        virsh.run("restore " + back)
        after = wait_for(serial, before[-1][0] + 3, deadline, virsh)
    if [count for count, _ in after] != list(range(1, len(after) + 1)):
        raise Failed("the guest's count does not go on where it was: %r" % [count for count, _ in after])
    if any(damaged for _, damaged in after):
        raise Failed("the guest found damaged pages: %r" % after[-1][1])
    print("  %-8s  image of %d bytes identical, restored; the guest went on from pass %d to pass %d" % (
        format, size, before[-1][0], after[-1][0]), flush=True)
    os.unlink(back)


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--berth", metavar="PATH", required=True, help="the berth program")
    parser.add_argument("--format", action="append", choices=FORMATS, help="default: all that libvirt knows")
    parser.add_argument("--qemu", metavar="COMMAND", default="qemu-system-x86_64")
    parser.add_argument("--machine", default="pc")
    parser.add_argument("--timeout", type=float, default=120, metavar="SECONDS", help="for one format")
    options = parser.parse_args(arguments)
    started = time.monotonic()
    folder = None
    try:
        for command in ("virsh", options.qemu, options.berth):
            if shutil.which(command) is None:
                raise Missing("%s is not installed" % command)
        options.berth = os.path.abspath(shutil.which(options.berth))
        folder = temporary_folder()
        guest = GUESTS["x86_64"].build(folder, 256)
        version = subprocess.run(["virsh", "--version"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                 timeout=30, check=True).stdout.decode().strip()
        settings(folder, "raw")
        with Virsh(folder, "driver", Deadline(60)) as virsh:
            try:
                virsh.run("uri")
            except Failed as reason:
                raise Missing("libvirt's QEMU driver can't run here: %s" % str(reason)[-400:]) from None
        print("libvirt %s" % version, flush=True)
        for format in options.format or FORMATS:
            run(options, folder, format, guest)
        print("  PASSED    in %.1f s" % (time.monotonic() - started))
    except Missing as reason:
        print("SKIPPED: %s" % reason)
        return 77
    except Failed as reason:
        print("  FAILED    %s" % reason)
        return 1
    finally:
        if folder is not None:
            shutil.rmtree(folder, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
