"""Transposed convolution, exact and fast: arrays in, arrays out.

>>> import numpy as np, tconv
>>> x = np.array([[[[1.0, 2.0], [3.0, 4.0]]]])      # (1, 1, 2, 2): samples, channels, rows, columns
>>> w = np.ones((1, 1, 3, 3))                       # (C_in, C_out / groups, rows, columns)
>>> tconv.conv_transpose2d(x, w, stride=2).shape
(1, 1, 5, 5)

The functions have torch.nn.functional's signatures: conv_transpose1d/2d/3d, conv1d/2d/3d. backward and conv_backward give
their gradients; Plan packs weights once for many calls; output_shape, shape, matrix and problem ask about a geometry
without computing; trace draws one, step by step; lint finds what may show as a checkerboard; info and set_num_threads are about the machine.
tconv.Plan(...).explain() says what is run and why.

Guide: docs/guide/python.md in the repository.
"""

from __future__ import annotations

from ._geometry import Entries, matrix, output_shape, problem, shape
from ._gradients import Gradients, backward, conv_backward
from ._layers import conv1d, conv2d, conv3d, conv_transpose1d, conv_transpose2d, conv_transpose3d
from ._library import LIBRARY as _LIBRARY
from ._lint import lint
from ._machine import get_num_threads, info, methods, set_num_threads
from ._plan import Plan
from ._trace import Drawing, trace

__version__: str = _LIBRARY.tconv_version().decode()

__all__ = ["Drawing", "Entries", "Gradients", "Plan", "backward", "conv1d", "conv2d", "conv3d", "conv_backward",
           "conv_transpose1d", "conv_transpose2d", "conv_transpose3d", "get_num_threads", "info", "lint", "matrix",
           "methods", "output_shape", "problem", "set_num_threads", "shape", "trace"]
