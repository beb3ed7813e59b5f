"""Arrays in, arrays out: what callers give becomes NumPy arrays that the library can read, without a copy where it can.

Read in place: arrays of float32 or float64 in this machine's byte order that are contiguous in the layout asked for or
in the other one (channels moved from one end to the other, as PyTorch's channels_last does it). Copied first: every
other order of memory (slices with steps, negative strides, Fortran order), other byte orders, unaligned data.
"""

from __future__ import annotations

import ctypes
from typing import Any, Callable, Optional

import numpy as np

Array = np.ndarray[Any, Any]

_LINE, _LARGE = 64, 1 << 20  # bytes
_KINDS = {"f4": 0, "f8": 1}  # tconv_problem's dtype
_native = np.dtype("f4"), np.dtype("f8")

#: Any buffer as ctypes sees it, of no length: quick, and it may be empty.
view: Callable[[Any], Any] = (ctypes.c_char * 0).from_buffer


def empty(shape: Any, dtype: Any) -> Array:
    """np.empty, but large arrays begin on a line of the cache, as the library writes them faster then."""
    array: Array = np.empty(shape, dtype)
    if array.nbytes < _LARGE or array.__array_interface__["data"][0] % _LINE == 0:
        return array
    count = array.size
    array = np.empty(count + _LINE // array.itemsize, dtype)
    first = -array.__array_interface__["data"][0] % _LINE // array.itemsize
    return array[first:first + count].reshape(shape)


def dtype_number(dtype: np.dtype[Any]) -> int:
    return _KINDS[dtype.str[1:]]


def numpy_of(name: str, value: Any) -> Array:
    """A NumPy array of float32 or float64 on the same memory where that is possible.

    Raises TypeError for what is no array of such numbers, and says what to do.
    """
    array: Array = value if type(value) is np.ndarray else _converted(name, value)
    kind = array.dtype.str[1:]
    if kind not in _KINDS:
        raise TypeError(f"{name} holds {array.dtype}, but float32 and float64 are what tconv computes with; convert "
                        f"it, for example with astype('float32')")
    native = _native[_KINDS[kind]]
    return array if array.dtype == native and array.flags.aligned else np.array(array, native, order="K")


def _converted(name: str, value: Any) -> Array:
    if isinstance(value, np.ma.MaskedArray):
        raise TypeError(f"{name} is a masked array, and its mask would be lost; give filled() values")
    if hasattr(value, "__dlpack__") and not isinstance(value, np.ndarray):
        try:
            found: Array = np.from_dlpack(value)
            return found
        except (BufferError, RuntimeError, TypeError, ValueError, AttributeError) as why:
            device = getattr(value, "__dlpack_device__", lambda: (1, 0))()
            if device[0] != 1:
                raise TypeError(f"{name} is not in the CPU's memory ({why}); move it there first") from why
            if not (hasattr(value, "__array_interface__") or hasattr(value, "__array__") or _has_buffer(value)):
                raise TypeError(f"{name} cannot be read through __dlpack__: {why}") from why
    try:
        return np.asarray(value)
    except (ValueError, TypeError) as why:
        raise TypeError(f"{name} is no array: {why}; give one of float32 or float64 numbers") from why


def _has_buffer(value: Any) -> bool:
    try:
        memoryview(value)
    except TypeError:
        return False
    return True


def namespace_of(value: Any) -> Optional[Any]:
    """The array-API namespace to answer in; None for NumPy and for what has none."""
    if isinstance(value, np.ndarray) or not hasattr(value, "__array_namespace__"):
        return None
    namespace = value.__array_namespace__()
    return None if namespace is np else namespace


def answer(namespace: Optional[Any], array: Array) -> Any:
    """The array in a namespace, on the same memory where the namespace can."""
    if namespace is None:
        return array
    try:
        return namespace.from_dlpack(array)
    except (AttributeError, BufferError, NotImplementedError, TypeError):
        return namespace.asarray(array)


def with_channels_moved(array: Array, is_last: bool, rank: int) -> Array:
    """A view with the channels at the other end of the spatial axes; `is_last` tells where they are now."""
    batch = array.ndim - rank - 1
    return np.moveaxis(array, -1, batch) if is_last else np.moveaxis(array, batch, -1)


def pointer(array: Array) -> Any:
    """What ctypes hands to a function that reads (or writes) an array's memory; the array has to outlive the call."""
    try:
        return view(array)
    except TypeError:  # read-only
        return array.__array_interface__["data"][0]


def check_out(out: Any, shape: tuple[int, ...], dtype: np.dtype[Any]) -> None:
    """Raises where a result of this shape and type cannot be written into `out`."""
    if not isinstance(out, np.ndarray):
        raise TypeError(f"out is a {type(out).__name__}; give a numpy.ndarray")
    if out.shape != shape:
        raise ValueError(f"out has shape {out.shape}, but the result has {shape}; give an array of that shape")
    if out.dtype != dtype:
        raise ValueError(f"out holds {out.dtype.str}, but the result {dtype.str}; give an array of that type")
    if not out.flags.writeable:
        raise ValueError("out is read-only; give an array that may be written to")
    if not out.flags.aligned:
        raise ValueError("out does not begin at a multiple of its elements' size; give an aligned array")
