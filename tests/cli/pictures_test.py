#!/usr/bin/env python3
"""tconv upsample and tconv run from outside: sizes, values, repeated bytes, exit codes, nothing left behind.

Usage: pictures_test.py PATH-OF-TCONV
"""
import math
import pathlib
import random
import signal
import struct
import subprocess
import sys
import tempfile
import time
import unittest
import zlib

from png import decode_png

TCONV = pathlib.Path(sys.argv.pop(1)).resolve() if len(sys.argv) > 1 else None
REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
ASSETS = REPOSITORY / "assets"


def chunk(name, data):
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def encode_png(rows, channels):
    """rows[y] is the bytes of one row."""
    header = struct.pack(">2I5B", len(rows[0]) // channels, len(rows), 8, {1: 0, 3: 2}[channels], 0, 0, 0)
    packed = zlib.compress(b"".join(b"\0" + bytes(row) for row in rows))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")


def encode_npy(shape, values):
    header = f"{{'descr': '<f4', 'fortran_order': False, 'shape': {tuple(shape)}, }}".ljust(117) + "\n"
    return b"\x93NUMPY\1\0" + struct.pack("<H", len(header)) + header.encode() + struct.pack(f"<{len(values)}f", *values)


def triangle(t):
    return max(0.0, 1 - abs(t))


def keys(t):
    t = abs(t)
    return 1.5 * t**3 - 2.5 * t**2 + 1 if t < 1 else -0.5 * t**3 + 2.5 * t**2 - 4 * t + 2 if t < 2 else 0.0


def interpolate(rows, channels, factor, weight, replicates):
    """The definition, per output pixel: the sum of input(i) * weight(u - i) over both axes."""
    height, width = len(rows), len(rows[0]) // channels

    def axis(size):
        table = []
        for y in range(size * factor):
            u = (y + 0.5) / factor - 0.5
            near = [(i, weight(u - i)) for i in range(math.floor(u) - 2, math.floor(u) + 4)]
            table.append([(min(max(i, 0), size - 1), w) for i, w in near if replicates or 0 <= i < size])
        return table

    return [[min(max(sum(v * w * rows[i][j * channels + c] for i, v in row for j, w in column), 0), 255)
             for column in axis(width) for c in range(channels)] for row in axis(height)]


class Case(unittest.TestCase):
    def setUp(self):
        holder = tempfile.TemporaryDirectory()
        self.addCleanup(holder.cleanup)
        self.folder = pathlib.Path(holder.name)

    def tconv(self, *words):
        return subprocess.run([TCONV, *map(str, words)], cwd=self.folder, capture_output=True, timeout=120)

    def picture(self, name, width, height, channels, seed=1):
        source = random.Random(seed)
        rows = [source.randbytes(width * channels) for _ in range(height)]
        (self.folder / name).write_bytes(encode_png(rows, channels))
        return rows

    def upsample(self, *words):
        done = self.tconv("upsample", *words, "-o", "out.png")
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, b"", b""))
        return decode_png((self.folder / "out.png").read_bytes())

    def assert_refused(self, code, part, *words):
        """One sentence on stderr, that exit code, and no file more than before."""
        before = sorted(self.folder.rglob("*"))
        done = self.tconv(*words)
        sentence = done.stderr.decode()
        self.assertEqual((done.returncode, done.stdout), (code, b""), sentence)
        self.assertEqual(sentence.count("\n"), 1, sentence)
        self.assertTrue(sentence.startswith(f"tconv {words[0]}: "), sentence)
        self.assertIn(part, sentence)
        self.assertEqual(sorted(self.folder.rglob("*")), before)


class Upsample(Case):
    def test_size_is_exact(self):
        self.picture("in.png", 5, 3, 1)
        for kernel in ("nearest", "bilinear", "bicubic"):
            for border in ("replicate", "zero"):
                for factor in range(1, 10):
                    rows, _ = self.upsample("in.png", "--factor", factor, "--kernel", kernel, "--border", border)
                    self.assertEqual((len(rows), len(rows[0])), (3 * factor, 5 * factor))

    def test_values_are_the_definition(self):
        for channels in (1, 3):
            rows = self.picture("in.png", 6, 5, channels)
            for kernel, weight in (("bilinear", triangle), ("bicubic", keys)):
                for border in ("replicate", "zero"):
                    for factor in (1, 2, 3, 8):
                        made, made_channels = self.upsample("in.png", "--factor", factor, "--kernel", kernel,
                                                            "--border", border)
                        expected = interpolate(rows, channels, factor, weight, border == "replicate")
                        self.assertEqual(made_channels, channels)
                        worst = max(abs(a - b) for m, e in zip(made, expected) for a, b in zip(m, e))
                        self.assertLess(worst, 0.501, (kernel, border, factor))

    def test_default_is_bilinear_replicate(self):
        self.picture("in.png", 4, 4, 3)
        self.assertEqual(self.upsample("in.png", "--factor", 3),
                         self.upsample("in.png", "--factor", 3, "--kernel", "bilinear", "--border", "replicate"))

    def test_constants_stay_constant(self):
        (self.folder / "in.png").write_bytes(encode_png([bytes([200] * 9)] * 4, 3))
        for kernel in ("nearest", "bilinear", "bicubic"):
            for factor in range(1, 10):
                rows, _ = self.upsample("in.png", "--factor", factor, "--kernel", kernel)
                self.assertEqual({value for row in rows for value in row}, {200})
        rows, _ = self.upsample("in.png", "--factor", 2, "--border", "zero")
        self.assertEqual([rows[0][0], rows[0][6], rows[4][9]], [113, 150, 200])  # 9/16, 3/4, all of 200

    def test_nearest_repeats(self):
        rows = self.picture("in.png", 3, 2, 3)
        made, _ = self.upsample("in.png", "--factor", 4, "--kernel", "nearest")
        self.assertEqual(made, [b"".join(row[x:x + 3] * 4 for x in range(0, 9, 3)) for row in rows for _ in range(4)])

    def test_bands_do_not_show(self):
        """A tall picture is computed in several bands, its parts in one: they agree away from the cut."""
        rows = self.picture("tall.png", 64, 260, 3)
        (self.folder / "part.png").write_bytes(encode_png(rows[60:130], 3))
        tall, _ = self.upsample("tall.png", "--factor", 8)
        part, _ = self.upsample("part.png", "--factor", 8)
        self.assertEqual(tall[61 * 8:129 * 8], part[8:-8])

    def test_kernel_from_a_file(self):
        rows = self.picture("in.png", 4, 3, 3)
        # One tap of weight 1 at the upper left: kernel 3, stride 2, so the crop is 0 at the beginning, 1 at the end.
        self.write_kernel("k.npy", (3, 3), [1] + [0] * 8)
        made, _ = self.upsample("in.png", "--factor", 2, "--kernel", "k.npy")
        expected = [b"".join(row[x:x + 3] + b"\0\0\0" for x in range(0, 12, 3)) for row in rows]
        self.assertEqual(made, [row for even in expected for row in (even, bytes(24))])
        self.write_kernel("k4.npy", (1, 1, 3, 3), [1] + [0] * 8)
        self.assertEqual(self.upsample("in.png", "--factor", 2, "--kernel", "k4.npy")[0], made)
        # A kernel per channel, smaller than the stride, too bright, negative, and halfway between two numbers.
        self.write_kernel("k3.npy", (3, 1, 1, 2), [9, 0, -1, 0, 0.5, 0])
        made, _ = self.upsample("in.png", "--factor", 2, "--kernel", "k3.npy")
        self.assertEqual(made[0][:3], bytes([min(255, 9 * rows[0][0]), 0, (rows[0][2] + 1) // 2]))
        self.assertEqual(made[1], bytes(24))
        # FCN's kernel is the built-in one.
        outer = [a * b for a in (.25, .75, .75, .25) for b in (.25, .75, .75, .25)]
        self.write_kernel("fcn.npy", (4, 4), outer)
        self.assertEqual(self.upsample("in.png", "--factor", 2, "--kernel", "fcn.npy"), self.upsample("in.png", "--factor", 2))

    def write_kernel(self, name, shape, values):
        (self.folder / name).write_bytes(encode_npy(shape, values))

    def test_pipes(self):
        self.picture("in.png", 4, 4, 1)
        done = subprocess.run([TCONV, "upsample", "-", "--factor", "2", "-o", "-"], capture_output=True, timeout=60,
                              input=(self.folder / "in.png").read_bytes())
        self.upsample("in.png", "--factor", 2)
        self.assertEqual((done.returncode, done.stdout), (0, (self.folder / "out.png").read_bytes()))

    def test_refusals(self):
        self.picture("in.png", 40, 30, 3)
        (self.folder / "text.png").write_text("no picture")
        (self.folder / "cut.png").write_bytes((self.folder / "in.png").read_bytes()[:2000])
        (self.folder / "empty.png").write_bytes(b"")
        (self.folder / "file").write_text("")
        for shape in ((3,), (2, 2, 2), (2, 1, 2, 2), (1, 2, 2, 2), (0, 3), (1, 1025)):
            self.write_kernel("k" + "x".join(map(str, shape)) + ".npy", shape, [1] * math.prod(shape))
        self.write_kernel("nan.npy", (1, 2), [1, math.nan])
        for factor in ("0", "-1", "257", "99999999999999999999", "two", "1.5", "2,2", " 2"):
            self.assert_refused(2, "--factor", "upsample", "in.png", f"--factor={factor}", "-o", "out.png")
        common = ("upsample", "in.png", "--factor", "2", "-o", "out.png")
        self.assert_refused(2, "--factor", "upsample", "in.png", "-o", "out.png")
        self.assert_refused(2, "did you mean bicubic?", *common, "--kernel", "bicubik")
        self.assert_refused(2, "did you mean zero?", *common, "--border", "zeros")
        self.assert_refused(2, "did you mean --kernel?", *common, "--kernal", "bicubic")
        self.assert_refused(2, "PNG", "upsample", "in.png", "--factor", "2", "-o", "out.jpg")
        for name in ("missing.png", "text.png", "cut.png", "empty.png", "."):
            self.assert_refused(3, f"'{name}'", "upsample", name, "--factor", "2", "-o", "out.png")
        self.assert_refused(3, "'missing.npy'", *common, "--kernel", "missing.npy")
        for name in ("k3", "k2x2x2", "k2x1x2x2", "k1x2x2x2", "k0x3", "k1x1025", "nan"):
            self.assert_refused(3, f"'{name}.npy'", *common, "--kernel", f"{name}.npy")
        for name in ("nowhere/out.png", ".", "file/out.png"):
            self.assert_refused(1, "could not be written", "upsample", "in.png", "--factor", "2", "-o", name)
        self.picture("long.png", 5000, 1, 1)
        self.assert_refused(2, "2^28", "upsample", "long.png", "--factor", "250", "-o", "out.png")

    def test_interrupt(self):
        self.picture("in.png", 400, 400, 3)
        started = subprocess.Popen([TCONV, "upsample", "in.png", "--factor", "16", "--kernel", "bicubic", "-o", "out.png"],
                                   cwd=self.folder)
        time.sleep(0.5)
        started.send_signal(signal.SIGINT)
        self.assertEqual(started.wait(60), 130)
        self.assertEqual([path.name for path in self.folder.iterdir()], ["in.png"])


class Run(Case):
    NAMES = ["bilinear_x2", "bilinear_x8", "comparison", "generated", "random_k3s2_x2", "random_k3s2_x8", "random_k4s2_x2",
             "random_k4s2_x8"]

    def run_demonstration(self, *words):
        done = self.tconv("run", *words)
        self.assertEqual((done.returncode, done.stderr), (0, b""))
        return done.stdout.decode()

    def size(self, path):
        return struct.unpack(">2I", (self.folder / path).read_bytes()[16:24])

    def test_sample(self):
        text = self.run_demonstration()
        self.assertEqual(sorted(path.stem for path in (self.folder / "out").iterdir()), self.NAMES)
        for name in self.NAMES:
            self.assertIn(f"out/{name}.png", text)
        for name in self.NAMES:
            if name not in ("comparison", "generated"):
                self.assertEqual(self.size(f"out/{name}.png"), (168 * int(name[-1]), 112 * int(name[-1])))
        for part in ("i112x168 k4 s2 p1\n", "i112x168 k16 s8 p4\n", "i448x672 k3 s2 p1 op1\n",
                     "(112 - 1) * 2 + 4 - 2 * 1 + 0 = 224\n", "(672 - 1) * 2 + 3 - 2 * 1 + 1 = 1344\n",
                     " ms for 301,056 multiplications\n", "i1x1 k4\n", "ic64 i16x16 k4 s2 p1\n"):
            self.assertIn(part, text)
        again = self.run_demonstration("-o", "a/b/again")
        self.assertEqual(again.count("\n"), text.count("\n"))
        for name in self.NAMES:
            self.assertEqual((self.folder / f"out/{name}.png").read_bytes(),
                             (self.folder / f"a/b/again/{name}.png").read_bytes(), name)

    def test_sample_is_the_one_in_assets(self):
        self.run_demonstration()
        self.run_demonstration(ASSETS / "sample.png", "-o", "given")
        for name in self.NAMES:
            self.assertEqual((self.folder / f"out/{name}.png").read_bytes(),
                             (self.folder / f"given/{name}.png").read_bytes(), name)

    def test_picture_of_the_readme(self):
        """docs/images/comparison.png is what the program makes (pixels: zlib's versions differ in bytes)."""
        self.run_demonstration()
        self.assertEqual(decode_png((REPOSITORY / "docs/images/comparison.png").read_bytes()),
                         decode_png((self.folder / "out/comparison.png").read_bytes()))

    def test_bilinear_is_the_plain_layer(self):
        self.run_demonstration()
        for factor in (2, 8):
            done = self.tconv("upsample", ASSETS / "sample.png", "--factor", factor, "--border", "zero", "-o", "x.png")
            self.assertEqual(done.returncode, 0)
            self.assertEqual((self.folder / "x.png").read_bytes(),
                             (self.folder / f"out/bilinear_x{factor}.png").read_bytes())

    def test_other_sizes(self):
        for width, height, channels in ((1, 1, 1), (1, 40, 3), (30, 7, 1), (600, 20, 1)):
            self.picture("in.png", width, height, channels)
            text = self.run_demonstration("in.png", "-o", "out")
            self.assertEqual(self.size("out/random_k3s2_x2.png"), (2 * min(width, 512), 2 * height))
            self.assertEqual(self.size("out/random_k4s2_x8.png"), (8 * min(width, 192), 8 * height))
            self.assertEqual("takes its middle" in text, width > 192)

    def test_refusals(self):
        (self.folder / "file").write_text("")
        (self.folder / "in.txt").write_text("no picture")
        self.assert_refused(3, "'missing.png'", "run", "missing.png")
        self.assert_refused(3, "'in.txt'", "run", "in.txt", "-o", "new")
        self.assert_refused(1, "'file' is a file", "run", "-o", "file")
        self.assert_refused(1, "'file/in'", "run", "-o", "file/in")
        self.assert_refused(2, "directory", "run", "-o", "-")
        self.assert_refused(2, "unexpected argument", "run", "a.png", "b.png")


if __name__ == "__main__":
    unittest.main()
