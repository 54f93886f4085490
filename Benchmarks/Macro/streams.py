#!/usr/bin/env python3
"""Writes a binary stream of RAM alone, as large as is asked for.

    streams.py random|half|zero|xbzrle OCTETS [FILE]

random: full pages of random octets; OCTETS is the stream's size. half: the same with filled pages in
between, as Scripts/make-v3-file.py makes them. zero: a page in 512 is full, the
others are zero; OCTETS is the guest's RAM. xbzrle: 64 MiB sent once, then rounds of XBZRLE records
of some 100 octets up to OCTETS of stream. The same words give the same stream.
"""

import random
import struct
import sys

PAGE = 4096
ZERO, LIST, FULL, END, CONTINUE, XBZRLE = 0x02, 0x04, 0x08, 0x10, 0x20, 0x40
FOOTER = b"\x7e\0\0\0\2"
PART = b"\2\0\0\0\2"
NAME = b"\6pc.ram"
PAGES_IN_PART = 16384


def head(ram):
    return (b"QEVM\0\0\0\3" + b"\1\0\0\0\2\3ram\0\0\0\0\0\0\0\4" + struct.pack(">Q", ram | LIST)
            + NAME + struct.pack(">Q", ram) + struct.pack(">Q", END) + FOOTER)


def parts(records):
    """PARTs of so many records; each names the block once, as QEMU does."""
    while True:
        body = []
        for _, (offset, flags, rest) in zip(range(PAGES_IN_PART), records):
            if body:
                body.append(struct.pack(">Q", offset | flags | CONTINUE) + rest)
            else:
                body.append(struct.pack(">Q", offset | flags) + NAME + rest)
        if not body:
            return
        yield PART + b"".join(body) + struct.pack(">Q", END) + FOOTER


def random_pages(rng, count, ram):
    pool = [rng.randbytes(PAGE) for _ in range(4096)]
    for page in range(count):
        yield page * PAGE % ram, FULL, pool[page % 4093]


def half(rng, count):
    pool = [rng.randbytes(PAGE) for _ in range(64)]
    for page in range(count):
        if page % 2:
            yield page * PAGE, ZERO, bytes([page & 255])
        else:
            yield page * PAGE, FULL, pool[page % 64]


def mostly_zero(rng, count):
    pool = [rng.randbytes(PAGE) for _ in range(64)]
    for page in range(count):
        if page % 512 == 0:
            yield page * PAGE, FULL, pool[page // 512 % 61]
        else:
            yield page * PAGE, ZERO, b"\0"


def delta(rng):
    """A page's XBZRLE encoding: runs of equal octets and of new ones, from the start."""
    out, at = b"", 0
    for _ in range(8):
        same, new = rng.randrange(1, 120), rng.randbytes(rng.randrange(1, 24))
        if at + same + len(new) > PAGE:
            break
        out += bytes([same, len(new)]) + new
        at += same + len(new)
    return struct.pack(">BH", 1, len(out)) + out


def rounds(rng, octets):
    pages = (64 << 20) // PAGE
    yield from random_pages(rng, pages, 64 << 20)
    pool = [delta(rng) for _ in range(1021)]
    left, number = octets - (64 << 20), 0
    while left > 0:
        rest = pool[number % 1021]
        yield number * 7 % pages * PAGE, XBZRLE, rest
        left -= 8 + len(rest)
        number += 1


def stream(kind, octets):
    rng = random.Random(7)
    if kind == "random":
        count = octets // (PAGE + 8)
        ram, records = count * PAGE, random_pages(rng, count, count * PAGE)
    elif kind == "half":
        count = octets // (PAGE + 17) * 2
        ram, records = count * PAGE, half(rng, count)
    elif kind == "zero":
        ram, records = octets, mostly_zero(rng, octets // PAGE)
    else:
        ram, records = 64 << 20, rounds(rng, octets)
    yield head(ram)
    yield from parts(records)
    yield b"\3\0\0\0\2" + struct.pack(">Q", END) + FOOTER + b"\0"


def main():
    kind, octets = sys.argv[1], int(sys.argv[2])
    if kind not in ("random", "half", "zero", "xbzrle"):
        sys.exit(__doc__)
    out = open(sys.argv[3], "wb") if len(sys.argv) > 3 else sys.stdout.buffer
    for piece in stream(kind, octets):
        out.write(piece)
    out.close()


if __name__ == "__main__":
    main()
