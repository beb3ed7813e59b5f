"""Prepared passes: a problem and the core's plan for it, kept for the next call with the same shapes and terms."""

from __future__ import annotations

import ctypes
from typing import Any, Callable, Optional, TypeVar

import numpy as np

from . import _library as lib
from ._arrays import Array, pointer
from ._terms import Shape, side_shape

_plan_destroy = lib.LIBRARY.tconv_plan_destroy
_packed_destroy = lib.LIBRARY.tconv_packed_destroy
_MOST_KEPT = 256
T = TypeVar("T")


class Prepared:
    """One pass over one problem: the core's plan, and what the result looks like. Usable from many threads.

    The handle is None once the object is finalized: in a cycle that may be before another's finalizer calls it.
    """

    __slots__ = ("handle", "problem", "which", "shape", "dtype", "__weakref__")

    def __init__(self, problem: lib.Problem, which: int, batched: bool, *, threads: int = 0, method: str = "auto",
                 weight_format: Optional[str] = None, output_strides: Optional[lib.Strides] = None,
                 weights_each_call: bool = False) -> None:
        self.handle: Optional[int] = None
        if not isinstance(method, str):
            raise TypeError(f"method is {method!r}; give a name")
        options = lib.Options(struct_size=ctypes.sizeof(lib.Options), threads=threads,
                              weights_each_call=weights_each_call)
        if method != "auto":
            options.method = method.encode()
        if weight_format is not None:
            options.weight_format = weight_format.encode()
        if output_strides is not None:
            options.output_strides = ctypes.pointer(output_strides)
        handle = ctypes.c_void_p()
        lib.check(lib.LIBRARY.tconv_plan_create(problem, which, options, handle))
        self.handle, self.problem, self.which = handle.value, problem, which
        self.dtype = np.dtype(("f4", "f8")[problem.dtype])
        self.shape: Shape = () if which == lib.WEIGHT_GRAD else side_shape(problem, which == lib.SCATTER, batched)

    def __del__(self, destroy: Any = _plan_destroy) -> None:
        handle, self.handle = self.handle, None
        if handle is not None:
            destroy(handle)

    @property
    def weight_format(self) -> str:
        return str(lib.LIBRARY.tconv_plan_weight_format(self.handle).decode())

    def call(self, packed: Optional[int], second: Any, x: Array, bias: Optional[Array], output: Array) -> None:
        """tconv_call(); every array is contiguous but the output, whose strides the plan knows."""
        lib.check(lib.LIBRARY.tconv_call(self.handle, packed, second, pointer(x),
                                         None if bias is None else pointer(bias), None,
                                         output.__array_interface__["data"][0]))


class Packed:
    """Weights in the order of a plan, shared by all plans of its weight format. The handle is as Prepared's."""

    __slots__ = ("handle", "format")

    def __init__(self, prepared: Prepared, weight: Array) -> None:
        self.handle: Optional[int] = None
        handle = ctypes.c_void_p()
        lib.check(lib.LIBRARY.tconv_pack(prepared.handle, pointer(weight), handle))
        self.handle, self.format = handle.value, prepared.weight_format

    def __del__(self, destroy: Any = _packed_destroy) -> None:
        handle, self.handle = self.handle, None
        if handle is not None:
            destroy(handle)


class Kept:
    """A bounded dictionary of what was prepared, the oldest of which goes first. It needs no lock, so a fork finds none
    held: the interpreter does each step on a dictionary as a whole, and a race only decides which entry goes.
    """

    def __init__(self, most: int = _MOST_KEPT) -> None:
        self.entries: dict[Any, Any] = {}
        self._most = most

    def get(self, key: Any, make: Callable[[], T]) -> T:
        """The entry, made where there is none. What cannot be looked up is made (and refused there, with a sentence)."""
        try:
            found: Optional[T] = self.entries.get(key)
        except TypeError:
            return make()
        if found is None:
            found = make()
            self.put(key, found)
        return found

    def put(self, key: Any, prepared: Any) -> None:
        while len(self.entries) >= self._most:
            try:
                self.entries.pop(next(iter(self.entries)), None)
            except (RuntimeError, StopIteration):  # another thread did so meanwhile
                continue
        self.entries[key] = prepared
