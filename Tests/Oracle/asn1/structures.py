"""Structured types: SEQUENCE, SET, CHOICE, the lists, tags and references."""

from simple_types import UNLISTED, Type, Undecided
from wire import CONTEXT, DER, UNIVERSAL, Refused, identifier

MISSING = object()


class Component:
    def __init__(self, name, type_, optional=False, default=MISSING, spell=None):
        self.name, self.type = name, type_
        self.optional = optional or default is not MISSING
        self.default, self.spell = default, spell

    def text(self):
        text = "%s %s" % (self.name, self.type.text())
        if self.default is not MISSING:
            return text + " DEFAULT " + self.spell
        return text + (" OPTIONAL" if self.optional else "")


class Tagged(Type):
    """31.2. `word` is IMPLICIT, EXPLICIT or what the module says."""

    def __init__(self, type_, tag, explicit, word=""):
        self.type, self.tag, self.word = type_, tag, word
        self.explicit = explicit or type_.is_choice
        self.name = type_.name

    is_choice = False

    def text(self):
        names = {0: "UNIVERSAL ", 1: "APPLICATION ", 2: "", 3: "PRIVATE "}
        return "[%s%d] %s%s" % (names[self.tag[0]], self.tag[1],
                                self.word + " " if self.word else "", self.type.text())

    def tags(self):
        return {self.tag}

    def children(self):
        return (self.type,)

    def check(self, value):
        self.type.check(value)

    def encode(self, value, style=DER, tag=None):
        tag = tag or self.tag
        if self.explicit:
            return style.element(tag, True, self.type.encode(value, style))
        return self.type.encode(value, style, tag)

    def decode(self, element, tag=None):
        if not self.explicit:
            return self.type.decode(element, tag or self.tag)
        if element.tag != (tag or self.tag):
            raise Refused("tag %r" % (element.tag,))
        if not element.constructed or len(element.children) != 1:
            raise Refused("8.14.3: one element inside")
        return self.type.decode(element.children[0])

    def json(self, value):
        return self.type.json(value)

    def xml(self, value):
        return self.type.xml(value)

    def xml_name(self):
        return self.type.xml_name()


class Automatic(Tagged):
    """A tag that automatic tagging gives (25.8): not in the text."""

    def __init__(self, type_, number):
        super().__init__(type_, (CONTEXT, number), False)

    def text(self):
        return self.type.text()


class Reference(Type):
    """A named type; `actual` stands for parameters in the text."""

    def __init__(self, name, type_, actual=""):
        self.name, self.type, self.actual = name, type_, actual

    @property
    def is_choice(self):
        return self.type.is_choice

    def text(self):
        return self.name + self.actual

    def tags(self):
        return self.type.tags()

    def children(self):
        return (self.type,)

    def encode(self, value, style=DER, tag=None):
        return self.type.encode(value, style, tag)

    def decode(self, element, tag=None):
        return self.type.decode(element, tag)

    def check(self, value):
        self.type.check(value)

    def json(self, value):
        return self.type.json(value)

    def xml(self, value):
        return self.type.xml(value)

    def xml_name(self):
        return self.name


class Sequence(Type):
    """25: a root, perhaps a marker with additions, perhaps a second root."""

    name, number = "SEQUENCE", 16

    def __init__(self, root, additions=None, groups=(), tail=()):
        """Additions are components; `groups` are counts of additions that stand in brackets."""
        self.root, self.additions, self.groups, self.tail = root, additions, list(groups), tail

    def components(self):
        return list(self.root) + list(self.additions or []) + list(self.tail)

    def children(self):
        return [component.type for component in self.components()]

    def text(self):
        parts = [c.text() for c in self.root]
        if self.additions is not None:
            parts.append("...")
            rest = list(self.additions)
            for count in self.groups:
                parts.append("[[ " + ", ".join(c.text() for c in rest[:count]) + " ]]")
                rest = rest[count:]
            parts += [c.text() for c in rest]
            if self.tail:
                parts += ["..."] + [c.text() for c in self.tail]
        return "%s { %s }" % (self.name, ", ".join(parts))

    def sent(self, value, style):
        """Components that are written."""
        for component in self.components():
            if component.name not in value:
                continue
            if component.default is not MISSING and value[component.name] == component.default:
                if not style.chance(0.5):
                    continue
            yield component

    def encode(self, value, style=DER, tag=None):
        parts = []
        unknown = self.additions is not None and all(
            c.optional or c.name in value for c in self.additions) and style.chance(0.3)
        for component in self.sent(value, style):
            if unknown and component in self.tail:
                parts.append(self.later(style))
                unknown = False
            parts.append(component.type.encode(value[component.name], style))
        if unknown:
            parts.append(self.later(style))
        return style.element(tag or (UNIVERSAL, self.number), True, b"".join(
            self.arranged(parts, style)))

    def arranged(self, parts, style):
        return parts

    @staticmethod
    def later(style):
        """An addition of a later version."""
        return identifier((CONTEXT, style.random.randint(900, 20000)), False) + b"\x01\x55"

    def opened(self, element, tag):
        if element.tag != (tag or (UNIVERSAL, self.number)) or not element.constructed:
            raise Refused("%r for %s" % (element.tag, self.name))
        return list(element.children)

    def decode(self, element, tag=None):
        rest = self.opened(element, tag)
        value = {}
        self.take(rest, self.root, value)
        if self.additions is not None:
            self.take_additions(rest, value)
        self.take(rest, self.tail, value)
        if rest:
            raise Refused("an extra component")
        return value

    def take(self, rest, components, value):
        for component in components:
            if rest and rest[0].tag in component.type.tags():
                value[component.name] = component.type.decode(rest.pop(0))
            elif not component.optional:
                raise Refused("%s is missing" % component.name)

    def take_additions(self, rest, value):
        """Additions come in their order; all behind one that is not there must be missing too,
        unless they are optional; then those of later versions, up to what begins the tail."""
        at = 0
        groups = []
        for count in self.groups:
            groups.append(self.additions[at:at + count])
            at += count
        groups += [[component] for component in self.additions[at:]]
        stop = set().union(*(c.type.tags() for c in self.tail)) if self.tail else set()
        left_out = None
        for number, group in enumerate(groups):
            tags = set().union(*(c.type.tags() for c in group))
            if rest and rest[0].tag in tags:
                if left_out:
                    raise Refused("%s is missing" % left_out)
                if number >= len(self.groups):
                    component = group[0]
                    value[component.name] = component.type.decode(rest.pop(0))
                else:
                    self.take(rest, group, value)
            elif any(not c.optional for c in group):
                left_out = left_out or group[0].name
        known = set().union(*(c.type.tags() for c in self.components())) if rest else set()
        later = False
        while rest and rest[0].tag not in stop:
            if rest[0].tag in known:
                raise Refused("out of order or twice")
            later = True
            rest.pop(0)
        if later and left_out:
            # Of no version, but no rule of X.690 tells a reader to look.
            raise Undecided()

    def check(self, value):
        for component in self.components():
            if component.name in value:
                component.type.check(value[component.name])

    def json(self, value):
        return {c.name: c.type.json(value[c.name]) for c in self.components() if c.name in value}

    def xml(self, value):
        return [(c.name, c.type.xml(value[c.name])) for c in self.components() if c.name in value]


class AnyOrder(list):
    """Child elements whose order is the sender's."""


class Set(Sequence):
    """27: the components come in any order."""

    name, number = "SET", 17

    def xml(self, value):
        return AnyOrder(super().xml(value))

    def arranged(self, parts, style):
        if style.random is None:
            return sorted(parts, key=lambda part: (part[0] & 0xC0, tag_number(part)))
        parts = list(parts)
        style.random.shuffle(parts)
        return parts

    def decode(self, element, tag=None):
        value = {}
        for child in self.opened(element, tag):
            for component in self.components():
                if child.tag in component.type.tags():
                    if component.name in value:
                        raise Refused("%s is there twice" % component.name)
                    value[component.name] = component.type.decode(child)
                    break
            else:
                if self.additions is None:
                    raise Refused("an extra component")
        for component in list(self.root) + list(self.tail):
            if not component.optional and component.name not in value:
                raise Refused("%s is missing" % component.name)
        return value


def tag_number(octets):
    if octets[0] & 31 < 31:
        return octets[0] & 31
    number = 0
    for octet in octets[1:]:
        number = number << 7 | octet & 127
        if octet < 128:
            return number


class Choice(Type):
    """29."""

    def __init__(self, alternatives, additions=None):
        self.alternatives, self.additions = alternatives, additions

    name = "CHOICE"
    is_choice = True

    def all(self):
        return list(self.alternatives) + list(self.additions or [])

    def children(self):
        return [alternative.type for alternative in self.all()]

    def text(self):
        parts = [a.text() for a in self.alternatives]
        if self.additions is not None:
            parts += ["..."] + [a.text() for a in self.additions]
        return "CHOICE { %s }" % ", ".join(parts)

    def tags(self):
        return set().union(*(a.type.tags() for a in self.all()))

    def chosen(self, value):
        return next(a for a in self.all() if a.name == value[0])

    def encode(self, value, style=DER, tag=None):
        return self.chosen(value).type.encode(value[1], style)

    def decode(self, element, tag=None):
        for alternative in self.all():
            if element.tag in alternative.type.tags():
                return alternative.name, alternative.type.decode(element)
        if self.additions is None:
            raise Refused("no alternative")
        return UNLISTED

    def check(self, value):
        self.chosen(value).type.check(value[1])

    def json(self, value):
        return {value[0]: self.chosen(value).type.json(value[1])}

    def xml(self, value):
        return [(value[0], self.chosen(value).type.xml(value[1]))]


class SequenceOf(Type):
    name, number = "SEQUENCE OF", 16
    word = "SEQUENCE"

    def __init__(self, item, size=None):
        self.item = item
        self.constraints = (size,) if size else ()

    def text(self):
        size = " (%s)" % self.constraints[0].text() if self.constraints else ""
        return "%s%s OF %s" % (self.word, size, self.item.text())

    def children(self):
        return (self.item,)

    def check(self, value):
        super().check(value)
        for item in value:
            self.item.check(item)

    def encode(self, value, style=DER, tag=None):
        parts = [self.item.encode(item, style) for item in value]
        return style.element(tag or (UNIVERSAL, self.number), True, b"".join(
            self.arranged(parts, style)))

    def arranged(self, parts, style):
        return parts

    def decode(self, element, tag=None):
        if element.tag != (tag or (UNIVERSAL, self.number)) or not element.constructed:
            raise Refused("%r for %s" % (element.tag, self.name))
        value = [self.item.decode(child) for child in element.children]
        Type.check(self, value)
        return value

    def json(self, value):
        return [self.item.json(item) for item in value]

    def xml(self, value):
        """Table 5 of X.680: the values of some types stand without a delimiting name."""
        item = self.item
        while isinstance(item, (Tagged, Reference)):
            item = item.type
        if item.name in ("BOOLEAN", "ENUMERATED", "CHOICE"):
            return [child for part in value for child in self.item.xml(part)]
        return [(self.item.xml_name(), self.item.xml(part)) for part in value]

    def xml_name(self):
        return self.word + "_OF"


class SetOf(SequenceOf):
    name, number, word = "SET OF", 17, "SET"

    def arranged(self, parts, style):
        # 11.6: in ascending order, as octet strings.
        return sorted(parts) if style.random is None else parts
