#!/usr/bin/env python3
"""CPU time and peak memory of Berth, asn1c's decoder and unber on one version 3 file.

    speed.py --berth BERTH [--octets N] [--runs N] [--file FILE]

The file is made by Scripts/make-v3-file.py (256 MiB: full pages and fills in turn). asn1c's decoder
is made with -O2 from Schemas/qemu-v3.asn and run with `-onull -c`; unber reads the first 16 MiB,
its time is told for as many octets. User and system time, the least of the runs, one after the
other. Exit status 1 if a claim of docs/asn1.md doesn't hold. Not part of the tests: it has to be
alone on the machine.
"""

import argparse
import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.join(HERE, "..", "..")
UNBER_OCTETS = 16 << 20


def measure(command, source=None):
    """CPU seconds, peak MiB, exit status. A child of its own tells the peak of this one alone."""
    script = ("import resource,subprocess,sys\n"
              "status=subprocess.call(sys.argv[1:],stdout=subprocess.DEVNULL)\n"
              "u=resource.getrusage(resource.RUSAGE_CHILDREN)\n"
              "print(u.ru_utime+u.ru_stime,u.ru_maxrss/1024,status,file=sys.stderr)")
    with open(source or os.devnull, "rb") as file:
        result = subprocess.run([sys.executable, "-c", script, *command], stdin=file,
                                stderr=subprocess.PIPE, check=True)
    seconds, peak, status = result.stderr.split()[-3:]
    return float(seconds), float(peak), int(status)


def asn1c(folder):
    schema = os.path.abspath(os.path.join(ROOT, "Schemas", "qemu-v3.asn"))
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "check": True}
    subprocess.run(["asn1c", "-fcompound-names", "-pdu=QemuFile", schema], cwd=folder, **quiet)
    sources = sorted(name for name in os.listdir(folder) if name.endswith(".c"))
    subprocess.run(["cc", "-O2", "-w", "-I.", "-DPDU=QemuFile", "-o", "decoder"] + sources,
                   cwd=folder, **quiet)
    return os.path.join(folder, "decoder")


def nested(path, depth):
    """Indefinite lengths inside each other, under a universal SEQUENCE."""
    with open(path, "wb") as file:
        file.write(b"\x30\x80" * depth + b"\0\0" * depth)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--berth", required=True)
    parser.add_argument("--octets", type=int, default=256 << 20)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--file")
    options = parser.parse_args()
    berth = os.path.abspath(options.berth)
    with tempfile.TemporaryDirectory() as folder:
        path = options.file or os.path.join(folder, "v3.ber")
        if not options.file:
            subprocess.run([sys.executable, os.path.join(ROOT, "Scripts", "make-v3-file.py"), path,
                            str(options.octets)], check=True)
        size = os.path.getsize(path)
        part = os.path.join(folder, "part.ber")
        with open(path, "rb") as source, open(part, "wb") as file:
            file.write(source.read(min(size, UNBER_OCTETS)))
        deep = os.path.join(folder, "deep.ber")
        nested(deep, 99_000)
        decoder = asn1c(folder)
        jobs = [
            ("validate", [berth, "validate", path], None, size),
            ("validate, pipe", [berth, "validate", "-"], path, size),
            ("dump --format raw", [berth, "dump", "--format", "raw", path], None, size),
            ("dump --format json", [berth, "dump", "--format", "json", path], None, size),
            ("validate, 99 000 deep", [berth, "validate", deep], None, os.path.getsize(deep)),
            ("asn1c -onull -c", [decoder, "-onull", "-c", path], None, size),
            ("unber, 16 MiB", ["unber", part], None, os.path.getsize(part)),
        ]
        best = {}
        for _ in range(options.runs):
            for name, command, source, octets in jobs:
                found = measure(command, source)
                best[name] = min(best.get(name, found), found)
        print("| what | CPU, s | MiB/s | peak, MiB | exit status |\n| --- | --: | --: | --: | --: |")
        rate = {}
        for name, _, _, octets in jobs:
            seconds, peak, status = best[name]
            rate[name] = octets / max(seconds, 0.001) / (1 << 20)
            print("| %s | %.3f | %.0f | %.1f | %d |" % (name, seconds, rate[name], peak, status))
    claims = [
        ("validate is 4 times asn1c", rate["validate"] >= 4 * rate["asn1c -onull -c"]),
        ("validate reads 2 GiB/s", rate["validate"] >= 2048),
        ("raw is 10 times unber", rate["dump --format raw"] >= 10 * rate["unber, 16 MiB"]),
        ("JSON is 10 times unber", rate["dump --format json"] >= 10 * rate["unber, 16 MiB"]),
        ("32 MiB", all(peak <= 32 for name, (_, peak, _) in best.items() if "asn1c" not in name
                       and "unber" not in name)),
    ]
    for claim, holds in claims:
        print("%s: %s" % ("ok  " if holds else "FAIL", claim))
    sys.exit(0 if all(holds for _, holds in claims) else 1)


if __name__ == "__main__":
    main()
