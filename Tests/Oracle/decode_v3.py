#!/usr/bin/env python3
"""An independent decoder of version 3 files with annotations: BER in, QEMU's binary stream out.

The elements are those of Schemas/qemu-v3.asn. What that schema can't say stands in annotations,
`SecFull` entries whose names begin with `berth:`; the rules of those are in `ANNOTATIONS` below.

    decode_v3.py FILE.ber > FILE.mig
"""

import struct
import sys

import ber
from ber import BOOLEAN, INTEGER, OCTET_STRING, SEQUENCE, UTF8_STRING, BERError
from decode_v4 import (
    CHECKPOINT, COMMAND, CONFIGURATION, F_CONTINUE, F_MEM_SIZE, F_PAGE, F_ZERO, QEMU_FILE,
    RAM_SECTION, SEC_FULL, SUB_SEC_LIST, SUB_SECTION, DecoderV4, Parts, Section, application,
    children_of, counted, in_range, text_of)

SEC_MIN = application(211)
RAM_SEC_ENTRY = application(8914)
PAGE_SIZE = 4096

PREFIX = b"berth:"

ANNOTATIONS = {
    b"stream": "StreamInfo of version 4; first of all, says that the file is annotated",
    b"configuration": "Configuration of version 4; from here on sections have footers",
    b"section": "one octet: type of the section that follows, if not the usual one",
    b"literal": "the section that follows is none of these, whatever its name",
    b"records": "RAMRecords of version 4, at this place of the RAM section that stands before",
    b"continued": "the SecMin that follows goes on with the RAM section that stands before",
    b"rest": "octets behind an iterator's payload that are no records",
    b"part": "a PART that is not RAM: its octets; the id is the annotation's",
    b"end": "an END that is not RAM, likewise",
    b"fields": "kinds and names of the values of the device that follows",
    b"footer": "the section before has a footer, and so those behind it",
    b"no-footer": "the section before has none, nor those behind it",
    b"command": "Command of version 4",
    b"package": "four octets: length of a package, whose items follow",
    b"package-end": "the package ends",
    b"eof": "the end-of-stream mark",
    b"description": "the JSON",
    b"raw": "octets as they are",
}

# Numbers of the context tags in `berth:fields`.
SCALARS = [(1, False), (2, False), (4, False), (8, False), (1, True), (2, True), (4, True),
           (8, True)]
STRUCT, ARRAY, LIST, TREE, TEXT, ABSENT, BLOB, BOOL, SUBSECTION, SCALAR_ARRAY = range(8, 18)
BUFFER = 19
LITTLE_ENDIAN = {20: 2, 21: 4, 22: 8}
RUN = 23
CONTAINERS = (STRUCT, ARRAY, LIST, TREE, SUBSECTION)


class Layout:
    """What an annotation says of one value."""

    def __init__(self, element):
        if element.tag[0] != ber.CONTEXT or not (
                element.tag[1] <= SCALAR_ARRAY or BUFFER <= element.tag[1] < RUN):
            raise BERError(element.start, "%r is no layout" % element)
        self.kind = element.tag[1]
        self.children = []
        if self.kind in CONTAINERS or self.kind == SCALAR_ARRAY:
            parts = Parts(element)
            self.name = parts.text(0, 255)
            if self.kind == SCALAR_ARRAY:
                number = parts.number(0, max(LITTLE_ENDIAN))
                if 7 < number and number != BOOL and number not in LITTLE_ENDIAN:
                    raise BERError(element.start, "an array of what is no scalar")
                self.element = number
                parts.done()
            else:
                self.children = layouts(element.children[1:])
        else:
            self.name = element.primitive()


def layouts(elements):
    """The layouts that these elements are, runs of equal ones spread."""
    found = []
    for element in elements:
        if element.tag != (ber.CONTEXT, RUN):
            found.append(Layout(element))
            continue
        parts = Parts(element)
        count = parts.number(0, 1 << 18)
        one = Layout(parts.take())
        parts.done()
        found += [one] * count
    return found


class DecoderV3(DecoderV4):
    """Decodes one file, with what it shares with version 4 taken from there."""

    def __init__(self, data):
        super().__init__(data)
        self.annotations = []  # (name, element)
        self.entries = {"page": 0, "compr": 0}

    def decode(self):
        roots = ber.parse(self.data)
        if len(roots) != 1 or roots[0].tag != QEMU_FILE:
            raise BERError(0, "not one QemuFile")
        parts = Parts(roots[0])
        parts.number(3, 3)
        self.top = children_of(parts.take(SEQUENCE))
        parts.done()
        self.at = 0
        self.has_footers = False
        self.kind = None
        self.layout = None
        self.package = None
        self.literal_at = None
        self.block = None
        is_annotated = self.annotation_at(0) is not None
        if not is_annotated:
            self.out += b"QEVM" + struct.pack(">I", 3)
        while self.at < len(self.top):
            annotation = self.annotation_at(self.at)
            element = self.top[self.at]
            if annotation is None:
                self.sec(element)
            else:
                self.annotation(*annotation)
        if self.package is not None or self.kind is not None or self.layout is not None:
            raise BERError(len(self.data), "an annotation qualifies nothing")
        if not is_annotated:
            self.out.append(0)
        return bytes(self.out)

    # Annotations

    def annotation_at(self, at):
        """Name, id and contents of the annotation at this place of `top`, or None."""
        if at >= len(self.top) or self.top[at].tag != SEC_FULL:
            return None
        parts = Parts(self.top[at])
        name = parts.name()
        if not name.startswith(PREFIX) or len(parts.element.children) != 5:
            return None
        if at == self.literal_at:
            return None
        number = parts.uint32()
        parts.number(0, 0)
        parts.number(0, 0)
        word = name[len(PREFIX):]
        contents = parts.take(OCTET_STRING)
        if word not in ANNOTATIONS:
            raise BERError(self.top[at].start, "an unknown annotation")
        return word, number, contents

    def annotation(self, word, number, contents):
        self.annotations.append((word, self.top[self.at]))
        self.at += 1
        octets = contents.string()
        if number and word not in (b"part", b"end"):
            raise BERError(contents.start, "a section id where there is none")
        if word == b"stream":
            self.stream_info(single(octets, SEQUENCE))
        elif word == b"configuration":
            self.has_footers = True
            self.configuration(single(octets, CONFIGURATION))
        elif word == b"command":
            self.command(single(octets, COMMAND))
        elif word == b"section":
            if len(octets) != 1 or not 1 <= octets[0] <= 4:
                raise BERError(contents.start, "no section type")
            self.kind = octets[0]
        elif word == b"literal":
            self.literal_at = self.at
        elif word == b"fields":
            self.layout = layouts(ber.parse(octets))
        elif word in (b"part", b"end"):
            section = self.begin(2 if word == b"part" else 3, number, None, self.top[self.at - 1])
            section.contents = "opaque"
            self.out += octets
            self.end(section)
        elif word == b"package":
            if len(octets) != 4 or self.package is not None:
                raise BERError(contents.start, "no package can begin so")
            self.out += struct.pack(">BHH", 8, 7, 4) + octets
            self.package = len(self.out) + int.from_bytes(octets, "big")
        elif word == b"package-end":
            if self.package != len(self.out):
                raise BERError(contents.start, "the package's length is wrong")
            self.package = None
        elif word == b"description":
            self.out += struct.pack(">BI", 6, len(octets)) + octets
        elif word == b"raw":
            self.out += octets
        elif word == b"eof":
            self.out.append(0)
        else:
            raise BERError(contents.start, "the annotation qualifies nothing")
        if word in (b"eof", b"package-end", b"footer", b"no-footer", b"continued", b"literal") and octets:
            raise BERError(contents.start, "contents where there are none")

    # Sections

    def begin(self, kind, number, named, element):
        section = Section()
        section.element, section.kind, section.id = element, kind, number
        section.start = len(self.out)
        section.state = None
        self.out += struct.pack(">BI", kind, number)
        if kind in (1, 4):
            section.name, section.instance, section.version = named
            self.out += counted(section.name)
            self.out += struct.pack(">II", section.instance, section.version)
            self.names[number] = section.name
        else:
            section.name = self.names.get(number)
            section.instance = section.version = None
        return section

    def end(self, section):
        """A footer annotation stands behind the section that is the first to differ."""
        annotation = self.annotation_at(self.at)
        if annotation and annotation[0] == b"rest" and section.contents == "opaque":
            self.annotations.append((annotation[0], self.top[self.at]))
            self.at += 1
            self.out += annotation[2].string()
            annotation = self.annotation_at(self.at)
        if annotation and annotation[0] in (b"footer", b"no-footer"):
            self.annotations.append((annotation[0], self.top[self.at]))
            self.at += 1
            self.has_footers = annotation[0] == b"footer"
        section.footer = self.has_footers
        if section.footer:
            self.out += struct.pack(">BI", 0x7E, section.id)
        section.end = len(self.out)
        self.sections.append(section)

    def sec(self, element):
        self.at += 1
        parts = Parts(element)
        named = None
        if element.tag == SEC_FULL:
            name = parts.name()
            number = parts.uint32()
            named = (name, parts.uint32(), parts.uint32())
            contents = parts.take(RAM_SECTION, SEQUENCE, OCTET_STRING)
            kind = 1 if contents.tag == RAM_SECTION else 4
        elif element.tag == SEC_MIN:
            number = parts.uint32()
            contents = parts.take(RAM_SECTION)
            kind = 2
        else:
            raise BERError(element.start, "%r is no section" % element)
        parts.done()
        if self.kind is not None:
            kind, self.kind = self.kind, None
        if (kind in (1, 4)) != (named is not None):
            raise BERError(element.start, "the section's type does not fit")
        section = self.begin(kind, number, named, element)
        section.state = contents
        layout, self.layout = self.layout, None
        if contents.tag == RAM_SECTION:
            section.contents = "ram"
            self.ram_list(contents)
            is_cut = self.rest_of_ram(number)
            self.end_mapped_list(contents)
            if not is_cut:
                self.word(0, 0x10)
        elif contents.tag == SEQUENCE:
            section.contents = "device"
            if layout is None:
                raise BERError(contents.start, "values without widths: no berth:fields before")
            self.entries_of(contents, layout)
        else:
            section.contents = "opaque"
            self.out += contents.string()
        self.end(section)

    # RAM

    def rest_of_ram(self, number):
        """What belongs to the RAM section but stands behind it. Gives whether it is cut."""
        is_cut = False
        while True:
            annotation = self.annotation_at(self.at)
            if not annotation or annotation[0] not in (b"records", b"continued"):
                return is_cut
            if is_cut:
                raise BERError(self.top[self.at].start, "records behind the cut")
            self.annotations.append((annotation[0], self.top[self.at]))
            self.at += 1
            octets = annotation[2].string()
            if annotation[0] == b"records":
                is_cut = self.records(octets)
                continue
            if octets or self.at == len(self.top) or self.top[self.at].tag != SEC_MIN:
                raise BERError(annotation[2].start, "nothing continues here")
            parts = Parts(self.top[self.at])
            self.at += 1
            parts.number(number, number)
            self.ram_list(parts.take(RAM_SECTION))
            parts.done()

    def records(self, octets):
        section = Version4Parts(octets, RAM_SECTION)
        if any(child.tag == CHECKPOINT for child in section.children):
            raise BERError(0, "a checkpoint in version 3")
        is_cut = self.ram_records(section)
        if self.groups:
            self.block = self.groups[-1].block
        return is_cut

    def ram_list(self, element):
        for entry in children_of(element, RAM_SECTION):
            if entry.tag != RAM_SEC_ENTRY:
                raise BERError(entry.start, "%r is no RAMSecEntry" % entry)
            self.ram_entry(entry)

    def ram_entry(self, element):
        parts = Parts(element)
        address = parts.number(0, 2**64 - 1)
        flags = parts.number(0, 1023)
        name = parts.take() if parts.peek() == UTF8_STRING else None
        body = parts.take(SEQUENCE, INTEGER, OCTET_STRING)
        parts.done()
        self.word(address, flags)
        if body.tag == SEQUENCE:
            if flags != F_MEM_SIZE or name is not None:
                raise BERError(element.start, "a block list with flags %#x" % flags)
            blocks = []
            for child in children_of(body):
                pair = Parts(child, SEQUENCE)
                blocks.append((pair.name(), pair.number(0, 2**64 - 1)))
                pair.done()
                self.out += counted(blocks[-1][0]) + struct.pack(">Q", blocks[-1][1])
            if sum(length for _, length in blocks) != address:
                raise BERError(element.start, "the lengths don't add up to the total")
            self.block_lists.append(blocks)
            return
        is_page = body.tag == OCTET_STRING
        if flags & ~F_CONTINUE != (F_PAGE if is_page else F_ZERO):
            raise BERError(element.start, "flags %#x do not fit the body" % flags)
        if bool(flags & F_CONTINUE) != (name is None):
            raise BERError(element.start, "name and flags %#x" % flags)
        if name is not None:
            self.block = text_of(name, 1, 255)
            self.out += counted(self.block)
        self.check_place(element, self.block, address, PAGE_SIZE)
        if is_page:
            page = body.string()
            if len(page) != PAGE_SIZE:
                raise BERError(body.start, "a page of %d octets" % len(page))
            self.out += page
            self.entries["page"] += 1
        else:
            self.out.append(in_range(body, 0, 255))
            self.entries["compr"] += 1

    # Devices

    def entries_of(self, element, layouts):
        """VMState: the values, then at most one list of subsections."""
        children = children_of(element)
        values = [layout for layout in layouts if layout.kind != SUBSECTION]
        inner = layouts[len(values):]
        if any(layout.kind != SUBSECTION for layout in inner):
            raise BERError(element.start, "fields behind subsections")
        if len(children) != len(values) + (1 if inner else 0):
            raise BERError(element.start, "%d entries, %d layouts" % (
                len(children), len(layouts)))
        for child, layout in zip(children, values):
            self.entry(child, layout)
        if not inner:
            return
        sections = children_of(children[-1], SUB_SEC_LIST)
        if len(sections) != len(inner):
            raise BERError(element.start, "subsections and layouts")
        for section, layout in zip(sections, inner):
            if section.tag != SUB_SECTION:
                raise BERError(section.start, "%r is no subsection" % section)
            parts = Parts(section)
            name = parts.name()
            if name != layout.name:
                raise BERError(section.start, "the layout names another subsection")
            self.out += b"\x05" + counted(name) + struct.pack(">I", parts.uint32())
            self.entries_of(parts.take(SEQUENCE), layout.children)
            parts.done()

    def entry(self, element, layout):
        kind = layout.kind
        out = self.out
        if kind < 8 or kind == BOOL or kind in LITTLE_ENDIAN:
            self.scalar(element, kind)
        elif kind == SCALAR_ARRAY:
            for child in children_of(element):
                self.scalar(child, layout.element)
        elif kind in (BLOB, TEXT, BUFFER):
            if element.tag != OCTET_STRING:
                raise BERError(element.start, "%r is no oldblob" % element)
            out += counted(element.string()) if kind == TEXT else element.string()
        elif kind == ABSENT:
            if children_of(element):
                raise BERError(element.start, "what is absent holds something")
            out.append(0x30)
        elif kind == STRUCT:
            self.entries_of(element, layout.children)
        else:
            children = children_of(element)
            if len(children) != len(layout.children):
                raise BERError(element.start, "%d elements, %d layouts" % (
                    len(children), len(layout.children)))
            if kind == TREE:
                out += struct.pack(">I", len(children) // 2)
            for number, (child, inner) in enumerate(zip(children, layout.children)):
                if kind == LIST or kind == TREE and number % 2 == 0:
                    out.append(1)
                self.entry(child, inner)
            if kind in (LIST, TREE):
                out.append(0)

    def scalar(self, element, kind):
        if kind == BOOL:
            if element.tag != BOOLEAN:
                raise BERError(element.start, "%r is no bool" % element)
            self.out.append(1 if element.boolean() else 0)
            return
        if element.tag != INTEGER:
            raise BERError(element.start, "%r is no int" % element)
        width, signed = SCALARS[kind] if kind < 8 else (LITTLE_ENDIAN[kind], False)
        order = "little" if kind in LITTLE_ENDIAN else "big"
        try:
            self.out += element.integer().to_bytes(width, order, signed=signed)
        except OverflowError:
            raise BERError(element.start, "the value is out of range") from None


class Version4Parts:
    """Components of a version 4 element whose own header an annotation leaves out."""

    def __init__(self, octets, tag=SEQUENCE):
        self.tag = tag
        self.constructed = True
        self.start, self.body, self.end = 0, 0, len(octets)
        self.children = ber.parse(octets)

    def __repr__(self):
        return "an annotation's contents"


def single(octets, tag):
    elements = ber.parse(octets)
    if len(elements) != 1 or elements[0].tag != tag:
        raise BERError(0, "an annotation with something else than %s" % ber.tag_text(tag))
    return elements[0]


# Elements that can't know their length when they begin.
INDEFINITE = {QEMU_FILE, SEQUENCE, SEC_FULL, SEC_MIN, RAM_SECTION, OCTET_STRING}


def main():
    with open(sys.argv[1], "rb") as file:
        data = file.read()
    try:
        sys.stdout.buffer.write(DecoderV3(data).decode())
    except BERError as error:
        sys.exit("%s: %s" % (sys.argv[1], error))


if __name__ == "__main__":
    main()
