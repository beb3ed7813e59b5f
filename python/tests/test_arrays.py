"""What may be given as an array, what is read in place, and where results may be written to."""
import array
import tracemalloc

import numpy as np
import pytest
import reference as ref
import tconv

X, W = ref.random((2, 3, 6, 5), seed=1), ref.random((3, 4, 3, 3), seed=2)
Y = tconv.conv_transpose2d(X, W, stride=2)


class Interface:
    """Only __array_interface__."""

    def __init__(self, values):
        self.kept, self.__array_interface__ = values, values.__array_interface__


class DLPack:
    """Only __dlpack__."""

    def __init__(self, values, device=None):
        self.values, self.device = values, device

    def __dlpack__(self, **options):
        if self.device:
            raise BufferError("no CPU memory")
        return self.values.__dlpack__(**options)

    def __dlpack_device__(self):
        return self.device or self.values.__dlpack_device__()


@pytest.mark.parametrize("wrapped", [memoryview, Interface, DLPack, lambda a: a.tolist()],
                         ids=["buffer", "__array_interface__", "__dlpack__", "lists"])
def test_other_arrays(wrapped):
    x, w = X.astype("f8"), W.astype("f8")
    y = tconv.conv_transpose2d(wrapped(x), wrapped(w), stride=2)
    assert type(y) is np.ndarray and np.array_equal(y, tconv.conv_transpose2d(x, w, stride=2))


def test_a_buffer_of_the_standard_library():
    x = memoryview(array.array("f", range(6))).cast("B").cast("f", (1, 2, 3))
    assert tconv.conv_transpose1d(x, np.ones((2, 1, 1), "f4")).tolist() == [[[3, 5, 7]]]


def test_other_memory_than_the_cpus_is_refused():
    with pytest.raises(TypeError, match="not in the CPU's memory"):
        tconv.conv_transpose2d(DLPack(X, (2, 0)), W)


def test_array_api_inputs_are_answered_in_their_namespace():
    strict = pytest.importorskip("array_api_strict")
    x, w = strict.asarray(X), strict.asarray(W)
    y = tconv.conv_transpose2d(x, w, stride=2)
    assert y.__array_namespace__() is strict and np.array_equal(np.asarray(y), Y)
    grad = tconv.backward(x, w, y, stride=2)
    assert all(each.__array_namespace__() is strict for each in grad)
    assert type(tconv.Plan(X.shape, W, stride=2)(x)) is type(x)


@pytest.mark.parametrize("change", [
    lambda a: a[::-1][::-1], lambda a: np.flip(np.flip(a).copy()), lambda a: np.asfortranarray(a),
    lambda a: np.repeat(a, 2, axis=2)[:, :, ::2], lambda a: a.astype(">f4"), lambda a: a.astype("<f4"),
    lambda a: np.frombuffer(b"x" + a.tobytes(), "f4", offset=1, count=a.size).reshape(a.shape),
    lambda a: np.ascontiguousarray(a.transpose(0, 2, 3, 1)).transpose(0, 3, 1, 2)],
    ids=["view", "negative strides", "Fortran", "steps", "big-endian", "little-endian", "unaligned", "channels last"])
def test_any_order_of_memory(change):
    for x, w in ((change(X), W), (X, change(W)), (change(X), change(W))):
        for again in range(2):
            y = tconv.conv_transpose2d(x, w, stride=2)
            assert y.dtype == np.float32 and y.dtype.isnative
            assert np.allclose(y, Y, atol=1e-5)
        assert np.allclose(tconv.Plan(X.shape, w, stride=2)(x), Y, atol=1e-5)


def test_read_only_inputs():
    x, w = X.copy(), W.copy()
    x.flags.writeable = w.flags.writeable = False
    for again in range(2):
        assert np.array_equal(tconv.conv_transpose2d(x, w, stride=2), Y)
    assert np.array_equal(tconv.Plan(x.shape, w, stride=2)(x), Y)


def test_broadcast_inputs():
    x = np.broadcast_to(np.float32(1), (2, 3, 6, 5))
    assert np.array_equal(tconv.conv_transpose2d(x, W), tconv.conv_transpose2d(np.ones(x.shape, "f4"), W))


def test_masked_arrays_are_refused():
    with pytest.raises(TypeError, match="masked"):
        tconv.conv_transpose2d(np.ma.masked_array(X), W)


def peak_of(call):
    call()
    tracemalloc.start()
    call()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak


def test_what_is_contiguous_or_channels_last_is_not_copied():
    x, w = ref.random((1, 64, 128, 128)), ref.random((1, 64, 1, 1))  # results of a 64th of x's size
    last = np.ascontiguousarray(x.transpose(0, 2, 3, 1))
    plan = tconv.Plan(x.shape, w, conv=True)
    for call in (lambda: tconv.conv2d(x, w), lambda: tconv.conv2d(last, w, layout="NHWC"),
                 lambda: tconv.conv2d(last.transpose(0, 3, 1, 2), w), lambda: plan(x),
                 lambda: tconv.conv2d(x.transpose(0, 2, 3, 1), w, layout="NHWC")):
        assert peak_of(call) < x.nbytes / 8
    assert peak_of(lambda: tconv.conv2d(x[:, :, ::-1], w)) > x.nbytes  # this test can see a copy


def test_channels_last_memory_stays_so():
    x = np.ascontiguousarray(X.transpose(0, 2, 3, 1)).transpose(0, 3, 1, 2)
    y = tconv.conv_transpose2d(x, W, stride=2)
    assert y.shape == Y.shape and y.transpose(0, 2, 3, 1).flags.c_contiguous


@pytest.mark.parametrize("make", [
    lambda shape: np.full(shape, np.nan, "f4"),
    lambda shape: np.full((shape[0], 3 * shape[1], *shape[2:]), np.nan, "f4")[:, shape[1]:2 * shape[1]],
    lambda shape: np.full((shape[0], *shape[2:], shape[1]), np.nan, "f4").transpose(0, 3, 1, 2),
    lambda shape: np.full((*shape[:2], 2 * shape[2], 2 * shape[3]), np.nan, "f4")[:, :, ::2, ::2]],
    ids=["contiguous", "a concatenation's slice", "channels last", "steps"])
def test_out(make):
    x_last = np.ascontiguousarray(X.transpose(0, 2, 3, 1))
    for x in (X, x_last.transpose(0, 3, 1, 2), np.asfortranarray(X)):
        out = make(Y.shape)
        assert tconv.conv_transpose2d(x, W, stride=2, out=out) is out
        assert np.allclose(out, Y, atol=1e-5)
        if out.base is not None:  # nothing beside the slice was written to
            assert np.isnan(out.base).sum() == out.base.size - out.size
        plan, out = tconv.Plan(X.shape, W, stride=2), make(Y.shape)
        assert plan(x, out=out) is out and np.allclose(out, Y, atol=1e-5)
    out = make(Y.shape).transpose(0, 2, 3, 1)
    assert tconv.conv_transpose2d(x_last, W, stride=2, layout="NHWC", out=out) is out
    assert np.allclose(out.transpose(0, 3, 1, 2), Y, atol=1e-5)


def test_out_may_share_memory_with_the_input():
    x, w = ref.random((1, 2, 6, 6), seed=4), ref.random((2, 2, 1, 1), seed=5)
    expected = tconv.conv_transpose2d(x, w)
    assert np.array_equal(tconv.conv_transpose2d(x, w, out=x), expected) and np.array_equal(x, expected)


@pytest.mark.parametrize("out, error, match", [
    (np.zeros(Y.shape), ValueError, "f8"), (np.zeros((1, 2), "f4"), ValueError, "shape"),
    (np.zeros(Y.shape, ">f4"), ValueError, ">f4"), (Y.tolist(), TypeError, "numpy.ndarray"),
    (np.broadcast_to(np.float32(0), Y.shape), ValueError, "read-only"),
    (np.zeros(Y.shape, "f4")[..., ::-1], ValueError, "stride"),
    (np.lib.stride_tricks.as_strided(np.zeros(Y.shape, "f4"), Y.shape, (4, 4, 4, 4)), ValueError, "stride")],
    ids=["type", "shape", "byte order", "list", "read-only", "negative strides", "overlapping"])
def test_out_is_checked(out, error, match):
    plan = tconv.Plan(X.shape, W, stride=2)
    for call in (lambda: tconv.conv_transpose2d(X, W, stride=2, out=out), lambda: plan(X, out=out)):
        with pytest.raises(error, match=match):
            call()


def test_large_results_begin_on_a_line_of_the_cache():
    x, w = np.ones((1, 8, 300, 300), "f4"), np.ones((8, 8, 2, 2), "f4")
    plan = tconv.Plan(x.shape, w, stride=2)
    for _ in range(3):
        for output in (tconv.conv_transpose2d(x, w, stride=2), plan(x)):
            assert output.__array_interface__["data"][0] % 64 == 0
            assert output.flags.c_contiguous and output.flags.writeable
