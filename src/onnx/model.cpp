#include "onnx/model.h"

#include <bit>
#include <charconv>
#include <string>

namespace tconv::onnx {
namespace {

// The least bytes of anything that is worth an object: what keeps memory in proportion to the file.
constexpr std::size_t kLeastBytesEach = 8;

Error malformed(const std::string& what) {
    return {ErrorCode::malformed_file, "the model " + what + "; export it again"};
}

class Decoder {
public:
    explicit Decoder(Bytes file) : file_(file), objects_left_(file.size() / kLeastBytesEach + 8) {}

    Result<Model> model();

private:
    using Done = Result<void>;

    std::string_view text(const Field& field) const { return text_of(file_, field.payload); }
    Error broken(const Reader& reader) const {
        return malformed("breaks off, or is damaged, at byte " + std::to_string(reader.position()));
    }
    Done spend() {
        if (objects_left_ == 0) return malformed("is made of more parts than its bytes can hold");
        --objects_left_;
        return {};
    }

    Done opset(ByteRange range, Model& model);
    Done graph(ByteRange range, std::ptrdiff_t parent, int depth);
    Done node(ByteRange range, std::size_t graph, int depth, Node& node);
    Done attribute(ByteRange range, std::size_t graph, int depth, Attribute& attribute);
    Done tensor(ByteRange range, Tensor& tensor);
    Done external(ByteRange range, Tensor& tensor);
    Done value_info(ByteRange range, ValueInfo& info);
    Done shape(ByteRange range, ValueInfo& info);
    Done integers(const Field& field, std::vector<std::int64_t>& list);
    Done floats(const Field& field, std::vector<float>& list);

    // The first field `number` of a message, as a message; nothing where there is none.
    Result<std::optional<ByteRange>> inside(ByteRange range, std::uint32_t number);

    Bytes file_;
    std::size_t objects_left_;
    std::vector<Graph> graphs_;
    std::vector<std::string_view> external_files_;
};

Result<void> Decoder::integers(const Field& field, std::vector<std::int64_t>& list) {
    if (field.type == WireType::varint) list.push_back(field.integer());
    if (field.type != WireType::bytes) return {};
    Reader packed(file_, field.payload);
    for (std::uint64_t value = 0; !packed.at_end();) {
        if (!packed.next_varint(value)) return broken(packed);
        list.push_back(static_cast<std::int64_t>(value));
    }
    return {};
}

Result<void> Decoder::floats(const Field& field, std::vector<float>& list) {
    const auto bits = [](std::uint64_t value) { return std::bit_cast<float>(static_cast<std::uint32_t>(value)); };
    if (field.type == WireType::fixed32) list.push_back(bits(field.value));
    if (field.type != WireType::bytes) return {};
    if (field.payload.size() % 4 != 0) return malformed("has a list of floats that breaks off");
    for (std::size_t at = field.payload.begin; at < field.payload.end; at += 4) {
        std::uint64_t value = 0;
        for (std::size_t i = 0; i < 4; ++i) value |= static_cast<std::uint64_t>(file_[at + i]) << (8 * i);
        list.push_back(bits(value));
    }
    return {};
}

Result<void> Decoder::external(ByteRange range, Tensor& tensor) {
    std::string_view key, value;
    Reader reader(file_, range);
    for (Field field; reader.next(field);) {
        if (field.number == 1) key = text(field);
        if (field.number == 2) value = text(field);
    }
    if (reader.is_broken()) return broken(reader);
    if (key == "location") tensor.location = value;
    for (const auto& [name, target] : {std::pair{"offset", &tensor.offset}, std::pair{"length", &tensor.length}}) {
        if (key != name) continue;
        const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), *target);
        if (error != std::errc{} || end != value.data() + value.size() || *target < 0)
            return malformed(std::string("has external data whose ") + name + " is no number from 0");
    }
    return {};
}

Result<void> Decoder::tensor(ByteRange range, Tensor& tensor) {
    if (auto ok = spend(); !ok) return ok;
    tensor.range = range;
    Reader reader(file_, range);
    for (Field field; reader.next(field);) {
        Done ok;
        switch (field.number) {
            case 1:
                ok = integers(field, tensor.dims);
                break;
            case 2:
                tensor.type = static_cast<std::int32_t>(field.value);
                break;
            case 8:
                tensor.name = text(field);
                break;
            case 13:
                ok = external(field.payload, tensor);
                break;
            case 14:
                tensor.is_external = field.value == 1;
                break;
            default:
                break;
        }
        if (!ok) return ok;
    }
    if (reader.is_broken()) return broken(reader);
    if (tensor.is_external) external_files_.push_back(tensor.location);
    return {};
}

Result<void> Decoder::attribute(ByteRange range, std::size_t graph_number, int depth, Attribute& attribute) {
    if (auto ok = spend(); !ok) return ok;
    attribute.range = range;
    Reader reader(file_, range);
    for (Field field; reader.next(field);) {
        Done ok;
        switch (field.number) {
            case 1:
                attribute.name = text(field);
                break;
            case 2:
                attribute.f = std::bit_cast<float>(static_cast<std::uint32_t>(field.value));
                break;
            case 3:
                attribute.i = field.integer();
                break;
            case 4:
                attribute.s = text(field);
                break;
            case 5:
                ok = tensor(field.payload, attribute.tensor.emplace());
                break;
            case 6:
            case 11:
                if (field.type != WireType::bytes) break;
                attribute.graphs.push_back(graphs_.size());
                ok = graph(field.payload, static_cast<std::ptrdiff_t>(graph_number), depth + 1);
                break;
            case 7:
                ok = floats(field, attribute.floats);
                break;
            case 8:
                ok = integers(field, attribute.ints);
                break;
            default:
                break;
        }
        if (!ok) return ok;
    }
    if (reader.is_broken()) return broken(reader);
    return {};
}

Result<void> Decoder::node(ByteRange range, std::size_t graph_number, int depth, Node& node) {
    if (auto ok = spend(); !ok) return ok;
    node.range = range;
    Reader reader(file_, range);
    for (Field field; reader.next(field);) {
        Done ok;
        switch (field.number) {
            case 1:
                node.inputs.push_back(text(field));
                break;
            case 2:
                node.outputs.push_back(text(field));
                break;
            case 3:
                node.name = text(field);
                break;
            case 4:
                node.op_type = text(field);
                break;
            case 5:
                ok = attribute(field.payload, graph_number, depth, node.attributes.emplace_back());
                break;
            case 7:
                node.domain = text(field);
                break;
            default:
                break;
        }
        if (!ok) return ok;
    }
    if (reader.is_broken()) return broken(reader);
    return {};
}

Result<std::optional<ByteRange>> Decoder::inside(ByteRange range, std::uint32_t number) {
    Reader reader(file_, range);
    std::optional<ByteRange> found;
    for (Field field; reader.next(field);)
        if (field.number == number && field.type == WireType::bytes) found = field.payload;
    if (reader.is_broken()) return broken(reader);
    return found;
}

Result<void> Decoder::shape(ByteRange range, ValueInfo& info) {
    info.has_shape = true;
    info.dims.clear();
    Reader reader(file_, range);
    for (Field field; reader.next(field);) {
        if (field.number != 1 || field.type != WireType::bytes) continue;
        std::int64_t size = -1;
        Reader dimension(file_, field.payload);
        for (Field part; dimension.next(part);)
            if (part.number == 1 && part.type == WireType::varint && part.integer() >= 0) size = part.integer();
        if (dimension.is_broken()) return broken(dimension);
        info.dims.push_back(size);
    }
    if (reader.is_broken()) return broken(reader);
    return {};
}

Result<void> Decoder::value_info(ByteRange range, ValueInfo& info) {
    if (auto ok = spend(); !ok) return ok;
    info.range = range;
    Reader reader(file_, range);
    for (Field field; reader.next(field);) {
        if (field.number == 1) info.name = text(field);
        if (field.number != 2) continue;
        const auto tensor_type = inside(field.payload, 1);
        if (!tensor_type) return tensor_type.error();
        if (!*tensor_type) continue;
        const auto found = inside(**tensor_type, 2);
        if (!found) return found.error();
        if (!*found) continue;
        if (auto ok = shape(**found, info); !ok) return ok;
    }
    if (reader.is_broken()) return broken(reader);
    return {};
}

Result<void> Decoder::graph(ByteRange range, std::ptrdiff_t parent, int depth) {
    if (auto ok = spend(); !ok) return ok;
    if (depth > kDeepest)
        return malformed("has graphs nested over " + std::to_string(kDeepest) + " deep, which no exporter makes");
    const std::size_t number = graphs_.size();
    Graph made;  // not a reference into graphs_, which grows inside
    made.range = range;
    made.parent = parent;
    graphs_.emplace_back();
    Reader reader(file_, range);
    for (Field field; reader.next(field);) {
        Done ok;
        switch (field.number) {
            case 1:
                ok = node(field.payload, number, depth, made.nodes.emplace_back());
                break;
            case 5:
                ok = tensor(field.payload, made.initializers.emplace_back());
                break;
            case 11:
                ok = value_info(field.payload, made.inputs.emplace_back());
                break;
            case 12:
                ok = value_info(field.payload, made.outputs.emplace_back());
                break;
            case 13:
                ok = value_info(field.payload, made.values.emplace_back());
                break;
            default:
                break;
        }
        if (!ok) return ok;
    }
    if (reader.is_broken()) return broken(reader);
    graphs_[number] = std::move(made);
    return {};
}

Result<void> Decoder::opset(ByteRange range, Model& model) {
    std::string_view domain;
    std::int64_t version = 1;
    Reader reader(file_, range);
    for (Field field; reader.next(field);) {
        if (field.number == 1) domain = text(field);
        if (field.number == 2) version = field.integer();
    }
    if (reader.is_broken()) return broken(reader);
    if (domain.empty() || domain == "ai.onnx") model.opset = version;
    return {};
}

Result<Model> Decoder::model() {
    Model model;
    model.file = file_;
    Reader reader(file_, {0, file_.size()});
    for (Field field; reader.next(field);) {
        Done ok;
        if (field.number == 1) model.ir_version = field.integer();
        if (field.number == 8) ok = opset(field.payload, model);
        if (field.number == 25) ++model.functions;
        if (field.number == 7) {
            if (!graphs_.empty()) return malformed("holds two graphs");
            ok = graph(field.payload, -1, 0);
        }
        if (!ok) return ok.error();
    }
    if (reader.is_broken()) return broken(reader);
    if (graphs_.empty())
        return Error{ErrorCode::malformed_file, "there is no graph in the file, so it is no ONNX model; give one"};
    model.graphs = std::move(graphs_);
    model.external_files = std::move(external_files_);
    return model;
}

}  // namespace

const Attribute* Node::attribute(std::string_view wanted) const noexcept {
    for (const Attribute& attribute : attributes)
        if (attribute.name == wanted) return &attribute;
    return nullptr;
}

Result<Model> decode_model(Bytes file) { return Decoder(file).model(); }

}  // namespace tconv::onnx
