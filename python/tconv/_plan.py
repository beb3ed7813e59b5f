"""Plan: a layer prepared once, its weights packed once, for many calls from many threads."""

from __future__ import annotations

import html
import json
from typing import Any, Optional

import numpy as np

from . import _library as lib
from . import _machine
from ._arrays import (Array, answer, check_out, dtype_number, empty, namespace_of, numpy_of, pointer, view,
                      with_channels_moved)
from ._forward import bias_of, check_dtypes, clear_of, in_memory_order, strides_for
from ._prepared import Kept, Packed, Prepared
from ._terms import (Numbers, Padding, Shape, Terms, is_channels_last, numbers, problem_from_text, problem_of,
                     side_shape, text_of, weight_shape)
from ._trace import draw

_call = lib.LIBRARY.tconv_call


class Plan:
    """A transposed convolution (conv=True: a convolution) with its weights in the kernel's order: `y = plan(x)`.

    input_shape  the shape of x; other batches and sizes may be given to calls, and share the packed weights
    weight       (C_in, C_out / groups, kernel...), as conv_transpose2d() takes it; copied, so later changes do not show
    The other parameters are conv_transpose2d()'s, and so are the errors.

    One plan serves any number of threads; the interpreter's lock is released while it computes. It can be pickled: what
    is kept is the layer and its weights, and the plan is made anew where it is read.

    >>> import numpy as np
    >>> plan = Plan((1, 1, 2, 2), np.ones((1, 1, 3, 3)), stride=2, activation="relu")
    >>> plan(np.array([[[[1.0, 2.0], [3.0, 4.0]]]]))[0, 0, 2]
    array([ 4.,  4., 10.,  6.,  6.])
    >>> plan(np.ones((5, 1, 7, 7))).shape
    (5, 1, 15, 15)
    """

    def __init__(self, input_shape: Any, weight: Any, bias: Any = None, stride: Numbers = 1, padding: Padding = 0,
                 output_padding: Numbers = 0, groups: int = 1, dilation: Numbers = 1, *,
                 output_size: Optional[Numbers] = None, activation: Optional[str] = None, layout: str = "NCHW",
                 threads: Optional[int] = None, method: str = "auto", conv: bool = False) -> None:
        terms = Terms.of(lib.CONV if conv else lib.CONV_TRANSPOSE,
                         (stride, padding, output_padding, groups, dilation, output_size), activation, layout, method)
        self._begin(terms, None, numbers("input_shape", input_shape), weight, bias, _machine.threads_of(threads))

    @classmethod
    def of_problem(cls, problem: str, weight: Any, bias: Any = None, *, conv: bool = False,
                   threads: Optional[int] = None, method: str = "auto") -> Plan:
        """The plan of a problem text (docs/cli.md), which can say what no framework's terms can: any output size.

        The text decides sizes, type and layout; `bias` is given if and only if the text says so. Calls take its sizes
        only.

        >>> import numpy as np
        >>> Plan.of_problem("i3 k2 s2 o9 f64", np.ones((1, 1, 2)))(np.ones((1, 1, 3)))
        array([[[1., 1., 1., 1., 1., 1., 0., 0., 0.]]])
        """
        plan = cls.__new__(cls)
        asked = problem_from_text(problem)
        layout = "NHWC" if asked.layout == lib.CHANNELS_LAST else "NCHW"
        terms = Terms(lib.CONV if conv else lib.CONV_TRANSPOSE, 1, 0, 0, 1, 1, None, None, layout, method)
        plan._begin(terms, problem, side_shape(asked, conv, True), weight, bias, _machine.threads_of(threads))
        return plan

    def _begin(self, terms: Terms, text: Optional[str], input_shape: Shape, weight: Any, bias: Any,
               threads: int) -> None:
        self._terms, self._text, self._input_shape, self._threads = terms, text, input_shape, threads
        self._is_last = is_channels_last(terms.layout)
        self._weight = np.array(numpy_of("weight", weight), order="C")
        found = bias_of(bias)
        self._bias = None if found is None else found.copy()
        for array in (self._weight, self._bias):
            if array is not None:
                array.flags.writeable = False
        check_dtypes(self._weight, bias=self._bias)
        self._rank = self._weight.ndim - 2
        self._bias_at = None if self._bias is None else pointer(self._bias)
        self._kept = Kept(64)
        self._entries = self._kept.entries
        self._packed: Optional[Packed] = None
        self._first = self._prepare(input_shape, self._is_last)
        self._packed = Packed(self._first, self._weight)
        self._kept.put((input_shape, self._weight.dtype), self._first)

    def _prepare(self, shape: Shape, memory_is_last: bool, output_strides: Optional[lib.Strides] = None) -> Prepared:
        """The pass for an input of a shape, on the same packed weights."""
        terms = self._terms
        if self._text is None:
            problem = problem_of(terms, shape, self._weight.shape, None if self._bias is None else len(self._bias),
                                 dtype_number(self._weight.dtype), memory_is_last)
        else:
            problem = problem_from_text(self._text)
            self._check_text(problem, shape, memory_is_last)
        return Prepared(problem, lib.GATHER if terms.kind == lib.CONV else lib.SCATTER,
                        len(shape) == self._rank + 2, threads=self._threads, method=terms.method,
                        weight_format=None if self._packed is None else self._packed.format,
                        output_strides=output_strides)

    def _check_text(self, problem: lib.Problem, shape: Shape, memory_is_last: bool) -> None:
        channels = problem.coarse_channels if self._terms.kind == lib.CONV else problem.fine_channels
        length = None if self._bias is None else len(self._bias)
        for name, given, wanted in (
                ("weights of shape", self._weight.shape, weight_shape(problem)),
                ("type", self._weight.dtype.name, ("float32", "float64")[problem.dtype]),
                ("bias of length", length, channels if problem.has_bias else None),
                ("input of shape", shape, self._input_shape),
                ("channels last in memory", memory_is_last, self._is_last)):
            if given != wanted:
                raise ValueError(f"the problem {self._text!r} needs {name} {wanted}, but {given} is given")

    def __call__(self, x: Any, *, out: Any = None) -> Any:
        """The layer's output for x; `out` as in conv_transpose2d(). ValueError and TypeError for what does not fit."""
        if out is None and type(x) is np.ndarray:
            try:
                prepared = self._entries[x.shape, x.dtype]
                output = empty(prepared.shape, prepared.dtype)
                if _call(prepared.handle, self._packed.handle, None, view(x), self._bias_at,  # type: ignore[union-attr]
                         None, view(output)) == 0:
                    return output
            except (KeyError, TypeError, BufferError):
                pass
        return self._carefully(x, out)

    def _carefully(self, given: Any, out: Any) -> Any:
        namespace, x = namespace_of(given), numpy_of("x", given)
        check_dtypes(x, weight=self._weight)
        assert self._packed is not None
        if None in (self._packed.handle, *(each.handle for each in list(self._entries.values()))):
            # A finalizer of our own cycle calls, after those of our parts.
            self._begin(self._terms, self._text, self._input_shape, self._weight, self._bias, self._threads)
        key = x.shape, x.dtype
        x, memory_is_last = in_memory_order(x, self._is_last, self._rank) if x.ndim > self._rank else (x, self._is_last)
        plain = self._entries.get(key) or self._prepare(self._shape_in(x, memory_is_last), self._is_last)
        self._kept.put(key, plain)
        if memory_is_last != self._is_last:
            try:
                prepared = self._prepare(x.shape, memory_is_last)
            except ValueError:  # no method takes these weights for it
                x, memory_is_last = np.ascontiguousarray(with_channels_moved(x, memory_is_last, self._rank)), self._is_last
                prepared = plain
        else:
            prepared = plain
        if out is not None:
            check_out(out, plain.shape, x.dtype)
            x = clear_of(out, x)
            if not (out.flags.c_contiguous and prepared is plain) and out.size > 0:
                prepared = self._prepare(x.shape, memory_is_last, strides_for(out, self._is_last, self._rank))
            prepared.call(self._packed.handle, None, x, self._bias, out)
            return out
        output = empty(prepared.shape, prepared.dtype)
        prepared.call(self._packed.handle, None, x, self._bias, output)
        return answer(namespace, output if memory_is_last == self._is_last else
                      with_channels_moved(output, memory_is_last, self._rank))

    def _shape_in(self, x: Array, memory_is_last: bool) -> Shape:
        """x's shape in the plan's own layout."""
        own = x if memory_is_last == self._is_last else with_channels_moved(x, memory_is_last, self._rank)
        return tuple(own.shape)

    @property
    def problem(self) -> str:
        """The problem as text, for the input shape that the plan was made with."""
        return text_of(self._first.problem)

    @property
    def input_shape(self) -> Shape:
        """The shape that the plan was made with."""
        return self._input_shape

    @property
    def output_shape(self) -> Shape:
        """The shape of the output for input_shape."""
        return self._first.shape

    @property
    def dtype(self) -> np.dtype[Any]:
        """The type of every array."""
        return self._weight.dtype

    @property
    def explanation(self) -> dict[str, Any]:
        """What was decided, as `tconv explain --json`: method, kernel, isa, threads, sizes, every refusal with its
        reason."""
        told: dict[str, Any] = json.loads(lib.text_of(lib.LIBRARY.tconv_explain, self._first.handle, 1))
        return told

    def explain(self) -> str:
        """What was decided and why, as `tconv explain` prints it."""
        return lib.text_of(lib.LIBRARY.tconv_explain, self._first.handle, 0)

    def __repr__(self) -> str:
        return f"<tconv.Plan {self.problem!r}: {self.explanation['method']}, {self.input_shape} -> {self.output_shape}>"

    def _repr_svg_(self) -> Optional[str]:
        """The plan's geometry at work, for notebooks: one channel, few cells. None for a convolution, and for kernels
        that are too large to draw."""
        if self._terms.kind == lib.CONV:
            return None
        try:
            return str(draw(self._first.problem, "scatter", "light", 2.0, script=False, sketch=True))
        except ValueError:
            return None

    def _repr_html_(self) -> str:
        """A table and the picture, for notebooks."""
        told = self.explanation
        facts = {"problem": self.problem, "shapes": f"{self.input_shape} → {self.output_shape}",
                 "method": told["method"], "kernel": told["kernel"], "instructions": told["isa"],
                 "threads": told["threads"], "workspace": f"{told['workspace_bytes']:,} bytes",
                 "packed weights": f"{told['packed_bytes']:,} bytes", "predicted": f"{told['predicted_ms']:.3g} ms",
                 "bound by": told["bound"]}
        facts |= {f"not {each['method']}": each["reason"] for each in told["refused"]}
        rows = "".join(f"<tr><th>{html.escape(str(name))}</th><td>{html.escape(str(value))}</td></tr>"
                       for name, value in facts.items())
        return f"<table><caption>tconv.Plan</caption>{rows}</table>{self._repr_svg_() or ''}"

    def __reduce__(self) -> tuple[Any, ...]:
        return _again, (self._terms, self._text, self._input_shape, self._weight, self._bias, self._threads)


def _again(terms: Any, text: Optional[str], input_shape: Shape, weight: Array, bias: Optional[Array],
           threads: int) -> Plan:
    plan = Plan.__new__(Plan)
    plan._begin(Terms(*terms), text, input_shape, weight, bias, threads)
    return plan
