"""Files: hostile inputs, unwritable outputs, replacing, interrupting."""
import os
import signal
import stat
import struct
import subprocess
import tempfile

import npy
import support
from support import CliTest

__all__ = ['Inputs', 'Outputs', 'Interrupts']


class Files(CliTest):
    def setUp(self):
        super().setUp()
        self.x, self.w = self.numbered((1, 2, 4)), self.numbered((2, 3, 3))
        self.save('X.npy', self.x)
        self.save('W.npy', self.w)


def header(descr="'<f8'", order='False', shape='(1, 2, 4)', body=b'', version=1):
    text = f"{{'descr': {descr}, 'fortran_order': {order}, 'shape': {shape}, }}\n".encode()
    length = struct.pack('<H' if version == 1 else '<I', len(text))
    return b'\x93NUMPY' + bytes([version, 0]) + length + text + body


class Inputs(Files):
    def refuse_as_every_input(self, code, data, says=''):
        self.save('bad.npy', data)
        for arguments in (['apply', 'bad.npy', 'W.npy', '-o', 'Y.npy'], ['apply', 'X.npy', 'bad.npy', '-o', 'Y.npy'],
                          ['apply', 'X.npy', 'W.npy', '-b', 'bad.npy', '-o', 'Y.npy'],
                          ['apply', 'X.npy', 'W.npy', '--residual', 'bad.npy', '-o', 'Y.npy'],
                          ['backward', 'X.npy', 'W.npy', 'bad.npy', '--dx', 'DX.npy'],
                          ['explain', '--x', 'bad.npy', '--w', 'W.npy', '--at', '0'],
                          ['matrix', '--w', 'bad.npy', '--input-size', '4', '-o', 'M.mtx']):
            error = self.refuse(code, *arguments, says=says)
            self.assertIn('bad.npy', error)

    def test_missing(self):
        for name in ('nothing.npy', 'X.npy/inside', 'no/such/folder.npy', 'a' * 300):
            self.refuse(3, 'apply', name, 'W.npy', '-o', 'Y.npy', says=name[:50])
            self.refuse(3, 'apply', 'X.npy', name, '-o', 'Y.npy', says=name[:50])
        os.symlink('loop', self.path('loop'))
        self.refuse(3, 'apply', 'loop', 'W.npy', '-o', 'Y.npy', says='loop')

    def test_directories(self):
        os.mkdir(self.path('folder'))
        self.refuse(3, 'apply', 'folder', 'W.npy', '-o', 'Y.npy', says='directory')
        self.refuse(3, 'apply', 'X.npy', '.', '-o', 'Y.npy', says='directory')

    def test_malformed(self):
        whole = npy.encode(self.x)
        for data in (b'', b'\n', b'PK\x03\x04', b'\x93NUMPY', whole[:9], whole[:40], whole[:-1], whole[:80], b'x' + whole,
                     header(shape='(1, 2, -4)'), header(shape='1'), header(shape='(1, 2'), header(order='Maybe'),
                     header(descr="''"), b'\x93NUMPY\x01\x00\xff\xff{', os.urandom(1000)):
            self.refuse_as_every_input(3, data)

    def test_enormous_headers(self):
        for shape in ('(1, 2, 1099511627776)', '(4611686018427387904, 4)', '(9223372036854775807,)',
                      '(99999999999999999999999,)', '(0, 9223372036854775807, 9223372036854775807)',
                      '(' + '65536, ' * 8 + ')'):
            self.refuse_as_every_input(3, header(shape=shape, body=b'\0' * 64))
        self.refuse_as_every_input(3, b'\x93NUMPY\x02\x00\xff\xff\xff\xff{')

    def test_types_that_are_not_supported(self):
        for descr in ("'<i4'", "'<i8'", "'|u1'", "'<f2'", "'<c8'", "'|b1'", "'|O'", "'<U3'", "'<f16'", "[('a', '<f4')]"):
            self.refuse_as_every_input(5, header(descr=descr, body=b'\0' * 256))

    def test_standard_input_ends_early_or_is_read_twice(self):
        self.refuse(3, 'apply', '-', 'W.npy', '-o', 'Y.npy', says='standard input')
        self.refuse(3, 'apply', '-', 'W.npy', '-o', 'Y.npy', stdin=npy.encode(self.x)[:100], says='standard input')
        self.refuse(2, 'apply', '-', '-', '-o', 'Y.npy', stdin=npy.encode(self.x), says='standard input')


class Outputs(Files):
    def answer(self):
        self.succeed('apply', 'X.npy', 'W.npy', '-o', 'Y.npy')
        return self.load('Y.npy')

    def test_places_that_cannot_be_written(self):
        os.mkdir(self.path('folder'))
        for name in ('no/such/Y.npy', 'folder', 'folder/', '.', '/', 'X.npy/Y.npy', '/proc/nothing.npy', 'a' * 300):
            self.refuse(1, 'apply', 'X.npy', 'W.npy', '-o', name)
            self.refuse(1, 'backward', 'X.npy', 'W.npy', self.gradient(), '--dx', name)
        self.refuse(1, 'matrix', '-p', 'i2 k2', '-o', 'no/such/W.mtx')
        self.refuse(1, 'matrix', '-p', 'i2 k2', '-o', 'no/such/W.npy')

    def gradient(self):
        return self.save('DY.npy', self.numbered((1, 3, 6)))

    def test_several_outputs_all_or_none(self):
        self.save('DY.npy', self.numbered((1, 3, 6)))
        for broken in (['--dw', 'no/DW.npy'], ['--db', '.']):
            self.refuse(1, 'backward', 'X.npy', 'W.npy', 'DY.npy', '--dx', 'DX.npy', *broken)
            self.assertEqual(sorted(os.listdir(self.path('.'))), ['DY.npy', 'W.npy', 'X.npy'])

    def test_a_read_only_folder(self):
        if os.geteuid() == 0:
            self.skipTest('root may write anywhere')
        os.mkdir(self.path('locked'), 0o555)
        self.refuse(1, 'apply', 'X.npy', 'W.npy', '-o', 'locked/Y.npy')

    def test_a_full_disk(self):
        if not os.path.exists('/dev/full'):
            self.skipTest('there is no /dev/full')
        self.refuse(1, 'apply', 'X.npy', 'W.npy', '-o', '/dev/full')
        with open('/dev/full', 'wb') as full:
            self.refuse(1, 'apply', 'X.npy', 'W.npy', '-o', '-', stdout=full)
            self.refuse(1, 'matrix', '-p', 'i2 k2', stdout=full, says='standard output')
            self.refuse(1, 'explain', '-p', 'i2 k2', '--at', '0', '--json', stdout=full, says='standard output')

    def test_a_small_disk(self):
        disk = tempfile.mkdtemp(prefix='tconv-disk-')
        self.addCleanup(os.rmdir, disk)
        mounted = subprocess.run(['mount', '-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', disk], capture_output=True, check=False)
        if mounted.returncode != 0:
            self.skipTest('cannot mount a tmpfs here')
        self.addCleanup(subprocess.run, ['umount', disk], check=False)
        target = os.path.join(disk, 'Y.npy')
        self.succeed('apply', 'X.npy', 'W.npy', '-o', target)
        with open(target, 'rb') as file:
            before = file.read()
        error = self.refuse(1, 'apply', 'X.npy', 'W.npy', '--stride', 20000, '-o', target)
        self.assertIn('space', error)
        self.assertEqual(os.listdir(disk), ['Y.npy'])
        with open(target, 'rb') as file:
            self.assertEqual(file.read(), before)

    def test_a_closed_pipe(self):
        read, write = os.pipe()
        os.close(read)
        with os.fdopen(write, 'wb') as pipe:
            self.refuse(1, 'apply', 'X.npy', 'W.npy', '-o', '-', stdout=pipe)

    def test_a_reader_that_leaves_early(self):
        for verb in (['matrix', '-p', 'i30x30 k3'], ['explain', '-p', 'ic900 i8x8 k8', '--at', '7,7'], ['tour']):
            with subprocess.Popen([support.PROGRAM, *verb], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                  env=support.environment()) as running:
                running.stdout.close()
                error = running.stderr.read().decode()
                self.assertEqual(running.wait(timeout=60), 1)
            self.assertRegex(error, f'^tconv {verb[0]}: standard output could not be written: .*\n$')

    def test_an_error_that_nobody_can_read(self):
        for closing in ('2>&-', '2>/dev/full', '>&- 2>&-'):
            done = subprocess.run(f'"{support.PROGRAM}" shape -p zz {closing}', shell=True, env=support.environment(),
                                  capture_output=True, timeout=60, check=False)
            self.assertEqual(done.returncode, 2, closing)

    def test_replacing_is_atomic(self):
        expected = self.answer()
        os.link(self.path('Y.npy'), self.path('old.npy'))
        old = self.save('old.npy', b'what was there')  # the same file as Y.npy
        os.chmod(self.path('Y.npy'), 0o640)
        found = self.answer()
        self.expect_equal(found, expected)
        with open(old, 'rb') as file:
            self.assertEqual(file.read(), b'what was there', 'Y.npy was rewritten in place, not replaced')
        self.assertEqual(stat.S_IMODE(os.stat(self.path('Y.npy')).st_mode), 0o640)
        self.assertEqual(sorted(os.listdir(self.folder)), ['W.npy', 'X.npy', 'Y.npy', 'old.npy'])

    def test_the_output_may_be_the_input(self):
        expected = self.answer()
        self.succeed('apply', 'X.npy', 'W.npy', '-o', 'X.npy')
        self.expect_equal(self.load('X.npy'), expected)

    def test_a_refusal_keeps_what_was_there(self):
        self.answer()
        self.refuse(2, 'apply', 'X.npy', 'W.npy', '--stride', '0', '-o', 'Y.npy')
        self.refuse(3, 'apply', 'W.npy', 'W.npy', '-o', 'Y.npy')


class Interrupts(Files):
    def start(self, *arguments):
        return subprocess.Popen([support.PROGRAM, *map(str, arguments)], cwd=self.folder, stdin=subprocess.DEVNULL,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=support.environment())

    def expect_interrupted(self, process, number, before):
        process.send_signal(number)
        _, error = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 130, error)
        self.assertLessEqual(len(error.splitlines()), 1)
        self.assertEqual(self.listing(), before, 'something was written')

    def test_in_the_middle_of_a_computation(self):
        # The weights come through a pipe of a name, so that the program has surely started when they are all written:
        # what it has to compute then takes far longer than a signal.
        self.save('X.npy', self.numbered((1, 1, 200000)))
        weights = npy.encode(self.numbered((1, 1, 100000)))
        os.mkfifo(self.path('W.pipe'))
        for number in (signal.SIGINT, signal.SIGTERM):
            before = self.listing()
            process = self.start('apply', 'X.npy', 'W.pipe', '-o', 'Y.npy')
            with open(self.path('W.pipe'), 'wb') as pipe:
                pipe.write(weights)
            before[self.path('W.pipe')] = self.listing()[self.path('W.pipe')]
            self.expect_interrupted(process, number, before)

    def test_in_the_middle_of_the_output(self):
        # More than a pipe holds: after its first byte the program waits for a reader.
        process = self.start('apply', 'X.npy', 'W.npy', '--stride', 100000, '-o', '-')
        before = self.listing()
        self.assertEqual(process.stdout.read(1), b'\x93')
        self.expect_interrupted(process, signal.SIGINT, before)
