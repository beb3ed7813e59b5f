"""Questions without arrays: sizes, their derivation, the solver, the matrix, the machine."""
import json
import subprocess
import sys

import numpy as np
import pytest
import reference as ref
import support
import tconv


def test_output_shapes():
    assert tconv.output_shape((1, 64, 8, 8), (64, 32, 4, 4), 2, 1) == (1, 32, 16, 16)
    assert tconv.output_shape((64, 8, 8), (64, 32, 4, 4), 2, 1) == (32, 16, 16)
    assert tconv.output_shape((2, 8, 64), (64, 32, 4), layout="NHWC") == (2, 11, 32)
    assert tconv.output_shape((2, 3, 16, 16), (8, 3, 3, 3), 2, 1, conv=True) == (2, 8, 8, 8)
    assert tconv.output_shape((1, 2**20, 2**20), (1, 1, 2, 2), 2) == (1, 2**21, 2**21)  # nothing is computed
    with pytest.raises(ValueError, match="channels"):
        tconv.output_shape((1, 63, 8, 8), (64, 32, 4, 4))


def test_problem_texts():
    text = tconv.problem((2, 8, 8, 64), (64, 16, 4, 4), 2, 1, groups=2, bias=True, layout="NHWC", dtype="float64")
    assert text == "n2 ic64 oc32 i8x8 k4 s2 p1 g2 f64 nhwc bias"
    with pytest.raises(TypeError, match="int32"):
        tconv.problem((1, 1, 2), (1, 1, 2), dtype="int32")


def test_steps():
    told = tconv.shape("i3x5 k3x2 s2")
    assert told["input_size"] == [3, 5] and told["output_size"] == [7, 10] and told["full_size"] == [7, 10]
    assert any("K = 3" in step for step in told["steps"])
    with pytest.raises(ValueError, match="q9"):
        tconv.shape("i3 q9")


def test_the_solver_solves():
    told = tconv.shape(from_=7, want=15, max_kernel=5, max_dilation=2)
    assert told["from"] == 7 and len(told["solutions"]) > 5
    for found in told["solutions"]:
        assert tconv.output_shape((1, 7), (1, 1, found["k"]), found["s"], found["p"], found["op"],
                                  dilation=found["d"]) == (1, 15)
    assert len(json.dumps(tconv.shape(from_=1, want=64, max_kernel=16, max_dilation=16))) > 10000  # a long text
    for wrong in ({"from_": 0, "want": 1}, {"from_": 1, "want": 1, "max_kernel": 65},
                  {"from_": 1, "want": 1, "max_dilation": 0}):
        with pytest.raises(ValueError, match="must be"):
            tconv.shape(**wrong)
    with pytest.raises(TypeError, match="from_ and want"):
        tconv.shape(from_=3)
    with pytest.raises(ValueError, match="together"):
        tconv.shape("i3 k3", want=3)


@pytest.mark.parametrize("text", ["ic4 oc6 i4x3 k3x2 s2x1 p1 g2", "ic2 oc2 i4x3 k3 nhwc", "i5 k3 s2 d2", "ic2 i2x2x2 k2"])
def test_the_matrix_is_the_layer(text):
    plan_shapes = [np.array([int(n) for n in str(tconv.shape(text)[side]).strip("[]").split(",")])
                   for side in ("input_size", "output_size")]
    w = ref.random(support.weights_of(text), "f8")
    matrix = tconv.matrix(text, w)
    transposed = tconv.matrix(text, w, transpose=True)
    assert transposed.shape == matrix.shape[::-1]
    layer = tconv.Plan.of_problem(text + " f64", w)
    x = ref.random(layer.input_shape, "f8")
    assert np.allclose(transposed @ x.ravel(), layer(x).ravel())
    back = tconv.Plan.of_problem(text + " f64", w, conv=True)
    y = ref.random(layer.output_shape, "f8")
    assert np.allclose(matrix @ y.ravel(), back(y).ravel())
    assert matrix.shape[1] % plan_shapes[1].prod() == 0


def test_the_matrix_numbers_its_taps_and_is_checked():
    assert tconv.matrix("i2x2 k3").toarray()[0].tolist() == [1, 2, 3, 0, 4, 5, 6, 0, 7, 8, 9, 0, 0, 0, 0, 0]
    assert tconv.matrix("i2 k2", np.ones((1, 1, 2), "f4")).dtype == np.float32
    with pytest.raises(ValueError, match="weights have"):
        tconv.matrix("i2 k2", np.ones((1, 1, 3)))
    with pytest.raises(MemoryError, match="2.28"):
        tconv.matrix("ic1000 oc1000 i100x100 k3")


def test_the_matrix_without_scipy():
    code = ("import sys; sys.modules['scipy'] = None\n"
            "import tconv\nm = tconv.matrix('i2 k2', transpose=True)\n"
            "assert type(m) is tconv.Entries, m\nprint(m.toarray().tolist())")
    assert support.python(code) == "[[1.0, 0.0], [2.0, 1.0], [0.0, 2.0]]\n"


def test_the_machine():
    told = tconv.info()
    assert told["version"] == tconv.__version__ and told["isa"] in told["available_isas"] and told["abi"] == 1
    tconv.set_num_threads(3)
    try:
        assert tconv.get_num_threads() == 3 == tconv.info()["threads"]
        plan = tconv.Plan((1, 64, 64, 64), np.ones((64, 64, 4, 4), "f4"), stride=2)
        assert plan.explanation["threads"] == 3
        x, w = ref.random((1, 64, 64, 64)), ref.random((64, 64, 4, 4))
        assert np.array_equal(tconv.conv_transpose2d(x, w), tconv.conv_transpose2d(x, w, threads=1))
    finally:
        tconv.set_num_threads(None)
    assert tconv.get_num_threads() >= 1
    for wrong in (0, -1, 5000):
        with pytest.raises(ValueError, match="threads"):
            tconv.set_num_threads(wrong)
    assert support.python("import tconv; print(tconv.get_num_threads())", TCONV_NUM_THREADS="5") == "5\n"
    with pytest.raises(ValueError, match="no pass"):
        tconv.methods("sideways")


def test_the_answers_are_the_commands():
    command = support.command()
    if command is None:
        pytest.skip("this wheel was made without the command")
    for text in ("i8x8 k4 s2 p1", "i3x5 k3x2 s2 p1:0 nhwc"):
        done = subprocess.run([command, "shape", "-p", text, "--json"], capture_output=True, check=True)
        assert json.loads(done.stdout) == tconv.shape(text)
        done = subprocess.run([command, "explain", "-p", text, "--json"], capture_output=True, check=True)
        w = np.zeros(support.weights_of(text), "f4")
        assert json.loads(done.stdout) == tconv.Plan.of_problem(text, w).explanation
    done = subprocess.run([command, "shape", "--from", "7", "--want", "15", "--json"], capture_output=True, check=True)
    assert json.loads(done.stdout) == tconv.shape(from_=7, want=15)
    assert sys.prefix in str(command)
