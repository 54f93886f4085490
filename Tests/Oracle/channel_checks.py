"""Recordings of several channels: together and each alone, through Berth to BER, and from there by
the independent decoder to the same octets."""

import json
import os
import re
import subprocess

import ber
import corpus
import guest_memory
from decode_channels import ChannelDecoder
from decode_v4 import INDEFINITE as INDEFINITE_MAIN
from decode_v4 import application, context

# Beside those of the main channel: what can't know its length when it begins.
INDEFINITE = INDEFINITE_MAIN | {application(number) for number in (
    9926, 10309, 10576, 8654)} | {context(3)}


def fixtures(folder):
    """Names and paths of recordings that belong together; single ones are sets of one."""
    folder = os.path.join(folder, "Channels")
    found = {}
    for name in sorted(os.listdir(folder)):
        together = re.match(r"(.*-multifd-[0-9.]+)\.ch[0-9]+\.mig$", name)
        key = together.group(1) if together and os.path.exists(os.path.join(
            folder, together.group(1) + ".ch0.mig")) else name
        found.setdefault(key, []).append(os.path.join(folder, name))
    return sorted(found.items())


def shared(folder, temporary):
    """The captures of a manifest that have several files."""
    folder = os.path.join(folder, "streams")
    with open(os.path.join(folder, "manifest.json"), encoding="utf-8") as file:
        manifest = json.load(file)
    for capture in manifest["streams"]:
        if len(capture["files"]) > 1:
            yield capture["name"], guest_memory.paths_of(capture, folder, temporary)


def rebuilt(berth, paths, out):
    command = [berth, "encode", "-q", paths[0], "-o", out]
    for path in paths[1:]:
        command += ["--channel", path]
    result = subprocess.run(command, stderr=subprocess.PIPE, text=True, check=False)
    if result.returncode != 0:
        raise RuntimeError(result.stderr.strip())
    data = corpus.read(out)
    decoder = ChannelDecoder(data)
    main = decoder.decode()
    outputs = ([main] if decoder.has_main else []) + [octets for _, octets in decoder.channels]
    if [corpus.read(path) for path in paths] != outputs:
        raise AssertionError("the decoded channels differ")
    for pair in ber.rule_violations(ber.parse(data), lambda element: element.tag in INDEFINITE):
        raise AssertionError("%r: %s" % pair)
    return "%d channels, %d pages, %d octets for %d" % (
        len(decoder.channels), len(decoder.effects), len(data), sum(map(len, outputs)))


def run(report, options, folder):
    sets = shared(options.shared, folder) if options.shared else fixtures(options.fixtures)
    out = os.path.join(folder, "channels.ber")
    for name, paths in sets:
        for group in [paths] + ([[path] for path in paths[1:]] if len(paths) > 1 else []):
            title = name if group is paths else os.path.basename(group[0])
            report.check("channels of " + title, lambda: rebuilt(options.berth, group, out))
