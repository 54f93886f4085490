"""Iterators other than RAM: from the contents of a section in version 4 to its payload.

Written from Schemas/qemu-v4.asn and from how QEMU lays these payloads out, iterator by iterator.
"""

import struct

from ber import APPLICATION, CONTEXT, OCTET_STRING, UTF8_STRING, BERError, tag_text

CHECKPOINT = (APPLICATION, 8651)
CHUNK = 1 << 20


def spelled(letters):
    """The application tag whose base-128 digits are these letters."""
    number = 0
    for letter in letters:
        number = number << 7 | ord(letter)
    return (APPLICATION, number)


class Record:
    """A record of a section's contents."""

    def __init__(self, element):
        self.element = element
        self.number = element.tag[1] if element.tag[0] == CONTEXT else None

    def fail(self, text):
        raise BERError(self.element.start, text)

    def integer(self, element, bits, low=0):
        value = element.integer()
        if not low <= value < 1 << bits:
            raise BERError(element.start, "%d is out of range" % value)
        return value

    def null(self):
        if self.element.constructed or self.element.body != self.element.end:
            self.fail("no NULL")

    def parts(self, *kinds):
        """The components of a SEQUENCE: None for an optional text that is not there."""
        children = list(self.element.children) if self.element.constructed else self.fail("primitive")
        found = []
        for kind in kinds:
            tag = {"text": UTF8_STRING, "octets": OCTET_STRING, "node": (CONTEXT, 0),
                   "bitmap": (CONTEXT, 1)}.get(kind, (0, 2))
            if not children or children[0].tag != tag:
                if kind in ("node", "bitmap"):
                    found.append(None)
                    continue
                self.fail("%s is missing" % tag_text(tag))
            child = children.pop(0)
            if kind in ("text", "node", "bitmap"):
                text = child.string()
                text.decode("utf-8")
                if not 1 <= len(text) <= 255:
                    self.fail("a name of %d octets" % len(text))
                found.append(text)
            elif kind == "octets":
                found.append(child.string())
            else:
                found.append(self.integer(child, kind))
        if children:
            self.fail("a component too many")
        return found


def counted(octets):
    return bytes([len(octets)]) + octets


def be64(value):
    return struct.pack(">Q", value)


# One function for each iterator: the octets of a record, and whether it ends its section.


def block(record):
    if record.number == 0:
        sector, device, data = record.parts(55, "text", "octets")
        if len(data) != CHUNK:
            record.fail("a chunk of %d octets" % len(data))
        return be64(sector << 9 | 0x01) + counted(device) + data, False
    if record.number == 1:
        sector, device = record.parts(55, "text")
        return be64(sector << 9 | 0x09) + counted(device), False
    if record.number == 2:
        return be64(record.integer(record.element, 55) << 9 | 0x04), False
    return None


def dirty_bitmap(record):
    def head(flags, node, bitmap):
        return bytes([flags | (8 if node is not None else 0) | (4 if bitmap is not None else 0)]) + (
            b"".join(counted(name) for name in (node, bitmap) if name is not None))

    if record.number == 0:
        node, bitmap, granularity, flags = record.parts("node", "bitmap", 32, 8)
        return head(0x10, node, bitmap) + struct.pack(">IB", granularity, flags), False
    if record.number == 1:
        node, bitmap, sector, count, data = record.parts("node", "bitmap", 64, 32, "octets")
        return head(0x40, node, bitmap) + struct.pack(
            ">QIQ", sector, count, len(data)) + data, False
    if record.number == 2:
        node, bitmap, sector, count = record.parts("node", "bitmap", 64, 32)
        return head(0x42, node, bitmap) + struct.pack(">QI", sector, count), False
    if record.number == 3:
        return head(0x20, *record.parts("node", "bitmap")), False
    return None


def hash_table(record):
    if record.number == 0:
        record.null()
        return b"\xff\xff\xff\xff", True
    if record.number == 1:
        shift = record.integer(record.element, 7, 1)
        if shift > 64:
            record.fail("a shift of %d" % shift)
        return struct.pack(">I", shift), True
    if record.number == 2:
        index, invalid, valid = record.parts(32, 16, "octets")
        if len(valid) % 16 or len(valid) // 16 > 0xFFFF:
            record.fail("%d octets of entries" % len(valid))
        if not index and not invalid and not valid:
            record.fail("a chunk that looks like the end")
        return struct.pack(">IHH", index, len(valid) // 16, invalid) + valid, False
    return None


def storage_attributes(record):
    if record.number == 0:
        first, attributes = record.parts(52, "octets")
        return be64(first << 12 | 0x02) + be64(len(attributes)) + attributes, False
    if record.number in (1, 2):
        record.null()
        return be64({1: 0x04, 2: 0x08}[record.number]), False
    return None


VFIO_WORD = 0xFFFFFFFFEF100000


def vfio(record):
    words = {0: 3, 1: 4, 2: 2, 3: 5, 4: 6}
    if record.number not in words:
        return None
    word = be64(VFIO_WORD | words[record.number])
    if record.number == 1:
        data = record.element.string()
        return word + be64(len(data)) + data, False
    if record.number == 2:
        return word + record.element.string(), False
    record.null()
    return word, record.number in (3, 4)


def backup_server(record):
    if record.number == 0:
        data = record.element.string()
        return be64(len(data)) + data, True
    return None


# Tag: (function, opening, end).
KINDS = {
    spelled("BK"): (block, b"", be64(0x02)),
    spelled("DB"): (dirty_bitmap, b"", b"\x01"),
    spelled("HT"): (hash_table, bytes(4), bytes(8)),
    spelled("SA"): (storage_attributes, b"", be64(0x01)),
    spelled("VF"): (vfio, b"", be64(VFIO_WORD | 1)),
    spelled("PB"): (backup_server, b"", b""),
}


def octets(contents, decoder, section):
    """The payload of a section whose contents these are."""
    function, opening, end = KINDS[contents.tag]
    out = []
    has_ended = False
    records = [child for child in contents.children]
    for number, element in enumerate(records):
        if element.tag == CHECKPOINT:
            decoder.checkpoint(element)
            continue
        if has_ended:
            raise BERError(element.start, "a record behind the last one")
        decoder.items[element.start] = element
        if element.tag == OCTET_STRING:
            out.append(element.string())
            has_ended = True
            continue
        made = function(Record(element))
        if made is None:
            raise BERError(element.start, "%r is no record" % element)
        piece, has_ended = made
        if function is hash_table:
            if has_ended and number > 0:
                raise BERError(element.start, "%r does not stand alone" % element)
            if not has_ended and not out:
                out.append(opening)
        out.append(piece)
    if not has_ended:
        if not out:
            out.append(opening)
        out.append(end)
    return b"".join(out)
