"""Has `unber`, `openssl asn1parse` and `dumpasn1` read files, and compares what they count.

dumpasn1 has X.509 in mind. It counts as errors what X.690 allows: an element of zero length whose
tag is not universal (a NULL or an empty SEQUENCE OF under an IMPLICIT tag), a negative INTEGER, and,
where it guesses that an implicit tag hides a text, octets that are none. Each such error is held
against our own reading of the element at that offset; any other is a failure. `-z` allows zero
length under universal tags; `-e -o` keep it from guessing what is inside octet strings.
"""

import re
import subprocess

import ber

# dumpasn1 names the element in one line and what is wrong with it in the next.
DUMP_ELEMENT = re.compile(rb"^ *(\d+) +(NDEF|\d+):")
DUMP_ERROR = re.compile(rb"^ *: *Error: (.*)$")


def run(command):
    result = subprocess.run(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    return result.returncode, result.stdout


def unber(path, elements):
    """What `unber` finds wrong, as texts."""
    status, text = run(["unber", path])
    count = len(re.findall(rb"^ *<[PCI] O=", text, re.MULTILINE))
    if status != 0:
        yield "status %d: %s" % (status, text[-200:])
    if count != len(elements):
        yield "%d elements, not %d" % (count, len(elements))


def openssl(path, elements):
    status, text = run(["openssl", "asn1parse", "-inform", "DER", "-in", path])
    count = len(re.findall(rb"^ *\d+:d=\d+ ", text, re.MULTILINE))
    # It lists ends of contents too.
    ends = len(re.findall(rb"^ *\d+:d=\d+ .*: EOC *$", text, re.MULTILINE))
    indefinite = sum(1 for element in elements if element.indefinite)
    if status != 0:
        yield "status %d: %s" % (status, text[-200:])
    if (count - ends, ends) != (len(elements), indefinite):
        yield "%d elements and %d ends, not %d and %d" % (
            count - ends, ends, len(elements), indefinite)


def dumpasn1(path, elements):
    status, text = run(["dumpasn1", "-z", "-e", "-o", path])
    by_offset = {element.start: element for element in elements}
    count = errors = 0
    element = None
    for line in text.splitlines():
        match = DUMP_ELEMENT.match(line)
        if match:
            count += 1
            element = by_offset.get(int(match.group(1)))
            if element is None:
                yield "an element at %s" % match.group(1).decode()
            continue
        match = DUMP_ERROR.match(line)
        if match:
            errors += 1
            if element is None or not is_excused(match.group(1), element):
                yield "%r: %s" % (element, match.group(1).decode(errors="replace"))
    if status != errors & 0xFF:
        yield "status %d, but %d errors shown" % (status, errors)
    if count != len(elements):
        yield "%d elements, not %d" % (count, len(elements))


def is_excused(text, element):
    if text.startswith(b"Object has zero length"):
        return element.tag[0] != ber.UNIVERSAL and element.body == element.end
    if text.startswith(b"Integer is encoded as a negative value"):
        return element.tag == ber.INTEGER and element.integer() < 0
    if text.startswith(b"IA5String contains illegal character"):
        return element.tag[0] != ber.UNIVERSAL and not element.constructed
    return False


TOOLS = {"unber": unber, "openssl": openssl, "dumpasn1": dumpasn1}
