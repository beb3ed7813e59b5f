#!/usr/bin/env python3
"""What a call from Python costs on top of the call from C, on a layer that takes next to no time itself.

    import   of NumPy, and of tconv after it, in a process of its own
    C        the library's own time: a call through ctypes with ready pointers, less a call that does nothing
    Python   tconv.conv_transpose2d() and a Plan, arrays in, array out

Usage: calls.py (with the installed package; `./dev bench --python`). Interleaved rounds; the shortest of each counts.
"""
import ctypes
import subprocess
import sys
import time

import numpy as np
import tconv
from tconv import _library

CALLS, ROUNDS, TARGET = 5000, 21, 5.0


def seconds(work):
    start = time.perf_counter()
    for _ in range(CALLS):
        work()
    return (time.perf_counter() - start) / CALLS


def imports():
    """Seconds for NumPy, and for tconv after it; the shortest of several."""
    code = ("import time\na = time.perf_counter()\nimport numpy\nb = time.perf_counter()\nimport tconv\n"
            "print(b - a, time.perf_counter() - b)")
    tries = [map(float, subprocess.check_output([sys.executable, "-c", code], text=True).split()) for _ in range(9)]
    return [min(times) for times in zip(*tries)]


def main():
    print("import: numpy {:.0f} ms, then tconv {:.0f} ms".format(*(1e3 * each for each in imports())))
    x, w, bias = np.ones((1, 4, 4, 4), "f4"), np.ones((4, 4, 3, 3), "f4"), np.ones(4, "f4")
    plan, packed_of = tconv.Plan(x.shape, w, bias, stride=2), tconv.Plan(x.shape, w, bias, stride=2)
    y, library = plan(x), _library.LIBRARY
    handle, packed = packed_of._first.handle, packed_of._packed.handle
    pointers = [each.ctypes.data for each in (w, x, bias, y)]
    nothing = ctypes.CFUNCTYPE(ctypes.c_int32, *[ctypes.c_void_p] * 7)(("tconv_abi_version", library))
    call = library.tconv_call
    works = {
        "nothing": lambda: nothing(handle, None, pointers[0], pointers[1], pointers[2], None, pointers[3]),
        "packs and runs, ready pointers": lambda: call(handle, None, pointers[0], pointers[1], pointers[2], None, pointers[3]),
        "runs, ready pointers": lambda: call(handle, packed, None, pointers[1], pointers[2], None, pointers[3]),
        "tconv.conv_transpose2d(x, w, bias, 2)": lambda: tconv.conv_transpose2d(x, w, bias, 2),
        "plan(x)": lambda: plan(x),
    }
    best = dict.fromkeys(works, float("inf"))
    for _ in range(ROUNDS):
        for name, work in works.items():
            best[name] = min(best[name], seconds(work) * 1e6)
    print(f"{plan.problem}: {plan.explanation['method']}, {plan.explanation['isa']}, microseconds a call")
    floor = best["nothing"]
    for name, base in (("tconv.conv_transpose2d(x, w, bias, 2)", "packs and runs, ready pointers"),
                       ("plan(x)", "runs, ready pointers")):
        in_c = best[base] - floor
        above = best[name] - in_c
        print(f"  {name:<40} {best[name]:6.2f}   in C {in_c:6.2f}   above it {above:5.2f}"
              f"   ({'within' if above <= TARGET else 'OVER'} the target of {TARGET:.0f}; ctypes alone takes {floor:.2f})")


if __name__ == "__main__":
    main()
