"""Running the program, and what every refusal of it has to look like."""
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

import npy
from npy import Array, product

PROGRAM = None  # set by cli_test.py


def environment():
    kept = {k: v for k, v in os.environ.items() if k not in ('NO_COLOR', 'CLICOLOR_FORCE')}
    return {**kept, 'LC_ALL': 'C.UTF-8'}


class CliTest(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix='tconv-cli-')
        self.addCleanup(shutil.rmtree, self.folder, True)
        self.random = random.Random(self.id())

    def path(self, name):
        return os.path.join(self.folder, name)

    def run_tconv(self, *arguments, stdin=b'', stdout=subprocess.PIPE, **variables):
        done = subprocess.run([PROGRAM, *map(str, arguments)], input=stdin, stdout=stdout, stderr=subprocess.PIPE,
                              cwd=self.folder, env={**environment(), **variables}, timeout=60, check=False)
        # AddressSanitizer's own remark where memory was refused; the sentence has to follow all the same.
        done.stderr = re.sub(rb'^==\d+==WARNING: AddressSanitizer failed to allocate .*\n', b'', done.stderr)
        return done

    def succeed(self, *arguments, stdin=b'', **variables):
        """Standard output of a run that has to succeed in silence."""
        done = self.run_tconv(*arguments, stdin=stdin, **variables)
        self.assertEqual((done.returncode, done.stderr), (0, b''), arguments)
        return done.stdout

    def refuse(self, code, *arguments, says='', stdin=b'', stdout=subprocess.PIPE, **variables):
        """One sentence on stderr, nothing on stdout, no file more or less in the folder; returns the sentence."""
        before = self.listing()
        done = self.run_tconv(*arguments, stdin=stdin, stdout=stdout, **variables)
        error = done.stderr.decode(errors='replace')
        what = (arguments, error)
        self.assertEqual(done.returncode, code, what)
        self.assertIn(done.stdout, (b'', None), what)
        who = f'tconv {arguments[0]}: ' if arguments and not str(arguments[0]).startswith('-') else 'tconv: '
        self.assertTrue(error.startswith(who), what)
        self.assertTrue(error.endswith('\n') and len(error.splitlines()) == 1, what)
        self.assertTrue(len(who) + 10 < len(error) < 1000, what)
        self.assertIn(says, error, arguments)
        self.assertEqual(self.listing(), before, what)
        return error

    def listing(self):
        found = {}
        for folder, _, files in os.walk(self.folder):
            for name in files:
                path = os.path.join(folder, name)
                status = os.lstat(path)
                found[path] = (status.st_size, status.st_mtime_ns, status.st_ino)
        return found

    def numbered(self, shape, dtype='f8'):
        """Small whole numbers, so that every sum is exact in either type."""
        return Array(shape, [self.random.randint(-7, 7) for _ in range(product(shape))], dtype)

    def save(self, name, array, **form):
        with open(self.path(name), 'wb') as file:
            file.write(array if isinstance(array, bytes) else npy.encode(array, **form))
        return self.path(name)

    def load(self, name):
        with open(self.path(name), 'rb') as file:
            return npy.decode(file.read())

    def expect_equal(self, found, expected, tolerance=0.0, message=''):
        self.assertEqual((found.shape, found.dtype), (expected.shape, expected.dtype), message)
        for at, (a, b) in enumerate(zip(found.values, expected.values)):
            self.assertTrue(abs(a - b) <= tolerance * max(1.0, abs(b)), f'{message} at {at}: {a} is not {b}')


def main():
    global PROGRAM
    if len(sys.argv) < 2:
        sys.exit('usage: cli_test.py PATH-OF-TCONV [unittest arguments]')
    PROGRAM = os.path.abspath(sys.argv.pop(1))
