"""Finds the streams, and has Berth encode them."""

import json
import os
import shutil
import subprocess


class Stream:
    """A main-channel binary stream: a name, and how to get its octets into a file."""

    def __init__(self, name, path, info=None):
        self.name, self.path, self.info = name, path, info or {}
        self.size = self.info.get("bytes") or os.path.getsize(path)

    def materialise(self, folder):
        """The path of the uncompressed file."""
        if not self.path.endswith(".zst"):
            return self.path
        path = os.path.join(folder, os.path.basename(self.path)[:-4])
        if not os.path.exists(path):
            subprocess.run(["zstd", "-q", "-d", "-f", self.path, "-o", path], check=True)
        return path


def fixtures(folder):
    names = sorted(name for name in os.listdir(folder) if name.endswith(".mig"))
    return [Stream(name[:-4], os.path.join(folder, name)) for name in names]


def shared(folder):
    """The main-channel streams of a manifest: neither multifd channels, return paths nor
    containers."""
    folder = os.path.join(folder, "streams")
    with open(os.path.join(folder, "manifest.json"), encoding="utf-8") as file:
        manifest = json.load(file)
    found = []
    for stream in manifest["streams"]:
        for info in stream["files"]:
            if info["kind"].startswith("QEVM stream"):
                name = info["file"][:-len(".mig.zst")]
                found.append(Stream(name, os.path.join(folder, info["file"]), info))
    return found


def dumps(folder):
    """What -dump-vmstate wrote."""
    if not os.path.isdir(folder):
        return []
    return [Stream(name.split(".json")[0], os.path.join(folder, name))
            for name in sorted(os.listdir(folder)) if ".json" in name]


def encode(berth, path, version, out):
    """Encodes with Berth. Gives the warnings."""
    result = subprocess.run(
        [berth, "encode", path, "-o", out, "--schema-version", str(version)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
    if result.returncode != 0:
        raise RuntimeError("berth encode --schema-version %d %s: status %d: %s" % (
            version, path, result.returncode, result.stderr.decode(errors="replace").strip()))
    return result.stderr.decode(errors="replace")


def read(path):
    with open(path, "rb") as file:
        return file.read()


def have(tool):
    return shutil.which(tool) is not None
