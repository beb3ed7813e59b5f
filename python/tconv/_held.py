"""Flat fields in the middle of a model: for models that no flat input reaches, as they read phonemes, spectra or several things.

The model is run once on inputs that its author gives. What the first layers that enlarge are fed in that run, and whatever
else of it reaches what lies behind them (skip connections), is then made flat: each channel's mean, or its value at one
position, held everywhere. The part of the model behind is run on those fields alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple, Optional

import numpy as np

from ._arrays import Array

Sizes = tuple[int, ...]
_POSITIONS = 8
FIELDS = _POSITIONS + 1
_RANDOM = ("RandomNormal", "RandomUniform", "RandomNormalLike", "RandomUniformLike", "Multinomial", "Bernoulli")


class Cut(NamedTuple):
    """A model cut in front of the first layers that enlarge."""

    entries: list[str]   # what those layers read
    crossing: list[str]  # all values that the part behind needs of the part in front, entries among them
    nodes: list[Any]     # the part behind


def cut(graph: Any, enlarging: set[str], wanted: list[str]) -> Cut:
    """`enlarging` are the first outputs of the layers that enlarge, `wanted` the values that are looked at."""
    producers = {name: node for node in graph.node for name in node.output if name}
    fed = _depending(graph, {value.name for value in graph.input} - {value.name for value in graph.initializer})
    behind: set[str] = set()  # on what comes out of a layer that enlarges
    first: set[str] = set()
    for node in graph.node:
        names = set(_reads(node))
        if names & (behind | first):
            behind.update(node.output)
        elif node.output[0] in enlarging and names & fed:
            first.update(node.output)
    entries = list(dict.fromkeys(node.input[0] for node in graph.node if node.output[0] in first & enlarging))
    crossing, kept = list(entries), set()
    waiting = [name for name in wanted if name in behind | first]
    while waiting:
        name = waiting.pop()
        node = producers.get(name)
        if name in crossing or (node is None and name not in fed) or (node is not None and id(node) in kept):
            continue
        if node is None or (name in fed and name not in behind | first):
            crossing.append(name)
        else:
            kept.add(id(node))
            waiting.extend(_reads(node))
    return Cut(entries, crossing, [node for node in graph.node if id(node) in kept])


def _reads(node: Any) -> list[str]:
    """A node's inputs, and what the graphs inside of it take from outside."""
    names = [name for name in node.input if name]
    for attribute in node.attribute:
        for inner in [attribute.g] * attribute.HasField("g") + list(attribute.graphs):
            made = {value.name for value in inner.input} | {value.name for value in inner.initializer}
            for each in inner.node:
                names.extend(name for name in _reads(each) if name not in made)
                made.update(each.output)
            names.extend(value.name for value in inner.output if value.name not in made)
    return names


def _depending(graph: Any, names: set[str]) -> set[str]:
    """Values that depend on these, or on chance."""
    found = set(names)
    for node in graph.node:
        if node.op_type in _RANDOM or found & set(_reads(node)):
            found.update(node.output)
    return found


def model_behind(onnx: Any, model: Any, where: Cut, seen: dict[str, Array], wanted: list[str]) -> Any:
    """The part behind as a model, whose inputs are the values that cross."""
    kinds = onnx.helper.np_dtype_to_tensor_dtype
    inputs = [onnx.helper.make_tensor_value_info(name, kinds(seen[name].dtype), [None] * seen[name].ndim)
              for name in where.crossing]
    made = {name for node in where.nodes for name in node.output}
    outputs = [onnx.ValueInfoProto(name=name) for name in wanted if name in made]
    used = {name for node in where.nodes for name in _reads(node)}
    weights = [each for each in model.graph.initializer if each.name in used and each.name not in where.crossing]
    part = onnx.helper.make_graph(where.nodes, "behind", inputs, outputs, weights)
    return onnx.helper.make_model(part, opset_imports=model.opset_import, functions=model.functions,
                                  ir_version=model.ir_version)


def fields(where: Cut, seen: dict[str, Array], sizes: Sizes) -> Iterator[tuple[str, dict[str, Array]]]:
    """Flat fields of these sizes at the entries: the mean, and what was seen at eight positions."""
    own = seen[where.entries[0]].shape[2:]
    for number in range(-1, _POSITIONS):
        place = (number + 0.5) / _POSITIONS
        name = "the mean held" if number < 0 else f"position {100 * place:.0f} % held"
        yield name, {each: _flat(seen[each], None if number < 0 else place, own, sizes) for each in where.crossing}


def _flat(values: Array, place: Optional[float], own: Sizes, wanted: Sizes) -> Array:
    """A map's mean, or its value at a place, over a map that is larger by wanted / own; what is no map stays as it was."""
    size = values.shape[2:]
    if values.dtype.kind != "f" or len(size) != len(own) or any(a * b % c for a, b, c in zip(size, wanted, own)):
        return values
    axes = tuple(range(2, values.ndim))
    if place is None:
        held = values.astype(np.float64).mean(axes, keepdims=True).astype(values.dtype)
    else:
        cell: Any = (..., *(slice(int(place * rows), int(place * rows) + 1) for rows in size))
        held = values[cell]
    return np.broadcast_to(held, (*values.shape[:2], *(a * b // c for a, b, c in zip(size, wanted, own))))
