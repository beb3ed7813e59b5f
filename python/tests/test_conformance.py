"""Layers of other projects' tests, by every function that can say them, against the NumPy reference."""
import json
import os
import pathlib

import numpy as np
import pytest
import reference as ref
import tconv

SHARED = pathlib.Path(os.environ.get("TCONV_SHARED") or pathlib.Path(__file__).resolve().parents[3] / "shared")
FOLDER = SHARED / "data" / "conformance"
if not (FOLDER / "cases.json").exists():
    pytest.skip(f"there are no conformance cases at {FOLDER} ($TCONV_SHARED names the folder)", allow_module_level=True)

CASES = [case for case in json.loads((FOLDER / "cases.json").read_text())["cases"] if case["expect"] == "ok"]
MOST = 10_000_000  # multiply-adds


def check(case):
    rank = len(case["weight_shape"]) - 2
    x, w = ref.random(case["in_shape"], seed=1), ref.random(case["weight_shape"], seed=2)
    groups, stride, dilation = case["groups"], case["stride"], case["dilation"]
    begin, end = case["resolved"]["pads_begin"], case["resolved"]["pads_end"]
    more, fine = case["resolved"]["output_padding"], case["out_shape"][2:]
    channels = w.shape[1] * groups
    bias = ref.random((channels,), seed=3) if case["bias"] else None
    expected = ref.scatter(x, w, fine, stride, dilation, begin, groups)
    if bias is not None:
        expected += bias.reshape(-1, *[1] * rank)
    terms = w.shape[0] // groups * int(np.prod(w.shape[2:]))
    last = case["layout"] == "NHWC"
    given = ref.last(x) if last else x
    layout = "NHWC" if last else "NCHW"
    function = getattr(tconv, f"conv_transpose{rank}d")
    if all(0 <= o < max(s, d) for o, s, d in zip(more, stride, dilation)) and min(begin + end) >= 0:
        pairs = list(zip(begin, end))
        padding = begin if begin == end else pairs
        y = function(given, w, bias, stride, padding, more, groups, dilation, layout=layout)
        said = tconv.output_shape(given.shape, w.shape, stride, padding, more, groups, dilation, layout=layout)
        assert y.shape == said
    else:  # beyond every framework's limits: as text
        size = "x".join
        text = (f"n{x.shape[0]} ic{x.shape[1]} oc{channels} i{size(map(str, x.shape[2:]))} o{size(map(str, fine))} "
                f"k{size(map(str, w.shape[2:]))} s{size(map(str, stride))} d{size(map(str, dilation))} g{groups} "
                f"p{size(map(str, begin))}:{size(map(str, end))} {layout.lower()}{' bias' if case['bias'] else ''}")
        y = tconv.Plan.of_problem(text, w, bias)(given)
    y = np.moveaxis(y, -1, 1) if last else y
    assert y.dtype == np.float32
    assert ref.close(y, expected, terms), case["id"]


def test_there_are_cases():
    assert len(CASES) > 1500


@pytest.mark.parametrize("part", range(4))
def test_all_but_the_huge_cases(part):
    cases = [case for case in CASES if case["macs"] <= MOST]
    assert len(cases) > 1400
    for case in cases[part::4]:
        check(case)


def test_verdicts():
    cases = [case for case in json.loads((FOLDER / "refusals.json").read_text())["cases"] if case["terms"] == "pytorch"]
    judged = 0
    for case in cases:
        rank = len(case["weight_shape"]) - 2
        if not 1 <= rank <= 3 or len(case["in_shape"]) < 2:
            continue
        pads = case["pads"]
        if pads[:rank] != pads[rank:]:
            continue

        def call(case=case, rank=rank, pads=pads):
            x, w = np.zeros(case["in_shape"], "f4"), np.zeros(case["weight_shape"], "f4")
            bias = np.zeros(case["bias_length"], "f4") if case.get("bias_length") is not None else None
            return getattr(tconv, f"conv_transpose{rank}d")(x, w, bias, case["stride"], pads[:rank],
                                                            case["output_padding"], case["groups"], case["dilation"],
                                                            output_size=case.get("output_size"))
        try:
            if any(size < 0 for size in case["in_shape"] + case["weight_shape"]):
                continue  # no such array can be made
            if case["verdict"] == "refuse":
                with pytest.raises(ValueError, match=r".{20}"):
                    call()
            else:
                call()
        except Exception as error:
            raise AssertionError(f"{case['why']}: {error!r}") from error
        judged += 1
    assert judged > 10
