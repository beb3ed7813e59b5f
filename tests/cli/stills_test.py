#!/usr/bin/env python3
"""Pictures of matrices, of one output and of sizes, from outside: the SVG read back."""
import json
import re
import unittest
import xml.etree.ElementTree as ET

import support
from support import CliTest

SVG = '{http://www.w3.org/2000/svg}'
PROBLEMS = ['i2x2 k3', 'i4 k3 s2', 'i3 k2 s3 op1', 'i2x2 k3 s2 p1', 'i3x2 k2 s2 d2', 'ic2 oc2 i2x2 k2 g2', 'ic2 oc3 i2x2 k2 nhwc',
            'i2x2 k1 s3', 'i1x1 k1', 'oc2 i3 k2 bias']


def tokens_of(text):
    """The numbers of a one-dimensional problem text."""
    found = dict(re.findall(r'(op|[iksdpo])(\d+)', text))
    return {key: int(found.get(key, default)) for key, default in (('i', 1), ('k', 1), ('s', 1), ('d', 1), ('p', 0))}


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

    def test_product_of_the_matrix_is_that_of_the_given_input(self):
        values, _ = self.hits('matrix', '-p', 'i2 k3 s2', '--x', '10,-20', '--w', '1,2,3', '-b', '5', '--transpose')
        self.assertEqual([values[f'y[{o}]'] for o in range(5)], [15, 25, 15, -35, -55])
        self.refuse(3, 'matrix', '-p', 'i2 k3', '--x', '1,2,3', '-o', 'F.svg', says='3 numbers')
        self.refuse(2, 'matrix', '-p', 'i2 k3', '--x', '1,2', says='-o W.svg')

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

    def shape_hits(self, *words):
        """(name, value) of everything in a picture of sizes."""
        self.succeed('shape', *words, '-o', 'F.svg')
        root = ET.parse(self.path('F.svg')).getroot()
        return [(rect.get('data-name'), int(rect.get('data-value'))) for rect in root.iter(f'{SVG}rect') if rect.get('class') == 'hit']

    def test_derivation(self):
        """Stamps begin where they do, the output has its size, and there is a step for each sentence."""
        for text in ('i4 k3 s2 p1 op1', 'i2 k3', 'i9 k2 s3 d2', 'i1000 k4 s2 p1', 'i3 k2 s3 o11', 'i4 k64 s32 p16'):
            told = json.loads(self.succeed('shape', '-p', text, '--json'))
            hits = self.shape_hits('-p', text)
            stamps = {name: value for name, value in hits if name.startswith('stamp')}
            n, s = tokens_of(text)['i'], tokens_of(text)['s']
            self.assertEqual(stamps, {f'stamp {i}': i * s for i in {0, min(1, n - 1), min(2, n - 1), n - 1}}, text)
            self.assertEqual({value for name, value in hits if name == 'output y'}, {told['output_size'][0]}, text)
            root = ET.parse(self.path('F.svg')).getroot()
            self.assertEqual(int(root.find(f'{SVG}script').get('data-steps')), len(told['steps']), text)
            texts = {''.join(each.itertext()) for each in root.iter(f'{SVG}text')}
            self.assertIn(f'input x ({n})', texts)
            self.assertIn('output y', texts)

    def test_solutions(self):
        """As many strips as rows are told, each with the counts that plain loops find."""
        words = ['--from', '4', '--want', '7', '--max-kernel', '4', '--max-dilation', '2']
        told = json.loads(self.succeed('shape', *words, '--json'))['solutions']
        hits = self.shape_hits(*words, '--all')
        self.assertEqual(len(hits), 7 * len(told))
        for row, found in enumerate(told):
            expected = [sum(i * found['s'] + j * found['d'] - found['p'] == o for i in range(4) for j in range(found['k']))
                        for o in range(7)]
            self.assertEqual(hits[7 * row:7 * row + 7], [(f'y[{o}]', count) for o, count in enumerate(expected)], found)
        self.assertEqual(len(self.shape_hits('--from', '64', '--want', '128')), 25 * 32)

    def test_shape_refusals(self):
        problem = ['-p', 'i8 k4 s2 p1']
        self.refuse(2, 'shape', *problem, '-o', 'F.gif', says='.svg')
        self.refuse(2, 'shape', *problem, '--json', '-o', 'F.svg', says='--json')
        self.refuse(2, 'shape', *problem, '--code', 'cpp', '-o', 'F.svg', says='--code')
        self.refuse(2, 'shape', '--from', '9', '--want', '1', '--max-kernel', '1', '--max-dilation', '1', '-o', 'F.svg', says='no transposed')
        self.refuse(1, 'shape', *problem, '-o', 'no/F.svg', says='no/F.svg')

    def test_themes(self):
        for words in (['shape', '-p', 'i4 k3'], ['shape', '--from', '4', '--want', '8'], ['matrix', '-p', 'i2 k2'],
                      ['explain', '-p', 'i3 k2', '--at', '1']):
            pages = []
            for theme in ([], ['--theme', 'light'], ['--theme', 'dark']):
                self.succeed(*words, *theme, '-o', 'F.svg')
                with open(self.path('F.svg'), encoding='utf-8') as file:
                    pages.append(file.read())
            self.assertEqual(pages[0], pages[1])
            self.assertIn('#12171d', pages[2])
            self.assertNotIn('#12171d', pages[0])
            self.refuse(2, *words, '--theme', 'blue', '-o', 'G.svg', says='light or dark')
            self.refuse(2, *words, '--theme', 'dark', says='--theme')

    def test_png(self):
        for words in (['shape', '-p', 'i4x4 k3 s2 p1'], ['shape', '--from', '64', '--want', '128'],
                      ['matrix', '-p', 'i2x2 k3'], ['explain', '-p', 'i4x4 k4 s2 p1', '--at', '3,4']):
            self.succeed(*words, '-o', 'F.png')
            with open(self.path('F.png'), 'rb') as file:
                self.assertEqual(file.read(8), b'\x89PNG\r\n\x1a\n')


if __name__ == '__main__':
    support.main()
    unittest.main()
