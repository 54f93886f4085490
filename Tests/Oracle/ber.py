"""A small reader of BER (X.690), written for these tests alone.

`parse(data)` gives the outermost elements as trees of `Element`. It takes any BER: tags and
lengths of any form, definite and indefinite. Nesting is kept on a list, so depth is no matter.
`rule_violations` names what BER allows but Berth's files promise not to hold.
"""

UNIVERSAL, APPLICATION, CONTEXT, PRIVATE = range(4)

BOOLEAN, INTEGER, OCTET_STRING, NULL, UTF8_STRING, SEQUENCE = (
    (UNIVERSAL, n) for n in (1, 2, 4, 5, 12, 16))

PIECE = 1 << 20  # octets of the longest primitive string


class BERError(Exception):
    """The octets are not what they have to be."""

    def __init__(self, offset, text):
        super().__init__("offset %#x: %s" % (offset, text))
        self.offset = offset


class Element:
    """One element: its tag, where it stands, and its children if it is constructed."""

    __slots__ = ("data", "tag", "constructed", "indefinite", "start", "body", "end", "after",
                 "children")

    def __init__(self, data, tag, constructed, indefinite, start, body, end):
        self.data = data
        self.tag = tag  # (class, number)
        self.constructed = constructed
        self.indefinite = indefinite
        self.start = start  # of the first octet of the tag
        self.body = body  # of the first octet of the contents
        self.end = end  # behind the contents
        self.after = end  # behind the whole, end-of-contents included
        self.children = [] if constructed else None

    def content(self):
        return self.data[self.body:self.end]

    def size(self):
        return self.after - self.start

    def __repr__(self):
        return "%s at %#x" % (tag_text(self.tag), self.start)

    # Values, each with its checks.

    def primitive(self):
        if self.constructed:
            raise BERError(self.start, "constructed, where a primitive has to be")
        return self.content()

    def integer(self):
        octets = self.primitive()
        if not octets:
            raise BERError(self.start, "INTEGER without contents")
        if len(octets) > 1 and (octets[0] == 0 and octets[1] < 128
                                or octets[0] == 255 and octets[1] >= 128):
            raise BERError(self.start, "an INTEGER that is not minimal")
        return int.from_bytes(octets, "big", signed=True)

    def boolean(self):
        octets = self.primitive()
        if len(octets) != 1:
            raise BERError(self.start, "BOOLEAN of %d octets" % len(octets))
        return octets != b"\0"

    def null(self):
        if self.primitive():
            raise BERError(self.start, "NULL with contents")

    def string(self):
        """The octets of a string: its own, or those of its segments."""
        if not self.constructed:
            return self.content()
        for child in self.children:
            if child.tag != OCTET_STRING:
                raise BERError(child.start, "segment %s" % tag_text(child.tag))
        return b"".join(child.string() for child in self.children)


def tag_text(tag):
    return "[%s %d]" % (("UNIVERSAL", "APPLICATION", "CONTEXT", "PRIVATE")[tag[0]], tag[1])


def read_header(data, at):
    """Gives tag, constructed, length (None: indefinite), offset of the contents."""
    start = at
    try:
        first = data[at]
        at += 1
        number = first & 31
        if number == 31:
            number = 0
            while True:
                octet = data[at]
                at += 1
                number = number << 7 | octet & 127
                if octet < 128:
                    break
        length = data[at]
        at += 1
        if length == 128:
            length = None
        elif length > 128:
            count = length - 128
            if at + count > len(data):
                raise IndexError
            length = int.from_bytes(data[at:at + count], "big")
            at += count
    except IndexError:
        raise BERError(start, "the data end inside a header") from None
    return (first >> 6, number), bool(first & 32), length, at


def parse(data, start=0, end=None):
    """The trees of the elements in data[start:end]."""
    end = len(data) if end is None else end
    roots = []
    under_way = []  # elements whose contents are being read
    at = start
    while True:
        while under_way and not under_way[-1].indefinite and at == under_way[-1].end:
            under_way.pop()
        if at == end and not under_way:
            return roots
        limit = under_way[-1].end if under_way else end
        if at >= limit:
            raise BERError(at, "the data end inside an element")
        tag, constructed, length, body = read_header(data, at)
        if tag == (UNIVERSAL, 0):
            if not under_way or not under_way[-1].indefinite or constructed or length != 0:
                raise BERError(at, "end-of-contents out of place")
            element = under_way.pop()
            element.end, element.after = at, body
            at = body
            continue
        if length is None and not constructed:
            raise BERError(at, "a primitive of indefinite length")
        stop = limit if length is None else body + length
        if stop > limit:
            raise BERError(at, "the element goes past what holds it")
        element = Element(data, tag, constructed, length is None, at, body, stop)
        (under_way[-1].children if under_way else roots).append(element)
        if constructed:
            under_way.append(element)
            at = body
        else:
            at = stop


def walk(elements):
    """All elements below and including these, in the order of the file."""
    waiting = list(reversed(elements))
    while waiting:
        element = waiting.pop()
        yield element
        if element.children:
            waiting.extend(reversed(element.children))


def rule_violations(elements, may_be_indefinite):
    """What breaks the files' own rules: minimal tags and lengths, TRUE as FF, octet
    strings in pieces of at most 1 MiB, indefinite length only where `may_be_indefinite`."""
    for element in walk(elements):
        data = element.data
        count = 1
        if data[element.start] & 31 == 31:
            number = element.tag[1]
            count += max(1, (number.bit_length() + 6) // 7)
            if number < 31:
                yield element, "a low tag in the long form"
        length = element.end - element.body
        if element.indefinite:
            count += 1
            if not may_be_indefinite(element):
                yield element, "indefinite length"
        else:
            count += 1 if length < 128 else 1 + (length.bit_length() + 7) // 8
        if count != element.body - element.start:
            yield element, "header of %d octets instead of %d" % (
                element.body - element.start, count)
        if element.constructed:
            continue
        if length > PIECE:
            yield element, "a primitive of %d octets" % length
        if element.tag == BOOLEAN and element.content() not in (b"\0", b"\xff"):
            yield element, "a BOOLEAN of neither 00 nor FF"
