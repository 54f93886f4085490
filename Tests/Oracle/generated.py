"""Holds generated schemas against other compilers that know X.681: Erlang's asn1ct, and pycrate.

`berth schema generate` must give a module that they compile, and whose types describe the very
octets that the generic schema does, be it made of a stream or of what `-dump-vmstate` writes. asn1ct's decoder reads each FULL section's contents by the
device's own type; the object set tells here which one (asn1ct finds no row by a UTF8String, and
reads no tags of three octets, as the file's own). pycrate finds the row itself, by the name.
"""

import importlib.util
import os
import re
import subprocess
import sys

import ber
import corpus

SEC_FULL = (ber.APPLICATION, 2003)
ESCRIPT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "generated.escript")


def module_name(text):
    """The word before DEFINITIONS."""
    words = [word for line in text.splitlines() if not line.startswith("--")
             for word in line.split()]
    return words[words.index("DEFINITIONS") - 1]


def generate(berth, path, folder):
    """The module's name and text; it is in the folder, under the name that asn1ct wants."""
    done = subprocess.run(
        [berth, "schema", "generate", "-q", path], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError("schema generate: %s" % done.stderr.strip())
    name = module_name(done.stdout)
    with open(os.path.join(folder, "generated.asn"), "w", encoding="ascii") as file:
        file.write(done.stdout)
    # Subsections, and fields that may be missing, are open types here, for asn1ct: see above.
    with open(os.path.join(folder, name + ".asn1"), "w", encoding="ascii") as file:
        file.write(re.sub(r"((?:SUBSECTION|FIELD)\.&\w+) \(\{[\w-]+\}\{@name\}\)", r"\1",
                          done.stdout))
    return name, done.stdout


def sections(data):
    """The FULL sections, in stream order, those within packages too: (name, octets, contents)."""
    return [(element.children[1].string().decode(), data[element.start:element.after],
             data[element.children[4].start:element.children[4].after])
            for element in ber.walk(ber.parse(data)) if element.tag == SEC_FULL]


def rows(text):
    """The object set's rows: a device's name leads to its type."""
    return dict(re.findall(r'\{ NAME "([^"]+)" VERSION \d+ STATE (\S+) \}', text))


def families(text):
    """A dump's rows: (what the device's names match, its type)."""
    patterns = dict(re.findall(r'^(\S+) ::= UTF8String \(PATTERN "(.*)"\)$', text, re.MULTILINE))
    return [(re.compile(patterns[name]), kind) for name, kind in re.findall(
        r"\{ NAMES \{ (\S+) \} VERSIONS \{ [\d |]+ \} STATE (\S+) \}", text)]


def compile_module(name, folder):
    done = subprocess.run(
        ["escript", ESCRIPT, "compile", name], cwd=folder, capture_output=True, text=True,
        check=False, timeout=300)
    if done.returncode != 0:
        raise RuntimeError("asn1ct: %s" % (done.stdout + done.stderr).strip()[:400])


def decode(name, values, folder):
    """What asn1ct's decoder says of each (type, octets): "decoded" or "refused"."""
    files = os.path.join(folder, "values")
    with open(files, "wb") as file:
        for kind, octets in values:
            for part in (kind.encode(), octets):
                file.write(len(part).to_bytes(4, "big") + part)
    done = subprocess.run(
        ["escript", ESCRIPT, "decode", name, files], cwd=folder, capture_output=True, text=True,
        check=False, timeout=300)
    if done.returncode != 0:
        raise RuntimeError("escript: %s" % (done.stdout + done.stderr).strip()[:400])
    return done.stdout.split()


PYCRATE = """
import sys
from pycrate_asn1c.asnproc import compile_text, generate_modules, PycrateGenerator
compile_text(open(sys.argv[1]).read())
generate_modules(PycrateGenerator, "pycrate_module.py")
sys.path.insert(0, ".")
import pycrate_module
module = [value for name, value in vars(pycrate_module).items() if name.startswith("Qemu4")][0]
data = open(sys.argv[2], "rb").read()
while data:
    size = int.from_bytes(data[:4], "big")
    module.SecFull.from_ber(data[4:4 + size])
    value = module.SecFull.get_val()
    assert "_unk_" not in repr(value), repr(value)[:300]
    print("RESULT", value["contents"][0])
    data = data[4 + size:]
"""


def pycrate(parts, folder):
    """The types that pycrate finds for the sections' contents."""
    files = os.path.join(folder, "sections")
    with open(files, "wb") as file:
        for part in parts:
            file.write(len(part).to_bytes(4, "big") + part)
    done = subprocess.run(
        [sys.executable, "-c", PYCRATE, "generated.asn", files], cwd=folder, capture_output=True,
        text=True, check=False, timeout=300)
    if done.returncode != 0:
        raise RuntimeError("pycrate: %s" % done.stderr.strip()[-400:])
    return [line.split(" ", 1)[1] for line in done.stdout.splitlines()
            if line.startswith("RESULT ")]


PYCRATE_TYPES = """
import sys
from pycrate_asn1c.asnproc import compile_text, generate_modules, PycrateGenerator
compile_text(open(sys.argv[1]).read())
generate_modules(PycrateGenerator, "pycrate_module.py")
sys.path.insert(0, ".")
import pycrate_module
module = [value for name, value in vars(pycrate_module).items() if name.startswith("Qemu4")][0]
data = open(sys.argv[2], "rb").read()
while data:
    size = int.from_bytes(data[:4], "big")
    name, octets = data[4:4 + size].decode(), data[8 + size:]
    size = int.from_bytes(data[4 + size:8 + size], "big")
    kind = getattr(module, name.replace("-", "_"))
    kind.from_ber(octets[:size])
    assert "_unk_" not in repr(kind.get_val()), name
    print("RESULT", name)
    data = octets[size:]
"""


def has_open_arrays(octets):
    """Whether there is an array of structures ([9] of [8]) inside a structure ([8])."""
    def holds(element, isInside):
        for child in element.children or ():
            if isInside and element.tag == (ber.CONTEXT, 9) and child.tag in (
                    (ber.CONTEXT, 8), (ber.CONTEXT, 12)):
                return True
            if holds(child, isInside or child.tag == (ber.CONTEXT, 8)):
                return True
        return False
    return any(holds(root, False) for root in ber.parse(octets))


def check_dump(report, options, dump, stream, folder):
    """A dump's module, and a stream of the same QEMU. asn1ct's decoder does not read the generic
    schema's arrays of structures (a badmatch in its own code, where asn1c, pycrate and Berth read
    on), which stand in opened fields: of devices that have such, pycrate's verdict alone counts. The rows' names are sets of values, in which
    neither tool looks anything up: the device's type is told to both."""
    state = {}
    path = stream.materialise(folder)
    out = os.path.join(folder, "dump.ber")
    corpus.encode(options.berth, path, 4, out)
    data = corpus.read(out)

    def compiles():
        state["name"], text = generate(options.berth, dump, folder)
        state["rows"] = families(text)
        compile_module(state["name"], folder)
        return "%d devices" % len(state["rows"])

    def wanted():
        pairs = []
        for device, _, contents in sections(data):
            kinds = [kind for pattern, kind in state["rows"] if pattern.fullmatch(device)]
            assert len(kinds) < 2, "%s: %s" % (device, kinds)
            pairs += [(kind, contents) for kind in kinds]
        assert pairs, "the dump has none of the devices"
        return pairs

    def decodes():
        pairs = [pair for pair in wanted() if not has_open_arrays(pair[1])]
        verdicts = decode(state["name"], pairs, folder)
        wrong = [kind for (kind, _), verdict in zip(pairs, verdicts) if verdict != "decoded"]
        assert not wrong and len(verdicts) == len(pairs), "refused: %s" % ", ".join(wrong[:4])
        return "%d of %d sections" % (len(pairs), len(sections(data)))

    def reads():
        pairs = wanted()
        files = os.path.join(folder, "parts")
        with open(files, "wb") as file:
            for kind, octets in pairs:
                for part in (kind.encode(), octets):
                    file.write(len(part).to_bytes(4, "big") + part)
        done = subprocess.run(
            [sys.executable, "-c", PYCRATE_TYPES, "generated.asn", files], cwd=folder,
            capture_output=True, text=True, check=False, timeout=600)
        assert done.returncode == 0, done.stderr.strip()[-300:]
        found = [line.split()[1] for line in done.stdout.splitlines() if line.startswith("RESULT")]
        assert found == [kind for kind, _ in pairs], "%s" % found[:4]
        return "%d sections" % len(found)

    name = os.path.basename(dump)
    if not corpus.have("escript"):
        report.skip("asn1ct", "Erlang is not installed")
    elif report.check("%s: asn1ct compiles its module" % name, compiles) is not None:
        report.check("%s: asn1ct's decoder reads %s by it" % (name, stream.name), decodes)
    if "rows" in state and importlib.util.find_spec("pycrate_asn1c") is not None:
        report.check("%s: pycrate's decoder reads %s by it" % (name, stream.name), reads)
    if path != stream.path:
        os.remove(path)


def check(report, options, stream, path, data, folder):
    """
    path: the binary stream; data: its version 4, which is as stream.data.
    """
    if not corpus.have("escript"):
        report.skip("asn1ct", "Erlang is not installed")
        return
    state = {}

    def compiles():
        state["name"], text = generate(options.berth, path, folder)
        state["rows"] = rows(text)
        compile_module(state["name"], folder)
        return state["name"]

    def decodes():
        wanted = [(state["rows"][device], contents) for device, _, contents in sections(data)]
        verdicts = decode(state["name"], wanted, folder)
        assert len(verdicts) == len(wanted), "%d of %d" % (len(verdicts), len(wanted))
        wrong = [kind for (kind, _), verdict in zip(wanted, verdicts) if verdict != "decoded"]
        assert not wrong, "refused: %s" % ", ".join(wrong[:4])
        return "%d sections" % len(wanted)

    def refuses():
        """A device's first value gets a tag that no value has."""
        for device, _, contents in sections(data):
            octets = bytearray(contents)
            fields = [element for element in ber.walk(ber.parse(contents))
                      if len(element.children or ()) == 2
                      and element.children[0].tag == (ber.UNIVERSAL, 12)]
            if not fields:
                continue
            at = fields[0].children[1].start
            octets[at] = octets[at] & 0x20 | 0x9E
            verdicts = decode(state["name"], [(state["rows"][device], bytes(octets))], folder)
            assert verdicts == ["refused"], "%s: %s" % (device, verdicts)
            return device
        raise AssertionError("no section has a field")

    def finds_rows():
        wanted = [(state["rows"][device], octets) for device, octets, _ in sections(data)]
        found = pycrate([octets for _, octets in wanted], folder)
        assert found == [kind for kind, _ in wanted], "%s" % found[:4]
        return "%d sections" % len(found)

    if report.check("%s: asn1ct compiles the generated schema" % stream.name, compiles) is None:
        return
    report.check("%s: asn1ct's decoder reads all devices by it" % stream.name, decodes)
    report.check("%s: asn1ct's decoder refuses another tag" % stream.name, refuses)
    if importlib.util.find_spec("pycrate_asn1c") is None:
        report.skip("pycrate", "not installed")
        return
    report.check("%s: pycrate finds each device's type by its name" % stream.name, finds_rows)
