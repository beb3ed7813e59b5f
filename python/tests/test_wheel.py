"""The wheel on other machines: what it needs, repaired so that it needs nothing, and `pip install .` as people type it."""
import os
import pathlib
import re
import subprocess
import sys
import venv

import pytest

pytestmark = pytest.mark.slow
REPOSITORY = pathlib.Path(os.environ.get("TCONV_REPOSITORY") or pathlib.Path(__file__).resolve().parents[2])
NEWEST_GLIBC = 36  # manylinux_2_36: Debian 12
TRY = """
import numpy as np, pathlib, sys, tconv
assert pathlib.Path(sys.prefix) in pathlib.Path(tconv.__file__).parents, tconv.__file__
x, w = np.ones((2, 64, 32, 32), "f4"), np.ones((64, 64, 4, 4), "f4")
y = tconv.conv_transpose2d(x, w, stride=2, threads=2)
assert y.max() == 4 * 64, y.max()
assert np.array_equal(tconv.Plan(x.shape, w, stride=2)(x), y)
print(*{line.split()[-1] for line in open("/proc/self/maps") if "libtconv" in line})
"""


def run(*command, **options):
    done = subprocess.run([str(each) for each in command], capture_output=True, text=True, timeout=600, **options)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel():
    found = list((REPOSITORY / "build" / "python" / "wheel").glob("tconv-*-py3-none-linux_*.whl"))
    assert len(found) == 1, f"{found}: `./dev python` makes it"
    return found[0]


@pytest.fixture(scope="module")
def repaired(wheel, tmp_path_factory):
    pytest.importorskip("auditwheel")
    folder = tmp_path_factory.mktemp("repaired")
    environment = {**os.environ, "PATH": os.path.dirname(sys.executable) + os.pathsep + os.environ["PATH"]}
    run(sys.executable, "-m", "auditwheel", "repair", "-w", folder, wheel, env=environment)
    (found,) = folder.glob("*.whl")
    return found


def clean_environment(folder):
    venv.create(folder, with_pip=True)
    return folder / "bin" / "python"


def test_the_repaired_wheel_fits_debian_12_and_newer(repaired):
    told = run(sys.executable, "-m", "auditwheel", "show", repaired)
    version = re.search(r'platform tag:\s*"manylinux_2_(\d+)_', told)
    assert version, told
    print(version[0])
    assert int(version[1]) <= NEWEST_GLIBC
    assert re.search(r"-py3-none-.*manylinux", repaired.name)


def test_the_repaired_wheel_brings_what_it_needs(repaired, tmp_path):
    """In an environment with NumPy alone, outside of the source tree."""
    python = clean_environment(tmp_path / "clean")
    run(python, "-m", "pip", "install", "-q", repaired)
    outside = tmp_path / "elsewhere"
    outside.mkdir()
    libraries = run(python, "-I", "-c", TRY, cwd=outside).split()
    assert libraries and all(str(tmp_path / "clean") in library for library in libraries), libraries
    listed = {line.split("==")[0] for line in run(python, "-m", "pip", "freeze").splitlines()}
    assert {name.split(" ")[0] for name in listed} == {"numpy", "tconv"}
    command = tmp_path / "clean" / "bin" / "tconv"
    assert "16 x 16" in run(command, "shape", "-p", "i8x8 k4 s2 p1", cwd=outside)


def test_pip_install_from_the_sources(tmp_path):
    """`pip install .` with a build environment of its own, as the README says."""
    python = clean_environment(tmp_path / "clean")
    command = REPOSITORY / "build" / "release" / "tconv"
    environment = {**os.environ, "SKBUILD_CMAKE_DEFINE": f"TCONV_PYTHON_COMMAND={command}" if command.exists() else ""}
    run(python, "-m", "pip", "install", "-q", REPOSITORY, env=environment)
    run(python, "-I", "-c", TRY, cwd=tmp_path)
    run(tmp_path / "clean" / "bin" / "tconv", "--version", cwd=tmp_path)
    assert not (REPOSITORY / "python" / "tconv" / "libtconv.so").exists()  # the sources stay as they were
