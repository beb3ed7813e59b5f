"""Plans: many calls, many threads, other sizes, pickles, explanations."""
import concurrent.futures
import gc
import html.parser
import multiprocessing
import pickle
import threading
import time

import numpy as np
import pytest
import reference as ref
import tconv

X, W, B = ref.random((2, 8, 9, 7), seed=1), ref.random((8, 6, 4, 4), seed=2), ref.random((6,), seed=3)
OPTIONS = {"stride": 2, "padding": 1, "activation": "relu"}


def make(**more):
    return tconv.Plan(X.shape, W, B, **{**OPTIONS, **more})


def test_a_plan_computes_what_the_function_computes():
    plan, y = make(), tconv.conv_transpose2d(X, W, B, **OPTIONS)
    assert plan.input_shape == X.shape and plan.output_shape == y.shape and plan.dtype == np.float32
    for again in range(3):
        assert np.array_equal(plan(X), y)
    assert np.array_equal(plan(X[0]), y[0])
    f = ref.random((2, 6, 11, 12))
    plan = tconv.Plan(f.shape, W, stride=2, dilation=2, padding=1, conv=True)
    assert np.array_equal(plan(f), tconv.conv2d(f, W, stride=2, dilation=2, padding=1))


@pytest.mark.parametrize("layout", ["NCHW", "NHWC"])
def test_other_batches_and_sizes_share_the_packed_weights(layout):
    plan = make(layout=layout) if layout == "NCHW" else tconv.Plan(ref.last(X).shape, W, B, layout=layout, **OPTIONS)
    packed = plan._packed
    for shape in ((1, 8, 3, 3), (5, 8, 20, 1), (1, 8, 64, 65), (8, 4, 4)):
        x = ref.random(shape)
        if layout == "NHWC":
            x = np.ascontiguousarray(np.moveaxis(x, -3, -1))
        for again in range(2):
            expected = tconv.conv_transpose2d(x, W, B, layout=layout, **OPTIONS)
            assert np.allclose(plan(x), expected, atol=1e-5) and plan(x).shape == expected.shape
    assert plan._packed is packed


def test_later_changes_of_the_weights_do_not_show():
    w = W.copy()
    plan = tconv.Plan(X.shape, w)
    y = plan(X)
    w[:] = 0
    assert np.array_equal(plan(X), y) and np.any(y)


def test_refusals():
    plan = make()
    with pytest.raises(ValueError, match="channels"):
        plan(X[:, :3])
    with pytest.raises(TypeError, match="float64"):
        plan(X.astype("f8"))
    with pytest.raises(ValueError, match="rank"):
        plan(X[0, 0])
    with pytest.raises(ValueError, match="output_padding"):
        make(output_padding=2)
    with pytest.raises(ValueError, match="whole|at least"):
        make(stride=0)
    with pytest.raises(ValueError, match="needs weights of shape"):
        tconv.Plan.of_problem("ic8 oc6 i4x4 k4", W[:, :, :3])
    with pytest.raises(ValueError, match="bias"):
        tconv.Plan.of_problem("ic8 oc6 i4x4 k4", W, B)
    with pytest.raises(ValueError, match="q9"):
        tconv.Plan.of_problem("i4 q9", W)
    with pytest.raises(ValueError, match="float64"):
        tconv.Plan.of_problem("ic8 oc6 i4x4 k4 f64", W)
    with pytest.raises(ValueError, match="input of shape"):
        tconv.Plan.of_problem("ic8 oc6 i4x4 k4", W)(X)


def test_one_plan_from_many_threads():
    plan, inputs = make(), [ref.random((1 + i % 3, 8, 9 + i % 5, 7), seed=i) for i in range(40)]
    expected = [tconv.conv_transpose2d(x, W, B, **OPTIONS) for x in inputs]
    fresh = make()
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        for results in (list(pool.map(plan, inputs)), list(pool.map(fresh, inputs)),
                        list(pool.map(lambda x: tconv.conv_transpose2d(x, W, B, **OPTIONS), inputs))):
            assert all(np.allclose(a, b, atol=1e-5) for a, b in zip(results, expected))


def test_the_lock_is_released_while_it_computes():
    """This thread goes on before another's call is half done; once in several tries is enough, for the machine may be
    busy, while with the lock held it never would."""
    x, w = ref.random((4, 256, 32, 32)), ref.random((256, 256, 5, 5))
    plan = tconv.Plan(x.shape, w, threads=1)
    plan(x)

    def goes_on():
        begin, times = threading.Event(), []

        def work():
            times.append(time.perf_counter())
            begin.set()
            plan(x)
            times.append(time.perf_counter())

        worker = threading.Thread(target=work)
        worker.start()
        begin.wait()
        time.sleep(0.002)  # into the call
        here = time.perf_counter()
        worker.join()
        return here < (times[0] + times[1]) / 2

    assert any(goes_on() for _ in range(5))


def test_a_finalizer_may_still_call_a_plan_of_its_cycle():
    """The collector runs the finalizers of a cycle in any order; the plan has to outlive them all."""
    results = []

    class Late:
        def __del__(self):
            results.append(self.plan(X))

    for is_before in (False, True):
        late, plan = (Late(), make()) if is_before else (make(), Late())[::-1]
        late.plan, plan.late = plan, late
        y = plan(X)
        del late, plan
        assert gc.collect() > 0 and np.array_equal(results.pop(), y)


def test_pickles():
    for plan in (make(), make(threads=2), tconv.Plan.of_problem("n2 ic8 oc6 i9x7 o30x31 k4 s2 bias", W, B)):
        again = pickle.loads(pickle.dumps(plan))
        assert np.array_equal(again(X), plan(X)) and again.problem == plan.problem
        assert again.explanation["method"] == plan.explanation["method"]


def test_a_plan_travels_to_another_process():
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        assert np.array_equal(pool.apply(make(), (X,)), make()(X))


def test_explanations():
    plan = make(threads=2)
    told = plan.explanation
    assert told["problem"] == plan.problem == "n2 ic8 oc6 i9x7 k4 s2 p1 bias relu" and told["schema_version"] == 1
    text = plan.explain()
    assert told["method"] in text and plan.problem in text
    assert told["refused"] and all(each["reason"] for each in told["refused"])
    assert told["method"] in repr(plan)
    assert tconv.Plan(X.shape, W, method="direct").explanation["method"] == "direct"


def test_the_table_is_html():
    rows = []

    class Parser(html.parser.HTMLParser):
        opened: list = []

        def handle_starttag(self, tag, attrs):
            self.opened.append(tag)

        def handle_endtag(self, tag):
            assert self.opened.pop() == tag

        def handle_data(self, data):
            rows.append(data)

    parser = Parser()
    plan = make(activation="clamp:-1:1")
    parser.feed(plan._repr_html_())
    parser.close()
    assert not parser.opened and plan.problem in rows and plan.explanation["method"] in rows
