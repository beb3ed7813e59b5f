"""The functions: ranks, layouts, types, parameters, refusals."""
import numpy as np
import pytest
import reference as ref
import tconv

SIZES = {1: ((7,), (3,)), 2: ((5, 6), (3, 2)), 3: ((3, 4, 3), (2, 3, 2))}


def transposed(rank):
    return getattr(tconv, f"conv_transpose{rank}d")


def convolution(rank):
    return getattr(tconv, f"conv{rank}d")


@pytest.mark.parametrize("dtype", ["f4", "f8"])
@pytest.mark.parametrize("layout", ["NCHW", "NHWC"])
@pytest.mark.parametrize("rank", [1, 2, 3])
def test_both_layers(rank, layout, dtype):
    sizes, kernel = SIZES[rank]
    stride, dilation, padding, more = [(2, 1, 2)[:rank], (1, 2, 1)[:rank], (1, 0, 1)[:rank], (1, 1, 0)[:rank]]
    groups, terms = 2, 6 * 12
    x, w = ref.random((2, 4, *sizes), dtype, 1), ref.random((4, 3, *kernel), dtype, 2)
    bias = ref.random((6,), dtype, 3)
    expected = ref.scatter(x, w, ref.transposed_sizes(sizes, kernel, stride, dilation, padding, padding, more), stride,
                           dilation, padding, groups) + bias.reshape(-1, *[1] * rank)
    last = layout == "NHWC"
    y = transposed(rank)(ref.last(x) if last else x, w, bias, stride, padding, more, groups, dilation, layout=layout)
    assert y.dtype == x.dtype and y.flags.c_contiguous
    assert ref.close(np.moveaxis(y, -1, 1) if last else y, expected, terms)
    for again in range(2):  # the first call and those after it take other ways
        z = transposed(rank)(x, w, bias, stride, padding, more, groups, dilation, out=None)
        assert ref.close(z, expected, terms)

    f, bias = ref.random((2, 6, *[n + 4 for n in sizes]), dtype, 4), ref.random((4,), dtype, 5)
    expected = ref.gather(f, w, ref.convolved_sizes(f.shape[2:], kernel, stride, dilation, padding, padding), stride,
                          dilation, padding, groups) + bias.reshape(-1, *[1] * rank)
    y = convolution(rank)(ref.last(f) if last else f, w, bias, stride, padding, dilation, groups, layout=layout)
    assert ref.close(np.moveaxis(y, -1, 1) if last else y, expected, terms)


@pytest.mark.parametrize("rank", [1, 2, 3])
def test_unbatched_input_is_answered_unbatched(rank):
    sizes, kernel = SIZES[rank]
    x, w = ref.random((1, 4, *sizes)), ref.random((4, 3, *kernel))
    assert np.array_equal(transposed(rank)(x[0], w, stride=2), transposed(rank)(x, w, stride=2)[0])
    assert np.array_equal(transposed(rank)(ref.last(x)[0], w, layout="NHWC"), transposed(rank)(ref.last(x), w, layout="NHWC")[0])
    f = ref.random((1, 3, *[n + 4 for n in sizes]))
    assert np.array_equal(convolution(rank)(f[0], w), convolution(rank)(f, w)[0])


@pytest.mark.parametrize("activation, function", [
    ("relu", lambda v: np.maximum(v, 0)), ("leaky:0.2", lambda v: np.where(v < 0, 0.2 * v, v)), ("tanh", np.tanh),
    ("sigmoid", lambda v: 1 / (1 + np.exp(-v))), ("clamp:-0.5:0.5", lambda v: np.clip(v, -0.5, 0.5))])
def test_activations(activation, function):
    x, w, bias = ref.random((1, 3, 4, 4), "f8"), ref.random((3, 2, 3, 3), "f8"), ref.random((2,), "f8")
    plain = tconv.conv_transpose2d(x, w, bias, 2)
    assert np.allclose(tconv.conv_transpose2d(x, w, bias, 2, activation=activation), function(plain), atol=1e-12)


def test_padding_by_name_and_in_pairs():
    f, w = ref.random((1, 2, 9, 9)), ref.random((3, 2, 4, 4))
    same = tconv.conv2d(f, w, padding="same")
    assert same.shape == (1, 3, 9, 9)
    assert np.array_equal(same, tconv.conv2d(f, w, padding=((1, 2), (1, 2))))  # torch: the larger half at the end
    assert np.array_equal(tconv.conv2d(f, w, padding="valid"), tconv.conv2d(f, w))
    x, w = ref.random((1, 3, 5, 5)), ref.random((3, 2, 4, 4))
    full = tconv.conv_transpose2d(x, w, stride=2)
    cropped = tconv.conv_transpose2d(x, w, stride=2, padding=((1, 2), (0, 3)))
    assert np.allclose(cropped, full[:, :, 1:-2, :-3], atol=1e-6)
    with pytest.raises(ValueError, match="stride 1"):
        tconv.conv2d(f, ref.random((3, 2, 4, 4)), stride=2, padding="same")
    with pytest.raises(ValueError, match="'same', 'valid' or numbers"):
        tconv.conv2d(f, ref.random((3, 2, 4, 4)), padding="full")


def test_output_size_chooses_output_padding():
    x, w = ref.random((1, 3, 5, 5)), ref.random((3, 2, 3, 3))
    wanted = tconv.conv_transpose2d(x, w, stride=2, padding=1, output_padding=(1, 0))
    assert np.array_equal(tconv.conv_transpose2d(x, w, stride=2, padding=1, output_size=(10, 9)), wanted)


def test_equal_numbers_are_equal_parameters():
    x, w = ref.random((1, 3, 5, 5)), ref.random((3, 2, 3, 3))
    y = tconv.conv_transpose2d(x, w, stride=2)
    for stride in (2.0, np.int64(2), (2, 2), [2, 2], np.array([2, 2]), np.array(2), (2.0, 2)):
        assert np.array_equal(tconv.conv_transpose2d(x, w, stride=stride), y)


def test_zero_sizes():
    w = ref.random((3, 2, 3, 3))
    assert tconv.conv_transpose2d(np.zeros((0, 3, 4, 4), "f4"), w).shape == (0, 2, 6, 6)
    assert tconv.conv_transpose2d(np.zeros((1, 3, 4, 4), "f4"), np.zeros((3, 0, 3, 3), "f4")).shape == (1, 0, 6, 6)
    bias_only = tconv.conv_transpose2d(np.zeros((1, 0, 2, 2), "f4"), np.zeros((0, 2, 3, 3), "f4"), np.float32([1, 2]))
    assert np.array_equal(bias_only, np.broadcast_to(np.float32([1, 2]).reshape(1, 2, 1, 1), (1, 2, 4, 4)))
    for again in range(2):
        with pytest.raises(ValueError, match="must be at least 1"):
            tconv.conv_transpose2d(np.zeros((1, 3, 0, 4), "f4"), w)


X, W = np.zeros((1, 4, 5, 5), "f4"), np.zeros((4, 2, 3, 3), "f4")


@pytest.mark.parametrize("error, match, arguments, options", [
    (ValueError, "output_padding 2 must be smaller than max", (X, W), {"stride": 2, "output_padding": 2}),
    (ValueError, "3 channels", (X[:, :3].copy(), W), {}),
    (ValueError, "bias of length 3", (X, W, np.zeros(3, "f4")), {}),
    (ValueError, "bias has shape", (X, W, np.zeros((2, 1), "f4")), {}),
    (ValueError, "weights with 4 axes", (X, W[0]), {}),
    (ValueError, "input with 4 axes", (X[0, 0], W), {}),
    (ValueError, "stride", (X, W), {"stride": 0}),
    (ValueError, "stride has 3 entries", (X, W), {"stride": (1, 2, 3)}),
    (ValueError, "padding", (X, W), {"padding": -1}),
    (ValueError, "mixes forms", (X, W), {"padding": ((1, 1, 1), 2)}),
    (ValueError, "groups", (X, W), {"groups": 0}),
    (ValueError, "groups", (X, W), {"groups": 3}),
    (ValueError, "62 bits", (X, W), {"stride": 2**70}),
    (ValueError, "overflow|62 bits", (X, W), {"stride": 2**61}),
    (ValueError, "layout 'HWCN'", (X, W), {"layout": "HWCN"}),
    (ValueError, "frelu", (X, W), {"activation": "frelu"}),
    (ValueError, "fastest_ever", (X, W), {"method": "fastest_ever"}),
    (ValueError, "threads is 0", (X, W), {"threads": 0}),
    (ValueError, "threads is -1", (X, W), {"threads": -1}),
    (TypeError, "whole number", (X, W), {"stride": 1.5}),
    (TypeError, "whole number", (X, W), {"dilation": "2"}),
    (TypeError, "takes numbers", (X, W), {"padding": "same"}),
    (TypeError, "text", (X, W), {"activation": 3}),
    (TypeError, "int64", (X.astype("i8"), W), {}),
    (TypeError, "float16", (X.astype("f2"), W), {}),
    (TypeError, "complex", (X.astype("c8"), W), {}),
    (TypeError, "w holds float64", (X, W.astype("f8")), {}),
    (TypeError, "bias holds float64", (X, W, np.zeros(2)), {}),
    (TypeError, "object", (None, W), {}),
    (TypeError, "x", ("text", W), {}),
])
def test_refusals_are_sentences(error, match, arguments, options):
    tconv.conv_transpose2d(X, W)  # so that a kept plan might be found
    for again in range(2):
        with pytest.raises(error, match=match):
            tconv.conv_transpose2d(*arguments, **options)


def test_same_bits_for_every_number_of_threads():
    x, w = ref.random((2, 32, 40, 40)), ref.random((32, 32, 4, 4))
    one = tconv.conv_transpose2d(x, w, None, 2, 1, threads=1)
    for threads in (2, 3, 7):
        assert np.array_equal(tconv.conv_transpose2d(x, w, None, 2, 1, threads=threads), one)


def test_every_method_that_takes_a_layer_computes_it():
    x, w = ref.random((1, 8, 9, 9)), ref.random((8, 8, 3, 3))
    expected, ran = ref.scatter(x, w, (19, 19), (2, 2), (1, 1), (0, 0), 1), 0
    for method in tconv.methods():
        try:
            y = tconv.conv_transpose2d(x, w, stride=2, method=method)
        except ValueError as error:
            assert method in str(error)
            continue
        assert ref.close(y, expected, 72)
        ran += 1
    assert ran >= 3
