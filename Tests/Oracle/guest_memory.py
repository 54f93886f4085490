#!/usr/bin/env python3
"""Makes a guest's memory of a version 4 file, all its channels together, and compares it with what
QEMU itself had.

    guest_memory.py --berth BERTH MANIFEST.json FOLDER

A manifest lists captures: their files (in FOLDER; *.zst are unpacked), and hashes of ranges of
physical memory (pmemsave), taken of the stopped source before the migration or of the destination
after it. Physical memory below 3 GiB of an x86 PC is its largest RAM block from its first octet on.

The last state of each page counts. What comes last is told by the channels' marks of
synchronization: between two of them no page comes twice. Pages of the preempt channel and of
connections after a recovery come behind those of the main one.
"""

import argparse
import hashlib
import json
import os
import subprocess
import sys
import tempfile
import zlib

from decode_channels import METHODS, ChannelDecoder

PHASES = {"main": 0, "multifd": 0, "preempt": 1, "continued": 2}


def unpack(method, data):
    """The pages in the data of all packets of a channel, which are one stream."""
    if method == 0x02:
        return zlib.decompressobj().decompress(bytes(data))
    if method == 0x04:
        # QEMU never ends the frame (RFC 8878): an empty block that is the last one does.
        return subprocess.run(["zstd", "-q", "-d", "-c"], input=bytes(data) + b"\1\0\0",
                              stdout=subprocess.PIPE, check=True).stdout
    raise ValueError("method %#x" % (method & METHODS))


def xbzrle(old, delta):
    """The page that a delta makes of the one before: runs of octets that stay alternate with runs
    of new ones."""
    new, at, place = bytearray(old), 0, 0
    stays = True
    while at < len(delta):
        count = delta[at] & 0x7F
        if delta[at] & 0x80:
            at += 1
            count |= delta[at] << 7
        at += 1
        if not stays:
            new[place:place + count] = delta[at:at + count]
            at += count
        place += count
        stays = not stays
    if len(new) != len(old):
        raise ValueError("a delta beyond its page")
    return bytes(new)


class Memory:
    """RAM blocks after all that a file's channels say."""

    def __init__(self, decoder):
        blocks = dict(decoder.block_lists[0])
        self.blocks = {name: bytearray(length) for name, length in blocks.items()}
        self.pages = 0
        # In a mapped block a page counts if its bit is set, whatever stands elsewhere.
        for block in decoder.mapped:
            for page, octets in block.stored.items():
                if block.is_set(page):
                    start = page * block.page_size
                    self.blocks[block.name][start:start + block.page_size] = octets
                    self.pages += 1
        # Up to QEMU 8.0 there are no records for the marks.
        has_records = any(effect.channel == 0 and effect.epoch[0] for effect in decoder.effects) or (
            decoder.marks.get(0x200, 0) > 0)
        contents = {channel: unpack(decoder.methods[channel], data)
                    for channel, data in decoder.packed.items()}
        places = dict.fromkeys(contents, 0)
        for effect in decoder.effects:
            if effect.kind == "packed":
                place = places[effect.channel]
                effect.content = contents[effect.channel][place:place + effect.size]
                effect.kind = "full"
                places[effect.channel] = place + effect.size
                if len(effect.content) != effect.size:
                    raise ValueError("channel %d unpacks to less than its pages" % effect.channel)

        def order(effect):
            phase = PHASES[decoder.phases[effect.channel]]
            if phase:
                return (phase, effect.channel, 0)
            epoch = effect.epoch
            if effect.channel == 0:
                epoch = epoch[0] if has_records else epoch[1]
            return (0, epoch, effect.number)

        for effect in sorted(decoder.effects, key=order):
            self.apply(effect)

    def apply(self, effect):
        block = self.blocks[effect.block]
        start, end = effect.offset, effect.offset + effect.size
        if end > len(block):
            raise ValueError("a page beyond its block")
        if effect.kind == "full":
            content = effect.content
        elif effect.kind in ("zero", "fill"):
            content = bytes([effect.content or 0]) * effect.size
        elif effect.kind == "xbzrle":
            content = xbzrle(bytes(block[start:end]), effect.content)
        else:
            content = zlib.decompress(effect.content)
        if len(content) != effect.size:
            raise ValueError("a page of %d octets" % len(content))
        block[start:end] = content
        self.pages += 1

    def main_block(self):
        return max(self.blocks.values(), key=len)


def check(berth, files, ranges, folder):
    """Encodes the files together. Gives what was found; raises if the memory is another."""
    ber = os.path.join(folder, "memory.ber")
    command = [berth, "encode", "-q", files[0], "-o", ber]
    for path in files[1:]:
        command += ["--channel", path]
    subprocess.run(command, check=True)
    with open(ber, "rb") as file:
        decoder = ChannelDecoder(file.read())
    decoder.decode()
    memory = Memory(decoder)
    block = memory.main_block()
    for entry in ranges:
        start, size = entry["address"], entry["size"]
        found = hashlib.sha256(block[start:start + size]).hexdigest()
        if found != entry["sha256"]:
            raise AssertionError("%#x to %#x differs" % (start, start + size))
    return "%d pages in %d channels, %d ranges" % (memory.pages, len(files), len(ranges))


def paths_of(capture, source, folder):
    paths = []
    for file in capture["files"]:
        path = os.path.join(source, file["file"])
        if path.endswith(".zst"):
            unpacked = os.path.join(folder, os.path.basename(path)[:-4])
            subprocess.run(["zstd", "-q", "-d", "-f", path, "-o", unpacked], check=True)
            path = unpacked
        paths.append(path)
    return paths


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--berth", required=True)
    parser.add_argument("manifest")
    parser.add_argument("folder")
    options = parser.parse_args()
    with open(options.manifest, encoding="utf-8") as file:
        manifest = json.load(file)
    failed = checked = 0
    for capture in manifest.get("streams") or manifest["entries"]:
        ranges = capture.get("pmemsave_destination") or capture.get("pmemsave")
        kinds = {file["kind"] for file in capture["files"]}
        if not ranges or "QEVM stream" not in kinds:
            continue
        with tempfile.TemporaryDirectory() as folder:
            checked += 1
            try:
                text = "ok    " + capture["name"] + ": " + check(
                    options.berth, paths_of(capture, options.folder, folder), ranges, folder)
            except (AssertionError, ValueError, KeyError, subprocess.CalledProcessError) as error:
                failed += 1
                text = "FAIL  %s: %s: %s" % (capture["name"], type(error).__name__, error)
        print(text, flush=True)
    print("%d captures, %d failed" % (checked, failed))
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
