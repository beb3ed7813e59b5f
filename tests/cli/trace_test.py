#!/usr/bin/env python3
"""tconv trace from outside: the SVG read back, cell by cell and step by step."""
import itertools
import math
import os
import pty
import re
import subprocess
import termios
import unittest
import xml.etree.ElementTree as ET

import npy
import playing
import support
from npy import Array
from support import CliTest

PROBLEMS = ['i1x1 k1', 'i3x3 k3 s2 p1', 'i2x5 k3x2 s1x3 p1x0', 'i2x2 k4 s3 op2', 'i3x2 k2 s2 d2', 'i3x3 k1 s3', 'i3x3 k3 s2 p1x0:0x2',
            'i3x3 k3 p2', 'i2x2 k2 s2 o9x4', 'i5 k3 s2 p1', 'i3 k2 s4 op3', 'ic2 oc3 i2x2 k2', 'ic4 oc4 i2x3 k3 s2 p1 g2',
            'i2x2x2 k2 s2', 'ic2 oc2 i2x2x1 k2 g2']


def counts(n, k, s, d, p, size):
    """Along one axis: how many pairs of input and tap meet in each output."""
    return [sum(i * s + j * d - p == o for i in range(n) for j in range(k)) for o in range(size)]


class Trace(CliTest):
    def picture(self, *words):
        self.succeed('trace', *words, '-o', 'F.svg')
        with open(self.path('F.svg'), encoding='utf-8') as file:
            return playing.Picture(file.read())

    def check(self, picture, expected):
        """Values of the outputs, from the hits' data and from the texts that stand in their cells at the end."""
        hits = [hit for hit in picture.hits() if hit['data-name'].startswith('y[')]
        self.assertEqual(len(hits) % len(expected), 0)
        for i, hit in enumerate(hits):
            value = expected[i % len(expected)]
            self.assertEqual(float(hit['data-value']), value, hit)
            self.assertEqual(float(picture.number_in(hit['box'], picture.steps - 1)), value, hit)

    def test_activation_is_the_last_step(self):
        picture = self.picture('-p', 'i2 k2 leaky:0.5', '--x', '1,-2', '--w', '3,4')
        hits = [hit for hit in picture.hits() if hit['data-name'].startswith('y[')]
        self.assertEqual([float(hit['data-value']) for hit in hits], [3, -1, -4])
        for step, shown in ((picture.steps - 2, [3, -2, -8]), (picture.steps - 1, [3, -1, -4])):
            self.assertEqual([float(picture.number_in(hit['box'], step)) for hit in hits], shown)

    def test_sums_of_given_arrays(self):
        for view in ('scatter', 'gather', 'both'):
            x, w = self.numbered((1, 2, 2, 3)), self.numbered((2, 1, 3, 2))
            self.save('X.npy', x)
            self.save('W.npy', w)
            geometry = ['--stride', '2,1', '--padding', '1,0', '--groups', '2']
            self.succeed('apply', 'X.npy', 'W.npy', *geometry, '-o', 'Y.npy')
            picture = self.picture('--x', 'X.npy', '--w', 'W.npy', *geometry, '--view', view)
            self.check(picture, self.load('Y.npy').values)

    def test_sums_of_many_kinds(self):
        for text in PROBLEMS:
            picture = self.picture('-p', text, '--view', 'both')
            hits = picture.hits()
            self.assertTrue(hits, text)
            for hit in hits:
                name, value = hit['data-name'], float(hit['data-value'])
                self.assertEqual(float(picture.number_in(hit['box'], picture.steps - 1)), value, (text, hit))
                if not name.startswith('y['):
                    continue
                related = [int(i) for i in hit.get('data-related', '').split()]
                others = [hits[other] for other in related]
                xs = [float(other['data-value']) for other in others if other['data-name'].startswith('x[')]
                ws = [float(other['data-value']) for other in others if other['data-name'].startswith('W[')]
                self.assertEqual(len(xs), len(ws), text)
                # In both views: each product is named twice.
                self.assertEqual(sum(a * b for a, b in zip(xs, ws)), 2 * value, (text, name))
                lines = hit['text'].split('\n')
                self.assertEqual(lines[0], f'{name} = {value:g}', text)

    def values(self, *words):
        """{name: value} of what can be pointed at."""
        self.succeed('trace', *words, '-o', 'F.svg')
        root = ET.parse(self.path('F.svg')).getroot()
        return {rect.get('data-name'): rect.get('data-value') for rect in root.iter(f'{playing.SVG}rect') if rect.get('class') == 'hit'}

    def test_overlap(self):
        """Every count against plain loops; of a large output, those that are shown."""
        for text, axes in (('i5 k3 s2', [(5, 3, 2, 1, 0, 11)]), ('i4x3 k4x2 s2x3 p1x0', [(4, 4, 2, 1, 1, 8), (3, 2, 3, 1, 0, 8)]),
                           ('i3x3 k2 s2 d3 op1', [(3, 2, 2, 3, 0, 9)] * 2), ('i600 k5 s3 p2', [(600, 5, 3, 1, 2, 1798)])):
            found = {name: int(value) for name, value in self.values('-p', text, '--view', 'overlap').items() if name[:2] == 'y['}
            on_axis = [counts(*axis) for axis in axes]
            whole = {'y[' + ', '.join(map(str, at)) + ']': math.prod(c[i] for c, i in zip(on_axis, at))
                     for at in itertools.product(*(range(len(c)) for c in on_axis))}
            self.assertTrue(len(found) == len(whole) or 30 < len(found) < len(whole), text)
            self.assertEqual(found, {name: whole[name] for name in found}, text)
            self.assertIn('y[0' + ', 0' * (len(axes) - 1) + ']', found)

    def test_stamps_are_products(self):
        found = self.values('-p', 'i2x2 k2 s2 d2 p1', '--x', '1,-2,3,0.5', '--w', '2,3,5,7', '--view', 'stamps')
        products = {name: float(value) for name, value in found.items() if '\u00b7' in name}
        x, w = (1, -2, 3, 0.5), (2, 3, 5, 7)
        self.assertEqual(products, {f'x[{i // 2}, {i % 2}] \u00b7 W[{j // 2}, {j % 2}]': x[i] * w[j]
                                    for i in range(4) for j in range(4)})

    def test_numbers_on_the_command_line(self):
        self.save('X.npy', Array((1, 1, 2, 2), [0.0, 1.0, 2.0, -3.0], 'f4'))
        self.save('W.npy', Array((1, 1, 2, 2), [0.5] * 4, 'f4'))
        self.assertEqual(self.succeed('trace', '-p', 'i2x2 k2', '--x', '0,1,2,-3', '--w', '.5', '-o', '-'),
                         self.succeed('trace', '-p', 'i2x2 k2', '--x', 'X.npy', '--w', 'W.npy', '-o', '-'))
        self.assertEqual(self.values('-p', 'i2 k2', '--x', '1,2', '--w', '3,4', '--bias=-1')['y[1]'], '9')
        for words, says in ((['--x', '1,2,3'], '3 numbers'), (['--w', '1,2,3,4,5'], '5 numbers'), (['-b', '1,2'], '2 numbers')):
            self.refuse(3, 'trace', '-p', 'i2x2 k2', *words, '-o', 'F.svg', says=says)
        for words in (['--x', '1,2,'], ['--x', 'a'], ['--w', '1;2'], ['--w', 'nan']):
            self.refuse(3, 'trace', '-p', 'i2x2 k2', *words, '-o', 'F.svg', says='could not be read')
        self.refuse(1, 'trace', '-p', 'i2 k20000000', '--w', '1', '-o', 'F.svg', says='2^24')

    def test_arrays_have_the_texts_shape(self):
        """Without weights, nothing but the text says how large they have to be."""
        self.save('X.npy', Array((1, 1, 2), [1.0, 2.0], 'f4'))
        self.save('B.npy', Array((3,), [1.0, 2.0, 3.0], 'f4'))
        self.refuse(3, 'trace', '-p', 'i9 k2', '--x', 'X.npy', '-o', 'F.svg', says='(1, 1, 9)')
        self.refuse(3, 'trace', '-p', 'i2 k2', '-b', 'B.npy', '-o', 'F.svg', says='(1,)')
        self.assertEqual(self.values('-p', 'i2 k1', '--x', 'X.npy')['y[1]'], '2')

    def test_sums_grow_stamp_by_stamp(self):
        """In each step a cell holds the sum of the stamps so far, and only the cells of the stamp change."""
        picture = self.picture('-p', 'i3x3 k3 s2 p1', '--view', 'scatter')
        self.assertEqual(picture.steps, 1 + 9 + 1)
        hits = [hit for hit in picture.hits() if hit['data-name'].startswith('y[')]
        for step in range(picture.steps):
            for index, hit in enumerate(hits):
                row, column = index // 5 + 1, index % 5 + 1  # on the canvas
                terms = []
                for stamp in range(min(step, 9)):
                    i, j = row - stamp // 3 * 2, column - stamp % 3 * 2
                    if 0 <= i < 3 and 0 <= j < 3:
                        terms.append((stamp + 1) * (3 * i + j + 1))
                found = picture.number_in(hit['box'], step)
                self.assertEqual(None if found is None else float(found), sum(terms) if terms else None, (step, hit))

    def test_steps_and_times(self):
        for view, steps in (('scatter', 1 + 4 + 1), ('gather', 1 + 9 + 1), ('both', 1 + 4 + 9 + 1)):
            picture = self.picture('-p', 'i2x2 k2 s1', '--view', view, '--fps', '4')
            self.assertEqual((picture.steps, picture.fps), (steps, 4))
            durations = {a.get('dur') for a in picture.root.iter(f'{playing.SVG}animate')}
            self.assertEqual(durations, {f'{(steps - 1 + 4) / 4:g}s'})

    def test_input_and_output_are_always_named(self):
        for text in PROBLEMS:
            for view in ('scatter', 'gather', 'both'):
                picture = self.picture('-p', text, '--view', view)
                for step in (0, picture.steps - 1):
                    words = ' / '.join(found[3] for found in picture.texts(step))
                    self.assertIn('input x', words)
                    self.assertIn('output y', words)

    def test_refusals(self):
        for words, says in ((['-p', 'i10000x10000 k4 s2 p1'], "draw 'i4x4 k4 s2 p1'"), (['-p', 'i3x3 k3 sum'], 'residual'),
                            (['-p', 'i12x12 k3', '--view', 'stamps'], '--view scatter'), (['-p', 'i2 k300 d2', '--view', 'kernel'], '2500'),
                            (['-p', 'i3x3 k3', '--view', 'side'], 'scatter, gather, both, stamps, overlap or kernel'),
                            (['-p', 'i3x3 k3', '--theme', 'blue'], 'light or dark'), (['-p', 'i3x3 k3', '--fps', '0'], '0.1 to 50'),
                            (['-p', 'i3x3 k3', '--fps', 'nan'], '--fps'), (['-p', 'n2 i3x3 k3', '--sample', '2'], '--sample 2')):
            self.refuse(2, 'trace', *words, '-o', 'F.svg', says=says)
        self.refuse(2, 'trace', '-p', 'i3x3 k3', '-o', 'F.bmp', says='.svg')
        for words, says in ((['-o', 'F.svg', '--frame', '1'], '--frame'), (['-o', 'F.gif', '--step'], '-o -'),
                            (['-o', 'F.png', '--frame', '11'], '0 to 10'), (['-o', 'F.png', '--frame', 'some'], '--frame')):
            self.refuse(2, 'trace', '-p', 'i3x3 k3', *words, says=says)
        for name in ('no/F.gif', 'no/F.png'):
            self.refuse(1, 'trace', '-p', 'i2 k2', '-o', name, says=name)
        self.refuse(3, 'trace', '--x', 'none.npy', '--w', 'none.npy', '-o', 'F.svg', says='none.npy')
        self.refuse(1, 'trace', '-p', 'i3x3 k3', '-o', 'no/F.svg', says='no/F.svg')

    def test_a_name_of_any_bytes(self):
        picture = self.picture('-p', 'i2x2 k2 "a < b & \'c\' \u00e9\u4e2d ' + 'long ' * 60 + '"')
        self.assertIn('a < b & \'c\'', picture.root.get('aria-label'))
        self.succeed('trace', '-p', b'i2x2 k2 "\xff\xc3("'.decode('utf-8', 'surrogateescape'), '-o', 'F.svg')
        with open(self.path('F.svg'), 'rb') as file:
            playing.Picture(file.read())

    def test_samples(self):
        x = self.numbered((2, 1, 2, 2))
        self.save('X.npy', x)
        self.save('W.npy', Array((1, 1, 1, 1), [1.0], 'f8'))
        for sample in (0, 1):
            picture = self.picture('--x', 'X.npy', '--w', 'W.npy', '--sample', sample, '--view', 'scatter')
            self.check(picture, x.values[4 * sample:4 * sample + 4])

    def test_formats(self):
        for view in ('stamps', 'overlap', 'kernel'):
            for name in ('F.gif', 'F.png'):
                self.succeed('trace', '-p', 'i2 k2', '--view', view, '-o', name)
        for name, magic in (('F.gif', b'GIF89a'), ('F.png', b'\x89PNG\r\n\x1a\n'), ('F.svg', b'<svg ')):
            self.succeed('trace', '-p', 'i2 k2', '-o', name)
            with open(self.path(name), 'rb') as file:
                self.assertEqual(file.read(len(magic)), magic)
        sizes = []
        for frame in ('0', 'last', 'all'):
            self.succeed('trace', '-p', 'i2 k2', '--frame', frame, '-o', 'F.png')
            with open(self.path('F.png'), 'rb') as file:
                sizes.append(file.read(24)[16:])
        self.assertEqual(sizes[0], sizes[1])
        self.assertNotEqual(sizes[0], sizes[2])

    def test_text(self):
        text = self.succeed('trace', '-p', 'i2 k2 s2', '-o', '-').decode()
        self.assertEqual(text.count(': '), 1 + 4 + 2)  # the title, the steps, "empty:" and "done:"
        self.assertNotIn('\033', text)
        coloured = self.succeed('trace', '-p', 'i2 k2 s2', '-o', '-', '--color', 'always').decode()
        self.assertIn('\033[48;5;', coloured)

    def test_text_of_pictures_that_do_not_move(self):
        self.assertEqual(self.succeed('trace', '-p', 'i3 k2 s2 d2', '--view', 'kernel', '-o', '-').decode().splitlines()[3:],
                         ['dilation 1: 2   dilation 2: 3', ' 1  2            1  .  2'])
        lines = self.succeed('trace', '-p', 'i3 k2 s2 d2 p1', '--view', 'overlap', '-o', '-').decode().splitlines()
        self.assertEqual(lines[-2:], ['input x (3), output y (5), framed in the full 7', '/1/#0# 2 #0# 2 #0#/1/'])

    def test_keys_in_a_terminal(self):
        """Any key goes on, b goes back, q and Ctrl-C leave; the terminal is put back."""
        for keys, shown, code in (([b' ', b'x', b'\n', b'b', b'b', b' ', b' ', b' '], '01232123', 0), ([b' ', b'q'], '01', 0),
                                  ([b' ', b'\x1b[D', b'\x1b[C', b'\x03'], '0101', 130)):
            master, slave = pty.openpty()
            before = termios.tcgetattr(slave)
            running = subprocess.Popen([support.PROGRAM, 'trace', '-p', 'i2 k2', '-o', '-', '--step'], stdin=slave, stdout=slave,
                                       stderr=slave, env=support.environment())
            seen = b''
            for key in keys:
                steps = len(re.findall(rb'\d/3:', seen))
                while len(re.findall(rb'\d/3:', seen)) == steps or not seen.endswith(b'\n'):
                    seen += os.read(master, 4096)
                os.write(master, key)
            self.assertEqual(running.wait(60), code, keys)
            self.assertEqual(termios.tcgetattr(slave), before)
            self.assertEqual(b''.join(re.findall(rb'(\d)/3:', seen)).decode(), shown)
            os.close(slave)
            os.close(master)


if __name__ == '__main__':
    support.main()
    unittest.main()
