"""Containers: the fixtures are what the stock programs take them for, and those made anew here, by
the programs of this machine, go through Berth to BER, and from there by the independent decoder to
the stream; libvirt's come back to the octet."""

import os
import re
import subprocess

import ber
import containers
import corpus
from decode_v4 import INDEFINITE, PACKED, DecoderV4

UNPACK = {
    "gzip": ["gzip", "-dc"], "bzip2": ["bzip2", "-dc"], "xz": ["xz", "-dc"],
    "zstd": ["zstd", "-qdc", "--long=28"], "lzop": ["lzop", "-qdc"],
}
ALLOWED = INDEFINITE | {PACKED}
STREAM = "avr-uno-7.2.mig"
# huge.zstd's window is for a test of the limit; what it holds ends with 256 MiB of zeros.
HUGE = "huge.zstd"


def run_tool(command, data=b""):
    done = subprocess.run(command, input=data, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          check=False)
    # lzop warns by 2 of an archive of several parts.
    if done.returncode != 0 and not (command[0] == "lzop" and done.returncode == 2):
        raise RuntimeError("%s: %s" % (" ".join(command), done.stderr.decode("utf-8", "replace")))
    return done.stdout


def unpacked(path, kind, stream):
    """What the stock program makes of a compressed file, or of the compressed part of an image."""
    data = run_tool(UNPACK[kind], corpus.read(path))
    while path.endswith("nested.xz") and data[:4] != stream[:4]:
        data = run_tool(UNPACK["zstd" if data[:4] == b"\x28\xb5\x2f\xfd" else "gzip"], data)
    if data != stream:
        raise AssertionError("%d octets that are not the stream" % len(data))
    return ""


def image(path):
    """qemu-img finds nothing wrong with a disk image, and lists its one snapshot."""
    run_tool(["qemu-img", "check", "-q", path])
    listed = run_tool(["qemu-img", "snapshot", "-l", path]).decode("utf-8", "replace")
    if len(re.findall(r"^[0-9]+ ", listed, re.M)) != 1:
        raise AssertionError(listed)
    return ""


def through(berth, path, stream, folder):
    """By Berth to BER, with all of the container; by the independent decoder to stream and file."""
    out, back = os.path.join(folder, "container.ber"), os.path.join(folder, "container.back")
    run_tool([berth, "encode", "-q", "--keep-container", "all", path, "-o", out])
    data = corpus.read(out)
    decoder = DecoderV4(data)
    if decoder.decode() != stream:
        raise AssertionError("the decoded stream differs")
    if decoder.container is None:
        raise AssertionError("the container is not kept")
    for pair in ber.rule_violations(ber.parse(data), lambda element: element.tag in ALLOWED):
        raise AssertionError("%r: %s" % pair)
    whole = decoder.container.file(stream)
    if path.endswith(".qcow2"):
        if whole is not None or decoder.container.name[5] != len(stream):
            raise AssertionError("another container than a snapshot of the stream")
        return "%d octets" % len(data)
    if whole != corpus.read(path):
        raise AssertionError("the file that BER tells differs")
    run_tool([berth, "decode", "-q", "--container", out, "-o", back])
    if corpus.read(back) != whole:
        raise AssertionError("the file that came back differs")
    return "%d octets for %d" % (len(data), len(whole))


def run(report, options, folder):
    if options.shared:
        return
    stream_path = os.path.join(options.fixtures, STREAM)
    stream = corpus.read(stream_path)
    fixtures = os.path.join(options.fixtures, "containers")
    fresh = os.path.join(folder, "containers")
    missing = [tool for tool in UNPACK if not corpus.have(tool)]
    for name in sorted(os.listdir(fixtures)):
        path, kind = os.path.join(fixtures, name), name.rsplit(".", 1)[1]
        if kind in UNPACK and name != HUGE:
            if kind in missing:
                report.skip(kind, "not installed")
                continue
            report.check("container %s by %s" % (name, kind), lambda: unpacked(path, kind, stream))
        elif kind == "qcow2":
            if not corpus.have("qemu-img"):
                report.skip("qemu-img", "not installed")
                continue
            report.check("container %s by qemu-img" % name, lambda: image(path))
    if missing:
        report.skip("containers made anew", "not installed: " + " ".join(missing))
        return
    if report.check("containers.py", lambda: (containers.make(stream_path, fresh), "")[1]) is None:
        return
    for name in sorted(os.listdir(fresh)):
        if name != HUGE:
            path = os.path.join(fresh, name)
            report.check("container %s made anew" % name,
                         lambda: through(options.berth, path, stream, folder))
