#!/usr/bin/env python3
"""An independent decoder of the channels in version 4 files: BER in, each channel's octets out.

Written from Schemas/qemu-v4.asn, to be read beside it, and from QEMU's structures for the wire. What
the pages in all channels make of the guest's memory is kept besides, as `effects`, for
guest_memory.py.

    decode_channels.py FILE.ber MAIN CHANNEL...      (MAIN may be /dev/null)
"""

import struct
import sys

from ber import BOOLEAN, INTEGER, OCTET_STRING, SEQUENCE, UTF8_STRING, BERError
from decode_v4 import (CHECKPOINT, CUT, F_EOS, F_FLUSH, RAM_PAGES, XBZRLE, ZLIB, DecoderV4, Group,
                       Parts, application, children_of, context, counted, in_range, text_of)

MULTIFD, MULTIFD_PAGES, MULTIFD_DEVICE = map(application, (9926, 10315, 8784))
PREEMPT, RETURN_PATH, CONTINUED, CPR = map(application, (10309, 10576, 8654, 8656))

MAGIC = b"\x11\x22\x33\x44\0\0\0\1"
SYNC, METHODS, DEVICE_STATE = 0x01, 0x3E, 0x40
RUN_LIMIT = 1 << 24


class Effect:
    """A page in some channel: what it does to the memory, and when.

    `channel` is 0 for the main one. `epoch` counts the marks of synchronization before it in its
    channel; in the main one it is a pair, of records and of sections' ends."""

    __slots__ = ("channel", "epoch", "number", "kind", "block", "offset", "size", "content")

    def __init__(self, channel, epoch, number, kind, block, offset, size, content):
        self.channel, self.epoch, self.number, self.kind = channel, epoch, number, kind
        self.block, self.offset, self.size, self.content = block, offset, size, content


def entries_of(element):
    """block, spelled, page size and (kind, offset, content) of each page of a RAMPages."""
    parts = Parts(element)
    block = parts.name()
    spelled = parts.take(BOOLEAN).boolean()
    size = parts.uint32()
    address = parts.number(0, 2**64 - 1)
    pages = []
    for entry in children_of(parts.take(SEQUENCE)):
        kind, count, content = "zero", 1, None
        if entry.tag == OCTET_STRING:
            kind, content = "full", entry.string()
            count, rest = divmod(len(content), size)
            if rest or not count:
                raise BERError(entry.start, "no whole pages")
        elif entry.tag == context(0):
            count = in_range(entry, 1, RUN_LIMIT)
        elif entry.tag == context(1):
            address += entry.integer() * size
            continue
        elif entry.tag == context(2):
            fill = Parts(entry)
            kind, content, count = "fill", fill.number(0, 255), fill.number(1, RUN_LIMIT)
            fill.done()
        elif entry.tag == context(3):
            kind, count = "packed", in_range(entry, 1, RUN_LIMIT)
        elif entry.tag in (XBZRLE, ZLIB):
            kind, content = "xbzrle" if entry.tag == XBZRLE else "zlib", entry.string()
        else:
            raise BERError(entry.start, "%r is no entry of a group" % entry)
        for number in range(count):
            own = content[number * size:number * size + size] if kind == "full" else content
            pages.append((kind, address + number * size, own, entry))
        address += count * size
    parts.done()
    return block, spelled, size, pages


class ChannelDecoder(DecoderV4):
    """`decode` gives the main channel's octets (none if there is none); `channels` the others'."""

    def __init__(self, data):
        super().__init__(data)
        self.channels = []  # (kind, octets)
        self.messages = []  # of return paths
        self.effects = []
        self.phases = {0: "main"}  # the channels' kinds, by number
        self.syncs = {}  # marks of synchronization, by channel
        self.methods = {}  # of compression, by channel
        self.packed = {}  # compressed data, by channel, in order
        self.number = 0
        self.marks = {}
        self.epoch = (0, 0)
        self.packet = 0

    def decode(self):
        main = super().decode()
        if self.expected is not None and self.expected != len(self.channels):
            raise BERError(0, "%d channels instead of %d" % (len(self.channels), self.expected))
        return main

    def stream_info(self, element):
        parts = Parts(element)
        version = parts.uint32()
        parts.text(0, None)
        offset, channels = parts.maybe(context(0)), parts.maybe(context(1))
        parts.done()
        self.expected = None if channels is None else in_range(channels, 1, 2**32 - 1)
        self.has_main = version != 0
        if self.has_main:
            self.out += bytes(in_range(offset, 0, 1 << 32) if offset is not None else 0)
            self.out += b"QEVM" + struct.pack(">I", version)

    # A page of the main channel, of a preempt channel or of a continued one.

    def pages(self, element):
        super().pages(element)
        block, _, size, pages = entries_of(element)
        for kind, offset, content, entry in pages:
            if kind == "packed":
                raise BERError(entry.start, "a packed page outside a packet")
            self.effect(kind, block, offset, size, content)

    def effect(self, kind, block, offset, size, content):
        self.effects.append(Effect(
            self.number, self.epoch, self.packet, kind, block, offset, size, content))

    def word(self, address, flags):
        """A record without a page. Those of the main channel at which the channels meet are counted:
        up to QEMU 8.0 each section's end is one, since then a record of its own."""
        super().word(address, flags)
        if self.number == 0:
            self.marks[flags] = self.marks.get(flags, 0) + 1
            self.epoch = (self.marks.get(F_FLUSH, 0), self.marks.get(F_EOS, 0))

    def check_place(self, element, block, address, size):
        if self.block_lists:
            super().check_place(element, block, address, size)

    def item(self, element):
        kinds = {
            MULTIFD: ("multifd", self.multifd), PREEMPT: ("preempt", self.preempt),
            RETURN_PATH: ("return-path", self.return_path), CONTINUED: ("continued", self.continued),
            CPR: ("cpr-state", self.cpr)}
        if element.tag not in kinds:
            return super().item(element)
        if self.number < 0:
            raise BERError(element.start, "a channel in a channel")
        self.items[element.start] = element
        kind, decode = kinds[element.tag]
        main, self.out = self.out, bytearray()
        self.number, self.epoch, self.packet = len(self.channels) + 1, 0, 0
        self.phases[self.number] = kind
        decode(element)
        self.channels.append((kind, bytes(self.out)))
        self.out, self.number = main, 0
        return None

    # multifd

    def multifd(self, element):
        parts = Parts(element)
        version = parts.uint32()
        uuid = parts.take(OCTET_STRING).string()
        number = parts.number(0, 255)
        reserved = parts.maybe(context(0))
        reserved = bytes(39) if reserved is None else reserved.string()
        if len(uuid) != 16 or len(reserved) != 39:
            raise BERError(element.start, "uuid or reserved of another size")
        self.out += b"\x11\x22\x33\x44" + struct.pack(">I", version) + uuid
        self.out += bytes([number]) + reserved
        for packet in children_of(parts.take(SEQUENCE)):
            if packet.tag == MULTIFD_PAGES:
                self.ram_packet(packet)
            elif packet.tag == MULTIFD_DEVICE:
                self.device_packet(packet)
            elif packet.tag == CHECKPOINT:
                self.checkpoint(packet)
            else:
                raise BERError(packet.start, "%r is no packet" % packet)
        parts.done()

    def ram_packet(self, element):
        parts = Parts(element)
        flags, number = parts.uint32(), parts.number(0, 2**64 - 1)
        room, size = parts.number(0, 1 << 16), parts.uint32()
        alloc, header = parts.maybe(context(0)), parts.maybe(context(1))
        alloc = room if alloc is None else in_range(alloc, 0, 2**32 - 1)
        head = bytearray(b"" if header is None else header.string())
        if len(head) > 320 + 8 * room:
            raise BERError(header.start, "more than a header")
        head += bytes(320 + 8 * room - len(head))
        pages, block, payload = [], None, b""
        group = parts.maybe(RAM_PAGES)
        if group is not None:
            block, spelled, page_size, pages = entries_of(group)
            if spelled:
                raise BERError(group.start, "a packet's group spells no name")
            self.note(group, block, page_size, pages)
        data = parts.maybe(context(2))
        parts.done()
        kinds = [kind for kind, _, _, _ in pages]
        normal = [kind for kind in kinds if kind != "zero"]
        if kinds != normal + ["zero"] * (len(kinds) - len(normal)):
            raise BERError(element.start, "a page of zeros before one with content")
        if len(kinds) > room or set(normal) - {"full" if data is None else "packed"}:
            raise BERError(element.start, "pages that a packet can't have")
        self.packet = number
        for kind, offset, content, _ in pages:
            self.effect(kind, block, offset, page_size, content)
        if data is not None:
            payload = data.string()
            self.methods[self.number] = flags & METHODS
            self.packed.setdefault(self.number, bytearray()).extend(payload)
        else:
            payload = b"".join(content for _, _, content, _ in pages if content is not None)
        if normal and len(payload) != size:
            raise BERError(element.start, "%d octets instead of %d" % (len(payload), size))
        struct.pack_into(">8sIIIIQI", head, 0, MAGIC, flags, alloc, len(normal), size, number,
                         len(kinds) - len(normal))
        if pages:
            struct.pack_into("%ds" % (len(block) + 1), head, 64, block + b"\0")
            struct.pack_into(">%dQ" % len(pages), head, 320, *(page[1] for page in pages))
        self.out += head + payload
        if flags & SYNC:
            self.epoch += 1
            self.syncs[self.number] = self.epoch

    def note(self, element, block, size, pages):
        """The group, for the index's check."""
        group = Group(element, block, False, size)
        for kind, offset, _, _ in pages:
            group.entries.append((kind, 0, 1, 0, offset))
        self.groups.append(group)

    def device_packet(self, element):
        parts = Parts(element)
        flags, name, instance, size = parts.uint32(), parts.name(), parts.uint32(), parts.uint32()
        header = parts.maybe(context(1))
        head = bytearray(b"" if header is None else header.string())
        if len(head) > 276:
            raise BERError(header.start, "more than a header")
        head += bytes(276 - len(head))
        data = parts.take(context(2)).string()
        parts.done()
        if len(data) != size:
            raise BERError(element.start, "%d octets instead of %d" % (len(data), size))
        struct.pack_into(">8sI%ds" % (len(name) + 1), head, 0, MAGIC, flags, name + b"\0")
        struct.pack_into(">II", head, 268, instance, size)
        self.out += head + data

    # Others

    def preempt(self, element):
        parts = Parts(element)
        is_cut = False
        for record in children_of(parts.take(SEQUENCE)):
            if is_cut:
                raise BERError(record.start, "a record behind the cut")
            if record.tag == RAM_PAGES:
                self.pages(record)
            elif record.tag == CUT:
                self.out += record.string()
                is_cut = True
            elif record.tag == CHECKPOINT:
                self.checkpoint(record)
            else:
                raise BERError(record.start, "%r is no page" % record)
        if parts.take(BOOLEAN).boolean():
            self.word(0, F_EOS)
        parts.done()

    def continued(self, element):
        number, self.number = self.number, -self.number
        for item in children_of(element, CONTINUED):
            self.item(item)
        for effect in self.effects:
            effect.channel = abs(effect.channel)
        self.number = number

    def return_path(self, element):
        words = {0: 1, 1: 2, 4: 6}  # alternatives that are a number: their type
        for message in children_of(element, RETURN_PATH):
            number = message.tag[1] if message.tag == context(message.tag[1]) else None
            if message.tag == CUT:
                self.out += message.string()
            elif message.tag == CHECKPOINT:
                self.checkpoint(message)
            elif number in words:
                value = in_range(message, 0, 2**32 - 1)
                self.out += struct.pack(">HHI", words[number], 4, value)
            elif number == 2:
                parts = Parts(message)
                start, length = parts.number(0, 2**64 - 1), parts.uint32()
                block = parts.maybe(UTF8_STRING)
                parts.done()
                body = struct.pack(">QI", start, length)
                if block is not None:
                    body += counted(text_of(block, 1, 255))
                self.out += struct.pack(">HH", 4 if block is None else 3, len(body)) + body
            elif number == 3:
                parts = Parts(message)
                name, size = counted(parts.name()), parts.number(0, 2**64 - 1)
                bits = parts.take(OCTET_STRING).string()
                is_whole = parts.take(BOOLEAN).boolean()
                parts.done()
                if is_whole and len(bits) != size:
                    raise BERError(message.start, "a bitmap of another size")
                self.out += struct.pack(">HH", 5, len(name)) + name + struct.pack(">Q", size) + bits
                if is_whole:
                    self.out += struct.pack(">Q", 0x0123456789ABCDEF)
            elif number == 5:
                message.null()
                self.out += struct.pack(">HH", 7, 0)
            elif number == 6:
                self.out += struct.pack(">I", in_range(message, 0, 6))
            elif number == 7:
                parts = Parts(message)
                kind, data = parts.number(0, 65535), parts.take(OCTET_STRING).string()
                parts.done()
                self.out += struct.pack(">HH", kind, len(data)) + data
            else:
                raise BERError(message.start, "%r is no message" % message)
            self.messages.append(message)

    def cpr(self, element):
        parts = Parts(element)
        self.out += b"QCPR" + struct.pack(">I", parts.uint32())
        fds = parts.maybe(SEQUENCE)
        if fds is not None:
            for child in children_of(fds):
                fd = Parts(child, SEQUENCE)
                name = fd.text(0, None) + b"\0"
                number = fd.number(-2**31, 2**31 - 1)
                own = fd.maybe(context(0))
                fd.done()
                self.out += b"\1" + struct.pack(">I", len(name)) + name + struct.pack(">i", number)
                self.out += b" " if own is None else struct.pack(
                    ">i", in_range(own, -2**31, 2**31 - 1))
            self.out += b"\0"
        rest = parts.maybe(context(0))
        parts.done()
        if rest is not None:
            self.out += rest.string()


def main():
    with open(sys.argv[1], "rb") as file:
        decoder = ChannelDecoder(file.read())
    try:
        octets = decoder.decode()
    except BERError as error:
        sys.exit("%s: %s" % (sys.argv[1], error))
    outputs = [octets] + [channel for _, channel in decoder.channels]
    if len(sys.argv) - 2 != len(outputs):
        sys.exit("%d outputs for %d" % (len(sys.argv) - 2, len(outputs)))
    for path, octets in zip(sys.argv[2:], outputs):
        with open(path, "wb") as file:
            file.write(octets)


if __name__ == "__main__":
    main()
