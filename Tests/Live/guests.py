"""The guests of the live test: how they are built and run, and how their state is read."""
import os
import platform
import shutil
import struct
import subprocess

from qemu import Failed

PAGE = 4096
MAGIC = 0x42455254
HERE = os.path.dirname(os.path.abspath(__file__))


class Missing(Exception):
    """Something that the test needs is not installed; the text says what."""


class Guest:
    """One kind of guest.

    ram is where the machine's RAM begins, data where the guest's report lies (the layout is
    in README.md); boot holds the option that starts it.
    """

    def __init__(self, arch, machine, memory, options, assembler, linker, ram, data,
                 byte_order, boot="-kernel", serial=True):
        self.arch = arch
        self.machine = machine
        self.memory = memory
        self.options = options
        self.assembler = assembler
        self.linker = linker
        self.ram = ram
        self.data = data
        self.byte_order = byte_order
        self.boot = boot
        self.serial = serial

    def tool(self, name):
        """A tool of binutils for this architecture."""
        tools = ["%s-linux-gnu-%s" % (self.arch.replace("ppc64", "powerpc64"), name)]
        if platform.machine() == self.arch:
            tools.append(name)
        for tool in tools:
            if shutil.which(tool):
                return tool
        raise Missing("%s is not installed (Debian: binutils-%s-linux-gnu)" % (
            tools[0], self.arch.replace("ppc64", "powerpc64").replace("_", "-")))

    def build(self, folder, pages):
        """Builds the guest; the path of the image."""
        source = os.path.join(HERE, "guest", self.arch + ".s")
        piece, image = os.path.join(folder, "guest.o"), os.path.join(folder, "guest")
        for command in (
                [self.tool("as")] + self.assembler
                + ["--defsym", "DATA=%#x" % self.data, "--defsym", "PAGES=%d" % pages, "-o", piece, source],
                [self.tool("ld")] + self.linker + ["--build-id=none", "-o", image, piece]):
            done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                  stderr=subprocess.STDOUT, timeout=60, check=False)
            if done.returncode:
                raise Failed("%s: %s" % (" ".join(command), done.stdout.decode("utf-8", "replace").strip()))
        return image

    def report(self, qemu):
        """The guest's report, read from its memory; None before its first fill is done."""
        magic, *words = struct.unpack(self.byte_order + "6I", qemu.memory(self.data, 24))
        return Report(*words) if magic == MAGIC else None


class Report:
    def __init__(self, passes, writes, damaged, pages, last_damaged):
        self.passes = passes
        self.writes = writes
        self.damaged = damaged
        self.pages = pages
        self.last_damaged = last_damaged


GUESTS = {guest.arch: guest for guest in (
    Guest("x86_64", "pc", 16, [], ["--32"],
          ["-m", "elf_i386", "-z", "max-page-size=4096", "-Ttext", "0x100000"],
          ram=0, data=0x200000, byte_order="<"),
    Guest("aarch64", "virt", 32, ["-cpu", "cortex-a57"], [],
          ["-z", "max-page-size=4096", "-Ttext", "0x40100000"],
          ram=0x40000000, data=0x40200000, byte_order="<"),
    # A POWER8 before any negotiation: the guest has a hash page table, with a section of its own.
    Guest("ppc64", "pseries", 256, ["-cpu", "power8"], ["-a64"], ["-Ttext", "0", "--oformat", "binary"],
          ram=0, data=0x1000000, byte_order=">", boot="-bios"),
    Guest("s390x", "s390-ccw-virtio", 16, [], ["-march=z13"], ["-Ttext", "0x10000"],
          ram=0, data=0x200000, byte_order=">", serial=False),
)}
