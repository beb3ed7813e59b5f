#!/usr/bin/env python3
"""The SVGs of `tconv trace` and others, rasterised by librsvg, beside stored pictures and beside the program's own PNG.

Usage: rendering_test.py PATH-OF-TCONV [--update]    --update stores what librsvg makes now; look at it before a commit
"""
import pathlib
import shlex
import shutil
import subprocess
import sys
import unittest

import playing
import support
from png import decode_png
from support import CliTest

STORED = pathlib.Path(__file__).parent / 'pictures'
RSVG = shutil.which('rsvg-convert')
UPDATE = '--update' in sys.argv
WIDTH = 180
# name: (what is drawn, step)
PICTURES = {
    'stamp': ('trace -p "i3x3 k3 s2 p1"', 5),
    'done_dark': ('trace -p "i3x3 k3 s2 p1" --theme dark', 10),
    'holes': ('trace -p "i2x2 k2 s3 d2 op2"', 5),
    'gather': ('trace -p "i3x3 k3 s2 p1 op1" --view gather', 20),
    'both_dark': ('trace -p "i2x3 k3x2 s2 p1x0" --view both --theme dark', 12),
    'line': ('trace -p "i5 k4 s2 p1" --view both', 9),
    'groups': ('trace -p "ic4 oc4 i2x2 k3 s2 p1 g2"', 9),
    'slices': ('trace -p "i2x2x2 k2 s2 p1"', 6),
    'stamps': ('trace -p "i2x2 k2 s2 p1" --view stamps', 3),
    'sizes': ('shape -p "i4 k3 s2 p1 op1"', 3),
}
# What stands still has another picture that has to look different, instead of another step.
STILLS = {
    'overlap': ('trace -p "i4x4 k3 s2 p1" --view overlap', 'trace -p "i4x4 k3 s2 p0:2" --view overlap'),
    'overlap_line_dark': ('trace -p "i5 k3 s2" --view overlap --theme dark', 'trace -p "i5 k3 s2 p1 op1" --view overlap --theme dark'),
    'kernel': ('trace -p "i2x2 k2 d3" --view kernel', 'trace -p "i2x2 k3x2 d2x3" --view kernel'),
    'solver': ('shape --from 4 --want 8 --max-kernel 4 --max-dilation 1', 'shape --from 4 --want 8 --max-kernel 5 --max-dilation 1'),
    'matrix': ('matrix -p "i2x2 k2"', 'matrix -p "i2x2 k2 p0:1"'),
    'from': ('explain -p "i3x3 k3 s2 p1" --at 2,2', 'explain -p "i3x3 k3 s2 p1" --at 3,2'),
}


def difference(a, b):
    """(mean difference of all values, the largest mean difference of a square of 12 by 12 pixels), in 1/255."""
    rows, width = len(a), len(a[0]) // 3
    total, squares = 0, {}
    for y in range(rows):
        for x, (one, other) in enumerate(zip(a[y], b[y])):
            off = abs(one - other)
            total += off
            square = (y // 12, x // 36)
            squares[square] = squares.get(square, 0) + off
    return total / (rows * width * 3), max(squares.values()) / (12 * 36)


def shrunk(rows):
    """Every square of 4 by 4 pixels as one: what is left of fractions of a pixel does not matter."""
    width = len(rows[0]) // 12
    return [[sum(rows[y + j][12 * x + 3 * i + k] for j in range(4) for i in range(4)) // 16 for x in range(width) for k in range(3)]
            for y in range(0, len(rows) - 3, 4)]


def is_alike(a, b):
    """Fonts and edges may differ; a cell with another colour or a missing number may not."""
    if (len(a), len(a[0])) != (len(b), len(b[0])):
        return False
    mean, worst = difference(a, b)
    return mean < 4 and worst < 22


@unittest.skipUnless(RSVG, 'rsvg-convert is missing: install librsvg2-bin')
class Rendering(CliTest):
    def picture(self, words):
        self.succeed(*shlex.split(words), '-o', 'F.svg')
        with open(self.path('F.svg'), encoding='utf-8') as file:
            return playing.Picture(file.read())

    def rasterised(self, picture, step, *size):
        done = subprocess.run([RSVG, *size], input=picture.still(step), capture_output=True, check=True)
        return done.stdout

    def test_stored_pictures(self):
        for name, (words, step) in {**PICTURES, **{name: (words, 0) for name, (words, _) in STILLS.items()}}.items():
            data = self.rasterised(self.picture(words), step, '-w', str(WIDTH))
            if UPDATE:
                STORED.mkdir(exist_ok=True)
                (STORED / f'{name}.png').write_bytes(data)
            stored, found = (decode_png(png)[0] for png in ((STORED / f'{name}.png').read_bytes(), data))
            self.assertTrue(is_alike(found, stored), f'{name}: {difference(found, stored)}')

    def test_the_measure_sees_other_steps(self):
        for name, (words, step) in PICTURES.items():
            stored = decode_png((STORED / f'{name}.png').read_bytes())[0]
            picture = self.picture(words)
            for other in {step - 1 if step == picture.steps - 1 else step + 1}:
                found = decode_png(self.rasterised(picture, other, '-w', str(WIDTH)))[0]
                self.assertFalse(is_alike(found, stored), f'{name}, step {other}: {difference(found, stored)}')

    def test_the_measure_sees_other_pictures(self):
        for name, (_, other) in STILLS.items():
            stored = decode_png((STORED / f'{name}.png').read_bytes())[0]
            found = decode_png(self.rasterised(self.picture(other), 0, '-w', str(WIDTH)))[0]
            self.assertFalse(is_alike(found, stored), name)

    def test_the_png_shows_the_same(self):
        """Two painters, one scene; the SVG has its player's strip below."""
        for words, step, frame in (('trace -p "i2x2 k2 s3 p1"', 3, ['--frame', 3]), ('trace -p "i2 k2" --view overlap', 0, [])):
            picture = self.picture(words)
            self.succeed(*shlex.split(words), *frame, '-o', 'F.png')
            with open(self.path('F.png'), 'rb') as file:
                ours, _ = decode_png(file.read())
            theirs, _ = decode_png(self.rasterised(picture, step, '-z', '2'))
            self.assertEqual(len(theirs) > len(ours), picture.steps > 1)
            ours, theirs = shrunk(ours), shrunk(theirs[:len(ours)])
            self.assertTrue(is_alike(ours, theirs), difference(ours, theirs))


if __name__ == '__main__':
    if UPDATE:
        sys.argv.remove('--update')
    support.main()
    unittest.main()
