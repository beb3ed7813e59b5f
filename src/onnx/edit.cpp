#include "onnx/edit.h"

#include <algorithm>

namespace tconv::onnx {
namespace {

using Edits = std::span<const Edit>;

bool contains(ByteRange outer, ByteRange inner) { return outer.begin <= inner.begin && inner.end <= outer.end; }

// The edits that lie within a range; `edits` are sorted by where they begin.
Edits within(Edits edits, ByteRange range) {
    const auto begin = std::lower_bound(edits.begin(), edits.end(), range.begin,
                                        [](const Edit& edit, std::size_t at) { return edit.message.begin < at; });
    auto end = begin;
    while (end != edits.end() && end->message.begin < range.end) ++end;
    return {begin, end};
}

// The payload of a message with its edits applied; `applied` counts them.
Result<std::vector<std::byte>> edited(Bytes file, ByteRange message, Edits edits, std::size_t& applied) {
    const auto own = std::find_if(edits.begin(), edits.end(), [&](const Edit& e) { return e.message == message; });
    if (own != edits.end()) {
        ++applied;
        if (!own->appends) return own->payload;
    }
    std::vector<std::byte> made;
    Reader reader(file, message);
    for (Field field; reader.next(field);) {
        const Edits inner = field.type == WireType::bytes ? within(edits, field.payload) : Edits();
        const bool is_changed = std::any_of(inner.begin(), inner.end(), [&](const Edit& edit) {
            return contains(field.payload, edit.message) && !(edit.message == message);
        });
        if (!is_changed) {
            const Bytes whole = file.subspan(field.whole.begin, field.whole.size());
            made.insert(made.end(), whole.begin(), whole.end());
            continue;
        }
        const auto payload = edited(file, field.payload, inner, applied);
        if (!payload) return payload;
        put_bytes(made, field.number, *payload);
    }
    if (reader.is_broken())
        return Error{ErrorCode::invalid_argument, "an edit is inside of something that is no message; edit a message"};
    if (own != edits.end()) made.insert(made.end(), own->payload.begin(), own->payload.end());
    return made;
}

}  // namespace

Result<std::vector<std::byte>> apply_edits(Bytes file, std::vector<Edit> edits) {
    std::sort(edits.begin(), edits.end(),
              [](const Edit& a, const Edit& b) { return a.message.begin < b.message.begin; });
    for (std::size_t i = 0; i < edits.size(); ++i)
        if (edits[i].message.size() == 0 || edits[i].message.end > file.size() ||
            (i > 0 && edits[i].message == edits[i - 1].message))
            return Error{ErrorCode::invalid_argument,
                         "two edits change one message, or one changes none; give one each"};
    std::size_t applied = 0;
    auto made = edited(file, {0, file.size()}, edits, applied);
    if (made && applied != edits.size())
        return Error{ErrorCode::invalid_argument, "an edit changes something that is no message; edit a message"};
    return made;
}

std::vector<std::byte> changed_node(const Model& model, const Node& node, std::span<const std::string_view> without,
                                    std::span<const std::vector<std::byte>> attributes, std::string_view weights) {
    std::vector<std::byte> made;
    std::size_t input = 0, attribute = 0;
    Reader reader(model.file, node.range);
    for (Field field; reader.next(field);) {
        if (field.number == 1 && input++ == 1 && !weights.empty()) {
            put_text(made, 1, weights);
            continue;
        }
        if (field.number == 5) {
            const std::string_view name = node.attributes[attribute++].name;
            if (std::find(without.begin(), without.end(), name) != without.end()) continue;
        }
        const Bytes whole = model.file.subspan(field.whole.begin, field.whole.size());
        made.insert(made.end(), whole.begin(), whole.end());
    }
    for (const std::vector<std::byte>& each : attributes) put_bytes(made, 5, each);
    return made;
}

std::vector<std::byte> encode_ints(std::string_view name, std::span<const std::int64_t> values) {
    constexpr std::int64_t kInts = 7;  // AttributeProto.AttributeType
    std::vector<std::byte> made;
    put_text(made, 1, name);
    for (const std::int64_t value : values) put_number(made, 8, value);
    put_number(made, 20, kInts);
    return made;
}

std::vector<std::byte> encode_value_info(std::string_view name, std::int32_t type, std::span<const std::int64_t> dims) {
    std::vector<std::byte> shape, tensor, whole, made;
    for (const std::int64_t size : dims) {
        std::vector<std::byte> dimension;
        put_number(dimension, 1, size);
        put_bytes(shape, 1, dimension);
    }
    put_number(tensor, 1, type);
    put_bytes(tensor, 2, shape);
    put_bytes(whole, 1, tensor);
    put_text(made, 1, name);
    put_bytes(made, 2, whole);
    return made;
}

}  // namespace tconv::onnx
