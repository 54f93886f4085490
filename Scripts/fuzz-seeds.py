#!/usr/bin/env python3
"""Makes the seeds of the fuzzing targets from the fixtures.

    Scripts/fuzz-seeds.py BERTH OUTPUT

A folder a target in OUTPUT, small files in each. BERTH is the program, which encodes streams.
"""

import glob
import os
import struct
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
FIXTURES = os.path.join(ROOT, "Tests/Fixtures")
LIMIT = 100 << 10

berth, output = sys.argv[1:3]


def store(target, name, octets):
    folder = os.path.join(output, target)
    os.makedirs(folder, exist_ok=True)
    if len(octets) <= LIMIT:
        with open(os.path.join(folder, name), "wb") as file:
            file.write(octets)


def read(path):
    with open(path, "rb") as file:
        return file.read()


def run(octets, *arguments):
    result = subprocess.run([berth, *arguments], input=octets, capture_output=True)
    return result.stdout if result.returncode == 0 else None


# Streams put together by hand: small, so that a mutation hits something.

HEADER = b"QEVM" + struct.pack(">I", 3)


def counted(text):
    return bytes([len(text)]) + text.encode()


def configuration(*subsections):
    return b"\7" + struct.pack(">I", 1) + b"m" + b"".join(subsections)


def subsection(name, body, version=1):
    return b"\5" + counted(name) + struct.pack(">I", version) + body


def section(kind, number, payload, name=None, version=1, footer=True):
    head = bytes([kind]) + struct.pack(">I", number)
    if name:
        head += counted(name) + struct.pack(">II", 0, version)
    return head + payload + (b"\x7e" + struct.pack(">I", number) if footer else b"")


def word(value):
    return struct.pack(">Q", value)


EOS = word(0x10)
PAGE = 256


def blocks(*sizes):
    return word(sum(sizes) | 4) + b"".join(
        counted("m%d" % index) + word(size) for index, size in enumerate(sizes))


def pages():
    """Of 256 octets, as AVR has them: each kind of record."""
    content = bytes(range(256))
    return (word(0x02) + counted("m0") + b"\0" + word(0x100 | 0x22) + b"\7"
            + word(0x200 | 0x28) + content + word(0x300 | 0x28) + content[::-1]
            + word(0x08) + counted("m1") + content
            + word(0x100 | 0x60) + b"\1" + struct.pack(">H", 3) + b"\1\1\7")


def description(*devices):
    text = b'{"page_size": 256, "devices": [' + b", ".join(devices) + b"]}"
    return b"\0\6" + struct.pack(">I", len(text)) + text


DEVICE = (b'{"name": "dev", "instance_id": 0, "vmsd_name": "dev", "version": 1, "fields": ['
          b'{"name": "a", "type": "uint8", "size": 1}, '
          b'{"name": "b", "type": "int32", "array_len": 3, "size": 4}, '
          b'{"name": "s", "type": "struct", "size": 5, "struct": {"vmsd_name": "s", "version": 1, '
          b'"fields": [{"name": "x", "type": "bool", "size": 1}, '
          b'{"name": "y", "type": "buffer", "size": 4}]}}, '
          b'{"name": "q", "type": "qtailq", "size": 11, "struct": {"vmsd_name": "e", "version": 1, '
          b'"fields": [{"name": "n", "type": "uint32", "size": 4}]}}], '
          b'"subsections": [{"vmsd_name": "dev/more", "version": 1, "fields": ['
          b'{"name": "z", "type": "uint64", "size": 8}]}]}')
STATE = (bytes([5]) + struct.pack(">iii", 1, -1, 7) + b"\1abcd"
         + b"\1" + struct.pack(">I", 3) + b"\1" + struct.pack(">I", 4) + b"\0"
         + subsection("dev/more", word(9)))


def ram(version=4):
    return (section(1, 2, blocks(0x400, 0x200) + EOS, "ram", version)
            + section(2, 2, pages() + EOS) + section(2, 2, word(0x200) + EOS)
            + section(3, 2, EOS))


def command(code, payload=b""):
    return b"\x08" + struct.pack(">HH", code, len(payload)) + payload


PACKAGE = section(4, 3, STATE, "dev") + command(5)
CAPABILITIES = subsection("configuration/capabilities", struct.pack(">I", 1)
                          + counted("mapped-ram"))


def mapped():
    """One block of 8 pages; the pages stand at 1 MiB, so only an empty one is small."""
    block = counted("m0") + word(0x800) + word(0)[:0]
    start = HEADER + configuration(CAPABILITIES)
    head = start + b"\1" + struct.pack(">I", 2) + counted("ram") + struct.pack(">II", 0, 4)
    head += word(0x800 | 4) + block
    place = len(head) + 28
    bitmap = struct.pack(">IQQQ", 1, 256, place, 0)[:28]
    pages_at = (place + 8 + 255) // 256 * 256
    bitmap = struct.pack(">IQQQ", 1, 256, place, pages_at)
    body = head + bitmap + b"\3" + bytes(7) + bytes(pages_at - place - 8)
    body += bytes(range(256)) + bytes([5]) * 256 + bytes(6 * 256) + EOS
    return body + b"\x7e" + struct.pack(">I", 2) + section(3, 2, EOS) + b"\0"


hand = {
    "whole": HEADER + configuration() + ram() + section(4, 3, STATE, "dev") + description(DEVICE),
    "first": HEADER + configuration() + section(4, 3, STATE, "dev") + ram() + description(DEVICE),
    "plain": HEADER + ram() + section(4, 3, STATE, "dev") + b"\0",
    "bare": HEADER + section(1, 2, blocks(0x400, 0x200) + EOS, "ram", 4, footer=False)
            + section(2, 2, pages() + EOS, footer=False) + section(3, 2, EOS, footer=False)
            + section(4, 3, STATE, "dev", footer=False) + description(DEVICE),
    "package": HEADER + configuration() + section(1, 2, blocks(0x400, 0x200) + EOS, "ram", 4)
               + command(3, b"\0") + command(4) + command(7, struct.pack(">I", len(PACKAGE)))
               + PACKAGE + section(2, 2, pages() + EOS) + section(3, 2, EOS) + b"\0",
    "zeros": bytes(100) + HEADER + configuration() + ram() + b"\0",
}
for iterator, payload in {
    "block": word(4) + word(0x100009) + counted("drv0") + word(2),
    "dirty-bitmap": bytes([0x20 | 0x40 | 0x08]) + counted("b0") + counted("n0") + b"\0\0\0\0"
                    + b"\1" + b"\1",
    "spapr/htab": struct.pack(">I", 0) + struct.pack(">IHH", 5, 1, 0) + bytes(16)
                  + struct.pack(">IHH", 0, 0, 0),
    "s390-storage_attributes": word(4) + word(0) + b"\1" * 16 + word(2),
    "vfio": word(0xffffffffef100001) + word(0xffffffffef100002),
}.items():
    hand[iterator.replace("/", "-")] = (
        HEADER + configuration() + section(1, 5, payload, iterator) + section(2, 5, payload)
        + section(3, 5, payload) + b"\0")

for name, octets in hand.items():
    store("binary-stream", name, octets)
store("mapped-ram", "hand", mapped())
for path in sorted(glob.glob(FIXTURES + "/*.mig") + glob.glob(FIXTURES + "/Channels/*.ch0.mig")):
    store("binary-stream", os.path.basename(path), read(path))

for folder in ("binary-stream", "mapped-ram"):
    for path in sorted(glob.glob(os.path.join(output, folder, "*"))):
        name = os.path.basename(path)
        for version in "34":
            octets = run(read(path), "encode", "-q", "--schema-version", version)
            if octets:
                store("ber-v" + version, name, octets)
                store("ber-raw", name + ".v" + version, octets)
                store("schema-ber", name + ".v" + version,
                      bytes([4 - int(version)]) + octets)

# Channels.
kinds = {"ch1": "multifd", "ch2": "multifd", "return": "return-path", "preempt": b"\0",
         "continued-cut": b"\1", "cpr": b"\2"}
for path in sorted(glob.glob(FIXTURES + "/Channels/*.mig")):
    name = os.path.basename(path)[:-4]
    kind = kinds.get(name.rsplit(".", 1)[1])
    octets = read(path)
    if isinstance(kind, bytes):
        store("channels", name, kind + octets)
    elif kind:
        store(kind, name, octets)
    encoded = run(octets, "encode", "-q")
    if encoded:
        store("ber-v4", name, encoded)
store("return-path", "hand", struct.pack(">HHI", 3, 4, 7) + struct.pack(">HHQI", 4, 12, 4096, 1)
      + struct.pack(">HH", 5, 3) + counted("m0") + word(8) + bytes(8) + b"01234567"
      + struct.pack(">HHI", 1, 4, 0))

# Descriptions and the sections they are of.
items = section(4, 3, STATE, "dev")
store("vmdesc", "hand", b'{"page_size": 256, "devices": [' + DEVICE + b"]}\0" + items)
for name in ("avr-uno-7.2", "tricore-testboard-11.1", "or1k-sim-10.0"):
    octets = read("%s/%s.mig" % (FIXTURES, name))
    start = octets.rfind(b"\0\6", 0, octets.rfind(b'"page_size"'))
    start = start if start > 0 else octets.find(b'{"')
    json = octets[start + 6:]
    # RAM takes most of it and tells nothing here.
    devices = octets[8:start]
    store("vmdesc", name, json + b"\0" + devices)
DUMP = (b'{"vmschkmachine": {"Name": "m"}, "dev": {"Name": "dev", "version_id": 1, '
        b'"minimum_version_id": 1, "Description": {"name": "dev", "version_id": 1, '
        b'"minimum_version_id": 1, "Fields": ['
        b'{"field": "a", "version_id": 0, "field_exists": false, "size": 1}, '
        b'{"field": "b", "version_id": 0, "field_exists": false, "size": 4, "num": 3}, '
        b'{"field": "s", "version_id": 0, "field_exists": false, "size": 8, "Description": '
        b'{"name": "s", "version_id": 1, "minimum_version_id": 1, "Fields": ['
        b'{"field": "x", "version_id": 0, "field_exists": false, "size": 1}, '
        b'{"field": "y", "version_id": 0, "field_exists": true, "size": 4}]}}], '
        b'"Subsections": [{"name": "dev/more", "version_id": 1, "minimum_version_id": 1, '
        b'"Fields": [{"field": "z", "version_id": 0, "field_exists": false, "size": 8}]}]}}}')
short = bytes([5]) + struct.pack(">iii", 1, -1, 7) + b"\1abcd" + subsection("dev/more", word(9))
store("vmstate-dump", "hand", DUMP + b"\0" + section(4, 3, short, "dev"))
store("vmstate-dump", "two", DUMP + b"\0" + ram() + section(4, 3, short, "dev")
      + section(4, 4, short[:18], "dev"))

# Containers.
groups = {"libvirt": "libvirt", "qcow2": "qcow2", "lzop": "lzop"}
for path in sorted(glob.glob(FIXTURES + "/containers/*")):
    name = os.path.basename(path)
    store(groups.get(name.rsplit(".", 1)[1], "compression"), name, read(path))

# Texts, and what they are of.
for path in sorted(glob.glob(ROOT + "/Tests/ASN1Tests/Fixtures/*/*.asn*")
                   + glob.glob(ROOT + "/Schemas/*.asn")
                   + glob.glob(ROOT + "/Tests/SchemaValidationTests/Fixtures/*/*.asn*")):
    octets = read(path)
    if len(octets) < 16 << 10:
        store("schema-text", os.path.basename(path), octets)
for path in sorted(glob.glob(ROOT + "/Tests/SchemaValidationTests/Fixtures/*/*.[bd]er")):
    octets = read(path)
    if len(octets) < 16 << 10:
        store("ber-raw", os.path.basename(path), octets)
        store("schema-ber", os.path.basename(path), b"\3" + octets)
        store("schema-ber", os.path.basename(path) + ".der", b"\x23" + octets)


def tlv(tag, *content):
    body = b"".join(content)
    assert len(body) < 128
    head = bytes([tag]) if tag < 256 else bytes([tag >> 8, tag & 255])
    return head + bytes([len(body)]) + body


# The sample schema's alternatives have the tags [0], [1], … in the order of the text.
values = [b"\xff", b"\5", b"\1" * 20, b"\1", b"\x80\1\1", b"\4\xf0", b"abc", b"", b"\x2a\3\4",
          b"\3\4", b"abc", b"12 3", b"Ab c", b"abc12", b"ab", b"\0a\0b", b"\0\0\0a", b"abc", b"abc",
          b"261122203800Z", b"20261122203800Z", b"2026-11-22T20:38:00", b"20261122", b"203800",
          b"20261122203800", b"1Y2M"]
seed = b"".join(
    (bytes([0x80 | index]) + bytes([len(value)]) + value) for index, value in enumerate(values))
seed += tlv(0xBA, tlv(0x80, b"\5"), tlv(0x81, b"\xff"))
seed += tlv(0xBB, tlv(0x80, b"\1"), tlv(0x85, b"q"))
seed += tlv(0xBC, tlv(2, b"\1"), tlv(2, b"\2"))
seed += tlv(0xBD, tlv(0x30, tlv(1, b"\xff")))
seed += tlv(0xBE, tlv(0x80, b"\1"), tlv(0xA1, tlv(2, b"\3")))
for choice in (0x02, 0x12, 0x22):
    store("schema-ber", "sample-%02x" % choice,
          bytes([choice]) + b"\x30\x80" + seed + b"\0\0")
    store("schema-ber", "sample-short-%02x" % choice, bytes([choice]) + tlv(0x30, tlv(0x81, b"\5")))

for target in sorted(os.listdir(output)):
    print(target, len(os.listdir(os.path.join(output, target))))
