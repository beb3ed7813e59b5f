#include "onnx/support/model_builder.h"

#include <onnx/onnx_pb.h>

#include <bit>
#include <cmath>
#include <cstring>

namespace tconv::test {
namespace {

// Only for values that a half holds exactly.
std::uint32_t half_bits(double value) {
    if (value == 0) return 0;
    int exponent = 0;
    const double fraction = std::frexp(std::fabs(value), &exponent);  // [0.5, 1)
    const auto bits = static_cast<std::uint32_t>((fraction * 2 - 1) * 1024);
    return (value < 0 ? 0x8000U : 0U) | (static_cast<std::uint32_t>(exponent + 14) << 10U) | bits;
}

template <class T>
void append(std::string& raw, T value) {
    char bytes[sizeof value];
    std::memcpy(bytes, &value, sizeof value);
    raw.append(bytes, sizeof value);
}

void fill(onnx::TensorProto& tensor, const Dims& dims, const Values& values, std::int32_t type, Storage storage) {
    for (const std::int64_t size : dims) tensor.add_dims(size);
    tensor.set_data_type(type);
    std::string raw;
    for (const double value : values) {
        const bool is_list = storage == Storage::list;
        if (type == 1 && is_list) tensor.add_float_data(static_cast<float>(value));
        if (type == 11 && is_list) tensor.add_double_data(value);
        if (type == 10 && is_list) tensor.add_int32_data(static_cast<std::int32_t>(half_bits(value)));
        if (type == 7 && is_list) tensor.add_int64_data(static_cast<std::int64_t>(value));
        if (type == 1) append(raw, static_cast<float>(value));
        if (type == 11) append(raw, value);
        if (type == 10) append(raw, static_cast<std::uint16_t>(half_bits(value)));
        if (type == 7) append(raw, static_cast<std::int64_t>(value));
    }
    if (storage == Storage::raw) tensor.set_raw_data(raw);
    if (storage != Storage::external) return;
    tensor.set_data_location(onnx::TensorProto::EXTERNAL);
    for (const auto& [key, value] : std::map<std::string, std::string>{
             {"location", "weights.bin"}, {"offset", "4"}, {"length", std::to_string(raw.size())}}) {
        auto* entry = tensor.add_external_data();
        entry->set_key(key);
        entry->set_value(value);
    }
}

void set_dims(onnx::ValueInfoProto& info, const std::string& name, const Dims& dims) {
    info.set_name(name);
    auto* type = info.mutable_type()->mutable_tensor_type();
    type->set_elem_type(1);
    type->mutable_shape();
    for (const std::int64_t size : dims) {
        auto* dim = type->mutable_shape()->add_dim();
        if (size < 0)
            dim->set_dim_param("any");
        else
            dim->set_dim_value(size);
    }
}

void set(onnx::AttributeProto& attribute, const std::string& name, const AttributeValue& value) {
    attribute.set_name(name);
    if (const auto* number = std::get_if<std::int64_t>(&value)) {
        attribute.set_type(onnx::AttributeProto::INT);
        attribute.set_i(*number);
    } else if (const auto* list = std::get_if<Dims>(&value)) {
        attribute.set_type(onnx::AttributeProto::INTS);
        for (const std::int64_t entry : *list) attribute.add_ints(entry);
    } else if (const auto* floats = std::get_if<std::vector<float>>(&value)) {
        attribute.set_type(onnx::AttributeProto::FLOATS);
        for (const float entry : *floats) attribute.add_floats(entry);
    } else {
        attribute.set_type(onnx::AttributeProto::STRING);
        attribute.set_s(std::get<std::string>(value));
    }
}

void describe_tensor(const onnx::TensorProto& tensor, std::string& text) {
    text += "tensor " + tensor.name() + " type " + std::to_string(tensor.data_type());
    for (const auto size : tensor.dims()) text += " " + std::to_string(size);
    text += tensor.data_location() == onnx::TensorProto::EXTERNAL ? " external\n" : "\n";
}

void describe_info(const char* what, const onnx::ValueInfoProto& info, std::string& text) {
    text += std::string(what) + " " + info.name();
    if (info.type().has_tensor_type() && info.type().tensor_type().has_shape())
        for (const auto& dim : info.type().tensor_type().shape().dim())
            text += " " + std::to_string(dim.has_dim_value() ? dim.dim_value() : -1);
    text += "\n";
}

void describe_graph(const onnx::GraphProto& graph, std::string& text) {
    text += "graph\n";
    for (const auto& tensor : graph.initializer()) describe_tensor(tensor, text);
    for (const auto& info : graph.input()) describe_info("input", info, text);
    for (const auto& info : graph.output()) describe_info("output", info, text);
    for (const auto& info : graph.value_info()) describe_info("value", info, text);
    for (const auto& node : graph.node()) {
        text += "node " + node.name() + " " + node.domain() + ":" + node.op_type();
        for (const auto& name : node.input()) text += " " + name;
        text += " ->";
        for (const auto& name : node.output()) text += " " + name;
        text += "\n";
        for (const auto& attribute : node.attribute()) {
            text += "attribute " + attribute.name() + " " + std::to_string(attribute.i()) + " " + attribute.s();
            for (const auto number : attribute.ints()) text += " " + std::to_string(number);
            for (const auto number : attribute.floats()) text += " " + std::to_string(number);
            text += "\n";
            if (attribute.has_t()) describe_tensor(attribute.t(), text);
            if (attribute.has_g()) describe_graph(attribute.g(), text);
        }
    }
    text += "end\n";
}

}  // namespace

struct ModelBuilder::Parts {
    onnx::ModelProto model;
    int next = 0;
    onnx::GraphProto& graph() { return *model.mutable_graph(); }
    std::string name(const char* prefix) { return prefix + std::to_string(next++); }
};

ModelBuilder::ModelBuilder(std::int64_t opset, std::int64_t ir_version) : parts_(std::make_unique<Parts>()) {
    parts_->model.set_ir_version(ir_version);
    parts_->model.set_producer_name("tconv's tests");
    parts_->model.add_opset_import()->set_version(opset);
    parts_->graph().set_name("graph");
}
ModelBuilder::~ModelBuilder() = default;

std::string ModelBuilder::input(const std::string& name, const Dims& dims) {
    set_dims(*parts_->graph().add_input(), name, dims);
    return name;
}

std::string ModelBuilder::tensor(const Dims& dims, const Values& values, std::int32_t type, Storage storage) {
    auto& tensor = *parts_->graph().add_initializer();
    tensor.set_name(parts_->name("w"));
    fill(tensor, dims, values, type, storage);
    return tensor.name();
}

std::string ModelBuilder::constant(const Dims& dims, const Values& values, std::int32_t type) {
    auto& node = *parts_->graph().add_node();
    node.set_op_type("Constant");
    node.add_output(parts_->name("c"));
    auto& attribute = *node.add_attribute();
    attribute.set_name("value");
    attribute.set_type(onnx::AttributeProto::TENSOR);
    fill(*attribute.mutable_t(), dims, values, type, Storage::raw);
    return node.output(0);
}

std::string ModelBuilder::node(const std::string& op, const std::vector<std::string>& inputs,
                               const Attributes& attributes, const std::string& name) {
    auto& node = *parts_->graph().add_node();
    node.set_op_type(op);
    node.set_name(name);
    for (const std::string& each : inputs) node.add_input(each);
    node.add_output(parts_->name("y"));
    for (const auto& [key, value] : attributes) set(*node.add_attribute(), key, value);
    return node.output(0);
}

void ModelBuilder::output(const std::string& name) {
    auto& info = *parts_->graph().add_output();
    info.set_name(name);
    info.mutable_type()->mutable_tensor_type()->set_elem_type(1);
}

void ModelBuilder::list_as_input(const std::string& tensor, const Dims& dims) {
    set_dims(*parts_->graph().add_input(), tensor, dims);
}

void ModelBuilder::wrap_in_if() {
    onnx::GraphProto inner = parts_->graph();
    parts_->model.clear_graph();
    parts_->graph().set_name("outer");
    for (const auto& info : inner.input()) *parts_->graph().add_input() = info;
    inner.clear_input();
    auto& node = *parts_->graph().add_node();
    node.set_op_type("If");
    node.add_input(input("condition", {}));
    node.add_output("chosen");
    for (const char* branch : {"then_branch", "else_branch"}) {
        auto& attribute = *node.add_attribute();
        attribute.set_name(branch);
        attribute.set_type(onnx::AttributeProto::GRAPH);
        *attribute.mutable_g() = inner;
        if (std::string(branch) == "else_branch") attribute.mutable_g()->clear_node();
    }
}

std::vector<std::byte> ModelBuilder::bytes() const {
    const std::string text = parts_->model.SerializeAsString();
    std::vector<std::byte> bytes(text.size());
    std::memcpy(bytes.data(), text.data(), text.size());
    return bytes;
}

Described describe(const std::vector<std::byte>& file) {
    Described found;
    onnx::ModelProto model;
    found.is_valid = model.ParseFromArray(file.data(), static_cast<int>(file.size()));
    if (found.is_valid) describe_graph(model.graph(), found.text);
    return found;
}

}  // namespace tconv::test
