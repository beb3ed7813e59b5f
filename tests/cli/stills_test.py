#!/usr/bin/env python3
"""Pictures of matrices and of one output, from outside: the SVG read back."""
import unittest
import xml.etree.ElementTree as ET

import support
from support import CliTest

SVG = '{http://www.w3.org/2000/svg}'
PROBLEMS = ['i2x2 k3', 'i4 k3 s2', 'i3 k2 s3 op1', 'i2x2 k3 s2 p1', 'i3x2 k2 s2 d2', 'ic2 oc2 i2x2 k2 g2', 'ic2 oc3 i2x2 k2 nhwc',
            'i2x2 k1 s3', 'i1x1 k1', 'oc2 i3 k2 bias']


class Stills(CliTest):
    def hits(self, *words):
        """{name: value}, {name: names of related hits} of a picture."""
        self.succeed(*words, '-o', 'F.svg')
        root = ET.parse(self.path('F.svg')).getroot()
        hits = [rect for rect in root.iter(f'{SVG}rect') if rect.get('class') == 'hit']
        names = [hit.get('data-name') for hit in hits]
        related = {hit.get('data-name'): [names[int(i)] for i in (hit.get('data-related') or '').split()] for hit in hits}
        return {hit.get('data-name'): float(hit.get('data-value')) for hit in hits}, related

    def test_matrix_is_the_one_that_is_printed(self):
        for text in PROBLEMS:
            printed = [[float(v) for v in line.split()] for line in self.succeed('matrix', '-p', text).decode().splitlines()]
            values, _ = self.hits('matrix', '-p', text)
            filled = {(r, c): v for r, row in enumerate(printed) for c, v in enumerate(row) if v}
            for name, is_transposed in (('W', False), ('W\u1d40', True)):
                drawn = {}
                for key, value in values.items():
                    if key.startswith(name + '['):
                        a, b = (int(i) for i in key[len(name) + 1:-1].split(','))
                        drawn[(b, a) if is_transposed else (a, b)] = value
                self.assertEqual(drawn, filled, (text, name))

    def test_outputs_of_the_matrix_are_sums_of_their_rows(self):
        for text in PROBLEMS:
            values, related = self.hits('matrix', '-p', text, '--transpose')
            self.assertFalse([name for name in values if name.startswith('W[')], text)
            outputs = [name for name in values if name.startswith('y[')]
            self.assertTrue(outputs, text)
            for name in outputs:
                names = related[name]
                total = sum(values[w] * values[x] for w, x in zip(names[::2], names[1::2]))
                bias = 1 + int(name[2:].split(',')[0]) if 'bias' in text else 0
                self.assertEqual(total + bias, values[name], (text, name))

    def test_matrix_refusals(self):
        self.refuse(2, 'matrix', '-p', 'i10x10 k4 s2', '-o', 'F.svg', says='too large to draw')
        self.refuse(2, 'matrix', '-p', 'i10000x10000 k4 s2 p1', '-o', 'F.png')
        self.refuse(2, 'matrix', '-p', 'i2 k2', '-o', 'F.gif', says='.svg')
        self.refuse(1, 'matrix', '-p', 'i2 k2', '-o', 'no/F.svg', says='no/F.svg')

    def test_output(self):
        """The window that is drawn around an output is its own: other outputs make other pictures."""
        seen = set()
        for at in ('0,0', '3,4', '7,7'):
            self.succeed('explain', '-p', 'i4x4 k4 s2 p1', '--at', at, '-o', 'F.svg')
            texts = [''.join(text.itertext()) for text in ET.parse(self.path('F.svg')).getroot().iter(f'{SVG}text')]
            self.assertTrue([text for text in texts if text.startswith(f"y[{at.replace(',', ', ')}] = ")], texts)
            self.assertFalse([text for text in texts if 'frame' in text or 'cropped' in text], texts)
            later = [e.tag for e in ET.parse(self.path('F.svg')).getroot().iter()
                     if e.get('visibility') == 'hidden' or e.tag.endswith('animate')]
            self.assertEqual(later, [])  # all outputs are there, and stay
            with open(self.path('F.svg'), encoding='utf-8') as file:
                text = file.read()
            ET.fromstring(text)
            self.assertIn(f'y[{at.replace(",", ", ")}] = ', text)
            seen.add(text)
        self.assertEqual(len(seen), 3)

    def test_output_refusals(self):
        problem = ['-p', 'i4x4 k4 s2 p1', '--at', '3,4']
        self.refuse(2, 'explain', *problem, '-o', 'F.gif', says='.svg')
        self.refuse(2, 'explain', *problem, '--json', '-o', 'F.svg', says='--json')
        self.refuse(2, 'explain', '-p', 'i10000x10000 k4 s2 p1', '--at', '3,4', '-o', 'F.svg', says='draw')

    def test_png(self):
        for words in (['matrix', '-p', 'i2x2 k3'], ['explain', '-p', 'i4x4 k4 s2 p1', '--at', '3,4']):
            self.succeed(*words, '-o', 'F.png')
            with open(self.path('F.png'), 'rb') as file:
                self.assertEqual(file.read(8), b'\x89PNG\r\n\x1a\n')


if __name__ == '__main__':
    support.main()
    unittest.main()
