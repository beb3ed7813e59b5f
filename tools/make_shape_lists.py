#!/usr/bin/env python3
"""Writes tests/shapes/*.txt: the distinct shapes of a cases.json of conformance cases, as canonical problem texts, each
with the output size that its source states.

Usage: make_shape_lists.py CASES.json [FOLDER]

The sizes come from the sources' own tests, not from tconv: tests/conformance/shape_lists_test.cpp compares.
"""
import json
import pathlib
import sys

MOST_LINES = 500
ORIGINS = {
    "burn": "tracel-ai/burn", "ncnn": "Tencent/ncnn", "onnx": "onnx/onnx", "tflite": "tensorflow/tensorflow (lite)",
    "tflite-micro": "tensorflow/tflite-micro", "xnnpack": "google/XNNPACK",
}


def joined(values):
    return "x".join(map(str, values))


def collapsed(values):
    return joined(values[:1] if len(set(values)) == 1 else values)


def problem_text(case):
    """The canonical text, in the order of include/tconv/problem_text.h."""
    tokens = []

    def scalar(key, value):
        if value != 1:
            tokens.append(f"{key}{value}")

    def listed(key, values, otherwise):
        if any(value != otherwise for value in values):
            tokens.append(key + collapsed(values))

    channels, per_group, *kernel = case["weight_shape"]
    resolved = case["resolved"]
    begin, end, padding = resolved["pads_begin"], resolved["pads_end"], resolved["output_padding"]
    usual = all(0 <= value < max(s, d) for value, s, d in zip(padding, case["stride"], case["dilation"]))
    scalar("n", case["in_shape"][0])
    scalar("ic", channels)
    scalar("oc", per_group * case["groups"])
    tokens.append("i" + joined(case["in_shape"][2:]))
    if not usual:
        tokens.append("o" + collapsed(case["out_shape"][2:]))
    tokens.append("k" + collapsed(kernel))
    listed("s", case["stride"], 1)
    if begin == end:
        listed("p", begin, 0)
    else:
        tokens.append(f"p{collapsed(begin)}:{collapsed(end)}")
    if usual:
        listed("op", padding, 0)
    listed("d", case["dilation"], 1)
    scalar("g", case["groups"])
    if case["layout"] == "NHWC":
        tokens.append("nhwc")
    if case["bias"]:
        tokens.append("bias")
    return " ".join(tokens)


def main():
    cases = json.loads(pathlib.Path(sys.argv[1]).read_text())["cases"]
    folder = pathlib.Path(sys.argv[2] if len(sys.argv) > 2 else "tests/shapes")
    folder.mkdir(parents=True, exist_ok=True)
    lists, seen = {}, set()
    for case in cases:
        text = problem_text(case)
        if text in seen:
            continue
        seen.add(text)
        name = f"{case['source']}_{len(case['stride'])}d"
        lists.setdefault(name, []).append(f"{text}  # o{joined(case['out_shape'][2:])}")
    for name, lines in lists.items():
        origin = ORIGINS[name.rsplit("_", 1)[0]]
        head = [f"# Distinct shapes from the tests of {origin}, with the output sizes stated there.",
                "# Written by tools/make_shape_lists.py."]
        most = MOST_LINES - len(head)
        pieces = [lines[i:i + most] for i in range(0, len(lines), most)]
        for i, piece in enumerate(pieces):
            file = folder / (f"{name}.txt" if len(pieces) == 1 else f"{name}_{i + 1}.txt")
            file.write_text("\n".join(head + piece) + "\n")
            print(file, len(piece))


if __name__ == "__main__":
    main()
