#!/usr/bin/env python3
"""Holds `berth ram list`, `ram read` and `ram extract --format physical` against QEMU's own view.

    memory_map_test.py --berth BERTH [--qemu TEMPLATE] [--only NAME] [--all]

A machine runs its firmware for a while, is stopped and saved. QEMU's `info ramblock` tells its blocks, `info mtree
-f` at which physical addresses which octets of them are seen; both must be what Berth makes of
the stream. `pmemsave` gives the octets at both sides of each border, which `ram read` must give too.
TEMPLATE is the program's name with %s for the architecture, as in qemu-system-%s. Without --all some
cases are left out. Ends with 77 if no QEMU is installed.
"""
import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

from qemu import Deadline, Failed, Qemu

# Architecture, options, seconds for the firmware.
CASES = {
    "pc": ("x86_64", ["-M", "pc", "-m", "256M"], 2),
    "pc-stopped": ("x86_64", ["-M", "pc", "-m", "256M"], 0),
    "pc-3.4g": ("x86_64", ["-M", "pc", "-m", "3400M"], 2),
    "pc-3.5g": ("x86_64", ["-M", "pc", "-m", "3584M"], 2),
    "pc-low-1g": ("x86_64", ["-M", "pc,max-ram-below-4g=1G", "-m", "2G"], 2),
    "pc-1.7-3.6g": ("x86_64", ["-M", "pc-i440fx-1.7", "-m", "3700M"], 2),
    "q35": ("x86_64", ["-M", "q35", "-m", "256M"], 2),
    "q35-2.7g": ("x86_64", ["-M", "q35", "-m", "2.7G"], 2),
    "q35-2816m": ("x86_64", ["-M", "q35", "-m", "2816M"], 2),
    "q35-5g": ("x86_64", ["-M", "q35", "-m", "5G"], 2),
    "q35-nodes": (
        "x86_64", ["-M", "q35", "-m", "4G", "-smp", "2",
                   "-object", "memory-backend-ram,id=ram-node0,size=1G",
                   "-object", "memory-backend-ram,id=ram-node1,size=3G",
                   "-numa", "node,memdev=ram-node0", "-numa", "node,memdev=ram-node1"], 2),
    "microvm": ("x86_64", ["-M", "microvm", "-m", "3500M"], 2),
    "isapc": ("x86_64", ["-M", "isapc", "-m", "16M", "-cpu", "486"], 2),
    "aarch64-virt": ("aarch64", ["-M", "virt", "-cpu", "cortex-a57", "-m", "512M"], 1),
    "riscv64-virt": ("riscv64", ["-M", "virt", "-m", "512M"], 1),
    "pseries": ("ppc64", ["-M", "pseries", "-m", "512M"], 1),
    "s390x": ("s390x", ["-M", "s390-ccw-virtio", "-m", "512M"], 0),
}

# What is run without --all.
USUAL = {"pc", "pc-stopped", "pc-low-1g", "q35-2.7g", "q35-nodes", "microvm", "s390x"}

REGION = re.compile(
    r"^\s+([0-9a-f]{16})-([0-9a-f]{16}) \(prio -?\d+, (ram|rom|romd)\): (\S+)(?: @([0-9a-f]{16}))?")


def hmp(qemu, line):
    return qemu.run("human-monitor-command", command_line=line)


def ram_blocks(qemu):
    """Name and used length of each block."""
    blocks = {}
    for line in hmp(qemu, "info ramblock").splitlines()[1:]:
        parts = line.split()
        if len(parts) >= 6:
            blocks[parts[0]] = int(parts[4], 16)
    return blocks


def flat_view(qemu):
    """(address, length, region's name, offset) of what processors see as memory."""
    seen, wanted = [], False
    for line in hmp(qemu, "info mtree -f").splitlines():
        if line.startswith("FlatView"):
            wanted = False
        elif 'AS "memory"' in line:
            wanted = True
        elif wanted:
            found = REGION.match(line)
            if found:
                first, last, _, name, offset = found.groups()
                first, last = int(first, 16), int(last, 16)
                seen.append((first, last + 1 - first, name, int(offset or "0", 16)))
    return seen


def joined(ranges):
    """Ranges that go on in the same block as one."""
    result = []
    for address, length, name, offset in sorted(ranges):
        if result:
            last = result[-1]
            if last[2] == name and last[0] + last[1] == address and last[3] + last[1] == offset:
                result[-1] = (last[0], last[1] + length, name, last[3])
                continue
        result.append((address, length, name, offset))
    return result


def run_case(name, berth, template, folder):
    arch, options, seconds = CASES[name]
    deadline = Deadline(180)
    stream = os.path.join(folder, "vm.mig")
    command = [template % arch, "-accel", "tcg", "-nic", "none"] + options
    with Qemu("source", command + ([] if seconds else ["-S"]), folder, deadline) as source:
        time.sleep(seconds)
        source.run("stop")
        blocks, seen = ram_blocks(source), flat_view(source)
        source.run("migrate-set-parameters", max_bandwidth=1 << 34)
        source.run("migrate", uri="exec:cat > " + stream)
        for _ in deadline.poll("the migration"):
            status = source.run("query-migrate")["status"]
            if status == "completed":
                break
            if status == "failed":
                raise Failed("the migration failed")
        found = json.loads(subprocess.check_output([berth, "ram", "list", "-q", "--json", stream]))
        ours = {block["name"]: block["length"] for block in found["blocks"]}
        if any(blocks.get(each) != length for each, length in ours.items()):
            raise Failed("blocks: QEMU %s, Berth %s" % (blocks, ours))
        placed = [
            (each["address"], each["length"], block["name"], each["offset"])
            for block in found["blocks"] for each in block["ranges"]]
        # A region's name is the block's, or stands behind its device's path.
        names = {each[2].rsplit("/", 1)[-1] for each in placed}
        theirs = joined(each for each in seen if each[2] in names)
        mine = joined((a, l, n.rsplit("/", 1)[-1], o) for a, l, n, o in placed)
        if mine != theirs:
            raise Failed("map: QEMU\n  %s\nBerth\n  %s" % (
                "\n  ".join(map(str, theirs)), "\n  ".join(map(str, mine))))
        checked = 0
        for address, length, _, _ in mine:
            for start in {address, max(address, address + length - 4096)}:
                part, size = os.path.join(folder, "part"), min(length, 4096)
                hmp(source, 'pmemsave %#x %d "%s"' % (start, size, part))
                read = subprocess.check_output(
                    [berth, "ram", "read", "-q", stream, "%#x" % start, str(size), "-o", "-"])
                with open(part, "rb") as file:
                    if file.read() != read:
                        raise Failed("%#x: other octets than pmemsave's" % start)
                checked += 1
    version = subprocess.check_output([template % arch, "--version"]).decode().split()[3]
    return "QEMU %s, %d blocks, %d stretches, %d pages beside borders" % (
        version, len(ours), len(mine), checked)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--berth", required=True)
    parser.add_argument("--qemu", default="qemu-system-%s")
    parser.add_argument("--only")
    parser.add_argument("--all", action="store_true")
    options = parser.parse_args()
    failed = done = 0
    for name, (arch, _, _) in CASES.items():
        wanted = options.only in name if options.only else options.all or name in USUAL
        if not wanted or not shutil.which(options.qemu % arch):
            continue
        done += 1
        with tempfile.TemporaryDirectory() as folder:
            try:
                text = "ok    map %s: %s" % (
                    name, run_case(name, os.path.abspath(options.berth), options.qemu, folder))
            except Failed as error:
                failed += 1
                text = "FAIL  map %s: %s" % (name, error)
        print(text, flush=True)
    sys.exit(1 if failed else 0 if done else 77)


if __name__ == "__main__":
    main()
