"""Random schemas, values and damage, from a seeded random generator."""

from constraints import Except, Extensible, From, Intersection, Range, Size, Union, Values
from simple_types import (BitString, Boolean, Enumerated, Integer, Null, ObjectIdentifier,
                          OctetString, Real, RelativeOID, Text)
from structures import (Automatic, Choice, Component, Reference, Sequence, SequenceOf, Set, SetOf,
                        Tagged)
from wire import APPLICATION, CONTEXT, PRIVATE, identifier, length

import ber


class Schema:
    """One module with a type T; tells the module's text."""

    def __init__(self, random, depth=3):
        self.random = random
        self.environment = random.choice(["AUTOMATIC", "AUTOMATIC", "IMPLICIT", "EXPLICIT"])
        self.named = []
        self.application = 0
        self.type = self.make(depth)

    def text(self):
        lines = ["M DEFINITIONS %s TAGS ::= BEGIN" % self.environment]
        lines.append("T ::= " + self.type.text())
        lines += ["%s ::= %s" % pair for pair in self.named]
        return "\n".join(lines + ["END", ""])

    def forms(self):
        """What the schema uses that not every tool knows."""
        found, waiting, seen = set(), [self.type], set()
        while waiting:
            item = waiting.pop()
            if id(item) in seen:
                continue
            seen.add(id(item))
            found |= item.forms()
            if isinstance(item, (Text, BitString, RelativeOID, Real)):
                found.add(item.name + (" named" if getattr(item, "bits", None) else ""))
            if isinstance(item, Sequence) and item.additions is not None:
                found |= {"extension"} | ({"tail"} if item.tail else set()) | (
                    {"groups"} if item.groups else set())
            if isinstance(item, (Choice, Enumerated)) and (
                    getattr(item, "additions", None) or getattr(item, "extra", None)) is not None:
                found.add("extension")
            if isinstance(item, Reference) and item.actual:
                found.add("parameters")
            waiting += item.children()
        return found

    # Types.

    def make(self, depth):
        random = self.random
        simple = [self.integer, self.integer, self.boolean, self.enumerated, self.octets,
                  self.bits, self.string, self.string, self.other]
        if depth > 0:
            structured = [self.structure, self.structure, self.choice, self.list] * 2
            if random.random() < 0.75 or depth == 3:
                return self.maybe_named(random.choice(structured)(depth))
        return self.maybe_named(random.choice(simple)())

    def maybe_named(self, type_):
        if self.random.random() > 0.2:
            return type_
        name = "N%d" % len(self.named)
        if self.random.random() < 0.3:
            # A dummy reference that stands for the type.
            self.named.append((name + " {Dummy}", "Dummy"))
            return Reference(name, type_, " {%s}" % type_.text())
        self.named.append((name, type_.text()))
        return Reference(name, type_)

    def boolean(self):
        return Boolean() if self.random.random() < 0.8 else Boolean().with_constraints(
            Values([self.random.random() < 0.5], lambda value: str(value).upper()))

    def integer(self):
        random = self.random
        pick = random.random()
        if pick < 0.25:
            return Integer()
        base = random.choice([0, 0, 1, -5, 100, -(1 << 31), 1 << 63, -(1 << 66)])

        def span():
            low = base + random.randint(0, 4)
            return Range(low, low + random.choice([0, 1, 7, 255, 70000, 1 << 40, 1 << 65]))

        if pick < 0.55:
            return Integer().with_constraints(span())
        if pick < 0.65:
            return Integer().with_constraints(random.choice([
                Range(None, base), Range(base, None), Range(base, base + 9, True, False),
                Range(base, base + 9, False, True), Range(base, base + 9, True, True)]))
        if pick < 0.75:
            return Integer().with_constraints(Union(
                Range(base, base + 2), Range(base + 9, base + 9), Range(base + 20, None)))
        if pick < 0.82:
            return Integer().with_constraints(Except(
                Range(base, base + 20), Range(base + 3, base + 5)))
        if pick < 0.86:
            return Integer().with_constraints(Except(None, Range(base, base + 1)))
        if pick < 0.92:
            return Integer().with_constraints(Intersection(
                Range(base, base + 20), Range(base + 5, None)))
        if pick < 0.96:
            return Integer().with_constraints(Range(base, base + 20), Range(base + 3, base + 9))
        return Integer().with_constraints(Extensible(Range(base, base + 3)))

    def enumerated(self):
        random = self.random
        numbers = random.sample(range(-3, 300), random.randint(1, 5))
        items = [("e%d" % i, number) for i, number in enumerate(numbers)]
        if random.random() < 0.3:
            extra = [("x%d" % i, 400 + i) for i in range(random.randint(0, 2))]
            return Enumerated(items, extra)
        if random.random() < 0.2 and len(items) > 1:
            some = random.sample([name for name, _ in items], len(items) - 1)
            return Enumerated(items).with_constraints(Values(some, str))
        return Enumerated(items)

    def size(self, limit=6):
        random = self.random
        low = random.randrange(limit)
        high = low + random.choice([0, 1, random.randrange(limit)])
        pick = random.random()
        if pick < 0.6:
            counts = Range(low, high)
        elif pick < 0.7:
            counts = Range(low, None)
        elif pick < 0.85:
            counts = Union(Range(low, low), Range(high + 2, high + 3))
        else:
            return Extensible(Size(Range(low, high)))
        return Size(counts)

    def octets(self):
        return OctetString() if self.random.random() < 0.3 else OctetString().with_constraints(
            self.size())

    def bits(self):
        pick = self.random.random()
        if pick < 0.2:
            return BitString([("b0", 0), ("b1", 1), ("b9", 9)])
        if pick < 0.4:
            return BitString()
        return BitString().with_constraints(self.size(20))

    def string(self):
        random = self.random
        names = sorted(set(Text.NUMBERS) - {"UniversalString"}) * 3 + ["UniversalString"]
        text = Text(random.choice(names))
        pick = random.random()
        letters = "".join(letter for letter in text.alphabet() if letter not in "\t\n\"")
        some = From("".join(sorted(random.sample(letters, min(len(letters), 4)))))
        if pick < 0.2:
            return text
        if pick < 0.55:
            return text.with_constraints(self.size())
        if pick < 0.7:
            return text.with_constraints(some)
        if pick < 0.85:
            return text.with_constraints(Intersection(self.plain_size(), some))
        return text.with_constraints(self.plain_size(), some)

    def plain_size(self):
        low = self.random.randrange(4)
        return Size(Range(low, low + self.random.randrange(5)))

    def other(self):
        return self.random.choice([Null, ObjectIdentifier, Real] * 3 + [RelativeOID])()

    def list(self, depth):
        return self.random.choice([SequenceOf, SequenceOf, SetOf])(
            self.make(depth - 1), self.size(4) if self.random.random() < 0.6 else None)

    def fresh(self, prefix, depth, many):
        return [Component("%s%d" % (prefix, i), self.make(depth - 1)) for i in range(many)]

    def structure(self, depth):
        random = self.random
        root = self.fresh("m", depth, random.randint(0, 4))
        additions, tail, groups = None, [], []
        if random.random() < 0.35:
            additions = self.fresh("x", depth, random.choice([0, 1, 1, 2, 3]))
            if random.random() < 0.4:
                tail = self.fresh("t", depth, random.randint(1, 2))
            if additions and random.random() < 0.4:
                groups = [random.randint(1, len(additions))]
        for component in root + (additions or []) + tail:
            self.soften(component)
        self.tag(root + tail, additions or [])
        kind = Set if random.random() < 0.3 else Sequence
        if kind is Set:
            # Which additions may be missing together isn't the same question in a SET.
            groups = []
        return kind(root, additions, groups, tail)

    def soften(self, component):
        pick = self.random.random()
        if pick < 0.25:
            component.optional = True
        elif pick < 0.4 and type(component.type) in (Integer, Boolean):
            for value in (self.value(component.type) for _ in range(9)):
                if all(c.allows(value) for c in component.type.constraints):
                    component.optional, component.default = True, value
                    component.spell = str(value).upper()
                    break

    def choice(self, depth):
        random = self.random
        root = self.fresh("c", depth, random.randint(1, 4))
        additions = self.fresh("y", depth, random.randint(0, 2)) if random.random() < 0.25 else None
        self.tag(root, additions or [])
        choice = Choice(root, additions)
        if additions is not None and self.environment != "AUTOMATIC":
            # Later alternatives must not be taken for what stands beside the choice.
            return Tagged(choice, self.next_tag(), True)
        return choice

    def next_tag(self):
        self.application += 1
        kind = self.random.choice([APPLICATION, PRIVATE])
        return kind, self.application + self.random.choice([0, 0, 40, 1000])

    def tag(self, root, additions):
        """Tags by 25.8, or written ones where the environment or chance wants them."""
        random = self.random
        components = root + additions
        if self.environment == "AUTOMATIC" and (
                random.random() < 0.8 or not root):
            # Where the root has no written tag, no addition has one (25.7).
            for number, component in enumerate(components):
                component.type = Automatic(component.type, number)
            return
        taken = set()
        distinct = all(not (taken & c.type.tags() or taken.update(c.type.tags()))
                       for c in components)
        if self.environment != "AUTOMATIC" and distinct and random.random() < 0.6:
            return
        numbers = random.sample(list(range(20)) + [31, 127, 128, 500], len(components))
        for number, component in zip(numbers, components):
            word = random.choice(["", "", "IMPLICIT", "EXPLICIT"])
            if word == "IMPLICIT" and component.type.is_choice:
                word = "EXPLICIT"
            explicit = word == "EXPLICIT" or not word and self.environment == "EXPLICIT"
            component.type = Tagged(component.type, (CONTEXT, number), explicit, word)

    # Values, now and then outside what the constraints allow.

    def value(self, type_, bad=0.0):
        while isinstance(type_, (Tagged, Reference)):
            type_ = type_.type
        if isinstance(type_, Choice):
            alternative = self.random.choice(type_.all())
            return alternative.name, self.value(alternative.type, bad)
        if isinstance(type_, Sequence):
            return self.fields(type_, bad)
        for _ in range(40):
            value = self.plain(type_, bad)
            if self.random.random() < bad or all(c.allows(value) for c in type_.constraints):
                return value
        return value

    def fields(self, type_, bad):
        value = {}
        for component in list(type_.root) + list(type_.tail):
            if not component.optional or self.random.random() < 0.6:
                value[component.name] = self.value(component.type, bad)
        # Additions: those of the first so many versions.
        additions = list(type_.additions or [])
        groups = [additions[:type_.groups[0]]] if type_.groups else []
        groups += [[c] for c in additions[sum(type_.groups):]]
        for group in groups[:self.random.randint(0, len(groups))]:
            for component in group:
                if not component.optional or self.random.random() < 0.6:
                    value[component.name] = self.value(component.type, bad)
        return value

    def plain(self, type_, bad):
        random = self.random
        hints = [hint for c in type_.constraints for hint in c.hints()]
        if isinstance(type_, Boolean):
            return random.random() < 0.5
        if isinstance(type_, Integer):
            if hints and random.random() < 0.9:
                low, high = random.choice(hints), random.choice(hints)
                return random.choice([low, high, random.randint(min(low, high), max(low, high))])
            return random.choice([0, -1, 127, 128, -128, -129, 255, 256, 1 << 64, -(1 << 70),
                                  random.randrange(-9999, 9999)])
        if isinstance(type_, Enumerated):
            return random.choice(sorted(type_.numbers))
        if isinstance(type_, Null):
            return None
        if isinstance(type_, Real):
            return random.choice([0.0, 1.0, -1.5, 0.15625, 1e10, -2.0 ** -40, float("inf"),
                                  float("-inf"), random.uniform(-5, 5)])
        if isinstance(type_, RelativeOID):
            return random.choice(["0", "8571.3.2", "128.16384"])
        if isinstance(type_, ObjectIdentifier):
            return random.choice(["1.2", "2.5.29.3", "1.3.6.1.4.1.311.21", "0.39.16384",
                                  "2.25.329800735698586629295641978511506172918"])
        count = random.choice(hints) if hints and random.random() < 0.8 else random.randint(0, 9)
        if isinstance(type_, OctetString):
            return random.randbytes(count)
        if isinstance(type_, BitString):
            octets = bytearray(random.randbytes((count + 7) // 8))
            if count % 8:
                octets[-1] &= 0xFF << (8 - count % 8) & 0xFF
            if type_.bits and octets:
                while count and not octets[(count - 1) // 8] & 0x80 >> (count - 1) % 8:
                    count -= 1
                octets = octets[:(count + 7) // 8]
            return bytes(octets), count
        if isinstance(type_, Text):
            letters = type_.alphabet()
            for constraint in type_.constraints:
                for part in getattr(constraint, "parts", [constraint]):
                    if isinstance(part, From) and random.random() < 0.93:
                        letters = part.letters
            return "".join(random.choice(letters) for _ in range(count))
        return [self.value(type_.item, bad) for _ in range(count)]


def mutate(random, octets):
    """The octets with one fault: most stay readable as BER."""
    roots = ber.parse(octets)
    elements = list(ber.walk(roots))
    pick = random.random()
    if pick < 0.25:
        at = random.randrange(len(octets))
        return octets[:at] + bytes([octets[at] ^ 1 << random.randrange(8)]) + octets[at + 1:]
    if pick < 0.30:
        return octets[:random.randrange(len(octets))]
    if pick < 0.35:
        return octets + random.choice([b"\0", b"\0\0", b"\5\0", octets])
    victim = random.choice(elements)
    tree = [grow(root) for root in roots]
    holder = next((h for h in holders(tree) if h[2] == victim.start), None)
    if holder is None:
        return octets
    children, index, _ = holder
    node = children[index]
    action = random.choice(["drop", "double", "swap", "tag", "form", "content", "content", "eoc"])
    if action == "drop" and children is not tree:
        del children[index]
    elif action == "double" and children is not tree:
        children.insert(index, node)
    elif action == "swap" and len(children) > 1:
        other = random.randrange(len(children))
        children[index], children[other] = children[other], children[index]
    elif action == "tag":
        node["tag"] = random.choice([
            (node["tag"][0], node["tag"][1] ^ 1 << random.randrange(3)),
            (node["tag"][0] ^ random.randint(1, 3), node["tag"][1]), (0, random.randint(1, 30))])
    elif action == "form":
        if node["children"] is None:
            node["children"] = []
        else:
            node["content"], node["children"] = body(node), None
    elif action == "eoc" and node["children"] is not None:
        node["children"].insert(random.randint(0, len(node["children"])), {
            "tag": (0, 0), "children": None, "content": b""})
    elif node["children"] is None:
        content = bytearray(node["content"])
        what = random.random()
        if what < 0.3 and content:
            del content[random.randrange(len(content))]
        elif what < 0.6:
            content.insert(random.randint(0, len(content)), random.choice([0, 255, 65, 128]))
        elif content:
            content[random.randrange(len(content))] = random.randrange(256)
        node["content"] = bytes(content)
    return b"".join(map(ungrow, tree))


def grow(element):
    return {"tag": element.tag, "start": element.start,
            "content": None if element.constructed else element.content(),
            "children": [grow(c) for c in element.children] if element.constructed else None}


def holders(children):
    for index, node in enumerate(children):
        yield children, index, node.get("start")
        if node["children"] is not None:
            yield from holders(node["children"])


def body(node):
    return b"".join(map(ungrow, node["children"])) if node["children"] is not None else (
        node["content"])


def ungrow(node):
    content = body(node)
    return identifier(node["tag"], node["children"] is not None) + length(len(content)) + content
