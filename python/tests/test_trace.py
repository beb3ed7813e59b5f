"""Drawings: what stands in them is what the functions compute."""
import re
import subprocess
import xml.etree.ElementTree as ET

import numpy as np
import pytest
import reference as ref
import support
import tconv

SVG = "{http://www.w3.org/2000/svg}"
VIEWS = ("scatter", "gather", "both", "stamps", "overlap", "kernel")


def outputs(drawing):
    """{name: value} of the cells that can be pointed at."""
    hits = (rect for rect in ET.fromstring(drawing).iter(f"{SVG}rect") if rect.get("class") == "hit")
    return {hit.get("data-name"): float(hit.get("data-value")) for hit in hits if hit.get("data-name").startswith("y[")}


def test_sums_are_those_of_the_functions():
    x, w, b = ref.random((2, 2, 3, 4)), ref.random((2, 1, 3, 2)), ref.random((2,))
    terms = {"stride": 2, "padding": (1, 0), "groups": 2}
    y = tconv.conv_transpose2d(x, w, b, **terms, activation="relu")
    text = tconv.problem(x.shape, w.shape, **terms, bias=True, activation="relu")
    for view in ("scatter", "gather", "stamps"):
        found = outputs(tconv.trace(text, x, w, b, view=view, sample=1))
        assert len(found) == y[1].size
        for name, value in found.items():
            at = tuple(int(part) for part in re.findall(r"\d+", name))
            assert np.isclose(value, y[1][at], atol=1e-6), (view, name)


def test_layouts_and_types():
    x, w = ref.random((3, 4, 2)), ref.random((2, 1, 2, 2))
    y = tconv.conv_transpose2d(x, w, layout="NHWC")
    found = outputs(tconv.trace(tconv.problem(x.shape, w.shape, layout="NHWC"), x, w))
    assert np.allclose(sorted(found.values()), np.sort(y.ravel()), atol=1e-6)
    whole = outputs(tconv.trace("i2x2 k2", [[[1, 2], [3, 4]]], np.ones((1, 1, 2, 2), int)))
    assert whole["y[1, 1]"] == 10


@pytest.mark.parametrize("view", VIEWS)
def test_it_is_what_the_command_writes(view, tmp_path):
    command = support.command()
    if command is None:
        pytest.skip("the wheel has no tconv command")
    made = tmp_path / "made.svg"
    subprocess.run([command, "trace", "-p", "i3x2 k3 s2 p1 d2 op1", "--view", view, "--theme", "dark", "-o", made], check=True)
    ours = tmp_path / "ours.svg"
    drawing = tconv.trace("i3x2 k3 s2 p1 d2 op1", view=view, theme="dark", path=ours)
    assert made.read_text(encoding="utf-8") == drawing == ours.read_text(encoding="utf-8")


def test_notebooks_show_it(tmp_path):
    drawing = tconv.trace("i2x2 k2")
    assert isinstance(drawing, str) and drawing._repr_svg_() == drawing
    assert len(repr(drawing)) < 100 and str(drawing) == drawing
    drawing.save(tmp_path / "saved.svg")
    assert (tmp_path / "saved.svg").read_text(encoding="utf-8") == drawing
    plan = tconv.Plan((1, 64, 32, 32), ref.random((64, 32, 4, 4)), stride=2, padding=1, activation="relu")
    assert "i3x3 k4 s2 p1" in plan._repr_svg_() and "<script" not in plan._repr_svg_()
    assert plan._repr_html_().count("<svg") == 1
    ET.fromstring(plan._repr_svg_())
    assert tconv.Plan((1, 1, 9), ref.random((1, 1, 3)), conv=True)._repr_svg_() is None
    assert tconv.Plan((1, 1, 9), ref.random((1, 1, 30000)))._repr_svg_() is None
    assert "<svg" not in tconv.Plan((1, 1, 9), ref.random((1, 1, 3)), conv=True)._repr_html_()


def test_refusals(tmp_path):
    for error, words, options in (
            (ValueError, "draw 'i4x4 k4 s2 p1'", {"problem": "i10000x10000 k4 s2 p1"}), (ValueError, "q9", {"problem": "i4 q9"}),
            (ValueError, "scatter, gather", {"view": "side"}), (ValueError, "light", {"theme": "blue"}),
            (ValueError, "0.1 to 50", {"fps": 0}), (ValueError, "0.1 to 50", {"fps": float("nan")}),
            (ValueError, "shape", {"x": np.ones((1, 2, 2))}), (ValueError, "shape", {"weight": np.ones((3, 3))}),
            (TypeError, "real", {"x": np.ones((1, 3, 3), complex)}), (TypeError, "real", {"x": "x"}),
            (ValueError, "sample 1", {"sample": 1}), (ValueError, "bias", {"bias": np.ones(1)}),
            (TypeError, "view", {"view": "a\0b"}), (OSError, "no", {"path": tmp_path / "no" / "F.svg"})):
        with pytest.raises(error, match=words):
            tconv.trace(**{"problem": "i3x3 k3", **options})
