"""Builds small binary streams that hold what no captured stream does.

They fill the holes of the captures: lists and trees with elements, filled pages, hooks, backward
and very far jumps, odd values, odd names, odd ends; and streams that must be refused.
"""

import json
import struct
import zlib

from ber import APPLICATION, CONTEXT, NULL

PAGE = 4096


def be(width, value):
    return (value % (1 << 8 * width)).to_bytes(width, "big")


def cstr(text):
    octets = text if isinstance(text, bytes) else text.encode()
    return bytes([len(octets)]) + octets


def header(machine=b"pc-i440fx-7.2"):
    return b"QEVM" + be(4, 3) + (b"\x07" + be(4, len(machine)) + machine if machine else b"")


def footer(number):
    return b"\x7e" + be(4, number)


def full(number, name, body, instance=0, version=1, kind=4, end=True):
    return (bytes([kind]) + be(4, number) + cstr(name) + be(4, instance) + be(4, version) + body
            + (footer(number) if end else b""))


def record(flags, offset=0, rest=b"", name=None):
    return be(8, offset | flags | (0x20 if name is None and flags & 0x14A else 0)) + (
        cstr(name) if name is not None else b"") + rest


EOS = be(8, 0x10)


def ram_start(blocks, end=True):
    body = be(8, sum(size for _, size in blocks) | 4)
    body += b"".join(cstr(name) + be(8, size) for name, size in blocks)
    return full(2, "ram", body + EOS, version=4, kind=1, end=end)


def ram_part(records, kind=2, end=True):
    return bytes([kind]) + be(4, 2) + b"".join(records) + EOS + (footer(2) if end else b"")


def mapped_stream(blocks, capabilities=(b"mapped-ram",), base=0, zeros=0):
    """A stream with RAM in fixed places. A block: name, pages, {page: octets}, present pages,
    address (or None), whether it is shared, octets at the end of the gap."""
    out = bytes(zeros) + header()
    out += b"\5" + cstr("configuration/capabilities") + be(4, 1) + be(4, len(capabilities))
    out += b"".join(map(cstr, capabilities))
    out += b"\1" + be(4, 2) + cstr("ram") + be(4, 0) + be(4, 4)
    out += be(8, sum(block[1] for block in blocks) * PAGE | 4)
    for name, pages, content, present, address, shared, gap in blocks:
        out += cstr(name) + be(8, pages * PAGE) + (b"" if address is None else be(8, address))
        bitmap = len(out) + 28 + base
        size = (pages + 63) // 64 * 8
        start = -(-(bitmap + size + len(gap)) // PAGE) * PAGE
        if shared:
            out += be(4, 1) + be(8, PAGE) + be(8, 0) + be(8, 0)
            continue
        out += be(4, 1) + be(8, PAGE) + be(8, bitmap) + be(8, start)
        bits = sum(1 << page for page in present)
        out += bits.to_bytes(size, "little")
        out += bytes(start - bitmap - size - len(gap)) + gap
        out += b"".join(content.get(page, bytes(PAGE)) for page in range(pages))
    out += EOS + footer(2) + ram_part([]) + ram_part([], kind=3)
    return out + full(0, "dev", be(4, 5)) + trailer(
        ("dev", body("dev", [field("n", "uint32", 4)])))


class Members(dict):
    """A JSON object whose members may have equal names."""

    def __init__(self, *pairs):
        super().__init__({"": ""} if pairs else {})
        self.pairs = pairs

    def items(self):
        return self.pairs


def field(name, kind, size, *more):
    return Members(("name", name), ("type", kind), *more, ("size", size))


def body(name, fields, subsections=(), version=1):
    pairs = [("vmsd_name", name), ("version", version), ("fields", list(fields))]
    if subsections:
        pairs.append(("subsections", [Members(*s) for s in subsections]))
    return pairs


def trailer(*devices, page_size=PAGE):
    text = json.dumps(Members(("page_size", page_size), ("devices", [
        Members(("name", name), ("instance_id", 0), *description)
        for name, description in devices]))).encode()
    return b"\0\x06" + be(4, len(text)) + text


def page(seed):
    return bytes((seed + 7 * i + (i >> 8)) & 0xFF for i in range(PAGE))


def ram_stream(records, blocks=(("pc.ram", 16 * PAGE),), tail=None):
    return (header() + ram_start(blocks) + ram_part(records) + ram_part([], kind=3)
            + (trailer() if tail is None else tail))


def device_stream(octets, fields, subsections=()):
    return header() + ram_start([("pc.ram", 16 * PAGE)]) + ram_part([], kind=3) + full(
        0, "dev", octets) + trailer(("dev", body("dev", fields, subsections)))


def package(excess=0):
    inner = (b"\x08" + be(2, 4) + be(2, 0) + full(0, "dev", be(4, 5))
             + b"\x08" + be(2, 5) + be(2, 0))
    return b"\x08" + be(2, 7) + be(2, 4) + be(4, len(inner) + excess) + inner


def element(fields):
    """A nested description as QLIST and GTree have it: members of the field itself."""
    return body("elem", fields)


def iterators():
    """Records of iterators that no capture has: other hosts' or newer ones'."""

    def stream(name, *payloads, version=1):
        """START, PARTs and END with these payloads."""
        out = header() + full(9, name, payloads[0], version=version, kind=1)
        for at, payload in enumerate(payloads[1:], 1):
            out += bytes([3 if at == len(payloads) - 1 else 2]) + be(4, 9) + payload + footer(9)
        return out + trailer()

    def word(number):
        return be(8, 0xFFFFFFFFEF100000 | number)

    data = bytes(range(256)) * 5000
    yield "vfio", stream(
        "0000:00:05.0/vfio", word(3) + word(1), word(4) + be(8, len(data)) + data + word(5),
        word(4) + be(8, 0) + word(1), word(4) + be(8, 3) + b"abc" + word(6)), [
            (APPLICATION, 11078), (CONTEXT, 3)]
    yield "vfio-newer", stream("0000:00:05.0/vfio", word(3) + word(7) + b"abc" + word(1),
                               word(8) + word(1), word(1)), [(APPLICATION, 11078)]
    yield "vfio-config", header() + ram_start([("pc.ram", 16 * PAGE)]) + ram_part(
        [], kind=3) + full(4, "0000:00:05.0/vfio", word(2) + be(4, 2) + data[:256] + word(1)) + (
            full(5, "0000:00:06.0/vfio", word(1))
            + full(6, "0000:00:07.0/vfio", word(6)) + b"\0"), [(APPLICATION, 11078)]
    yield "block-large", stream(
        "block", be(8, 2),
        b"".join(be(8, i << 20 | 1) + cstr("disk") + data[:1 << 20] for i in range(11)) + be(8, 2),
        be(8, 100 << 9 | 4) + be(8, 2)), [(APPLICATION, 8523)]
    yield "storage-attributes", stream(
        "s390-storage_attributes", be(8, 1), be(8, 5 << 12 | 2) + be(8, 9) + data[:9] + be(8, 1),
        be(8, 4) + be(8, 8) + be(8, 1), version=0), [(APPLICATION, 10689), (CONTEXT, 1)]
    yield "htab-none", stream("spapr/htab", be(4, -1), be(4, -1), be(4, -1)), [
        (APPLICATION, 9300)]
    yield "htab-large", stream(
        "spapr/htab", be(4, 18), be(4, 0) + be(4, 7) + be(2, 65535) + be(2, 65535)
        + data[:65535 * 16] + bytes(8), be(4, 0) + bytes(8)), [(APPLICATION, 9300)]
    yield "pbs-state", stream("pbs-state", be(8, 8) + b"{'a': 1}"), [(APPLICATION, 10306)]
    yield "block-newer", stream("block", be(8, 0x40) + be(8, 2), be(8, 2)), None


def streams():
    """(name, octets, tags of elements that the file of version 4 must have, if any)."""
    zero = b"\0"
    yield "fill", ram_stream(
        [record(2, 0, b"\xaa", "pc.ram")] + [record(2, PAGE * i, b"\xaa") for i in (1, 2)]
        + [record(2, PAGE * 9, b"\x80"), record(2, PAGE * 4, b"\x01")]), [(CONTEXT, 2)]
    yield "hook-flush", ram_stream(
        [record(0x80), record(2, 0, zero, "pc.ram"), record(0x200), record(2, PAGE, zero)]), [
            (APPLICATION, 9295), (APPLICATION, 9036)]
    yield "backward-jumps", ram_stream(
        [record(8, PAGE * 9, page(1), "pc.ram")]
        + [record(8, PAGE * (9 - i), page(i)) for i in range(1, 9)]), None
    far = [("pc.ram", 1 << 45)]
    yield "far-jumps", ram_stream(
        [record(2, 0, zero, "pc.ram"), record(2, 1 << 44, zero), record(8, 1 << 36, page(3)),
         record(8, PAGE, page(4)), record(2, (1 << 45) - PAGE, zero), record(2, 0, b"\xfe")],
        far), None
    delta = bytes([4, 2, 1, 2])
    packed = zlib.compress(page(5))
    yield "xbzrle-zlib", ram_stream(
        [record(8, 0, page(1), "pc.ram"), record(0x40, 0, b"\1" + be(2, 4) + delta),
         record(0x40, PAGE * 5, b"\1" + be(2, 4) + delta),
         record(0x100, PAGE * 6, be(4, len(packed)) + packed)]), [
             (APPLICATION, 11330), (APPLICATION, 8666)]
    blocks = [("pc.ram", 4 * PAGE), ("vga.vram", 4 * PAGE)]
    yield "continued-across-sections", (
        header() + ram_start(blocks) + ram_part([record(2, 0, zero, "vga.vram")])
        + ram_part([record(2, PAGE, zero)]) + ram_part([record(8, PAGE, page(2))])
        + ram_part([record(2, 0, zero, "vga.vram")], kind=3) + trailer()), None
    yield "small-rounds", (
        header() + ram_start([("pc.ram", 512 * PAGE)])
        + ram_part([record(2, 0, zero, "pc.ram")])
        + b"".join(ram_part([record(2, PAGE * (37 * i % 512), zero)]) for i in range(200))
        + ram_part([], kind=3) + trailer()), None
    two = b"\1" + be(4, 7) + b"\1" + be(4, 8) + zero
    yield "list", device_stream(two + be(1, 9), [
        field("queue", "qtailq", len(two), *element([field("v", "uint32", 4)]),
              *element([field("v", "uint32", 4)])),
        field("after", "uint8", 1)]), [(CONTEXT, 10)]
    tree = be(4, 2) + b"\1" + be(4, 1) + be(8, 11) + b"\1" + be(4, 2) + be(8, 22) + zero
    key, value = element([field("k", "uint32", 4)]), element([field("v", "uint64", 8)])
    yield "tree", device_stream(tree + be(1, 9), [
        field("map", "gtree", len(tree), *key, *value, *key, *value),
        field("after", "uint8", 1)]), [(CONTEXT, 11)]
    direct = be(4, 2) + b"\1" + be(8, 1) + be(8, 11) + b"\1" + be(8, 2) + be(8, 22) + zero
    yield "tree-direct-key", device_stream(direct + be(1, 9), [
        field("map", "gtree", len(direct), *value, *value),
        field("after", "uint8", 1)]), None
    empty = be(4, 0) + zero
    yield "tree-empty", device_stream(empty + be(1, 9), [
        field("map", "gtree", len(empty)), field("after", "uint8", 1)]), None
    yield "scalars", device_stream(
        b"\2\1" + be(1, -1) + be(2, -32768) + be(4, 1 << 31) + be(8, (1 << 64) - 1)
        + be(8, -(1 << 63)) + b"\x30" + b"\x31", [
            field("odd", "bool", 1), field("even", "bool", 1), field("a", "int8", 1),
            field("b", "int16", 2), field("c", "int32", 4), field("d", "uint64", 8),
            field("e", "int64", 8), field("p", "nullptr", 1), field("q", "ptr-marker", 1)]), [
                NULL]
    yield "subsections", device_stream(
        be(4, 5) + be(2, 6) + b"\5" + cstr("in/x") + be(4, 258) + be(1, 7) + b"\5"
        + cstr("dev/y") + be(4, 1) + be(1, 8) + b"\5" + cstr("dev/y/z") + be(4, 2), [
            field("n", "uint32", 4),
            field("in", "struct", 2 + 6 + 4 + 1, ("struct", Members(*body(
                "in", [field("m", "uint16", 2)],
                [body("in/x", [field("o", "uint8", 1)], version=258)]))))],
        [body("dev/y", [field("u", "uint8", 1)], [body("dev/y/z", [], version=2)])]), None
    array = b"".join(be(4, 0) for _ in range(9)) + bytes(range(40)) + bytes(40) + bytes([1] * 3)
    yield "arrays", device_stream(array, [
        field("w", "uint32", 4, ("array_len", 9)), field("o", "uint8", 1, ("array_len", 40)),
        field("z", "uint8", 1, ("array_len", 40)), field("t", "bool", 1, ("array_len", 3))]), [
            (CONTEXT, 9)]
    yield "wrong-description", device_stream(be(4, 5), [field("n", "uint64", 8)]), None
    yield "octets-behind-fields", device_stream(be(8, 5), [field("n", "uint32", 4)]), None
    yield "empty-device", device_stream(b"", []), None
    yield "name-of-255", header() + full(0, "n" * 255, b"abc") + b"\0", None
    yield "name-like-annotation", header() + full(0, "berth:raw", b"abc") + full(
        1, "berth:nothing", b"") + b"\0", None
    yield "behind-the-end", ram_stream([]) + b"trailing octets\0", [(APPLICATION, 10583)]
    yield "zeros-behind-the-end", ram_stream([]) + bytes(5000), None
    yield "zeros-before", bytes(4096) + ram_stream([record(2, 0, zero, "pc.ram")]), None
    yield "no-footers", header(None) + ram_start(blocks, end=False) + ram_part(
        [record(2, 0, zero, "pc.ram")], end=False) + ram_part([], 3, end=False) + full(
            0, "dev", be(4, 5), end=False) + trailer(
                ("dev", body("dev", [field("n", "uint32", 4)]))), None
    yield from iterators()
    yield "package", header() + ram_start(blocks) + package() + ram_part([], kind=3) + b"\0", [
        (CONTEXT, 0)]
    # A broken connection in the middle of post-copy leaves what can still be taken up again.
    advise = b"\x08" + be(2, 3) + be(2, 16) + be(8, PAGE) + be(8, PAGE)
    postcopy = header() + advise + ram_start(blocks) + package() + b"\2" + be(4, 2)
    first = record(8, 0, page(1), "pc.ram")
    cut = [(APPLICATION, 8660)]
    yield "postcopy-cut-in-page", postcopy + first + record(8, PAGE, page(2))[:1000], cut
    yield "postcopy-cut-in-name", postcopy + first + record(8, PAGE, page(2), "pc.ram")[:12], cut
    yield "postcopy-cut-in-word", postcopy + first + b"\0\0\0", cut
    yield "postcopy-cut-in-xbzrle", postcopy + first + record(0x40, PAGE, b"\1\0\x09abc"), cut
    yield "postcopy-cut-between-records", postcopy + first, cut
    yield "postcopy-cut-without-records", postcopy, cut
    yield "postcopy-cut-in-footer", postcopy + first + EOS + b"\x7e\0", None
    yield "postcopy-cut-before-footer", postcopy + first + EOS, None
    yield "postcopy-cut-in-header", postcopy[:-3], None
    stored = {1: page(1), 2: page(2), 3: page(3), 99: page(4), 256: page(5)}
    mapped = [(APPLICATION, number) for number in (9940, 9922, 8525, 10704)]
    plain = ("pc.ram", 300, stored, {1, 2, 3, 99, 256}, None, False, b"")
    yield "mapped", mapped_stream([plain, ("rom", 1, {}, set(), None, False, b"")]), mapped
    yield "mapped-stale-and-zero", mapped_stream(
        [("pc.ram", 300, stored, {1, 4, 5, 256}, None, False, b"")]), mapped
    yield "mapped-all-bits", mapped_stream(
        [("pc.ram", 1024, {}, range(1024), None, False, b"")]), mapped[:3]
    yield "mapped-gap", mapped_stream(
        [plain[:6] + (b"\1" + bytes(40) + b"\7" * 99,), plain]), mapped + [(APPLICATION, 9168)]
    yield "mapped-base", mapped_stream([plain, plain[:6] + (b"x",)], base=92), mapped
    yield "mapped-zeros-before", mapped_stream([plain], zeros=12288), mapped
    yield "mapped-shared", mapped_stream(
        [("mem0", 64, {}, set(), 0, True, b""), plain[:4] + (0xFFFC0000, False, b"")],
        (b"x-ignore-shared", b"mapped-ram")), mapped
    yield "command-unknown", header() + b"\x08" + be(2, 99) + be(2, 3) + b"abc" + trailer(), None


def refused():
    """(name, octets) of streams that are cut off, corrupt or unsupported."""
    zero = b"\0"
    blocks = [("pc.ram", 4 * PAGE), ("vga.vram", 4 * PAGE)]
    cut = header() + ram_start(blocks) + b"\2" + be(4, 2) + record(8, 0, page(1), "pc.ram")
    yield "cut-in-page", cut + record(8, PAGE, page(2))[:1000]
    yield "cut-in-word", cut + b"\0\0\0"
    yield "cut-between-records", cut
    yield "cut-in-footer", header() + ram_start(blocks)[:-2]
    yield "cut-in-header", header() + ram_start(blocks) + b"\4\0\0"
    yield "nothing-but-header", header(None)
    yield "version-4-header", b"QEVM" + be(4, 4) + header()[8:] + trailer()
    yield "package-cut", header() + ram_start(blocks) + package()[:-9]
    yield "package-too-long", header() + ram_start(blocks) + package(-3) + b"\0"
    yield "sum-too-large", header() + full(
        2, "ram", be(8, 1 << 20 | 4) + cstr("a") + be(8, 1 << 21) + EOS, version=4, kind=1
    ) + trailer()
    mapped = mapped_stream([("pc.ram", 4, {1: page(1)}, {1}, None, False, b"")])
    at = mapped.index(be(4, 1) + be(8, PAGE))
    yield "mapped-cut-in-pages", mapped[:3 * PAGE]
    yield "mapped-cut-in-bitmap", mapped[:at + 30]
    yield "mapped-version-2", mapped[:at] + be(4, 2) + mapped[at + 4:]
    yield "mapped-page-size", mapped[:at + 4] + be(8, 2 * PAGE) + mapped[at + 12:]
    yield "mapped-backwards", mapped[:at + 12] + be(8, at) + mapped[at + 20:]
    yield "mapped-pages-in-bitmap", mapped[:at + 20] + be(8, 0) + mapped[at + 28:]
    yield "mapped-unaligned", mapped[:at + 20] + be(8, PAGE + 1) + mapped[at + 28:]
    yield "mapped-beyond", mapped[:at + 20] + be(8, (1 << 64) - PAGE) + mapped[at + 28:]
    # No schema has a place for these.
    yield "name-not-utf8", device_stream(be(4, 5), [field("n", "uint32", 4)]).replace(
        b"\3dev", b"\3d\xff\xfe", 1)
    yield "name-empty", header() + full(0, "", b"abc") + trailer()
    yield "block-not-utf8", ram_stream(
        [record(2, 0, zero, b"r\xff")], [(b"r\xff", 4 * PAGE)])
    yield "machine-not-utf8", header(b"pc\xff") + trailer()
