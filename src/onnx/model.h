// A model: an ONNX file decoded as far as the linter looks: graphs (the main one and those inside If, Loop, Scan),
// nodes with their attributes, constant tensors, and what the file says about shapes. Names are views into the file's
// bytes, which have to stay; the numbers of tensors stay in the file until they are asked for (tensor.h). Every opset
// is read alike: what an operator means is decided by who looks at the node. Nothing is executed.
//
// A file is hostile until read: memory stays within a multiple of its bytes, time too, and nesting within kDeepest.
// (github.com/onnx/onnx, onnx.proto: the field numbers.)
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "onnx/wire.h"
#include "tconv/result.h"

namespace tconv::onnx {

/// Graphs inside of graphs.
constexpr int kDeepest = 32;

/// TensorProto.DataType, those that are looked at.
constexpr std::int32_t kFloat32 = 1, kInt32 = 6, kInt64 = 7, kFloat16 = 10, kFloat64 = 11, kBfloat16 = 16;

/// A constant array, without its numbers.
struct Tensor {
    std::string_view name;
    std::int32_t type = 0;           ///< kFloat32 and so on
    std::vector<std::int64_t> dims;  ///< none: a scalar
    bool is_external = false;        ///< its numbers are in another file
    std::string_view location;       ///< that file, beside the model
    std::int64_t offset = 0;         ///< where they begin there
    std::int64_t length = -1;        ///< how many bytes; -1: as many as the shape needs
    ByteRange range{};               ///< the message
};

struct Attribute {
    std::string_view name;
    std::int64_t i = 0;
    float f = 0;
    std::string_view s;
    std::vector<std::int64_t> ints;
    std::vector<float> floats;
    std::optional<Tensor> tensor;
    std::vector<std::size_t> graphs;  ///< numbers in Model::graphs
    ByteRange range{};
};

struct Node {
    std::string_view name, op_type, domain;
    std::vector<std::string_view> inputs, outputs;  ///< an empty name: left out
    std::vector<Attribute> attributes;
    ByteRange range{};

    const Attribute* attribute(std::string_view wanted) const noexcept;
    /// An input's name, empty where there is none.
    std::string_view input(std::size_t index) const noexcept { return index < inputs.size() ? inputs[index] : ""; }
    std::string_view output(std::size_t index) const noexcept { return index < outputs.size() ? outputs[index] : ""; }
};

/// A value's shape as the file tells it.
struct ValueInfo {
    std::string_view name;
    bool has_shape = false;
    std::vector<std::int64_t> dims;  ///< -1: unknown, or a name
    ByteRange range{};
};

struct Graph {
    std::vector<Node> nodes;
    std::vector<Tensor> initializers;
    std::vector<ValueInfo> inputs, outputs, values;
    std::ptrdiff_t parent = -1;  ///< the graph whose names are seen from here
    ByteRange range{};
};

struct Model {
    Bytes file;
    std::int64_t ir_version = 0;
    std::int64_t opset = 1;                        ///< of ONNX's own operators
    std::vector<Graph> graphs;                     ///< the main one first
    std::vector<std::string_view> external_files;  ///< the locations of all tensors that lie elsewhere, wherever used
    std::int64_t functions = 0;                    ///< of the model's own, which are not looked into
};

/// Errors: malformed_file.
Result<Model> decode_model(Bytes file);

}  // namespace tconv::onnx
