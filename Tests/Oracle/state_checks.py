#!/usr/bin/env python3
"""`berth show` and `berth diff` against values that are read here, by the stream's description alone.

    state_checks.py --berth BERTH STREAM...

Each number that the description tells, with its place in the stream, must be what `show --json`
tells. Then octets of the stream are changed, of one number or one page at a time, and `diff --json`
must find that one, both values right, and nothing else.
"""

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile

from binary import BinaryStream, pairs, size_of

NUMBERS = {
    "uint8": (1, False), "uint16": (2, False), "uint32": (4, False), "uint64": (8, False),
    "int8": (1, True), "int16": (2, True), "int32": (4, True), "int64": (8, True),
    "timer": (8, True),
}


def numbers(body, at, path):
    """Numbers of a body with their places: (path, place, octets, signed). Stops at what it can't walk:
    a name that comes several times, a list."""
    fields = [pairs(field) for field in body.get("fields", [])]
    names = [field["name"] for field in fields]
    for field in fields:
        size, count = field.get("size", 0), field.get("array_len")
        where = path + [field["name"]]
        if names.count(field["name"]) == 1:
            kind = NUMBERS.get(field["type"])
            if kind and kind[0] == size:
                if count is None:
                    yield where, at, kind
                else:
                    for place in range(count):
                        yield where + [place], at + place * size, kind
            elif "struct" in field and field["type"] == "struct":
                inner = pairs(field["struct"])
                if size_of(inner) == size:
                    for place in range(1 if count is None else count):
                        yield from numbers(
                            inner, at + place * size, where + ([] if count is None else [place]))
        at += size * (1 if count is None else count)
    for inner in body.get("subsections", []):
        inner = pairs(inner)
        at += 6 + len(inner["vmsd_name"])
        yield from numbers(inner, at, path + [inner["vmsd_name"]])
        at += size_of(inner)


def text(section, path):
    result = "%s%s[%d]" % (section.name.decode(), section.suffix, section.instance)
    for part in path:
        if isinstance(part, int):
            result += "[%d]" % part
        else:
            # Such a name would look like a path.
            result += '."%s"' % part if "]." in part or " " in part else "." + part
    return result


def run(*command, data=None):
    done = subprocess.run(command, input=data, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    return done.returncode, done.stdout, done.stderr.decode()


class Pages(BinaryStream):
    """Notes where the content of full pages stands; the last place of each counts."""

    def __init__(self, data):
        self.content = {}
        super().__init__(data)

    def page(self, block, address, kind):
        self.content[block, address] = self.at - self.page_size if kind == "full" else None


def check_show(berth, path, stream):
    status, output, error = run(berth, "show", "--quiet", "--json", path)
    assert status == 0, error
    shown = {}
    for section in json.loads(output):
        for value in section["values"]:
            shown[value["path"]] = value
    known = []
    seen = {}
    for section in stream.sections:
        # The second section of a name and instance is told apart.
        key = section.name, section.instance
        if section.instance is not None:
            seen[key] = seen.get(key, 0) + 1
            section.suffix = "#%d" % seen[key] if seen[key] > 1 else ""
        if not section.device:
            continue
        start, end = section.payload
        if size_of(section.device) != end - start:
            continue
        for place, at, (size, signed) in numbers(section.device, start, []):
            octets = stream.data[at:at + size]
            number = int.from_bytes(octets, "big", signed=signed)
            name = text(section, place)
            known.append((name, at, size, signed))
            if isinstance(place[-1], int):
                whole = shown.get(text(section, place[:-1]))
                if whole is not None:
                    assert whole["value"][place[-1]] == number, name
                    assert whole["offset"] + place[-1] * size == at, name
                    continue
            value = shown.get(name)
            assert value is not None, "%s is not shown" % name
            assert value["value"] == number, (name, value, number)
            assert value["offset"] == at and value["size"] == size, (name, value, at)
    return known


def check_diff(berth, path, stream, known, folder, chance, times):
    changed = os.path.join(folder, "changed")
    done = 0
    for name, at, size, signed in chance.sample(known, min(times, len(known))):
        data = bytearray(stream.data)
        data[at + chance.randrange(size)] ^= 1 << chance.randrange(8)
        before = int.from_bytes(stream.data[at:at + size], "big", signed=signed)
        after = int.from_bytes(data[at:at + size], "big", signed=signed)
        with open(changed, "wb") as file:
            file.write(data)
        status, output, error = run(berth, "diff", "--quiet", "--json", path, changed)
        assert status == 1, (name, status, error)
        found = json.loads(output)
        assert not found["same"]
        assert [finding["path"] for finding in found["findings"]] == [name], (name, found)
        finding = found["findings"][0]
        assert finding["change"] == "changed"
        assert (finding["before"]["value"], finding["after"]["value"]) == (before, after), finding
        assert all(block["differing"] == 0 for block in found["ram"])
        done += 1
    pages = sorted((key, at) for key, at in stream.content.items() if at is not None)
    for (block, address), at in chance.sample(pages, min(times, len(pages))):
        data = bytearray(stream.data)
        data[at + chance.randrange(stream.page_size)] ^= 0x80
        with open(changed, "wb") as file:
            file.write(data)
        status, output, error = run(berth, "diff", "--quiet", "--json", path, changed)
        assert status == 1, (block, address, error)
        found = json.loads(output)
        assert found["findings"] == [], found["findings"]
        ranges = [(entry["block"].encode(), item["offset"], item["length"])
                  for entry in found["ram"] for item in entry["ranges"]]
        assert ranges == [(block, address, stream.page_size)], (block, hex(address), ranges)
        done += 1
    return done


def check(berth, path, times=4, seed=1):
    """What was checked, as a text."""
    with open(path, "rb") as file:
        stream = Pages(file.read())
    with tempfile.TemporaryDirectory() as folder:
        known = check_show(berth, path, stream)
        done = check_diff(berth, path, stream, known, folder, random.Random(seed), times)
    return "%d numbers shown, %d changes found" % (len(known), done)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--berth", required=True)
    parser.add_argument("--times", type=int, default=4)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("streams", nargs="+")
    options = parser.parse_args()
    failed = False
    for path in options.streams:
        try:
            found = check(options.berth, path, options.times, options.seed)
            print("ok    state %s: %s" % (os.path.basename(path), found))
        except AssertionError as error:
            failed = True
            print("FAIL  state %s: %s" % (os.path.basename(path), error))
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
