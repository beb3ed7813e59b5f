"""Drawings: a transposed convolution step by step, as an SVG."""

from __future__ import annotations

import ctypes
import os
from typing import Any, Optional, Union

import numpy as np

from . import _library as lib
from ._arrays import Array
from ._terms import number, problem_from_text, side_shape, weight_shape

_THEMES = {"light": 0, "dark": 1}


class Drawing(str):
    """An SVG: a text that notebooks show as a picture, and a prompt in a line."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"<tconv.Drawing: {len(self):,} characters of SVG; save() writes them into a file>"

    def _repr_svg_(self) -> str:
        return str(self)

    def save(self, path: Union[str, os.PathLike[str]]) -> None:
        """Writes the picture into a file; name it with .svg at the end. OSError where that cannot be."""
        with open(path, "w", encoding="utf-8", newline="") as file:
            file.write(self)


def trace(problem: str, x: Any = None, weight: Any = None, bias: Any = None, *, view: str = "scatter",
          theme: str = "light", fps: float = 2.0, sample: int = 0,
          path: Optional[Union[str, os.PathLike[str]]] = None) -> Drawing:
    """A transposed convolution drawn step by step from the definition's own events, as `tconv trace`: an SVG.

    problem  a problem text, such as problem() makes of shapes and parameters
    x        the input, (N, C_in, sizes...) or without N, in the problem's layout; without it, small whole numbers
    weight   (C_in, C_out / groups, kernel...); likewise
    bias     (C_out,), where the problem has one; likewise
    view     "scatter" (every input value puts down a stamp), "gather" (every output collects), "both", "stamps"
             (every stamp alone, too), "overlap" (how many taps reach each output) or "kernel" (where dilation puts taps)
    theme    "light" or "dark"
    fps      steps in a second, 0.1 to 50
    sample   which of x's samples
    path     a file to write it into

    Returns the picture. A notebook shows it, where it plays by itself; a browser that opens the file has a step control,
    and formulas for the cells that are pointed at.

    Raises ValueError (a refused problem, arrays of other shapes, a drawing that would be too large: the sentence names a
    smaller problem of the same kind), TypeError (arrays that hold no real numbers), OSError.

    >>> drawing = trace("i2x2 k3 s2", view="both")
    >>> drawing[:4], "y[2, 2] = 36" in drawing
    ('<svg', True)
    >>> import numpy as np
    >>> "y[2] = 5.5" in trace("i2 k3 s2", np.array([[1.5, 1.0]]), np.array([[[1, 2, 3]]]), theme="dark")
    True
    """
    asked = problem_from_text(problem)
    batched = side_shape(asked, False, True)
    shapes: dict[str, tuple[int, ...]] = {"x": batched, "weight": weight_shape(asked), "bias": (asked.fine_channels,)}
    if not 0 <= number("sample", sample) < asked.batch:
        raise ValueError(f"sample {sample} is outside: the batch has {asked.batch} of them, counted from 0")
    if bias is not None and not asked.has_bias:
        raise ValueError(f"a bias is given, but the problem {problem!r} has none; add the word bias to it")
    if x is not None:
        x = _numbers("x", x, asked)
        x = x[np.newaxis] if x.shape == batched[1:] and asked.batch == 1 else x
    arrays = {"x": x, "weight": weight, "bias": bias}
    found: dict[str, Optional[Array]] = {}
    for name, given in arrays.items():
        found[name] = None if given is None else _numbers(name, given, asked)
        array = found[name]
        if array is not None and array.shape != shapes[name]:
            raise ValueError(f"{name} has shape {array.shape}, but the problem {problem!r} needs {shapes[name]}")
    if found["x"] is not None:
        found["x"] = np.ascontiguousarray(found["x"][sample])
    drawing = draw(asked, view, theme, fps, found["x"], found["weight"], found["bias"])
    if path is not None:
        drawing.save(path)
    return drawing


def draw(problem: lib.Problem, view: str, theme: str, fps: float, x: Optional[Array] = None,
         weight: Optional[Array] = None, bias: Optional[Array] = None, *, script: bool = True,
         sketch: bool = False) -> Drawing:
    """The core's drawing; the arrays are contiguous and of the problem's type. Without a script it only plays."""
    if theme not in _THEMES:
        raise ValueError(f"theme {theme!r} is unknown; use 'light' or 'dark'")
    if not isinstance(view, str) or "\0" in view:
        raise TypeError(f"view is {view!r}; give a text")
    if not 0.1 <= fps <= 50:
        raise ValueError(f"fps is {fps}, but must be from 0.1 to 50 steps a second")
    how = lib.Drawing(ctypes.sizeof(lib.Drawing), _THEMES[theme], view.encode(), float(fps), int(not script), int(sketch))
    pointers = (None if array is None else array.ctypes.data for array in (x, weight, bias))
    return Drawing(lib.text_of(lib.LIBRARY.tconv_draw, problem, how, *pointers))


def _numbers(name: str, value: Any, problem: lib.Problem) -> Array:
    """Real numbers of any kind, as the problem's type: a drawing is no computation that could lose something."""
    array = np.asarray(value)
    if array.dtype.kind not in "fiub":
        raise TypeError(f"{name} holds {array.dtype}, but a drawing shows real numbers; give such")
    return np.ascontiguousarray(array, np.float64 if problem.dtype else np.float32)
