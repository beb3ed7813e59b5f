"""The linter from Python, and the flat-field probe's own arithmetic. What needs ONNX Runtime is in test_probe.py."""
import json
import os
import pathlib
import subprocess
import sys

import numpy as np
import pytest
import support
import tconv
from tconv import _probe

REPOSITORY = pathlib.Path(os.environ.get("TCONV_REPOSITORY") or pathlib.Path(__file__).resolve().parents[2])
MODELS = REPOSITORY / "fuzz" / "corpus" / "onnx"


def rules(report):
    return [(finding["rule"], finding["severity"]) for node in report["nodes"] for finding in node["findings"]]


def test_a_problem_text():
    assert rules(tconv.lint("i8x8 k2 s2")) == []
    assert rules(tconv.lint("i8x8 k1 s2 op1")) == [("TC001", "error")]
    assert rules(tconv.lint("o8x8 k1 s2", conv=True)) == [("TC007", "note")]
    tent = np.array([[[0.5, 1, 0.5]]], "f4")
    for dtype in ("f4", "f8"):
        report = tconv.lint("i8 k3 s2 p1 op1", tent.astype(dtype))
        assert rules(report) == [("TC002", "note"), ("TC005", "note"), ("TC008", "note")]
        assert report["nodes"][0]["image_rejection_db"] is None and report["basis"] == "weights"


def test_refusals():
    with pytest.raises(ValueError, match="shape"):
        tconv.lint("i8 k3 s2", np.ones((1, 1, 4)))
    with pytest.raises(ValueError, match="q7"):
        tconv.lint("q7")
    with pytest.raises(ValueError, match="no graph|no ONNX model|byte"):
        tconv.lint(b"no model at all")
    with pytest.raises(FileNotFoundError):
        tconv.lint("missing.onnx")
    with pytest.raises(ValueError, match="probe"):
        tconv.lint("i8 k3 s2", probe=True)
    with pytest.raises(ValueError, match="problem text"):
        tconv.lint(MODELS / "uneven.onnx", conv=True)


def test_models_as_the_command_reads_them():
    command = support.command()
    for path in sorted(MODELS.iterdir()):
        report = tconv.lint(path)
        assert report == tconv.lint(str(path))
        assert rules(report) == rules(tconv.lint(path.read_bytes()))
        if command and path.name != "external.onnx":  # its data leads out of the folder
            told = subprocess.run([command, "lint", path, "--format", "json"], capture_output=True, text=True, timeout=60)
            assert json.loads(told.stdout)["nodes"] == report["nodes"]


def run(*words):
    return subprocess.run([sys.executable, "-m", "tconv", *map(str, words)], capture_output=True, text=True, timeout=60)


def test_the_module_is_a_program():
    done = run("lint", MODELS / "uneven.onnx")
    assert done.returncode == 0 and "TC002 warning" in done.stdout and "risk" in done.stdout
    assert run("lint", MODELS / "uneven.onnx", "--fail-on", "warning").returncode == 1
    assert json.loads(run("lint", "i8 k4 s2 p1", "--format", "json").stdout)["schema_version"] == 1
    for words, code in ((["lint", "missing.onnx"], 3), (["lint", "q7"], 2), (["lint"], 2), ([], 2),
                        (["lint", "i8 k3", "--input-range", "1,0"], 2)):
        done = run(*words)
        assert done.returncode == code and done.stderr and not done.stdout, (words, done)


def test_a_ramp_is_made_flat_and_a_pattern_stays():
    """For every period: nothing is left of a ramp, and all of a pattern, in the interior."""
    for period in ((2, 2), (3, 2), (4, 8)):
        rows, columns = np.meshgrid(np.arange(64.0), np.arange(64.0), indexing="ij")
        ramp = (0.25 + 0.01 * rows - 0.02 * columns)[None, None]
        pattern = ((rows % period[0] == 0) * 0.5)[None, None]
        assert _probe._peak_to_peak(_probe._without_trend(ramp, period), period) < 1e-12
        found = _probe._peak_to_peak(_probe._without_trend(ramp + pattern, period), period)
        assert found == pytest.approx(0.5)
    assert _probe._peak_to_peak(np.zeros((1, 1, 8, 8)), (8, 8)) is None


@pytest.mark.parametrize("levels", [0.3, 0.999, 1.0, 7.5])
def test_severities_follow_the_measurement(levels):
    for path in MODELS.iterdir():
        report = tconv.lint(path)
        _probe._judge(report, levels)
        worst = [severity for _, severity in rules(report)].count("error")
        ups = any(node["kind"] != "convolution" for node in report["nodes"])
        assert (worst > 0) == (levels >= 1 and ups), path
