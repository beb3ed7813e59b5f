"""A layer's terms, as callers write them, handed to the core: no geometry is computed here."""

from __future__ import annotations

import ctypes
import operator
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple, Optional, Union

from . import _library as lib

#: One number for all axes, or one for each.
Numbers = Union[int, Sequence[int]]
#: The same; also (begin, end) for each axis; a convolution's also 'same' or 'valid'.
Padding = Union[int, Sequence[Union[int, Sequence[int]]], str]
Shape = tuple[int, ...]

_LAYOUTS = {"NCHW": 0, "NHWC": 1, "NCW": 0, "NWC": 1, "NCDHW": 0, "NDHWC": 1, "channels_first": 0, "channels_last": 1}
_MOST = 2**62


class Terms(NamedTuple):
    """What a layer is but for its arrays; hashable, so that plans can be found by it."""

    kind: int  # lib.CONV_TRANSPOSE or lib.CONV
    stride: Any
    padding: Any
    output_padding: Any
    groups: Any
    dilation: Any
    output_size: Any
    activation: Optional[str]
    layout: str
    method: str

    @classmethod
    def of(cls, kind: int, geometry: Sequence[Any], activation: Optional[str], layout: str, method: str) -> Terms:
        """`geometry` is what stands between kind and activation."""
        stride, padding, output_padding, groups, dilation, output_size = map(hashable, geometry)
        return cls(kind, stride, padding, output_padding, groups, dilation, output_size, activation, layout, method)


def number(name: str, value: Any) -> int:
    """A whole number that the core can hold; 2.0 is one."""
    try:
        whole = operator.index(value)
    except TypeError:
        if not (isinstance(value, float) and value.is_integer()):
            raise TypeError(f"{name} is {value!r}; give a whole number, or one for each axis") from None
        whole = int(value)
    if not -_MOST < whole < _MOST:
        raise ValueError(f"{name} {whole} overflows 62 bits; use a smaller one")
    return whole


def is_list(value: Any) -> bool:
    """Whether a value is several; a text is not, nor an array without axes, which calls itself iterable."""
    return isinstance(value, Iterable) and not isinstance(value, (str, bytes)) and getattr(value, "ndim", 1) > 0


def numbers(name: str, value: Any) -> Shape:
    """(2,) from 2, (2, 1) from [2, 1]."""
    return tuple(number(name, each) for each in value) if is_list(value) else (number(name, value),)


def hashable(value: Any) -> Any:
    """Lists as tuples, so that terms can be looked up."""
    return tuple(map(hashable, value)) if is_list(value) else value


def is_channels_last(layout: str) -> bool:
    try:
        return _LAYOUTS[layout] == 1
    except (KeyError, TypeError):
        raise ValueError(f"layout {layout!r} is unknown; use 'NCHW' (channels first) or 'NHWC' (channels last), for "
                         f"any number of axes") from None


class _Lists:
    """Lists of numbers as tconv_sizes, and their memory."""

    def __init__(self) -> None:
        self.kept: list[Any] = []

    def sizes(self, values: Sequence[int]) -> lib.Sizes:
        memory = (ctypes.c_int64 * len(values))(*values)
        self.kept.append(memory)
        return lib.Sizes(ctypes.cast(memory, ctypes.POINTER(ctypes.c_int64)), len(values))


def problem_of(terms: Terms, input_shape: Shape, weight_shape: Shape, bias_length: Optional[int], dtype: int,
               channels_last: bool) -> lib.Problem:
    """The core's problem. Raises ValueError with the core's sentence where it refuses the layer."""
    lists = _Lists()
    layer = lib.Layer(struct_size=ctypes.sizeof(lib.Layer), kind=terms.kind, dtype=dtype, layout=int(channels_last))
    layer.input, layer.weights = lists.sizes(input_shape), lists.sizes(weight_shape)
    if bias_length is not None:
        layer.has_bias, layer.bias_length = 1, bias_length
    layer.groups = number("groups", terms.groups)
    if layer.groups == 0:
        raise ValueError("groups is 0, but must be at least 1")
    layer.stride = lists.sizes(numbers("stride", terms.stride))
    layer.dilation = lists.sizes(numbers("dilation", terms.dilation))
    if terms.kind == lib.CONV_TRANSPOSE:
        layer.output_padding = lists.sizes(numbers("output_padding", terms.output_padding))
        if terms.output_size is not None:
            layer.output_size = lists.sizes(numbers("output_size", terms.output_size))
    _set_padding(layer, lists, terms)
    if terms.activation is not None:
        layer.activation = _text("activation", terms.activation)
    problem = lib.Problem()
    lib.check(lib.LIBRARY.tconv_problem_init(problem, ctypes.sizeof(problem)))
    lib.check(lib.LIBRARY.tconv_problem_of_layer(problem, layer))
    return problem


def _set_padding(layer: lib.Layer, lists: _Lists, terms: Terms) -> None:
    padding = terms.padding
    if isinstance(padding, str):
        if terms.kind != lib.CONV:
            raise TypeError(f"padding is {padding!r}, but a transposed convolution takes numbers; give them")
        layer.auto_pad = _text("padding", padding)
    elif is_list(padding) and any(map(is_list, padding)):
        pairs = [numbers("padding", pair) for pair in padding]
        if any(len(pair) != 2 for pair in pairs):
            raise ValueError(f"padding {padding!r} mixes forms; give one number, one for each axis, or a pair (begin, "
                             f"end) for each axis")
        layer.pads = lists.sizes([begin for begin, _ in pairs] + [end for _, end in pairs])
        if terms.kind == lib.CONV_TRANSPOSE:
            layer.kind = lib.ONNX_CONV_TRANSPOSE
    else:
        layer.padding = lists.sizes(numbers("padding", padding))


def _text(name: str, value: Any) -> bytes:
    if not isinstance(value, str) or "\0" in value:
        raise TypeError(f"{name} is {value!r}; give a text")
    return value.encode()


def problem_from_text(text: str) -> lib.Problem:
    """The problem of a problem text. Raises ValueError with the core's sentence."""
    problem = lib.Problem()
    lib.check(lib.LIBRARY.tconv_problem_init(problem, ctypes.sizeof(problem)))
    lib.check(lib.LIBRARY.tconv_problem_parse(problem, _text("the problem", text)))
    return problem


def text_of(problem: lib.Problem) -> str:
    return lib.text_of(lib.LIBRARY.tconv_problem_print, problem)


def side_shape(problem: lib.Problem, is_fine: bool, batched: bool) -> Shape:
    """The shape of one side's array in the problem's layout."""
    axes = [problem.axes[i] for i in range(problem.rank)]
    sizes = tuple(axis.fine if is_fine else axis.coarse for axis in axes)
    channels = (problem.fine_channels if is_fine else problem.coarse_channels,)
    sample: Shape = sizes + channels if problem.layout == lib.CHANNELS_LAST else channels + sizes
    return (problem.batch, *sample) if batched else sample


def weight_shape(problem: lib.Problem) -> Shape:
    """(coarse channels, fine channels / groups, kernel...)."""
    kernel = (problem.axes[i].kernel for i in range(problem.rank))
    return (problem.coarse_channels, problem.fine_channels // problem.groups, *kernel)
