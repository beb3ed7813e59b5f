"""The checkerboard linter: one layer, or an ONNX model; with a probe, what of it shows."""

from __future__ import annotations

import ctypes
import importlib
import json
import os
from collections.abc import Mapping
from typing import Any, Optional

import numpy as np

from . import _library as lib
from ._arrays import numpy_of
from ._terms import problem_from_text, weight_shape

Report = dict[str, Any]
SEVERITIES = ("note", "warning", "error")


def lint(model: Any, weight: Any = None, *, conv: bool = False, probe: bool = False, size: Optional[Any] = None,
         inputs: Optional[Mapping[str, Any]] = None, input_range: Optional[tuple[float, float]] = None,
         output_range: Optional[tuple[float, float]] = None) -> Report:
    """What may show as a checkerboard, layer by layer; with probe=True, what does. As `tconv lint --format json`.

    model         a problem text ("i8x8 k3 s2 p1 op1"), the path of an ONNX file, its bytes, or an onnx.ModelProto
    weight        with a problem text: (C_in, C_out / groups, kernel...)
    conv          with a problem text: the layer is the convolution of this geometry
    probe         run the model on greys, colours and ramps with ONNX Runtime and measure the pattern at the output and
                  behind every transposed convolution; severities then follow what is measured at the output.
                  `pip install 'tconv[lint]'` brings what it needs
    size          the probe's input: rows, for all spatial axes or one for each (default: what the model says, or 64)
    inputs        the probe's other inputs by name, where a model has more than one. Where all are given (phonemes, spectra,
                  several things: no flat picture), the model is run on them once, and flat fields enter in front of its
                  first layers that enlarge: what was seen there, each channel's mean or its value at one of 8 positions,
                  held everywhere
    input_range   black and white of the input (default: 0 and 1)
    output_range  black and white of the output, which one 8-bit level is 1/255 of (default: 0 and 1, or -1 and 1 behind
                  a Tanh)

    Returns a dict: "nodes", each with its measures and "findings" ("rule", "severity", "message", "fix"), and "basis",
    "weights" or "probe": without the probe, severities are risk. With it, "probe" holds "levels" (8-bit levels at the
    output, on flat fields), "outputs", "ramps" (what repeats on ramps: for information) and each node that was measured
    its own "probe" with "peak_to_peak", "levels", "period" and "stimulus". "held" tells where fields entered if not at
    the input. Sound made of features (one axis, more than 4 channels) repeats with each frame that is held, so for it
    "quietest", the pattern of the quietest field, decides.

    Raises ValueError (a refused problem, bytes that are no model), OSError, ImportError (probe without onnx or
    onnxruntime).

    >>> report = lint("i8x8 k3 s2 p1 op1")
    >>> [(finding["rule"], finding["severity"]) for finding in report["nodes"][0]["findings"]]
    [('TC002', 'warning'), ('TC005', 'note'), ('TC008', 'note')]
    >>> round(lint("i8 k2 s2", np.array([[[1.0, 3.0]]]))["nodes"][0]["epsilon"] ** 2, 6)
    0.2
    """
    name, data = _model_bytes(model)
    if data is None:
        if probe:
            raise ValueError("the probe runs a model, but a problem text is given; give an ONNX file")
        return _lint_text(str(model), weight, conv)
    if weight is not None or conv:
        raise ValueError("weight and conv go with a problem text; a model has its own")
    report: Report = json.loads(lib.text_of(lib.LIBRARY.tconv_lint_model, data, len(data), name.encode()))
    if probe:
        from . import _probe

        _probe.probe(report, data, _probe.Wishes(size, inputs or {}, input_range, output_range))
    return report


def worst(report: Report) -> Optional[str]:
    """The worst severity of a report's findings; None without any."""
    found = [SEVERITIES.index(finding["severity"]) for node in report["nodes"] for finding in node["findings"]]
    return SEVERITIES[max(found)] if found else None


def _model_bytes(model: Any) -> tuple[str, Optional[bytes]]:
    """A model's name and bytes, external data put in; no bytes for a problem text."""
    if isinstance(model, (bytes, bytearray, memoryview)):
        return "model", bytes(model)
    if hasattr(model, "SerializeToString"):
        return "model", bytes(model.SerializeToString())
    if isinstance(model, str) and not model.endswith(".onnx") and not os.path.exists(model):
        return "", None
    path = os.fspath(model)
    with open(path, "rb") as file:
        data = file.read()
    return path, _with_external_data(path, data)


def _with_external_data(path: str, data: bytes) -> bytes:
    """External tensors are read by PyPI's onnx, which refuses paths that lead out of the model's folder."""
    if b"location" not in data:
        return data
    try:
        onnx = importlib.import_module("onnx")
    except ImportError:
        return data  # those weights are reported as not read
    try:
        whole: bytes = onnx.load(path).SerializeToString()
    except (OSError, ValueError, onnx.checker.ValidationError):  # missing, too large, or out of the folder
        return data
    return whole


def _lint_text(text: str, weight: Any, conv: bool) -> Report:
    problem = problem_from_text(text)
    pointer = None
    if weight is not None:
        shape = weight_shape(problem)
        values = numpy_of("weight", weight)
        if values.shape != shape:
            raise ValueError(f"weight has shape {values.shape}, but the problem's weights have {shape}")
        values = np.ascontiguousarray(values, np.float64 if problem.dtype else np.float32)
        pointer = values.ctypes.data_as(ctypes.c_void_p)
    told: Report = json.loads(lib.text_of(lib.LIBRARY.tconv_lint_problem, problem, int(conv), pointer))
    return told
