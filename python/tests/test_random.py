"""Random geometries: against the NumPy reference, against SciPy, and what the two layers owe each other."""
import numpy as np
import reference as ref
import tconv
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import signal

SETTINGS = settings(max_examples=150, deadline=None)


@st.composite
def layers(draw):
    rank, groups = draw(st.integers(1, 3)), draw(st.integers(1, 3))

    def numbers(low, high):
        return tuple(draw(st.integers(low, high)) for _ in range(rank))

    kernel, stride, dilation, sizes = numbers(1, 4), numbers(1, 4), numbers(1, 3), numbers(1, 5)
    more = tuple(draw(st.integers(0, max(s, d) - 1)) for s, d in zip(stride, dilation))
    full = ref.transposed_sizes(sizes, kernel, stride, dilation, (0,) * rank, (0,) * rank, more)
    padding = tuple(draw(st.integers(0, (n - 1) // 2)) for n in full)
    return {"rank": rank, "groups": groups, "kernel": kernel, "stride": stride, "dilation": dilation, "sizes": sizes,
            "more": more, "padding": padding, "batch": draw(st.integers(1, 2)),
            "channels": (groups * draw(st.integers(1, 3)), draw(st.integers(1, 3))),
            "dtype": draw(st.sampled_from(["f4", "f8"])), "seed": draw(st.integers(0, 99)),
            "last": draw(st.booleans()), "bias": draw(st.booleans())}


def arrays(layer):
    c_in, each_out = layer["channels"]
    x = ref.random((layer["batch"], c_in, *layer["sizes"]), layer["dtype"], layer["seed"])
    w = ref.random((c_in, each_out, *layer["kernel"]), layer["dtype"], layer["seed"] + 1)
    fine = ref.transposed_sizes(layer["sizes"], layer["kernel"], layer["stride"], layer["dilation"], layer["padding"],
                                layer["padding"], layer["more"])
    y = ref.random((layer["batch"], each_out * layer["groups"], *fine), layer["dtype"], layer["seed"] + 2)
    return x, w, y


@SETTINGS
@given(layers())
def test_against_the_reference(layer):
    x, w, y = arrays(layer)
    bias = ref.random((y.shape[1],), layer["dtype"], 9) if layer["bias"] else None
    geometry = layer["stride"], layer["dilation"], layer["padding"], layer["groups"]
    expected = ref.scatter(x, w, y.shape[2:], *geometry)
    if bias is not None:
        expected += bias.reshape(-1, *[1] * layer["rank"])
    terms = w.shape[0] * int(np.prod(layer["kernel"]))
    function = getattr(tconv, f"conv_transpose{layer['rank']}d")
    arguments = (w, bias, layer["stride"], layer["padding"], layer["more"], layer["groups"], layer["dilation"])
    given_x = ref.last(x) if layer["last"] else x
    result = function(given_x, *arguments, layout="NHWC" if layer["last"] else "NCHW")
    assert ref.close(np.moveaxis(result, -1, 1) if layer["last"] else result, expected, terms)
    plan = tconv.Plan(x.shape, *arguments)
    assert ref.close(plan(x), expected, terms) and plan.output_shape == expected.shape


@SETTINGS
@given(layers())
def test_the_layers_are_adjoint(layer):
    """<gather(y), x> = <y, scatter(x)>, which is what backward() and conv_backward() rest on."""
    layer["dtype"] = "f8"
    x, w, y = arrays(layer)
    grad = tconv.backward(x, w, y, layer["stride"], layer["padding"], layer["more"], layer["groups"], layer["dilation"])
    made = getattr(tconv, f"conv_transpose{layer['rank']}d")(x, w, None, layer["stride"], layer["padding"],
                                                            layer["more"], layer["groups"], layer["dilation"])
    inner = np.sum(made * y)
    assert np.isclose(np.sum(grad.input * x), inner) and np.isclose(np.sum(grad.weight * w), inner)
    assert np.allclose(grad.bias, y.sum((0, *range(2, y.ndim))))


@SETTINGS
@given(st.integers(1, 3), st.data())
def test_stride_1_is_scipys_full_convolution(rank, data):
    sizes, kernel = [tuple(data.draw(st.integers(1, most)) for _ in range(rank)) for most in (9, 5)]
    x, k = ref.random(sizes, "f8", 1), ref.random(kernel, "f8", 2)
    full = signal.convolve(x, k, mode="full", method="direct")
    y = getattr(tconv, f"conv_transpose{rank}d")(x[None, None], k[None, None])[0, 0]
    assert y.shape == full.shape and np.allclose(y, full)
    if all(n >= m for n, m in zip(sizes, kernel)):  # a network's convolution does not flip its kernel
        valid = signal.correlate(x, k, mode="valid", method="direct")
        assert np.allclose(getattr(tconv, f"conv{rank}d")(x[None, None], k[None, None])[0, 0], valid)


anything = st.one_of(st.integers(-3, 5), st.integers(-2**70, 2**70), st.floats(allow_nan=True), st.none(), st.text(max_size=3),
                     st.lists(st.integers(-2, 4), max_size=4), st.lists(st.lists(st.integers(-1, 3), max_size=3), max_size=3))


@SETTINGS
@given(*[anything] * 5, st.lists(st.integers(0, 4), max_size=5), st.lists(st.integers(0, 4), max_size=5))
def test_nonsense_is_refused_with_a_sentence(stride, padding, more, groups, dilation, x_shape, w_shape):
    """Any parameters and shapes: an answer of the foretold shape, or a ValueError or TypeError that says something."""
    arguments = stride, padding, more, groups, dilation
    try:
        shape = tconv.output_shape(x_shape, w_shape, *arguments)
    except (ValueError, TypeError) as error:
        assert len(str(error)) > 10
        shape = None
    if shape is not None and (np.prod(shape, dtype=float) > 1e6 or not 3 <= len(w_shape) <= 5):
        return
    function = getattr(tconv, f"conv_transpose{min(max(len(w_shape) - 2, 1), 3)}d")
    try:
        y = function(np.zeros(x_shape, "f4"), np.zeros(w_shape, "f4"), None, *arguments)
    except (ValueError, TypeError, MemoryError) as error:
        assert len(str(error)) > 10 and shape is None
    else:
        assert y.shape == shape and not y.any()
