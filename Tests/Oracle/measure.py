#!/usr/bin/env python3
"""Measures version 4 files against the binary streams that they encode.

Berth's own counters have no part in this: everything comes from the file's elements and from the
octets that the independent decoder makes of them, which have to be the stream's.

    measure.py --berth BERTH (--shared DIR | --fixtures DIR) [--quick] [-o TABLE.md]

Claims, for each stream: no entry of a group of pages costs more octets than its records in the
stream (a skip counts to the entry behind it); the RAM sections are smaller than the stream's; the
file is smaller where RAM is over 90 % of the octets.
"""

import argparse
import os
import sys
import tempfile

import ber
import corpus
from decode_v4 import ARRAY, INDEFINITE, REPEAT, DecoderV4


class Measure:
    """What one stream and its file come to."""

    def __init__(self, name, stream, data):
        decoder = DecoderV4(data)
        self.name = name
        self.is_same = decoder.decode() == stream
        self.stream_size, self.file_size = len(stream), len(data)
        ram = [s for s in decoder.sections if s.contents == "ram"]
        self.ram_stream = sum(s.end - s.start for s in ram)
        self.ram_file = sum(s.element.size() for s in ram)
        full = [s for s in decoder.sections if s.kind == 4]
        self.fields = sum(1 for s in full if s.contents == "device" and has_fields(s.state))
        self.buffers = sum(1 for s in full if s.contents == "device" and not has_fields(s.state))
        self.blobs = [s for s in full if s.contents == "opaque"]
        self.iterators = sum(
            1 for s in decoder.sections if s.kind != 4 and s.contents == "opaque")
        self.groups = len(decoder.groups)
        self.dear_groups = [g for g in decoder.groups if g.element.size() > g.binary]
        self.pages = {}
        self.dear_entries = []
        for group in decoder.groups:
            self.count(group)
        self.checkpoints = len(decoder.checkpoints)
        self.rule_violations = check_rules(decoder, data)

    def count(self, group):
        due = 0  # octets of skips before the entry
        for number, (kind, cost, count, binary, address) in enumerate(group.entries):
            if kind == "skip":
                due += cost
                continue
            if kind == "stored":
                # A page in its place has no record that it could be compared with.
                due = 0
                self.pages[kind] = self.pages.get(kind, 0) + count
                continue
            # The first record's name is the group's, not the entry's.
            if number == 0 and group.spelled:
                binary -= 1 + len(group.block)
            expected = {"zero": 9 * count, "fill": 9 * count,
                        "full": (8 + group.page_size) * count}.get(kind)
            if expected is not None and number > 0 and expected != binary:
                raise AssertionError("%s: %d octets, not %d" % (kind, binary, expected))
            if due + cost > binary:
                self.dear_entries.append((group.element.start, number, kind, due + cost, binary))
            due = 0
            self.pages[kind] = self.pages.get(kind, 0) + count

    @property
    def ram_share(self):
        return self.ram_stream / self.stream_size

    def violations(self):
        """The claims that don't hold."""
        if not self.is_same:
            yield "the decoded stream differs"
        for start, number, kind, cost, binary in self.dear_entries[:3]:
            yield "group at %#x, entry %d (%s): %d octets for %d" % (
                start, number, kind, cost, binary)
        if len(self.dear_entries) > 3:
            yield "%d more such entries" % (len(self.dear_entries) - 3)
        if self.ram_stream and self.ram_file >= self.ram_stream:
            yield "RAM sections: %d octets for %d" % (self.ram_file, self.ram_stream)
        if self.ram_share > 0.9 and self.file_size >= self.stream_size:
            yield "RAM is %.1f %%, but the file has %d octets for %d" % (
                100 * self.ram_share, self.file_size, self.stream_size)
        for element, text in self.rule_violations[:3]:
            yield "%r: %s" % (element, text)


def has_fields(state):
    """Whether a device's state is more than one buffer."""
    tags = [e.tag for e in ber.walk([state]) if not e.constructed]
    return tags != [ber.UTF8_STRING, ber.OCTET_STRING]


def check_rules(decoder, data):
    roots = ber.parse(data)
    found = list(ber.rule_violations(roots, lambda e: e.tag in INDEFINITE))
    for section in decoder.sections:
        if section.contents == "device":
            for element in ber.walk([section.state]):
                if element.tag == ARRAY:
                    found += array_violations(element)
    return found


def array_violations(array):
    """What a writer makes shorter: runs of four or more equal scalars are one `repeat`, and an
    array of uint8 is `uint8s` where that takes fewer octets."""
    run, last, width = 0, None, 0
    for child in array.children:
        if child.tag == REPEAT:
            count, value = child.children[0].integer(), child.children[1]
            if count < 4:
                yield child, "a run of %d" % count
        else:
            count, value = 1, child
        if value.tag != ber.BOOLEAN and value.tag not in DecoderV4.SCALARS:
            run, last = 0, None
            continue
        key = (value.tag, value.content())
        width += count
        run = run + 1 if key == last else 1
        if run >= 4 or key == last and child.tag == REPEAT:
            yield child, "a run that is not one repeat"
            break
        last = key
    tags = {c.children[1].tag if c.tag == REPEAT else c.tag for c in array.children}
    if tags == {(ber.CONTEXT, 0)}:
        header = 2 if width < 128 else 2 + (width.bit_length() + 7) // 8
        if header + width < array.size():
            yield array, "%d octets, %d as uint8s" % (array.size(), header + width)


HEAD = ("stream", "octets", "v4", "±", "RAM share", "RAM", "RAM in v4", "±", "groups", "dear",
        "pages", "fields", "buffers", "blobs", "iter.")


def change(new, old):
    return "%+.1f %%" % (100 * (new - old) / old) if old else "–"


def row(m):
    pages = ", ".join("%s %d" % pair for pair in sorted(m.pages.items()))
    return (m.name, m.stream_size, m.file_size, change(m.file_size, m.stream_size),
            "%.1f %%" % (100 * m.ram_share), m.ram_stream, m.ram_file,
            change(m.ram_file, m.ram_stream), m.groups, len(m.dear_groups), pages or "–",
            m.fields, m.buffers, len(m.blobs), m.iterators)


def table(measures):
    yield "| " + " | ".join(HEAD) + " |"
    yield "| " + " | ".join("---" if i in (0, 10) else "--:" for i in range(len(HEAD))) + " |"
    for m in measures:
        yield "| " + " | ".join(map(str, row(m))) + " |"


LEGEND = """octets: the binary stream's; RAM: its RAM sections', headers and footers included;
groups: of pages; dear: groups that cost more than their records (their head names the block anew);
fields, buffers, blobs: FULL sections as fields, as one buffer (all that the vmdesc says) and
opaque; iter.: START, PART and END sections that are opaque."""


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--berth", required=True)
    parser.add_argument("--shared")
    parser.add_argument("--fixtures")
    parser.add_argument("--quick", action="store_true", help="leave out the two largest")
    parser.add_argument("-o", dest="out")
    options = parser.parse_args()
    streams = (corpus.shared(options.shared) if options.shared
               else corpus.fixtures(options.fixtures))
    if options.quick:
        largest = sorted(streams, key=lambda s: s.size)[-2:]
        streams = [s for s in streams if s not in largest]
    measures = []
    failed = False
    with tempfile.TemporaryDirectory() as folder:
        for stream in streams:
            path = stream.materialise(folder)
            out = os.path.join(folder, "v4.ber")
            try:
                corpus.encode(options.berth, path, 4, out)
                measure = Measure(stream.name, corpus.read(path), corpus.read(out))
            except (ber.BERError, RuntimeError, AssertionError) as error:
                print("%s: %s" % (stream.name, error), flush=True)
                failed = True
                continue
            finally:
                if path != stream.path:
                    os.remove(path)
            measures.append(measure)
            for violation in measure.violations():
                print("%s: %s" % (stream.name, violation), flush=True)
                failed = True
    text = "\n".join(table(measures)) + "\n\n" + LEGEND + "\n"
    if options.out:
        with open(options.out, "w", encoding="utf-8") as file:
            file.write(text)
    else:
        print(text)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
