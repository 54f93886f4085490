"""RAMTotals of a version 4 file, counted anew from its groups of pages (docs/format-v4.md, 6)."""

from ber import APPLICATION, CONTEXT, SEQUENCE, BERError

SECTIONS = [(APPLICATION, number) for number in (10708, 10324, 8910, 2003)]
SEC_END, COMMAND, END_OF_STREAM, DESCRIPTION, RAW_BYTES = (
    (APPLICATION, number) for number in (8910, 8653, 8902, 11076, 10583))
RAM_SECTION, RAM_BLOCK_LIST, RAM_PAGES, MAPPED, CHECKPOINT = (
    (APPLICATION, number) for number in (9810, 8018, 10311, 9940, 8651))
KINDS = ("full", "zero", "fill", "xbzrle", "zlib")


class Stated:
    """What the file says. `parts`: the components' reader of decode_v4."""

    def __init__(self, element, parts):
        def number(reader):
            return reader.number(0, 2**64 - 1)

        reader = parts(element)
        self.stretches = []
        for child in reader.take(SEQUENCE).children:
            stretch = parts(child, SEQUENCE)
            offset, behind, size = number(stretch), number(stretch), stretch.uint32()
            rows = []
            for row in stretch.take(SEQUENCE).children:
                row = parts(row, SEQUENCE)
                rows.append((row.name(), *(number(row) for _ in range(6))))
                row.done()
            stretch.done()
            self.stretches.append((offset, behind, size, rows))
        self.numbers = [number(reader) for _ in range(5)]
        self.passes = []
        for child in reader.take(SEQUENCE).children:
            row = parts(child, SEQUENCE)
            self.passes.append(tuple(number(row) for _ in range(3)))
            row.done()
        reader.done()


class Counted:
    """What the groups come to. `events`: in file order, pairs of a word and what it is about."""

    def __init__(self, events):
        self.stretches = []
        self.passes = []
        self.distinct = set()
        self.resent = self.resent_octets = self.downtime = self.pass_count = 0
        self.blocks = {}
        self.last = None
        self.is_down = self.is_over = self.is_postcopy = self.goes_on = False
        for word, about in events:
            getattr(self, word)(about)

    def blocks_are(self, blocks):
        self.goes_on = False
        self.blocks = {name: (number, length) for number, (name, length) in enumerate(blocks)}
        self.distinct = set()
        self.last = None

    def end_section(self, _):
        self.goes_on = False
        self.is_down = self.is_down or not self.is_postcopy and not self.is_over

    def package(self, _):
        self.is_postcopy, self.is_down = True, not self.is_over

    def package_ends(self, _):
        self.is_down, self.is_over = False, True

    def end_of_stream(self, _):
        self.is_over = True

    def trailer(self, _):
        self.is_down = False

    def other(self, _):
        self.goes_on = False

    def checkpoint(self, element):
        if self.goes_on:
            self.stretches[-1][1] = element.after

    def group(self, group):
        name = bytes(group.block)
        if not (self.goes_on and self.stretches[-1][2] == group.page_size):
            self.stretches.append([group.element.start, 0, group.page_size, {}])
        self.goes_on = True
        stretch = self.stretches[-1]
        stretch[1] = group.element.after
        row = stretch[3].setdefault(name, dict.fromkeys(KINDS + ("sent",), 0))
        row["sent"] += group.binary
        number, length = self.blocks[name]
        spelled = 1 + len(name) if group.spelled else 0
        for kind, _, count, octets, address in group.entries:
            if kind == "skip":
                continue
            row[kind] += count
            self.downtime += count if self.is_down else 0
            if not self.is_postcopy:
                self.in_pass(number, kind, address, address + (count - 1) * group.page_size,
                             count, octets)
            plain = octets - spelled
            spelled = 0
            for page in range(count):
                place = (number, address + page * group.page_size)
                if place in self.distinct:
                    self.resent += 1
                    self.resent_octets += plain // count
                elif place[1] < length:
                    self.distinct.add(place)

    def in_pass(self, number, kind, first, last, count, octets):
        if self.last is None or (number, first) <= self.last:
            self.pass_count += 1
            if len(self.passes) < 64:
                self.passes.append([0, 0, 0])
        self.last = (number, last)
        if self.pass_count <= 64:
            self.passes[-1][0 if kind == "zero" else 1] += count
            self.passes[-1][2] += octets


def events(items, block_lists, groups):
    """What happens in these items. `block_lists`: an iterator; `groups`: by their offsets."""
    for item in items:
        if item.tag in SECTIONS:
            yield "end_section" if item.tag == SEC_END else "other", None
            for contents in item.children:
                if contents.tag == RAM_SECTION:
                    yield from records(contents, block_lists, groups)
            yield "other", None
        elif item.tag == COMMAND and item.children[1].tag == (CONTEXT, 0):
            yield "package", None
            yield from events(item.children[1].children[1].children, block_lists, groups)
            yield "package_ends", None
        elif item.tag == END_OF_STREAM:
            yield "end_of_stream", None
        elif item.tag in (DESCRIPTION, RAW_BYTES):
            yield "trailer", None


def records(section, block_lists, groups):
    for record in section.children:
        if record.tag == RAM_PAGES:
            yield "group", groups[record.start]
        elif record.tag == CHECKPOINT:
            yield "checkpoint", record
        elif record.tag == RAM_BLOCK_LIST:
            yield "blocks_are", next(block_lists)
        else:
            if record.tag == MAPPED:
                next(block_lists)
            yield "other", None


def check(element, parts, happened, at):
    """Holds what the file says, if it does, against what is counted."""
    counted = Counted(happened)
    if element is None:
        if counted.stretches:
            raise BERError(at, "the index tells nothing of its groups")
        return
    stated = Stated(element, parts)
    stretches = [
        (start, behind, size, [
            (name, *(row[kind] for kind in KINDS), row["sent"]) for name, row in rows.items()])
        for start, behind, size, rows in counted.stretches]
    theirs = [(a, b, c, [(bytes(row[0]), *row[1:]) for row in d])
              for a, b, c, d in stated.stretches]
    numbers = [len(counted.distinct), counted.resent, counted.resent_octets, counted.downtime,
               counted.pass_count]
    for what, theirs, ours in (
            ("stretches", theirs, stretches), ("numbers", stated.numbers, numbers),
            ("passes", stated.passes, [tuple(row) for row in counted.passes])):
        if theirs != ours:
            raise BERError(element.start, "totals, %s: %s instead of %s" % (what, theirs, ours))
