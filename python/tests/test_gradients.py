"""Gradients of both layers: against the NumPy reference, and as the derivatives of what is computed."""
import numpy as np
import pytest
import reference as ref
import tconv

SIZES = {1: ((7,), (3,)), 2: ((5, 6), (3, 2)), 3: ((3, 4, 3), (2, 3, 2))}


@pytest.mark.parametrize("dtype", ["f4", "f8"])
@pytest.mark.parametrize("last", [False, True])
@pytest.mark.parametrize("rank", [1, 2, 3])
def test_against_the_reference(rank, last, dtype):
    sizes, kernel = SIZES[rank]
    stride, dilation, padding, more = [(2, 1, 2)[:rank], (1, 2, 1)[:rank], (1, 0, 1)[:rank], (1, 1, 0)[:rank]]
    fine = ref.transposed_sizes(sizes, kernel, stride, dilation, padding, padding, more)
    coarse_side, fine_side = ref.random((2, 4, *sizes), dtype, 1), ref.random((2, 6, *fine), dtype, 2)
    w, geometry = ref.random((4, 3, *kernel), dtype, 3), (stride, dilation, padding, 2)
    to_coarse = ref.gather(fine_side, w, sizes, *geometry)
    to_fine = ref.scatter(coarse_side, w, fine, *geometry)
    to_w = ref.weight_grad(coarse_side, fine_side, w.shape, *geometry)
    axes = (0, *range(2, rank + 2))
    order, layout = (ref.last, "NHWC") if last else (lambda a: a, "NCHW")
    terms = 2 * int(np.prod(fine)) * 4

    grad = tconv.backward(order(coarse_side), w, order(fine_side), stride, padding, more, 2, dilation, layout=layout)
    assert ref.close(grad.input, order(to_coarse), terms) and ref.close(grad.weight, to_w, terms)
    assert ref.close(grad.bias, fine_side.astype("f8").sum(axes), terms)
    if ref.convolved_sizes(fine, kernel, stride, dilation, padding, padding) == sizes:
        grad = tconv.conv_backward(order(fine_side), w, order(coarse_side), stride, padding, dilation, 2, layout=layout)
        assert ref.close(grad.input, order(to_fine), terms) and ref.close(grad.weight, to_w, terms)
        assert ref.close(grad.bias, coarse_side.astype("f8").sum(axes), terms)


def test_as_differences():
    x, w, bias = ref.random((2, 3, 4, 4), "f8", 1), ref.random((3, 2, 3, 3), "f8", 2), ref.random((2,), "f8", 3)
    y = tconv.conv_transpose2d(x, w, bias, 2, 1, 1)
    dy, generator = ref.random(y.shape, "f8", 4), np.random.default_rng(5)
    grad = tconv.backward(x, w, dy, 2, 1, 1)
    for which, value in enumerate((x, w, bias)):
        direction = generator.standard_normal(value.shape)
        changed = [x, w, bias]
        changed[which] = value + direction
        difference = np.sum(dy * (tconv.conv_transpose2d(*changed, 2, 1, 1) - y))  # exact: the layer is linear in each
        assert np.isclose(difference, np.sum(grad[which] * direction))


def test_unbatched_and_needs():
    x, w, dy = ref.random((3, 4, 4)), ref.random((3, 2, 3, 3)), ref.random((2, 6, 6))
    whole = tconv.backward(x[None], w, dy[None])
    grad = tconv.backward(x, w, dy)
    assert np.array_equal(grad.input, whole.input[0]) and np.array_equal(grad.weight, whole.weight)
    for needs in ((True, False, False), (False, True, False), (False, False, True), (False, False, False)):
        some = tconv.backward(x, w, dy, needs=needs)
        assert [each is not None for each in some] == list(needs)
        assert all(each is None or np.array_equal(each, other) for each, other in zip(some, grad))


def test_empty_batches():
    grad = tconv.backward(np.zeros((0, 3, 4, 4), "f4"), np.ones((3, 2, 3, 3), "f4"), np.zeros((0, 2, 6, 6), "f4"))
    assert grad.input.shape == (0, 3, 4, 4) and not grad.weight.any() and not grad.bias.any()
    assert grad.weight.shape == (3, 2, 3, 3) and grad.bias.shape == (2,)


def test_methods_are_those_of_any_of_the_passes():
    x, w, dy = ref.random((1, 3, 4, 4)), ref.random((3, 2, 3, 3)), ref.random((1, 2, 6, 6))
    grad = tconv.backward(x, w, dy)
    for name in ("direct", "reference"):
        assert all(np.allclose(a, b, atol=1e-5) for a, b in zip(tconv.backward(x, w, dy, method=name), grad))
    with pytest.raises(ValueError, match="no_method"):
        tconv.backward(x, w, dy, method="no_method")


@pytest.mark.parametrize("error, match, dy, options", [
    (ValueError, r"output_grad has shape \(1, 2, 5, 5\), but the output has \(1, 2, 6, 6\)", (1, 2, 5, 5), {}),
    (ValueError, "output_padding", (1, 2, 6, 6), {"output_padding": 1}),
    (ValueError, "needs", (1, 2, 6, 6), {"needs": (True,)}),
])
def test_refusals(error, match, dy, options):
    with pytest.raises(error, match=match):
        tconv.backward(ref.random((1, 3, 4, 4)), ref.random((3, 2, 3, 3)), ref.random(dy), **options)


def test_types_have_to_agree():
    with pytest.raises(TypeError, match="output_grad holds float64"):
        tconv.backward(ref.random((1, 3, 4, 4)), ref.random((3, 2, 3, 3)), ref.random((1, 2, 6, 6), "f8"))
