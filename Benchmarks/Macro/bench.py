#!/usr/bin/env python3
"""Runs Berth beside its peers, in turn, several times, and prints one table.

    bench.py --berth BERTH [--stream LINUX.mig] [--analyze-migration SCRIPT] [--runs N] [--quick]
             [--only GROUP]… [--json FILE] [--folder DIR] [--growth OCTETS]

CPU is user and system time of the commands that count; a ratio is the median of the rounds' ratios
to the job in `reference`, per octet where the inputs differ. --stream: a real guest's stream
(1 GiB of RAM); without it one of random pages is made. --analyze-migration: QEMU's script of that
name, from a QEMU that is installed or unpacked; it is not part of Berth. Peers that are missing are
left out. What each target asks for stands in docs/performance.md. --check: exit status 1 if one is
missed.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

from runner import Job, Runner, row

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.join(HERE, "..", "..")
MIB, GIB = 1 << 20, 1 << 30
STREAMS = os.path.join(HERE, "streams.py")
# asn1tools reads no identifier of the module without names.
ASN1TOOLS = """import re, sys, asn1tools
text = re.sub(r"^Qemu *{[^}]*}", "Qemu", open(sys.argv[1]).read(), flags=re.M)
spec = asn1tools.compile_string(text)
spec.decode('QemuFile', open(sys.argv[2], 'rb').read())"""


class Inputs:
    """Makes what is measured, once, in a folder."""

    def __init__(self, options, folder, tell):
        self.options, self.folder, self.tell, self.made = options, folder, tell, {}

    def path(self, name):
        return os.path.join(self.folder, name)

    def make(self, name, *command):
        if name not in self.made:
            self.tell("making " + name)
            self.made[name] = self.path(name)
            subprocess.run([*command, self.made[name]], check=True)
        return self.made[name]

    def stream(self, kind, octets):
        return self.make("%s-%d.mig" % (kind, octets), sys.executable, STREAMS, kind, str(octets))

    @property
    def linux(self):
        octets = 64 * MIB if self.options.quick else 900 * MIB
        return self.options.stream or self.stream("random", octets)

    def encoded(self, stream):
        name = os.path.basename(stream) + ".ber"
        return self.make(name, self.options.berth, "encode", "-q", stream, "-o")

    def v3(self, mode, octets):
        name = "v3-%s-%d.ber" % (mode, octets)
        if name not in self.made:
            self.tell("making " + name)
            self.made[name] = self.path(name)
            subprocess.run([sys.executable, os.path.join(ROOT, "Scripts", "make-v3-file.py"),
                            self.made[name], str(octets), mode], check=True)
        return self.made[name]

    def asn1c(self):
        """asn1c's decoder for version 3, or None."""
        if "asn1c" not in self.made:
            self.made["asn1c"] = None
            if shutil.which("asn1c") and shutil.which("cc"):
                self.tell("making asn1c's decoder")
                folder = self.path("asn1c")
                os.mkdir(folder)
                quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
                schema = os.path.abspath(os.path.join(ROOT, "Schemas", "qemu-v3.asn"))
                subprocess.run(["asn1c", "-fcompound-names", "-pdu=QemuFile", schema], cwd=folder,
                               check=True, **quiet)
                names = sorted(n for n in os.listdir(folder) if n.endswith(".c"))
                subprocess.run(["cc", "-O2", "-w", "-I.", "-DPDU=QemuFile", "-o", "decoder"]
                               + names, cwd=folder, check=True, **quiet)
                self.made["asn1c"] = os.path.join(folder, "decoder")
        return self.made["asn1c"]


def size(path):
    return os.path.getsize(path)


def conversion(inputs, berth):
    stream, file = inputs.linux, inputs.encoded(inputs.linux)
    for verb, source in (("encode", stream), ("decode", file)):
        octets = size(source)
        group = verb + ", pipe to pipe"
        yield Job(group, "cat | cat | cat", ["cat"], ["cat"], ["cat"], source=source, octets=octets)
        yield Job(group, "the same, pipes of 1 MiB", ["cat"], ["cat"], ["cat"], source=source,
                  octets=octets, width=MIB, reference="cat | cat | cat")
        yield Job(group, "cat | berth | cat", ["cat"], [berth, verb], ["cat"], source=source,
                  octets=octets, reference="cat | cat | cat")
        group = verb + ", file to file"
        out = inputs.path("out")
        yield Job(group, "cp --reflink=never", ["cp", "--reflink=never", source, out + ".cp"],
                  octets=octets, makes=out + ".cp")
        yield Job(group, "sha256sum", ["sha256sum", source], octets=octets,
                  reference="cp --reflink=never")
        yield Job(group, "berth", [berth, verb, source, "-o", out + ".berth"], octets=octets,
                  reference="cp --reflink=never", makes=out + ".berth")


def zeros(inputs, berth):
    ram = (4 if inputs.options.quick else 64) * GIB
    stream = inputs.stream("zero", ram)
    yield Job("mostly zero", "cat", ["cat", stream], octets=size(stream))
    yield Job("mostly zero", "berth encode", [berth, "encode", stream], octets=size(stream),
              reference="cat")
    file = inputs.encoded(stream)
    yield Job("mostly zero", "berth decode", [berth, "decode", file], octets=size(file))


def rounds(inputs, berth):
    stream = inputs.stream("xbzrle", (96 if inputs.options.quick else 512) * MIB)
    file = inputs.encoded(stream)
    yield Job("XBZRLE rounds", "cat", ["cat", stream], octets=size(stream))
    yield Job("XBZRLE rounds", "berth encode", [berth, "encode", stream], octets=size(stream),
              reference="cat")
    yield Job("XBZRLE rounds", "berth decode", [berth, "decode", file], octets=size(file),
              reference="cat")


def validation(inputs, berth):
    octets = (32 if inputs.options.quick else 256) * MIB
    half, fills = inputs.v3("half", octets), inputs.v3("fill", octets // 4)
    told = subprocess.run([berth, "validate", "--json", fills], check=True, capture_output=True)
    elements = json.loads(told.stdout.decode().splitlines()[-1])["summary"]["elements"]
    version4 = inputs.encoded(inputs.stream("half", octets))
    decoder = inputs.asn1c()
    for group, file, count in (("validate, v3", half, 0), ("validate, small elements", fills,
                                                           elements)):
        reference = None
        if decoder:
            reference = "asn1c -onull -c"
            yield Job(group, reference, [decoder, "-onull", "-c", file], octets=size(file),
                      elements=count)
        yield Job(group, "berth", [berth, "validate", file], octets=size(file),
                  reference=reference, elements=count)
    if subprocess.run([sys.executable, "-c", "import asn1tools"], capture_output=True).returncode == 0:
        schema = os.path.join(ROOT, "Schemas", "qemu-v3.asn")
        yield Job("validate, v3", "asn1tools, decode",
                  [sys.executable, "-c", ASN1TOOLS, schema, half], octets=size(half),
                  reference="berth")
    yield Job("validate, v4", "berth", [berth, "validate", version4], octets=size(version4))
    for name, file in (("v3", half), ("v4", version4)):
        group = "validate %s from a pipe" % name
        yield Job(group, "cat | cat", ["cat"], ["cat"], source=file, octets=size(file))
        yield Job(group, "cat | berth", ["cat"], [berth, "validate", "-"], source=file,
                  octets=size(file), reference="cat | cat")


def dumps(inputs, berth):
    octets = (32 if inputs.options.quick else 256) * MIB
    part = inputs.v3("half", 8 * MIB)
    for kind, file, small in (("v3", inputs.v3("half", octets), part),
                              ("small elements", inputs.v3("fill", octets // 4),
                               inputs.v3("fill", 2 * MIB))):
        group = "dump, " + kind
        text = inputs.path("text")
        yield Job(group, "unber, of %d MiB" % (size(small) // MIB), ["unber", small], out=text,
                  octets=size(small), text=True)
        reference = "unber, of %d MiB" % (size(small) // MIB)
        if shutil.which("dumpasn1"):
            yield Job(group, "dumpasn1, the same", ["dumpasn1", "-z", "-e", small], out=text,
                      octets=size(small), text=True, reference=reference, status=range(256))
        if shutil.which("openssl"):
            yield Job(group, "openssl asn1parse, the same",
                      ["openssl", "asn1parse", "-inform", "DER", "-in", small], out=text,
                      octets=size(small), text=True, reference=reference, status=range(256))
        for form in ("raw", "tree", "tree --full", "json"):
            yield Job(group, "berth, " + form, [berth, "dump", "--format", *form.split(), file],
                      out=text, octets=size(file), text=True, reference=reference)


def information(inputs, berth):
    stream, file = inputs.linux, inputs.encoded(inputs.linux)
    script = inputs.options.analyze_migration
    reference = None
    if script and inputs.options.stream:
        reference = "analyze-migration.py"
        yield Job("info, stream", reference, [sys.executable, script, "-f", stream],
                  octets=size(stream))
    yield Job("info, stream", "berth", [berth, "info", stream], octets=size(stream),
              reference=reference)
    yield Job("info, v4 with its index", "berth", [berth, "info", file], octets=size(file))
    yield Job("info, v4 with its index", "berth --verify", [berth, "info", "--verify", file],
              octets=size(file), reference="berth")


def start(inputs, berth):
    sample = os.path.join(ROOT, "Samples", "pc-i440fx-7.2.mig")
    tiny = inputs.path("tiny.ber")
    with open(tiny, "wb") as out:
        out.write(bytes.fromhex("7fcdc551") + b"\x80\2\1\3\x30\x80\0\0\0\0")
    yield Job("start", "true", ["true"])
    yield Job("start", "berth --help", [berth, "--help"], reference="true")
    yield Job("start", "berth info, 14 octets", [berth, "info", tiny], reference="true",
              status=range(256))
    yield Job("start", "berth validate, 14 octets", [berth, "validate", tiny], reference="true",
              status=range(256))
    yield Job("many devices, little RAM", "berth encode", [berth, "encode", sample],
              octets=size(sample))
    if inputs.options.analyze_migration:
        yield Job("many devices, little RAM", "analyze-migration.py",
                  [sys.executable, inputs.options.analyze_migration, "-f", sample],
                  octets=size(sample), reference="berth encode")


def growth(inputs, berth):
    octets = 64 * MIB
    while octets <= inputs.options.growth:
        yield Job("growth", "berth encode, %d MiB" % (octets // MIB),
                  [sys.executable, STREAMS, "random", str(octets)], [berth, "encode"], own=1,
                  octets=octets)
        octets *= 2


GROUPS = {"convert": conversion, "zero": zeros, "xbzrle": rounds, "validate": validation,
          "dump": dumps, "info": information, "start": start, "growth": growth}


def targets(rows):
    """The targets: what, found, limit, whether it holds. Those without figures are left out."""
    found = {(r["group"], r["name"]): r for r in rows}

    def get(group, name, key):
        return found.get((group, name), {}).get(key)

    def least(what, value, limit):
        return value is not None and (what, value, ">= %g" % limit, value >= limit)

    def most(what, value, limit):
        return value is not None and (what, value, "<= %g" % limit, value <= limit)

    def inverse(value):
        return None if not value else round(1 / value, 1)

    for verb in ("encode", "decode"):
        yield most(verb + ", pipe to pipe, to cat", get(
            verb + ", pipe to pipe", "cat | berth | cat", "ratio"), 1.15)
        yield most(verb + ", file to file, to cp", get(
            verb + ", file to file", "berth", "ratio"), 1.2)
    cpu = get("mostly zero", "berth encode", "cpu_s")
    ram = next((r["ram"] for r in rows if "ram" in r), None)
    yield least("mostly zero, GiB of RAM a second", cpu and ram and round(ram / GIB / cpu, 1), 200)
    yield least("validate v3, times asn1c", inverse(get("validate, v3", "berth", "ratio")), 8)
    speed = get("validate, v3", "berth", "mib_per_cpu_s")
    yield least("validate v3, MiB/s", speed, 4096)
    yield speed and least("validate v4, MiB/s", get("validate, v4", "berth", "mib_per_cpu_s"), speed)
    for version in ("v3", "v4"):
        yield most("validate %s from a pipe, to cat" % version, get(
            "validate %s from a pipe" % version, "cat | berth", "ratio"), 1.2)
    yield least("small elements, times asn1c", inverse(
        get("validate, small elements", "berth", "ratio")), 3)
    for kind in ("v3", "small elements"):
        for form in ("raw", "tree", "json"):
            name = "berth, " + form
            yield least("dump %s of %s, times unber" % (form, kind), inverse(
                get("dump, " + kind, name, "ratio")), 20)
            yield least("dump %s of %s, MiB/s of text" % (form, kind), get(
                "dump, " + kind, name, "text_mib_per_cpu_s"), 500)
    yield least("info, times analyze-migration", inverse(
        get("info, stream", "berth", "ratio")), 10)
    for what, key in ((("info, v4 with its index", "berth"), 0.05), (("start", "berth --help"), 0.01),
                      (("start", "berth info, 14 octets"), 0.01)):
        yield most(", ".join(what) + ", s", get(*what, "cpu_s"), key)
    peaks = [r["peak_mib"] for r in rows if re.match("berth|cat . berth", r["name"])]
    yield peaks and most("peak memory of Berth, MiB", max(peaks), 32)


COLUMNS = (("group", "what"), ("name", "program"), ("cpu_s", "CPU, s"), ("wall_s", "wall, s"),
           ("peak_mib", "peak, MiB"), ("mib_per_cpu_s", "MiB/s"), ("ratio", "ratio"),
           ("reference", "to"), ("text_mib_per_cpu_s", "MiB/s of text"),
           ("ns_per_element", "ns an element"))


def print_table(rows):
    print("| " + " | ".join(title for _, title in COLUMNS) + " |")
    print("|" + " --- |" * len(COLUMNS))
    for figures in rows:
        print("| " + " | ".join(
            str(figures.get(key, "")).replace("|", "\\|") for key, _ in COLUMNS) + " |")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--berth", required=True)
    parser.add_argument("--stream", default=os.environ.get("BERTH_LINUX_STREAM"))
    parser.add_argument("--analyze-migration", default=os.environ.get("ANALYZE_MIGRATION"))
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--only", action="append", choices=list(GROUPS))
    parser.add_argument("--growth", type=int, default=8 * GIB)
    parser.add_argument("--quick", action="store_true", help="small inputs: does everything run?")
    parser.add_argument("--json")
    parser.add_argument("--folder")
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    options.berth = os.path.abspath(options.berth)
    if options.quick:
        options.growth = min(options.growth, 128 * MIB)

    def tell(text):
        print(text, file=sys.stderr, flush=True)

    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        inputs = Inputs(options, folder, tell)
        jobs = []
        for name, group in GROUPS.items():
            if not options.only or name in options.only:
                jobs += group(inputs, options.berth)
        Runner(folder).run_all(jobs, options.runs, tell)
        rows = [row(job, jobs) for job in jobs]
    for figures in rows:
        if figures["group"] == "mostly zero":
            figures["ram"] = (4 if options.quick else 64) * GIB
    print_table(rows)
    results = [result for result in targets(rows) if result]
    print("\n| target | found | asked | |\n| --- | --: | --- | --- |")
    for what, value, limit, holds in results:
        print("| %s | %g | %s | %s |" % (what, value, limit, "holds" if holds else "**missed**"))
    if options.json:
        with open(options.json, "w", encoding="utf-8") as out:
            json.dump({"rows": rows, "targets": [
                {"target": w, "found": v, "asked": l, "holds": h} for w, v, l, h in results]},
                out, indent=1)
    sys.exit(0 if not options.check or all(result[3] for result in results) else 1)


if __name__ == "__main__":
    main()
