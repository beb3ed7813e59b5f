"""The functions, with the signatures of torch.nn.functional."""

from __future__ import annotations

from typing import Any, Optional, TypeVar

from . import _library as lib
from ._forward import forward
from ._terms import Numbers, Padding

A = TypeVar("A")

def conv_transpose1d(x: A, w: Any, bias: Any = None, stride: Numbers = 1, padding: Padding = 0,
                     output_padding: Numbers = 0, groups: int = 1, dilation: Numbers = 1, *,
                     output_size: Optional[Numbers] = None, activation: Optional[str] = None, layout: str = "NCHW",
                     threads: Optional[int] = None, method: str = "auto", out: Any = None) -> A:
    """Transposed convolution over 1 axis; torch.nn.functional.conv_transpose1d's parameters and limits.

    x        (N, C_in, L) or, unbatched, (C_in, L); channels last with layout="NHWC". float32 or float64
    w        (C_in, C_out / groups, k), whatever the layout; of x's type
    bias     (C_out,), of x's type
    returns  (N, C_out, L_out), or as x without N and with its channels last, in x's array namespace

    The parameters, what is copied and what is raised: see conv_transpose2d().

    >>> import numpy as np
    >>> x = np.array([[[1.0, 2.0, 3.0]]])
    >>> conv_transpose1d(x, np.ones((1, 1, 2)), stride=2)
    array([[[1., 1., 2., 2., 3., 3.]]])
    """
    answer: A = forward(1, x, w, bias, (lib.CONV_TRANSPOSE, stride, padding, output_padding, groups, dilation,
                                        output_size, activation, layout, method), threads, out)
    return answer


def conv_transpose2d(x: A, w: Any, bias: Any = None, stride: Numbers = 1, padding: Padding = 0,
                     output_padding: Numbers = 0, groups: int = 1, dilation: Numbers = 1, *,
                     output_size: Optional[Numbers] = None, activation: Optional[str] = None, layout: str = "NCHW",
                     threads: Optional[int] = None, method: str = "auto", out: Any = None) -> A:
    """Transposed convolution over 2 axes; torch.nn.functional.conv_transpose2d's parameters and limits.

    x        (N, C_in, H, W) or, unbatched, (C_in, H, W); channels last with layout="NHWC". float32 or float64
    w        (C_in, C_out / groups, kH, kW), whatever the layout; of x's type
    bias     (C_out,), of x's type
    returns  (N, C_out, H_out, W_out), or as x without N and with its channels last, in x's array namespace

    Along each axis: out = (in - 1) stride - 2 padding + dilation (k - 1) + output_padding + 1.

    Parameters are one number for all axes, or one for each. padding may also be a pair (begin, end) for each axis.
    output_size chooses the output padding, as in torch's layers. activation is "relu", "leaky:0.2", "tanh", "sigmoid"
    or "clamp:0:6", applied after the bias. threads is how many at most (set_num_threads() sets the default), method one
    of methods() ("auto": the fastest). out is an array of the result's shape and type, any positive strides that do not
    overlap; the result is then out itself, and inputs that share its memory are copied first.

    x is read where it is if it is contiguous in either layout (of an x with the other layout's memory, so is the
    result); x, w and bias are copied first if they lie otherwise in memory or in the other byte order.

    Raises ValueError for a geometry or shapes that are refused, TypeError for what is no array of such numbers, both
    with a sentence that says what to do.

    >>> import numpy as np
    >>> x = np.array([[[[1.0, 2.0], [3.0, 4.0]]]])
    >>> conv_transpose2d(x, np.ones((1, 1, 3, 3)), stride=2)[0, 0]
    array([[ 1.,  1.,  3.,  2.,  2.],
           [ 1.,  1.,  3.,  2.,  2.],
           [ 4.,  4., 10.,  6.,  6.],
           [ 3.,  3.,  7.,  4.,  4.],
           [ 3.,  3.,  7.,  4.,  4.]])
    >>> conv_transpose2d(x, np.ones((1, 1, 3, 3)), stride=2, output_padding=2)
    Traceback (most recent call last):
    ValueError: output_padding 2 must be smaller than max(stride 2, dilation 1) = 2; use a larger stride or output_padding up to 1
    """
    answer: A = forward(2, x, w, bias, (lib.CONV_TRANSPOSE, stride, padding, output_padding, groups, dilation,
                                        output_size, activation, layout, method), threads, out)
    return answer


def conv_transpose3d(x: A, w: Any, bias: Any = None, stride: Numbers = 1, padding: Padding = 0,
                     output_padding: Numbers = 0, groups: int = 1, dilation: Numbers = 1, *,
                     output_size: Optional[Numbers] = None, activation: Optional[str] = None, layout: str = "NCHW",
                     threads: Optional[int] = None, method: str = "auto", out: Any = None) -> A:
    """Transposed convolution over 3 axes; torch.nn.functional.conv_transpose3d's parameters and limits.

    x        (N, C_in, D, H, W) or, unbatched, (C_in, D, H, W); channels last with layout="NHWC". float32 or float64
    w        (C_in, C_out / groups, kD, kH, kW), whatever the layout; of x's type
    bias     (C_out,), of x's type
    returns  (N, C_out, D_out, H_out, W_out), or as x without N and with its channels last, in x's array namespace

    The parameters, what is copied and what is raised: see conv_transpose2d().

    >>> import numpy as np
    >>> conv_transpose3d(np.ones((1, 2, 3, 3, 3)), np.ones((2, 4, 2, 2, 2)), stride=2).shape
    (1, 4, 6, 6, 6)
    """
    answer: A = forward(3, x, w, bias, (lib.CONV_TRANSPOSE, stride, padding, output_padding, groups, dilation,
                                        output_size, activation, layout, method), threads, out)
    return answer


def conv1d(x: A, w: Any, bias: Any = None, stride: Numbers = 1, padding: Padding = 0, dilation: Numbers = 1,
           groups: int = 1, *, activation: Optional[str] = None, layout: str = "NCHW", threads: Optional[int] = None,
           method: str = "auto", out: Any = None) -> A:
    """Convolution (as networks call it: the kernel is not flipped) over 1 axis; torch.nn.functional.conv1d's.

    x        (N, C_in, L) or, unbatched, (C_in, L); channels last with layout="NHWC". float32 or float64
    w        (C_out, C_in / groups, k), whatever the layout; of x's type
    bias     (C_out,), of x's type
    returns  (N, C_out, L_out), or as x without N and with its channels last, in x's array namespace

    The parameters, what is copied and what is raised: see conv2d() and conv_transpose2d().

    >>> import numpy as np
    >>> conv1d(np.array([[[1.0, 2.0, 3.0, 4.0]]]), np.array([[[1.0, -1.0]]]))
    array([[[-1., -1., -1.]]])
    """
    answer: A = forward(1, x, w, bias, (lib.CONV, stride, padding, 0, groups, dilation, None, activation, layout, method),
                        threads, out)
    return answer


def conv2d(x: A, w: Any, bias: Any = None, stride: Numbers = 1, padding: Padding = 0, dilation: Numbers = 1,
           groups: int = 1, *, activation: Optional[str] = None, layout: str = "NCHW", threads: Optional[int] = None,
           method: str = "auto", out: Any = None) -> A:
    """Convolution (as networks call it: the kernel is not flipped) over 2 axes; torch.nn.functional.conv2d's.

    x        (N, C_in, H, W) or, unbatched, (C_in, H, W); channels last with layout="NHWC". float32 or float64
    w        (C_out, C_in / groups, kH, kW), whatever the layout; of x's type
    bias     (C_out,), of x's type
    returns  (N, C_out, H_out, W_out), or as x without N and with its channels last, in x's array namespace

    Along each axis: out = floor((in + 2 padding - dilation (k - 1) - 1) / stride) + 1.

    padding may also be 'same' (stride 1), 'valid', or a pair (begin, end) for each axis. The other parameters, what is
    copied and what is raised: see conv_transpose2d(), whose transpose this is.

    >>> import numpy as np
    >>> conv2d(np.ones((1, 1, 4, 4)), np.ones((1, 1, 3, 3)), padding="same")[0, 0]
    array([[4., 6., 6., 4.],
           [6., 9., 9., 6.],
           [6., 9., 9., 6.],
           [4., 6., 6., 4.]])
    """
    answer: A = forward(2, x, w, bias, (lib.CONV, stride, padding, 0, groups, dilation, None, activation, layout, method),
                        threads, out)
    return answer


def conv3d(x: A, w: Any, bias: Any = None, stride: Numbers = 1, padding: Padding = 0, dilation: Numbers = 1,
           groups: int = 1, *, activation: Optional[str] = None, layout: str = "NCHW", threads: Optional[int] = None,
           method: str = "auto", out: Any = None) -> A:
    """Convolution (as networks call it: the kernel is not flipped) over 3 axes; torch.nn.functional.conv3d's.

    x        (N, C_in, D, H, W) or, unbatched, (C_in, D, H, W); channels last with layout="NHWC". float32 or float64
    w        (C_out, C_in / groups, kD, kH, kW), whatever the layout; of x's type
    bias     (C_out,), of x's type
    returns  (N, C_out, D_out, H_out, W_out), or as x without N and with its channels last, in x's array namespace

    The parameters, what is copied and what is raised: see conv2d() and conv_transpose2d().

    >>> import numpy as np
    >>> conv3d(np.ones((1, 2, 6, 6, 6)), np.ones((4, 2, 2, 2, 2)), stride=2).shape
    (1, 4, 3, 3, 3)
    """
    answer: A = forward(3, x, w, bias, (lib.CONV, stride, padding, 0, groups, dilation, None, activation, layout, method),
                        threads, out)
    return answer
