#!/usr/bin/env python3
"""Makes fuzz/corpus/onnx: small models of every kind that the linter looks at. Needs PyPI's onnx.

Usage: make_onnx_seeds.py [FOLDER]
"""
import pathlib
import sys

import numpy as np
from onnx import TensorProto, helper, numpy_helper


def model(nodes, tensors, inputs, opset=17, ir_version=8):
    outputs = [helper.make_tensor_value_info(nodes[-1].output[0], TensorProto.FLOAT, None)]
    graph = helper.make_graph(nodes, "g", inputs, outputs, tensors)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=ir_version)


def weights(name, shape, dtype=np.float32):
    values = np.arange(np.prod(shape)).reshape(shape) % 5 - 1.75
    return numpy_helper.from_array(values.astype(dtype), name)


def picture(name="x", shape=(1, 2, 4, 4)):
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)


def up(x="x", w="w", y="y", **attributes):
    return helper.make_node("ConvTranspose", [x, w], [y], **{"strides": [2, 2], **attributes})


def seeds():
    x = picture()
    plain = up(pads=[1, 1, 1, 1], output_padding=[1, 1], name="up")
    yield "uneven", model([plain], [weights("w", (2, 2, 3, 3))], [x])
    yield "f16", model([plain], [weights("w", (2, 2, 3, 3), np.float16)], [x])
    yield "f64", model([plain], [weights("w", (2, 2, 3, 3), np.float64)], [x])
    yield "old", model([plain], [weights("w", (2, 2, 3, 3))], [x, picture("w", (2, 2, 3, 3))], 7, 3)
    yield "same", model([up(auto_pad="SAME_UPPER")], [weights("w", (2, 2, 3, 3))], [picture(shape=("n", 2, "h", "w"))])
    yield "shape", model([up(output_shape=[8, 8], dilations=[1, 2])], [weights("w", (2, 1, 3, 2))], [x])
    yield "line", model([up(strides=[8], pads=[4, 4])], [weights("w", (2, 1, 16))], [picture(shape=(1, 2, "t"))])
    yield "chain", model([up(y="a"), helper.make_node("Relu", ["a"], ["b"]), up("b"),
                          helper.make_node("Add", ["y", "y"], ["z"])], [weights("w", (2, 2, 3, 3))], [x])
    lists = helper.make_tensor("w", TensorProto.FLOAT, (2, 1, 1, 1), [1.0, 2.0])
    yield "holes", model([up(), helper.make_node("Conv", ["y", "w"], ["z"], strides=[2, 2])], [lists], [x])
    away = helper.make_tensor("w", TensorProto.FLOAT, (2, 1, 1, 1), [1.0, 2.0])
    away.ClearField("float_data")
    away.data_location = TensorProto.EXTERNAL
    for key, value in (("location", "../secret"), ("offset", "0"), ("length", "8")):
        away.external_data.add(key=key, value=value)
    yield "external", model([up()], [away], [x])
    conv = helper.make_node("Conv", ["x", "w", "b"], ["c"], pads=[1, 1, 1, 1])
    for mode in ("DCR", "CRD"):
        yield "shuffle_" + mode.lower(), model(
            [conv, helper.make_node("DepthToSpace", ["c"], ["y"], blocksize=2, mode=mode)],
            [weights("w", (4, 2, 3, 3)), weights("b", (4,))], [x])
    scales = numpy_helper.from_array(np.array([1, 1, 2, 2], np.float32), "s")
    yield "resize", model([helper.make_node("Resize", ["x", "", "s"], ["r"]), helper.make_node("Conv", ["r", "w"], ["y"])],
                          [weights("w", (1, 2, 3, 3)), scales], [x])
    constant = helper.make_node("Constant", [], ["w"], value=weights("", (2, 2, 4, 4)))
    body = helper.make_graph([constant, up()], "body", [], [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)])
    condition = helper.make_tensor_value_info("if", TensorProto.BOOL, [])
    branch = helper.make_node("If", ["if"], ["z"], then_branch=body, else_branch=body)
    yield "branch", model([branch], [], [x, condition])


def main():
    folder = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parents[1] / "fuzz/corpus/onnx")
    folder.mkdir(parents=True, exist_ok=True)
    for name, made in seeds():
        (folder / f"{name}.onnx").write_bytes(made.SerializeToString())


if __name__ == "__main__":
    main()
