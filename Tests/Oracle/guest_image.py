#!/usr/bin/env python3
"""Holds berth's guest-physical images and ELF cores against what QEMU itself says of the same
guests: `pmemsave` of every range, `dump-guest-memory`, and `info registers`.

    guest_image.py --berth BERTH [--qemu-dir DIR] [--only NAME]

Each machine is started (it runs its firmware for a moment), some of its memory is filled through the
gdb stub's place (a loader device), it is stopped, saved, and asked; then berth reads the saved
stream. Needs qemu-system-*; what is not installed is left out. Ends with 77 if nothing could run.
"""

import argparse
import os
import shutil
import struct
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "Live"))
from qemu import Deadline, Failed, Qemu  # noqa: E402

GIB = 1 << 30


def arm_vectors():
    """A program for AArch64 that gives all vector registers other numbers, and FPSR and FPCR all bits that they have."""
    words = [
        0xD2A00600,  # mov x0, #0x300000
        0xD5181040,  # msr cpacr_el1, x0
        0xD5033FDF,  # isb
        0xD29BDDE1,  # mov x1, #0xdeef
        0xF2E24681,  # movk x1, #0x1234, lsl #48
        0xD2801022,  # mov x2, #0x81
        0xF2C00022,  # movk x2, #1, lsl #32
    ]
    for register in range(32):
        words += [
            0x4E080C20 | register,  # dup v.2d, x1
            0x8B020021,  # add x1, x1, x2
            0x4E181C20 | register,  # mov v.d[1], x1
            0x8B020021,  # add x1, x1, x2
        ]
    words += [
        0x92800003,  # mov x3, #-1
        0xD51B4423,  # msr fpsr, x3
        0xD51B4403,  # msr fpcr, x3
        0x14000000,  # b .
    ]
    return struct.pack("<%dI" % len(words), *words)


ARM_VECTORS = {0x41000000: arm_vectors()}

# name, architecture, options, places to fill with something, or what to fill them with and run
MACHINES = [
    ("pc-small", "x86_64", ["-M", "pc", "-m", "64"], [0x10000, 0x9f000, 0x100000, 0x3fff000]),
    ("pc-5g", "x86_64", ["-M", "pc", "-m", "5G"],
     [0x100000, 0xbffff000, 4 * GIB, 4 * GIB + 0x3ffff000, 5 * GIB + 0x3ffff000]),
    ("pc-3.25g", "x86_64", ["-M", "pc", "-m", "3328"], [0x100000, 0xcffff000]),
    ("pc-3.5g", "x86_64", ["-M", "pc", "-m", "3584"], [0x100000, 0xbffff000, 4 * GIB]),
    ("pc-max-below", "x86_64", ["-M", "pc,max-ram-below-4g=1G", "-m", "3G"],
     [0x100000, 0x3ffff000, 4 * GIB, 5 * GIB]),
    ("pc-max-4g", "x86_64", ["-M", "pc,max-ram-below-4g=4G", "-m", "3968"],
     [0x100000, 0xf7fff000]),
    ("pc-1.7-4g", "x86_64", ["-M", "pc-i440fx-1.7", "-m", "4G"],
     [0x100000, 0xdffff000, 4 * GIB]),
    ("pc-1.7-3.6g", "x86_64", ["-M", "pc-i440fx-1.7", "-m", "3700"], [0x100000, 0xdffff000, 4 * GIB]),
    ("q35-small", "x86_64", ["-M", "q35", "-m", "96", "-smp", "3"], [0x100000, 0x5fff000]),
    ("q35-5g", "x86_64", ["-M", "q35", "-m", "5G"],
     [0x100000, 0x7ffff000, 4 * GIB, 6 * GIB, 7 * GIB - 0x1000]),
    ("q35-2.75g", "x86_64", ["-M", "q35", "-m", "2816"], [0x100000, 0x7ffff000, 4 * GIB]),
    ("q35-2.7g", "x86_64", ["-M", "q35", "-m", "2812"], [0x100000, 0xafbff000]),
    ("q35-vga", "x86_64", ["-M", "q35", "-m", "64", "-device", "VGA"], [0x100000, 0x3fff000]),
    ("q35-nodes", "x86_64",
     ["-M", "q35", "-m", "96", "-object", "memory-backend-ram,id=ram-node0,size=32M",
      "-object", "memory-backend-ram,id=ram-node1,size=64M",
      "-numa", "node,memdev=ram-node0", "-numa", "node,memdev=ram-node1"],
     [0x100000, 0x1fff000, 0x2000000, 0x5fff000]),
    ("q35-backend", "x86_64",
     ["-M", "q35,memory-backend=m0", "-m", "64", "-object", "memory-backend-ram,id=m0,size=64M"],
     [0x100000, 0x3fff000]),
    ("isapc", "x86_64", ["-M", "isapc", "-cpu", "486", "-m", "32"], [0x100000, 0x1fff000]),
    ("microvm", "x86_64", ["-M", "microvm", "-m", "64"], [0x100000, 0x3fff000]),
    ("microvm-5g", "x86_64", ["-M", "microvm", "-m", "5G"],
     [0x100000, 0xbffff000, 4 * GIB, 6 * GIB - 0x1000]),
    ("arm-virt", "aarch64", ["-M", "virt", "-cpu", "cortex-a57", "-m", "64"],
     [0x41000000, 0x43fff000]),
    ("arm-virt-vectors", "aarch64", ["-M", "virt", "-cpu", "cortex-a57", "-m", "64", "-smp", "2"], ARM_VECTORS),
    ("arm-virt-sve", "aarch64", ["-M", "virt", "-cpu", "max", "-m", "64"], ARM_VECTORS),
    ("riscv-virt", "riscv64", ["-M", "virt", "-m", "64"], [0x80100000, 0x83fff000]),
    ("pseries", "ppc64", ["-M", "pseries", "-m", "512"], [0x8000000, 0x1ffff000]),
    ("s390", "s390x", ["-M", "s390-ccw-virtio", "-m", "64", "-no-shutdown"], [0x100000, 0x3fff000]),
]


def save(qemu, path):
    qemu.run("migrate-set-parameters", max_bandwidth=1 << 40)
    qemu.run("migrate", uri="exec:cat > " + path)
    for _ in qemu.deadline.poll("saving"):
        state = qemu.run("query-migrate")["status"]
        if state == "completed":
            return
        if state in ("failed", "cancelled"):
            raise Failed("the migration " + state)


def segments(path):
    """PT_LOAD segments of an ELF file: (address, file offset, size), and its notes."""
    with open(path, "rb") as file:
        head = file.read(64)
        if head[:4] != b"\x7fELF":
            raise Failed("no ELF file")
        order = "<" if head[5] == 1 else ">"
        is64 = head[4] == 2
        if is64:
            offset, = struct.unpack(order + "Q", head[32:40])
            size, count = struct.unpack(order + "HH", head[54:58])
        else:
            offset, = struct.unpack(order + "I", head[28:32])
            size, count = struct.unpack(order + "HH", head[42:46])
        loads, notes = [], b""
        for index in range(count):
            file.seek(offset + index * size)
            entry = file.read(size)
            if is64:
                kind, _, at, _, physical, length, _, _ = struct.unpack(order + "IIQQQQQQ", entry)
            else:
                kind, at, _, physical, length, _, _, _ = struct.unpack(order + "8I", entry)
            if kind == 1:
                loads.append((physical, at, length))
            elif kind == 4:
                file.seek(at)
                notes += file.read(length)
    return sorted(loads), notes, head


def compare(one, at, other, place, size, what):
    """Compares stretches of two files, hole by hole."""
    step = 4 << 20
    with open(one, "rb") as first, open(other, "rb") as second:
        done = 0
        while done < size:
            count = min(step, size - done)
            first.seek(at + done)
            second.seek(place + done)
            a, b = first.read(count), second.read(count)
            if len(b) < len(a):
                b += bytes(len(a) - len(b))
            if a != b:
                wrong = next(index for index in range(count) if a[index:index + 1] != b[index:index + 1])
                raise Failed("%s: differs at %#x (%#x of it)" % (what, at + done + wrong, done + wrong))
            done += count


def notes_of(octets):
    """The notes of a little-endian ELF file: (name, type, contents)."""
    at = 0
    while at + 12 <= len(octets):
        name_size, size, kind = struct.unpack("<III", octets[at:at + 12])
        at += 12
        name = octets[at:at + name_size]
        at += (name_size + 3) & ~3
        yield name.rstrip(b"\0").decode(), kind, octets[at:at + size]
        at += (size + 3) & ~3


def check_core(berth, stream, folder, dump, loads, notes, head):
    """Holds an ELF core against QEMU's dump: memory, and the notes octet by octet."""
    core = os.path.join(folder, "core")
    done = subprocess.run([berth, "ram", "extract", "--format", "elf", "-q", stream, "-o", core],
                          stderr=subprocess.PIPE, check=False)
    if done.returncode:
        raise Failed("berth: " + done.stderr.decode())
    mine, my_notes, my_head = segments(core)
    if my_head[:20] != head[:20]:
        raise Failed("another head: %s, QEMU %s" % (my_head[:20].hex(), head[:20].hex()))
    for address, at, size in mine:
        covered = 0
        for other, place, length in loads:
            start, end = max(address, other), min(address + size, other + length)
            if start < end:
                compare(core, at + start - address, dump, place + start - other, end - start,
                        "the core at %#x" % start)
                covered += end - start
        if covered != size:
            raise Failed("the dump has %#x of %#x octets at %#x" % (covered, size, address))
    my_notes = list(notes_of(my_notes))
    # QEMU has more notes where the processor has SVE, and VMCOREINFO where the guest tells it.
    for name, kind, contents in my_notes:
        theirs = [each[2] for each in notes if each[:2] == (name, kind)]
        if contents not in theirs:
            raise Failed("a note %s %d is not QEMU's: %s, %s" % (
                name, kind, contents.hex(), [each.hex() for each in theirs]))
    if not my_notes:
        raise Failed("no notes")
    return "a core of %d parts and %d notes as QEMU's" % (len(mine), len(my_notes))


def check(berth, name, arch, options, places, folder, qemu_program):
    deadline = Deadline(240)
    command = [qemu_program, "-nodefaults", "-accel", "tcg"] + options
    if arch == "riscv64":
        command += ["-bios", "default"]
    said = []
    with Qemu("source", command, folder, deadline) as qemu:
        time.sleep(1.5)
        qemu.run("stop")
        stream = os.path.join(folder, "stream")
        save(qemu, stream)
        # RAM itself, from QEMU's own side: the guest's memory as processors see it.
        dump = os.path.join(folder, "dump")
        has_dump = True
        try:
            qemu.run("dump-guest-memory", paging=False, protocol="file:" + dump)
        except Failed as error:
            has_dump = False
            said.append("no dump (%s)" % error)
        image = os.path.join(folder, "image")
        done = subprocess.run([berth, "ram", "extract", "--format", "physical", stream, "-o", image, "--json"],
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
        if done.returncode:
            raise Failed("berth: " + done.stderr.decode())
        import json
        parts = json.loads(done.stdout)
        total = 0
        for part in parts:
            saved = os.path.join(folder, "pmemsave")
            step = 1 << 28
            at = 0
            while at < part["length"]:
                size = min(step, part["length"] - at)
                qemu.run("pmemsave", val=part["address"] + at, size=size, filename=saved)
                compare(saved, 0, image, part["offset"] + at, size, "pmemsave at %#x" % (part["address"] + at))
                at += size
            total += part["length"]
        said.append("%d parts, %d MiB as pmemsave's" % (len(parts), total >> 20))
    if has_dump:
        loads, notes, head = segments(dump)
        covered = 0
        for address, at, size in loads:
            for part in parts:
                start, end = max(address, part["address"]), min(address + size, part["address"] + part["length"])
                if start < end:
                    compare(dump, at + start - address, image, part["offset"] + start - part["address"],
                            end - start, "dump-guest-memory at %#x" % start)
                    covered += end - start
        if covered != total:
            raise Failed("the dump has %#x octets of the image's %#x" % (covered, total))
        said.append("dump-guest-memory has the same")
        # What is memory in the dump and not in the image: firmware, video memory.
        end = max(part["address"] + part["length"] for part in parts)
        for address, at, size in loads:
            if address < end and not any(
                    part["address"] <= address < part["address"] + part["length"] for part in parts):
                said.append("not in the image: %#x, %#x octets" % (address, size))
        if arch in ("x86_64", "aarch64"):
            said.append(check_core(berth, stream, folder, dump, loads, list(notes_of(notes)), head))
    return "; ".join(said)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--berth", required=True)
    parser.add_argument("--qemu", default="qemu-system-%s", help="program, %%s for the architecture")
    parser.add_argument("--only")
    options = parser.parse_args()
    failed = checked = 0
    for name, arch, machine, places in MACHINES:
        if options.only and options.only not in name:
            continue
        program = options.qemu % arch
        if not shutil.which(program):
            print("left out  %s: %s is not installed" % (name, program), flush=True)
            continue
        checked += 1
        with tempfile.TemporaryDirectory() as folder:
            for index, address in enumerate(places):
                seed = os.path.join(folder, "fill%d" % index)
                with open(seed, "wb") as file:
                    file.write(places[address] if isinstance(places, dict) else bytes(
                        (index * 31 + at * 7 + at // 251) & 0xFF for at in range(4096)))
                if isinstance(places, dict):
                    machine = machine + ["-device", "loader,addr=%#x,cpu-num=0" % address]
                machine = machine + ["-device", "loader,file=%s,addr=%#x,force-raw=on" % (seed, address)]
            try:
                text = "ok    %s: %s" % (name, check(options.berth, name, arch, machine, places, folder, program))
            except Failed as error:
                failed += 1
                text = "FAIL  %s: %s" % (name, error)
        print(text, flush=True)
    print("%d machines, %d failed" % (checked, failed))
    sys.exit(77 if not checked else 1 if failed else 0)


if __name__ == "__main__":
    main()
