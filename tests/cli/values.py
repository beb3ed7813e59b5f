"""What apply, backward, explain and matrix compute, against definition.py."""
import json

import definition
from npy import Array
from support import CliTest

__all__ = ['ConvolutionText', 'ApplyValues', 'BackwardValues', 'ExplainValues', 'MatrixValues']


def commas(numbers):
    return ','.join(map(str, numbers))


def layer(rank, stride=1, dilation=1, begin=0, end=None, op=0, groups=1, nhwc=False):
    def every(value):
        return tuple(value) if isinstance(value, (tuple, list)) else (value,) * rank
    return {'stride': every(stride), 'dilation': every(dilation), 'begin': every(begin),
            'end': every(begin if end is None else end), 'op': every(op), 'groups': groups, 'nhwc': nhwc}


def options(of):
    """The layer as options; ONNX's words where the padding is not symmetric."""
    words = ['--stride', commas(of['stride']), '--dilation', commas(of['dilation']), '--groups', of['groups']]
    if of['begin'] == of['end']:
        words += ['--padding', commas(of['begin'])]
    else:
        words += ['--pads', commas(of['begin'] + of['end'])]
    if any(of['op']):
        words += ['--output-padding', commas(of['op'])]
    return words + (['--layout', 'nhwc'] if of['nhwc'] else [])


def text(of):
    def xs(numbers):
        return 'x'.join(map(str, numbers))
    return (f"d{xs(of['dilation'])} s{xs(of['stride'])} g{of['groups']} p{xs(of['begin'])}:{xs(of['end'])} "
            f"op{xs(of['op'])}" + (' nhwc' if of['nhwc'] else ''))


# (layer, batch, input channels, output channels, input sizes, kernel)
LAYERS = [
    (layer(1), 1, 1, 1, (5,), (3,)),
    (layer(1, stride=3, begin=1, op=2), 2, 3, 2, (4,), (4,)),
    (layer(1, stride=2, begin=0, end=2), 1, 2, 2, (6,), (3,)),
    (layer(1, stride=4), 1, 2, 1, (3,), (1,)),
    (layer(2), 1, 1, 1, (2, 2), (3, 3)),
    (layer(2, stride=2, begin=1), 2, 3, 5, (4, 3), (4, 4)),
    (layer(2, stride=(1, 2), begin=(0, 1), op=(0, 1), dilation=(2, 1)), 1, 2, 3, (3, 4), (2, 3)),
    (layer(2, stride=2, begin=1, op=1, groups=2, nhwc=True), 2, 4, 6, (3, 2), (3, 3)),
    (layer(2, stride=2, dilation=3, begin=2, op=2), 1, 1, 2, (3, 3), (2, 2)),
    (layer(2, stride=3, begin=(2, 0), end=(0, 1), nhwc=True), 1, 3, 2, (3, 3), (4, 3)),
    (layer(2, begin=1, groups=5), 1, 5, 5, (4, 4), (3, 3)),
    (layer(3, stride=2, begin=1), 1, 2, 2, (2, 3, 2), (3, 3, 3)),
    (layer(3, stride=(1, 2, 3), op=(0, 1, 2), groups=2), 2, 2, 4, (2, 2, 2), (1, 2, 3)),
]


class Values(CliTest):
    def arrays(self, case, dtype='f8'):
        of, batch, channels, out, sizes, kernel = case
        x = self.numbered(definition.joined(batch, channels, sizes, of['nhwc']), dtype)
        w = self.numbered((channels, out // of['groups'], *kernel), dtype)
        return x, w, out


class ApplyValues(Values):
    def apply(self, x, w, *arguments):
        self.save('X.npy', x)
        self.save('W.npy', w)
        self.assertEqual(self.succeed('apply', 'X.npy', 'W.npy', *arguments, '-o', 'Y.npy'), b'')
        return self.load('Y.npy')

    def test_every_layer_as_options_and_as_text(self):
        for number, case in enumerate(LAYERS):
            for dtype in ('f4', 'f8'):
                x, w, _ = self.arrays(case, dtype)
                expected = definition.transposed(case[0], x, w)
                self.expect_equal(self.apply(x, w, *options(case[0])), expected, message=(number, 'options'))
                self.expect_equal(self.apply(x, w, '-p', text(case[0])), expected, message=(number, 'text'))

    def test_every_layer_as_a_convolution(self):
        for number, case in enumerate(LAYERS):
            of = {**case[0], 'op': (0,) * len(case[4])}
            x, w, out = self.arrays(case)
            fine = definition.out_sizes(case[0], case[4], case[5])
            y = self.numbered(definition.joined(case[1], out, fine, of['nhwc']))
            expected = definition.convolution(of, y, w)
            self.expect_equal(self.apply(y, w, '--conv', *options(of)), expected, message=number)
            without_op = ' '.join(t for t in text(of).split() if not t.startswith('op'))
            self.expect_equal(self.apply(y, w, '--conv', '-p', without_op), expected, message=number)
            bias = self.numbered((x.shape[-1] if of['nhwc'] else x.shape[1],))
            self.save('B.npy', bias)
            self.expect_equal(self.apply(y, w, '--conv', '-b', 'B.npy', *options(of)),
                              definition.convolution(of, y, w, bias=bias), message=number)

    def test_bias_residual_and_activations(self):
        for case in (LAYERS[3], LAYERS[5], LAYERS[7], LAYERS[11]):
            x, w, out = self.arrays(case)
            shape = definition.transposed(case[0], x, w).shape
            bias, residual = self.numbered((out,)), self.numbered(shape)
            self.save('B.npy', bias)
            self.save('R.npy', residual)
            for name in ('', 'relu', 'leaky:0.25', 'tanh', 'sigmoid', 'clamp:-3:6'):
                expected = definition.transposed(case[0], x, w, bias=bias, residual=residual, activation=name)
                words = ['-b', 'B.npy', '--residual', 'R.npy']
                given = ['--activation', name] if name else []
                self.expect_equal(self.apply(x, w, *words, *given, *options(case[0])), expected, 1e-14, name)
                self.expect_equal(self.apply(x, w, *words, '-p', f'{text(case[0])} bias sum {name}'), expected, 1e-14)

    def test_unbatched(self):
        for case in (LAYERS[0], LAYERS[6], LAYERS[9], LAYERS[11]):
            x, w, _ = self.arrays(case)
            expected = definition.transposed(case[0], x, w)
            x.shape, expected.shape = x.shape[1:], expected.shape[1:]
            self.expect_equal(self.apply(x, w, *options(case[0])), expected)
            self.expect_equal(self.apply(x, w, '-p', text(case[0])), expected)

    def test_forms_of_npy(self):
        case = LAYERS[7]
        for dtype in ('f4', 'f8'):
            x, w, _ = self.arrays(case, dtype)
            expected = definition.transposed(case[0], x, w)
            for order, endian, version in (('F', '<', 1), ('C', '>', 1), ('F', '>', 2), ('C', '<', 3)):
                self.save('X.npy', x, order=order, endian=endian, version=version)
                self.save('W.npy', w, order=order, endian=endian, version=version)
                self.succeed('apply', 'X.npy', 'W.npy', *options(case[0]), '-o', 'Y.npy')
                self.expect_equal(self.load('Y.npy'), expected, message=(order, endian, version))

    def test_standard_streams(self):
        import npy
        x, w, _ = self.arrays(LAYERS[5])
        expected = definition.transposed(LAYERS[5][0], x, w)
        self.save('X.npy', x)
        self.save('W.npy', w)
        out = self.succeed('apply', '-', 'W.npy', *options(LAYERS[5][0]), '-o', '-', stdin=npy.encode(x))
        self.expect_equal(npy.decode(out), expected)
        out = self.succeed('apply', 'X.npy', '-', *options(LAYERS[5][0]), '--output=-', stdin=npy.encode(w))
        self.expect_equal(npy.decode(out), expected)

    def test_automatic_padding(self):
        # (mode, stride, kernel, dilation, begin, end, output size) of an input of 4 rows
        cases = [
            ('same_upper', 2, 3, 1, 0, 1, 8), ('same_lower', 2, 3, 1, 1, 0, 8), ('same_upper', 2, 4, 1, 1, 1, 8),
            ('same_upper', 3, 2, 1, 0, 0, 11), ('valid', 2, 3, 1, 0, 0, 9), ('same_upper', 1, 3, 2, 2, 2, 4),
            ('tf_same', 2, 3, 1, 0, 1, 8), ('tf_same', 3, 2, 1, 0, 0, 12), ('tf_same', 2, 5, 1, 1, 2, 8),
            ('tf_valid', 2, 3, 1, 0, 0, 9), ('tf_valid', 4, 3, 1, 0, 0, 16),
        ]
        for mode, s, k, d, begin, end, size in cases:
            op = size - ((4 - 1) * s + d * (k - 1) + 1 - begin - end)
            case = (layer(2, stride=s, dilation=d, begin=begin, end=end, op=op), 1, 2, 3, (4, 4), (k, k))
            x, w, _ = self.arrays(case)
            found = self.apply(x, w, '--auto-pad', mode, '--stride', s, '--dilation', d)
            self.assertEqual(found.shape[2:], (size, size), mode)
            self.expect_equal(found, definition.transposed(case[0], x, w), message=(mode, s, k))

    def test_output_size_and_output_shape(self):
        x, w = self.numbered((1, 2, 4, 4)), self.numbered((2, 3, 3, 3))
        for op in (0, 1):  # PyTorch: padding stays, output_padding is chosen
            expected = definition.transposed(layer(2, stride=2, begin=1, op=op), x, w)
            for size in (f'{7 + op},{7 + op}', f'1,3,{7 + op},{7 + op}'):
                self.expect_equal(self.apply(x, w, '--stride', 2, '--padding', 1, '--output-size', size), expected)
        # ONNX: the padding is chosen; the odd row goes in front, with SAME_UPPER at the end
        self.expect_equal(self.apply(x, w, '--stride', 2, '--output-shape', '8,6'),
                          definition.transposed(layer(2, stride=2, begin=(1, 2), end=(0, 1)), x, w))
        self.expect_equal(self.apply(x, w, '--stride', 2, '--output-shape', '8,6', '--auto-pad', 'same_upper'),
                          definition.transposed(layer(2, stride=2, begin=(0, 1), end=(1, 2)), x, w))
        # a problem text: any size, cells that no tap reaches hold the bias
        bias = self.numbered((3,))
        self.save('B.npy', bias)
        self.expect_equal(self.apply(x, w, '-b', 'B.npy', '-p', 's2 o14x5'),
                          definition.transposed(layer(2, stride=2, op=(5, -4)), x, w, bias=bias))

    def test_nothing_of_something(self):
        self.expect_equal(self.apply(Array((0, 2, 4), []), self.numbered((2, 3, 3))), Array((0, 3, 6), []))
        self.save('B.npy', Array((2,), [3, -1]))
        self.expect_equal(self.apply(Array((1, 0, 2), []), Array((0, 2, 2), []), '-b', 'B.npy'),
                          Array((1, 2, 3), [3, 3, 3, -1, -1, -1]))


class BackwardValues(Values):
    def test_every_layer(self):
        for number, case in enumerate(LAYERS):
            of = case[0]
            x, w, _ = self.arrays(case)
            y = definition.transposed(of, x, w)
            dy = self.numbered(y.shape)
            dx, dw, _ = definition.gradients(of, x, dy, w)
            for name, array in (('X', x), ('W', w), ('DY', dy)):
                self.save(name + '.npy', array)
            for form in (options(of), ['-p', text(of)]):
                self.succeed('backward', 'X.npy', 'W.npy', 'DY.npy', *form, '--dx', 'DX.npy', '--dw', 'DW.npy', '--db',
                             'DB.npy')
                self.expect_equal(self.load('DX.npy'), Array(x.shape, dx), message=number)
                self.expect_equal(self.load('DW.npy'), Array(w.shape, dw), message=number)
                sums = definition.channel_sums(dy, of['nhwc'])
                self.expect_equal(self.load('DB.npy'), Array((len(sums),), sums), message=number)

    def test_the_convolution(self):
        for case in (LAYERS[1], LAYERS[7], LAYERS[12]):
            of = {**case[0], 'op': (0,) * len(case[4])}
            coarse, w, _ = self.arrays(case)
            fine = definition.transposed(of, coarse, w)
            x, dy = self.numbered(fine.shape), self.numbered(coarse.shape)
            _, dw, dx = definition.gradients(of, dy, x, w)
            for name, array in (('X', x), ('W', w), ('DY', dy)):
                self.save(name + '.npy', array)
            self.succeed('backward', 'X.npy', 'W.npy', 'DY.npy', '--conv', *options(of), '--dx', 'DX.npy', '--dw',
                         'DW.npy', '--db', 'DB.npy')
            self.expect_equal(self.load('DX.npy'), Array(x.shape, dx))
            self.expect_equal(self.load('DW.npy'), Array(w.shape, dw))
            sums = definition.channel_sums(dy, of['nhwc'])
            self.expect_equal(self.load('DB.npy'), Array((len(sums),), sums))

    def test_finite_differences_through_apply(self):
        # The loss is the sum of y * dy, linear in x and in w: a step of 1 gives the derivative exactly.
        case = LAYERS[6]
        x, w, _ = self.arrays(case)
        self.save('X.npy', x)
        self.save('W.npy', w)
        run = ['apply', 'X.npy', 'W.npy', *options(case[0]), '-o', 'Y.npy']
        self.succeed(*run)
        y = self.load('Y.npy')
        dy = self.numbered(y.shape)
        self.save('DY.npy', dy)
        self.succeed('backward', 'X.npy', 'W.npy', 'DY.npy', *options(case[0]), '--dx', 'DX.npy', '--dw', 'DW.npy')

        def loss(array):
            return sum(a * b for a, b in zip(array.values, dy.values))
        for name, array, grad in (('X.npy', x, 'DX.npy'), ('W.npy', w, 'DW.npy')):
            derivative = self.load(grad)
            for at in range(0, len(array.values), 5):
                moved = Array(array.shape, array.values)
                moved.values[at] += 1
                self.save(name, moved)
                self.succeed(*run)
                self.assertEqual(loss(self.load('Y.npy')) - loss(y), derivative.values[at], (name, at))
            self.save(name, array)


class ConvolutionText(Values):
    def test_an_output_padding_says_which_coarse_size(self):
        self.save('Y.npy', Array((1, 1, 8), range(8)))
        self.save('W.npy', Array((1, 1, 3), [1, 2, 3]))
        short = self.succeed('apply', 'Y.npy', 'W.npy', '--conv', '-p', 's2 p1 op1', '-o', '-')
        self.assertEqual(short, self.succeed('apply', 'Y.npy', 'W.npy', '--conv', '-p', 'i4 s2 p1 op1', '-o', '-'))
        self.refuse(3, 'apply', 'Y.npy', 'W.npy', '--conv', '-p', 's2 p1 op0', '-o', 'Z.npy', says='fine size')

    def test_empty_sides_take_no_time(self):
        huge = 10 ** 17
        self.succeed('explain', '-p', f'ic{huge} i1 k1 s2 o2', '--at', 1)
        self.refuse(1, 'matrix', '-p', f'ic{huge} oc0 i4 k3', '-o', 'W.npy', says='limit')


class ExplainValues(Values):
    def test_the_value_is_the_output_with_bias_and_activation(self):
        self.save('X.npy', Array((1, 1, 2), [1, -5], 'f4'))
        self.save('W.npy', Array((1, 1, 1), [2], 'f4'))
        self.save('B.npy', Array((1,), [3], 'f4'))
        arrays = ['--x', 'X.npy', '--w', 'W.npy', '--json']
        for at, total, value in ((0, 2, 5), (1, -10, 0)):
            answer = json.loads(self.succeed('explain', *arrays, '-b', 'B.npy', '-p', 'bias relu', '--at', at))
            self.assertEqual((answer['sum'], answer['bias'], answer['value']), (total, 3, value))
        self.refuse(3, 'explain', *arrays, '-p', 'bias', '--at', 0, says='-b')

    def test_the_sum_is_applys_element(self):
        for case in (LAYERS[1], LAYERS[5], LAYERS[7], LAYERS[8], LAYERS[12]):
            of, batch, _, out, sizes, _ = case
            x, w, _ = self.arrays(case)
            y = definition.transposed(of, x, w)
            fine = definition.out_sizes(of, sizes, case[5])
            self.save('X.npy', x)
            self.save('W.npy', w)
            for _ in range(6):
                at = tuple(self.random.randrange(n) for n in fine)
                channel, sample = self.random.randrange(out), self.random.randrange(batch)
                answer = json.loads(self.succeed('explain', '--x', 'X.npy', '--w', 'W.npy', *options(of), '--at',
                                                 commas(at), '--channel', channel, '--sample', sample, '--json'))
                where = definition.offset(sample, channel, at, out, fine, of['nhwc'])
                self.assertEqual(answer['schema_version'], 1)
                self.assertEqual(answer['output'], list(at))
                self.assertEqual(answer['value'], y.values[where])
                self.assertEqual(sum(c['product'] for c in answer['contributions']), answer['value'])
                for c in answer['contributions']:
                    self.assertEqual(c['product'], c['x'] * c['w'])
                    self.assertEqual(tuple(i * s + j * d - p for i, s, j, d, p in zip(
                        c['input'], of['stride'], c['tap'], of['dilation'], of['begin'])), at)
                    i = definition.offset(sample, c['input_channel'], c['input'], x.shape[-1] if of['nhwc'] else
                                          x.shape[1], sizes, of['nhwc'])
                    self.assertEqual(c['x'], x.values[i])

    def test_without_arrays(self):
        answer = json.loads(self.succeed('explain', '-p', 'i4x4 k4 s2 p1', '--at', '3,4', '--json'))
        self.assertEqual(answer['problem'], 'i4x4 k4 s2 p1')
        self.assertIsNone(answer['value'])
        found = {(tuple(c['input']), tuple(c['tap'])) for c in answer['contributions']}
        self.assertEqual(found, {((1, 1), (2, 3)), ((1, 2), (2, 1)), ((2, 1), (0, 3)), ((2, 2), (0, 1))})
        for c in answer['contributions']:
            self.assertLessEqual({'input', 'tap', 'x', 'w', 'product'}, set(c))
            self.assertEqual((c['x'], c['w'], c['product']), (None, None, None))

    def test_an_output_that_no_tap_reaches(self):
        self.assertEqual(json.loads(self.succeed('explain', '-p', 'i4 k1 s3', '--at', '1', '--json'))['contributions'],
                         [])
        self.assertIn('no tap reaches', self.succeed('explain', '-p', 'i4 k1 s3', '--at', '1').decode())

    def test_numbers_that_json_has_not(self):
        self.save('X.npy', Array((1, 1, 1), [float('inf')]))
        self.save('W.npy', Array((1, 1, 1), [1]))
        answer = json.loads(self.succeed('explain', '--x', 'X.npy', '--w', 'W.npy', '--at', '0', '--json'))
        self.assertIsNone(answer['value'])
        self.assertEqual(answer['contributions'][0]['w'], 1)


class MatrixValues(Values):
    def printed(self, *arguments):
        return [[float(v) for v in line.split()] for line in self.succeed('matrix', *arguments).decode().splitlines()]

    def test_the_seeds_four_by_sixteen(self):
        expected = [[1, 2, 3, 0, 4, 5, 6, 0, 7, 8, 9, 0, 0, 0, 0, 0], [0, 1, 2, 3, 0, 4, 5, 6, 0, 7, 8, 9, 0, 0, 0, 0],
                    [0, 0, 0, 0, 1, 2, 3, 0, 4, 5, 6, 0, 7, 8, 9, 0], [0, 0, 0, 0, 0, 1, 2, 3, 0, 4, 5, 6, 0, 7, 8, 9]]
        self.assertEqual(self.printed('-p', 'i2x2 k3'), expected)
        self.assertEqual(self.printed('--input-size', '2,2', '--kernel', '3'), expected)
        self.assertEqual(self.printed('-p', 'i2x2 k3', '--transpose'), [list(row) for row in zip(*expected)])

    def test_the_three_forms_agree_and_compute_apply(self):
        for case in (LAYERS[2], LAYERS[7], LAYERS[8], LAYERS[12]):
            of = case[0]
            x, w, _ = self.arrays((of, 1, *case[2:]))
            y = definition.transposed(of, x, w)
            self.save('W.npy', w)
            words = ['--w', 'W.npy', '--input-size', commas(case[4]), *options(of), '--transpose']
            rows = self.printed(*words)
            self.assertEqual([sum(a * b for a, b in zip(row, x.values)) for row in rows], y.values)
            self.succeed('matrix', *words, '-o', 'M.npy')
            array = self.load('M.npy')
            self.assertEqual((array.shape, array.values), ((len(rows), len(rows[0])), sum(rows, [])))
            self.succeed('matrix', *words, '-o', 'M.mtx')
            with open(self.path('M.mtx'), encoding='ascii') as file:
                header, size, *entries = file.read().splitlines()
            self.assertEqual(header, '%%MatrixMarket matrix coordinate real general')
            self.assertEqual(size.split(), [str(len(rows)), str(len(rows[0])), str(len(entries))])
            again = [[0.0] * len(rows[0]) for _ in rows]
            for entry in entries:
                row, column, value = entry.split()
                again[int(row) - 1][int(column) - 1] = float(value)
            self.assertEqual(again, rows)
            kinds = sum(1 for _ in definition.products(of, 1, case[2], case[4], case[3], definition.out_sizes(
                of, case[4], case[5]), w))
            self.assertEqual(len(entries), kinds)  # zero weights are stored too

    def test_single_precision_is_printed_as_it_is(self):
        self.save('W.npy', Array((1, 1, 3), [0.1, 16777215, -1234567.5], 'f4'))
        rows = self.printed('--w', 'W.npy', '--input-size', '1')
        self.assertEqual(Array((3,), rows[0], 'f4').values, Array((3,), [0.1, 16777215, -1234567.5], 'f4').values)
        self.assertIn('0.1 ', self.succeed('matrix', '--w', 'W.npy', '--input-size', '1').decode())
