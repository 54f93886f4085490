"""A small parser of QEMU's binary stream, written for these tests alone.

It finds sections, block lists and pages, and where each device's octets begin and end: by the sizes
in the JSON description at the stream's end, or else by the next footer that is followed by what
can be another item.
"""

import json
import struct

KINDS = {1: "start", 2: "part", 3: "end", 4: "full"}
FOOTER = 0x7E


class Section:
    """A section: header, footer, and where its payload lies."""

    def __init__(self, kind, number, name, instance, version):
        self.kind, self.id, self.name = kind, number, name
        self.instance, self.version = instance, version
        self.footer = False
        self.payload = None
        self.pages = {}  # kind: count, for RAM
        self.device = None  # its description


class BinaryStream:
    """A parsed stream."""

    def __init__(self, data):
        self.data = data
        self.at = 0
        self.sections = []
        self.block_lists = []
        self.block = None
        self.machine = None
        self.capabilities = []
        self.page_size = None
        self.started = {}
        self.found_description()
        self.devices = list(pairs(self.description).get("devices", [])) if self.description else []
        if self.description:
            self.page_size = pairs(self.description)["page_size"]
        self.start = data.find(b"QEVM")
        if self.start < 0 or data[:self.start].strip(b"\0"):
            raise ValueError("no QEVM stream")
        self.at = self.start + 8
        if data[self.at] == 7:
            self.configuration()
        self.page_size = self.page_size or 4096
        self.items(len(data))

    def number(self, width):
        value = int.from_bytes(self.data[self.at:self.at + width], "big")
        self.at += width
        return value

    def skip(self, count):
        self.at += count

    def counted(self):
        length = self.number(1)
        self.skip(length)
        return self.data[self.at - length:self.at]

    def found_description(self):
        """The last `00 06 length JSON` whose JSON is one."""
        self.description = self.description_at = None
        at = len(self.data)
        while (at := self.data.rfind(b"\0\6", 0, at)) >= 0:
            length, = struct.unpack_from(">I", self.data + b"\0\0\0\0", at + 2)
            text = self.data[at + 6:at + 6 + length]
            if length > 1 and len(text) == length and text[:1] == b"{" and text[-1:] == b"}":
                try:
                    self.description = json.loads(text, object_pairs_hook=list)
                    self.description_at = at
                except ValueError:
                    continue
                return

    def configuration(self):
        self.skip(1)
        length = self.number(4)
        self.skip(length)
        self.machine = self.data[self.at - length:self.at]
        while self.data[self.at] == 5:
            self.skip(1)
            name = self.counted()
            self.skip(4)
            if name.endswith(b"/target-page-bits"):
                bits = self.number(4)
                self.page_size = self.page_size or 1 << bits
            elif name.endswith(b"/capabilities"):
                self.capabilities = [self.counted() for _ in range(self.number(4))]
            elif name.endswith(b"/uuid"):
                self.skip(16)
            else:
                raise ValueError("configuration subsection %r" % name)

    def items(self, end):
        while self.at < end:
            kind = self.number(1)
            if kind == 0:
                return
            if kind == 8:
                code, length = self.number(2), self.number(2)
                if code == 7:
                    inner = self.number(4)
                    self.items(self.at + inner)
                else:
                    self.skip(length)
            elif kind in KINDS:
                self.section(kind)
            else:
                raise ValueError("item %#x at %#x" % (kind, self.at - 1))

    def section(self, kind):
        number = self.number(4)
        if kind in (1, 4):
            name = self.counted()
            section = Section(kind, number, name, self.number(4), self.number(4))
            if kind == 1:
                self.started[number] = name
        else:
            section = Section(kind, number, self.started[number], None, None)
        start = self.at
        if section.name == b"ram":
            self.records(section)
        else:
            self.at = self.payload_end(section)
        section.payload = (start, self.at)
        mark = struct.pack(">BI", FOOTER, number)
        section.footer = self.data[self.at:self.at + 5] == mark
        if section.footer:
            self.skip(5)
        self.sections.append(section)

    # RAM

    def records(self, section):
        mask = self.page_size - 1
        while True:
            word = self.number(8)
            flags, address = word & min(mask, 0x3FF), word & ~min(mask, 0x3FF)
            kind = flags & ~0x20
            if kind == 0x10:
                return
            if kind == 0x04:
                self.block_list(address)
                continue
            if kind in (0x80, 0x200):
                continue
            if not flags & 0x20:
                self.block = self.counted()
            if kind == 0x02:
                name = "fill" if self.number(1) else "zero"
            elif kind == 0x08:
                name = "full"
                self.skip(self.page_size)
            elif kind == 0x40:
                name = "xbzrle"
                self.skip(1)
                self.skip(self.number(2))
            elif kind == 0x100:
                name = "zlib"
                self.skip(self.number(4))
            else:
                raise ValueError("RAM record %#x at %#x" % (word, self.at - 8))
            section.pages[name] = section.pages.get(name, 0) + 1
            self.page(self.block, address, name)

    def page(self, block, address, kind):
        """A page record; for those that want to know."""

    def block_list(self, total):
        blocks = []
        while total > 0:
            name, length = self.counted(), self.number(8)
            total -= length
            blocks.append((name, length))
            if b"mapped-ram" in self.capabilities:
                self.skip(8 if b"x-ignore-shared" in self.capabilities else 0)
                self.mapped(name, length)
                continue
            if b"x-ignore-shared" in self.capabilities:
                self.skip(8)  # the address; with page sizes too is not handled here
                continue
            # A page size begins with zeros; neither a name nor a record's word looks so.
            word = int.from_bytes(self.data[self.at:self.at + 8], "big")
            if (self.data[self.at] == 0 and total) or (not total and not word & 0x3FF):
                self.skip(8)
        self.block_lists.append(blocks)

    def mapped(self, name, length):
        """Past a mapped block's header, bitmap, gap and pages."""
        version, page_size = self.number(4), self.number(8)
        bitmap, pages = self.number(8), self.number(8)
        if version != 1 or page_size != self.page_size:
            raise ValueError("mapped-ram header at %#x" % (self.at - 28))
        if not pages:
            return
        count = length // page_size
        bits = self.data[self.at:self.at + (count + 7) // 8]
        for number in range(count):
            is_set = bits[number >> 3] >> (number & 7) & 1
            self.page(name, number * page_size, "full" if is_set else "zero")
        self.skip(pages - bitmap + length)

    # Devices

    def payload_end(self, section):
        if section.kind == 4 and self.devices:
            device = pairs(self.devices[0])
            if device["name"].encode() == section.name and (
                    device["instance_id"] & 0xFFFFFFFF) == section.instance:
                del self.devices[0]
                section.device = device
                end = self.at + size_of(device)
                if self.is_end(end, section.id):
                    return end
        end = self.at
        while True:
            end = self.data.find(struct.pack(">BI", FOOTER, section.id), end)
            if end < 0:
                raise ValueError("no end of %r at %#x" % (section.name, self.at))
            if self.is_end(end, section.id):
                return end
            end += 1

    def is_end(self, end, number):
        """Whether a section can end here."""
        data = self.data
        if data[end:end + 5] == struct.pack(">BI", FOOTER, number):
            end += 5
        elif self.description is None:
            return False
        kind = data[end] if end < len(data) else None
        if kind == 0:
            return self.description_at in (None, end)
        if kind in (1, 4):
            length = data[end + 5]
            name = data[end + 6:end + 6 + length]
            return len(name) == length > 0 and all(32 <= octet < 127 for octet in name)
        if kind in (2, 3):
            return int.from_bytes(data[end + 1:end + 5], "big") in self.started
        return kind == 8 and data[end + 1] == 0 or kind is None


def pairs(members):
    """A JSON object, as its first members of each name."""
    found = {}
    for key, value in members:
        found.setdefault(key, value)
    return found


def size_of(body):
    """Octets of a body by its description, which may overstate arrays."""
    total = 0
    for field in body.get("fields", []):
        field = pairs(field)
        total += field["size"] * field.get("array_len", 1)
    for subsection in body.get("subsections", []):
        subsection = pairs(subsection)
        total += 6 + len(subsection["vmsd_name"].encode()) + size_of(subsection)
    return total


def names_of(body):
    """The names of all fields of a description, nested ones and duplicates included."""
    for key, value in body:
        if key == "fields":
            for field in value:
                yield pairs(field)["name"]
                yield from names_of(field)
        elif key == "struct":
            yield from names_of(value)
        elif key == "subsections":
            for subsection in value:
                yield from names_of(subsection)
