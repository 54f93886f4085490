#!/usr/bin/env python3
"""What `berth info --json` says of all captures of a manifest, as a table, and held against the vmdesc.

    coverage_table.py --berth BERTH --streams DIR [--cache DIR] [-o TABLE.md]

DIR holds manifest.json and the files that it names (compressed with zstd). One row a file: what it
is, how many devices have fields and how many are opaque, blobs and buffers left, and the share of
device-state octets that are named fields. The octets of a stream's device sections are counted here,
too, from the sizes in its vmdesc alone: where all devices have fields, both must agree. Exit status 1
if they don't, or if a file can't be read.
"""

import argparse
import collections
import json
import os
import subprocess
import sys
import tempfile


def vmdesc(path):
    """The vmdesc of a binary stream, found from its end: 06, be32 length, JSON."""
    with open(path, "rb") as file:
        data = file.read()
    at = len(data)
    while True:
        at = data.rfind(b"\x06", 0, at)
        if at < 0:
            return None
        size = int.from_bytes(data[at + 1:at + 5], "big")
        if size and at + 5 + size <= len(data) and data[at + 5:at + 6] == b"{":
            try:
                return json.loads(data[at + 5:at + 5 + size])
            except ValueError:
                pass


def octets(body):
    """Octets that a body has on the wire: its fields, and its subsections with their heads."""
    total = sum(field["size"] * field.get("array_len", 1) for field in body.get("fields", ()))
    for subsection in body.get("subsections", ()):
        total += octets(subsection) + 6 + len(subsection["vmsd_name"].encode())
    return total


def info(berth, path):
    done = subprocess.run(
        [berth, "info", "--json", path], capture_output=True, check=False)
    if done.returncode not in (0, 1):
        raise RuntimeError(done.stderr.decode(errors="replace").strip()[:200])
    return json.loads(done.stdout)


def percent(part, whole):
    return "%.2f %%" % (100.0 * part / whole) if whole else "–"


def row(name, told):
    sections = [section for section in told.get("sections", ()) if section.get("coverage")]
    forms = collections.Counter(section.get("form") for section in sections)
    devices = told.get("devices") or {}
    whole = devices.get("octets", 0)
    return {
        "name": name, "kind": told.get("kind", "?"), "machine": told.get("machine") or "",
        "sections": len(sections), "fields": forms.get("fields", 0),
        "opaque": len(sections) - forms.get("fields", 0), "octets": whole,
        "blobs": devices.get("blobs", 0), "inBlobs": devices.get("octetsInBlobs", 0),
        "inBuffers": devices.get("octetsInBuffers", 0),
        "share": percent(devices.get("octetsInFields", 0), whole),
        # Of what is no buffer, which QEMU itself moves as a whole.
        "known": percent(
            devices.get("octetsInFields", 0) + devices.get("octetsInBuffers", 0), whole),
        "virtio": any("virtio" in section["name"] for section in sections),
        "part": devices.get("octetsInFields", 0) / whole if whole else None}


def check(entry, path, told):
    """The vmdesc's octets against those that were read; `None` where they can't be compared."""
    if entry["opaque"] or not told.get("description") or told.get("kind") != "binary stream":
        return None
    description = vmdesc(path)
    if not description:
        return None
    names = collections.Counter(
        (device["name"], device.get("instance_id")) for device in description["devices"])
    # Arrays of pointers are described wrong up to 9.2: there the footer tells the length.
    found = {}
    for section in told["sections"]:
        if section.get("coverage"):
            found[section["name"], section["instanceID"]] = section["coverage"]["octets"]
    wrong = []
    for device in description["devices"]:
        key = (device["name"], device.get("instance_id"))
        if names[key] == 1 and key in found and found[key] != octets(device):
            wrong.append("%s: %d, the vmdesc has %d" % (key[0], found[key], octets(device)))
    return wrong


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--berth", required=True)
    parser.add_argument("--streams", required=True)
    parser.add_argument("--cache", help="uncompressed files, if there are any")
    parser.add_argument("-o", "--output")
    options = parser.parse_args()
    with open(os.path.join(options.streams, "manifest.json"), encoding="utf-8") as file:
        manifest = json.load(file)
    rows, notes, failed, compared = [], [], [], 0
    with tempfile.TemporaryDirectory() as folder:
        for stream in manifest["streams"]:
            for item in stream["files"]:
                packed = os.path.join(options.streams, item["file"])
                name = os.path.basename(item["file"])[:-len(".zst")]
                path = os.path.join(options.cache or folder, name)
                isOwn = not os.path.exists(path)
                if isOwn:
                    path = os.path.join(folder, name)
                    subprocess.run(["zstd", "-q", "-d", "-f", packed, "-o", path], check=True)
                try:
                    told = info(options.berth, path)
                    entry = row(name, told)
                    entry["exercises"] = item["kind"]
                    rows.append(entry)
                    wrong = check(entry, path, told)
                    compared += wrong is not None
                    notes += ["%s: %s" % (name, text) for text in wrong or ()]
                except (RuntimeError, ValueError) as error:
                    failed.append("%s: %s" % (name, error))
                if isOwn:
                    os.remove(path)
    text = table(rows, len(manifest["streams"]), compared, notes, failed)
    if options.output:
        with open(options.output, "w", encoding="utf-8") as file:
            file.write(text)
    else:
        sys.stdout.write(text)
    return 1 if failed else 0


def table(rows, captures, compared, notes, failed):
    lines = ["# Captures: what their device state became", "",
             "%d captures, %d files." % (captures, len(rows) + len(failed)), "",
             "| kind | files | devices with fields | opaque | blobs | octets | fields | buffers |",
             "| --- | --- | --- | --- | --- | --- | --- | --- |"]
    kinds = collections.defaultdict(list)
    for entry in rows:
        kinds[entry["kind"]].append(entry)
    for kind, group in sorted(kinds.items()):
        whole = sum(entry["octets"] for entry in group)
        blobs = sum(entry["inBlobs"] for entry in group)
        buffers = sum(entry["inBuffers"] for entry in group)
        lines.append("| %s | %d | %d | %d | %d | %d | %s | %s |" % (
            kind, len(group), sum(entry["fields"] for entry in group),
            sum(entry["opaque"] for entry in group), sum(entry["blobs"] for entry in group),
            whole, percent(whole - blobs - buffers, whole), percent(buffers, whole)))
    virtio = [entry for entry in rows if entry["name"].startswith("x86") and entry["virtio"]]
    typed = [entry for entry in virtio if not entry["opaque"] and entry["part"] is not None]
    above = [entry for entry in typed if entry["part"] > 0.95]
    lines += ["", "x86 with virtio devices: %d files; all devices with fields in %d; over 95 %% of the "
              "octets in named fields in %d of them." % (len(virtio), len(typed), len(above)), "",
              "| file | kind | machine | devices | fields | opaque | blobs | octets in blobs | "
              "in buffers | octets | in named fields | fields and buffers |",
              "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |"]
    for entry in sorted(rows, key=lambda entry: entry["name"]):
        lines.append("| %(name)s | %(kind)s | %(machine)s | %(sections)d | %(fields)d | %(opaque)d | "
                     "%(blobs)d | %(inBlobs)d | %(inBuffers)d | %(octets)d | %(share)s | "
                     "%(known)s |" % entry)
    lines += ["", "Octets of each device compared with the vmdesc's sizes: %d files." % compared]
    lines += ["- %s" % note for note in notes]
    lines += ["", "Not read: %d." % len(failed)] + ["- %s" % text for text in failed]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
