"""The shared library: found beside this file, loaded with ctypes, every function declared once.

The declarations follow include/tconv/tconv.h; what they mean is said there.
"""

from __future__ import annotations

import ctypes
import os
import pathlib
from ctypes import POINTER, c_char_p, c_double, c_int32, c_int64, c_size_t, c_uint32, c_void_p
from typing import Any, Callable

ABI = 1
SCATTER, GATHER, WEIGHT_GRAD = 0, 1, 2
CONV_TRANSPOSE, CONV, ONNX_CONV_TRANSPOSE = 0, 1, 2
CHANNELS_FIRST, CHANNELS_LAST = 0, 1
_OUT_OF_MEMORY, _BUFFER_TOO_SMALL, _INTERNAL_ERROR = 4, 5, 6


class Axis(ctypes.Structure):
    """tconv_axis."""

    _fields_ = [(name, c_int64) for name in
                ("coarse", "fine", "kernel", "stride", "dilation", "padding_begin", "padding_end")]


class Problem(ctypes.Structure):
    """tconv_problem."""

    _fields_ = [("struct_size", c_uint32), ("rank", c_int32), ("batch", c_int64), ("groups", c_int64),
                ("coarse_channels", c_int64), ("fine_channels", c_int64), ("axes", Axis * 3), ("dtype", c_int32),
                ("layout", c_int32), ("has_bias", c_int32), ("has_sum", c_int32), ("activation", c_int32),
                ("reserved", c_int32), ("alpha", c_double), ("beta", c_double)]


class Strides(ctypes.Structure):
    """tconv_strides."""

    _fields_ = [("sample", c_int64), ("channel", c_int64), ("axes", c_int64 * 3)]


class Options(ctypes.Structure):
    """tconv_options."""

    _fields_ = [("struct_size", c_uint32), ("threads", c_int32), ("isa", c_char_p), ("method", c_char_p),
                ("weight_format", c_char_p), ("output_strides", POINTER(Strides)), ("parallel_for", c_void_p),
                ("context", c_void_p), ("serial_below_microseconds", c_double), ("allow_winograd", c_int32),
                ("weights_each_call", c_int32)]


class Sizes(ctypes.Structure):
    """tconv_sizes."""

    _fields_ = [("values", POINTER(c_int64)), ("count", c_size_t)]


class Drawing(ctypes.Structure):
    """tconv_drawing."""

    _fields_ = [("struct_size", c_uint32), ("theme", c_int32), ("view", c_char_p), ("fps", c_double),
                ("has_no_script", c_int32), ("is_sketch", c_int32)]


class Layer(ctypes.Structure):
    """tconv_layer."""

    _fields_ = [("struct_size", c_uint32), ("kind", c_int32), ("input", Sizes), ("weights", Sizes), ("dtype", c_int32),
                ("layout", c_int32), ("has_bias", c_int32), ("has_sum", c_int32), ("bias_length", c_int64),
                ("groups", c_int64), ("stride", Sizes), ("padding", Sizes), ("pads", Sizes),
                ("output_padding", Sizes), ("dilation", Sizes), ("output_size", Sizes), ("auto_pad", c_char_p),
                ("activation", c_char_p)]


_TEXT = [c_void_p, c_size_t, POINTER(c_size_t)]
_PROTOTYPES: dict[str, tuple[Any, list[Any]]] = {
    "tconv_version": (c_char_p, []),
    "tconv_abi_version": (c_uint32, []),
    "tconv_last_error": (c_char_p, []),
    "tconv_num_threads": (c_int32, []),
    "tconv_info": (c_int32, _TEXT),
    "tconv_problem_init": (c_int32, [POINTER(Problem), c_size_t]),
    "tconv_problem_parse": (c_int32, [POINTER(Problem), c_char_p]),
    "tconv_problem_of_layer": (c_int32, [POINTER(Problem), POINTER(Layer)]),
    "tconv_problem_print": (c_int32, [POINTER(Problem), *_TEXT]),
    "tconv_method_names": (c_int32, [c_int32, *_TEXT]),
    "tconv_plan_create": (c_int32, [POINTER(Problem), c_int32, POINTER(Options), POINTER(c_void_p)]),
    "tconv_plan_destroy": (None, [c_void_p]),
    "tconv_explain": (c_int32, [c_void_p, c_int32, *_TEXT]),
    "tconv_plan_weight_format": (c_char_p, [c_void_p]),
    "tconv_pack": (c_int32, [c_void_p, c_void_p, POINTER(c_void_p)]),
    "tconv_packed_destroy": (None, [c_void_p]),
    "tconv_packed_size": (c_size_t, [c_void_p]),
    "tconv_call": (c_int32, [c_void_p] * 7),
    "tconv_bias_grad": (c_int32, [POINTER(Problem), c_int32, c_int32, c_void_p, c_void_p]),
    "tconv_derive_size": (c_int32, [POINTER(Problem), *_TEXT]),
    "tconv_solve_size": (c_int32, [c_int64, c_int64, c_int64, c_int64, *_TEXT]),
    "tconv_lint_problem": (c_int32, [POINTER(Problem), c_int32, c_void_p, *_TEXT]),
    "tconv_lint_model": (c_int32, [c_char_p, c_size_t, c_char_p, *_TEXT]),
    "tconv_flat_field": (c_int32, [c_int64, c_int32] + [c_void_p] * 4 + [POINTER(c_double), POINTER(c_int64),
                                                                         POINTER(c_double)]),
    "tconv_draw": (c_int32, [POINTER(Problem), POINTER(Drawing)] + [c_void_p] * 3 + _TEXT),
    "tconv_matrix_size": (c_int32, [POINTER(Problem)] + [POINTER(c_int64)] * 3),
    "tconv_matrix_entries": (c_int32, [POINTER(Problem), c_int64] + [c_void_p] * 3),
}


def _path() -> pathlib.Path:
    """TCONV_LIBRARY, or the library beside this file."""
    if override := os.environ.get("TCONV_LIBRARY"):
        return pathlib.Path(override)
    return pathlib.Path(__file__).parent / "libtconv.so"


def _load() -> ctypes.CDLL:
    path = _path()
    if not path.exists():
        raise ImportError(f"tconv's shared library is missing: there is no {path}; install the package again "
                          f"(`pip install --force-reinstall tconv`), or let TCONV_LIBRARY name a libtconv.so")
    try:
        library = ctypes.CDLL(str(path))
        version = library.tconv_abi_version
    except (OSError, AttributeError) as why:
        raise ImportError(f"tconv's shared library cannot be loaded: {why}; install what it misses, "
                          f"or install the package again") from why
    if version() != ABI:
        raise ImportError(f"{path} has the ABI {version()}, but this package needs {ABI}; install a package and a "
                          f"library of one version")
    for name, (result, arguments) in _PROTOTYPES.items():
        try:
            function = getattr(library, name)
        except AttributeError as why:
            raise ImportError(f"{path} is older than this package: it has no {name}; install a newer one") from why
        function.restype, function.argtypes = result, arguments
    return library


LIBRARY = _load()


def check(status: int) -> None:
    """Raises what a status other than 0 means, with the core's sentence."""
    if status == 0:
        return
    sentence = (LIBRARY.tconv_last_error() or b"").decode("utf-8", "replace")
    if status == _OUT_OF_MEMORY:
        raise MemoryError(sentence)
    if status == _INTERNAL_ERROR:
        raise RuntimeError(sentence)
    raise ValueError(sentence)


def text_of(function: Callable[..., int], *arguments: Any) -> str:
    """What a function writes that takes a text, its capacity and a place for the size behind `arguments`."""
    needed, buffer = c_size_t(), ctypes.create_string_buffer(4096)
    status = function(*arguments, buffer, len(buffer), ctypes.byref(needed))
    if status == _BUFFER_TOO_SMALL:
        buffer = ctypes.create_string_buffer(needed.value)
        status = function(*arguments, buffer, len(buffer), ctypes.byref(needed))
    check(status)
    return buffer.value.decode("utf-8", "replace")
