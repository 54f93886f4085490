#!/usr/bin/env python3
"""Validates streams against the modules that `berth schema generate` makes of others.

    neighbours.py --berth BERTH --streams DIR... [-o TABLE.md]

Each stream obeys its own module. Against the module of a neighbour (another version of QEMU, another
machine of its family) the findings must name each device and field that differs. What differs is
worked out here from the vmdescs alone. `run` does the same within run.py.
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile

import corpus
from coverage_table import vmdesc

# The module's stream, and the one that is held against it; both directions are tried.
PAIRS = [
    ("x86-q35-many-devices", "x86-q35-many-devices-10.0"),
    ("x86-q35-many-devices-10.0", "x86-q35-many-devices-11.1"),
    ("x86-pc-2.4", "x86-pc-defaults"),
    ("x86-isapc-guest", "x86-pc-guest-stopped"),
    ("x86-microvm-guest", "x86-microvm-guest-11.1"),
    ("aarch64-virt-7.2", "aarch64-virt-max-11.1"),
    ("arm-virt-7.2", "arm-vexpress-a9-7.2"),
    ("riscv64-virt-7.2", "riscv64-virt-aia-11.1"),
    ("s390x-ccw-keys-7.2", "s390x-ccw-keys-11.1"),
    ("ppc64-pseries-2.5-slof-7.2", "ppc64-pseries-slof-7.2"),
    ("ppc-g3beige-7.2", "ppc-mac99-7.2"),
    ("mips-malta-7.2", "mips64el-fuloong2e-7.2"),
    ("sparc-ss5-7.2", "sparc64-sun4u-11.1"),
    ("m68k-q800-7.2", "m68k-virt-11.1"),
    ("alpha-clipper-hugepages-7.2", "alpha-clipper-11.1"),
    ("hppa-7.2", "hppa-11.1"),
]

PLAIN = {"bool", "buffer", "unused_buffer", "timer"} | {
    "%sint%d" % (sign, width) for sign in ("", "u") for width in (8, 16, 32, 64)}


def wire(field):
    """What a field is on the wire, where that is plain; `None` for what has types of its own."""
    kind = re.sub(" (equal|le)$", "", field["type"])
    if kind not in PLAIN:
        return None
    # How many elements an array has is not compared: a run of equal ones may stand as one, so a
    # schema can only tell how many there may be at most.
    return ("buffer" if kind == "unused_buffer" else "int64" if kind == "timer" else kind,
            field["size"], "array_len" in field)


def differences(old, new, found):
    """Adds the names that differ between two bodies."""
    mine = [field["name"] for field in old.get("fields", ())]
    theirs = [field["name"] for field in new.get("fields", ())]
    found.update(name for name in theirs if name not in mine)
    found.update(name for name in mine if name not in theirs)
    known = {field["name"]: field for field in old.get("fields", ())}
    for field in new.get("fields", ()):
        name = field["name"]
        if mine.count(name) != 1 or theirs.count(name) != 1:
            continue
        before, after = wire(known[name]), wire(field)
        if before and after:
            if before != after:
                found.add(name)
        elif all(isinstance(one.get("struct"), dict) and "fields" in one["struct"]
                 and one["type"] == "struct" for one in (field, known[name])):
            differences(known[name]["struct"], field["struct"], found)
    parts = {part["vmsd_name"]: part for part in old.get("subsections", ())}
    for part in new.get("subsections", ()):
        if part["vmsd_name"] in parts:
            differences(parts[part["vmsd_name"]], part, found)
        elif parts or part is new["subsections"][0]:
            # Where none are expected, their list as a whole is what is too much.
            found.add(part["vmsd_name"])


def expected(old, new):
    """Each device of the new stream that must be named, and the fields; none for a device that the
    old one lacks."""
    def devices(description):
        all_of = {}
        for device in description["devices"]:
            all_of.setdefault(device["name"], []).append(device)
        return all_of

    before, after = devices(old), devices(new)
    wanted = {}
    for name, list_of in after.items():
        if name not in before:
            wanted[name] = set()
        elif len(list_of) == 1 and len(before[name]) == 1:
            found = set()
            differences(before[name][0], list_of[0], found)
            if found or list_of[0].get("version") != before[name][0].get("version"):
                wanted[name] = found
    return wanted


def identifier(name):
    """As the module spells a name in a path."""
    text = re.sub("[^A-Za-z0-9]+", "-", name).strip("-")
    return text[:1].lower() + text[1:]


def call(berth, *arguments):
    return subprocess.run([berth, *arguments], capture_output=True, text=True, check=False)


def machine(berth, path):
    found = re.search('"machine" : "([^"]+)"', call(berth, "info", "--json", path).stdout)
    return found.group(1) if found else None


def findings(berth, module, ber):
    done = call(berth, "validate", "--max-errors", "100000", "--format", "line", "--schema", module,
                "--type", "QemuFile", ber)
    return done.returncode, [line for line in done.stdout.splitlines() if ": error[" in line]


def names(line, device):
    return 'name = "%s"' % device in line


def hold(berth, base, other, folder):
    """The other's stream against the base's module: (what was expected, what wasn't named)."""
    module, ber = os.path.join(folder, "base.asn"), os.path.join(folder, "other.ber")
    machines = [argument for path in (base, other) for name in [machine(berth, path)] if name
                for argument in ("--machine", name)]
    done = call(berth, "schema", "generate", "-q", *machines, "-o", module, base)
    assert done.returncode == 0, done.stderr
    done = call(berth, "encode", "-q", other, "-o", ber)
    assert done.returncode == 0, done.stderr
    status, lines = findings(berth, module, ber)
    wanted = expected(vmdesc(base), vmdesc(other))
    missed = []
    for device, fields in sorted(wanted.items()):
        told = [line for line in lines if names(line, device)]
        if not told:
            missed.append(device)
        for field in sorted(fields):
            if not any('"%s"' % field in line or ".%s" % identifier(field) in line
                       for line in told):
                missed.append("%s: %s" % (device, field))
    assert status == (1 if lines else 0), "status %d" % status
    return wanted, missed, lines


def itself(berth, path, folder):
    wanted, _, lines = hold(berth, path, path, folder)
    assert not wanted and not lines, lines[:2]
    return ""


def row(base, other, wanted):
    shown = ["%s%s" % (device, " (%s)" % ", ".join(sorted(fields)[:3]) if fields else "")
             for device, fields in sorted(wanted.items(), key=lambda pair: not pair[1])]
    return "| %s | %s | %d | %d | %s |" % (
        base, other, len(wanted), sum(map(len, wanted.values())), "; ".join(shown[:3]))


def run(report, options, streams, folder, rows=None):
    """With the streams at hand, as run.py has them."""
    known = {stream.name: stream for stream in streams}
    done = set()
    for pair in PAIRS:
        if not all(name in known for name in pair):
            continue
        paths = [known[name].materialise(folder) for name in pair]
        for name, path in zip(pair, paths):
            if name not in done:
                report.check("%s: obeys its own module" % name,
                             lambda: itself(options.berth, path, folder))
                done.add(name)
        for base, other in ((0, 1), (1, 0)):

            def differs():
                wanted, missed, lines = hold(options.berth, paths[base], paths[other], folder)
                assert not missed, "not named: %s" % "; ".join(missed[:6])
                if rows is not None:
                    rows.append(row(pair[base], pair[other], wanted))
                return "%d devices, %d findings" % (len(wanted), len(lines))

            report.check("%s by the module of %s: all that differs is named" % (
                pair[other], pair[base]), differs)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--berth", required=True)
    parser.add_argument("--streams", required=True, action="append")
    parser.add_argument("-o", "--output")
    options = parser.parse_args()
    from run import Report  # it imports this module
    report, rows = Report(), []
    with tempfile.TemporaryDirectory() as folder:
        run(report, options, [stream for path in options.streams for stream in corpus.fixtures(path)],
            folder, rows)
    text = "\n".join([
        "| module of | stream | devices that differ | fields | such as |",
        "| --- | --- | --- | --- | --- |"] + rows) + "\n"
    if options.output:
        with open(options.output, "w", encoding="utf-8") as file:
            file.write(text)
    print("%d passed, %d failed" % (report.passed, report.failed))
    return 1 if report.failed else 0


if __name__ == "__main__":
    sys.exit(main())
