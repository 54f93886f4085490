#!/usr/bin/env python3
"""Rebuilds a guest's memory from a version 4 file, as QEMU would load it.

The last state of each page counts: full, filled, XBZRLE over what was there, zlib, or in its place
in a mapped block if its bit is set. Hashes of guest-physical ranges that were taken from the stopped
guest (pmemsave) prove it. Pages that went through multifd channels are not in the main one.

    recover.py --berth BERTH --shared DIR [--only TEXT]
"""

import argparse
import hashlib
import os
import sys
import tempfile
import zlib

import corpus
import ber
from decode_v4 import RAM_PAGES, XBZRLE, ZLIB, DecoderV4, context


def unpack_xbzrle(page, delta):
    """Runs of octets that stay, and of octets that are new, each with its length in ULEB128."""
    at = place = 0

    def length():
        nonlocal at
        value = shift = 0
        while True:
            octet = delta[at]
            at += 1
            value |= (octet & 127) << shift
            shift += 7
            if octet < 128:
                return value

    while at < len(delta):
        place += length()
        count = length()
        page[place:place + count] = delta[at:at + count]
        at += count
        place += count


def memory(data):
    """The blocks' octets by name."""
    decoder = DecoderV4(data)
    decoder.decode()
    blocks = {}
    for lengths in decoder.block_lists[:1]:
        blocks = {name: bytearray(length) for name, length in lengths}
    for block in decoder.mapped:
        for page, octets in block.stored.items():
            if block.is_set(page):
                at = page * block.page_size
                blocks[block.name][at:at + block.page_size] = octets
    for element in ber.walk(ber.parse(data)):
        if element.tag == RAM_PAGES:
            apply(element, blocks)
    return blocks


def apply(group, blocks):
    name, _, size, address, pages = group.children
    block = blocks[name.string()]
    size, address = size.integer(), address.integer()
    for entry in pages.children:
        count = 1
        if entry.tag == ber.OCTET_STRING:
            octets = entry.string()
            count = len(octets) // size
            block[address:address + len(octets)] = octets
        elif entry.tag == context(0):
            count = entry.integer()
            block[address:address + count * size] = bytes(count * size)
        elif entry.tag == context(1):
            count = entry.integer()
        elif entry.tag == context(2):
            value, count = (child.integer() for child in entry.children)
            block[address:address + count * size] = bytes([value]) * (count * size)
        elif entry.tag == XBZRLE:
            page = block[address:address + size]
            unpack_xbzrle(page, entry.string())
            block[address:address + size] = page
        elif entry.tag == ZLIB:
            block[address:address + size] = zlib.decompress(entry.string())
        address += count * size


def check(data, ranges):
    """The ranges whose hash the rebuilt memory has not. A PC's RAM begins at address 0."""
    blocks = memory(data)
    ram = max(blocks.values(), key=len)
    return ["%#x: %d octets differ" % (part["address"], part["size"]) for part in ranges
            if hashlib.sha256(
                ram[part["address"]:part["address"] + part["size"]]).hexdigest()
            != part["sha256"]]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--berth", required=True)
    parser.add_argument("--shared", required=True)
    parser.add_argument("--only", default="")
    options = parser.parse_args()
    failed = checked = 0
    with tempfile.TemporaryDirectory() as folder:
        for stream in corpus.shared(options.shared):
            ranges = stream.info.get("pmemsave")
            if not ranges or options.only not in stream.name:
                continue
            path = stream.materialise(folder)
            out = os.path.join(folder, "v4.ber")
            corpus.encode(options.berth, path, 4, out)
            wrong = check(corpus.read(out), ranges)
            checked += 1
            failed += bool(wrong)
            print("%s %s: %s" % ("FAIL " if wrong else "ok   ", stream.name, "; ".join(wrong)
                                 or "%d ranges" % len(ranges)), flush=True)
            os.remove(path)
    print("%d streams, %d fail" % (checked, failed))
    sys.exit(1 if failed or not checked else 0)


if __name__ == "__main__":
    main()
