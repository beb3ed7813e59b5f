"""Gradients of both layers with respect to input, weights and bias."""

from __future__ import annotations

from typing import Any, NamedTuple, Optional

import numpy as np

from . import _library as lib
from . import _machine
from ._arrays import Array, answer, dtype_number, empty, namespace_of, numpy_of, pointer
from ._forward import check_dtypes, check_ranks
from ._prepared import Kept, Prepared
from ._terms import Numbers, Padding, Terms, is_channels_last, problem_of, side_shape, weight_shape

_kept = Kept()  # problems, and their passes


class Gradients(NamedTuple):
    """dL/dx, dL/dw and dL/dbias; None for those that were not asked for."""

    input: Any
    weight: Any
    bias: Any


def backward(x: Any, w: Any, output_grad: Any, stride: Numbers = 1, padding: Padding = 0, output_padding: Numbers = 0,
             groups: int = 1, dilation: Numbers = 1, *, output_size: Optional[Numbers] = None, layout: str = "NCHW",
             threads: Optional[int] = None, method: str = "auto",
             needs: tuple[bool, bool, bool] = (True, True, True)) -> Gradients:
    """The gradients of conv_transpose1d/2d/3d (the rank is that of w) without activation.

    x            (N, C_in, sizes...), as the forward pass read it; the other parameters are the forward pass's, too
    w            (C_in, C_out / groups, kernel...)
    output_grad  dL/dy, of the output's shape
    needs        which of the three are wanted: input, weight, bias
    returns      Gradients(input, weight, bias), of the shapes of x, w and (C_out,), in the namespaces of x, w and
                 output_grad

    Raises ValueError and TypeError as conv_transpose2d() does.

    >>> import numpy as np
    >>> x, w = np.ones((1, 1, 2, 2)), np.ones((1, 1, 3, 3))
    >>> grad = backward(x, w, np.ones((1, 1, 5, 5)), stride=2)
    >>> grad.input[0, 0].tolist(), grad.bias.tolist()
    ([[9.0, 9.0], [9.0, 9.0]], [25.0])
    """
    terms = Terms.of(lib.CONV_TRANSPOSE, (stride, padding, output_padding, groups, dilation, output_size), None, layout,
                     method)
    return _gradients(terms, x, w, output_grad, threads, needs)


def conv_backward(x: Any, w: Any, output_grad: Any, stride: Numbers = 1, padding: Padding = 0, dilation: Numbers = 1,
                  groups: int = 1, *, layout: str = "NCHW", threads: Optional[int] = None, method: str = "auto",
                  needs: tuple[bool, bool, bool] = (True, True, True)) -> Gradients:
    """The gradients of conv1d/2d/3d (the rank is that of w) without activation; see backward().

    >>> import numpy as np
    >>> grad = conv_backward(np.ones((1, 1, 3)), np.ones((1, 1, 2)), np.ones((1, 1, 2)))
    >>> grad.input.tolist(), grad.weight.tolist()
    ([[[1.0, 2.0, 1.0]]], [[[2.0, 2.0]]])
    """
    terms = Terms.of(lib.CONV, (stride, padding, 0, groups, dilation, None), None, layout,
                     method)
    return _gradients(terms, x, w, output_grad, threads, needs)


def _gradients(terms: Terms, x: Any, w: Any, output_grad: Any, threads: Optional[int],
               needs: tuple[bool, bool, bool]) -> Gradients:
    namespaces = [namespace_of(each) for each in (x, w, output_grad)]
    x, w, dy = (np.ascontiguousarray(numpy_of(name, each)) for name, each in
                (("x", x), ("w", w), ("output_grad", output_grad)))
    if len(needs) != 3:
        raise ValueError(f"needs has {len(needs)} entries; give three: input, weight, bias")
    rank = max(w.ndim - 2, 1)
    batched = check_ranks("backward" if terms.kind == lib.CONV_TRANSPOSE else "conv_backward", rank, x, w)
    check_dtypes(x, w=w, output_grad=dy)
    count = _machine.threads_of(threads)
    is_transposed = terms.kind == lib.CONV_TRANSPOSE
    key = tuple(terms), x.shape, w.shape, x.dtype
    problem = _kept.get(key, lambda: problem_of(terms, x.shape, w.shape, None, dtype_number(x.dtype),
                                                is_channels_last(terms.layout)))

    def prepared(which: int) -> Prepared:
        return _kept.get((key, which, count), lambda: Prepared(problem, which, batched, threads=count,
                                                               method=_method(terms.method, which),
                                                               weights_each_call=which != lib.WEIGHT_GRAD))

    shape = side_shape(problem, is_transposed, batched)
    if dy.shape != shape:
        raise ValueError(f"output_grad has shape {dy.shape}, but the output has {shape}; give the gradient of the "
                         f"output")
    coarse, fine = (x, dy) if is_transposed else (dy, x)
    x_grad: Optional[Array] = None
    w_grad: Optional[Array] = None
    bias_grad: Optional[Array] = None
    if needs[0]:
        to_input = prepared(lib.GATHER if is_transposed else lib.SCATTER)
        x_grad = empty(to_input.shape, x.dtype)
        to_input.call(None, pointer(w), dy, None, x_grad)
    if needs[1]:
        w_grad = np.empty(weight_shape(problem), x.dtype)
        prepared(lib.WEIGHT_GRAD).call(None, pointer(fine), coarse, None, w_grad)
    if needs[2]:
        bias_grad = np.empty(w.shape[1] * problem.groups if is_transposed else w.shape[0], x.dtype)
        lib.check(lib.LIBRARY.tconv_bias_grad(problem, lib.SCATTER if is_transposed else lib.GATHER, count, pointer(dy),
                                              pointer(bias_grad)))
    return Gradients(*(None if each is None else answer(namespace, each)
                       for namespace, each in zip(namespaces, (x_grad, w_grad, bias_grad))))


def _method(name: str, which: int) -> str:
    """The method for one of the passes; a name that this pass has not got is for another of them."""
    if name == "auto":
        return name
    known = [_machine.methods(each) for each in ("scatter", "gather", "weight_grad")]
    return "auto" if name not in known[which] and any(name in names for names in known) else name
