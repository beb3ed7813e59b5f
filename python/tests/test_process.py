"""The package as a guest in a process: import, fork, shutdown, memory, a missing library, the command."""
import os
import pathlib
import shutil
import subprocess
import sys
import threading

import numpy as np
import pytest
import reference as ref
import support
import tconv

PACKAGE = pathlib.Path(tconv.__file__).parent


def test_it_is_the_installed_package():
    assert pathlib.Path(sys.prefix) in PACKAGE.parents
    assert (PACKAGE / "py.typed").exists()


def test_import_is_quick_and_makes_no_thread():
    """It takes less time than NumPy's own import (`./dev bench --python` prints both); of several tries the shortest,
    for the machine may be busy."""
    code = ("import os, time\nbegin = time.perf_counter()\nimport numpy\nbefore = time.perf_counter()\n"
            "threads = len(os.listdir('/proc/self/task'))\nstart = time.perf_counter()\nimport tconv\n"
            "after = time.perf_counter()\nassert len(os.listdir('/proc/self/task')) == threads\n"
            "print(before - begin, after - start)")
    tries = [list(map(float, support.python(code).split())) for _ in range(5)]
    numpys, tconvs = (min(times) for times in zip(*tries))
    assert tconvs < numpys


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_fork_after_use():
    code = """
import os, sys, warnings
warnings.simplefilter("ignore")
import numpy as np, tconv
x, w = np.ones((2, 64, 32, 32), "f4"), np.ones((64, 64, 4, 4), "f4")
plan = tconv.Plan(x.shape, w, stride=2, threads=2)
y, z = plan(x), tconv.conv_transpose2d(x, w, threads=2)
child = os.fork()
if child == 0:
    ok = np.array_equal(plan(x), y) and np.array_equal(tconv.conv_transpose2d(x, w, threads=2), z)
    os._exit(0 if ok else 3)
status = os.waitpid(child, 0)[1]
assert status == 0, status
assert np.array_equal(plan(x), y)
print("both")
"""
    assert support.python(code, timeout=60) == "both\n"


def test_shutdown_is_clean():
    """Plans that live to the end, threads that still compute, and an exit at once: no word, no crash."""
    code = """
import threading, numpy as np, tconv
x, w = np.ones((2, 64, 32, 32), "f4"), np.ones((64, 64, 4, 4), "f4")
plan = tconv.Plan(x.shape, w, threads=2)
tconv.conv_transpose2d(x, w, threads=2)
class Late:
    def __del__(self):
        plan(x)
late = Late()
threading.Thread(target=lambda: [plan(x) for _ in range(20)], daemon=True).start()
plan(x)
"""
    for _ in range(3):
        support.python(code)


def test_a_missing_or_broken_library_is_named(tmp_path):
    shutil.copytree(PACKAGE, tmp_path / "tconv", ignore=shutil.ignore_patterns("*.so", "__pycache__"))
    begin = f"import sys; sys.path.insert(0, {str(tmp_path)!r}); import tconv"
    said = support.fails(begin)
    assert "ImportError" in said and "libtconv.so" in said and "missing" in said and "install the package again" in said
    (tmp_path / "tconv" / "libtconv.so").write_bytes(b"no library")
    said = support.fails(begin)
    assert "ImportError" in said and "cannot be loaded" in said
    said = support.fails(begin, TCONV_LIBRARY=str(tmp_path / "elsewhere.so"))
    assert "elsewhere.so" in said
    other = next(pathlib.Path(line.split()[-1]) for line in pathlib.Path("/proc/self/maps").read_text().splitlines()
                 if line.endswith("libm.so.6"))
    assert "cannot be loaded" in support.fails(begin, TCONV_LIBRARY=str(other))


def resident():
    return int(pathlib.Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def test_ten_thousand_calls_leak_nothing():
    """Of every kind: quick, careful, refused, with plans made and dropped; 40 bytes a call would show. In five rounds,
    of which the quietest counts, for allocators keep memory back now and then."""
    x, w = ref.random((1, 4, 5, 5)), ref.random((4, 3, 3, 3))
    bias, dy, out = ref.random((3,)), ref.random((1, 3, 7, 7)), np.empty((1, 3, 7, 7), "f4")
    plan, sizes = tconv.Plan(x.shape, w), [ref.random((1, 4, 2, 1 + i)) for i in range(400)]  # more than are kept

    def all_kinds(i):
        tconv.conv_transpose2d(x, w)
        tconv.conv_transpose2d(x[:, :, ::-1], w, bias, out=out)
        tconv.conv_transpose2d(sizes[i % 400], w)
        tconv.backward(x, w, dy)
        plan(x)
        plan(x[:, :, : 1 + i % 5].copy())
        tconv.Plan(x.shape, w)
        tconv.shape("i4 k3")
        tconv.matrix("i4 k3")
        try:
            tconv.conv_transpose2d(x, w, stride=0)
        except ValueError:
            pass

    for i in range(500):
        all_kinds(i)
    grown = []
    for _ in range(5):
        before = resident()
        for i in range(200):  # ten calls each
            all_kinds(i)
        grown.append(resident() - before)
    print(f"resident memory grew by {grown} bytes in five times 2,000 calls")
    assert min(grown) < 80_000


def test_threads_that_come_and_go_leak_nothing():
    x, w = ref.random((1, 16, 16, 16)), ref.random((16, 16, 4, 4))

    def once():
        tconv.conv_transpose2d(x, w, stride=2)

    def many(count):
        for _ in range(count):
            thread = threading.Thread(target=once)
            thread.start()
            thread.join()

    many(100)
    before = resident()
    many(500)
    assert resident() - before < 2_000_000


def test_the_command_is_installed():
    command = support.command()
    if command is None:
        pytest.skip("this wheel was made without the command")
    done = subprocess.run([command, "shape", "-p", "i2x2 k3 s2"], capture_output=True, text=True, check=True)
    assert "5 x 5" in done.stdout
    assert tconv.__version__ in subprocess.run([command, "--version"], capture_output=True, text=True).stdout
