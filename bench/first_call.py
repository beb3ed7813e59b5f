#!/usr/bin/env python3
"""What the first call of a layer costs: preparing it, and running it once, beside one run more. Every racer does the zoo, layer
by layer, in a process of its own that has done another small layer before; processes are repeated, and the least of each
number counts. f32, channels first, the weights at hand as an array or inside of a model in memory or on disk.

    tconv      tconv.Plan(): planned and packed; plan(x)
    tconv_call tconv.conv_transpose2d(x, w): weights are given with each call, and often read where they lie
    torch      nothing to prepare: its first call makes oneDNN's primitives
    ort        InferenceSession of a model's bytes; run with bound arrays
    openvino   read_model, compile_model, create_infer_request; infer
    ncnn       load_param and load_model; an extractor
    mnn        load_module_from_file (converted beforehand); forward

Usage: first_call.py [--python PYTHON] [--tconv-python PYTHON] [--racers tconv,tconv_call,torch,ort,openvino,ncnn,mnn] [--threads 1]
                     [--layers ../shared/bench/zoo.json] [--only dcgan,unet] [--repeats 3] [--json FILE] [--folder DIR]
                     | --self-test

PYTHON has the rivals' packages; --tconv-python is one in which tconv is installed (build/python/venv/bin/python).
"""
import argparse
import importlib.metadata
import json
import math
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
PACKAGES = {"torch": "torch", "ort": "onnxruntime", "openvino": "openvino", "ncnn": "ncnn", "mnn": "MNN", "tconv": "tconv",
            "tconv_call": "tconv"}
WARM = {"name": "warm", "n": 1, "cin": 3, "in": [5, 5], "cout": 2, "k": [3, 3], "s": [2, 2], "p": [1, 1], "op": [1, 1],
        "d": [1, 1], "g": 1, "dims": 2}


def fine_size(layer):
    return [(i - 1) * s - 2 * p + d * (k - 1) + op + 1 for i, s, p, k, op, d in
            zip(*(layer[name] for name in ("in", "s", "p", "k", "op", "d")))]


def arrays(layer):
    import numpy as np
    random = np.random.default_rng(1)
    x = random.uniform(-0.5, 0.5, [layer["n"], layer["cin"], *layer["in"]])
    w = random.uniform(-0.5, 0.5, [layer["cin"], layer["cout"] // layer["g"], *layer["k"]])
    return x.astype(np.float32), w.astype(np.float32)


def model_bytes(layer, x, w):
    from onnx import TensorProto, helper, numpy_helper
    node = helper.make_node("ConvTranspose", ["x", "w"], ["y"], strides=layer["s"], pads=layer["p"] * 2,
                            dilations=layer["d"], group=layer["g"], kernel_shape=layer["k"], output_padding=layer["op"])
    shape = [layer["n"], layer["cout"], *fine_size(layer)]
    graph = helper.make_graph([node], "g", [helper.make_tensor_value_info("x", TensorProto.FLOAT, list(x.shape))],
                              [helper.make_tensor_value_info("y", TensorProto.FLOAT, shape)],
                              [numpy_helper.from_array(w, "w")])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    return model.SerializeToString(), shape


# Each returns a function that prepares and returns another, which runs; what is read from disk is written here. None: the
# racer has no such layer.
def tconv_racer(layer, threads, folder):
    import tconv
    x, w = arrays(layer)
    terms = {"stride": tuple(layer["s"]), "padding": tuple(layer["p"]), "output_padding": tuple(layer["op"]),
             "groups": layer["g"], "dilation": tuple(layer["d"]), "threads": threads}

    def prepare():
        plan = tconv.Plan(x.shape, w, **terms)
        return lambda: plan(x)
    return prepare


def tconv_call_racer(layer, threads, folder):
    import tconv
    x, w = arrays(layer)
    call = {1: tconv.conv_transpose1d, 2: tconv.conv_transpose2d, 3: tconv.conv_transpose3d}[layer["dims"]]
    terms = [tuple(layer[name]) for name in ("s", "p", "op")] + [layer["g"], tuple(layer["d"])]
    return lambda: lambda: call(x, w, None, *terms, threads=threads)


def torch_racer(layer, threads, folder):
    import torch
    torch.set_num_threads(threads)
    x, w = (torch.from_numpy(each) for each in arrays(layer))
    call = {1: torch.conv_transpose1d, 2: torch.conv_transpose2d, 3: torch.conv_transpose3d}[layer["dims"]]
    terms = [tuple(layer[name]) for name in ("s", "p", "op")] + [layer["g"], tuple(layer["d"])]

    def run():
        with torch.inference_mode():
            return call(x, w, None, *terms)
    return lambda: run


def ort_racer(layer, threads, folder):
    import numpy as np
    import onnxruntime
    x, w = arrays(layer)
    model, shape = model_bytes(layer, x, w)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.log_severity_level = threads, 3

    def prepare():
        session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        binding = session.io_binding()
        binding.bind_cpu_input("x", x)
        binding.bind_ortvalue_output("y", onnxruntime.OrtValue.ortvalue_from_shape_and_type(shape, np.float32))
        return lambda: session.run_with_iobinding(binding)
    return prepare


def openvino_racer(layer, threads, folder):
    import openvino
    x, w = arrays(layer)
    model, _ = model_bytes(layer, x, w)
    core = openvino.Core()
    options = {"INFERENCE_NUM_THREADS": threads, "INFERENCE_PRECISION_HINT": "f32", "PERFORMANCE_HINT": "LATENCY",
               "NUM_STREAMS": "1"}

    def prepare():
        request = core.compile_model(core.read_model(model), "CPU", options).create_infer_request()
        request.set_input_tensor(openvino.Tensor(x))
        return request.infer
    return prepare


def ncnn_racer(layer, threads, folder):
    import ncnn
    import numpy as np
    if layer["n"] != 1 or layer["dims"] == 3:
        return None
    x, w = arrays(layer)
    groups, kernel, is_line = layer["g"], layer["k"], layer["dims"] == 1
    packed = np.ascontiguousarray(w.reshape(groups, layer["cin"] // groups, layer["cout"] // groups, *kernel).swapaxes(1, 2))
    words = {0: layer["cout"], 1: kernel[-1], 2: layer["d"][-1], 3: layer["s"][-1], 4: layer["p"][-1], 18: layer["op"][-1], 5: 0,
             6: packed.size}
    if not is_line:
        words.update({11: kernel[0], 12: layer["d"][0], 13: layer["s"][0], 14: layer["p"][0], 19: layer["op"][0]})
    if groups > 1:
        words[7] = groups
    kind = "Deconvolution" + "DepthWise" * (groups > 1) + "1D" * is_line
    spec = " ".join(f"{number}={value}" for number, value in words.items())
    (folder / "m.param").write_text(f"7767517\n2 2\nInput in0 0 1 in0\n{kind} dc 1 1 in0 out0 {spec}\n")
    (folder / "m.bin").write_bytes(b"\0\0\0\0" + packed.tobytes())
    mat = ncnn.Mat(np.ascontiguousarray(x[0]))

    def prepare():
        net = ncnn.Net()
        net.opt.num_threads, net.opt.use_vulkan_compute = threads, False
        net.opt.use_fp16_packed = net.opt.use_fp16_storage = net.opt.use_fp16_arithmetic = net.opt.use_bf16_storage = False
        if net.load_param(str(folder / "m.param")) or net.load_model(str(folder / "m.bin")):
            raise RuntimeError("ncnn does not load it")

        def run(keep=x):
            extractor = net.create_extractor()
            extractor.input("in0", mat)
            return extractor.extract("out0")[1]
        return run
    return prepare


def mnn_racer(layer, threads, folder):
    import MNN
    x, w = arrays(layer)
    file = folder / f"{layer['name']}.mnn"
    if not file.exists():  # converting takes seconds
        (folder / "m.onnx").write_bytes(model_bytes(layer, x, w)[0])
        convert = pathlib.Path(sys.executable).with_name("mnnconvert")
        subprocess.run([convert, "-f", "ONNX", "--modelFile", folder / "m.onnx", "--MNNModel", file, "--bizCode", "x"],
                       capture_output=True, check=True)
    manager = MNN.nn.create_runtime_manager(({"backend": "CPU", "precision": "high", "numThread": threads},))
    given = MNN.expr.placeholder(list(x.shape), MNN.expr.NCHW)
    given.write(x)

    def prepare():
        net = MNN.nn.load_module_from_file(str(file), ["x"], ["y"], runtime_manager=manager)

        def run():
            y = net.forward([given])
            (y[0] if isinstance(y, (list, tuple)) else y).read()
        return run
    return prepare


RACERS = {"tconv": tconv_racer, "tconv_call": tconv_call_racer, "torch": torch_racer, "ort": ort_racer, "openvino": openvino_racer, "ncnn": ncnn_racer,
          "mnn": mnn_racer}
STEPS = ("prepare", "first", "again")


def work(name, threads, layers, folder):
    """One process of one racer: a line of JSON for each layer. `folder` is for models on disk."""
    # What libraries print goes elsewhere than the answers.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    for layer in [WARM, *layers]:
        try:
            prepare = RACERS[name](layer, threads, folder)
            if prepare is None:
                answer = {"error": "it has no such layer"}
            else:
                at = [time.perf_counter()]
                run = prepare()
                at.append(time.perf_counter())
                for _ in range(2):
                    run()
                    at.append(time.perf_counter())
                answer = dict(zip(STEPS, (b - a for a, b in zip(at, at[1:]))))
                del run
        except Exception as why:  # a racer that cannot do a layer is an answer
            answer = {"error": str(why)[:200]}
        if layer is not WARM:
            print(json.dumps(answer), file=answers, flush=True)
    try:
        version = importlib.metadata.version(PACKAGES[name])
    except importlib.metadata.PackageNotFoundError:
        version = "?"
    print(json.dumps({"version": version}), file=answers, flush=True)


def least(repeats):
    """Of several processes' answers about one layer, the least of each step; None where it cannot be done."""
    done = [answer for answer in repeats if "error" not in answer]
    return {step: 1e3 * min(answer[step] for answer in done) for step in STEPS} if done else None


def total(times):
    return times["prepare"] + times["first"]


def row(name, times):
    rivals = {racer: total(each) for racer, each in times.items() if not racer.startswith("tconv") and each}
    own = [total(each) for racer, each in times.items() if racer.startswith("tconv") and each]
    best = min(rivals, key=rivals.get, default=None)
    return name, best, rivals[best] / min(own) if best and own else None


def cpu_name():
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return "unknown CPU"


def print_table(layers, racers):
    print(f"{'layer':24}" + "".join(f"{racer:>12}" for racer in racers) + f"{'best/tconv':>12}   tconv: prepare, first, again (ms)")
    ratios = []
    for name, times in layers.items():
        _, _, ratio = row(name, times)
        ratios += [ratio] if ratio else []
        own = times.get("tconv")
        print(f"{name:24}" + "".join(f"{total(times[racer]):12.3f}" if times.get(racer) else f"{'-':>12}" for racer in racers)
              + (f"{ratio:12.2f}" if ratio else f"{'-':>12}")
              + ("   " + ", ".join(f"{own[step]:.3f}" for step in STEPS) if own else ""))
    if ratios:
        print(f"first call, best rival / tconv: geometric mean {math.exp(statistics.fmean(map(math.log, ratios))):.2f}, "
              f"worst {min(ratios):.2f}, behind on {sum(ratio < 1 for ratio in ratios)} of {len(ratios)}")


def self_test():
    assert fine_size(WARM) == [10, 10]
    answers = [{"prepare": 2e-3, "first": 1e-3, "again": 1e-3}, {"prepare": 1e-3, "first": 3e-3, "again": 1e-3}, {"error": "x"}]
    assert least(answers) == {"prepare": 1.0, "first": 1.0, "again": 1.0} and least([{"error": "x"}]) is None
    times = {"tconv": {"prepare": 1, "first": 1}, "ort": {"prepare": 5, "first": 1}, "torch": {"prepare": 0, "first": 4}, "mnn": None}
    assert row("a", times) == ("a", "torch", 2.0)
    assert row("a", {**times, "tconv_call": {"prepare": 0, "first": 1}}) == ("a", "torch", 4.0)
    print("first_call: self-test passed")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--python", default=sys.executable)
    parser.add_argument("--tconv-python", default=str(HERE.parent / "build/python/venv/bin/python"))
    parser.add_argument("--racers", default=",".join(RACERS))
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--layers", type=pathlib.Path, default=HERE.parents[1] / "shared/bench/zoo.json")
    parser.add_argument("--only", default="")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--json", type=pathlib.Path)
    parser.add_argument("--folder", type=pathlib.Path, help="keeps MNN's converted models, for another time")
    parser.add_argument("--work", help=argparse.SUPPRESS)
    parser.add_argument("--self-test", action="store_true")
    options = parser.parse_args()
    if options.self_test:
        return self_test()
    layers = [layer for layer in json.loads(options.layers.read_text())
              if not options.only or any(word in layer["name"] for word in options.only.split(","))]
    if options.work:
        return work(options.work, options.threads, layers, options.folder)
    with tempfile.TemporaryDirectory() as folder:
        return race(options, layers, options.folder or pathlib.Path(folder))


def race(options, layers, folder):
    folder.mkdir(exist_ok=True)
    racers = options.racers.split(",")
    answers = {racer: [] for racer in racers}
    versions = {}
    for _ in range(options.repeats):
        for racer in racers:
            python = options.tconv_python if racer.startswith("tconv") else options.python
            environment = {**os.environ, "OMP_NUM_THREADS": str(options.threads)}
            start = time.monotonic()
            done = subprocess.run([python, __file__, "--work", racer, "--threads", str(options.threads), "--layers", options.layers,
                                   "--only", options.only, "--folder", folder], env=environment, stdout=subprocess.PIPE,
                                  stderr=subprocess.DEVNULL, text=True)
            print(f"{racer}: {time.monotonic() - start:.0f} s", file=sys.stderr)
            lines = [json.loads(line) for line in done.stdout.splitlines()]
            if len(lines) != len(layers) + 1:
                print(f"{racer}: ended with {done.returncode} after {len(lines)} layers", file=sys.stderr)
                lines += [{"error": "the process ended"}] * (len(layers) + 1 - len(lines))
            versions[racer] = lines.pop().get("version", "?")
            answers[racer].append(lines)
    told = {layer["name"]: {racer: least([lines[i] for lines in answers[racer]]) for racer in racers}
            for i, layer in enumerate(layers)}
    print_table(told, racers)
    if options.json:
        answer = {"schema_version": 1, "date": time.strftime("%Y-%m-%d", time.gmtime()), "machine": {"cpu": cpu_name()},
                  "threads": options.threads, "versions": versions, "layers": told}
        options.json.write_text(json.dumps(answer, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
