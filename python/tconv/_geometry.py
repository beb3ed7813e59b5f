"""Questions about a geometry: sizes, their derivation and inverse, the matrix. Nothing is computed with arrays."""

from __future__ import annotations

import ctypes
import importlib
import json
from typing import Any, NamedTuple, Optional

import numpy as np

from . import _library as lib
from ._arrays import Array, numpy_of
from ._terms import (Numbers, Padding, Shape, Terms, is_channels_last, number, numbers, problem_from_text,
                     problem_of, side_shape, text_of, weight_shape)


def _problem(input_shape: Any, weights_shape: Any, bias: bool, terms: Terms, dtype: str) -> tuple[lib.Problem, bool]:
    x, w = numbers("input_shape", input_shape), numbers("weight_shape", weights_shape)
    kinds = {"float32": 0, "float64": 1}
    name = np.dtype(dtype).name
    if name not in kinds:
        raise TypeError(f"dtype is {name}, but float32 and float64 are what tconv computes with")
    problem = problem_of(terms, x, w, None, kinds[name], is_channels_last(terms.layout))
    problem.has_bias = int(bool(bias))
    return problem, len(x) == len(w)


def output_shape(input_shape: Any, weight_shape: Any, stride: Numbers = 1, padding: Padding = 0,
                 output_padding: Numbers = 0, groups: int = 1, dilation: Numbers = 1, *,
                 output_size: Optional[Numbers] = None, layout: str = "NCHW", conv: bool = False) -> Shape:
    """The shape that conv_transpose1d/2d/3d (conv=True: conv1d/2d/3d) answers with, without computing it.

    Shapes and parameters are those of conv_transpose2d(); ValueError where it would refuse them.

    >>> output_shape((1, 64, 8, 8), (64, 32, 4, 4), stride=2, padding=1)
    (1, 32, 16, 16)
    >>> output_shape((3, 16, 16), (8, 3, 3, 3), stride=2, padding=1, conv=True)
    (8, 8, 8)
    """
    kind = lib.CONV if conv else lib.CONV_TRANSPOSE
    terms = Terms.of(kind, (stride, padding, output_padding, groups, dilation, output_size), None, layout,
                     "auto")
    problem, batched = _problem(input_shape, weight_shape, False, terms, "f4")
    return side_shape(problem, not conv, batched)


def problem(input_shape: Any, weight_shape: Any, stride: Numbers = 1, padding: Padding = 0, output_padding: Numbers = 0,
            groups: int = 1, dilation: Numbers = 1, *, output_size: Optional[Numbers] = None, bias: bool = False,
            activation: Optional[str] = None, layout: str = "NCHW", dtype: Any = "float32", conv: bool = False) -> str:
    """A layer as problem text: what the command line's -p, shape() and matrix() take.

    >>> problem((1, 64, 8, 8), (64, 32, 4, 4), stride=2, padding=1, activation="relu")
    'ic64 oc32 i8x8 k4 s2 p1 relu'
    """
    kind = lib.CONV if conv else lib.CONV_TRANSPOSE
    terms = Terms.of(kind, (stride, padding, output_padding, groups, dilation, output_size), activation, layout,
                     "auto")
    return text_of(_problem(input_shape, weight_shape, bias, terms, dtype)[0])


def shape(problem: Optional[str] = None, *, from_: Optional[int] = None, want: Optional[int] = None,
          max_kernel: int = 8, max_dilation: int = 8) -> dict[str, Any]:
    """The output size derived step by step, or every way from one size to another; as `tconv shape --json`.

    With a problem text: input_size, full_size, output_size (a number for each axis), and steps, sentences in order.
    With from_ and want: solutions, each {"k", "s", "p", "op", "d", "verdict"}, the plainest first; verdict is "even",
    "uneven" (may show as a checkerboard) or "holes". ValueError for what cannot be.

    >>> shape("i8x8 k4 s2 p1")["output_size"]
    [16, 16]
    >>> shape(from_=64, want=128)["solutions"][0]
    {'k': 2, 's': 2, 'p': 0, 'op': 0, 'd': 1, 'verdict': 'even'}
    """
    told: dict[str, Any]
    if problem is not None:
        if from_ is not None or want is not None:
            raise ValueError("a problem and from_ or want are given together; give one or the other")
        told = json.loads(lib.text_of(lib.LIBRARY.tconv_derive_size, problem_from_text(problem)))
        return told
    if from_ is None or want is None:
        raise TypeError("shape() needs a problem text such as 'i8x8 k4 s2 p1', or from_ and want")
    sizes = (number("from_", from_), number("want", want), number("max_kernel", max_kernel),
             number("max_dilation", max_dilation))
    if 0 in sizes[2:]:  # the library's word for its default
        raise ValueError("max_kernel and max_dilation must be from 1 to 64")
    told = json.loads(lib.text_of(lib.LIBRARY.tconv_solve_size, *sizes))
    return told


class Entries(NamedTuple):
    """A sparse matrix as coordinates: values[i] stands at (rows[i], columns[i]); all other cells are 0."""

    rows: Array
    columns: Array
    values: Array
    shape: tuple[int, int]

    def toarray(self) -> Array:
        """Every cell."""
        dense = np.zeros(self.shape, self.values.dtype)
        dense[self.rows, self.columns] = self.values
        return dense


def matrix(problem: str, weight: Any = None, *, transpose: bool = False) -> Any:
    """W of one sample, by which a convolution is y = W x; with transpose, the transposed convolution's.

    problem  a problem text, such as problem() makes
    weight   (C_coarse, C_fine / groups, kernel...), float32 or float64; without: 1, 2, 3, ..., which name the taps
    returns  (C_coarse * coarse sizes) x (C_fine * fine sizes), rows and columns in memory order of the layout;
             a scipy.sparse.csr_array where SciPy is installed, else Entries

    Raises ValueError (a refused problem, weights of another shape), MemoryError (over 2^28 entries).

    >>> matrix("i2x2 k3", transpose=True).shape
    (16, 4)
    >>> matrix("i2 k2").toarray()
    array([[1., 2., 0.],
           [0., 1., 2.]])
    """
    asked = problem_from_text(problem)
    taps = weight_shape(asked)
    if weight is None:
        values = np.arange(1, int(np.prod(taps)) + 1, dtype=np.float64)
    else:
        values = numpy_of("weight", weight)
        if values.shape != taps:
            raise ValueError(f"weight has shape {values.shape}, but the problem's weights have {taps}")
        values = values.ravel()
    rows, columns, entries = ctypes.c_int64(), ctypes.c_int64(), ctypes.c_int64()
    lib.check(lib.LIBRARY.tconv_matrix_size(asked, rows, columns, entries))
    if entries.value > 2**28:
        raise MemoryError(f"the matrix has {entries.value} entries, over the limit of 2^28; use smaller sizes")
    places = [np.empty(entries.value, np.int64) for _ in range(3)]
    lib.check(lib.LIBRARY.tconv_matrix_entries(asked, entries.value, *(each.ctypes.data for each in places)))
    found = Entries(places[0], places[1], values[places[2]], (rows.value, columns.value))
    if transpose:
        found = Entries(found.columns, found.rows, found.values, found.shape[::-1])
    try:
        sparse = importlib.import_module("scipy.sparse")
    except ImportError:
        return found
    return sparse.csr_array(sparse.coo_array((found.values, (found.rows, found.columns)), shape=found.shape))
