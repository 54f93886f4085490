#!/usr/bin/env python3
"""Each form of constraint with octets that it allows and octets that it doesn't.

    forms.py --berth BERTH [--fill]

`forms.tsv` has a line a form: clause, type, good and bad octets, and the tools that gave these
verdicts. Tools that are installed are asked again and must still say so; a form that none of them
applies has `by hand`, its values were worked out from the clause. `--fill` asks the tools anew and
writes the last column.
"""

import argparse
import os
import subprocess
import sys
import tempfile

import peers

HERE = os.path.dirname(os.path.abspath(__file__))
TABLE = os.path.join(HERE, "forms.tsv")
MODULE = """M DEFINITIONS AUTOMATIC TAGS ::= BEGIN
T ::= %s
END
"""
# What a type refers to; only then it is there, for not every tool reads all of it.
SUPPORT = {
    "Small": "Small ::= INTEGER (0..9)",
    "Numbers": "Numbers ::= SEQUENCE OF INTEGER",
    "Pair": "Pair ::= SEQUENCE { a INTEGER, b INTEGER OPTIONAL }",
    "Either": "Either ::= CHOICE { x NULL, y NULL }",
    "Upto": "Upto {INTEGER:n} ::= INTEGER (0..n)",
    "Many": "Many {Item, INTEGER:n} ::= SEQUENCE (SIZE (1..n)) OF Item",
    "KNOWN": "KNOWN ::= CLASS { &id INTEGER UNIQUE, &Type } WITH SYNTAX { &id IS &Type }",
    "Known": "Known KNOWN ::= { {1 IS BOOLEAN} | {2 IS INTEGER (0..5)} }",
}


def text(type_):
    lines = MODULE % type_
    for name, definition in SUPPORT.items():
        if name in type_:
            lines = lines.replace("END\n", definition + "\nEND\n")
    return lines


def rows():
    with open(TABLE, encoding="utf-8") as file:
        for line in file:
            if line.strip() and not line.startswith("#"):
                cells = (line.rstrip("\n").split("\t") + [""])[:5]
                yield cells[0], cells[1], cells[2].split(), cells[3].split(), cells[4]


def agrees(module, good, bad):
    return all(module.judge(bytes.fromhex(octets)) for octets in good) and not any(
        module.judge(bytes.fromhex(octets)) for octets in bad)


def berth_says(berth, folder, type_, octets):
    path = os.path.join(folder, "m.asn")
    with open(path, "w", encoding="utf-8") as file:
        file.write(text(type_))
    result = subprocess.run(
        [berth, "validate", "--schema", path, "--type", "T", "--format", "line"],
        input=bytes.fromhex(octets), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    if result.returncode not in (0, 1):
        raise AssertionError("%s: %s" % (type_, result.stdout.decode()[:300]))
    return result.returncode == 0, result.stdout.decode()


def check(berth, report):
    """Texts of what is wrong; `report` hears of each tool how many forms it judged."""
    tools = peers.installed()
    with tempfile.TemporaryDirectory() as folder:
        for clause, type_, good, bad, by in rows():
            for octets, wanted in [(o, True) for o in good] + [(o, False) for o in bad]:
                valid, words = berth_says(berth, folder, type_, octets)
                if valid != wanted:
                    yield "%s %s, %s: %s" % (clause, type_, octets, words.strip() or "valid")
            if not good or not bad or not by:
                yield "%s %s: incomplete" % (clause, type_)
            for tool in tools:
                if tool.name in by.split(", "):
                    module = tool.compile(text(type_))
                    report(tool.name)
                    if module is None or not agrees(module, good, bad):
                        yield "%s %s: %s doesn't say so" % (clause, type_, tool.name)
    close(tools)


def close(tools):
    for tool in tools:
        if hasattr(tool, "close"):
            tool.close()


def fill():
    tools = peers.installed()
    with open(TABLE, encoding="utf-8") as file:
        head = [line for line in file if line.startswith("#")]
    lines = []
    for clause, type_, good, bad, _ in rows():
        names = [tool.name for tool in tools for module in [tool.compile(text(type_))]
                 if module and agrees(module, good, bad)]
        lines.append("\t".join([clause, type_, " ".join(good), " ".join(bad),
                                ", ".join(names) or "by hand"]) + "\n")
    close(tools)
    with open(TABLE, "w", encoding="utf-8") as file:
        file.writelines(head + lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--berth", required=True)
    parser.add_argument("--fill", action="store_true")
    options = parser.parse_args()
    if options.fill:
        fill()
    judged = []
    problems = list(check(os.path.abspath(options.berth), judged.append))
    for problem in problems:
        print("FAIL ", problem)
    print("%d forms; %s" % (len(list(rows())), ", ".join(
        "%d by %s" % (judged.count(name), name) for name in sorted(set(judged)))))
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
