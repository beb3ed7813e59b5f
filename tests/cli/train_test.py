#!/usr/bin/env python3
"""tconv train: what it writes, what it refuses, and that a training which was stopped goes on with the same bits.

Usage: train_test.py PATH-OF-TCONV [-v] [-k PATTERN]. The trainings are as short as can be.
"""
import os
import pathlib
import signal
import struct
import subprocess
import time
import unittest

import support
from support import CliTest

TINY = {'--limit': '24', '--batch': '8', '--seed': '3', '--threads': '1', '--epochs': '1'}
DCGAN = ['checkpoint.safetensors', 'generator.safetensors', 'log.csv', 'samples_000.png', 'samples_001.png']
FCN = ['checkpoint.safetensors', 'fcn.safetensors', 'log.csv', 'predictions_000.png', 'predictions_001.png']


def tiny(*options):
    """Options of a tiny training; those that are given go first."""
    given = dict(zip(options[::2], options[1::2])) if '--resume' not in options else None
    if given is None:
        return (*tiny(*(word for word in options if word != '--resume')), '--resume')
    return [word for pair in {**TINY, **given}.items() for word in pair]


class Train(CliTest):
    def train(self, network, out, *options):
        done = self.run_tconv('train', network, *tiny('--out', out, *options))
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout.decode()

    def files(self, out):
        return sorted(os.listdir(self.path(out)))

    def bytes(self, *parts):
        return pathlib.Path(self.path(os.path.join(*parts))).read_bytes()

    def start(self, network, out, *options):
        """A training in the background; ended with the test, however that ends."""
        process = subprocess.Popen([support.PROGRAM, 'train', network, *tiny('--out', out, *options)],
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=self.folder)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.stderr.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return process

    def assert_same(self, one, other):
        for name in DCGAN:
            self.assertEqual(self.bytes(one, name), self.bytes(other, name), name)


class Files(Train):
    def test_dcgan(self):
        text = self.train('dcgan', 'a/b')
        self.assertEqual(self.files('a/b'), DCGAN)
        self.assertIn('dcgan: 24 pictures in batches of 8, 3 steps an epoch, generator k4s2, seed 3\n', text)
        self.assertRegex(text, r'epoch 1/1  D \S+  G \S+  Frechet \S+  balance \S+  pattern \S+  \d+ images/s\n')
        self.assertEqual(struct.unpack('>2I', self.bytes('a/b', 'samples_001.png')[16:24]), (8 * 66 + 2, 8 * 66 + 2))
        self.assertEqual(len(self.bytes('a/b', 'log.csv').splitlines()), 2)
        self.assertTrue(self.bytes('a/b', 'log.csv').startswith(b'epoch,D,G,Frechet,balance,pattern\n1,'))
        self.assertLess(len(self.bytes('a/b', 'generator.safetensors')), 2.5e6)

    def test_fcn(self):
        text = self.train('fcn', 'f')
        self.assertEqual(self.files('f'), FCN)
        self.assertIn('fcn: 24 scenes in batches of 8, 3 steps an epoch, head learned, seed 3\n', text)
        self.assertTrue(self.bytes('f', 'log.csv').startswith(b'epoch,loss,accuracy,IoU\n1,'))
        self.assertIn('head fixed', self.train('fcn', 'g', '--head', 'fixed'))
        self.assertNotEqual(self.bytes('f', 'fcn.safetensors'), self.bytes('g', 'fcn.safetensors'))

    def test_classifier(self):
        self.train('classifier', 'c')
        self.assertEqual(self.files('c'), ['checkpoint.safetensors', 'classifier.safetensors', 'log.csv'])

    def test_uneven_generator(self):
        self.assertIn('generator k3s2', self.train('dcgan', 'u', '--generator', 'k3s2'))

    def test_an_earlier_training_is_kept(self):
        self.train('fcn', 'f')
        before = self.bytes('f', 'checkpoint.safetensors')
        done = self.run_tconv('train', 'fcn', *tiny('--seed', '4', '--out', 'f'))
        self.assertEqual(done.returncode, 0)
        self.assertIn(b'previous.safetensors; --resume would have gone on', done.stderr)
        self.assertEqual(self.bytes('f', 'previous.safetensors'), before)


class SameBits(Train):
    def test_threads(self):
        self.train('dcgan', 'one')
        self.train('dcgan', 'two', '--threads', '2')
        self.assert_same('one', 'two')

    def test_seeds(self):
        self.train('dcgan', 'one')
        self.train('dcgan', 'other', '--seed', '4')
        self.assertNotEqual(self.bytes('one', 'generator.safetensors'), self.bytes('other', 'generator.safetensors'))

    def test_resume(self):
        self.train('dcgan', 'whole', '--epochs', '3')
        self.train('dcgan', 'parts')
        self.train('dcgan', 'parts', '--resume', '--epochs', '3')
        self.assert_same('whole', 'parts')
        self.assertEqual(self.files('whole'), self.files('parts'))
        self.train('dcgan', 'parts', '--resume', '--epochs', '3')  # nothing is left to do
        self.assert_same('whole', 'parts')

    def test_interrupt_leaves_a_good_checkpoint(self):
        self.train('dcgan', 'whole', '--epochs', '3')
        process = self.start('dcgan', 'stopped', '--epochs', '3')
        process.stdout.readline()  # what it is going to do
        process.stdout.readline()  # the first epoch is over
        process.send_signal(signal.SIGINT)
        _, error = process.communicate(timeout=120)
        self.assertEqual(process.returncode, 130, error)
        self.assertIn('the same command with --resume goes on', error)
        self.assertNotIn('.tmp-', ' '.join(self.files('stopped')))
        self.train('dcgan', 'stopped', '--resume', '--epochs', '3')
        self.assert_same('whole', 'stopped')

    def test_interrupt_before_the_first_step(self):
        process = self.start('fcn', 'f', '--epochs', '2')
        process.stdout.readline()
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=120)
        self.assertEqual(process.returncode, 130)
        self.train('fcn', 'whole', '--epochs', '2')
        self.train('fcn', 'f', '--resume', '--epochs', '2')
        self.assertEqual(self.bytes('whole', 'checkpoint.safetensors'), self.bytes('f', 'checkpoint.safetensors'))

    def test_a_killed_process_goes_on(self):
        self.train('dcgan', 'whole', '--epochs', '4')
        process = self.start('dcgan', 'killed', '--epochs', '4')
        for _ in range(3):
            process.stdout.readline()
        time.sleep(0.05)  # somewhere in the third epoch
        process.kill()
        process.wait(60)
        self.train('dcgan', 'killed', '--resume', '--epochs', '4')
        self.assert_same('whole', 'killed')


class Refusals(Train):
    def refuse_train(self, code, *arguments, says=''):
        return self.refuse(code, 'train', *arguments, says=says)

    def test_usage(self):
        self.refuse_train(2, says='required')
        self.refuse_train(2, 'gan', says='dcgan, fcn or classifier')
        for option, value in (('--epochs', '-1'), ('--epochs', 'x'), ('--limit', '1'), ('--limit', '60001'), ('--batch', '1'),
                              ('--seed', '-1'), ('--seed', '1.5'), ('--epochs', '0'), ('--threads', '0'), ('--threads', '5000'),
                              ('--generator', 'k5s2'), ('--head', 'wild'), ('--out', '')):
            self.refuse_train(2, 'dcgan', option, value)
        self.refuse_train(2, 'dcgan', '--epoch', '1', says='did you mean --epochs?')
        self.refuse_train(2, 'dcgan', 'fcn', says='unexpected')

    def test_data(self):
        os.mkdir(self.path('empty'))
        self.refuse_train(3, 'dcgan', '--data', 'empty', says='dataset-fashion-mnist')
        self.refuse_train(3, 'fcn', '--data', 'nowhere', says='--data DIR')
        with open(self.path('empty/train-images-idx3-ubyte'), 'wb') as file:
            file.write(b'\0\0\x08\x03')
        self.refuse_train(3, 'dcgan', '--data', 'empty', says='ends inside its header')

    def test_directory(self):
        self.save('file', b'x')
        self.refuse_train(1, 'fcn', *tiny('--out', 'file'), says='--out DIR')
        self.refuse_train(1, 'fcn', *tiny('--out', 'file/below'), says='--out DIR')

    def test_resume(self):
        self.refuse_train(3, 'fcn', *tiny('--out', 'none', '--resume'), says='check the name')
        self.train('fcn', 'f')
        for option, value, says in (('--seed', '4', 'seed 3, and this call says 4'), ('--head', 'fixed', 'head learned'),
                                    ('--batch', '4', 'batch 8')):
            self.refuse_train(2, 'fcn', *tiny('--out', 'f', '--resume', option, value), says=says)
        self.refuse_train(2, 'dcgan', *tiny('--out', 'f', '--resume'), says='network fcn')
        checkpoint = self.bytes('f', 'checkpoint.safetensors')
        self.save('f/checkpoint.safetensors', checkpoint[:len(checkpoint) // 2])
        self.refuse_train(3, 'fcn', *tiny('--out', 'f', '--resume'), says='cut short')
        self.save('f/checkpoint.safetensors', b'')
        self.refuse_train(3, 'fcn', *tiny('--out', 'f', '--resume'), says='shorter')


if __name__ == '__main__':
    support.main()
    unittest.main()
