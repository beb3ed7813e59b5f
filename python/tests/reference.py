"""The layers and their gradients in plain NumPy, sharing nothing with the package that is tested.

Arrays are (N, C, sizes...); weights (coarse channels, fine channels / groups, kernel...). Sums are in double.
"""
import itertools

import numpy as np


def taps(kernel):
    return itertools.product(*map(range, kernel))


def landing(coarse, fine, tap, stride, dilation, begin):
    """For each axis: the coarse elements whose stamp puts this tap inside the frame, and where it lands."""
    sources, targets = [], []
    for n, size, j, s, d, p in zip(coarse, fine, tap, stride, dilation, begin):
        inside = [i for i in range(n) if 0 <= i * s + j * d - p < size]
        sources.append(inside)
        targets.append([i * s + j * d - p for i in inside])
    return np.ix_(*sources), np.ix_(*targets)


def scatter(x, w, fine, stride, dilation, begin, groups):
    """The transposed convolution into a frame of the sizes `fine`."""
    x, w = x.astype(np.float64), w.astype(np.float64)
    n, channels, *coarse = x.shape
    each_in, each_out = channels // groups, w.shape[1]
    y = np.zeros((n, each_out * groups, *fine))
    for tap in taps(w.shape[2:]):
        source, target = landing(coarse, fine, tap, stride, dilation, begin)
        for g in range(groups):
            mine = slice(g * each_in, (g + 1) * each_in)
            out = slice(g * each_out, (g + 1) * each_out)
            part = np.einsum("nc...,cf->nf...", x[(slice(None), mine)][(...,) + source], w[(mine, slice(None)) + tap])
            for sample, channel in itertools.product(range(n), range(each_out)):
                y[sample, out.start + channel][target] += part[sample, channel]
    return y


def gather(y, w, coarse, stride, dilation, begin, groups):
    """The convolution with the sizes `coarse`."""
    y, w = y.astype(np.float64), w.astype(np.float64)
    n, channels, *fine = y.shape
    each_out, each_in = channels // groups, w.shape[0] // groups
    x = np.zeros((n, w.shape[0], *coarse))
    for tap in taps(w.shape[2:]):
        source, target = landing(coarse, fine, tap, stride, dilation, begin)
        for g in range(groups):
            mine = slice(g * each_in, (g + 1) * each_in)
            out = slice(g * each_out, (g + 1) * each_out)
            part = np.einsum("nf...,cf->nc...", y[(slice(None), out)][(...,) + target], w[(mine, slice(None)) + tap])
            for sample, channel in itertools.product(range(n), range(each_in)):
                x[sample, mine.start + channel][source] += part[sample, channel]
    return x


def weight_grad(x, y, shape, stride, dilation, begin, groups):
    """The gradient of the weights from both sides."""
    x, y = x.astype(np.float64), y.astype(np.float64)
    grad = np.zeros(shape)
    each_in, each_out = shape[0] // groups, shape[1]
    for tap in taps(shape[2:]):
        source, target = landing(x.shape[2:], y.shape[2:], tap, stride, dilation, begin)
        for g in range(groups):
            mine = slice(g * each_in, (g + 1) * each_in)
            out = slice(g * each_out, (g + 1) * each_out)
            a = x[(slice(None), mine)][(...,) + source].reshape(x.shape[0], each_in, -1)
            b = y[(slice(None), out)][(...,) + target].reshape(x.shape[0], each_out, -1)
            grad[(mine, slice(None)) + tap] = np.einsum("ncp,nfp->cf", a, b)
    return grad


def transposed_sizes(sizes, kernel, stride, dilation, begin, end, more):
    return tuple((n - 1) * s + d * (k - 1) + 1 - b - e + o
                 for n, k, s, d, b, e, o in zip(sizes, kernel, stride, dilation, begin, end, more))


def convolved_sizes(sizes, kernel, stride, dilation, begin, end):
    return tuple((n + b + e - d * (k - 1) - 1) // s + 1
                 for n, k, s, d, b, e in zip(sizes, kernel, stride, dilation, begin, end))


def random(shape, dtype="f4", seed=0):
    return np.random.default_rng((seed, *shape)).uniform(-1, 1, shape).astype(dtype)


def close(actual, expected, terms):
    """Whether every element is as near as sums of `terms` products of that type have to be."""
    bound = np.finfo(actual.dtype).eps * (8 + 2 * terms)
    return actual.shape == expected.shape and bool(np.all(np.abs(actual - expected) <= bound * (1 + np.abs(expected))))


def last(array, rank=None):
    """Channels first to channels last, of a batch."""
    return np.ascontiguousarray(np.moveaxis(array, 1, -1))
