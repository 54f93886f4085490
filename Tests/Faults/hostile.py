#!/usr/bin/env python3
"""Input made to eat memory or time: `docs/limits.md` names the limit that each meets.

    Tests/Faults/hostile.py --berth PROGRAM

Each case has an input, the exit status, a word of the message, and bounds for CPU seconds and peak
memory.
"""

import argparse
import gzip
import io
import os
import resource
import struct
import subprocess
import sys
import tempfile
import unittest
import zlib

from builders import (CONFIGURATION, EOS, HEADER, application, blocks4, file4, integer, pages4, section,
                      start4, stream, text, tlv, word)

parser = argparse.ArgumentParser()
parser.add_argument("--berth", required=True)
options, rest = parser.parse_known_args()
BERTH = os.path.abspath(options.berth)
# A debug build is some ten times slower.
SCALE = int(os.environ.get("HOSTILE_SCALE", "1"))


class Hostile(unittest.TestCase):
    def run_case(self, words, octets, seconds, mebibytes, path=False, hole=None):
        with tempfile.TemporaryDirectory(prefix="berth-hostile-") as folder:
            name = os.path.join(folder, "in")
            with open(name, "wb") as file:
                file.write(octets)
                if hole is not None:
                    file.truncate(hole)

            def limits():
                limit = seconds * SCALE
                resource.setrlimit(resource.RLIMIT_CPU, (limit, limit + 1))

            out = open(os.path.join(folder, "output"), "w+b")
            err = open(os.path.join(folder, "error"), "w+b")
            with open(name, "rb") as standard:
                process = subprocess.Popen(
                    [BERTH] + [word.replace("OUT", os.path.join(folder, "out"))
                               .replace("IN", name) for word in words],
                    stdin=subprocess.DEVNULL if path else standard, stdout=out, stderr=err,
                    preexec_fn=limits)
                _, status, usage = os.wait4(process.pid, 0)
                process.returncode = status
            out.seek(0)
            err.seek(0)
            output, error = out.read(1 << 20), err.read().decode(errors="replace")
            out.close()
            err.close()
            what = (words, len(octets), error[:300])
            self.assertTrue(os.WIFEXITED(status), what + (status,))
            peak = usage.ru_maxrss >> 10
            if os.environ.get("HOSTILE_FIGURES"):
                print("%-40s %5.2f s %5d MiB  %s" % (
                    self.id().split(".")[-1] + " " + words[0], usage.ru_utime + usage.ru_stime,
                    peak, error[:100].strip()), file=sys.stderr)
            self.assertLessEqual(peak, mebibytes, what)
            return os.WEXITSTATUS(status), output, error

    def expect(self, words, octets, status, message="", seconds=20, mebibytes=96, **more):
        got, output, error = self.run_case(words, octets, seconds, mebibytes, **more)
        self.assertEqual(got, status, (words, error[:300]))
        self.assertIn(message, error)
        return output

    def test_sections_that_begin_and_begin(self):
        octets = stream(*(section(1, number, b"", "s") for number in range(400_000)))
        for words in (["encode", "-o", "OUT"], ["info"]):
            self.expect(words, octets, 2, "sections that have begun")

    def test_sections_without_end(self):
        octets = stream(*(section(4, number & 0xff, b"abcd", "dev") for number in range(200_000)))
        self.expect(["encode", "-q", "-o", "OUT"], octets, 0)
        self.expect(["info", "-q"], octets, 0, mebibytes=128)

    def test_descriptions_of_very_many_devices(self):
        json = b'{"devices":[' + b"{}," * 4_000_000 + b"{}]}"
        for words in (["encode", "-o", "OUT"], ["info"]):
            self.expect(words, stream(json=json), 2, "vmdesc", mebibytes=200)
        json = b'{"devices":[{"name":"d","instance_id":0,"fields":[' + b"{}," * 4_000_000 + b"{}]}]}"
        self.expect(["info"], stream(json=json), 2, "vmdesc", mebibytes=200)

    def test_json_that_nests(self):
        json = b'{"devices":[{"fields":[' + b'{"struct":{"fields":[' * 100_000
        json += b"]}}" * 100_000 + b"]}]}"
        self.expect(["encode", "IN", "-o", "OUT"], stream(json=json), 2, "levels", path=True)

    def test_zeros_without_end(self):
        self.expect(["info", "IN"], b"", 2, "zero", hole=1 << 40, path=True)
        self.expect(["encode", "IN"], b"", 2, "zero", hole=1 << 43, path=True)
        self.expect(["encode"], bytes(1 << 26), 2, "zero")

    def test_sparse_files(self):
        octets = stream()
        self.expect(["encode", "-q", "IN", "-o", "OUT"], octets, 0, hole=1 << 30, path=True)

    def test_a_bomb(self):
        packed = zlib.compressobj(9, zlib.DEFLATED, 31)
        piece = bytes(1 << 20)
        octets = b"".join(packed.compress(piece) for _ in range(3 << 10)) + packed.flush()
        twice = gzip.compress(octets, 9)
        self.assertLess(len(twice), 30 << 10)
        self.expect(["info"], twice, 2, "unpack", mebibytes=96)
        self.expect(["encode", "-o", "OUT"], twice, 2, "unpack", mebibytes=96)

    def test_containers_in_containers(self):
        octets = stream()
        for _ in range(12):
            octets = gzip.compress(octets, 9)
        self.expect(["info"], octets, 2, "containers inside each other", mebibytes=128)

    def test_blocks_that_no_memory_has(self):
        for size in (1 << 62, 1 << 63, (1 << 64) - 4096):
            octets = HEADER + section(
                1, 2, word(size | 4) + b"\1m" + word(size) + EOS, "ram", 4, footer=False) + b"\0"
            self.expect(["ram", "extract", "IN", "-o", "OUT"], octets, 2, path=True)
            status, _, _ = self.run_case(["encode", "-o", "OUT"], octets, 20, 96)
            self.assertIn(status, (0, 2))
            status, _, _ = self.run_case(["report", "IN", "-o", "OUT"], octets, 20, 96, path=True)
            self.assertIn(status, (0, 2))

    def test_pages_that_nobody_sent(self):
        octets = file4(start4(
            blocks4(("m", 1 << 62)), pages4("m", integer(1 << 50, b"\x80"))))
        for words in (["decode", "-o", "OUT"], ["info"], ["encode", "--schema-version=3", "-o", "OUT"]):
            self.expect(words, octets, 2, "pages")

    def test_zeros_that_nobody_wrote(self):
        self.expect(["decode", "-o", "OUT"], file4(offset=1 << 62), 2, "offset")

    def test_very_many_blocks(self):
        names = ["b%05d" % index for index in range(60_000)]
        block_list = word(sum(4096 for _ in names) | 4) + b"".join(
            b"\6" + name.encode() + word(4096) for name in names)
        records = b"".join(
            word(2) + b"\6" + names[-1 - index % 100].encode() + b"\0" for index in range(300_000))
        octets = stream(section(1, 2, block_list + EOS, "ram", 4), section(2, 2, records + EOS),
                        section(3, 2, EOS))
        self.expect(["encode", "-o", "OUT"], octets, 0, mebibytes=96)
        self.expect(["info"], octets, 0, mebibytes=128)
        self.expect(["ram", "extract", "-q", "IN", "-o", "OUT"], octets, 0, path=True, mebibytes=96)

    def test_elements_in_elements(self):
        deep = b"\x30\x80" * 3_000_000
        self.expect(["dump", "--format", "raw"], deep, 2, "depth", mebibytes=128)
        self.expect(["validate"], deep, 1, mebibytes=128)
        head = application(1270481) + b"\x80" + integer(4) + tlv(b"\x30", integer(3), text("x"))
        self.expect(["decode"], head + b"\x30\x80" + application(10583) + b"\x80"
                    + b"\x24\x80" * 1_000_000, 2, "depth")

    def test_lengths_that_nothing_has(self):
        head = application(1270481) + b"\x80" + integer(4) + tlv(b"\x30", integer(3), text("x"))
        for count in ((1 << 29) - 1, 1 << 40, (1 << 63) - 1):
            size = b"\x88" + count.to_bytes(8, "big")
            for tag in (application(11076, False), application(10583, False), application(2003)):
                self.expect(["decode", "-o", "OUT"], head + b"\x30\x80" + tag + size + b"abc", 2)
        self.expect(["encode"], HEADER + b"\0\6\x7f\xff\xff\xff{", 2, "truncated")

    def test_strings_in_very_many_segments(self):
        octets = file4(application(10583) + b"\x80" + b"\4\0" * 4_000_000 + b"\0\0")
        self.expect(["decode", "-o", "OUT"], octets, 0)
        self.expect(["validate"], octets, 0)

    def test_device_sections_that_look_alike(self):
        """Footers everywhere, so that there are very many ways to read them."""
        payload = (b"\x7e" + struct.pack(">I", 3) + b"\4" + struct.pack(">I", 3) + b"\1d"
                   + bytes(8)) * 200_000
        octets = HEADER + CONFIGURATION + section(4, 3, payload, "d") + b"\0"
        self.expect(["encode", "-q", "-o", "OUT"], octets, 0, mebibytes=200)
        octets = HEADER + section(4, 3, payload, "d") + b"\0"
        status, _, _ = self.run_case(["encode", "-q", "-o", "OUT"], octets, 20, 200)
        self.assertIn(status, (0, 2))

    def test_full_and_part_in_turn(self):
        items = [section(1, 2, word(4096 | 4) + b"\1m" + word(4096) + EOS, "ram", 4)]
        for _ in range(100_000):
            items += [section(4, 3, b"abcdefgh", "dev"), section(2, 2, EOS)]
        self.expect(["encode", "-q", "-o", "OUT"], stream(*items), 0)


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0]] + rest, verbosity=1)
