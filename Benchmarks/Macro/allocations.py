#!/usr/bin/env python3
"""Holds the release binary to: nothing is allocated for a page or an element.

    allocations.py --berth BERTH

Each command runs over an input and over one with ten times as many pages or elements, with a shared
library before the C library that counts calls of malloc and its like. How many the second may take
more stands in Benchmarks/allocations.tsv. The counts don't depend on time or load.
"""

import argparse
import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
COUNTER = os.path.join(HERE, "..", "Sources", "CAllocationCounter")
MAKE_V3 = os.path.join(HERE, "..", "..", "Scripts", "make-v3-file.py")
THRESHOLDS = os.path.join(HERE, "..", "allocations.tsv")
# Of some calls the number depends on the seed of hashing, if nothing else says so.
ENVIRONMENT = dict(os.environ, SWIFT_DETERMINISTIC_HASHING="1")


def thresholds():
    with open(THRESHOLDS) as file:
        lines = [line.rstrip("\n").split("\t") for line in file if not line.startswith("#")]
    return {name: int(most) for name, most in lines}


def count(library, command):
    """The allocations of a command; its output is thrown away."""
    reading, writing = os.pipe()
    script = 'exec 9>&%d; LD_PRELOAD="$0" exec "$@" >/dev/null' % writing
    child = subprocess.Popen(["/bin/sh", "-c", script, library, *command], pass_fds=[writing],
                             env=ENVIRONMENT)
    os.close(writing)
    with os.fdopen(reading) as told:
        text = told.read()
    if child.wait() or not text.strip().isdigit():
        raise RuntimeError("%s: status %d, %r" % (" ".join(command), child.returncode, text))
    return int(text)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--berth", required=True)
    berth = os.path.abspath(parser.parse_args().berth)
    failed = False
    with tempfile.TemporaryDirectory() as folder:
        library = os.path.join(folder, "counter.so")
        subprocess.run(["cc", "-O2", "-fPIC", "-shared", "-DTELL", "-o", library,
                        "-I" + os.path.join(COUNTER, "include"),
                        os.path.join(COUNTER, "counter.c")], check=True)

        def stream(kind, octets):
            path = os.path.join(folder, "%s-%d.mig" % (kind, octets))
            subprocess.run([sys.executable, os.path.join(HERE, "streams.py"), kind, str(octets),
                            path], check=True)
            return path

        def encoded(path):
            subprocess.run([berth, "encode", "-q", path, "-o", path + ".ber"], check=True)
            return path + ".ber"

        def fills(octets):
            path = os.path.join(folder, "fills-%d.ber" % octets)
            subprocess.run([sys.executable, MAKE_V3, path, str(octets), "fill"], check=True)
            return path

        mib = 1 << 20
        jobs = []
        for kind, small in (("random", 8 * mib), ("zero", 128 * mib), ("xbzrle", 68 * mib)):
            # Of the XBZRLE stream 64 MiB are full pages whatever its size.
            large = 104 * mib if kind == "xbzrle" else 10 * small
            pair = [stream(kind, small), stream(kind, large)]
            files = [encoded(path) for path in pair]
            jobs.append(("encode, " + kind, ["encode", "-q"], pair))
            jobs.append(("decode, " + kind, ["decode", "-q"], files))
            jobs.append(("validate, " + kind, ["validate"], files))
            jobs.append(("info, " + kind, ["info"], pair))
        pair = [fills(mib), fills(10 * mib)]
        jobs.append(("validate, elements", ["validate"], pair))
        for form in ("raw", "tree", "json"):
            jobs.append(("dump %s, elements" % form, ["dump", "--format", form], pair))
        limits = thresholds()
        if sorted(limits) != sorted(name for name, _, _ in jobs):
            sys.exit("%s: other jobs than these" % THRESHOLDS)
        for name, words, (small, large) in jobs:
            few, many = (count(library, [berth, *words, path]) for path in (small, large))
            holds = 0 < few and many - few <= limits[name]
            failed |= not holds
            print("%s %s: %d allocations, with ten times as many pages or elements %d more, at most %d" % (
                "ok  " if holds else "FAIL", name, few, many - few, limits[name]))
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
