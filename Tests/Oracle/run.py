#!/usr/bin/env python3
"""Proves with other programs that Berth's files are what the schemas say.

    run.py --berth BERTH [--fixtures DIR] [--shared DIR] [--quick] [--cache DIR]

Each stream is encoded in both versions; the independent decoders must rebuild it to the octet, the
measured claims must hold, stock tools must read the files, and decoders made by asn1c must find the
values that stand in the stream. One line a check; exit status 1 if one fails. What a missing tool
would check is skipped.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time

import asn1c_check
import channel_checks
import container_checks
import ber
import corpus
import generated
import neighbours
import report as report_page
import state_checks
import stock_tools
import synthetic
from binary import BinaryStream
from crc32c import crc32c
from decode_v3 import INDEFINITE as INDEFINITE_V3
from decode_v3 import DecoderV3
from decode_v4 import DecoderV4
from measure import Measure

HERE = os.path.dirname(os.path.abspath(__file__))
SCHEMAS = os.path.join(HERE, "..", "..", "Schemas")
# asn1c's XER of a large file takes long to compare.
XER_LIMIT = 3 << 20


class Report:
    """Prints a line a check, and remembers."""

    def __init__(self):
        self.failed = self.passed = 0
        self.skipped = set()

    def check(self, name, body):
        """Runs body, which gives a text of what it found, or raises."""
        try:
            text = body()
        except (asn1c_check.CheckError, ber.BERError, RuntimeError, AssertionError, ValueError,
                KeyError, IndexError, OSError) as error:
            self.failed += 1
            print("FAIL  %s: %s: %s" % (name, type(error).__name__, error), flush=True)
            return None
        self.passed += 1
        print("ok    %s%s" % (name, ": %s" % text if text else ""), flush=True)
        return text

    def skip(self, name, why):
        if name not in self.skipped:
            self.skipped.add(name)
            print("skip  %s: %s" % (name, why), flush=True)


def fail_if(problems):
    problems = list(problems)
    if problems:
        raise AssertionError("; ".join(problems[:4]) + (
            "; and %d more" % (len(problems) - 4) if len(problems) > 4 else ""))


def check_stream(report, options, stream, folder, decoders, want_xer, tags=None):
    """Both versions of one stream. A synthetic one gives the tags that must be in the file, and is
    too small for the claims on sizes."""
    path = stream.materialise(folder)
    original = corpus.read(path)
    files = {}
    for version in (3, 4):
        out = os.path.join(folder, "v%d.ber" % version)
        if report.check("%s v%d encode" % (stream.name, version), lambda: (
                corpus.encode(options.berth, path, version, out), "")[1]) is None:
            return
        files[version] = out
    if tags is None:
        report.check(stream.name + " v4 decode_v4, measure", lambda: measured(
            stream.name, original, corpus.read(files[4])))
    else:
        report.check(stream.name + " v4 decode_v4", lambda: rebuilt_v4(
            stream.name, original, corpus.read(files[4]), tags))
    report.check(stream.name + " v3 decode_v3", lambda: rebuilt_v3(
        original, corpus.read(files[3])))
    for version, out in files.items():
        elements = list(ber.walk(ber.parse(corpus.read(out))))
        for tool, reader in stock_tools.TOOLS.items():
            if not corpus.have(tool):
                report.skip(tool, "not installed")
                continue
            report.check("%s v%d %s" % (stream.name, version, tool), lambda: (
                fail_if(reader(out, elements)), "%d elements" % len(elements))[1])
    if decoders and want_xer:
        check_xer(report, stream, files, decoders, original)
    if path != stream.path:
        os.remove(path)


def measured(name, original, data):
    measure = Measure(name, original, data)
    fail_if(measure.violations())
    return "%d octets for %d, RAM %d for %d" % (
        measure.file_size, measure.stream_size, measure.ram_file, measure.ram_stream)


def rebuilt_v4(name, original, data, tags):
    measure = Measure(name, original, data)
    if not measure.is_same:
        raise AssertionError("the decoded stream differs")
    fail_if("%r: %s" % pair for pair in measure.rule_violations)
    missing = set(tags) - {element.tag for element in ber.walk(ber.parse(data))}
    fail_if("no " + ber.tag_text(tag) for tag in missing)
    return ""


def rebuilt_v3(original, data):
    decoder = DecoderV3(data)
    if data[:4] != b"\x7f\xcd\xc5\x51":
        raise AssertionError("the first octets are %s" % data[:4].hex())
    if decoder.decode() != original:
        raise AssertionError("the decoded stream differs")
    fail_if("%r: %s" % pair for pair in ber.rule_violations(
        ber.parse(data), lambda element: element.tag in INDEFINITE_V3))
    return "%d annotations" % len(decoder.annotations)


def check_xer(report, stream, files, decoders, original):
    roots = {}
    for version, out in files.items():

        def against_file():
            roots[version] = asn1c_check.decode(decoders[version], out)
            return "%d values" % asn1c_check.compare_with_file(
                roots[version], ber.parse(corpus.read(out)))

        report.check("%s v%d asn1c, file" % (stream.name, version), against_file)
    if len(roots) < 2:
        return
    try:
        parsed = BinaryStream(original)
    except (ValueError, KeyError, IndexError) as error:
        report.skip(stream.name + " asn1c, stream", "binary.py: %s" % error)
        return
    report.check(stream.name + " v4 asn1c, stream", lambda: "%d sections, %d pages, %d names" % (
        asn1c_check.compare_v4(roots[4], parsed)))
    report.check(stream.name + " v3 asn1c, stream", lambda: "%d sections, %d pages, %d values" % (
        asn1c_check.compare_v3(roots[3], parsed, roots[4])))


def check_synthetic(report, options, folder, decoders):
    for name, octets, tags in synthetic.streams():
        path = os.path.join(folder, name + ".mig")
        with open(path, "wb") as file:
            file.write(octets)
        check_stream(report, options, corpus.Stream("synthetic " + name, path), folder, decoders,
                     True, tags or [])
    for name, octets in synthetic.refused():
        path = os.path.join(folder, name + ".mig")
        with open(path, "wb") as file:
            file.write(octets)
        report.check("synthetic %s refused" % name, lambda: refusal(options, path, folder))


def refusal(options, path, folder):
    """Status 2, a text, and no output file."""
    out = os.path.join(folder, "refused.ber")
    result = subprocess.run([options.berth, "encode", path, "-o", out], stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, check=False)
    if result.returncode != 2 or not result.stderr.startswith(b"berth: "):
        raise AssertionError("status %d, %r" % (result.returncode, result.stderr[:100]))
    if os.path.exists(out):
        raise AssertionError("there is an output file")
    return ""


def check_generated(report, options, stream, folder):
    path = stream.materialise(folder)
    out = os.path.join(folder, "generated.ber")
    corpus.encode(options.berth, path, 4, out)
    generated.check(report, options, stream, path, corpus.read(out), folder)
    if path != stream.path:
        os.remove(path)


# What -dump-vmstate wrote, and a stream of the same QEMU and machine.
DUMPS = {
    "avr-uno-7.2": "avr-uno-7.2", "s390x-ccw-7.2": "s390x-ccw-keys-7.2",
    "vmstate-x86_64-q35-11.1": "x86-q35-many-devices-11.1",
    "vmstate-riscv64-virt-7.2": "riscv64-virt-7.2",
}


def check_dumps(report, options, streams, folder):
    known = {stream.name: stream for stream in streams}
    folders = [os.path.join(options.fixtures, "vmstate")] if options.fixtures else []
    if options.shared:
        folders.append(os.path.join(options.shared, "streams", "vmstate"))
    for place in folders:
        for dump in corpus.dumps(place):
            if DUMPS.get(dump.name) in known:
                generated.check_dump(
                    report, options, dump.materialise(folder), known[DUMPS[dump.name]], folder)


def check_oracles(report, options, stream, folder, decoders):
    """The oracles themselves: they must refuse what is wrong."""
    path = stream.materialise(folder)
    out = os.path.join(folder, "v4.ber")
    corpus.encode(options.berth, path, 4, out)
    data = corpus.read(out)

    def refuses(octets):
        try:
            DecoderV4(octets).decode()
        except ber.BERError:
            return ""
        raise AssertionError("taken")

    def flipped():
        for at in range(len(data) // 5, len(data) - 20, len(data) // 7):
            refuses(data[:at] + bytes([data[at] ^ 1]) + data[at + 1:])
        return ""

    assert crc32c(b"") == 0
    report.check("decode_v4 refuses flipped bits", flipped)
    report.check("decode_v4 refuses truncation", lambda: refuses(data[:-2]))
    if not decoders:
        return
    broken = os.path.join(folder, "broken.ber")
    with open(broken, "wb") as file:
        file.write(data.replace(b"\x02\x01\x04", b"\x02\x01\x05", 1))

    def refused():
        try:
            asn1c_check.decode(decoders[4], broken)
        except asn1c_check.CheckError:
            return ""
        raise AssertionError("taken")

    report.check("asn1c's decoder refuses version 5", refused)


def check_schemas(report, options):
    """Random schemas and values, against asn1tools, pycrate and Erlang where they are."""
    script = os.path.join(HERE, "asn1", "differential.py")
    report.check("random schemas", lambda: differential(
        [sys.executable, script, "--berth", options.berth, "--schemas", "24", "--seed", "ci"]))
    report.check("forms of constraints", lambda: forms(
        [sys.executable, os.path.join(HERE, "asn1", "forms.py"), "--berth", options.berth]))


def forms(command):
    result = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                            check=False)
    if result.returncode != 0:
        raise AssertionError(result.stdout[-3000:])
    return result.stdout.strip()


def differential(command):
    result = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                            check=False)
    if result.returncode != 0:
        raise AssertionError(result.stdout[-3000:])
    return "; ".join(" ".join(line.split()) for line in result.stdout.splitlines()
                     if "vectors that" in line or "verdicts" in line or "compared" in line)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--berth", required=True)
    parser.add_argument("--fixtures", default=os.path.join(HERE, "..", "Fixtures"))
    parser.add_argument("--shared", help="a folder with streams/manifest.json")
    parser.add_argument("--quick", action="store_true", help="leave out the two largest streams")
    parser.add_argument("--cache", help="where compiled decoders are kept")
    options = parser.parse_args()
    started = time.monotonic()
    streams = corpus.shared(options.shared) if options.shared else corpus.fixtures(
        options.fixtures)
    if options.quick and options.shared:
        largest = sorted(streams, key=lambda stream: stream.size)[-2:]
        streams = [stream for stream in streams if stream not in largest]
    cache = options.cache or os.path.join(
        os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "berth")
    report = Report()
    decoders = {}
    for version in (3, 4):
        schema = os.path.join(SCHEMAS, "qemu-v%d.asn" % version)
        if not corpus.have("asn1Parser"):
            report.skip("asn1Parser", "not installed")
        else:
            report.check("asn1Parser -c qemu-v%d.asn" % version, lambda: asn1c_check.call(
                ["asn1Parser", "-c", os.path.abspath(schema)], ".") or "")
        if not (corpus.have("asn1c") and corpus.have("cc")):
            report.skip("asn1c", "asn1c or cc is not installed")
            continue

        def build():
            decoders[version] = asn1c_check.build(schema, cache)
            return ""

        report.check("asn1c qemu-v%d.asn" % version, build)
    if len(decoders) < 2:
        decoders = {}
    with tempfile.TemporaryDirectory() as folder:
        for number, stream in enumerate(sorted(streams, key=lambda stream: stream.size)):
            check_stream(report, options, stream, folder, decoders, stream.size <= XER_LIMIT)
            if number == 0:
                check_oracles(report, options, stream, folder, decoders)
            # asn1ct takes seconds for each.
            if options.shared or number == 0 or number >= len(streams) - 2:
                check_generated(report, options, stream, folder)
            # A browser takes a second or two for each.
            report_page.run(report, options, stream, folder, number < 3)
            if not options.shared:
                path = stream.materialise(folder)
                report.check(
                    "state %s" % os.path.basename(path),
                    lambda: state_checks.check(options.berth, path, 2))
        neighbours.run(report, options, streams, folder)
        check_dumps(report, options, streams, folder)
        check_synthetic(report, options, folder, decoders)
        channel_checks.run(report, options, folder)
        container_checks.run(report, options, folder)
    check_schemas(report, options)
    print("%d passed, %d failed, %d skipped, %.0f s" % (
        report.passed, report.failed, len(report.skipped), time.monotonic() - started))
    if not streams:
        print("no streams")
    sys.exit(1 if report.failed or not streams else 0)


if __name__ == "__main__":
    main()
