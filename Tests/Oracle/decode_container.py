"""The container that a version 4 file keeps: the schema's Container and PackedOctets, read strictly,
and the file that they make with the stream.

Written from Schemas/qemu-v4.asn and libvirt's description of its header."""

import struct

from ber import BOOLEAN, CONTEXT, OCTET_STRING, SEQUENCE, BERError
from crc32c import crc32c

HEADER = 92


class Container:
    """What is kept: `kind` is compressed, libvirt or snapshot; `head` stands before the stream or
    its packed octets; `packed` are those, if there are any."""

    def __init__(self, kind, name, head):
        self.kind, self.name, self.head = kind, name, head
        self.packed = None

    def file(self, stream):
        """The file that was encoded; None for a snapshot, whose image is not kept."""
        if self.kind == "snapshot":
            return None
        if self.packed is None:
            if self.kind == "compressed" or self.name not in (0, None):
                raise BERError(0, "the packed octets are missing")
            return self.head + stream
        length, check, octets = self.packed
        if length != len(stream) or check != struct.pack(">I", crc32c(stream)):
            raise BERError(0, "the packed octets are of another stream")
        return self.head + octets


def read(element, parts_of):
    """parts_of(element, tag) gives the components of a SEQUENCE or of the explicit tag."""
    inner = parts_of(element, (CONTEXT, 2))
    choice = inner.take((CONTEXT, 0), (CONTEXT, 1), (CONTEXT, 2))
    inner.done()
    if choice.tag == (CONTEXT, 0):
        return Container("compressed", choice.string().decode("utf-8"), b"")
    parts = parts_of(choice, choice.tag)
    if choice.tag == (CONTEXT, 2):
        snapshot = [parts.text(0, None), parts.text(0, None), parts.uint32(), parts.uint32(),
                    parts.number(0, 2**64 - 1), parts.number(0, 2**64 - 1)]
        disk = parts.maybe((CONTEXT, 0))
        parts.done()
        return Container("snapshot", snapshot + [None if disk is None else disk.integer()], b"")
    partial = parts.take(BOOLEAN).boolean()
    order = ">" if parts.take(BOOLEAN).boolean() else "<"
    version, running, form, cookie = (parts.uint32() for _ in range(4))
    reserved = parts.maybe((CONTEXT, 0))
    reserved = bytes(56) if reserved is None else reserved.string()
    data = b""
    pieces = parts.take(SEQUENCE)
    parts.done()
    for piece in pieces.children:
        if piece.tag == (CONTEXT, 2):
            data += bytes(piece.integer())
        elif piece.tag in ((CONTEXT, 0), (CONTEXT, 1), (CONTEXT, 3)):
            data += piece.string()
        else:
            raise BERError(piece.start, "%r is no LibvirtData" % piece)
    head = (b"LibvirtQemudPart" if partial else b"LibvirtQemudSave") + struct.pack(
        order + "5I", version, len(data), running, form, cookie) + reserved
    if len(head) != HEADER:
        raise BERError(element.start, "a header of %d octets" % len(head))
    return Container("libvirt", form, head + data)


def read_packed(element, parts):
    """(length, CRC-32C, octets) of a PackedOctets."""
    size, length = parts.number(0, 2**64 - 1), parts.number(0, 2**64 - 1)
    check, octets = parts.take(OCTET_STRING).string(), parts.take(OCTET_STRING).string()
    parts.done()
    if len(check) != 4 or len(octets) != size:
        raise BERError(element.start, "%d packed octets where %d are said" % (len(octets), size))
    return length, check, octets
