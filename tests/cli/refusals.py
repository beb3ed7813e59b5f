"""Bad calls: the exit code of CLI.md's list, one sentence on stderr, nothing on stdout, nothing written."""
import json

from npy import Array
from support import CliTest

__all__ = ['Help', 'Usage', 'Geometry', 'Disagreement', 'Sizes', 'TextRefusals']

VERBS = ('run', 'apply', 'backward', 'shape', 'explain', 'matrix', 'trace', 'upsample', 'train', 'info')
HUGE = ('2147483648', '4611686018427387903', '4611686018427387904', '9223372036854775807', '9223372036854775808',
        '1' + '0' * 30, '-9223372036854775808', '-1' + '0' * 30)


class Refusals(CliTest):
    def setUp(self):
        super().setUp()
        self.save('X.npy', self.numbered((1, 2, 4, 5)))
        self.save('W.npy', self.numbered((2, 3, 3, 3)))
        self.save('B.npy', self.numbered((3,)))
        self.save('DY.npy', self.numbered((1, 3, 6, 7)))

    def refuse_apply(self, code, *arguments, says=''):
        return self.refuse(code, 'apply', 'X.npy', 'W.npy', *arguments, '-o', 'Y.npy', says=says)


class Help(Refusals):
    def test_help_needs_no_arguments(self):
        for verb in VERBS:
            short, full = self.succeed(verb, '-h').decode(), self.succeed(verb, '--help').decode()
            self.assertIn(f'tconv {verb}', short)
            self.assertLess(short.index('examples:'), short.index('--help'))
            self.assertIn('--help', full)
            self.assertGreater(len(full), len(short))
        self.assertIn('--padding', self.succeed('apply', 'X.npy', '--stride', '-h', '--help').decode())

    def test_the_overview(self):
        for word in ('-h', '--help', 'help'):
            overview = self.succeed(word).decode()
            for verb in VERBS:
                self.assertIn(f'  {verb} ', overview)
        alone = self.run_tconv()
        self.assertEqual((alone.returncode, alone.stdout), (2, b''))
        self.assertIn(b'verbs:', alone.stderr)

    def test_version(self):
        self.assertRegex(self.succeed('--version').decode(), r'^tconv \d+\.\d+\.\d+ \(isa \w+, \d+ threads?\)\n$')


class Usage(Refusals):
    def test_did_you_mean(self):
        for word, meant in (('aply', 'apply'), ('bakward', 'backward'), ('matirx', 'matrix'), ('explian', 'explain')):
            self.assertIn(f'did you mean {meant}?', self.refuse_top(word))
        for word in ('frobnicate', '--frob', '', '\n', 'a' * 100000):
            self.refuse_top(word)
        for option, meant in (('--strid', '--stride'), ('--paddding', '--padding'), ('--output_size', '--output-size'),
                              ('--dilatoin=2', '--dilation')):
            self.refuse_apply(2, option, '2', says=f'did you mean {meant}?')
        for option in ('--frobnicate', '-z', '--', '-'):
            self.refuse_apply(2, option, '2')

    def refuse_top(self, word):
        done = self.run_tconv(word)
        error = done.stderr.decode(errors='replace')
        self.assertEqual((done.returncode, done.stdout), (2, b''), word)
        self.assertTrue(error.startswith('tconv: ') and len(error.splitlines()) == 1, error[:300])
        return error

    def test_missing_and_surplus_arguments(self):
        for arguments in ([], ['X.npy'], ['X.npy', 'W.npy'], ['-o', 'Y.npy'], ['X.npy', 'W.npy', '-o'],
                          ['X.npy', 'W.npy', 'Z.npy', '-o', 'Y.npy'], ['X.npy', 'W.npy', '-o', 'Y.npy', '--stride'],
                          ['X.npy', 'W.npy', '-o', 'Y.npy', '-o', 'Z.npy', '--stride', '1', '--stride', '2']):
            self.refuse(2, 'apply', *arguments)
        self.refuse(2, 'backward', 'X.npy', 'W.npy')
        self.refuse(2, 'backward', 'X.npy', 'W.npy', 'X.npy', says='--dx')
        self.refuse(2, 'matrix')
        self.refuse(2, 'explain')
        self.refuse(2, 'explain', '-p', 'i4 k3', '--pass', 'sideways', says='weight_grad')
        self.refuse(2, 'explain', '-p', 'i4 k3', '--pass', 'gather', '--at', '1', says='--pass')
        self.refuse(2, 'explain', '-p', 'i4 k3', '--channel', '0', says='--at')
        self.refuse(2, 'explain', '--at', '1', '--x', 'X.npy', '-p', 'i4 k3', says='--w')

    def test_values_that_cannot_be_read(self):
        for option in ('--stride', '--padding', '--pads', '--output-padding', '--output-size', '--output-shape',
                       '--dilation', '--groups', '--batch', '--channels', '--kernel', '--input-size', '--threads'):
            for value in ('x', '1.5', '1,', ',1', '1,,2', ' 1', '1 ', '0x10', '1e3', '', '+1', '\u0661', '1;2', '\n'):
                self.refuse_apply(2, option, value, says=option)
        for option in ('--layout', '--dtype', '--auto-pad', '--method', '--activation', '--color'):
            for value in ('', 'x', 'NCHWX', '\n'):
                self.refuse_apply(2, option, value)
        for option in ('--stride', '--auto-pad', '--method', '--isa', '-p', '-b'):
            self.refuse_apply(3 if option == '-b' else 2, option, '9' * 50000)
        self.refuse_apply(2, '--stride=', says='empty')
        for option in ('-b', '--residual', '-p'):
            self.refuse_apply(2, option, '')

    def test_instruction_sets(self):
        for name in ('z80', 'sve'):
            self.refuse_apply(2, '--isa', name, says=name)
            self.refuse(2, 'apply', 'X.npy', 'W.npy', '-o', '-', says='TCONV_ISA', TCONV_ISA=name)
            self.refuse(2, 'info', says=name, TCONV_ISA=name)
        available = json.loads(self.succeed('info', '--json'))['available_isas']
        for name in ('portable', 'sse4', 'avx2', 'avx512', 'amx', 'neon', 'wasm'):
            if name in available:
                for arguments, environment in ((['--isa', name], {}), ([], {'TCONV_ISA': name})):
                    plan = self.succeed('explain', '-p', 'i8x8 k4 s2', '--json', *arguments, **environment)
                    self.assertEqual(json.loads(plan)['isa'], name)
                    self.succeed('apply', 'X.npy', 'W.npy', *arguments, '-o', '-', **environment)
            else:
                self.refuse_apply(5, '--isa', name, says=name)
                self.refuse(5, 'apply', 'X.npy', 'W.npy', '-o', '-', says='TCONV_ISA', TCONV_ISA=name)

    def test_threads_and_methods(self):
        for count in ('0', '-3', '4097'):
            self.refuse_apply(2, '--threads', count, says=count)
        self.refuse_apply(2, '--method', 'magic', says='reference')
        self.refuse_apply(2, '--method', 'weight_gemm', says='weight_gemm')
        self.refuse(2, 'backward', 'X.npy', 'W.npy', 'DY.npy', '--dw', 'DW.npy', '--method', 'direct', says='direct')
        self.succeed('apply', 'X.npy', 'W.npy', '--isa', 'portable', '--threads', 2, '--method', 'reference', '-o', '-')

    def test_text_and_options_together(self):
        for option, value in (('--stride', '1'), ('--padding', '0'), ('--kernel', '3'), ('--groups', '1'),
                              ('--layout', 'nchw'), ('--dtype', 'f64'), ('--output-shape', '6,7'), ('--batch', '1'),
                              ('--auto-pad', 'valid'), ('--channels', '2,3'), ('--input-size', '4,5')):
            self.refuse_apply(2, '-p', 's1', option, value, says='together')
        self.refuse_apply(2, '-p', 'relu', '--activation', 'tanh', says='once')

    def test_explain_outside_the_output(self):
        for at in ('8', '-1', '3,3', '', 'x', '9223372036854775807', '1' + '0' * 30):
            self.refuse(2, 'explain', '-p', 'i4 k2 s2', '--at', at)
        for option in ('--channel', '--sample'):
            for value in ('1', '-1', '9223372036854775807', 'x', '0,0'):
                self.refuse(2, 'explain', '-p', 'i4 k2 s2', '--at', '0', option, value, says=option)
        self.refuse(1, 'explain', '-p', 'ic2000000 i1 k1', '--at', '0', says='2000000')

    def test_matrix_outputs(self):
        for name in ('W', 'W.txt', '.mtx.gz'):
            self.refuse(2, 'matrix', '-p', 'i2 k2', '-o', name)
        self.assertEqual(self.succeed('matrix', '-p', 'i2 k2', '-o', '-'), self.succeed('matrix', '-p', 'i2 k2'))
        self.refuse(1, 'matrix', '-p', 'i4096 k1', says='4096')
        self.refuse(1, 'matrix', '-p', 'i1048576 k1', '-o', 'W.npy', says='mtx')
        self.refuse(1, 'matrix', '-p', 'i1099511627776 k1', '-o', 'W.mtx')
        self.refuse(1, 'matrix', '-p', 'i1 k1099511627776', '-o', 'W.mtx')
        self.refuse(2, 'matrix', '-p', 'i4294967296 k4294967296', says='2^62')


class Geometry(Refusals):
    def test_below_the_least(self):
        for option in ('--stride', '--dilation', '--groups'):
            for value in ('0', '-1'):
                self.refuse_apply(2, option, value, says=value)
        for option in ('--padding', '--output-padding', '--pads', '--output-size', '--output-shape'):
            self.refuse_apply(2, option, '-1', says='-1')
        for option in ('--output-size', '--output-shape'):
            self.refuse_apply(2, option, '0', says='0')

    def test_every_huge_number(self):
        for value in HUGE:
            for option in ('--stride', '--padding', '--pads', '--output-padding', '--output-size', '--output-shape',
                           '--dilation', '--groups'):
                self.refuse_apply(2, option, value)
            for verb, rest in (('explain', ['--at', '0,0']), ('matrix', [])):
                for token in ('n', 'i', 'o', 'k', 's', 'p', 'op', 'd', 'g', 'ic', 'oc'):
                    others = ' '.join(t for t in ('i4x4', 'k3', 's2') if not t.startswith(token))
                    done = self.run_tconv(verb, '-p', f'{token}{value} {others}', *rest)
                    self.assertIn(done.returncode, (0, 1, 2), (verb, token, value, done.stderr))
                    self.assertEqual(done.returncode == 0, not done.stderr, (verb, token, value))
                    self.assertLessEqual(len(done.stderr.splitlines()), 1)
            for option in ('--kernel', '--input-size', '--batch', '--channels'):
                given = {'--kernel': '3', '--input-size': '4,4', '--at': '0,0'}
                given[option] = f'{value},1' if option == '--channels' else value
                done = self.run_tconv('explain', *(word for pair in given.items() for word in pair))
                self.assertIn(done.returncode, (0, 1, 2), (option, value, done.stderr))
                self.assertLessEqual(len(done.stderr.splitlines()), 1)
                self.refuse(3 if -2**63 <= int(value) < 2**63 else 2, 'apply', 'X.npy', 'W.npy', option,
                            given[option], '-o', 'Y.npy')

    def test_output_padding_limits(self):
        for s, d, op in ((1, 1, 1), (2, 1, 2), (3, 2, 3), (1, 3, 3), (2, 1, 100)):
            self.refuse_apply(2, '--stride', s, '--dilation', d, '--output-padding', op, says=f'{max(s, d)}')
            self.refuse_apply(2, '-p', f's{s} d{d} op{op}', says=f'{max(s, d)}')
            self.succeed('apply', 'X.npy', 'W.npy', '--stride', s, '--dilation', d, '--output-padding',
                         max(s, d) - 1, '-o', '-')

    def test_sizes_that_cannot_be(self):
        self.refuse_apply(2, '--padding', '3', says='0')
        self.refuse_apply(2, '--pads', '1,1,5,5')
        for size in ('8,11', '11,13', '9,13'):  # at stride 2 from 9,11 to 10,12
            self.refuse_apply(2, '--stride', '2', '--output-size', size, says='from')
        self.succeed('apply', 'X.npy', 'W.npy', '--stride', 2, '--output-size', '10,11', '-o', '-')
        self.refuse_apply(2, '--stride', '2', '--output-shape', '11,13')
        self.refuse_apply(2, '--auto-pad', 'tf_same', '--stride', '2', '--output-shape', '20,20')
        self.save('Y5.npy', self.numbered((1, 3, 5, 5)))
        self.refuse(2, 'apply', 'Y5.npy', 'W.npy', '--conv', '--dilation', '3', '-o', 'Z.npy', says='7')

    def test_lists_of_the_wrong_length(self):
        for option in ('--stride', '--padding', '--output-padding', '--dilation', '--output-size', '--output-shape'):
            self.refuse_apply(2, option, '1,1,1')
        for value in ('1,1', '1,1,1', '1,1,1,1,1', '1,1,1,1,1,1'):
            self.refuse_apply(2, '--pads', value)
        self.refuse_apply(2, '--groups', '1,1')
        self.refuse(2, 'matrix', '--input-size', '2,2,2,2', '--kernel', '3', says='3')
        self.refuse(2, 'matrix', '--input-size', '2,2,2', '--kernel', '3,3')
        self.refuse(2, 'matrix', '--input-size', '2,2', '--kernel', '3', '--channels', '1')

    def test_words_that_do_not_go_together(self):
        for words in (['--padding', '1', '--pads', '1'], ['--output-size', '9,11', '--output-shape', '9,11'],
                      ['--auto-pad', 'same_upper', '--padding', '1'], ['--auto-pad', 'valid', '--pads', '1,1,1,1'],
                      ['--stride', '2', '--output-size', '9,11', '--output-padding', '1'],
                      ['--auto-pad', 'tf_same', '--padding', '1'], ['--auto-pad', 'tf_same', '--groups', '2'],
                      ['--auto-pad', 'same_upper', '--output-size', '4,5']):
            self.refuse_apply(2, *words)
        for words in (['--output-padding', '0'], ['--output-size', '2,3'], ['--output-shape', '2,3'],
                      ['--auto-pad', 'valid']):
            self.save('F.npy', self.numbered((1, 3, 6, 7)))
            self.refuse(2, 'apply', 'F.npy', 'W.npy', '--conv', *words, '-o', 'Y.npy')

    def test_groups_that_do_not_divide(self):
        self.save('X4.npy', self.numbered((1, 4, 3)))
        self.save('W4.npy', self.numbered((4, 1, 3)))
        for groups in ('3', '5', '8'):
            self.refuse(2, 'apply', 'X4.npy', 'W4.npy', '--groups', groups, '-o', 'Y.npy', says=groups)
            self.refuse(2, 'apply', 'X4.npy', 'W4.npy', '-p', f'g{groups}', '-o', 'Y.npy', says=groups)
        self.refuse(2, 'matrix', '-p', 'ic4 oc3 i2 k2 g2', says='3')

    def test_more_than_three_axes(self):
        self.save('W6.npy', self.numbered((1, 1, 1, 1, 1, 1)))
        self.save('X6.npy', self.numbered((1, 1, 1, 1, 1, 1)))
        self.refuse(2, 'apply', 'X6.npy', 'W6.npy', '-o', 'Y.npy', says='3')
        self.refuse(2, 'apply', 'X6.npy', 'W6.npy', '-p', 's1', '-o', 'Y.npy', says='3')
        self.refuse(2, 'matrix', '-p', 'i2x2x2x2 k2', says='3')


class Sizes(Refusals):
    def test_an_output_that_no_machine_holds(self):
        self.save('X1.npy', Array((1, 1, 2), [1, 2]))
        self.save('W1.npy', Array((1, 1, 1), [1]))
        for stride in (1 << 45, 1 << 57):
            self.refuse(1, 'apply', 'X1.npy', 'W1.npy', '--stride', stride, '-o', 'Y.npy', says='memory')
        self.refuse(2, 'apply', 'X1.npy', 'W1.npy', '--stride', 1 << 60, '-o', 'Y.npy', says='2^62')


class Disagreement(Refusals):
    def test_ranks_channels_and_biases(self):
        for shape in ((1, 3, 4, 5), (3, 4, 5), (2, 4), (1, 1, 2, 4, 5), (2,), ()):
            self.save('X.npy', self.numbered(shape))
            self.refuse_apply(3)
            self.refuse_apply(3, '-p', 's2')
        self.save('X.npy', self.numbered((1, 2, 4, 5)))
        for shape in ((2, 3), (6,), (), (3, 3, 3, 3), (2, 3, 3), (2, 3, 3, 3, 3)):
            self.save('W.npy', self.numbered(shape))
            self.refuse_apply(3)
            self.refuse_apply(3, '-p', 's2')
        self.save('W.npy', self.numbered((2, 3, 3, 3)))
        for shape in ((2,), (4,), (3, 1), (1, 3), (), (0,)):
            self.save('B.npy', self.numbered(shape))
            self.refuse_apply(3, '-b', 'B.npy')
            self.refuse_apply(3, '-b', 'B.npy', '-p', 's2')
        for shape in ((1, 3, 6, 6), (3,), (1, 3, 4, 5)):
            self.save('R.npy', self.numbered(shape))
            self.refuse_apply(3, '--residual', 'R.npy')
        self.refuse_apply(3, '--layout', 'nhwc')

    def test_types(self):
        self.save('X.npy', self.numbered((1, 2, 4, 5), 'f4'))
        self.refuse_apply(3, says='f32')
        self.save('W.npy', self.numbered((2, 3, 3, 3), 'f4'))
        self.refuse_apply(3, '-b', 'B.npy', says='f64')
        self.refuse_apply(3, '--dtype', 'f64', says='--dtype')
        self.refuse_apply(3, '-p', 'f64')

    def test_texts_and_options_against_arrays(self):
        for token in ('i4', 'i4x6', 'k4', 'k3x2', 'ic3', 'oc2', 'n2', 'i4x5x1', 's1x1x1'):
            self.refuse_apply(3, '-p', token)
        for token, option in (('bias', '-b'), ('sum', '--residual')):
            self.refuse_apply(3, '-p', token, says=option)
        for option, value in (('--kernel', '4'), ('--input-size', '5,4'), ('--channels', '2,4'), ('--batch', '2')):
            self.refuse_apply(3, option, value, says=option)
        self.save('Y.npy', self.numbered((1, 3, 6, 7)))
        self.refuse(3, 'apply', 'Y.npy', 'W.npy', '--conv', '-p', 'i4x6', '-o', 'Z.npy')
        self.refuse(3, 'apply', 'Y.npy', 'W.npy', '--conv', '-p', 'o6x6', '-o', 'Z.npy')
        self.refuse(3, 'apply', 'X.npy', 'W.npy', '--conv', '-o', 'Z.npy', says='channels')

    def test_backward(self):
        for shape in ((1, 3, 6, 6), (1, 2, 6, 7), (3, 6, 7), (2, 3, 6, 7), ()):
            self.save('DY.npy', self.numbered(shape))
            self.refuse(3, 'backward', 'X.npy', 'W.npy', 'DY.npy', '--dx', 'DX.npy', '--dw', 'DW.npy', '--db', 'DB.npy')
        self.save('DY.npy', self.numbered((1, 3, 6, 7)))
        self.refuse(2, 'backward', 'X.npy', 'W.npy', 'DY.npy', '-p', 'relu', '--dx', 'DX.npy', says='relu')
        self.refuse(2, 'backward', 'X.npy', 'W.npy', 'DY.npy', '--dx', 'D.npy', '--dw', 'D.npy', says='D.npy')


class TextRefusals(Refusals):
    def test_every_refusal_of_the_text_is_code_2(self):
        for text in ('', ' ', 'k3', 'i4', 'i4 k3 z', 'i4 k3 k3', 'i4 k0', 'i0 k3', 'i4 k3 s0', 'i4 k3 p3', 'i4 k3 op1',
                     'i4 o6 op0 k3', 'i4 k3 p1:2:3', 'i4x4 k3x3x3', 'i4 k3 "', 'i4 k3 "a" "b"', 'i4 k3 leaky:x', 'nan',
                     'i4 k3 \u00e9', 'i4 k3 \x1b[31m', 'i4 k3 a\x0bb', 'i4,k3', 'i4 k3 clamp:2:1', 'o2 k3', 'z' * 10000):
            self.refuse(2, 'matrix', '-p', text)

    def test_names_that_break_lines(self):
        self.refuse(3, 'apply', 'no\nsuch\rfile', 'W.npy', '-o', 'Y.npy')
        self.refuse(2, 'matrix', '-p', 'i4 k3', 'sur\nplus')
        self.refuse(2, 'matrix', '-p', 'i4 k3', '--no\nsuch')
        self.succeed('matrix', '-p', 'i4 k3 "a name with p9 in it"')
