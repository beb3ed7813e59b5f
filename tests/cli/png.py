"""The smallest reader of PNG files: 8 bits a channel, not interlaced."""
import struct
import zlib


def decode_png(data):
    """(rows, channels) of a picture; transparency is laid on white."""
    at, packed = 8, b""
    while at < len(data):
        length, name = struct.unpack(">I4s", data[at:at + 8])
        body = data[at + 8:at + 8 + length]
        if name == b"IHDR":
            width, height, _, kind = struct.unpack(">2I2B", body[:10])
        packed += body if name == b"IDAT" else b""
        at += 12 + length
    channels = {0: 1, 2: 3, 6: 4}[kind]
    plain, size, rows = zlib.decompress(packed), width * channels, []
    for y in range(height):
        method, row = plain[y * (size + 1)], bytearray(plain[y * (size + 1) + 1:(y + 1) * (size + 1)])
        above = rows[-1] if rows else bytes(size)
        if method == 2:
            row = bytearray((value + b) & 255 for value, b in zip(row, above))
        elif method == 1:
            for i in range(channels, size):
                row[i] = (row[i] + row[i - channels]) & 255
        elif method == 3:
            for i in range(size):
                row[i] = (row[i] + ((row[i - channels] if i >= channels else 0) + above[i]) // 2) & 255
        elif method == 4:
            for i in range(size):
                a, b, c = (row[i - channels], above[i], above[i - channels]) if i >= channels else (0, above[i], 0)
                to_a, to_b, to_c = abs(b - c), abs(a - c), abs(a + b - 2 * c)
                row[i] = (row[i] + (a if to_a <= to_b and to_a <= to_c else b if to_b <= to_c else c)) & 255
        rows.append(bytes(row))
    if channels < 4:
        return rows, channels
    flat = []
    for row in rows:
        flat.append(bytes(255 - (255 - row[i + k]) * row[i + 3] // 255 for i in range(0, size, 4) for k in range(3)))
    return flat, 3
