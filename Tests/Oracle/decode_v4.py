#!/usr/bin/env python3
"""An independent decoder of version 4 files: BER in, QEMU's binary stream out.

Written from Schemas/qemu-v4.asn and what its comments say, to be read beside it: a method for each
type of the schema, in its order. It checks what it reads: every tag, order and range, the
checkpoints, the index.

    decode_v4.py FILE.ber > FILE.mig
"""

import struct
import sys

import ber
import decode_container
import iterators
import totals
from ber import APPLICATION, BOOLEAN, CONTEXT, INTEGER, NULL, OCTET_STRING, SEQUENCE, UTF8_STRING
from ber import BERError, tag_text
from crc32c import crc32c


def application(number):
    return (APPLICATION, number)


def context(number):
    return (CONTEXT, number)


QEMU_FILE = application(1270481)
SEC_START, SEC_PART, SEC_END, SEC_FULL = map(application, (10708, 10324, 8910, 2003))
RAM_SECTION, RAM_BLOCK_LIST, RAM_PAGES = map(application, (9810, 8018, 10311))
HOOK, FLUSH, CUT, XBZRLE, ZLIB = map(application, (9295, 9036, 8660, 11330, 8666))
DEVICE_STATE, SUB_SEC_LIST, SUB_SECTION = map(application, (8790, 10700, 10707))
CONFIGURATION, COMMAND, END_OF_STREAM = map(application, (8646, 8653, 8902))
DESCRIPTION, RAW_BYTES, CHECKPOINT, INDEX = map(application, (11076, 10583, 8651, 9432))
MAPPED, MAPPED_BLOCK, BITMAP, GAP, STORED = map(application, (9940, 9922, 8525, 9168, 10704))
PACKED = application(8655)
ARRAY, REPEAT, UINT8S = map(context, (9, 12, 13))

# Flags of a RAM record in the binary stream.
F_ZERO, F_MEM_SIZE, F_PAGE, F_EOS, F_CONTINUE = 0x02, 0x04, 0x08, 0x10, 0x20
F_XBZRLE, F_HOOK, F_ZLIB, F_FLUSH = 0x40, 0x80, 0x100, 0x200

LIMIT = 1 << 32  # octets of a stream that are made from few: runs


class Parts:
    """The components of a SEQUENCE, taken in order."""

    def __init__(self, element, tag=None):
        if not element.constructed:
            raise BERError(element.start, "%r is primitive" % element)
        if tag is not None and element.tag != tag:
            raise BERError(element.start, "%r where %s is due" % (element, tag_text(tag)))
        self.element = element
        self.at = 0

    def peek(self):
        children = self.element.children
        return children[self.at].tag if self.at < len(children) else None

    def take(self, *tags):
        """The next component, which has one of these tags (any, if none are given)."""
        children = self.element.children
        if self.at == len(children):
            raise BERError(self.element.end, "%r lacks a component" % self.element)
        child = children[self.at]
        if tags and child.tag not in tags:
            raise BERError(child.start, "%r where %s is due" % (
                child, " or ".join(map(tag_text, tags))))
        self.at += 1
        return child

    def maybe(self, tag):
        return self.take() if self.peek() == tag else None

    def number(self, low, high, tag=INTEGER):
        return in_range(self.take(tag), low, high)

    def uint32(self):
        return self.number(0, 0xFFFFFFFF)

    def text(self, low, high):
        return text_of(self.take(UTF8_STRING), low, high)

    def name(self):
        return self.text(1, 255)

    def done(self):
        children = self.element.children
        if self.at < len(children):
            raise BERError(children[self.at].start, "%r behind the last component of %r" % (
                children[self.at], self.element))


def in_range(element, low, high):
    value = element.integer()
    if value < low or (high is not None and value > high):
        raise BERError(element.start, "%d is out of range" % value)
    return value


def text_of(element, low, high):
    octets = element.string()
    try:
        count = len(octets.decode("utf-8"))
    except UnicodeDecodeError:
        raise BERError(element.start, "not UTF-8") from None
    # SIZE counts characters; the stream's counted strings have a size octet.
    if not low <= count or (high is not None and len(octets) > high):
        raise BERError(element.start, "a string of %d octets" % len(octets))
    return octets


def children_of(element, tag=SEQUENCE):
    if element.tag != tag or not element.constructed:
        raise BERError(element.start, "%r where %s is due" % (element, tag_text(tag)))
    return element.children


class Group:
    """What a group of pages cost, here and there; for measuring."""

    __slots__ = ("element", "block", "spelled", "page_size", "entries", "binary")

    def __init__(self, element, block, spelled, page_size):
        self.element, self.block = element, block
        self.spelled, self.page_size = spelled, page_size
        self.entries = []  # (kind, octets in the file, pages, octets in the stream)
        self.binary = 0


class Mapped:
    """A mapped block: what its bitmap says, and the pages that stand in their places."""

    def __init__(self, name, length, address, page_size, bitmap, pages):
        self.name, self.length, self.address = name, length, address
        self.page_size, self.bitmap_offset, self.pages_offset = page_size, bitmap, pages
        self.bits = bytearray()
        self.gap = bytearray()
        self.stored = {}  # page number: octets
        self.part = None
        self.end = 0  # of what was told of that part

    def is_set(self, page):
        return self.bits[page >> 3] >> (page & 7) & 1 != 0


class Section:
    """Where a section stands, in the file and in the stream; for measuring and comparing."""

    __slots__ = ("kind", "id", "name", "instance", "version", "contents", "footer", "element",
                 "state", "start", "end")


class DecoderV4:
    """Decodes one file. Afterwards `out` is the stream; the rest is for those who ask."""

    def __init__(self, data):
        self.data = data
        self.out = bytearray()
        self.sections = []
        self.groups = []
        self.block_lists = []
        self.mapped = []  # mapped blocks
        self.mapped_left = None
        self.mapped_base = None
        self.items = {}  # offset: element, of items and of groups of pages
        self.checkpoints = []
        self.index = None
        self.totals = None  # the index's element
        self.undescribed = []  # groups behind an index entry without a block
        self.unchecked_from = 0
        self.names = {}  # of sections under way, by id
        self.container = None  # the file that the stream came in, where it is kept

    def decode(self):
        roots = ber.parse(self.data)
        if len(roots) != 1 or roots[0].tag != QEMU_FILE:
            raise BERError(0, "not one QemuFile")
        parts = Parts(roots[0])
        parts.number(4, 4)
        self.stream_info(parts.take(SEQUENCE))
        top = parts.take(SEQUENCE)
        parts.done()
        for item in children_of(top):
            if self.index is not None:
                raise BERError(item.start, "something stands behind the index")
            self.item(item)
        for group in self.groups:
            self.items[group.element.start] = group.element
        if self.index is not None:
            self.check_index()
            groups = {group.element.start: group for group in self.groups}
            happened = totals.events(top.children, iter(self.block_lists), groups)
            totals.check(self.totals, Parts, happened, top.start)
        return bytes(self.out)

    # Stream

    def stream_info(self, element):
        parts = Parts(element)
        version = parts.uint32()
        self.producer = parts.text(0, None)
        offset = parts.maybe(context(0))
        if offset is not None:
            self.out += bytes(in_range(offset, 0, LIMIT))
        container = parts.maybe(context(2))
        if container is not None:
            self.container = decode_container.read(container, Parts)
        parts.done()
        self.out += b"QEVM" + struct.pack(">I", version)

    def item(self, element):
        kinds = {
            CONFIGURATION: self.configuration, SEC_START: self.section, SEC_PART: self.section,
            SEC_END: self.section, SEC_FULL: self.section, COMMAND: self.command,
            END_OF_STREAM: self.end_of_stream, DESCRIPTION: self.description,
            RAW_BYTES: self.raw, PACKED: self.packed, CHECKPOINT: self.checkpoint, INDEX: self.read_index}
        if element.tag not in kinds:
            raise BERError(element.start, "%r is no item" % element)
        self.items[element.start] = element
        kinds[element.tag](element)

    def packed(self, element):
        if self.container is None or self.container.packed is not None:
            raise BERError(element.start, "packed octets of no container, or twice")
        self.container.packed = decode_container.read_packed(element, Parts(element))

    def section(self, element):
        kind = {SEC_START: 1, SEC_PART: 2, SEC_END: 3, SEC_FULL: 4}[element.tag]
        parts = Parts(element)
        section = Section()
        section.element, section.kind, section.start = element, kind, len(self.out)
        section.id = parts.uint32()
        self.out += struct.pack(">BI", kind, section.id)
        if kind in (1, 4):
            section.name, section.instance, section.version = (
                parts.name(), parts.uint32(), parts.uint32())
            self.out += counted(section.name)
            self.out += struct.pack(">II", section.instance, section.version)
            self.names[section.id] = section.name
        else:
            section.name, section.instance, section.version = self.names.get(section.id), None, None
        contents = parts.take(RAM_SECTION, DEVICE_STATE, OCTET_STRING, *iterators.KINDS)
        section.contents = {RAM_SECTION: "ram", DEVICE_STATE: "device", OCTET_STRING: "opaque"}.get(
            contents.tag, "iterator")
        section.state = contents
        if section.contents == "ram":
            self.ram_section(contents)
        elif section.contents == "device":
            self.struct(contents)
        elif section.contents == "iterator":
            self.out += iterators.octets(contents, self, section)
        else:
            self.out += contents.string()
        section.footer = parts.take(BOOLEAN).boolean()
        parts.done()
        if section.footer:
            self.out += struct.pack(">BI", 0x7E, section.id)
        section.end = len(self.out)
        self.sections.append(section)

    # RAM

    def ram_section(self, element):
        is_cut = self.ram_records(element)
        self.end_mapped_list(element)
        if not is_cut:
            self.word(0, F_EOS)

    def ram_records(self, element):
        """Gives whether the records end in a cut."""
        is_cut = False
        for record in children_of(element, RAM_SECTION):
            if is_cut:
                raise BERError(record.start, "a record behind the cut")
            if record.tag == RAM_BLOCK_LIST:
                self.block_list(record)
            elif record.tag == RAM_PAGES:
                self.pages(record)
            elif record.tag in (MAPPED, MAPPED_BLOCK, BITMAP, GAP, STORED):
                self.mapped_record(record)
            elif record.tag == HOOK:
                record.null()
                self.word(0, F_HOOK)
            elif record.tag == FLUSH:
                record.null()
                self.word(0, F_FLUSH)
            elif record.tag == CUT:
                self.out += record.string()
                is_cut = True
            elif record.tag == CHECKPOINT:
                self.checkpoint(record)
            else:
                raise BERError(record.start, "%r is no RAM record" % record)
        return is_cut

    # mapped-ram: a block's bitmap, gap and pages are collected, and written when they are complete.

    def mapped_record(self, element):
        if element.tag == MAPPED:
            self.end_mapped_list(element)
            self.mapped_left = in_range(element, 0, 2**64 - 1)
            self.mapped_base = None
            self.word(self.mapped_left, F_MEM_SIZE)
            self.block_lists.append([])
        elif element.tag == MAPPED_BLOCK:
            self.mapped_block(element)
        elif self.mapped_left is None or not self.mapped:
            raise BERError(element.start, "no mapped block before")
        elif element.tag == STORED:
            self.stored_pages(element)
        else:
            self.mapped_octets(element)

    def mapped_block(self, element):
        parts = Parts(element)
        name = parts.name()
        length = parts.number(0, 2**64 - 1)
        address = parts.maybe(context(1))
        if address is not None:
            address = in_range(address, 0, 2**64 - 1)
        page_size = parts.uint32()
        bitmap, pages = parts.number(0, 2**64 - 1), parts.number(0, 2**64 - 1)
        parts.done()
        if self.mapped_left is None or length > self.mapped_left or length > LIMIT:
            raise BERError(element.start, "more blocks than the total")
        if page_size & page_size - 1 or not page_size or length % page_size:
            raise BERError(element.start, "pages of %d octets" % page_size)
        self.end_mapped_block()
        self.mapped_left -= length
        self.items[element.start] = element
        self.out += counted(name) + struct.pack(">Q", length)
        if address is not None:
            self.out += struct.pack(">Q", address)
        self.out += struct.pack(">IQQQ", 1, page_size, bitmap, pages)
        block = Mapped(name, length, address, page_size, bitmap, pages)
        self.mapped.append(block)
        self.block_lists[-1].append((name, length))
        if bitmap == pages == 0:
            return
        # Every offset counts from the same place.
        base = bitmap - len(self.out)
        if base < 0 or self.mapped_base not in (None, base):
            raise BERError(element.start, "the bitmap is not behind its header")
        self.mapped_base = base
        size = (length // page_size + 63) // 64 * 8
        if pages % page_size or pages < bitmap + size or pages - bitmap > LIMIT:
            raise BERError(element.start, "the pages stand at %#x" % pages)
        block.bits = bytearray(size)
        block.gap = bytearray(pages - bitmap - size)

    def ascend(self, element, part, start, end):
        """The parts of a block come in order, and each ascends."""
        block = self.mapped[-1]
        order = (None, BITMAP, GAP, STORED)
        if order.index(part) < order.index(block.part):
            raise BERError(element.start, "%r comes too late" % element)
        if part != block.part:
            block.part, block.end = part, 0
        if start < block.end:
            raise BERError(element.start, "%#x behind %#x" % (start, block.end))
        block.end = end

    def mapped_octets(self, element):
        parts = Parts(element)
        block = self.mapped[-1]
        if parts.name() != block.name:
            raise BERError(element.start, "another block's")
        start = at = parts.number(0, 2**64 - 1)
        runs = children_of(parts.take(SEQUENCE))
        parts.done()
        part = block.bits if element.tag == BITMAP else block.gap
        for run in runs:
            if run.tag == OCTET_STRING:
                octets = run.string()
            elif run.tag == context(0):
                octets = bytes(in_range(run, 1, len(part)))
            elif run.tag == context(2):
                fill = Parts(run)
                value = fill.number(0, 255)
                octets = bytes([value]) * fill.number(1, len(part))
                fill.done()
            else:
                raise BERError(run.start, "%r is no run" % run)
            if at + len(octets) > len(part):
                raise BERError(run.start, "octets beyond their part")
            part[at:at + len(octets)] = octets
            at += len(octets)
        self.ascend(element, element.tag, start, at)

    def stored_pages(self, element):
        parts = Parts(element)
        block = self.mapped[-1]
        name, size = parts.name(), parts.uint32()
        address = parts.number(0, 2**64 - 1)
        entries = children_of(parts.take(SEQUENCE))
        parts.done()
        if name != block.name or size != block.page_size or address % size:
            raise BERError(element.start, "not a place in the block")
        if block.bitmap_offset == block.pages_offset == 0:
            raise BERError(element.start, "the block's pages are elsewhere")
        group = Group(element, name, False, size)
        self.groups.append(group)
        start = address
        for entry in entries:
            count = 1
            if entry.tag == OCTET_STRING:
                content = entry.string()
                count, rest = divmod(len(content), size)
                if rest or not count or address + len(content) > block.length:
                    raise BERError(entry.start, "no whole pages in the block")
                for number in range(count):
                    page = content[number * size:number * size + size]
                    block.stored[address // size + number] = page
                group.entries.append(("stored", entry.size(), count, len(content), address))
                group.binary += len(content)
            elif entry.tag == context(1):
                count = in_range(entry, 1, None)
                group.entries.append(("skip", entry.size(), count, 0, address))
            else:
                raise BERError(entry.start, "%r is no stored page" % entry)
            address += count * size
        self.ascend(element, STORED, start, address)

    def end_mapped_block(self):
        """Puts the block that is complete into the stream."""
        if not self.mapped or self.mapped[-1].part == "written":
            return
        block = self.mapped[-1]
        block.part = "written"
        if block.bitmap_offset == block.pages_offset == 0:
            return
        self.out += block.bits + block.gap
        start = len(self.out)
        self.out += bytes(block.length)
        for page, octets in block.stored.items():
            at = start + page * block.page_size
            self.out[at:at + block.page_size] = octets

    def end_mapped_list(self, element):
        self.end_mapped_block()
        if self.mapped_left:
            raise BERError(element.start, "%d octets of blocks are missing" % self.mapped_left)
        self.mapped_left = None

    def word(self, address, flags):
        self.out += struct.pack(">Q", address | flags)

    def block_list(self, element):
        blocks = []
        octets = b""
        for child in children_of(element, RAM_BLOCK_LIST):
            parts = Parts(child, SEQUENCE)
            name = parts.name()
            length = parts.number(0, 2**64 - 1)
            octets += counted(name) + struct.pack(">Q", length)
            blocks.append((name, length))
            for tag in (context(0), context(1)):
                extra = parts.maybe(tag)
                if extra is not None:
                    octets += struct.pack(">Q", in_range(extra, 0, 2**64 - 1))
            parts.done()
        self.word(sum(length for _, length in blocks), F_MEM_SIZE)
        self.out += octets
        self.block_lists.append(blocks)

    def check_place(self, element, block, address, size):
        """A page lies in a block of the list, at a multiple of its size."""
        length = dict(self.block_lists[-1] if self.block_lists else []).get(block)
        if length is None:
            raise BERError(element.start, "no block %r" % block)
        if not 0 <= address <= length - size or address % size:
            raise BERError(element.start, "a page at %#x of %r" % (address, block))

    def pages(self, element):
        parts = Parts(element)
        block = parts.name()
        spelled = parts.take(BOOLEAN).boolean()
        size = parts.uint32()
        address = parts.number(0, 2**64 - 1)
        entries = parts.take(SEQUENCE)
        parts.done()
        if size == 0 or size & size - 1:
            raise BERError(element.start, "a page of %d octets" % size)
        group = Group(element, block, spelled, size)
        self.groups.append(group)
        out = self.out
        start = len(out)
        first = counted(block) if spelled else b""
        is_first = True

        def record(address, flags, rest):
            """One record. Only the group's first may name the block; the others continue."""
            nonlocal is_first
            named = is_first and spelled
            out.extend(struct.pack(">Q", address | flags | (0 if named else F_CONTINUE)))
            if named:
                out.extend(first)
            is_first = False
            out.extend(rest)

        def run(element):
            """A number of pages, which has to leave the output in bounds."""
            count = in_range(element, 1, None)
            if count > LIMIT // 9 or len(out) > LIMIT:
                raise BERError(element.start, "%d pages are more than this decoder makes" % count)
            return count

        for entry in children_of(entries):
            before = len(out)
            count = 1
            if entry.tag == OCTET_STRING:
                kind = "full"
                content = entry.string()
                count, rest = divmod(len(content), size)
                if rest or not count:
                    raise BERError(entry.start, "no whole pages")
                for number in range(count):
                    record(address + number * size, F_PAGE,
                           content[number * size:number * size + size])
            elif entry.tag == context(0):
                kind = "zero"
                count = run(entry)
                for number in range(count):
                    record(address + number * size, F_ZERO, b"\0")
            elif entry.tag == context(1):
                kind = "skip"
                count = entry.integer()
            elif entry.tag == context(2):
                kind = "fill"
                fill = Parts(entry)
                value, count = fill.number(0, 255), run(fill.take(INTEGER))
                fill.done()
                for number in range(count):
                    record(address + number * size, F_ZERO, bytes([value]))
            elif entry.tag == XBZRLE:
                kind = "xbzrle"
                content = entry.string()
                record(address, F_XBZRLE, struct.pack(">BH", 1, len(content)) + content)
            elif entry.tag == ZLIB:
                kind = "zlib"
                content = entry.string()
                record(address, F_ZLIB, struct.pack(">I", len(content)) + content)
            else:
                raise BERError(entry.start, "%r is no entry of a group" % entry)
            if kind != "skip":
                self.check_place(entry, block, address, size)
                self.check_place(entry, block, address + (count - 1) * size, size)
            group.entries.append((kind, entry.size(), count, len(out) - before, address))
            address += count * size
        group.binary = len(out) - start

    # Devices

    def struct(self, element):
        """DeviceState or DeviceStruct: fields, then subsections."""
        parts = Parts(element)
        self.fields(parts)
        parts.done()

    def fields(self, parts):
        for field in children_of(parts.take(SEQUENCE)):
            pair = Parts(field, SEQUENCE)
            pair.name()
            self.value(pair.take())
            pair.done()
        self.subsections(parts)

    def subsections(self, parts):
        sections = parts.maybe(SUB_SEC_LIST)
        if sections is None:
            return
        for child in children_of(sections, SUB_SEC_LIST):
            if child.tag != SUB_SECTION:
                raise BERError(child.start, "%r is no subsection" % child)
            inner = Parts(child)
            name = inner.name()
            self.out += b"\x05" + counted(name) + struct.pack(">I", inner.uint32())
            self.fields(inner)
            inner.done()

    SCALARS = {context(number): (width, signed) for number, (width, signed) in enumerate(
        [(1, False), (2, False), (4, False), (8, False), (1, True), (2, True), (4, True),
         (8, True)])}
    LITTLE_ENDIAN = {context(15): 2, context(16): 4, context(17): 8}

    def value(self, element):
        tag = element.tag
        out = self.out
        if tag in self.SCALARS:
            width, signed = self.SCALARS[tag]
            try:
                out += element.integer().to_bytes(width, "big", signed=signed)
            except OverflowError:
                raise BERError(element.start, "the value is out of range") from None
        elif tag == BOOLEAN:
            out.append(1 if element.boolean() else 0)
        elif tag in self.LITTLE_ENDIAN:
            try:
                out += element.integer().to_bytes(self.LITTLE_ENDIAN[tag], "little")
            except OverflowError:
                raise BERError(element.start, "the value is out of range") from None
        elif tag in (OCTET_STRING, context(14)):
            out += element.string()
        elif tag == UTF8_STRING:
            out += counted(text_of(element, 0, 255))
        elif tag == NULL:
            element.null()
            out.append(0x30)
        elif tag == context(8):
            self.struct(element)
        elif tag == ARRAY:
            for child in children_of(element, tag):
                if child.tag == REPEAT:
                    self.repeat(child)
                else:
                    self.value(child)
        elif tag == UINT8S:
            out += element.string()
        elif tag == context(10):
            for child in children_of(element, tag):
                out.append(1)
                self.value(child)
            out.append(0)
        elif tag == context(11):
            entries = children_of(element, tag)
            out += struct.pack(">I", len(entries))
            for entry in entries:
                pair = Parts(entry, SEQUENCE)
                out.append(1)
                self.value(pair.take())
                self.value(pair.take())
                pair.done()
            out.append(0)
        else:
            raise BERError(element.start, "%r is no value" % element)

    def repeat(self, element):
        """A run of equal elements, in an array."""
        parts = Parts(element)
        count = parts.number(1, LIMIT // 8)
        value = parts.take()
        parts.done()
        start = len(self.out)
        self.value(value)
        self.out += self.out[start:] * (count - 1)

    # The rest of a stream

    def configuration(self, element):
        parts = Parts(element)
        machine = parts.text(0, None)
        self.out += struct.pack(">BI", 7, len(machine)) + machine
        self.subsections(parts)
        parts.done()

    def command(self, element):
        parts = Parts(element)
        code = parts.number(0, 65535)
        payload = parts.take(OCTET_STRING, UTF8_STRING, *map(context, range(4)))
        parts.done()
        if payload.tag != context(0):
            octets = self.command_payload(code, payload)
            self.out += struct.pack(">BHH", 8, code, len(octets)) + octets
            return
        inner = Parts(payload)
        length = inner.uint32()
        items = inner.take(SEQUENCE)
        inner.done()
        self.out += struct.pack(">BHHI", 8, code, 4, length)
        start = len(self.out)
        for item in children_of(items):
            self.item(item)
        if len(self.out) - start != length:
            raise BERError(payload.start, "a package of %d octets says %d" % (
                len(self.out) - start, length))

    @staticmethod
    def command_payload(code, payload):
        """The octets of a payload that is no package."""
        if payload.tag == OCTET_STRING:
            return payload.string()
        if payload.tag == context(1):
            known, octets = 2, struct.pack(">I", in_range(payload, 0, 2**32 - 1))
        elif payload.tag == context(2):
            inner = Parts(payload)
            known, octets = 3, struct.pack(">QQ", *(inner.number(0, 2**64 - 1) for _ in range(2)))
            inner.done()
        elif payload.tag == context(3):
            inner = Parts(payload)
            name = inner.text(1, 255)
            known, octets = 6, struct.pack(">BB", 0, len(name)) + name + b"\0"
            for entry in children_of(inner.take(SEQUENCE)):
                numbers = Parts(entry)
                octets += struct.pack(">QQ", *(numbers.number(0, 2**64 - 1) for _ in range(2)))
                numbers.done()
            inner.done()
        else:
            name = text_of(payload, 1, 255)
            known, octets = 10, struct.pack(">B", len(name)) + name
        if known != code:
            raise BERError(payload.start, "the payload of command %d for %d" % (known, code))
        return octets

    def end_of_stream(self, element):
        element.null()
        self.out.append(0)

    def description(self, element):
        octets = element.string()
        self.out += struct.pack(">BI", 6, len(octets)) + octets

    def raw(self, element):
        self.out += element.string()

    # Checkpoints and index

    def checkpoint(self, element):
        expected = crc32c(self.data[self.unchecked_from:element.start])
        if element.primitive() != struct.pack(">I", expected):
            raise BERError(element.start, "the checkpoint has %s instead of %08x" % (
                element.content().hex(), expected))
        self.unchecked_from = element.after
        self.checkpoints.append(element)

    def read_index(self, element):
        parts = Parts(element)
        self.index = []
        for child in children_of(parts.take(SEQUENCE)):
            entry = Parts(child, SEQUENCE)
            offset = entry.number(0, 2**64 - 1)
            block = entry.maybe(UTF8_STRING)
            first, last = entry.maybe(context(0)), entry.maybe(context(1))
            entry.done()
            if (first is None) != (last is None) or block is None and first is not None:
                raise BERError(child.start, "addr and last come together, with a block")
            if block is None:
                self.index.append((child, offset, None, None, None))
            elif first is None:
                self.index.append((child, offset, text_of(block, 1, 255), None, None))
            else:
                self.index.append((child, offset, text_of(block, 1, 255),
                                   in_range(first, 0, 2**64 - 1), in_range(last, 0, 2**64 - 1)))
        self.totals = parts.maybe(context(0))
        crc = parts.take(OCTET_STRING)
        here = parts.take(OCTET_STRING)
        parts.done()
        expected = crc32c(self.data[element.start:crc.start])
        if crc.primitive() != struct.pack(">I", expected):
            raise BERError(crc.start, "the index's CRC is %s instead of %08x" % (
                crc.content().hex(), expected))
        if here.primitive() != struct.pack(">Q", element.start):
            raise BERError(here.start, "the index stands elsewhere")

    def check_index(self):
        """Each entry leads to an item or to groups as promised.

        An entry with a block covers the groups from its offset to the next entry's. One without
        promises nothing of pages: groups behind it are `undescribed`, which may only happen where
        an index grew too long and was thinned."""
        groups = {group.element.start: group for group in self.groups}
        offsets = [entry[1] for entry in self.index]
        if any(a >= b for a, b in zip(offsets, offsets[1:])):
            raise BERError(self.index[0][0].start, "the index is not in the file's order")
        starts = sorted(groups)
        at = 0
        for number, (element, offset, block, first, last) in enumerate(self.index):
            end = offsets[number + 1] if number + 1 < len(offsets) else len(self.data)
            while at < len(starts) and starts[at] < offset:
                raise BERError(starts[at], "a group that no entry leads to")
            covered = []
            while at < len(starts) and starts[at] < end:
                covered.append(groups[starts[at]])
                at += 1
            if offset not in self.items:
                raise BERError(element.start, "nothing begins at %#x" % offset)
            if block is None:
                self.undescribed += covered
                continue
            if first is None:
                head = self.items[offset]
                if head.tag != MAPPED_BLOCK or covered or (
                        text_of(head.children[0], 1, 255) != block):
                    raise BERError(element.start, "no head of that block at %#x" % offset)
                continue
            if not covered or covered[0].element.start != offset:
                raise BERError(element.start, "no group begins at %#x" % offset)
            extents = [extent(group) for group in covered]
            if any(group.block != block for group in covered):
                raise BERError(element.start, "a group of another block")
            low, high = min(e[0] for e in extents), max(e[1] for e in extents)
            if (low, high) != (first, last):
                raise BERError(element.start, "pages %#x to %#x instead of %#x to %#x" % (
                    first, last, low, high))
        if at < len(starts):
            raise BERError(starts[at], "a group that no entry leads to")


def extent(group):
    """First octet of the lowest page and of the highest of a group."""
    low = high = None
    for kind, _, count, _, address in group.entries:
        if kind == "skip":
            continue
        end = address + (count - 1) * group.page_size
        low = address if low is None else min(low, address)
        high = end if high is None else max(high, end)
    return low, high


def counted(octets):
    return bytes([len(octets)]) + octets


# The elements that can't know their length when they begin: the file, top, a section and its
# contents, opaque contents in segments, a package and its items.
INDEFINITE = set(iterators.KINDS) | {QEMU_FILE, SEQUENCE, SEC_START, SEC_PART, SEC_END, SEC_FULL, RAM_SECTION,
              OCTET_STRING, COMMAND, context(0), RAW_BYTES}


def main():
    with open(sys.argv[1], "rb") as file:
        data = file.read()
    try:
        sys.stdout.buffer.write(DecoderV4(data).decode())
    except BERError as error:
        sys.exit("%s: %s" % (sys.argv[1], error))


if __name__ == "__main__":
    main()
