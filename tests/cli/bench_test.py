#!/usr/bin/env python3
"""tconv bench and info --measure: fields, refusals, and --serve against the definition in plain Python.

Usage: bench_test.py PATH-OF-TCONV [-v] [-k PATTERN]. Times are only looked at for being positive and finite.
"""
import json
import math
import pathlib
import signal
import subprocess
import time
import unittest

import racing
import support
from npy import Array
from support import CliTest

ZOO = pathlib.Path(__file__).parents[2] / 'bench/zoo.txt'
PASSES = ('scatter', 'gather', 'weight_grad')
MACHINE = ['cpu', 'isa', 'threads', 'peak_gflops', 'bandwidth_gbs']
RESULT = ['problem', 'pass', 'method', 'kernel', 'min_ms', 'median_ms', 'useful_gflop', 'gflops', 'limit_ms',
          'share_of_limit', 'bound', 'workspace_bytes', 'plan_us', 'pack_ms', 'first_pack_ms', 'copy_ms']
QUICK = ('--seconds', '0.001')
LAYERS = [
    racing.layer('rank 1', cin=3, cout=2, size=(7,), k=(4,), s=(2,), p=(1,)),
    racing.layer('plain', n=2, cin=5, cout=3, size=(4, 6), k=(4,), s=(2,), p=(1,)),
    racing.layer('uneven', cin=2, cout=4, size=(5, 3), k=(3, 5), s=(2, 3), p=(1, 2), op=(1, 2), seed=7),
    racing.layer('dilated groups', cin=4, cout=6, size=(4, 4), k=(3, 2), s=(2, 1), d=(2, 3), op=(1, 0), g=2),
    racing.layer('depthwise', n=2, cin=5, cout=5, size=(3, 4), k=(4,), s=(3,), p=(1,), g=5),
    racing.layer('rank 3', cin=2, cout=3, size=(2, 3, 2), k=(2,), s=(2,), seed=0),
    racing.layer('one pixel', cin=9, cout=4, size=(1, 1), k=(4,), seed=(1 << 32) - 20),
]


class Serve(CliTest):
    def serve(self, *options):
        server = racing.Server(*options)
        self.addCleanup(server.process.wait)
        self.addCleanup(server.process.kill)
        for stream in (server.process.stdin, server.process.stdout, server.process.stderr):
            self.addCleanup(stream.close)
        return server

    def compare(self, answer, layer, one_pass, is_channels_last, tolerance):
        message = (layer['name'], one_pass, answer)
        self.assertTrue(answer['ok'], message)
        shape, (total, norm) = racing.expected(layer, one_pass)
        if is_channels_last and one_pass != 'weight_grad':
            shape = [shape[0], *shape[2:], shape[1]]
        self.assertEqual(answer['shape'], shape, message)
        self.assertAlmostEqual(answer['checksum'][0], total, delta=tolerance * norm, msg=message)
        self.assertAlmostEqual(answer['checksum'][1], norm, delta=tolerance * norm, msg=message)
        for field in ('plan_us', 'workspace_bytes', 'pack_ms'):
            self.assertGreaterEqual(answer[field], 0, message)
        self.assertTrue(answer['method'] and answer['kernel'], message)

    def test_all_passes_in_both_layouts_and_types(self):
        for layout in ('nchw', 'nhwc'):
            for dtype, tolerance in (('f32', 1e-5), ('f64', 1e-13)):
                server = self.serve('--threads', 2, '--layout', layout, '--dtype', dtype)
                for layer in LAYERS:
                    for one_pass in PASSES:
                        answer = server.ask({'cmd': 'prep', 'layer': layer, 'pass': one_pass})
                        self.compare(answer, layer, one_pass, layout == 'nhwc', tolerance)
                self.assertEqual(server.end(), (0, ''))

    def test_runs(self):
        server = self.serve('--threads', 1)
        for one_pass in PASSES:
            self.assertTrue(server.ask({'cmd': 'prep', 'layer': LAYERS[1], 'pass': one_pass})['ok'])
            for seconds in (0, 0.01):
                answer = server.ask({'cmd': 'run', 'seconds': seconds})
                self.assertEqual(list(answer), ['ok', 'min', 'median', 'runs'])
                self.assertTrue(answer['ok'] and 0 < answer['min'] <= answer['median'] < math.inf, answer)
                self.assertGreaterEqual(answer['runs'], 1)
            self.assertGreater(answer['runs'], 1)
        self.assertEqual(server.end(), (0, ''))

    def test_the_pass_is_scatter_where_it_is_left_out(self):
        server = self.serve()
        self.compare(server.ask({'cmd': 'prep', 'layer': LAYERS[0]}), LAYERS[0], 'scatter', False, 1e-5)

    def test_methods_and_instruction_sets(self):
        for options in (['--method', 'reference'], ['--method', 'direct'], ['--isa', 'portable']):
            server = self.serve(*options)
            answer = server.ask({'cmd': 'prep', 'layer': LAYERS[2], 'pass': 'scatter'})
            self.compare(answer, LAYERS[2], 'scatter', False, 1e-5)
            self.assertIn(options[1], (answer['method'], answer['isa']))

    def test_what_cannot_be_done_is_an_answer(self):
        server = self.serve('--method', 'direct')
        good = {'cmd': 'prep', 'layer': LAYERS[0], 'pass': 'scatter'}
        self.assertTrue(server.ask(good)['ok'])

        def layer(**changes):
            return {'cmd': 'prep', 'layer': {**LAYERS[0], **changes}}

        questions = {
            'not json': 'JSON', '[]': 'JSON', '3': 'JSON', '': 'JSON', '{"cmd":': 'JSON', '{}': 'cmd',
            '{"cmd":"stop"}': 'cmd', '{"cmd":{}}': 'cmd', '{"cmd":"prep"}': 'layer', '{"cmd":"prep","layer":3}': 'layer',
            '{"cmd":"run","seconds":0}': 'prep', '{"cmd":"plan"}': 'layer',
            json.dumps({**good, 'method': 3}): '"method"', json.dumps({**good, 'method': 'magic'}): 'magic',
            json.dumps({**good, 'pass': 'sideways'}): 'pass', json.dumps({**good, 'pass': 3}): 'pass',
            json.dumps({**good, 'pass': 'weight_grad'}): 'direct',
            json.dumps(layer(k=[])): '"k"', json.dumps(layer(k=['3'])): '"k"', json.dumps(layer(k=3)): '"k"',
            json.dumps(layer(s=[0])): 'stride', json.dumps(layer(op=[2])): 'output_padding',
            json.dumps(layer(k=[3, 3, 3, 3])): 'axes', json.dumps(layer(cin=1.5)): '"cin"',
            json.dumps(layer(g=2)): 'groups', json.dumps(layer(seed=-1)): 'seed', json.dumps(layer(seed=1 << 32)): 'seed',
            json.dumps(layer(n=1 << 63)): '"n"', json.dumps(layer(n=1 << 61)): '', json.dumps(layer(**{'in': [1 << 40]})): '',
        }
        for question, says in questions.items():
            answer = server.ask(question)
            self.assertEqual(list(answer), ['ok', 'error'], (question, answer))
            self.assertFalse(answer['ok'])
            self.assertIn(says, answer['error'], question)
            self.assertGreater(len(answer['error']), 10)
        for seconds in (-1, 61, '1', None):
            self.assertTrue(server.ask(good)['ok'])
            self.assertIn('seconds', server.ask({'cmd': 'run', 'seconds': seconds})['error'])
        self.assertTrue(server.ask({'cmd': 'run', 'seconds': 0})['ok'])
        self.assertEqual(server.end(), (0, ''))

    def test_plans(self):
        server = self.serve('--threads', 1)
        for one_pass in PASSES:
            answer = server.ask({'cmd': 'plan', 'layer': LAYERS[1], 'pass': one_pass})
            self.assertEqual(list(answer), ['ok', 'method', 'predicted_ms', 'problem', 'methods'])
            self.assertEqual(answer['methods'][answer['method']], answer['predicted_ms'])
            self.assertTrue({'reference', 'winograd'}.isdisjoint(answer['methods']), 'no plan chooses them by itself')
            for method in answer['methods']:
                prepared = server.ask({'cmd': 'prep', 'layer': LAYERS[1], 'pass': one_pass, 'method': method})
                self.assertEqual(prepared['method'], method)
                self.compare(prepared, LAYERS[1], one_pass, False, 1e-5)
        self.assertEqual(server.end(), (0, ''))

    def test_an_empty_input_ends_it(self):
        self.assertEqual(self.succeed('bench', '--serve'), b'')

    def test_a_last_line_without_its_end(self):
        question = json.dumps({'cmd': 'prep', 'layer': LAYERS[0]}).encode()
        self.assertTrue(json.loads(self.succeed('bench', '--serve', stdin=question))['ok'])

    def test_refusals(self):
        self.refuse(2, 'bench', '--serve', '--json', says='--json')
        self.refuse(2, 'bench', '--serve', '-p', 'i4 k3', says='--problem')
        self.refuse(2, 'bench', '--serve', '--layout', 'nchww', says='nchw or nhwc')
        self.refuse(2, 'bench', '--serve', '--dtype', 'f16', says='f32 or f64')
        self.refuse(2, 'bench', '--serve', '--threads', '0', says='--threads')
        self.refuse(2, 'bench', '--serve', '--method', 'magic', says='magic')


class Bench(CliTest):
    def bench(self, *arguments, **variables):
        return json.loads(self.succeed('bench', *arguments, *QUICK, '--json', **variables))

    def expect_numbers(self, result):
        for field in ('min_ms', 'median_ms', 'useful_gflop', 'gflops', 'limit_ms', 'share_of_limit', 'plan_us'):
            self.assertTrue(0 < result[field] < math.inf, (field, result))
        self.assertLessEqual(result['min_ms'], result['median_ms'])
        self.assertGreaterEqual(result['runs'], 5)
        self.assertIn(result['bound'], ('compute', 'memory'))
        packs = result['pass'] != 'weight_grad'
        for field in ('pack_ms', 'first_pack_ms', 'copy_ms'):
            self.assertTrue(result[field] >= 0 and math.isfinite(result[field]), (field, result))
            self.assertTrue(packs or result[field] == 0, (field, result))

    def test_fields(self):
        answer = self.bench('-p', 'ic8 oc4 i8x8 k4 s2 p1 bias relu', '--pass', 'all', '--threads', 1)
        self.assertEqual(list(answer)[:3], ['schema_version', 'machine', 'results'])
        self.assertEqual(answer['schema_version'], 1)
        machine = answer['machine']
        self.assertEqual(list(machine)[:len(MACHINE)], MACHINE)
        self.assertEqual(machine['threads'], 1)
        self.assertEqual(list(machine['peak_gflops']), ['f32', 'f64'])
        for number in (*machine['peak_gflops'].values(), machine['bandwidth_gbs']):
            self.assertTrue(0 < number < math.inf, machine)
        self.assertEqual([result['pass'] for result in answer['results']], list(PASSES))
        for result in answer['results']:
            self.assertEqual(list(result)[:len(RESULT)], RESULT)
            self.assertEqual(result['problem'], 'ic8 oc4 i8x8 k4 s2 p1 bias relu')
            self.expect_numbers(result)
            # 8 * 4 channels, and on each axis 8 * 4 pairs of which two leave the frame.
            self.assertAlmostEqual(result['useful_gflop'], 2e-9 * 8 * 4 * 30 * 30)
        self.assertEqual(answer['skipped'], [])

    def test_the_geometry_may_be_options(self):
        answer = self.bench('--channels', '4,2', '--kernel', 3, '--input-size', 9, '--layout', 'nhwc', '--dtype', 'f64')
        self.assertEqual([result['problem'] for result in answer['results']], ['ic4 oc2 i9 k3 f64 nhwc'])
        self.assertEqual(answer['results'][0]['pass'], 'scatter')

    def test_how_it_is_computed(self):
        answer = self.bench('-p', 'ic4 oc4 i6x6 k3 s2', '--method', 'direct', '--isa', 'portable')
        self.assertEqual((answer['machine']['isa'], answer['results'][0]['method']), ('portable', 'direct'))
        self.assertEqual(self.bench('-p', 'i3 k3', TCONV_NUM_THREADS='3')['machine']['threads'], 3)

    def test_files_of_problem_texts(self):
        text = b'# layers\n\n i4x4 k3 s2 # the first\r\nic2 i5 k3 f64 nhwc "a # b"\n  # no more\n ic3 i2 k2'
        self.save('layers.txt', text)
        problems = ['i4x4 k3 s2', 'ic2 i5 k3 f64 nhwc "a # b"', 'ic3 i2 k2']
        self.assertEqual([r['problem'] for r in self.bench('--shapes', 'layers.txt')['results']], problems)
        # A layer keeps what it says itself.
        answer = self.bench('--shapes', '-', '--layout', 'nhwc', '--dtype', 'f64', stdin=text)
        self.assertEqual([r['problem'] for r in answer['results']],
                         ['i4x4 k3 s2 f64 nhwc', 'ic2 i5 k3 f64 nhwc "a # b"', 'ic3 i2 k2 f64 nhwc'])

    def test_files_of_json(self):
        layers = [racing.layer('the first', cin=3, cout=2, size=(4, 5), k=(3,), s=(2,), p=(1,)), {'in': [3], 'k': [2]}]
        self.save('layers.json', b'\n ' + json.dumps(layers).encode())
        self.assertEqual([r['problem'] for r in self.bench('--shapes', 'layers.json')['results']],
                         ['ic3 oc2 i4x5 k3 s2 p1 "the first"', 'i3 k2'])

    def test_files_that_are_refused(self):
        for name, content, says in (
                ('bad.txt', b'i4 k3\n\n# one\ni4x4 s2\n', "'bad.txt', line 4: the kernel"),
                ('word.txt', b'i4 k3 s2 q9\n', "'word.txt', line 1: "),
                ('quote.txt', b'i4 k3 "name\n', "'quote.txt', line 1: "),
                ('empty.txt', b'', 'no layers'), ('comments.txt', b'# i4 k3\n \n', 'no layers'),
                ('empty.json', b'[]', 'no layers'), ('cut.json', b'[{"in":[4]', 'JSON'),
                ('bad.json', b'[{"in":[4],"k":[3]},{"in":[4]}]', "'bad.json', layer 2: "),
                ('number.json', b'[7]', "'number.json', layer 1: "),
                ('name.json', b'[{"in":[4],"k":[3],"name":"a\\"b"}]', "'name.json', layer 1: "),
                ('bytes.txt', bytes(range(128, 160)), "'bytes.txt', line 1: ")):
            self.save(name, content)
            self.refuse(3, 'bench', '--shapes', name, says=says)
        self.refuse(3, 'bench', '--shapes', 'missing.txt', says="'missing.txt' could not be read")
        self.refuse(3, 'bench', '--shapes', '.', says='could not be read')

    def test_refusals(self):
        self.save('layers.txt', b'i4 k3\n')
        for arguments, says in (
                (['--zoo', '-p', 'i4 k3'], '--zoo, --problem'), (['--zoo', '--shapes', 'layers.txt'], '--shapes, --zoo'),
                (['--shapes', 'layers.txt', '--kernel', '3'], '--shapes, --kernel'),
                (['-p', 'i4 k3', '--stride', '2'], 'together'), (['--kernel', '3'], 'input size'),
                (['-p', 'i4 k3', '--pass', 'sideways'], 'sideways'), (['-p', 'i4'], 'kernel'),
                (['--seconds', '0'], '--seconds'), (['--seconds', 'soon'], '--seconds'), (['--seconds', 'nan'], '--seconds'),
                (['--seconds', '1e9'], '--seconds'), (['--layout', 'x'], 'nchw or nhwc'), (['--dtype', 'x'], 'f32 or f64'),
                (['--threads', '5000'], '--threads'), (['--method', 'magic'], 'magic'),
                (['-p', 'i4 k3', '--pass', 'weight_grad', '--method', 'phase_gemm'], 'phase_gemm')):
            self.refuse(2, 'bench', *arguments, says=says)
        self.refuse(1, 'bench', '-p', 'ic4000 i4000000x4000000 k3', says='memory')

    def test_what_a_method_does_not_compute_is_said(self):
        answer = self.bench('-p', 'i4x4 k3 s2', '--method', 'direct', '--pass', 'all')
        self.assertEqual([result['pass'] for result in answer['results']], ['scatter', 'gather'])
        self.assertEqual([list(skip) for skip in answer['skipped']], [['problem', 'pass', 'reason']])
        self.assertEqual(answer['skipped'][0]['pass'], 'weight_grad')
        self.assertIn('direct', answer['skipped'][0]['reason'])

    def test_table(self):
        self.save('layers.txt', b'ic2 oc3 i6x6 k3 s2 "up one"\ni9 k3\n')
        text = self.succeed('bench', '--shapes', 'layers.txt', '--pass', 'all', *QUICK).decode()
        self.assertIn('GFLOP/s in f32', text.splitlines()[0])
        lines = [line.split() for line in text.splitlines() if line.startswith(('up one', 'i9 k3'))]
        self.assertEqual([line[2] for line in lines], [*PASSES, *PASSES])
        self.assertNotIn('REFERENCE', text)
        slow = self.succeed('bench', '-p', 'i9 k3', '--method', 'reference', *QUICK).decode()
        self.assertIn('1 of 1 ran on the REFERENCE', slow)

    def test_empty_problems(self):
        for text in ('n0 i4 k3', 'ic0 i4 k3 bias', 'oc0 i4 k3'):
            for result in self.bench('-p', text, '--pass', 'all')['results']:
                self.assertEqual(result['useful_gflop'], 0)

    def test_the_short_set(self):
        done = subprocess.run([support.PROGRAM, 'bench', '--json', *QUICK], stdout=subprocess.PIPE,
                              env=support.environment(), timeout=600, check=True)
        problems = [result['problem'] for result in json.loads(done.stdout)['results']]
        self.assertEqual(len(problems), 8)
        self.assertLessEqual(set(problems), set(ZOO.read_text().splitlines()))

    def test_the_zoo_is_written_canonically(self):
        lines = [line for line in ZOO.read_text().splitlines() if not line.startswith('#')]
        self.assertGreater(len(lines), 30)
        for line in lines:
            self.assertEqual(json.loads(self.succeed('shape', '-p', line, '--json'))['problem'], line)

    def test_an_interrupt(self):
        process = subprocess.Popen([support.PROGRAM, 'bench', '--zoo', '--seconds', '60'], stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, cwd=self.folder, env=support.environment())
        time.sleep(0.5)
        process.send_signal(signal.SIGINT)
        self.assertEqual((process.communicate(timeout=60), process.returncode), ((b'', b''), 130))

    def test_help(self):
        self.assertIn(b'tconv bench --zoo', self.succeed('bench', '-h'))
        self.assertIn(b'--seconds S', self.succeed('bench', '--help'))


class Tune(CliTest):
    """--tune keeps what was the fastest; --method tuned uses it, and nothing else does."""
    PROBLEM = 'ic8 oc4 i8x8 k4 s2 p1'

    def setUp(self):
        super().setUp()
        self.cache = {'TCONV_TUNE_CACHE': self.path('tuned')}

    def tune(self, *arguments, **variables):
        return self.run_tconv('bench', '--tune', *QUICK, *arguments, **{**self.cache, **variables})

    def method(self, *arguments, problem=PROBLEM, threads=1, says='', **variables):
        done = self.run_tconv('explain', '-p', problem, '--threads', threads, '--json', *arguments,
                              **{**self.cache, **variables})
        self.assertEqual((done.returncode, bool(done.stderr)), (0, bool(says)), done)
        self.assertIn(says, done.stderr.decode())
        return json.loads(done.stdout)['method']

    def put(self, method):
        """Another method in every line."""
        path = pathlib.Path(self.path('tuned'))
        header, *lines = path.read_text().splitlines()
        fields = [line.split('\t') for line in lines]
        path.write_text('\n'.join([header, *('\t'.join([*f[:5], method, f[6]]) for f in fields), '']))

    def test_what_is_kept_is_used_where_it_is_asked_for(self):
        told = json.loads(self.tune('-p', self.PROBLEM, '--pass', 'all', '--threads', 1, '--json').stdout)
        self.assertEqual([each['pass'] for each in told['tuned']], list(PASSES))
        self.assertEqual(told['file'], self.path('tuned'))
        for each in told['tuned']:
            self.assertIn(each['fastest'], each['median_ms'])
            self.assertIn(each['chosen'], each['median_ms'])
            self.assertNotIn('reference', each['median_ms'])
            self.assertGreaterEqual(each['gain'], 1)
        lines = pathlib.Path(self.path('tuned')).read_text().splitlines()
        self.assertEqual((lines[0], len(lines)), ('tconv tuned methods 1', 4))
        chosen = self.method()
        self.assertEqual(self.method('--method', 'tuned'), told['tuned'][0]['fastest'])
        other = next(name for name in ('direct', 'overlap_add') if name != chosen)
        self.put(other)
        self.assertEqual(self.method('--method', 'tuned'), other)
        self.assertEqual(self.method(), chosen)
        # Another number of threads, type or problem was not tuned.
        self.assertEqual(self.method('--method', 'tuned', threads=2), self.method(threads=2))
        self.assertEqual(self.method('--method', 'tuned', problem='i4x4 k3'), self.method(problem='i4x4 k3'))
        # Tuning again replaces it.
        self.tune('-p', self.PROBLEM, '--threads', 1)
        self.assertEqual(len(pathlib.Path(self.path('tuned')).read_text().splitlines()), 4)

    def test_other_verbs(self):
        for name, shape in (('X.npy', (1, 8, 8, 8)), ('W.npy', (8, 4, 4, 4))):
            self.save(name, Array(shape, [i % 7 - 3 for i in range(512)], 'f4'))
        self.tune('-p', self.PROBLEM, '--pass', 'all')
        self.put('direct')
        text = ('-p', 's2 p1')
        self.assertEqual(self.succeed('apply', 'X.npy', 'W.npy', *text, '--method', 'tuned', '-o', '-', **self.cache),
                         self.succeed('apply', 'X.npy', 'W.npy', *text, '--method', 'direct', '-o', '-'))
        self.succeed('apply', 'X.npy', 'W.npy', *text, '-o', 'Y.npy')
        # direct computes no gradient of the weights: that line of the file is told to be of no use.
        done = self.run_tconv('backward', 'X.npy', 'W.npy', 'Y.npy', *text, '--method', 'tuned', '--dx', 'DX.npy', '--dw', 'DW.npy',
                              **self.cache)
        self.assertEqual(done.returncode, 0, done)
        self.assertIn(b"'direct'", done.stderr)
        answer = json.loads(self.succeed('bench', '-p', self.PROBLEM, '--method', 'tuned', '--json', *QUICK, **self.cache))
        self.assertEqual(answer['results'][0]['method'], 'direct')

    def test_winograd_is_not_raced(self):
        problem = 'ic128 oc128 i16x16 k4 s2 p1'
        told = json.loads(self.tune('-p', problem, '--threads', 1, '--json').stdout)
        self.assertNotIn('winograd', told['tuned'][0]['median_ms'])
        self.put('winograd')
        self.assertNotEqual(self.method('--method', 'tuned', problem=problem, says="'winograd'"), 'winograd')

    def test_files_that_do_not_do(self):
        chosen = self.method()
        self.assertEqual(self.method('--method', 'tuned', says='holds no tuned methods'), chosen)
        path = pathlib.Path(self.path('tuned'))
        for content, says in ((b'GIF89a', "no file of this tconv's"), (b'tconv tuned methods 1\n?\n', 'line 2'),
                              (b'tconv tuned methods 1\n' + b'\0' * 100, 'line 2')):
            path.write_bytes(content)
            self.assertEqual(self.method('--method', 'tuned', says=says), chosen)
        path.write_bytes(b'GIF89a')  # somebody else's is not written over
        done = self.tune('-p', self.PROBLEM)
        self.assertEqual((done.returncode, done.stdout, path.read_bytes()), (3, b'', b'GIF89a'))
        path.write_bytes(b'tconv tuned methods 1\n?\n')  # its own is
        done = self.tune('-p', self.PROBLEM, '--threads', 1)
        self.assertEqual(done.returncode, 0)
        self.assertIn(b'written anew', done.stderr)
        for method in ('reference', 'magic', 'weight_gemm'):
            self.put(method)
            self.assertEqual(self.method('--method', 'tuned', says=method), chosen)
        self.assertEqual(self.method('--method', 'tuned', TCONV_TUNE_CACHE='', HOME='', XDG_CACHE_HOME='', says='HOME'), chosen)

    def test_refusals(self):
        self.refuse(2, 'bench', '--tune', '-p', 'i4 k3', '--method', 'direct', says='--method')
        self.refuse(2, 'bench', '--tune', '-p', 'i4 k3', '--method', 'tuned', says='--method')
        self.refuse(2, 'bench', '--tune', '--serve', says='--tune')
        self.refuse(2, 'bench', '--tune', '--zoo', '-p', 'i4 k3', says='--zoo')
        self.refuse(2, 'bench', '--tune', '-p', 'i4', says='kernel')


class Info(CliTest):
    def test_measure(self):
        told = json.loads(self.succeed('info', '--measure', '--json'))
        self.assertEqual(list(told)[:8], ['schema_version', 'version', 'abi', 'cpu', 'isa', 'available_isas', 'threads',
                                          'caches'])
        self.assertEqual(list(told['peak_gflops']), ['f32', 'f64'])
        for number in (*told['peak_gflops'].values(), told['bandwidth_gbs'], *told['cache_bandwidth_gbs'].values()):
            self.assertTrue(0 < number < math.inf, told)
        self.assertLessEqual(set(told['cache_bandwidth_gbs']), set(told['caches']))
        self.assertNotIn('peak_gflops', json.loads(self.succeed('info', '--json')))
        text = self.succeed('info', '--measure').decode()
        for word in ('peak ', 'GFLOP/s in f32', 'memory ', 'GB/s'):
            self.assertIn(word, text)
        self.assertNotIn('peak', self.succeed('info').decode())


if __name__ == '__main__':
    support.main()
    unittest.main()
