"""The types without components: text, DER and BER of a value, a value of octets, JSON and XML.

Written from X.680, X.690, X.697 and X.693; nothing here is shared with Berth. Values are those of
asn1tools: int, bool, None, bytes, (bytes, bits), str, float, dotted numbers.
"""

import math

from wire import DER, UNIVERSAL, Refused, string_octets


class Type:
    """A type with a tag of its own; `constraints` are applied one after the other (50.8)."""

    name = None
    number = None
    constraints = ()
    # What JSON can't tell apart needs no comparison.
    has_json = True

    def with_constraints(self, *constraints):
        self.constraints = constraints
        return self

    def text(self):
        return self.name + "".join(" (%s)" % c.text() for c in self.constraints)

    def tags(self):
        return {(UNIVERSAL, self.number)}

    @property
    def is_choice(self):
        return False

    def check(self, value):
        for constraint in self.constraints:
            if not constraint.allows(value):
                raise Refused("%s of %s" % (constraint.text(), self.text()))

    def forms(self):
        return frozenset().union(*(c.forms for c in self.constraints))

    def children(self):
        return ()

    def encode(self, value, style=DER, tag=None):
        return style.element(tag or (UNIVERSAL, self.number), False, self.content(value, style))

    def decode(self, element, tag=None):
        if element.tag != (tag or (UNIVERSAL, self.number)):
            raise Refused("tag %r for %s" % (element.tag, self.text()))
        value = self.value(element)
        if value is not UNLISTED:
            self.check(value)
        return value

    def octets(self, element):
        if element.constructed:
            raise Refused("%s is primitive" % self.name)
        return element.content()

    def json(self, value):
        return value

    def xml(self, value):
        """The text of the element, or a list of child elements (name, content)."""
        return str(value)

    def xml_name(self):
        return self.name.replace(" ", "_")


class Boolean(Type):
    name, number = "BOOLEAN", 1

    def content(self, value, style):
        if not value:
            return b"\0"
        return bytes([style.random.randint(1, 255)]) if style.chance(0.3) else b"\xff"

    def value(self, element):
        octets = self.octets(element)
        if len(octets) != 1:
            raise Refused("8.2.1")
        return octets != b"\0"

    def xml(self, value):
        return [("true" if value else "false", "")]


class Integer(Type):
    name, number = "INTEGER", 2

    def content(self, value, style):
        return value.to_bytes((value if value >= 0 else ~value).bit_length() // 8 + 1, "big",
                              signed=True)

    def value(self, element):
        octets = self.octets(element)
        if not octets:
            raise Refused("8.3.1")
        if len(octets) > 1 and (octets[0] * 2 + octets[1] // 128) in (0, 511):
            raise Refused("8.3.2")
        return int.from_bytes(octets, "big", signed=True)


class Enumerated(Type):
    number = 10

    def __init__(self, items, extra=None):
        """Names with numbers; `extra`, a list, makes it extensible."""
        self.items, self.extra = items, extra
        self.numbers = dict(items + (extra or []))
        self.names = {number: name for name, number in self.numbers.items()}

    name = "ENUMERATED"

    def text(self):
        text = ", ".join("%s(%d)" % item for item in self.items)
        if self.extra is not None:
            text += ", ..." + "".join(", %s(%d)" % item for item in self.extra)
        return "ENUMERATED { %s }" % text + "".join(" (%s)" % c.text() for c in self.constraints)

    def content(self, value, style):
        return Integer().content(self.numbers[value], style)

    def value(self, element):
        number = Integer().value(element)
        if number not in self.names:
            if self.extra is None or self.constraints:
                raise Refused("20.6: %d" % number)
            return UNLISTED
        return self.names[number]

    def xml(self, value):
        return [(value, "")]


# A later version's value: valid, but without a name to compare.
UNLISTED = object()


def has_unlisted(value):
    if isinstance(value, dict):
        value = list(value.values())
    return value is UNLISTED or isinstance(value, (list, tuple)) and any(map(has_unlisted, value))


class Undecided(Exception):
    """A number that isn't read here."""


class Null(Type):
    name, number = "NULL", 5

    def content(self, value, style):
        return b""

    def value(self, element):
        if self.octets(element):
            raise Refused("8.8.2")

    def xml(self, value):
        return ""


class ObjectIdentifier(Type):
    name, number = "OBJECT IDENTIFIER", 6

    def content(self, value, style):
        arcs = [int(arc) for arc in value.split(".")]
        return b"".join(map(base128, [arcs[0] * 40 + arcs[1]] + arcs[2:]))

    def value(self, element):
        arcs = self.arcs(element)
        first = min(arcs[0] // 40, 2)
        return ".".join(map(str, [first, arcs[0] - 40 * first] + arcs[1:]))

    def arcs(self, element):
        octets = self.octets(element)
        if not octets or octets[-1] & 128:
            raise Refused("8.19.2")
        arcs, arc, fresh = [], 0, True
        for octet in octets:
            if fresh and octet == 128:
                raise Refused("8.19.2: a padded arc")
            arc = arc << 7 | octet & 127
            fresh = not octet & 128
            if fresh:
                arcs.append(arc)
                arc = 0
        return arcs


class RelativeOID(ObjectIdentifier):
    name, number = "RELATIVE-OID", 13

    def content(self, value, style):
        return b"".join(base128(int(arc)) for arc in value.split("."))

    def value(self, element):
        return ".".join(map(str, self.arcs(element)))


def base128(number):
    octets = [number & 127]
    number >>= 7
    while number:
        octets.append(number & 127 | 128)
        number >>= 7
    return bytes(octets[::-1])


class Real(Type):
    """8.5, the binary encoding of base 2 and the special values."""

    name, number = "REAL", 9

    def content(self, value, style):
        if value == 0:
            return b"\x43" if math.copysign(1, value) < 0 else b""
        if math.isinf(value):
            return b"\x40" if value > 0 else b"\x41"
        mantissa, denominator = abs(value).as_integer_ratio()
        exponent = 1 - denominator.bit_length()
        while mantissa % 2 == 0:
            mantissa, exponent = mantissa // 2, exponent + 1
        power = Integer().content(exponent, DER)
        return (bytes([0x80 | (0x40 if value < 0 else 0) | len(power) - 1]) + power
                + mantissa.to_bytes((mantissa.bit_length() + 7) // 8, "big"))

    def value(self, element):
        octets = self.octets(element)
        if not octets:
            return 0.0
        first = octets[0]
        if first & 0xC0 == 0x40:
            # 8.5.9; NOT-A-NUMBER has no place in asn1tools' JSON.
            special = {0x40: math.inf, 0x41: -math.inf, 0x43: -0.0, 0x42: math.nan}
            if first not in special or len(octets) != 1:
                raise Refused("8.5.9")
            return special[first]
        if not first & 0x80:
            raise Undecided()
        base = {0: 1, 1: 3, 2: 4}.get(first >> 4 & 3)
        if base is None:
            raise Refused("8.5.7.2")
        at = 1
        count = (first & 3) + 1
        if first & 3 == 3:
            if len(octets) < 2 or not octets[1]:
                raise Refused("8.5.7.4 d")
            count, at = octets[1], 2
        power, mantissa = octets[at:at + count], octets[at + count:]
        if len(power) < count:
            raise Refused("8.5.7.4")
        if first & 3 == 3 and count > 1 and (power[0] * 2 + power[1] // 128) in (0, 511):
            raise Refused("8.5.7.4 d: the first nine bits")
        if not mantissa:
            raise Refused("8.5.7.5: no mantissa")
        exponent = int.from_bytes(power, "big", signed=True) * base + (first >> 2 & 3)
        number = int.from_bytes(mantissa, "big")
        if abs(exponent) > 900 or number.bit_length() > 53 or number == 0:
            raise Undecided()
        return math.ldexp(-number if first & 0x40 else number, exponent)

    def json(self, value):
        if math.isinf(value):
            return "INF" if value > 0 else "-INF"
        return "-0" if value == 0 and math.copysign(1, value) < 0 else value

    def xml(self, value):
        if math.isinf(value):
            return [("PLUS-INFINITY" if value > 0 else "MINUS-INFINITY", "")]
        return value


class OctetString(Type):
    name, number = "OCTET STRING", 4

    def encode(self, value, style=DER, tag=None):
        return style.string(tag or (UNIVERSAL, 4), value)

    def value(self, element):
        return string_octets(element, (UNIVERSAL, 4))

    def json(self, value):
        return value.hex().upper()

    xml = json


class BitString(Type):
    name, number = "BIT STRING", 3

    def __init__(self, bits=None):
        """With `bits`, pairs of names and numbers, zero bits at the end mean nothing (22.7)."""
        self.bits = bits

    def text(self):
        names = " { %s }" % ", ".join("%s(%d)" % bit for bit in self.bits) if self.bits else ""
        return self.name + names + "".join(" (%s)" % c.text() for c in self.constraints)

    def encode(self, value, style=DER, tag=None):
        tag = tag or (UNIVERSAL, 3)
        octets, count = value
        unused = bytes([-count % 8])
        if style.chance(0.2):
            # All segments but the last are whole octets (8.6.4).
            parts = style.parts(octets)
            if not parts[-1]:
                unused = b"\0" if not octets else unused
                parts = [octets]
            inner = b"".join(style.element((UNIVERSAL, 3), False, b"\0" + part)
                             for part in parts[:-1])
            return style.element(tag, True, inner + style.element(
                (UNIVERSAL, 3), False, unused + parts[-1]))
        return style.element(tag, False, unused + octets)

    def value(self, element):
        parts = list(self.segments(element))
        octets = b"".join(part for part, _ in parts)
        if any(unused for _, unused in parts[:-1]):
            raise Refused("8.6.4: unused bits before the last segment")
        count = len(octets) * 8 - (parts[-1][1] if parts else 0)
        if count % 8:
            octets = octets[:-1] + bytes([octets[-1] & 0xFF << (8 - count % 8) & 0xFF])
        return octets, count

    def segments(self, element):
        if element.constructed:
            for child in element.children:
                if child.tag != (UNIVERSAL, 3):
                    raise Refused("a segment of another tag")
                yield from self.segments(child)
            return
        octets = element.content()
        if not octets or octets[0] > 7 or octets[0] and len(octets) == 1:
            raise Refused("8.6.2")
        yield octets[1:], octets[0]

    def check(self, value):
        if self.bits and self.constraints:
            # 22.7: the value is allowed if it is with some number of zero bits behind.
            octets, count = trimmed(value)
            for more in range(count, 64):
                octets = value[0] + bytes(8)
                try:
                    super().check((octets[:(more + 7) // 8], more))
                    return
                except Refused:
                    pass
            raise Refused("SIZE of named bits")
        super().check(value)

    def json(self, value):
        fixed = [c for c in self.constraints if c.forms == frozenset(["size"])
                 and c.counts.low is not None and c.counts.low == c.counts.high]
        if fixed:
            return value[0].hex().upper()
        return {"value": value[0].hex().upper(), "length": value[1]}

    def xml(self, value):
        return "".join("%08d" % int(bin(octet)[2:]) for octet in value[0])[:value[1]]


def trimmed(value):
    octets, count = value
    while count and not octets[(count - 1) // 8] & 0x80 >> (count - 1) % 8:
        count -= 1
    return octets[:(count + 7) // 8], count


class Text(Type):
    """The character strings (41) with their numbers, their octets and their alphabets."""

    PRINTABLE = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 '()+,-./:=?"
    NUMBERS = {"UTF8String": 12, "NumericString": 18, "PrintableString": 19, "IA5String": 22,
               "VisibleString": 26, "UniversalString": 28, "BMPString": 30}
    CODECS = {"UTF8String": "utf-8", "UniversalString": "utf-32-be", "BMPString": "utf-16-be"}

    def __init__(self, name):
        self.name, self.number = name, self.NUMBERS[name]
        self.codec = self.CODECS.get(name, "ascii")

    def alphabet(self):
        """Letters to make values of."""
        return {"NumericString": "0123456789 ", "PrintableString": self.PRINTABLE,
                "IA5String": "abz<>&\"'@ \t\n09", "VisibleString": "abz<>&\"'@ 09",
                "UTF8String": "ab<&\u00e9\u20ac\U0001d11e", "BMPString": "ab<&\u00e9\u20ac",
                "UniversalString": "ab&\u00e9\u20ac\U0001d11e"}[self.name]

    def fits(self, text):
        if self.name == "NumericString":
            return all(letter in "0123456789 " for letter in text)
        if self.name == "PrintableString":
            return all(letter in self.PRINTABLE for letter in text)
        if self.name == "VisibleString":
            return all(" " <= letter <= "~" for letter in text)
        return True

    def encode(self, value, style=DER, tag=None):
        return style.string(tag or (UNIVERSAL, self.number), value.encode(self.codec))

    def value(self, element):
        octets = string_octets(element, (UNIVERSAL, 4))
        if self.name == "BMPString":
            # Each two octets are one character; there are no pairs of surrogates in it.
            if len(octets) % 2:
                raise Refused("8.21.8")
            text = "".join(chr(octets[i] << 8 | octets[i + 1]) for i in range(0, len(octets), 2))
        else:
            try:
                text = octets.decode(self.codec)
            except UnicodeDecodeError as error:
                raise Refused("%s: %s" % (self.name, error)) from None
        if not self.fits(text):
            raise Refused("alphabet of " + self.name)
        return text

    def xml(self, value):
        return value
