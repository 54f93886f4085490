#!/usr/bin/env python3
"""Makes Tests/Fixtures/containers: one small stream in every container that Berth opens.

    containers.py STREAM FOLDER

The compressed files are the stock programs' own work. libvirt's images and the disk images are
written here from their formats' descriptions (libvirt's qemu_saveimage.h, QEMU's
docs/interop/qcow2.txt), and know nothing of Berth.
"""
import os
import struct
import subprocess
import sys
import zlib


def tool(*arguments, data):
    return subprocess.run(arguments, input=data, stdout=subprocess.PIPE, check=True).stdout


XML = (b"<domain type='qemu'>\n  <name>gr\xc3\xbcn</name>\n  <graphics passwd='secret'/>\n"
       b"</domain>\n")
COOKIE = b"<qemu/>\n"
FORMATS = ["raw", "gzip", "bzip2", "xz", "lzop", "zstd"]


def compressed(name, data):
    arguments = {
        "gzip": ["gzip", "-nc"], "bzip2": ["bzip2", "-c"], "xz": ["xz", "-c"],
        "lzop": ["lzop", "-c"], "zstd": ["zstd", "-qc"],
    }
    return data if name == "raw" else tool(*arguments[name], data=data)


def libvirt(stream, order, format, magic=b"LibvirtQemudSave", cookie=COOKIE, padding=64,
            running=1, reserved=bytes(56)):
    data = XML + b"\0"
    offset = 0
    if cookie is not None:
        offset = len(data)
        data += cookie + b"\0"
    data += bytes(padding)
    head = magic + struct.pack(order + "5I", 2, len(data), running, format, offset) + reserved
    assert len(head) == 92
    return head + data + stream


class Image:
    """A qcow2 image with one snapshot of VM state and no disk content."""

    def __init__(self, version=3, bits=9, disk=1 << 20, extended=False, compression=None,
                 split=False, extra=24):
        self.version, self.bits, self.size = version, bits, 1 << bits
        self.disk, self.extended, self.compression = disk, extended, compression
        self.split, self.extra = split, extra

    def write(self, state, name=b"s1", identity=b"1"):
        size, bits = self.size, self.bits
        l2_bits = bits - (4 if self.extended else 3)
        unit = 1 << (bits + l2_bits)
        start = -(-self.disk // unit)
        tables = -(-len(state) // unit)
        l1_count = start + tables
        # Clusters: header, snapshot table, refcounts, L1 of the disk, L1, L2 tables, data.
        l1_clusters = -(-l1_count * 8 // size)
        disk_clusters = -(-start * 8 // size)
        blocks = -(-(l1_clusters + disk_clusters + tables + 2 * (len(state) // size) + 64)
                   // (size // 2))
        table_at, counts_at = size, 2 * size
        disk_at = counts_at + (1 + blocks) * size
        l1_at = disk_at + disk_clusters * size
        l2_at = l1_at + l1_clusters * size
        data_at = l2_at + tables * size
        self.shared = []
        entries, data = [], bytearray()
        for index in range(-(-len(state) // size)):
            cluster = state[index * size:(index + 1) * size].ljust(size, b"\0")
            entries.append(self.entry(cluster, data_at, data))
        per_table = 1 << l2_bits
        l2 = bytearray(tables * size)
        step = 16 if self.extended else 8
        for index, entry in enumerate(entries):
            at = index // per_table * size + index % per_table * step
            l2[at:at + len(entry)] = entry
        l1 = [0] * start + [l2_at + index * size for index in range(tables)]
        extra = struct.pack(">QQQ", len(state), self.disk, 2**64 - 1)[:self.extra]
        vm_state_32 = len(state) if self.extra < 8 else 0
        snapshot = struct.pack(
            ">QIHHIIQII", l1_at, l1_count, len(identity), len(name), 1700000000, 5, 1234567890,
            vm_state_32, len(extra)) + extra + identity + name
        header = struct.pack(
            ">4sIQIIQIIQQIIQ", b"QFI\xfb", self.version, 0, 0, bits, self.disk, 0, start, disk_at,
            counts_at, 1, 1, table_at)
        if self.version == 3:
            features = (8 if self.compression == "zstd" else 0) | (16 if self.extended else 0)
            header += struct.pack(">QQQII", features, 0, 0, 4, 112)
            header += bytes([1 if self.compression == "zstd" else 0]) + bytes(7)
        # A cluster counts once, one of compressed data once for each piece in it.
        used = [1] * (data_at // size) + [0] * (-(-len(data) // size))
        for at, end in self.shared:
            for index in range(at // size, (end - 1) // size + 1):
                used[index] += 1
        counts = b"".join(struct.pack(">H", count) for count in used)
        assert len(counts) <= blocks * size
        counts_table = b"".join(
            struct.pack(">Q", counts_at + (1 + index) * size) for index in range(blocks))
        parts = [header, snapshot, counts_table, counts, b"",
                 b"".join(struct.pack(">Q", e) for e in l1)]
        sizes = [size, size, size, blocks * size, disk_clusters * size, l1_clusters * size]
        image = b"".join(part.ljust(s, b"\0") for part, s in zip(parts, sizes))
        assert all(len(part) <= s for part, s in zip(parts, sizes))
        return image + bytes(l2) + bytes(data) + bytes(-len(data) % 512)

    def entry(self, cluster, data_at, data):
        size, bits = self.size, self.bits
        if not any(cluster):
            # Every other cluster of zeros is marked as such, the others are not allocated.
            self.flip = not getattr(self, "flip", False)
            if self.extended:
                return struct.pack(">QQ", 0, 0xffffffff00000000 if self.flip else 0)
            return struct.pack(">Q", 1 if self.flip and self.version == 3 else 0)
        if self.compression:
            if self.compression == "zstd":
                packed = tool("zstd", "-qc", data=cluster)
            else:
                deflate = zlib.compressobj(9, zlib.DEFLATED, -12)
                packed = deflate.compress(cluster) + deflate.flush()
            if len(packed) < size:
                at = data_at + len(data)
                x = 62 - (bits - 8)
                last = at + len(packed) - 1
                sectors = last // 512 - at // 512
                data += packed
                self.shared.append((at, (at // 512 + sectors + 1) * 512))
                entry = 1 << 62 | sectors << x | at
                return struct.pack(">Q", entry) + (bytes(8) if self.extended else b"")
        data += bytes(-(data_at + len(data)) % size)
        at = data_at + len(data)
        self.shared.append((at, at + size))
        if self.extended:
            part = size // 32
            allocated = 0
            for index in range(32):
                if any(cluster[index * part:(index + 1) * part]):
                    allocated |= 1 << index
            zeros = ~allocated & 0xffffffff
            # What is not allocated must not be read: it holds other octets.
            data += b"".join(
                cluster[i * part:(i + 1) * part] if allocated >> i & 1 else b"\xee" * part
                for i in range(32))
            # Half of the zeros are said, half are just not allocated.
            return struct.pack(">QQ", at, (zeros & 0x55555555) << 32 | allocated)
        data += cluster
        return struct.pack(">Q", 1 << 63 | at)


def main():
    make(*sys.argv[1:])


def make(stream_path, folder):
    with open(stream_path, "rb") as file:
        stream = file.read()
    os.makedirs(folder, exist_ok=True)

    def store(name, octets):
        with open(os.path.join(folder, name), "wb") as file:
            file.write(octets)

    half = len(stream) // 2
    halves = (stream[:half], stream[half:])
    for name in FORMATS[1:]:
        store("one." + name, compressed(name, stream))
    skippable = struct.pack("<II", 0x184D2A53, 20) + b"a frame to pass over"
    store("two.gzip", b"".join(compressed("gzip", part) for part in halves))
    store("two.bzip2", b"".join(compressed("bzip2", part) for part in halves))
    store("two.xz", compressed("xz", halves[0]) + bytes(8) + compressed("xz", halves[1]) + bytes(4))
    store("two.zstd", skippable + compressed("zstd", halves[0]) + skippable
          + compressed("zstd", halves[1]) + skippable)
    store("two.lzop", b"".join(compressed("lzop", part) for part in halves))
    store("named.gzip", subprocess.run(
        ["gzip", "-9c", stream_path], stdout=subprocess.PIPE, check=True).stdout)
    store("named.lzop", subprocess.run(
        ["lzop", "-9c", stream_path], stdout=subprocess.PIPE, check=True).stdout)
    store("crc.lzop", tool("lzop", "--crc32", "-c", data=stream))
    store("bare.lzop", tool("lzop", "-F", "-c", data=stream))
    store("best.xz", tool("xz", "-9e", "--check=sha256", "-c", data=stream))
    store("long.zstd", tool("zstd", "-q", "-19", "--long=27", "-c", data=stream))
    store("huge.zstd", tool("zstd", "-q", "-19", "--long=28", "-c", data=stream + bytes(1 << 28)))
    store("nested.xz", compressed("xz", compressed("zstd", compressed("gzip", stream))))

    for number, name in enumerate(FORMATS):
        store(f"little-{name}.libvirt", libvirt(compressed(name, stream), "<", number))
        store(f"big-{name}.libvirt", libvirt(compressed(name, stream), ">", number))
    store("plain.libvirt", libvirt(stream, "<", 0, cookie=None, padding=0, running=0))
    store("odd.libvirt", libvirt(stream, "<", 0, cookie=b"", padding=3,
                                 reserved=b"\x07" + bytes(55)))
    store("partial.libvirt", libvirt(stream, "<", 0, magic=b"LibvirtQemudPart"))

    store("v3.qcow2", Image().write(stream))
    store("v2.qcow2", Image(version=2, bits=12, extra=0).write(stream))
    store("deflate.qcow2", Image(bits=10, compression="zlib").write(stream))
    store("zstd.qcow2", Image(bits=12, compression="zstd").write(stream))
    store("extended.qcow2", Image(bits=14, extended=True).write(stream))
    store("odd-disk.qcow2", Image(bits=10, disk=(1 << 20) + 512).write(
        stream, name="grün".encode(), identity=b"17"))


if __name__ == "__main__":
    main()
