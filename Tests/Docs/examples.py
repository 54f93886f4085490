#!/usr/bin/env python3
"""Runs what the documents show, and holds what they show against what comes.

    examples.py --berth BERTH DOCUMENT.md…

In a block of code, lines that begin with "$ " are commands, the lines up to the next are what they print, on
either stream. A line "…" stands for any number of lines, one at a line's end for the rest of it. Blocks
without "$ " are looked at by nobody. The commands of a document run in its order, in a folder that has
vm.mig, later.mig and target.mig (from Samples) and files that stand in FILES. Commands that want QEMU or
another terminal begin with one of SKIPPED; they are not run. A Swift program that is shown must be one of
Examples/.
"""
import argparse
import os
import re
import shutil
import struct
import subprocess
import sys
import tempfile

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
SKIPPED = ["qemu-system-", "berth relay"]
# Run where they are installed.
OPTIONAL = ["gdb"]


def dump(size):
    """What -dump-vmstate writes, of one device with a field of so many octets."""
    return """{
  "vmschkmachine": {"Name": "pc-q35-9.2"},
  "rtl8139": {
    "Name": "rtl8139",
    "version_id": 5,
    "minimum_version_id": 3,
    "Description": {
      "name": "rtl8139",
      "version_id": 5,
      "minimum_version_id": 3,
      "Fields": [
        {"field": "TxStatus", "version_id": 0, "field_exists": false, "size": 4},
        {"field": "cur_rx", "version_id": 0, "field_exists": false, "size": %d}
      ]
    }
  }
}
""" % size


FILES = {
    "old.json": dump(4),
    "new.json": dump(8),
    "bad.asn": "Bad DEFINITIONS ::= BEGIN\nA ::= SEQUENCE { name QemuSting, n INTEGER (1..0) }\n"
               "QemuString ::= UTF8String\nEND\n",
    "message.asn": "Mail DEFINITIONS AUTOMATIC TAGS ::= BEGIN\n"
                   "Message ::= SEQUENCE { to IA5String (SIZE (1..64)), priority INTEGER (0..9) }\nEND\n",
}


def short_page(berth, folder):
    """A file of version 3 with a page of 4095 octets, in segments of 4000 and 95."""
    word = lambda number: struct.pack(">Q", number)  # noqa: E731
    section = struct.pack(">I", 2)
    footer = b"\x7e" + section
    stream = b"QEVM" + struct.pack(">I", 3)
    stream += b"\1" + section + b"\3ram" + struct.pack(">II", 0, 4)
    stream += word(0x2000 | 4) + b"\1m" + word(0x2000) + word(0x10) + footer
    stream += b"\2" + section + word(8) + b"\1m" + (bytes(range(1, 256)) * 17)[:4096] + word(0x10) + footer
    stream += b"\3" + section + word(0x10) + footer + b"\0"
    path = os.path.join(folder, "whole.ber")
    subprocess.run([berth, "encode", "-q", "--schema-version", "3", "-", "-o", path],
                   input=stream, check=True)
    with open(path, "rb") as file:
        octets = file.read()
    os.unlink(path)
    at = octets.index(b"\4\x82\x10\0")
    page = octets[at + 4:at + 4100]
    segments = b"\x24\x82\x10\x05\4\x82\x0f\xa0" + page[:4000] + b"\4\x5f" + page[4000:4095]
    head = octets[:at]
    # The record around it is five octets longer.
    outer = head.rindex(b"\x7f\xc5\x52\x82")
    length = struct.unpack(">H", head[outer + 4:outer + 6])[0] + 5
    head = head[:outer + 4] + struct.pack(">H", length) + head[outer + 6:]
    return head + segments + octets[at + 4100:]


def prepare(berth, folder):
    samples = os.path.join(ROOT, "Samples")
    shutil.copy(os.path.join(samples, "pc-i440fx-7.2.mig"), os.path.join(folder, "vm.mig"))
    for name, packed in (("later.mig", "pc-i440fx-7.2-later.mig.zst"),
                         ("target.mig", "pc-i440fx-7.2-on-11.1.mig.zst")):
        subprocess.run([berth, "encode", "-q", os.path.join(samples, packed), "-o",
                        os.path.join(folder, "x")], check=True)
        subprocess.run([berth, "decode", "-q", os.path.join(folder, "x"), "-o",
                        os.path.join(folder, name)], check=True)
    os.unlink(os.path.join(folder, "x"))
    for name, text in FILES.items():
        with open(os.path.join(folder, name), "w", encoding="ascii") as file:
            file.write(text)
    with open(os.path.join(folder, "bad.ber"), "wb") as file:
        file.write(short_page(berth, folder))
    with open(os.path.join(folder, "message.ber"), "wb") as file:
        file.write(bytes.fromhex("300a8005616c69636581010c"))


def blocks(text):
    """Blocks of code: indented by four columns, or between fences; each with its first line's number."""
    block, start, fenced = [], 0, False
    for number, line in enumerate(text.split("\n") + [""], 1):
        if line.startswith("```"):
            fenced = not fenced
            if fenced:
                block, start = [], number + 1
            else:
                yield start, block
                block = []
        elif fenced:
            block.append(line)
        elif line.startswith("    "):
            if not block:
                start = number
            block.append(line[4:])
        elif line.strip() == "" and block:
            block.append("")
        elif block:
            yield start, block
            block = []
    if block:
        yield start, block


def commands(block, start):
    """(number of line, command, lines that it prints) of a block."""
    found = []
    for number, line in enumerate(block, start):
        if line.startswith("$ "):
            found.append((number, line[2:], []))
        elif found and found[-1][1].endswith("\\"):
            found[-1] = (found[-1][0], found[-1][1][:-1] + line.strip(), [])
        elif found:
            found[-1][2].append(line)
    for _, _, lines in found:
        while lines and not lines[-1].strip():
            lines.pop()
    return found


def library(text):
    """The program that a document shows must be one of Examples/, which are built: what it lacks of it."""
    shown = re.findall(r"^```swift\n(import .*?)^```", text, re.S | re.M)
    sources = ""
    for folder, _, names in os.walk(os.path.join(ROOT, "Examples", "Sources")):
        for name in names:
            with open(os.path.join(folder, name), encoding="utf-8") as file:
                sources += file.read()
    for program in shown:
        for part in re.findall(r"^struct .*?^}", program, re.S | re.M):
            if part not in sources:
                yield part


def pattern(lines):
    """What a command must print, as an expression."""
    text = ""
    for line in lines:
        if line.strip() == "…":
            text += r"(?:.*\n)*"
        elif line.endswith("…"):
            text += re.escape(line[:-1]) + ".*\n"
        else:
            text += re.escape(line) + "\n"
    return re.compile(text)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--berth", required=True)
    parser.add_argument("documents", nargs="+")
    options = parser.parse_args()
    berth = os.path.abspath(options.berth)
    failed = run = 0
    for document in options.documents:
        with open(document, encoding="utf-8") as file:
            text = file.read()
        for part in library(text):
            failed += 1
            print("FAIL  %s: not in Examples/: %s" % (document, part))
        with tempfile.TemporaryDirectory() as folder:
            programs = os.path.join(folder, "programs")
            os.mkdir(programs)
            os.symlink(berth, os.path.join(programs, "berth"))
            work = os.path.join(folder, "work")
            os.mkdir(work)
            prepare(berth, work)
            environment = dict(os.environ, PATH=programs + ":" + os.environ["PATH"], LC_ALL="C.UTF-8")
            for start, block in blocks(text):
                for number, command, lines in commands(block, start):
                    program = command.split()[0]
                    if command.startswith(tuple(SKIPPED)) \
                            or program in OPTIONAL and not shutil.which(program):
                        continue
                    run += 1
                    done = subprocess.run(
                        ["bash", "-c", command], cwd=work, env=environment, stdin=subprocess.DEVNULL,
                        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60, check=False)
                    printed = done.stdout.decode("utf-8", "replace")
                    if printed and not printed.endswith("\n"):
                        printed += "\n"
                    if not pattern(lines).fullmatch(printed):
                        failed += 1
                        print("FAIL  %s:%d: %s\n--- shown\n%s\n--- printed\n%s" % (
                            document, number, command, "\n".join(lines), printed))
    if not run:
        sys.exit("FAIL  no command in any document")
    print("%s    documents: %d commands, %d faults" % (
        "FAIL" if failed else "ok", run, failed))
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
