"""The flat-field probe: constants, colours and ramps through the real model, the phase pattern measured where it shows.

A flat input that comes out with a pattern whose period is a product of the strides has a checkerboard. Ramps are made flat
again by taking away their mean over one period, which leaves what repeats; they are told apart, since even the steps of
nearest-neighbour enlargement are such a pattern on a ramp, and no verdict follows from them. Where all of a model's inputs
are given, the flat fields enter in its middle (_held.py). The measuring is the library's (tconv_flat_field); ONNX Runtime
runs the model.

Sound that is made of features has the period of a frame as soon as one frame is held, whatever the layers do. So for it the
verdict follows the quietest of the fields: what is there even in silence was not meant.
"""

from __future__ import annotations

import ctypes
import importlib
import itertools
import math
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple, Optional

import numpy as np

from . import _held
from . import _library as lib
from ._arrays import Array

Report = dict[str, Any]
Sizes = tuple[int, ...]
_RISKS = ("TC001", "TC004", "TC009")  # what the probe decides
_DEFAULT_SIZE = 64
_PIXELS = 4  # an input of more channels holds features


class Wishes(NamedTuple):
    """What a caller may say; see lint()."""

    size: Optional[Any]
    inputs: Mapping[str, Any]
    input_range: Optional[tuple[float, float]]
    output_range: Optional[tuple[float, float]]


class Pattern(NamedTuple):
    """What was found at one value of the model."""

    peak_to_peak: float
    period: Sizes
    stimulus: str


class Trial(NamedTuple):
    """What is run: a session, the flat fields by name, and what is told of where they enter."""

    session: Any
    fields: Iterable[tuple[str, dict[str, Any]]]
    entry: str
    shape: Sizes
    told: Report


def probe(report: Report, data: bytes, wishes: Wishes) -> None:
    """Runs the model, adds what was measured to the report, and lets severities follow it."""
    onnx, runtime = _need("onnx"), _need("onnxruntime")
    model = onnx.load_from_string(data)
    ups = _Upsampling(model.graph)
    outputs = [value.name for value in model.graph.output]
    watched = list(dict.fromkeys(outputs + list(ups.strides)))
    session = _session(runtime, model, watched)
    if any(each.name not in wishes.inputs for each in session.get_inputs()):
        trial = _from_the_input(session, wishes)
    else:
        trial = _from_the_middle(onnx, runtime, model, ups, watched, wishes)
    quietest = len(trial.shape) == 3 and trial.shape[1] > _PIXELS  # sound that is made of features
    found, quiet, ramps = _measure(trial, watched, ups)
    if not any(name in found for name in outputs):
        raise ValueError("no output of the model is a picture that is behind a transposed convolution, large enough for "
                         "a pattern to be measured; give a larger size")
    low, high = wishes.output_range or _output_range(model.graph, outputs)
    level = (high - low) / 255
    report["probe"] = {"input": trial.entry, "shape": list(trial.shape), **trial.told}
    _tell(report, found, outputs, level)
    report["probe"]["ramps"] = {name: _told(ramps[name], level) for name in outputs if name in ramps}
    if quietest:
        report["probe"]["quietest"] = max(quiet[name] for name in outputs if name in quiet) / level
    _judge(report, report["probe"].get("quietest", report["probe"]["levels"]), quietest)


def _session(runtime: Any, model: Any, watched: Iterable[str]) -> Any:
    """A session whose outputs are all that is watched."""
    shown = type(model)()
    shown.CopyFrom(model)
    have = {value.name for value in shown.graph.output}
    for name in watched:
        if name not in have:
            shown.graph.output.add().name = name
    options = runtime.SessionOptions()
    options.log_severity_level = 4
    try:
        return runtime.InferenceSession(shown.SerializeToString(), options, providers=["CPUExecutionProvider"])
    except Exception as why:  # the runtime's exceptions have no class in common
        raise ValueError(f"ONNX Runtime refuses the model, so it cannot be probed: {why}") from why


def _run(session: Any, names: list[str], feed: Mapping[str, Any]) -> list[Any]:
    try:
        results: list[Any] = session.run(names, {name: np.ascontiguousarray(value) for name, value in feed.items()})
    except Exception as why:  # as above
        shapes = {name: np.shape(value) for name, value in feed.items()}
        raise ValueError(f"ONNX Runtime could not run the model on inputs of shape {shapes}: {why}; "
                         "give another size") from why
    return results


def _from_the_input(session: Any, wishes: Wishes) -> Trial:
    (name, shape, kind), feed = _inputs(session, wishes)
    stimuli = _stimuli(shape, *(wishes.input_range or (0.0, 1.0)))
    fields = ((stimulus, {**feed, name: values.astype(kind)}) for stimulus, values in stimuli)
    return Trial(session, fields, name, shape, {})


def _from_the_middle(onnx: Any, runtime: Any, model: Any, ups: _Upsampling, watched: list[str], wishes: Wishes) -> Trial:
    """All inputs are given: flat fields made of what the first layers that enlarge are fed then."""
    where = _held.cut(model.graph, set(ups.strides), watched)
    if not where.entries:
        raise ValueError("no layer of the model enlarges what depends on its inputs, so there is nothing to probe")
    feed = {name: np.asarray(value) for name, value in wishes.inputs.items()}
    results = _run(_session(runtime, model, where.crossing), where.crossing, feed)
    seen = dict(zip(where.crossing, results))
    if not all(isinstance(value, np.ndarray) for value in results) or seen[where.entries[0]].ndim not in (3, 4, 5):
        raise ValueError(f"{where.crossing}, which the part behind the first layers that enlarge reads, are no arrays of "
                         "3 to 5 axes; the probe cannot make them flat")
    session = _session(runtime, _held.model_behind(onnx, model, where, seen, watched), ())
    own = seen[where.entries[0]].shape
    sizes = _sizes(wishes.size, len(own) - 2, (None,) * (len(own) - 2))
    if wishes.size is None:
        try:
            _run(session, [], next(_held.fields(where, seen, sizes))[1])
        except ValueError:  # sizes are fixed somewhere behind
            sizes = own[2:]
    told = {"held": {"entries": where.entries, "fields": _held.FIELDS}}
    return Trial(session, _held.fields(where, seen, sizes), where.entries[0], (*own[:2], *sizes), told)


def _need(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError as why:
        raise ImportError(f"the probe needs {name}, which is not installed; pip install 'tconv[lint]'") from why


class _Upsampling:
    """Where a graph enlarges, and by how much a value is enlarged in all."""

    def __init__(self, graph: Any) -> None:
        self.producers = {name: node for node in graph.node for name in node.output if name}
        self.strides: dict[str, Sizes] = {}
        for node in graph.node:
            if stride := self._stride(node):
                self.strides[node.output[0]] = stride

    @staticmethod
    def _stride(node: Any) -> Sizes:
        if node.op_type == "ConvTranspose":
            for attribute in node.attribute:
                if attribute.name == "strides":
                    return tuple(attribute.ints) if max(attribute.ints) > 1 else ()
        if node.op_type == "DepthToSpace":
            for attribute in node.attribute:
                if attribute.name == "blocksize":
                    return (attribute.i, attribute.i)
        return ()

    def periods(self, name: str, sizes: Mapping[str, Sizes]) -> list[Sizes]:
        """What patterns at a value may repeat with: every stride in front of it, times what enlarges its result behind.

        That factor is the product of later strides, and, since Resize enlarges too, the quotient of the sizes."""
        found: list[Sizes] = []
        seen: set[tuple[str, Sizes]] = set()
        waiting: list[tuple[str, Sizes]] = [(name, ())]
        while waiting and len(seen) < 10000:
            value, behind = waiting.pop()
            if (value, behind) in seen or value not in self.producers:
                continue
            seen.add((value, behind))
            if stride := self.strides.get(value):
                behind = tuple(a * b for a, b in zip(stride, behind or (1,) * len(stride)))
                whole, own = sizes.get(name, ()), sizes.get(value, ())
                by_size: Sizes = ()
                if len(whole) == len(own) == len(stride) and all(a and not s * b % a for s, a, b in zip(stride, own, whole)):
                    by_size = tuple(s * b // a for s, a, b in zip(stride, own, whole))
                for period in (behind, by_size):
                    if period and max(period) > 1 and period not in found:
                        found.append(period)
            waiting.extend((each, behind) for each in self.producers[value].input)
        return found


def _inputs(session: Any, wishes: Wishes) -> tuple[tuple[str, Sizes, Any], dict[str, Any]]:
    """The input that takes the picture, with its shape and type, and what the others are fed."""
    kinds = {"tensor(float)": np.float32, "tensor(double)": np.float64, "tensor(float16)": np.float16}
    feed = {name: np.asarray(value) for name, value in wishes.inputs.items()}
    open_ones = [each for each in session.get_inputs() if each.name not in feed]
    if len(open_ones) != 1 or open_ones[0].type not in kinds or len(open_ones[0].shape) not in (3, 4, 5):
        raise ValueError(f"the probe feeds one input of 3 to 5 axes with flat fields, but the model has "
                         f"{[(each.name, each.type, each.shape) for each in open_ones]} left; give what they usually hold "
                         "by inputs= (--input NAME=F.npy): all but one picture, or all, and the flat fields enter at the "
                         "first layer that enlarges")
    (one,) = open_ones
    shape = [each if isinstance(each, int) else None for each in one.shape]
    return (one.name, (shape[0] or 1, shape[1] or 3, *_sizes(wishes.size, len(shape) - 2, shape[2:])), kinds[one.type]), feed


def _sizes(size: Any, rank: int, fixed: Iterable[Optional[int]]) -> Sizes:
    wanted = size if isinstance(size, (tuple, list)) else (size,) * rank
    if len(wanted) != rank:
        raise ValueError(f"size has {len(wanted)} entries, but the input has {rank} spatial axes; give one for each")
    if not all(each is None or each > 0 for each in wanted):
        raise ValueError(f"size is {size}, but has to be at least 1")
    return tuple(int(have or want or _DEFAULT_SIZE) for have, want in zip(fixed, wanted))


def _stimuli(shape: Sizes, low: float, high: float) -> Iterator[tuple[str, Array]]:
    """Flat fields and ramps, each with its name."""
    def flat(levels: Any) -> Array:
        values = low + (high - low) * np.asarray(levels, np.float64)
        return np.broadcast_to(values.reshape(1, -1, *(1,) * (len(shape) - 2)), shape)

    for level in (0, 0.25, 0.5, 0.75, 1):
        yield f"grey {level}", flat([level] * shape[1])
    if shape[1] == 3:
        for name, colour in (("red", (1, 0, 0)), ("green", (0, 1, 0)), ("blue", (0, 0, 1)), ("skin", (0.9, 0.7, 0.6))):
            yield name, flat(colour)
    for axis in range(2, len(shape)):
        steps = np.linspace(0.25, 0.75, shape[axis]).reshape([-1 if i == axis else 1 for i in range(len(shape))])
        yield f"ramp along axis {axis - 2}", np.broadcast_to(low + (high - low) * steps, shape)


def _without_trend(values: Array, period: Sizes) -> Array:
    """Less the mean over one period around each row: what is left repeats. Exact for ramps."""
    smooth = values
    for axis, length in enumerate(period, values.ndim - len(period)):
        window = np.ones(length) if length % 2 else np.concatenate(([0.5], np.ones(length - 1), [0.5]))
        window /= window.sum()
        pad = [(0, 0)] * values.ndim
        pad[axis] = (len(window) // 2, len(window) // 2)
        padded = np.pad(smooth, pad, mode="edge")
        smooth = sum(weight * np.take(padded, range(i, i + values.shape[axis]), axis) for i, weight in enumerate(window))
    return values - smooth


def _measure(trial: Trial, watched: list[str],
             ups: _Upsampling) -> tuple[dict[str, Pattern], dict[str, float], dict[str, Pattern]]:
    """The largest pattern at every watched value, over all periods: of flat fields, of the quietest one, and of ramps."""
    flats: dict[str, Pattern] = {}
    ramps: dict[str, Pattern] = {}
    quiet: dict[str, float] = {}
    shown = [each.name for each in trial.session.get_outputs()]
    names = [name for name in watched if name in shown]
    for stimulus, feed in trial.fields:
        found = ramps if stimulus.startswith("ramp") else flats
        results = {name: each for name, each in zip(names, _run(trial.session, names, feed)) if isinstance(each, np.ndarray)}
        sizes = {name: each.shape[2:] for name, each in results.items()}
        for name, each in results.items():
            if not (here := [one for one in (_pattern(each, period, found is ramps, stimulus)
                                             for period in ups.periods(name, sizes)) if one]):
                continue
            worst = max(here)
            found[name] = max(worst, found.get(name, worst), key=lambda one: one.peak_to_peak)
            if found is flats:
                quiet[name] = min(worst.peak_to_peak, quiet.get(name, worst.peak_to_peak))
    return flats, quiet, ramps


def _pattern(result: Array, period: Sizes, is_ramp: bool, stimulus: str) -> Optional[Pattern]:
    """What repeats with this period, which is that of the last axes; None where there is not enough of it."""
    if result.ndim == 2 and len(period) == 1:
        result = result[:, None]
    rank = result.ndim - 2
    if result.dtype.kind != "f" or not len(period) <= rank <= 3 or not np.isfinite(result).all():
        return None
    whole = (1,) * (rank - len(period)) + period
    values = np.asarray(result, np.float64)
    height = _peak_to_peak(_without_trend(values, whole) if is_ramp else values, whole)
    return None if height is None else Pattern(height, period, stimulus)


def _peak_to_peak(values: Array, period: Sizes) -> Optional[float]:
    """The library's measure over the middle half; None where that is less than two periods."""
    sizes = values.shape[2:]
    margin = [size // 4 // step * step if size > 1 else 0 for size, step in zip(sizes, period)]
    if any(size - 2 * skip < 2 * step for size, skip, step in zip(sizes, margin, period) if step > 1):
        return None
    rank, number = len(sizes), ctypes.c_int64 * len(sizes)
    height = ctypes.c_double()
    planes = np.ascontiguousarray(values, np.float64)
    lib.check(lib.LIBRARY.tconv_flat_field(math.prod(values.shape[:2]), rank, number(*sizes), number(*period),
                                           number(*margin), planes.ctypes.data, ctypes.byref(height), None, None))
    return height.value


def _output_range(graph: Any, outputs: list[str]) -> tuple[float, float]:
    """-1 and 1 where the output is a Tanh's, else 0 and 1."""
    is_tanh = any(node.op_type == "Tanh" and set(node.output) & set(outputs) for node in graph.node)
    return (-1.0, 1.0) if is_tanh else (0.0, 1.0)


def _told(pattern: Pattern, level: float) -> Report:
    return {"peak_to_peak": pattern.peak_to_peak, "levels": pattern.peak_to_peak / level,
            "period": list(pattern.period), "stimulus": pattern.stimulus}


def _tell(report: Report, found: dict[str, Pattern], outputs: list[str], level: float) -> None:
    shown = {name: _told(found[name], level) for name in outputs if name in found}
    report["basis"] = "probe"
    report["probe"].update(levels=max(each["levels"] for each in shown.values()), outputs=shown)
    for node in report["nodes"]:
        if (value := node.get("output")) in found:
            node["probe"] = _told(found[value], level)


def _judge(report: Report, levels: float, quietest: bool = False) -> None:
    """Severities by what shows at the output: an error from one 8-bit level on, and none below."""
    shows = levels >= 1
    where = " in the quietest of the fields" if quietest else ""
    measured = f" Measured at the output{where}: {levels:.3g} of one 8-bit level" + (
        ": it shows." if shows else ", not to be seen." if not quietest else
        "; louder ones repeat with each frame whatever the layers do, so they tell nothing.")
    layers = [node for node in report["nodes"] if node["kind"] != "convolution"]
    for finding in itertools.chain.from_iterable(node["findings"] for node in layers):
        if finding["rule"] in _RISKS:
            quiet = "warning" if finding["rule"] == "TC001" or quietest else "note"
            finding["severity"] = "error" if shows else quiet
            finding["message"] += measured
    blamed = any(finding["rule"] in _RISKS for node in layers for finding in node["findings"])
    if shows and layers and not blamed:
        layers[-1]["findings"].append({
            "rule": "TC004", "severity": "error",
            "message": "a flat input comes out with a pattern whose period is that of the strides." + measured,
            "fix": "repair R2 or R4 on the layers in front of it (tconv lint --fix), or train on from R1"})
