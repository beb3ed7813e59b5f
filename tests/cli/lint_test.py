#!/usr/bin/env python3
"""tconv lint from outside: models and problems, forms, exit codes, repairs, files that lead astray."""
import json
import os
import pathlib
import shlex
import subprocess
import unittest
import xml.etree.ElementTree

import support
from npy import Array
from support import CliTest

MODELS = pathlib.Path(__file__).resolve().parents[2] / 'fuzz/corpus/onnx'
RULES = {f'TC{number:03}' for number in range(1, 12)}


class Lint(CliTest):
    def lint(self, *arguments, code=0):
        done = self.run_tconv('lint', *arguments)
        self.assertEqual((done.returncode, done.stderr), (code, b''), (arguments, done.stdout))
        return done.stdout.decode()

    def report(self, *arguments, code=0):
        return json.loads(self.lint(*arguments, '--format', 'json', code=code))

    def copy(self, name):
        with open(self.path(name), 'wb') as file:
            file.write((MODELS / name).read_bytes())
        return name


class Problems(Lint):
    def test_a_text(self):
        text = self.lint('-p', 'i8x8 k3 s2 p1 op1')
        for word in ('TC002 warning', 'TC008 note', '4 times', 'kernel 4, stride 2, padding 1, output padding 0', 'risk'):
            self.assertIn(word, text)
        self.assertIn('nothing found', self.lint('-p', 'i8x8 k2 s2'))
        self.assertIn('stride 2, on axis 1, reaches', self.lint('-p', 'i8x8 k1x3 s1x2 p0x1 op0x1'))
        self.assertNotIn('on axis', self.lint('-p', 'i8x9 k3 s2 p1 op1'))

    def test_fail_on(self):
        for text, worst in (('i8x8 k2 s2', None), ('i8x8 k4 s2 p1', 'note'), ('i8x8 k3 s2 p1 op1', 'warning'),
                            ('i8x8 k1 s2', 'error')):
            order = ['note', 'warning', 'error']
            for limit in order:
                fails = worst is not None and order.index(worst) >= order.index(limit)
                self.lint('-p', text, '--fail-on', limit, code=int(fails))
            self.lint('-p', text, code=int(worst == 'error'))

    def test_weights(self):
        self.save('W.npy', Array((1, 1, 4), [1, 2, 3, 4]))
        node = self.report('-p', 'i8 s2 p1', '--w', 'W.npy')['nodes'][0]
        self.assertAlmostEqual(node['epsilon'], (2 / 52) ** 0.5)  # gains 4 and 6, mean 5
        self.assertEqual([gain['norm'] for gain in node['phase_gains']], [4, 6])
        self.assertEqual([gain['phase'] for gain in node['phase_gains']], [[0], [1]])
        self.assertEqual(node['cleanliness_order'], 0)
        self.save('F.npy', Array((1, 1, 4), [.25, .75, .75, .25], 'f4'))
        self.assertEqual(self.report('-p', 'i8 s2 p1', '--w', 'F.npy')['nodes'][0]['image_rejection_db'], None)

    def test_a_convolution(self):
        report = self.report('-p', 'ic3 oc2 o8x8 k1 s2', '--conv')
        self.assertEqual([finding['rule'] for finding in report['nodes'][0]['findings']], ['TC007'])


class Models(Lint):
    def test_every_seed(self):
        for path in sorted(MODELS.iterdir()):
            report = self.report(path, '--fail-on', 'error', code=int(path.name in ('holes.onnx', 'external.onnx',
                                                                                  'shape.onnx')))
            self.assertEqual(report['schema_version'], 1)
            self.assertTrue(report['nodes'] or report['skipped'], path)
            for node in report['nodes']:
                self.assertTrue({f['rule'] for f in node['findings']} <= RULES)
            piped = self.run_tconv('lint', '-', '--format', 'json', stdin=path.read_bytes())
            self.assertEqual(len(json.loads(piped.stdout)['nodes']), len(report['nodes']))

    def test_external_data(self):
        for name, offset in (('away.bin', 0), ('inner/away.bin', 4)):
            model = (MODELS / 'external.onnx').read_bytes()
            # the same length, so that no length in the file changes: '../secret' is 9 bytes
            short = name.encode() if len(name) <= 9 else b'i/aw.bin'
            short = short.ljust(9, b'_')
            with open(self.path('m.onnx'), 'wb') as file:
                file.write(model.replace(b'../secret', short))
            target = pathlib.Path(self.path(short.decode()))
            target.parent.mkdir(exist_ok=True)
            target.write_bytes(b'\0' * 8)
            node = self.report('m.onnx', code=1)['nodes'][0]
            self.assertIsNone(node['weights'])
            self.assertEqual(node['epsilon'], 0)
            before = target.read_bytes()
            done = self.run_tconv('lint', 'm.onnx', '--fix', short.decode())
            self.assertEqual((done.returncode, target.read_bytes()), (2, before))
            self.assertIn(b'holds weights of the model', done.stderr)
            target.write_bytes(b'\0' * 7)
            self.assertIn('shorter', self.report('m.onnx', code=1)['nodes'][0]['weights'])

    def test_external_data_stays_inside(self):
        secret = pathlib.Path(self.path('secret'))
        secret.write_bytes(b'\0' * 8)
        os.mkdir(self.path('inner'))
        model = (MODELS / 'external.onnx').read_bytes()
        os.symlink(secret, self.path('inner/link'))
        for location in (b'../secret', b'link/../l', b'link_____', b'/tmp/away', b'missing__', b'.........'):
            if location == b'link_____':
                os.symlink(secret, self.path('inner/link_____'))
            with open(self.path('inner/m.onnx'), 'wb') as file:
                file.write(model.replace(b'../secret', location))
            node = self.report('inner/m.onnx', code=1)['nodes'][0]
            self.assertIsNone(node['epsilon'], location)
            self.assertIn('external data', node['weights'], location)

    def test_sarif(self):
        for path in sorted(MODELS.iterdir()):
            sarif = json.loads(self.run_tconv('lint', path, '--format', 'sarif').stdout)
            self.check_sarif(sarif, self.run_tconv('lint', path, '--format', 'json').stdout)

    def check_sarif(self, sarif, report):
        """What the schema asks of those parts that are used (SARIF 2.1.0, sections 3.13 to 3.49)."""
        self.assertEqual(set(sarif), {'$schema', 'version', 'runs'})
        self.assertEqual(sarif['version'], '2.1.0')
        (run,) = sarif['runs']
        self.assertEqual(set(run), {'tool', 'columnKind', 'results'})
        driver = run['tool']['driver']
        self.assertEqual(set(driver), {'name', 'version', 'rules'})
        self.assertEqual([rule['id'] for rule in driver['rules']], sorted(RULES))
        findings = [f for node in json.loads(report)['nodes'] for f in node['findings']]
        self.assertEqual(len(run['results']), len(findings))
        for result, finding in zip(run['results'], findings):
            self.assertEqual(set(result), {'ruleId', 'ruleIndex', 'level', 'message', 'locations', 'properties'})
            self.assertEqual(driver['rules'][result['ruleIndex']]['id'], result['ruleId'])
            self.assertEqual((result['ruleId'], result['level']), (finding['rule'], finding['severity']))
            self.assertIn(finding['message'], result['message']['text'])
            (place,) = result['locations']
            uri = place['physicalLocation']['artifactLocation']['uri']
            self.assertRegex(uri, r"^(file:///)?[A-Za-z0-9._~/%-]+$")
            self.assertEqual(place['physicalLocation']['region'], {'startLine': 1})
            self.assertEqual(place['logicalLocations'][0]['kind'], 'object')


class Maps(Lint):
    def test_pictures(self):
        self.copy('uneven.onnx')
        self.lint('uneven.onnx', '--map', 'maps/of it')
        (name,) = os.listdir(self.path('maps/of it'))
        self.assertEqual(name, '01-up.svg')
        svg = pathlib.Path(self.path('maps/of it/01-up.svg')).read_text()
        xml.etree.ElementTree.fromstring(svg)
        for word in ('taps that reach an output', 'what a constant becomes', 'up: uneven', 'k3 s2 p1 op1'):
            self.assertIn(word, svg)
        for text in ('i8 k3 s2', 'i8x8 k4 s2 d2', 'i4x4x4 k3 s2', 'i9 k40 s40', 'i100x100 k2 s2 "a/../b \u00f6"'):
            self.lint('-p', text, '--map', 'more', code=int('d2' in text))
        self.assertEqual(os.listdir(self.path('more')).count('01-a_.._b_.svg'), 1)
        self.save('file', b'')
        self.refuse(1, 'lint', '-p', 'i8 k3', '--map', 'file/no', says='file/no')


class Hook(Lint):
    def test_each_model_is_linted_with_the_options(self):
        """The entry of .pre-commit-hooks.yaml, as pre-commit calls it: with its arguments, then the files."""
        hooks = (MODELS.parents[2] / '.pre-commit-hooks.yaml').read_text()
        entry = next(line for line in hooks.splitlines() if 'entry:' in line).split('entry: ', 1)[1]
        self.copy('uneven.onnx')
        self.lint('uneven.onnx', '--fix', 'even.onnx')
        os.symlink(os.path.abspath(support.PROGRAM), self.path('tconv'))
        for code, models, *options in (
                (1, ['uneven.onnx'], '--fail-on=warning'), (1, ['uneven.onnx'], '--fail-on', 'warning'),
                (0, ['uneven.onnx'], '--fail-on=error'), (0, ['uneven.onnx']), (1, ['even.onnx', 'uneven.onnx'], '--fail-on=warning'),
                (1, ['uneven.onnx', 'even.onnx'], '--fail-on', 'warning'), (2, [], '--fail-on')):
            done = subprocess.run(shlex.split(entry) + [*options, *models], cwd=self.folder, capture_output=True, timeout=60,
                                  env={**os.environ, 'PATH': f"{self.folder}:{os.environ['PATH']}"}, check=False)
            self.assertEqual(done.returncode, code, (options, models, done))
            for model in models:
                self.assertIn(f'{model}: 1 layer', done.stdout.decode())


class Fix(Lint):
    def test_repairs(self):
        self.copy('uneven.onnx')
        text = self.lint('uneven.onnx', '--fix', 'R1.onnx')
        self.assertIn('same function, exactly', text)
        self.assertIn('k4 s2 p1', text)
        self.assertEqual(self.report('R1.onnx')['nodes'][0]['verdict'], 'even')
        self.lint('uneven.onnx', '--fix', 'R12.onnx', '--repair', 'R1,R2', '--node', 'up')
        node = self.report('R12.onnx')['nodes'][0]
        self.assertLess(node['epsilon'], 1e-6)
        self.assertEqual([f['rule'] for f in node['findings']], ['TC005'])
        text = self.lint('uneven.onnx', '--fix', 'R2.onnx', '--repair', 'R2', '--target', 'mean')
        self.assertRegex(text, r'weights change by \d.*constants by (0|\S+e-\d+) %')
        self.lint('uneven.onnx', '--fix', 'R4.onnx', '--repair', 'R4')

    def test_refusals(self):
        self.copy('uneven.onnx')
        self.copy('external.onnx')
        for code, says, *arguments in (
                (2, 'R3', '--repair', 'R3'), (2, "''", '--repair', 'R1,'), (2, 'nowhere', '--node', 'nowhere'),
                (2, 'nothing', '--repair', 'R1,R1', '--node', 'up', '--target', 'least', '--fix', 'even.onnx')):
            model = 'uneven.onnx'
            if '--fix' in arguments:
                self.lint(model, '--fix', 'even.onnx')
                model, arguments = 'even.onnx', [*arguments[:-2]]
            self.refuse(code, 'lint', model, '--fix', 'out.onnx', *arguments, says=says)
        self.refuse(2, 'lint', 'external.onnx', '--fix', 'out.onnx', says='nothing')
        self.refuse(1, 'lint', 'uneven.onnx', '--fix', 'no/such/folder.onnx')


class Usage(Lint):
    def test_refusals(self):
        self.copy('uneven.onnx')
        self.save('W.npy', Array((1, 1, 4), [1, 2, 3, 4]))
        self.save('bad.onnx', b'this is no model')
        self.save('cut.onnx', (MODELS / 'uneven.onnx').read_bytes()[:-9])
        for code, says, *arguments in (
                (2, 'MODEL.onnx'), (2, 'MODEL.onnx', 'uneven.onnx', '-p', 'i8 k3'), (2, '-p', 'uneven.onnx', '--w', 'W.npy'),
                (2, '-p', 'uneven.onnx', '--conv'), (2, '--fix', 'uneven.onnx', '--repair', 'R1'),
                (2, '--fix', 'uneven.onnx', '--node', 'up'), (2, 'MODEL.onnx', '-p', 'i8 k3', '--fix', 'out.onnx'),
                (2, '--map', 'uneven.onnx', '--map', 'maps', '--fix', 'out.onnx'), (2, 'yaml', 'uneven.onnx', '--format', 'yaml'),
                (2, '--target', 'uneven.onnx', '--target', 'mean'), (2, '--format', 'uneven.onnx', '--fix', 'o', '--format', 'json'),
                (2, '--fail-on', 'uneven.onnx', '--fix', 'o', '--fail-on', 'note'),
                (2, 'never', 'uneven.onnx', '--fail-on', 'never'), (3, 'missing.onnx', 'missing.onnx'),
                (3, 'bad.onnx', 'bad.onnx'), (3, 'byte', 'cut.onnx'), (2, 'q7', '-p', 'i8 q7'),
                (3, '4', '-p', 'i8 k3', '--w', 'W.npy'), (3, 'missing.npy', '-p', 'i8', '--w', 'missing.npy')):
            self.refuse(code, 'lint', *arguments, says=says)


if __name__ == '__main__':
    support.main()
    unittest.main()
