"""The forward pass in one call: the quick way for calls seen before, and the careful way that every first call takes."""

from __future__ import annotations

from typing import Any, Optional

import numpy as np

from . import _library as lib
from . import _machine
from ._arrays import (Array, answer, check_out, dtype_number, empty, namespace_of, numpy_of, view, with_channels_moved)
from ._prepared import Kept, Prepared
from ._terms import Shape, Terms, is_channels_last, problem_of

_kept = Kept()
_entries = _kept.entries
_call = lib.LIBRARY.tconv_call
_ndarray = np.ndarray
_PASSES = {lib.CONV_TRANSPOSE: lib.SCATTER, lib.CONV: lib.GATHER}


def forward(rank: int, x: Any, w: Any, bias: Any, terms: Any, threads: Any, out: Any) -> Any:
    """What the functions conv_transposeNd and convNd do; `terms` has the order of Terms."""
    if out is None and type(x) is _ndarray and type(w) is _ndarray and (bias is None or type(bias) is _ndarray):
        try:
            prepared = _entries[rank, x.shape, x.dtype, w.shape, w.dtype, bias is None or (bias.shape, bias.dtype),
                                terms, _machine._default if threads is None else threads]
            output = empty(prepared.shape, prepared.dtype)
            # view() refuses what is not contiguous or may not be written to, with a TypeError.
            if _call(prepared.handle, None, view(w), view(x), None if bias is None else view(bias), None,
                     view(output)) == 0:
                return output
        except (KeyError, TypeError, BufferError):
            pass
    kind, *geometry, activation, layout, method = terms
    return _carefully(rank, x, w, bias, Terms.of(kind, geometry, activation, layout, method), threads, out)


def check_ranks(name: str, rank: int, x: Array, w: Array) -> bool:
    """Whether x has a batch axis. Raises ValueError where the ranks do not go together."""
    if w.ndim != rank + 2:
        raise ValueError(f"{name} takes weights with {rank + 2} axes, but these have {w.ndim}: shape {w.shape}; the "
                         f"first two are channels, the others the kernel")
    if x.ndim not in (rank + 1, rank + 2):
        raise ValueError(f"{name} takes an input with {rank + 2} axes, or {rank + 1} without a batch, but this one has "
                         f"{x.ndim}: shape {x.shape}")
    return bool(x.ndim == rank + 2)


def check_dtypes(x: Array, **others: Optional[Array]) -> None:
    for name, other in others.items():
        if other is not None and other.dtype != x.dtype:
            raise TypeError(f"x holds {x.dtype}, but {name} holds {other.dtype}; convert one of them, all arrays of a "
                            f"call have one type")


def name_of(kind: int, rank: int) -> str:
    return f"conv_transpose{rank}d" if kind == lib.CONV_TRANSPOSE else f"conv{rank}d"


def bias_of(bias: Any) -> Optional[Array]:
    """The bias as a contiguous vector, or None."""
    if bias is None:
        return None
    array = np.ascontiguousarray(numpy_of("bias", bias))
    if np.ndim(bias) != 1:
        raise ValueError(f"bias has shape {np.shape(bias)}; give one number for each output channel")
    return array


def in_memory_order(x: Array, is_last: bool, rank: int) -> tuple[Array, bool]:
    """x as a contiguous array, and whether its channels are last in memory: a copy only where it is neither way."""
    if x.flags.c_contiguous:
        return x, is_last
    moved = with_channels_moved(x, is_last, rank)
    return (moved, not is_last) if moved.flags.c_contiguous else (np.ascontiguousarray(x), is_last)


def prepare(terms: Terms, x: Shape, w: Shape, bias: Optional[Array], dtype: np.dtype[Any], memory_is_last: bool,
            **options: Any) -> Prepared:
    problem = problem_of(terms, x, w, None if bias is None else len(bias), dtype_number(dtype), memory_is_last)
    return Prepared(problem, _PASSES[terms.kind], len(x) == len(w), method=terms.method, weights_each_call=True,
                    **options)


def strides_for(out: Array, is_last: bool, rank: int) -> lib.Strides:
    """Where an output lies, in elements; each axis by what it is, whatever their order in memory."""
    strides = [stride // out.itemsize for stride in out.strides]
    told = lib.Strides()
    told.sample = strides.pop(0) if len(strides) == rank + 2 else 0
    told.channel = strides.pop(-1 if is_last else 0)
    told.axes[:rank] = strides
    return told


def clear_of(out: Array, array: Array) -> Array:
    """The array, copied where writing to `out` might change it."""
    return array.copy() if np.may_share_memory(out, array) else array


def _carefully(rank: int, x: Any, w: Any, bias: Any, terms: Terms, threads: Any, out: Any) -> Any:
    namespace = namespace_of(x)
    x, w, bias = numpy_of("x", x), np.ascontiguousarray(numpy_of("w", w)), bias_of(bias)
    batched = check_ranks(name_of(terms.kind, rank), rank, x, w)
    check_dtypes(x, w=w, bias=bias)
    is_last = is_channels_last(terms.layout)
    count = _machine.threads_of(threads)
    x, memory_is_last = in_memory_order(x, is_last, rank)

    def made(**options: Any) -> Prepared:
        return prepare(terms, x.shape, w.shape, bias, x.dtype, memory_is_last, threads=count, **options)

    # What forward() looks up is for x in its own layout.
    is_plain = memory_is_last == is_last
    key = (rank, x.shape, x.dtype, w.shape, w.dtype, bias is None or (bias.shape, bias.dtype), tuple(terms),
           _machine._default if threads is None else count)
    prepared = _kept.get(key if is_plain else (memory_is_last, *key), made)
    if out is None:
        output = empty(prepared.shape, prepared.dtype)
        prepared.call(None, _address(w), x, bias, output)
        return answer(namespace, output if is_plain else with_channels_moved(output, memory_is_last, rank))
    shape = prepared.shape if is_plain else moved_shape(prepared.shape, batched, to_last=is_last)
    check_out(out, shape, x.dtype)
    if out.size == 0:
        return out
    x, w = clear_of(out, x), clear_of(out, w)
    bias = None if bias is None else clear_of(out, bias)
    if not (out.flags.c_contiguous and is_plain):
        prepared = made(output_strides=strides_for(out, is_last, rank))
    prepared.call(None, _address(w), x, bias, out)
    return out


def moved_shape(shape: Shape, batched: bool, to_last: bool) -> Shape:
    """The shape with its channels at the other end of the spatial axes."""
    first = shape[:1] if batched else ()
    sample = shape[len(first):]
    return first + (sample[1:] + sample[:1] if to_last else sample[-1:] + sample[:-1])


def _address(array: Array) -> int:
    return int(array.__array_interface__["data"][0])
