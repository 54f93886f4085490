"""Octets of streams and of BER files, as far as the tests of limits need them."""

import struct

HEADER = b"QEVM" + struct.pack(">I", 3)
CONFIGURATION = b"\7" + struct.pack(">I", 1) + b"m"
EOS = struct.pack(">Q", 0x10)


def word(value):
    return struct.pack(">Q", value)


def section(kind, number, payload, name=None, version=1, footer=True):
    head = bytes([kind]) + struct.pack(">I", number)
    if name:
        head += bytes([len(name)]) + name.encode() + struct.pack(">II", 0, version)
    return head + payload + (b"\x7e" + struct.pack(">I", number) if footer else b"")


def stream(*items, json=None):
    end = b"\0"
    if json is not None:
        end += b"\6" + struct.pack(">I", len(json)) + json
    return HEADER + CONFIGURATION + b"".join(items) + end


# BER, as far as it is needed here.

def application(number, constructed=True):
    digits = [number & 0x7f]
    number >>= 7
    while number:
        digits.append(number & 0x7f | 0x80)
        number >>= 7
    return bytes([0x7f if constructed else 0x5f]) + bytes(reversed(digits))


def tlv(tag, *content):
    body = b"".join(content)
    count = len(body)
    if count < 128:
        return tag + bytes([count]) + body
    octets = count.to_bytes((count.bit_length() + 7) // 8, "big")
    return tag + bytes([0x80 | len(octets)]) + octets + body


def integer(value, tag=b"\2"):
    return tlv(tag, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def text(value):
    return tlv(b"\x0c", value.encode())


def file4(*items, offset=None):
    info = integer(3) + text("x") + (integer(offset, b"\x80") if offset is not None else b"")
    return (application(1270481) + b"\x80" + integer(4) + tlv(b"\x30", info) + b"\x30\x80"
            + b"".join(items) + b"\0\0\0\0")


def start4(*records):
    return tlv(application(10708), integer(2), text("ram"), integer(0), integer(4),
               tlv(application(9810), *records), b"\1\1\xff")


def blocks4(*blocks):
    return tlv(application(8018), *(tlv(b"\x30", text(name), integer(size))
                                    for name, size in blocks))


def pages4(name, *entries, address=0):
    return tlv(application(10311), text(name), b"\1\1\xff", integer(4096), integer(address),
               tlv(b"\x30", *entries))
