"""CRC-32C (Castagnoli), an octet at a time."""


def _table():
    table = []
    for octet in range(256):
        for _ in range(8):
            octet = octet >> 1 ^ (0x82F63B78 if octet & 1 else 0)
        table.append(octet)
    return table


_TABLE = _table()


def crc32c(octets):
    value = 0xFFFFFFFF
    table = _TABLE
    for octet in octets:
        value = table[(value ^ octet) & 255] ^ value >> 8
    return value ^ 0xFFFFFFFF


assert crc32c(b"123456789") == 0xE3069283
