"""Random schemas and values, encoded and judged by asn1tools: one JSON object a line."""
import json
import random
import sys

import asn1tools

rnd = random.Random(int(sys.argv[1]))
count = int(sys.argv[2])
rules = sys.argv[3]
PRINTABLE = "abcXYZ019 '()+,-./:=?"
ALPHABETS = {
    "NumericString": "0123456789 ",
    "PrintableString": PRINTABLE,
    "IA5String": PRINTABLE + "@_#\t",
    "VisibleString": PRINTABLE + "@_#",
    "UTF8String": "ab\u00e9\u20ac\U0001d11e",
    "BMPString": "ab\u00e9\u20ac",
}


def size(limit=6):
    low = rnd.randrange(limit)
    high = low + rnd.randrange(limit)
    return low, high


def slightly_outside(low, high):
    """Mostly inside, now and then not."""
    if rnd.random() < 0.12:
        return max(0, rnd.choice([low - 1, high + 1]))
    return rnd.randint(low, high)


def make(depth):
    """A type's text, and a function that makes values of it."""
    kinds = ["int", "range", "bool", "null", "octets", "bits", "string", "enum", "oid"]
    if depth > 0:
        kinds += ["sequence", "set", "choice", "list"] * 2
    kind = rnd.choice(kinds)
    if kind == "int":
        return "INTEGER", lambda: rnd.choice([0, -1, 127, 128, -128, -129, 1 << 64, -(1 << 70), rnd.randrange(-9999, 9999)])
    if kind == "range":
        low = rnd.choice([0, -5, 100, -(1 << 66), 1 << 63])
        high = low + rnd.choice([0, 1, 255, 1 << 40, 1 << 70])
        return f"INTEGER ({low}..{high})", lambda: rnd.choice([low, high, (low + high) // 2, low - 1 if rnd.random() < 0.2 else low, high + 1 if rnd.random() < 0.2 else high])
    if kind == "bool":
        return "BOOLEAN", lambda: rnd.random() < 0.5
    if kind == "null":
        return "NULL", lambda: None
    if kind == "octets":
        low, high = size()
        return f"OCTET STRING (SIZE ({low}..{high}))", lambda: rnd.randbytes(slightly_outside(low, high))
    if kind == "bits":
        low, high = size(20)

        def bits():
            number = slightly_outside(low, high)
            octets = bytearray(rnd.randbytes((number + 7) // 8))
            if number % 8:
                octets[-1] &= 0xFF << (8 - number % 8) & 0xFF
            return bytes(octets), number

        return f"BIT STRING (SIZE ({low}..{high}))", bits
    if kind == "string":
        name = rnd.choice(sorted(ALPHABETS))
        low, high = size()
        letters = ALPHABETS[name]
        text = f"{name} (SIZE ({low}..{high}))"
        return text, lambda: "".join(rnd.choice(letters) for _ in range(slightly_outside(low, high)))
    if kind == "enum":
        names = [f"e{i}" for i in range(rnd.randint(1, 5))]
        return "ENUMERATED { " + ", ".join(names) + " }", lambda: rnd.choice(names)
    if kind == "oid":
        return "OBJECT IDENTIFIER", lambda: rnd.choice(["1.2", "2.5.29.3", "1.3.6.1.4.1.311.21", "0.39.16384"])
    if kind == "list":
        text, value = make(depth - 1)
        low, high = size(4)
        of = "SEQUENCE"
        return f"{of} (SIZE ({low}..{high})) OF {text}", lambda: [value() for _ in range(slightly_outside(low, high))]
    members = []
    for index in range(rnd.randint(1, 5)):
        text, value = make(depth - 1)
        members.append((f"m{index}", text, value, rnd.random() < 0.3 and kind != "choice"))
    body = ", ".join(f"{n} {t}{' OPTIONAL' if o else ''}" for n, t, v, o in members)
    if rnd.random() < 0.2:
        body += ", ..."
    if kind == "choice":
        def choose():
            name, _, value, _ = rnd.choice(members)
            return name, value()

        return "CHOICE { " + body + " }", choose

    def fields():
        return {n: v() for n, t, v, o in members if not o or rnd.random() < 0.5}

    return kind.upper() + " { " + body + " }", fields


for _ in range(count):
    text, value = make(3)
    schema = f"M DEFINITIONS AUTOMATIC TAGS ::= BEGIN T ::= {text} END"
    try:
        compiled = asn1tools.compile_string(schema, rules)
    except Exception:
        continue
    try:
        as_json = asn1tools.compile_string(schema, "jer")
    except Exception:
        continue
    vectors = []
    for _ in range(8):
        try:
            encoded = bytes(compiled.encode("T", value()))
        except Exception:
            continue
        try:
            compiled.decode("T", encoded, check_constraints=True)
            verdict = True
        except Exception:
            verdict = False
        try:
            listing = as_json.encode("T", compiled.decode("T", encoded)).decode() if verdict else ""
        except Exception:
            listing = ""
        vectors.append([encoded.hex(), verdict, listing])
    print(json.dumps({"schema": schema, "vectors": vectors}))
