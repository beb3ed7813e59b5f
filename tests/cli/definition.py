"""The definition of the transposed convolution in plain loops, sharing nothing with the program that is tested.

A layer is a dictionary: stride, dilation, begin, end, op (one number per axis), groups, nhwc. Arrays hold (N, C, ...),
or (N, ..., C) with nhwc; weights (C_in, C_out/groups, k...).
"""
import itertools
import math

from npy import Array, product


def split(array, nhwc):
    """Batch, channels, spatial sizes."""
    shape = array.shape
    return (shape[0], shape[-1], shape[1:-1]) if nhwc else (shape[0], shape[1], shape[2:])


def offset(n, c, at, channels, sizes, nhwc):
    position = 0
    for i, size in zip(at, sizes):
        position = position * size + i
    return (n * product(sizes) + position) * channels + c if nhwc else (n * channels + c) * product(sizes) + position


def out_sizes(layer, sizes, kernel):
    return tuple((n - 1) * s + d * (k - 1) + 1 - b - e + op
                 for n, k, s, d, b, e, op in zip(sizes, kernel, layer['stride'], layer['dilation'], layer['begin'],
                                                 layer['end'], layer['op']))


def products(layer, batch, coarse_channels, coarse, fine_channels, fine, w):
    """(offset in x, offset in y, offset in w) of every product."""
    groups, kernel, nhwc = layer['groups'], w.shape[2:], layer['nhwc']
    fine_each, coarse_each = w.shape[1], coarse_channels // groups
    for n, c, f in itertools.product(range(batch), range(coarse_channels), range(fine_each)):
        for i in itertools.product(*map(range, coarse)):
            for tap, j in enumerate(itertools.product(*map(range, kernel))):
                o = tuple(a * s + b * d - p for a, s, b, d, p in
                          zip(i, layer['stride'], j, layer['dilation'], layer['begin']))
                if all(0 <= a < size for a, size in zip(o, fine)):
                    yield (offset(n, c, i, coarse_channels, coarse, nhwc),
                           offset(n, c // coarse_each * fine_each + f, o, fine_channels, fine, nhwc),
                           (c * fine_each + f) * product(kernel) + tap)


def activate(name, v):
    word, *numbers = name.split(':')
    numbers = [float(n) for n in numbers]
    return {'': lambda: v, 'relu': lambda: max(v, 0.0), 'leaky': lambda: v if v >= 0 else v * numbers[0],
            'tanh': lambda: math.tanh(v), 'sigmoid': lambda: 1 / (1 + math.exp(-v)),
            'clamp': lambda: min(max(v, numbers[0]), numbers[1])}[word]()


def finish(shape, sums, channels, positions, nhwc, dtype, bias=None, residual=None, activation=''):
    for at in range(len(sums)):
        if bias:
            sums[at] += bias.values[at % channels if nhwc else at // positions % channels]
        if residual:
            sums[at] += residual.values[at]
        sums[at] = activate(activation, sums[at])
    return Array(shape, sums, dtype)


def joined(batch, channels, sizes, nhwc):
    return (batch, *sizes, channels) if nhwc else (batch, channels, *sizes)


def transposed(layer, x, w, **epilogue):
    batch, channels, sizes = split(x, layer['nhwc'])
    fine, out = out_sizes(layer, sizes, w.shape[2:]), w.shape[1] * layer['groups']
    sums = [0.0] * (batch * out * product(fine))
    for i, o, j in products(layer, batch, channels, sizes, out, fine, w):
        sums[o] += x.values[i] * w.values[j]
    return finish(joined(batch, out, fine, layer['nhwc']), sums, out, product(fine), layer['nhwc'], x.dtype, **epilogue)


def convolution(layer, x, w, **epilogue):
    batch, channels, fine = split(x, layer['nhwc'])
    coarse = tuple((n + b + e - d * (k - 1) - 1) // s + 1
                   for n, k, s, d, b, e in zip(fine, w.shape[2:], layer['stride'], layer['dilation'], layer['begin'],
                                               layer['end']))
    sums = [0.0] * (batch * w.shape[0] * product(coarse))
    for i, o, j in products(layer, batch, w.shape[0], coarse, channels, fine, w):
        sums[i] += x.values[o] * w.values[j]
    return finish(joined(batch, w.shape[0], coarse, layer['nhwc']), sums, w.shape[0], product(coarse), layer['nhwc'],
                  x.dtype, **epilogue)


def gradients(layer, coarse_side, fine_side, w):
    """Sums over all products: for the coarse side, the weights and the fine side (fine * w, coarse * fine, coarse * w)."""
    batch, channels, coarse = split(coarse_side, layer['nhwc'])
    _, out, fine = split(fine_side, layer['nhwc'])
    to_coarse, to_w, to_fine = [0.0] * len(coarse_side.values), [0.0] * len(w.values), [0.0] * len(fine_side.values)
    for i, o, j in products(layer, batch, channels, coarse, out, fine, w):
        to_coarse[i] += fine_side.values[o] * w.values[j]
        to_w[j] += coarse_side.values[i] * fine_side.values[o]
        to_fine[o] += coarse_side.values[i] * w.values[j]
    return to_coarse, to_w, to_fine


def channel_sums(array, nhwc):
    batch, channels, sizes = split(array, nhwc)
    sums = [0.0] * channels
    for at, value in enumerate(array.values):
        sums[at % channels if nhwc else at // product(sizes) % channels] += value
    return sums
