#!/usr/bin/env python3
"""Holds the registers that gdb reads of berth's ELF core against QEMU's `info registers`.

    core_registers.py --berth BERTH STREAM -- -M q35 -m 96 -smp 2

The stream (of a guest in long mode) is loaded by qemu-system-x86_64 with these options, and not run.
"""
import argparse
import os
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "Live"))
from qemu import Deadline, Qemu  # noqa: E402


def told(stream, options, folder):
    """What QEMU's monitor tells of each processor."""
    command = ["qemu-system-x86_64", "-nodefaults", "-accel", "tcg", "-S"] + options
    with Qemu("loader", command + ["-incoming", "exec:cat " + stream], folder, Deadline(300)) as qemu:
        for _ in qemu.deadline.poll("loading"):
            if qemu.run("query-migrate").get("status") == "completed":
                break
        texts = [qemu.run("human-monitor-command", command_line="info registers", cpu_index=index)
                 for index in range(len(qemu.run("query-cpus-fast")))]
    processors = []
    for text in texts:
        pairs = re.findall(r"\b(R[A-Z0-9]{1,2}|RFL)\s*=([0-9a-f]+)", text)
        processors.append({name.lower().replace("rfl", "eflags"): int(value, 16) for name, value in pairs})
    return processors


def read(core, count):
    """What gdb reads of each thread."""
    command = ["gdb", "-batch", "-nx"]
    for index in range(count):
        command += ["-ex", "thread %d" % (index + 1), "-ex", "info registers"]
    text = subprocess.run(command + ["-c", core], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          universal_newlines=True, check=False).stdout
    return [{name: int(value, 16)
             for name, value in re.findall(r"^(r[a-z0-9]+|eflags)\s+(0x[0-9a-f]+)", part, re.M)}
            for part in text.split("[Switching to thread")[1:]]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--berth", required=True)
    parser.add_argument("stream")
    parser.add_argument("options", nargs="*")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        core = os.path.join(folder, "core")
        subprocess.run([options.berth, "ram", "extract", "--format", "elf", "-q", options.stream, "-o", core],
                       check=True)
        wanted = told(options.stream, options.options, folder)
        found = read(core, len(wanted))
    wrong = ["%d: %s is %#x, gdb has %s" % (index, name, value, here.get(name))
             for index, (there, here) in enumerate(zip(wanted, found))
             for name, value in there.items() if here.get(name) != value]
    for line in wrong:
        print(line)
    print("%d processors, %d registers, %d differ" % (len(wanted), sum(map(len, wanted)), len(wrong)))
    sys.exit(1 if wrong or len(found) != len(wanted) or not any(wanted) else 0)


if __name__ == "__main__":
    main()
