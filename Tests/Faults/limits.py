#!/usr/bin/env python3
"""Each limit of docs/limits.md from both sides: what just keeps it is read, one more is told.

    Tests/Faults/limits.py --berth PROGRAM

The limits are written here as the document has them, not taken from the program.
"""

import argparse
import gzip
import json
import lzma
import os
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
MIB = 1 << 20


def counted(name):
    return bytes([len(name)]) + name


def block_list(blocks, total=None):
    total = sum(size for _, size in blocks) if total is None else total
    return word(total | 4) + b"".join(counted(name) + word(size) for name, size in blocks) + EOS


def raw4(*segments):
    return application(10583) + b"\x80" + b"".join(segments) + b"\0\0"


class Case(unittest.TestCase):
    def setUp(self):
        self.holder = tempfile.TemporaryDirectory(prefix="berth-limits-")
        self.input = os.path.join(self.holder.name, "in")
        self.out = os.path.join(self.holder.name, "out")

    def tearDown(self):
        self.holder.cleanup()

    def put(self, octets, name="in", hole=None):
        path = os.path.join(self.holder.name, name)
        with open(path, "wb") as file:
            file.write(octets)
            if hole is not None:
                file.truncate(hole)
        return path

    def berth(self, *words, octets=None):
        """Runs the program; `octets` go through a pipe."""
        done = subprocess.run(
            [BERTH, *words], input=octets, stdin=subprocess.DEVNULL if octets is None else None,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=120)
        return done.returncode, done.stdout, done.stderr.decode(errors="replace")

    def passes(self, words, octets=None, message="", absent=None):
        """A run that succeeds; `absent` is not said, `message` is."""
        status, output, error = self.berth(*words, octets=octets)
        self.assertEqual(status, 0, (words, error[:400]))
        self.assertIn(message, error)
        if absent is not None:
            self.assertNotIn(absent, error)
        return output

    def refused(self, words, message, octets=None, status=2):
        got, output, error = self.berth(*words, octets=octets)
        self.assertEqual(got, status, (words, error[:400]))
        said = error + (output.decode(errors="replace") if status == 1 else "")
        self.assertIn(message, said)

    def comes_back(self, octets, *words):
        """Through BER and back it is the same."""
        encoded = self.passes(["encode", "-q", *words], octets)
        self.assertTrue(self.passes(["decode", "-q"], encoded) == octets)
        return encoded


class BinaryStream(Case):
    def test_octets_of_zero(self):
        for zeros, fine in ((1 << 40, True), ((1 << 40) + 4096, False)):
            with open(self.input, "wb") as file:
                file.seek(zeros)
                file.write(stream())
            if fine:
                self.passes(["info", self.input])
            else:
                self.refused(["info", self.input], "zero")
        self.passes(["decode", "-q", self.put(file4(offset=1 << 40)), "-o", self.out])
        self.assertEqual(os.path.getsize(self.out), (1 << 40) + 8)
        self.refused(["decode", self.put(file4(offset=(1 << 40) + 1)), "-o", self.out], "offset")

    def test_sections_that_have_begun(self):
        def begun(count):
            return stream(*(section(1, number, b"", "s") for number in range(count)))

        self.comes_back(begun(4096))
        self.refused(["encode", "-q"], "sections that have begun", begun(4097))
        self.refused(["info", "-q"], "sections that have begun", begun(4097))

    def test_names(self):
        self.comes_back(stream(section(4, 3, b"abc", "n" * 255)))
        for count, fine in ((255, True), (256, False)):
            octets = file4(tlv(application(2003), integer(3), text("n" * count), integer(0), integer(1),
                               application(8790) + b"\x80" + b"\x30\0" + b"\0\0", b"\1\1\xff"))
            status, _, error = self.berth("decode", "-q", octets=octets)
            self.assertEqual(status, 0 if fine else 2, error)
            if not fine:
                self.assertIn("name", error)

    def test_machine_and_configuration(self):
        def named(count):
            return HEADER + b"\7" + struct.pack(">I", count) + b"m" * count + b"\0"

        self.comes_back(named(4096))
        self.refused(["encode"], "machine type's name", named(4097))

        def capabilities(count):
            name = b"configuration/capabilities"
            # 256 octets each; behind 41 + 1 octets of the section.
            return (HEADER + CONFIGURATION + b"\5" + counted(name) + struct.pack(">II", 1, count)
                    + counted(b"c" * 255) * count + b"\0")

        self.comes_back(capabilities(4096))
        self.refused(["encode"], "capabilities", capabilities(4097))

    def test_block_list(self):
        def listed(count, name=b"%06d"):
            blocks = [(name % index, 4096) for index in range(count)]
            return stream(section(1, 2, block_list(blocks), "ram", 4), section(3, 2, EOS))

        self.comes_back(listed(65_536))
        self.refused(["encode"], "65536 RAM blocks", listed(65_537))
        # 1 + 255 + 8 octets each.
        name = b"n" * 249 + b"%06d"
        self.comes_back(listed(63_550, name))
        self.refused(["encode"], "16777216 octets", listed(63_551, name))
        self.put(listed(63_551, name))
        self.refused(["encode", self.input], "16777216 octets")
        blocks = [("%06d" % index, 4096) for index in range(65_537)]
        self.passes(["decode", "-q"], file4(start4(blocks4(*blocks[:-1]))))
        self.refused(["decode", "-q"], "65536 RAM blocks", file4(start4(blocks4(*blocks))))

    def test_lengths_of_blocks(self):
        def sized(size):
            return stream(section(1, 2, block_list([(b"m", size)], size), "ram", 4))

        for version in "34":
            for size in (1 << 63, (1 << 64) - 4096):
                self.comes_back(sized(size), "--schema-version", version)

    def test_waiting_for_the_description(self):
        description = (b'{"devices":[{"name":"d","instance_id":0,"version":1,"fields":'
                       b'[{"name":"x","type":"buffer","size":%d}]}]}')

        def device(rest):
            """All from the device on has `rest` octets."""
            count = rest
            for _ in range(3):
                json = description % count
                count = rest - 15 - 5 - 1 - 5 - len(json)
            json = description % count
            octets = section(4, 3, b"\5" * count, "d")
            tail = octets + b"\0\6" + struct.pack(">I", len(json)) + json
            self.assertEqual(len(tail), rest)
            return HEADER + CONFIGURATION + tail

        for rest, fine in ((MIB - 1, True), (MIB, False)):
            octets = device(rest)
            error = self.berth("encode", "--wait-limit", "1", octets=octets)[2]
            self.assertEqual(error == "", fine, error)
            self.comes_back(octets, "--wait-limit", "1")
        self.passes(["encode", "--wait-limit", "2"], device(MIB), absent="warning")

    def test_looking_for_a_footer(self):
        for count, fine in ((16 * MIB - 1, True), (16 * MIB, False)):
            octets = stream(section(1, 9, bytes(count), "unheard-of"), section(3, 9, b""))
            said = {"message": ""} if fine else {"message": "raw"}
            for path in ([], [self.put(octets)]):
                self.passes(["encode", *path, "-o", self.out], None if path else octets,
                            absent="raw" if fine else None, **said)
                self.assertTrue(self.passes(["decode", "-q", self.out]) == octets)

    def test_looking_for_the_description(self):
        begin = (b'{"devices":[{"name":"d","instance_id":0,"version":1,"fields":'
                 b'[{"name":"x","type":"uint32","size":4}]}]')
        for count, fine in ((64 * MIB - 6, True), (64 * MIB - 5, False)):
            json = begin + b" " * (count - len(begin) - 1) + b"}"
            octets = stream(
                section(4, 3, b"abcd", "d"),
                section(1, 2, block_list([(b"m", 4096)]), "ram", 4), section(3, 2, EOS), json=json)
            self.put(octets)
            status, _, error = self.berth("encode", self.input, "-o", self.out)
            self.assertEqual(status, 0)
            self.assertEqual("carried as blobs" not in error, fine, error)

    def test_a_window(self):
        start = HEADER + b"\0\6" + struct.pack(">I", (512 << 20) + 1) + b"{"
        self.put(start, hole=len(start) + (513 << 20))
        self.refused(["encode", "--ignore-vmdesc", self.input, "-o", self.out], "fits in memory")

    def test_levels_and_objects(self):
        # The outermost object, the devices, one, its fields; of each structure three levels more.
        def nested(leaf):
            inner = b'{"name":"s","type":"struct","size":1,"struct":{"vmsd_name":"s","version":1,"fields":['
            json = (b'{"devices":[{"name":"d","instance_id":0,"version":1,"fields":['
                    + inner * 169 + leaf + b"]}}" * 169 + b"]}]}")
            return stream(section(4, 3, b"\5", "d"), json=json)

        leaf = b'{"name":"x","type":"uint8","size":1}'
        self.passes(["encode", "-o", self.out], nested(leaf), absent="warning")
        leaf = b'{"name":"x","type":"struct","size":1,"struct":{"fields":[]}}'
        self.refused(["encode", "-o", self.out], "512 levels", nested(leaf))

        def fields(count):
            device = b'{"name":"d","instance_id":0,"version":1,"fields":['
            field = b'{"name":"x","type":"uint8","size":1},'
            # What stands in lists counts: the device, its fields.
            return (b'{"devices":[' + device + (field * (count - 1))[:-1] + b"]}]}")

        count = 1 << 20
        octets = stream(section(4, 3, bytes(count - 1), "d"), json=fields(count))
        self.passes(["encode", "-q", "-o", self.out], octets)
        octets = stream(section(4, 3, bytes(count), "d"), json=fields(count + 1))
        self.refused(["encode", "-q", "-o", self.out], "1048576 objects", octets)
        self.passes(["encode", "--ignore-vmdesc", "-q", "-o", self.out], octets)

    def test_elements_of_nothing(self):
        def elements(count, array=True):
            field = {"name": "a", "array_len": count, "type": "struct", "size": 0,
                     "struct": {"vmsd_name": "s", "version": 1, "fields": []}}
            fields = [field, {"name": "x", "type": "uint8", "size": 1}]
            described = {"devices": [{"name": "d", "instance_id": 0, "version": 1, "fields": fields}]}
            return stream(section(4, 3, b"\5", "d"), json=json.dumps(described).encode())

        self.passes(["encode", "-o", self.out], elements(4096), absent="warning")
        self.passes(["encode", "-o", self.out], elements(4097), message="carried as a blob")

    def test_values_of_a_device(self):
        def values(rest):
            """Structures of nothing: 16 arrays of 4096, and some more."""
            fields = []
            for count in [4096] * 16 + [rest] * (rest > 0):
                fields.append({"name": "a", "array_len": count, "type": "struct", "size": 0,
                               "struct": {"vmsd_name": "s", "version": 1, "fields": []}})
            described = {"devices": [{"name": "d", "instance_id": 0, "version": 1, "fields": fields}]}
            return stream(section(4, 3, b"", "d"), json=json.dumps(described).encode())

        self.passes(["encode", "-o", self.out], values(0), absent="warning")
        self.passes(["encode", "-o", self.out], values(1), message="more than 65536 values")

    def test_files_of_layouts(self):
        field = {"field": "x", "version_id": 0, "field_exists": False, "size": 3, "type": "buffer"}
        described = {"vmschkmachine": {"Name": "m"}, "d": {
            "Name": "d", "version_id": 1, "minimum_version_id": 1,
            "Description": {"name": "d", "version_id": 1, "minimum_version_id": 1, "Fields": [field]}}}
        for count, fine in ((64 * MIB, True), (64 * MIB + 1, False)):
            dump = self.put(json.dumps(described).encode().ljust(count), "dump")
            octets = stream(section(4, 3, b"abc", "d"))
            if fine:
                self.passes(["encode", "-q", "--vmstate", dump, "-o", self.out], octets)
            else:
                self.refused(["encode", "-q", "--vmstate", dump, "-o", self.out], "64 MiB", octets)

    def test_records_of_iterators(self):
        """A dirty bitmap's chunk of more than 16 MiB is told in pieces, and comes back."""
        for count in (16 * MIB, 16 * MIB + 8):
            # START, then BITS with the names of device and bitmap; sector, sectors, octets.
            names = counted(b"dd") + counted(b"bm0")
            record = (b"\x4c" + names + word(0) + struct.pack(">I", 8) + word(count)
                      + bytes(range(1, 9)) * (count // 8))
            octets = stream(section(1, 5, b"\x1c" + names + b"\0\1\0\0\3\1", "dirty-bitmap"),
                            section(2, 5, record + b"\1"), section(3, 5, b"\1"))
            self.comes_back(octets)

    def test_channels(self):
        cpr = b"QCPR" + struct.pack(">I", 1)
        for count, fine in ((16 * MIB, True), (16 * MIB + 1, False)):
            octets = cpr + b"\2" * count
            if fine:
                self.comes_back(octets)
            else:
                self.refused(["encode"], "16777216 octets", octets)

        def descriptors(count):
            return cpr + b"".join(
                b"\1" + struct.pack(">I", 2) + b"d\0" + struct.pack(">I", index) + b" "
                for index in range(count)) + b"\0"

        for count in (65_536, 65_537):
            self.comes_back(descriptors(count))
        bitmap = struct.pack(">HH", 5, 2) + b"\1m"
        pong = struct.pack(">HHI", 2, 4, 1)
        for size, word_of_it in ((1 << 49, None), ((1 << 49) + 8, "64 bits")):
            octets = pong + bitmap + word(size) + bytes(64)
            if word_of_it:
                self.put(octets)
                self.refused(["info", "--kind", "return-path", self.input], word_of_it)
            else:
                self.put(octets)
                self.passes(["info", "-q", "--kind", "return-path", self.input])

    def test_blocks_that_a_channel_tells(self):
        """Of a channel alone the blocks are learned as they come."""
        def pages(count):
            return b"".join(word(2) + counted(b"b%05d" % index) + b"\0" for index in range(count)) + EOS

        for count, fine in ((65_536, True), (65_537, False)):
            self.put(pages(count))
            words = ["info", "-q", "--kind", "preempt", self.input]
            if fine:
                self.passes(words)
            else:
                self.refused(words, "65536 RAM blocks")

    def test_packets_of_multifd(self):
        opening = struct.pack(">II", 0x11223344, 1) + bytes(16) + b"\0" + bytes(39)

        def header(room, pages=0, size=0):
            return (struct.pack(">IIIIIIQI", 0x11223344, 1, 0, room, pages, size, 1, 0) + bytes(28)
                    + b"m".ljust(256, b"\0") + b"".join(word(index << 12) for index in range(pages))
                    + bytes(8 * (room - pages)))

        self.comes_back(opening + header(65_536))
        self.refused(["encode"], "65536 pages", opening + header(65_537))
        whole = opening + header(1024, 1024, 4 * MIB) + b"\5" * (4 * MIB)
        self.comes_back(whole)
        more = opening + header(1025, 1025, 4 * MIB + 4096) + b"\5" * (4 * MIB + 4096)
        self.refused(["encode"], "payload", more)


class BER(Case):
    def test_levels(self):
        def segments(levels):
            # The file, what stands in it and the raw octets are three; the primitive one is none.
            inner = b"\x24\x80" * (levels - 3) + b"\4\0" + bytes(2 * (levels - 3))
            return file4(raw4(inner))

        self.passes(["decode", "-q"], segments(1024))
        self.refused(["decode", "-q"], "1024", segments(1025))

        def deep(levels):
            return b"\x30\x80" * levels + bytes(2 * levels)

        self.passes(["dump", "--format", "raw"], deep(1_000_000))
        self.refused(["dump", "--format", "raw"], "depth", deep(1_000_001))
        self.passes(["dump", "--format", "raw", "--max-depth", "1000001"], deep(1_000_001))

    def test_octets_of_a_tag(self):
        for count, fine in ((126, True), (127, False)):
            octets = b"\x5f" + b"\x81" * (count - 1) + b"\1\0"
            if fine:
                self.passes(["dump", "--format", "raw"], octets)
            else:
                self.refused(["dump", "--format", "raw"], "tag", octets)

    def test_lengths(self):
        self.refused(["dump", "--format", "raw"], "truncated", b"\4\x88\x7f" + b"\xff" * 7)
        self.refused(["dump", "--format", "raw"], "length", b"\4\x88\x80" + bytes(7))

    def test_pages_of_a_group(self):
        def group(count):
            return file4(start4(blocks4(("m", 1 << 40))),
                         tlv(application(10324), integer(2),
                             tlv(application(9810), pages4("m", integer(count, b"\x80"))), b"\1\1\xff"))

        self.passes(["decode", "-q", "-o", self.out], group(1 << 20))
        self.refused(["decode", "-q", "-o", self.out], "pages", group((1 << 20) + 1))


    def test_values_of_runs(self):
        def runs(count):
            """A run of lists of nothing, in an array."""
            run = tlv(b"\xac", integer(count), b"\xaa\0")
            field = tlv(b"\x30", text("f"), tlv(b"\xa9", run))
            state = tlv(application(8790), tlv(b"\x30", field))
            return file4(tlv(application(2003), integer(3), text("d"), integer(0), integer(1), state,
                             b"\1\1\xff"))

        # Of a list is sent that it ends: an octet each.
        self.assertIn(bytes(262_144), self.passes(["decode", "-q"], runs(262_144)))
        self.refused(["decode", "-q"], "262144 values", runs(262_145))

    def test_entries_of_the_index(self):
        """More groups than the index has room for: neighbours share an entry, and all comes back."""
        for count in (65_000, 66_000):
            blocks = block_list([(b"a", 1 << 30), (b"b", 1 << 30)])
            # Each page is in another block than the one before: a group each.
            records = b"".join(word(index // 2 << 12 | 2) + counted(b"ab"[index % 2:][:1]) + b"\0"
                               for index in range(count))
            octets = stream(section(1, 2, blocks, "ram", 4), section(2, 2, records + EOS),
                            section(3, 2, EOS))
            encoded = self.comes_back(octets)
            at = encoded.rindex(application(9432))
            entries = self.entries(encoded[at + 3:])
            self.assertLessEqual(entries, 65_536)
            self.assertGreater(entries, count // 2 if count > 65_536 else count)
            self.put(encoded)
            self.passes(["info", "-q", self.input])

    def entries(self, octets):
        """How many elements an index's first one has; what stands here begins with the index's length."""
        def length(at):
            if octets[at] < 128:
                return octets[at], at + 1
            size = octets[at] & 127
            return int.from_bytes(octets[at + 1:at + 1 + size], "big"), at + 1 + size

        _, at = length(0)
        self.assertEqual(octets[at], 0x30)
        size, at = length(at + 1)
        end, count = at + size, 0
        while at < end:
            size, at = length(at + 1)
            at += size
            count += 1
        self.assertEqual(at, end)
        return count


class Containers(Case):
    def test_containers_inside_each_other(self):
        octets = stream()
        for count in range(1, 10):
            octets = gzip.compress(octets)
            if count == 8:
                self.passes(["encode", "-q", "-o", self.out], octets)
        self.refused(["encode", "-q", "-o", self.out], "containers inside each other", octets)

    def test_what_one_octet_unpacks_to(self):
        packed = zlib.compressobj(9, zlib.DEFLATED, 31)
        piece = bytes(MIB)
        twice = gzip.compress(b"".join(packed.compress(piece) for _ in range(1100)) + packed.flush(), 9)
        self.assertGreater(1100 * MIB // len(twice), 100_000)
        self.put(twice)
        self.refused(["info", self.input], "unpack")
        self.refused(["info", "--unpack-ratio", "10000000", self.input], "zero")

    def test_blocks_of_lzop(self):
        def packed(size):
            """A block that is stored as it is; its header's checksum is Adler's."""
            head = struct.pack(">HHHBBIIIIB", 0x1030, 0x20a0, 0x0940, 1, 5, 0, 0o100600, 0, 0, 0)
            head += struct.pack(">I", zlib.adler32(head))
            octets = stream().ljust(size, b"\5")
            return b"\x89LZO\0\r\n\x1a\n" + head + struct.pack(">II", size, size) + octets + bytes(4)

        self.passes(["encode", "-q", "-o", self.out], packed(64 * MIB))
        self.refused(["encode", "-q", "-o", self.out], "64 MiB", packed(64 * MIB + 1))

    def test_snapshots_of_qcow2(self):
        def image(snapshots, l1=1, name=1):
            entry = (struct.pack(">QIHHIIQII", 1 << 16, l1, 1, name, 0, 0, 0, 0, 0) + b"1" + b"n" * name)
            entry += bytes(-len(entry) % 8)
            head = struct.pack(">4sIQIIQIIQQIIQ", b"QFI\xfb", 2, 0, 0, 16, 1 << 30, 0, 2, 1 << 16, 1 << 16,
                               1, snapshots, 2 << 16)
            return head.ljust(2 << 16, b"\0") + entry * snapshots

        self.put(image(65_536))
        self.refused(["info", self.input], "snapshot")
        self.assertNotIn("65536 snapshots", self.berth("info", self.input)[2])
        self.put(image(65_537))
        self.refused(["info", self.input], "65536 snapshots")
        # 40 + 1 + 65479 octets each.
        self.put(image(1024, name=65_495))
        self.assertNotIn("64 MiB", self.berth("info", self.input)[2])
        self.put(image(1025, name=65_495))
        self.refused(["info", self.input], "64 MiB")

    def test_a_window_of_zstd(self):
        octets = stream()
        for power, fine in ((27, True), (28, False)):
            block = (len(octets) << 3 | 1).to_bytes(3, "little") + octets
            frame = b"\x28\xb5\x2f\xfd\0" + bytes([(power - 10) << 3]) + block
            if fine:
                self.assertTrue(self.passes(["decode", "-q"], self.passes(["encode", "-q"], frame))
                                == octets)
            else:
                self.refused(["encode", "-q"], "128 MiB", frame)

    def test_memory_of_xz(self):
        octets = stream()
        for size, fine in ((128 * MIB, True), (256 * MIB, False)):
            packed = lzma.compress(octets, lzma.FORMAT_XZ, filters=[
                {"id": lzma.FILTER_LZMA2, "dict_size": 1 << 16}])
            packed = self.with_dictionary(packed, size)
            if fine:
                self.passes(["encode", "-q", "-o", self.out], packed)
            else:
                self.refused(["encode", "-q", "-o", self.out], "192 MiB", packed)

    def with_dictionary(self, packed, size):
        """An xz file that claims a dictionary of another size: an octet of its block's header."""
        octets = bytearray(packed)
        head = 12
        length = (octets[head] + 1) * 4
        at = octets.index(b"\x21\1", head) + 2
        power = size.bit_length() - 1
        octets[at] = (power - 12) * 2
        octets[head + length - 4:head + length] = struct.pack(
            "<I", zlib.crc32(bytes(octets[head:head + length - 4])))
        return bytes(octets)

    def test_data_of_libvirt(self):
        for count, fine in ((16 * MIB, True), (16 * MIB + 1, False)):
            head = b"LibvirtQemudSave" + struct.pack("<IIIII", 2, count, 1, 0, 0) + bytes(56)
            self.assertEqual(len(head), 92)
            octets = head + b"<domain/>".ljust(count, b"\n") + stream()
            if fine:
                self.passes(["encode", "-q", "-o", self.out], octets)
            else:
                self.refused(["encode", "-q", "-o", self.out], "16 MiB", octets)


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0]] + rest, verbosity=1)
