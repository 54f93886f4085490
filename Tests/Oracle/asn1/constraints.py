"""Constraints of X.680 50 and 51 as sets: their text, and whether a value is in them.

Each has `text()`, `allows(value)` and `hints()`: values near its borders.
"""


class Range:
    """51.4; None is MIN or MAX, an open end leaves its value out."""

    forms = frozenset(["range"])

    def __init__(self, low, high, open_low=False, open_high=False):
        self.low, self.high = low, high
        self.open_low, self.open_high = open_low, open_high

    def text(self):
        if self.low is not None and self.low == self.high and not (self.open_low or self.open_high):
            return str(self.low)
        return "%s%s..%s%s" % (
            "MIN" if self.low is None else self.low, "<" if self.open_low else "",
            "<" if self.open_high else "", "MAX" if self.high is None else self.high)

    def allows(self, value):
        if self.low is not None and (value < self.low or self.open_low and value == self.low):
            return False
        return self.high is None or value < self.high or value == self.high and not self.open_high

    def hints(self):
        for end in (self.low, self.high):
            if end is not None:
                yield from (end - 1, end, end + 1)


class Values:
    """51.2: single values, with the text of each."""

    forms = frozenset(["value"])

    def __init__(self, values, spell):
        self.values, self.spell = values, spell

    def text(self):
        return " | ".join(map(self.spell, self.values))

    def allows(self, value):
        return value in self.values

    def hints(self):
        yield from self.values


class Size:
    """51.5: a set of counts."""

    def __init__(self, counts):
        self.counts = counts
        self.forms = frozenset(["size"]) | (counts.forms - {"range"})

    def text(self):
        return "SIZE (%s)" % self.counts.text()

    def allows(self, value):
        # A BIT STRING is (octets, count of bits).
        return self.counts.allows(value[1] if isinstance(value, tuple) else len(value))

    def hints(self):
        yield from (count for count in self.counts.hints() if count >= 0)


class From:
    """51.7: each character is one of these."""

    forms = frozenset(["from"])

    def __init__(self, letters):
        self.letters = letters

    def text(self):
        return "FROM (\"%s\")" % self.letters.replace("\"", "\"\"")

    def allows(self, value):
        return all(letter in self.letters for letter in value)

    def hints(self):
        return iter(())


class Union:
    def __init__(self, *parts):
        self.parts = parts
        self.forms = frozenset(["union"]).union(*(part.forms for part in parts))

    def text(self):
        return " | ".join(nested(part) for part in self.parts)

    def allows(self, value):
        return any(part.allows(value) for part in self.parts)

    def hints(self):
        for part in self.parts:
            yield from part.hints()


class Intersection(Union):
    def __init__(self, *parts):
        super().__init__(*parts)
        self.forms = self.forms - {"union"} | {"intersection"}

    def text(self):
        return " ^ ".join(nested(part) for part in self.parts)

    def allows(self, value):
        return all(part.allows(value) for part in self.parts)


class Except:
    """50.5; without a first part ALL EXCEPT."""

    def __init__(self, whole, left_out):
        self.whole, self.left_out = whole, left_out
        self.forms = frozenset(["except"]) | left_out.forms | (whole.forms if whole else set())

    def text(self):
        start = nested(self.whole) if self.whole else "ALL"
        return "%s EXCEPT %s" % (start, nested(self.left_out))

    def allows(self, value):
        return (self.whole is None or self.whole.allows(value)) and not self.left_out.allows(value)

    def hints(self):
        if self.whole:
            yield from self.whole.hints()
        yield from self.left_out.hints()


class Extensible:
    """50.4: later versions may send anything, so nothing is refused."""

    def __init__(self, root):
        self.root = root
        self.forms = root.forms | {"extensible"}

    def text(self):
        return self.root.text() + ", ..."

    def allows(self, value):
        return True

    def hints(self):
        yield from self.root.hints()


def nested(part):
    simple = isinstance(part, (Range, Size, From))
    return part.text() if simple or isinstance(part, Values) and len(part.values) == 1 else (
        "(%s)" % part.text())
