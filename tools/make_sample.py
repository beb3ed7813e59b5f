#!/usr/bin/env python3
"""Makes assets/sample.png: a mosaic of 24 Fashion-MNIST test images, 28 x 28 grey pixels each.

Usage: make_sample.py [FOLDER]   FOLDER holds t10k-images-idx3-ubyte.gz (default: Debian's dataset-fashion-mnist)
"""
import gzip
import pathlib
import struct
import sys
import zlib

SIDE, COLUMNS = 28, 6
# Indices into the test images, picked by eye for variety; row by row.
PICKED = [0, 7, 13, 30, 82, 58, 17, 39, 47, 36, 31, 20, 11, 4, 108, 126, 78, 75, 74, 122, 1, 51, 68, 33]


def read_images(path):
    with gzip.open(path) as file:
        magic, count, rows, columns = struct.unpack(">4I", file.read(16))
        assert (magic, rows, columns) == (2051, SIDE, SIDE), "not a Fashion-MNIST image file"
        pixels = file.read()
    return [pixels[i * SIDE * SIDE:(i + 1) * SIDE * SIDE] for i in range(count)]


def chunk(name, data):
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def encode_png(width, height, rows):
    packed = zlib.compress(b"".join(b"\0" + row for row in rows), 9)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">2I5B", width, height, 8, 0, 0, 0, 0)) +
            chunk(b"IDAT", packed) + chunk(b"IEND", b""))


def main():
    folder = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else "/usr/share/datasets/fashion-mnist")
    images = read_images(folder / "t10k-images-idx3-ubyte.gz")
    rows = []
    for first in range(0, len(PICKED), COLUMNS):
        tiles = [images[index] for index in PICKED[first:first + COLUMNS]]
        rows += [b"".join(tile[y * SIDE:(y + 1) * SIDE] for tile in tiles) for y in range(SIDE)]
    target = pathlib.Path(__file__).parents[1] / "assets/sample.png"
    target.write_bytes(encode_png(COLUMNS * SIDE, len(rows), rows))


if __name__ == "__main__":
    main()
