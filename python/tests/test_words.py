"""What is written is true: docstrings and the guide run as doctests, types are checked, every name has its docstring."""
import doctest
import importlib
import inspect
import os
import pathlib
import pkgutil
import subprocess
import sys

import numpy as np
import pytest
import tconv

REPOSITORY = pathlib.Path(os.environ.get("TCONV_REPOSITORY") or pathlib.Path(__file__).resolve().parents[2])
FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


@pytest.mark.parametrize("name", ["tconv", *(f"tconv.{found.name}" for found in pkgutil.iter_modules(tconv.__path__)
                                             if found.name.startswith("_"))])
def test_docstrings_run(name):
    failed, tried = doctest.testmod(importlib.import_module(name), optionflags=FLAGS)
    assert not failed
    assert tried or name.rpartition(".")[2] in {"__main__", "_arrays", "_forward", "_held", "_library", "_prepared", "_probe",
                                              "_terms"}


def test_the_guide_runs():
    """Every block of docs/guide/python.md, in one session from top to bottom."""
    text = (REPOSITORY / "docs" / "guide" / "python.md").read_text(encoding="utf-8")
    blank = "".join("\n" if line.startswith("```") else line for line in text.splitlines(keepends=True))
    test = doctest.DocTestParser().get_doctest(blank, {}, "python.md", "docs/guide/python.md", 0)
    results = doctest.DocTestRunner(optionflags=FLAGS).run(test)
    assert not results.failed and results.attempted > 30


def test_everything_public_says_what_it_is():
    for name in tconv.__all__:
        thing = getattr(tconv, name)
        assert inspect.getdoc(thing), name
        if inspect.isfunction(thing):
            hints = inspect.signature(thing)
            assert all(each.annotation is not each.empty for each in hints.parameters.values()), name
    for name in ("conv_transpose2d", "conv2d", "backward", "output_shape", "Plan"):
        text = inspect.getdoc(getattr(tconv, name))
        assert "(N, C" in text or "hape" in text, name


def test_signatures_are_torchs():
    first = [name for name in inspect.signature(tconv.conv_transpose2d).parameters][:8]
    assert first[2:] == ["bias", "stride", "padding", "output_padding", "groups", "dilation"]
    assert list(inspect.signature(tconv.conv2d).parameters)[2:7] == ["bias", "stride", "padding", "dilation", "groups"]
    for rank in (1, 3):
        for kind in ("conv", "conv_transpose"):
            assert list(inspect.signature(getattr(tconv, f"{kind}{rank}d")).parameters) == \
                list(inspect.signature(getattr(tconv, f"{kind}2d")).parameters)


def test_types(tmp_path):
    """mypy --strict on the package and on a user's program, with one mistake that it has to find."""
    pytest.importorskip("mypy")
    user = tmp_path / "user.py"
    user.write_text("import numpy as np\nimport numpy.typing as npt\nimport tconv\n"
                    "x: npt.NDArray[np.float32] = np.ones((1, 1, 2, 2), 'f4')\n"
                    "y: npt.NDArray[np.float32] = tconv.conv_transpose2d(x, x, stride=2)\n"
                    "shape: tuple[int, ...] = tconv.output_shape((1, 1, 2), (1, 1, 2))\n"
                    "plan = tconv.Plan(x.shape, x)\ntext: str = plan.explain()\n"
                    "wrong: int = tconv.problem((1, 1, 2), (1, 1, 2))\n")
    run = [sys.executable, "-m", "mypy", "--strict", "--cache-dir",
           os.environ.get("MYPY_CACHE_DIR") or str(tmp_path / "cache")]
    done = subprocess.run([*run, str(REPOSITORY / "python" / "tconv")], capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == 0, done.stdout
    done = subprocess.run([*run, str(user)], capture_output=True, text=True, cwd=tmp_path)
    assert "Found 1 error" in done.stdout and "user.py:9" in done.stdout, done.stdout


def test_numpy_is_the_only_dependency():
    from importlib import metadata
    needs = metadata.requires("tconv")
    assert needs is not None and [need.split(">")[0] for need in needs if "extra ==" not in need] == ["numpy"]
    assert np.__version__
    wheel = metadata.distribution("tconv").read_text("WHEEL")
    assert wheel is not None and "Tag: py3-none-" in wheel
