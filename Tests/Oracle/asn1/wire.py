"""BER as octets: heads, the freedom that X.690 8 gives a writer, and a strict reader of trees.

`ber.py`, one folder up, reads the trees; what it lets pass of heads is checked here.
"""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))

import ber  # noqa: E402

UNIVERSAL, APPLICATION, CONTEXT, PRIVATE = range(4)


class Refused(Exception):
    """The octets are no value of the type."""


def identifier(tag, constructed):
    """X.690 8.1.2."""
    first = tag[0] << 6 | (0x20 if constructed else 0)
    if tag[1] < 31:
        return bytes([first | tag[1]])
    octets = [tag[1] & 127]
    number = tag[1] >> 7
    while number:
        octets.append(number & 127 | 128)
        number >>= 7
    return bytes([first | 31] + octets[::-1])


def length(count, padding=0):
    """X.690 8.1.3; with padding, the long form with that many zero octets more."""
    if count < 128 and not padding:
        return bytes([count])
    octets = bytes(padding) + count.to_bytes(max(1, (count.bit_length() + 7) // 8), "big")
    return bytes([128 | len(octets)]) + octets


class Style:
    """How a writer uses its freedom. Without random numbers: the one way of DER."""

    def __init__(self, random=None):
        self.random = random

    def chance(self, share):
        return self.random is not None and self.random.random() < share

    def element(self, tag, constructed, content):
        if constructed and self.chance(0.25):
            return identifier(tag, True) + b"\x80" + content + b"\0\0"
        padding = self.random.randint(1, 3) if self.chance(0.15) else 0
        return identifier(tag, constructed) + length(len(content), padding) + content

    def string(self, tag, octets, inner=(UNIVERSAL, 4)):
        """A string, now and then in segments (8.7.3.2, 8.21.6)."""
        if not self.chance(0.25):
            return self.element(tag, False, octets)
        return self.element(tag, True, b"".join(
            self.string(inner, part) for part in self.parts(octets)))

    def parts(self, octets):
        cuts = sorted(self.random.randint(0, len(octets)) for _ in range(self.random.randint(0, 3)))
        return [octets[a:b] for a, b in zip([0] + cuts, cuts + [len(octets)])]


DER = Style()


def read(octets):
    """The one element that the octets are."""
    try:
        roots = ber.parse(octets)
    except (ber.BERError, IndexError) as error:
        raise Refused("framing: %s" % error) from None
    if len(roots) != 1:
        raise Refused("%d elements" % len(roots))
    for element in ber.walk(roots):
        check_head(element)
    return roots[0]


def check_head(element):
    data, at = element.data, element.start
    if data[at] & 31 == 31:
        if data[at + 1] == 0x80:
            raise Refused("8.1.2.4.2 c: a padded tag")
        if element.tag[1] < 31:
            raise Refused("8.1.2.2: a low tag in the long form")
        at += 1
        while data[at] & 128:
            at += 1
    if data[at + 1] == 0xFF:
        raise Refused("8.1.3.5 c: length octet FF")


def string_octets(element, inner):
    """The octets of a string, segments joined; segments have the tag of `inner`."""
    if not element.constructed:
        return element.content()
    for child in element.children:
        if child.tag != inner:
            raise Refused("segment %s" % ber.tag_text(child.tag))
    return b"".join(string_octets(child, inner) for child in element.children)
