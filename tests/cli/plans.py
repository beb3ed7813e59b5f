"""Plans: what `explain` says of them, and that every method, thread count and instruction set computes the same."""
import json

from support import CliTest

__all__ = ['Plans']

FIELDS = ['schema_version', 'problem', 'pass', 'method', 'kernel', 'isa', 'threads', 'workspace_bytes', 'packed_bytes',
          'predicted_ms', 'bound']


class Plans(CliTest):
    def explain(self, *arguments, **variables):
        return json.loads(self.succeed('explain', *arguments, '--json', **variables))

    def test_what_is_told(self):
        methods = {}
        for name in ('scatter', 'gather', 'weight_grad'):
            plan = self.explain('-p', 'oc32 ic64 i8x8 k4 s2 p1', '--pass', name)
            self.assertEqual(list(plan)[:len(FIELDS)], FIELDS)
            self.assertEqual((plan['problem'], plan['pass']), ('ic64 oc32 i8x8 k4 s2 p1', name))
            self.assertIn(plan['bound'], ('compute', 'memory'))
            self.assertGreater(plan['predicted_ms'], 0)
            self.assertGreaterEqual(plan['threads'], 1)
            self.assertEqual(plan['packed_bytes'] > 0, name != 'weight_grad')
            methods[name] = {plan['method'], *(refusal['method'] for refusal in plan['refused'])}
            self.assertEqual(len(methods[name]), 1 + len(plan['refused']))
            self.assertTrue(all(refusal['reason'] for refusal in plan['refused']))
            self.assertIn('reference', methods[name])
        self.assertEqual(self.explain('-p', 'i8 k3')['pass'], 'scatter')
        for method in methods['scatter']:
            layer = 'ic16 oc16 g16 i8x8 k4 s2 nhwc' if method == 'depthwise' else 'ic8 i8x8 k4 s2'
            kernels = 'awkward' if method == 'split_gemm' else ''  # which have matrix tiles on every CPU
            self.assertEqual(self.explain('-p', layer, '--method', method, TCONV_KERNELS=kernels)['method'], method)
        text = self.succeed('explain', '-p', 'ic64 oc32 i8x8 k4 s2 p1', '--pass', 'gather').decode()
        self.assertTrue(text.startswith('gather of ic64 oc32 i8x8 k4 s2 p1\n'), text)
        for word in ('method', 'kernel', 'workspace', 'useful', 'predicted', 'not taken', 'reference'):
            self.assertIn(word, text)

    def test_the_geometry_may_come_from_anywhere(self):
        self.save('W.npy', self.numbered((6, 4, 3, 3), 'f4'))
        for arguments in (['--w', 'W.npy', '--input-size', '5,7', '--stride', '2'],
                          ['--channels', '6,4', '--kernel', '3', '--input-size', '5,7', '--stride', '2']):
            self.assertEqual(self.explain(*arguments)['problem'], 'ic6 oc4 i5x7 k3 s2')

    def test_threads(self):
        large = 'ic64 oc64 i64x64 k4 s2 p1'
        self.assertEqual(self.explain('-p', large, '--threads', 3, '--method', 'direct')['threads'], 3)
        self.assertEqual(self.explain('-p', large, '--method', 'direct', TCONV_NUM_THREADS='2')['threads'], 2)
        self.assertEqual(self.explain('-p', 'i3 k3', '--threads', 3)['threads'], 1)

    def test_units_of_kernels_for_tests(self):
        self.save('X.npy', self.numbered((1, 5, 6, 7), 'f4'))
        self.save('W.npy', self.numbered((5, 6, 4, 4), 'f4'))
        arguments = ['apply', 'X.npy', 'W.npy', '--stride', 2, '--padding', 1, '-o', '-']
        self.assertEqual(self.succeed(*arguments, TCONV_KERNELS='awkward'), self.succeed(*arguments))
        self.refuse(2, *arguments, says='TCONV_KERNELS', TCONV_KERNELS='pretty')

    def test_every_way_computes_the_same(self):
        self.save('X.npy', self.numbered((2, 6, 9, 8), 'f4'))
        self.save('W.npy', self.numbered((6, 5, 4, 3), 'f4'))
        self.save('DY.npy', self.numbered((2, 5, 18, 15), 'f4'))
        geometry = ['--stride', 2, '--padding', '1']
        ways = [[], ['--threads', 1], ['--threads', 3]]
        ways += [['--isa', isa] for isa in json.loads(self.succeed('info', '--json'))['available_isas']]
        self.succeed('apply', 'X.npy', 'W.npy', *geometry, '--method', 'reference', '-o', 'Y.npy')
        for way in ways + self.methods('scatter'):
            self.succeed('apply', 'X.npy', 'W.npy', *geometry, *way, '-o', 'Z.npy')
            self.expect_equal(self.load('Z.npy'), self.load('Y.npy'), message=way)
        gradients = ['backward', 'X.npy', 'W.npy', 'DY.npy', *geometry]
        self.succeed(*gradients, '--method', 'reference', '--dx', 'DX.npy', '--dw', 'DW.npy', '--db', 'DB.npy')
        for way in ways + self.methods('gather') + self.methods('weight_grad'):
            self.succeed(*gradients, *way, '--dx', 'EX.npy', '--dw', 'EW.npy', '--db', 'EB.npy')
            for found, expected in (('EX.npy', 'DX.npy'), ('EW.npy', 'DW.npy'), ('EB.npy', 'DB.npy')):
                self.expect_equal(self.load(found), self.load(expected), message=way)

    def methods(self, name):
        """The methods that accept the problem of the test above."""
        plan = self.explain('-p', 'ic6 oc5 i9x8 k4x3 s2 p1', '--pass', name)
        names = [plan['method']] + [refusal['method'] for refusal in plan['refused']
                                    if refusal['reason'].startswith(('slower', 'the definition'))]
        return [['--method', method] for method in names]
