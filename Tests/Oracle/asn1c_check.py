"""Decodes files with decoders that Debian's asn1c makes from our schemas, and checks the values.

The decoders are compiled once for each schema (`-fwide-types`: in asn1c's native types no number
of 2^63 or above has room). They check the constraints (`-c`) and print XER, whose values are
compared twice: each with what our own reader finds in the file, and section headers, block lists,
pages, names and octets of devices with what an independent parser finds in the binary stream.
"""

import hashlib
import os
import re
import shutil
import subprocess
import tempfile
import xml.etree.ElementTree as ET

import ber
from ber import OCTET_STRING
from binary import names_of
from decode_v4 import CUT, DESCRIPTION, RAW_BYTES, UINT8S, XBZRLE, ZLIB, counted


class CheckError(Exception):
    """asn1c's decoder and ours, or the stream, disagree."""


def expect(what, found, expected):
    if found != expected:
        raise CheckError("%s: %s instead of %s" % (what, shorten(found), shorten(expected)))


def shorten(value):
    text = repr(value)
    return text if len(text) <= 160 else text[:100] + "… (%d characters)" % len(text)


# Decoders


def build(schema, cache):
    """Path of a decoder of the schema's QemuFile, compiled if it is not in the cache."""
    with open(schema, "rb") as file:
        digest = hashlib.sha256(file.read()).hexdigest()[:16]
    stem = os.path.splitext(os.path.basename(schema))[0]
    target = os.path.join(cache, "asn1c-%s-%s" % (stem, digest))
    if os.path.exists(target):
        return target
    os.makedirs(cache, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        call(["asn1c", "-fcompound-names", "-fwide-types", "-pdu=QemuFile",
              os.path.abspath(schema)], folder)
        sources = sorted(name for name in os.listdir(folder) if name.endswith(".c"))
        call(["cc", "-O1", "-w", "-I.", "-DPDU=QemuFile", "-o", "decoder"] + sources, folder)
        # Under its name only when complete, whoever else builds it now.
        shutil.copy2(os.path.join(folder, "decoder"), target + ".%d" % os.getpid())
        os.replace(target + ".%d" % os.getpid(), target)
    return target


def call(command, folder):
    result = subprocess.run(command, cwd=folder, stdout=subprocess.PIPE,
                            stderr=subprocess.STDOUT, check=False)
    if result.returncode != 0:
        raise CheckError("%s: %s" % (command[0], result.stdout.decode(errors="replace")[-400:]))


def decode(decoder, path):
    """The root of the XER that the decoder prints."""
    result = subprocess.run([decoder, "-c", "-oxer", path], stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, check=False)
    if result.returncode != 0:
        raise CheckError("asn1c's decoder: status %d: %s" % (
            result.returncode, result.stderr.decode(errors="replace").strip()[-300:]))
    return ET.fromstring(result.stdout)


# Values in XER

NUMBERS = set("""version fileversion offset sectionid instanceid versionid len pagesize address
    addr zero skip value count uint8 uint16 uint32 uint64 int8 int16 int32 int64 int flags compr
    uint16le uint32le uint64le
    code length last
    mapped bitmapoffset pagesoffset
    sector progress granularity shift index invalid first
    ping pagesizes start
    behind distinct resent resentoctets downtime passcount sent
    fullpages zeropages filledpages datapages xbzrlepages zlibpages""".split())
TEXTS = set("producer name block machine text device node bitmap".split())
OCTETS = set("""full xbzrle zlib opaque cut raw description checkpoint crc here bytes blob
    page oldblob uint8s buffer octets data valid attributes config state rest""".split())
BOOLS = set("spelled footer bool".split())
NULLS = set("""hook flush eof absent none error done setup init-data-sent
    config-load-ready""".split())
# Choices without a tag: elements in XER, but not in BER.
WRAPPERS = set("value key payload body contents".split())
# Octets of a segment, but the last.
SEGMENT = 1 << 20
STRINGS = {OCTET_STRING, CUT, XBZRLE, ZLIB, DESCRIPTION, RAW_BYTES, UINT8S, (ber.CONTEXT, 14)}


def children_of(element):
    return [child for child in element if child.tag not in ("true", "false")]


def number(text):
    text = text.strip()
    if re.fullmatch(r"-?\d+", text):
        return int(text)
    return int.from_bytes(octets(text.replace(":", " ")), "big", signed=True)


def octets(text):
    return bytes.fromhex("".join((text or "").split()))


def value(element):
    """A leaf's value; None if the element is no leaf."""
    name = element.tag
    if children_of(element):
        return None
    if name in BOOLS:
        return element[0].tag == "true"
    if name in NUMBERS and element.text and element.text.strip():
        return number(element.text)
    if name in TEXTS:
        return (element.text or "").encode("utf-8")
    if name in OCTETS:
        return octets(element.text)
    if name in NULLS:
        return b""
    return None


# Against the file


def own_values(roots):
    """(leaves, number of constructed elements) by our own reader."""
    leaves = []
    containers = 0
    waiting = list(reversed(roots))
    while waiting:
        element = waiting.pop()
        # Data in segments, under a tag that constructed elements have elsewhere.
        is_data = element.tag[0] == ber.CONTEXT and bool(element.children) and all(
            child.tag == OCTET_STRING for child in element.children
        ) and len(element.children[0].content()) == SEGMENT
        if not element.constructed or element.tag in STRINGS or is_data:
            leaves.append(element)
        else:
            containers += 1
            waiting.extend(reversed(element.children))
    return leaves, containers


def compare_with_file(root, roots):
    """Every value in XER is the one in the file, and there are no others. Gives their number."""
    leaves, containers = own_values(roots)
    own = iter(leaves)
    found = 0
    found_containers = 0
    parents = {child: parent for parent in root.iter() for child in parent}
    for element in root.iter():
        if element.tag in ("true", "false"):
            continue
        mine = value(element)
        if mine is None:
            parent = parents.get(element)
            # Version 3: a subsection's contents are a SEQUENCE OF, with a tag.
            if element.tag not in WRAPPERS or parent is not None and parent.tag == "SubSection":
                found_containers += 1
            continue
        leaf = next(own, None)
        if leaf is None:
            raise CheckError("%s: nothing in the file" % element.tag)
        if element.tag in BOOLS:
            theirs = leaf.boolean()
        elif element.tag in NUMBERS:
            theirs = leaf.integer()
        else:
            theirs = leaf.string()
        expect("%s at %#x" % (element.tag, leaf.start), mine, theirs)
        found += 1
    expect("values", found, len(leaves))
    expect("constructed elements", found_containers, containers)
    return found


# Against the stream


def child_value(element, name):
    child = element.find(name)
    return None if child is None else value(child)


def compare_headers(sections, stream):
    """Headers of sections: lists of (kind, id, name, instance, version, footer)."""
    theirs = [(s.kind, s.id, s.name if s.kind in (1, 4) else None, s.instance, s.version, s.footer)
              for s in stream.sections]
    expect("number of sections", len(sections), len(theirs))
    for number_, (mine, other) in enumerate(zip(sections, theirs)):
        expect("section %d" % number_, mine, other)


def compare_v4(root, stream):
    """Version 4 against the binary stream. Gives what was compared, in numbers."""
    kinds = {"start": 1, "part": 2, "end": 3, "full": 4}
    # Items of packages too, in order.
    found = [e for e in root.iter() if e.tag in kinds and e.find("sectionid") is not None]
    compare_headers([
        (kinds[e.tag], child_value(e, "sectionid"), child_value(e, "name"),
         child_value(e, "instanceid"), child_value(e, "versionid"), child_value(e, "footer"))
        for e in found], stream)
    lists = [list(blocks) for blocks in root.iter("blocks")]
    if root.find(".//mapped") is not None:
        lists.append(list(root.iter("mappedblock")))
    expect("block lists", [
        [(child_value(block, "name"), child_value(block, "len")) for block in blocks]
        for blocks in lists], stream.block_lists)
    pages = names = 0
    for element, section in zip(found, stream.sections):
        contents = element.find("contents")[0]
        if section.name == b"ram":
            expect("pages of a RAM section", count_pages(contents), section.pages)
            pages += sum(section.pages.values())
        elif contents.tag == "device":
            start, end = section.payload
            expect("octets of %s" % section.name, struct_octets(contents), stream.data[start:end])
            if section.device:
                mine = {child_value(field, "name").decode() for field in contents.iter("Field")}
                theirs = set(names_of(list(section.device.items())))
                # Fields that QEMU describes no further may have fields inside, named by Berth.
                expect("field names that %s lacks" % section.name, theirs - mine, set())
                names += len(theirs)
    return len(found), pages, names


def count_pages(ram):
    """Pages of each kind, by the entries of a RAM section's groups."""
    counts = {}
    for group in ram.findall("pages"):
        size = child_value(group, "pagesize")
        for entry in group.find("pages"):
            kind = entry.tag
            if kind == "skip":
                continue
            if kind == "full":
                count = len(value(entry)) // size
            elif kind == "zero":
                count = value(entry)
            elif kind == "fill":
                count = child_value(entry, "count")
            else:
                count = 1
            counts[kind] = counts.get(kind, 0) + count
    return counts


WIDTHS = {"uint8": 1, "uint16": 2, "uint32": 4, "uint64": 8, "int8": 1, "int16": 2, "int32": 4,
          "int64": 8, "uint16le": 2, "uint32le": 4, "uint64le": 8}


def struct_octets(element):
    """The wire's octets of a DeviceState, DeviceStruct or SubSection, from XER."""
    out = b"".join(value_octets(field.find("value")[0]) for field in element.find("fields"))
    for section in element.findall("subsections/SubSection"):
        out += b"\x05" + counted(child_value(section, "name"))
        out += child_value(section, "versionid").to_bytes(4, "big") + struct_octets(section)
    return out


def value_octets(element):
    name = element.tag
    if name in WIDTHS:
        return value(element).to_bytes(WIDTHS[name], "little" if name.endswith("le") else "big",
                                       signed=name.startswith("int"))
    if name == "bool":
        return b"\1" if value(element) else b"\0"
    if name in ("blob", "uint8s", "buffer"):
        return value(element)
    if name == "repeat":
        return value_octets(element.find("value")[0]) * child_value(element, "count")
    if name == "text":
        return counted((element.text or "").encode("utf-8"))
    if name == "absent":
        return b"\x30"
    if name == "struct":
        return struct_octets(element)
    if name == "array":
        return b"".join(map(value_octets, element))
    if name == "list":
        return b"".join(b"\1" + value_octets(child) for child in element) + b"\0"
    if name == "tree":
        return len(element).to_bytes(4, "big") + b"".join(
            b"\1" + value_octets(entry.find("key")[0]) + value_octets(entry.find("value")[0])
            for entry in element) + b"\0"
    raise CheckError("a value %s" % name)


def compare_v3(root, stream, root_v4):
    """Version 3 against the binary stream; the values of devices against version 4's, which are
    checked against the stream."""
    expect("block lists", [
        [(child_value(block, "name"), child_value(block, "len")) for block in blocks]
        for blocks in root.iter("bl")],
           stream.block_lists if root.find(".//bl") is not None else [])
    named, pages = [], {}
    devices = []
    is_literal = False
    for element in root.find("top"):
        name = child_value(element, "name")
        is_section = name is not None and (is_literal or not name.startswith(b"berth:"))
        is_literal = name == b"berth:literal"
        if is_section:
            named.append((child_value(element, "sectionid"), name,
                          child_value(element, "instanceid"), child_value(element, "versionid")))
            contents = element.find("contents")[0]
            if contents.tag == "vmstate":
                devices.append((name, contents))
        for entry in element.iter("RAMSecEntry"):
            flags = child_value(entry, "flags")
            body = entry.find("body")[0]
            if flags & 0x04:
                continue
            kind = ("fill" if value(body) else "zero") if flags & 0x02 else "full"
            expect("body with flags %#x" % flags, body.tag, "compr" if flags & 0x02 else "page")
            pages[kind] = pages.get(kind, 0) + 1
    expect("sections with names", named, [
        (s.id, s.name, s.instance, s.version) for s in stream.sections if s.kind in (1, 4)])
    totals = {}
    for section in stream.sections:
        for kind, count in section.pages.items():
            totals[kind] = totals.get(kind, 0) + count
    # Pages of other sizes and kinds are in annotations, as version 4 has them.
    if stream.page_size == 4096 and set(totals) <= {"zero", "fill", "full"}:
        expect("pages", pages, totals)
    theirs = [(child_value(e, "name"), e.find("contents/device"))
              for e in root_v4.iter() if e.tag in ("start", "part", "end", "full")
              and e.find("contents/device") is not None]
    expect("devices", [name for name, _ in devices], [name for name, _ in theirs])
    count = 0
    for (name, mine), (_, other) in zip(devices, theirs):
        values = list(device_values(mine))
        expect("values of %s" % name, values, list(device_values(other)))
        count += len(values)
    return len(named), sum(pages.values()), count


def device_values(element):
    """Numbers, truth values and octets of a device, in order; versions of subsections too."""
    if element.tag == "repeat":
        yield from list(device_values(element.find("value"))) * child_value(element, "count")
    elif element.tag == "uint8s":
        yield from value(element)
    elif element.tag in WIDTHS or element.tag in ("int", "bool", "blob", "buffer", "oldblob",
                                                  "text", "versionid"):
        yield value(element)
    else:
        for child in element:
            yield from device_values(child)
