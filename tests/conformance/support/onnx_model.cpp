#include "conformance/support/onnx_model.h"

#include <onnx/onnx_pb.h>

#include <cstring>
#include <fstream>
#include <map>
#include <stdexcept>

namespace tconv::test {
namespace {

template <class Message>
Message read_message(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    Message message;
    if (!file || !message.ParseFromIstream(&file)) throw std::runtime_error("cannot read " + path);
    return message;
}

Array to_array(const onnx::TensorProto& tensor) {
    if (tensor.data_type() != onnx::TensorProto::FLOAT) throw std::runtime_error(tensor.name() + " is not of floats");
    Array array{{tensor.dims().begin(), tensor.dims().end()}, {tensor.float_data().begin(), tensor.float_data().end()}};
    if (tensor.has_raw_data()) {
        array.values.resize(tensor.raw_data().size() / sizeof(float));
        std::memcpy(array.values.data(), tensor.raw_data().data(), array.values.size() * sizeof(float));
    }
    return array;
}

Sizes integers(const onnx::AttributeProto& attribute) { return {attribute.ints().begin(), attribute.ints().end()}; }

OnnxTerms read_terms(const onnx::NodeProto& node) {
    OnnxTerms terms;
    const std::map<std::string, Sizes*> lists = {{"strides", &terms.strides},
                                                 {"pads", &terms.pads},
                                                 {"output_padding", &terms.output_padding},
                                                 {"dilations", &terms.dilations},
                                                 {"output_shape", &terms.output_shape},
                                                 {"kernel_shape", &terms.kernel_shape}};
    for (const auto& attribute : node.attribute()) {
        if (const auto list = lists.find(attribute.name()); list != lists.end())
            *list->second = integers(attribute);
        else if (attribute.name() == "group")
            terms.group = attribute.i();
        else if (attribute.name() == "auto_pad")
            terms.auto_pad = attribute.s();
        else
            throw std::runtime_error("unknown attribute " + attribute.name());
    }
    return terms;
}

}  // namespace

OnnxTest read_onnx_test(const std::string& folder) {
    const auto model = read_message<onnx::ModelProto>(folder + "/model.onnx");
    const onnx::GraphProto& graph = model.graph();
    if (graph.node_size() != 1 || graph.node(0).op_type() != "ConvTranspose")
        throw std::runtime_error(folder + " is not a single ConvTranspose");
    const onnx::NodeProto& node = graph.node(0);

    std::map<std::string, Array> arrays;
    for (const auto& initializer : graph.initializer()) arrays[initializer.name()] = to_array(initializer);
    const std::string data = folder + "/test_data_set_0/";
    int next = 0;
    for (const auto& input : graph.input())  // old models list their initializers among the inputs
        if (!arrays.contains(input.name()))
            arrays[input.name()] =
                to_array(read_message<onnx::TensorProto>(data + "input_" + std::to_string(next++) + ".pb"));

    OnnxTest test;
    test.terms = read_terms(node);
    test.input = arrays.at(node.input(0));
    test.weights = arrays.at(node.input(1));
    if (node.input_size() > 2) test.bias = arrays.at(node.input(2));
    test.output = to_array(read_message<onnx::TensorProto>(data + "output_0.pb"));
    return test;
}

}  // namespace tconv::test
