// Edits: a model file with some of its messages changed, every other byte as it was. A message is named by the range
// that the decoder found it at; the lengths of all messages around it follow.
#pragma once

#include <vector>

#include "onnx/model.h"

namespace tconv::onnx {

/// What becomes of one message.
struct Edit {
    ByteRange message{};             ///< its payload, as in Node::range, Tensor::range, Graph::range
    std::vector<std::byte> payload;  ///< instead of it, or, with `appends`, fields behind those that are there
    bool appends = false;
};

/// The changed file. Errors: invalid_argument (an empty range, two edits of one message, a range that is no message).
Result<std::vector<std::byte>> apply_edits(Bytes file, std::vector<Edit> edits);

/// A node's message with attributes of these names left out, `attributes` (AttributeProto messages) put behind, and
/// input 1 renamed where `weights` is not empty.
std::vector<std::byte> changed_node(const Model& model, const Node& node, std::span<const std::string_view> without,
                                    std::span<const std::vector<std::byte>> attributes, std::string_view weights);

/// An AttributeProto that holds a list of integers.
std::vector<std::byte> encode_ints(std::string_view name, std::span<const std::int64_t> values);

/// A ValueInfoProto of a tensor.
std::vector<std::byte> encode_value_info(std::string_view name, std::int32_t type, std::span<const std::int64_t> dims);

}  // namespace tconv::onnx
