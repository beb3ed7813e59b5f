#!/usr/bin/env python3
"""The C ABI without a compiler, as other languages call it; and that its JSON has the fields of the command line's.

Usage: ctypes_test.py LIBTCONV PATH-OF-TCONV
"""
import ctypes
import json
import os
import subprocess
import sys
import tempfile
import unittest

LIBRARY, PROGRAM = (sys.argv.pop(1), sys.argv.pop(1)) if len(sys.argv) > 2 else sys.exit(__doc__)
tconv = ctypes.CDLL(LIBRARY)


class Axis(ctypes.Structure):
    _fields_ = [(name, ctypes.c_int64) for name in ('coarse', 'fine', 'kernel', 'stride', 'dilation', 'padding_begin',
                                                    'padding_end')]


class Problem(ctypes.Structure):
    _fields_ = [('struct_size', ctypes.c_uint32), ('rank', ctypes.c_int32), ('batch', ctypes.c_int64),
                ('groups', ctypes.c_int64), ('coarse_channels', ctypes.c_int64), ('fine_channels', ctypes.c_int64),
                ('axes', Axis * 3), ('dtype', ctypes.c_int32), ('layout', ctypes.c_int32), ('has_bias', ctypes.c_int32),
                ('has_sum', ctypes.c_int32), ('activation', ctypes.c_int32), ('reserved', ctypes.c_int32),
                ('alpha', ctypes.c_double), ('beta', ctypes.c_double)]


class Drawing(ctypes.Structure):
    _fields_ = [('struct_size', ctypes.c_uint32), ('theme', ctypes.c_int32), ('view', ctypes.c_char_p),
                ('fps', ctypes.c_double), ('has_no_script', ctypes.c_int32), ('is_sketch', ctypes.c_int32)]


class Arguments(ctypes.Structure):
    _fields_ = [('struct_size', ctypes.c_uint32), ('reserved', ctypes.c_uint32), ('input', ctypes.c_void_p),
                ('second', ctypes.c_void_p), ('bias', ctypes.c_void_p), ('residual', ctypes.c_void_p),
                ('output', ctypes.c_void_p), ('workspace', ctypes.c_void_p), ('workspace_size', ctypes.c_size_t),
                ('parallel_for', ctypes.c_void_p), ('context', ctypes.c_void_p)]


tconv.tconv_last_error.restype = ctypes.c_char_p
tconv.tconv_workspace_size.restype = ctypes.c_size_t
tconv.tconv_workspace_size.argtypes = [ctypes.c_void_p]


def call(function, *arguments):
    status = getattr(tconv, function)(*arguments)
    if status != 0:
        raise ValueError(tconv.tconv_last_error().decode())


def text_of(function, *arguments):
    needed = ctypes.c_size_t()
    call(function, *arguments, None, ctypes.c_size_t(0), ctypes.byref(needed))
    buffer = ctypes.create_string_buffer(needed.value)
    call(function, *arguments, buffer, needed, None)
    return buffer.value.decode()


def problem_of(text):
    problem = Problem()
    call('tconv_problem_init', ctypes.byref(problem), ctypes.c_size_t(ctypes.sizeof(problem)))
    call('tconv_problem_parse', ctypes.byref(problem), text.encode())
    return problem


def plan_of(text, which=0):
    problem, plan = problem_of(text), ctypes.c_void_p()
    call('tconv_plan_create', ctypes.byref(problem), which, None, ctypes.byref(plan))
    return plan


class Ctypes(unittest.TestCase):
    def test_a_transposed_convolution(self):
        plan, packed = plan_of('i2x2 k3 s2'), ctypes.c_void_p()
        x, w, y = (ctypes.c_float * 4)(1, 2, 3, 4), (ctypes.c_float * 9)(*[1] * 9), (ctypes.c_float * 25)()
        call('tconv_pack', plan, w, ctypes.byref(packed))
        size = tconv.tconv_workspace_size(plan)
        workspace = ctypes.create_string_buffer(size) if size else None
        arguments = Arguments(struct_size=ctypes.sizeof(Arguments), input=ctypes.addressof(x),
                              output=ctypes.addressof(y), workspace_size=size,
                              workspace=ctypes.addressof(workspace) if size else None)
        call('tconv_run', plan, packed, ctypes.byref(arguments))
        self.assertEqual(list(y), [1, 1, 3, 2, 2, 1, 1, 3, 2, 2, 4, 4, 10, 6, 6, 3, 3, 7, 4, 4, 3, 3, 7, 4, 4])
        tconv.tconv_packed_destroy(packed)
        tconv.tconv_plan_destroy(plan)

    def test_refusals_are_sentences(self):
        with self.assertRaisesRegex(ValueError, "q9"):
            plan_of('i2 q9')

    def test_drawings_are_the_command_lines(self):
        for view in ('scatter', 'gather', 'both', 'stamps', 'overlap', 'kernel'):
            how = Drawing(struct_size=ctypes.sizeof(Drawing), theme=1, view=view.encode())
            ours = text_of('tconv_draw', ctypes.byref(problem_of('i3x2 k3 s2 p1 d2 op1')), ctypes.byref(how), None, None, None)
            with tempfile.TemporaryDirectory() as folder:
                path = os.path.join(folder, 'F.svg')
                subprocess.run([PROGRAM, 'trace', '-p', 'i3x2 k3 s2 p1 d2 op1', '--view', view, '--theme', 'dark', '-o', path],
                               check=True)
                with open(path, encoding='utf-8') as file:
                    self.assertEqual(ours, file.read(), view)

    def test_json_has_the_command_lines_fields(self):
        text = 'ic16 oc8 i9x9 k4 s2 p1'
        for which, name in enumerate(('scatter', 'gather', 'weight_grad')):
            plan = plan_of(text, which)
            ours = json.loads(text_of('tconv_explain', plan, 1))
            done = subprocess.run([PROGRAM, 'explain', '-p', text, '--pass', name, '--json'], capture_output=True,
                                  check=True)
            theirs = json.loads(done.stdout)
            self.assertEqual(ours, theirs)
            self.assertEqual(list(ours), list(theirs))
            done = subprocess.run([PROGRAM, 'explain', '-p', text, '--pass', name], capture_output=True, check=True)
            self.assertEqual(text_of('tconv_explain', plan, 0), done.stdout.decode())
            tconv.tconv_plan_destroy(plan)
        done = subprocess.run([PROGRAM, 'info', '--json'], capture_output=True, check=True)
        self.assertEqual(json.loads(text_of('tconv_info')), json.loads(done.stdout))


if __name__ == '__main__':
    unittest.main()
