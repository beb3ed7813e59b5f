// A layer in a framework's terms, as a problem.
#include "c/status.h"
#include "c/structs.h"
#include "tconv/frameworks.h"
#include "tconv/problem_text.h"

namespace tconv::c {
namespace {

constexpr std::size_t kLeastLayer = offsetof(tconv_layer, activation) + sizeof(char*);
static_assert(sizeof(void*) != 8 || kLeastLayer == 184);

// More numbers than any list has; a count that nobody has set is one of these.
constexpr std::size_t kMostNumbers = 64;

// Reads lists one after another; the first that cannot be read is kept.
class Lists {
public:
    Sizes read(const char* name, const tconv_sizes& given) {
        if (given.count == 0) return {};
        if (given.values == nullptr || given.count > kMostNumbers) {
            if (ok_)
                ok_ = refuse(std::string(name) + " has " + std::to_string(given.count) + " numbers" +
                             (given.values == nullptr ? " at a null pointer" : "") +
                             "; give one for all axes, or one per axis");
            return {};
        }
        return {given.values, given.values + given.count};
    }
    const Result<void>& ok() const { return ok_; }

private:
    Result<void> ok_{};
};

Result<void> check_flag(const char* name, std::int32_t value, std::int32_t last) {
    if (value >= 0 && value <= last) return {};
    return refuse(std::string("the layer's ") + name + " is " + std::to_string(value) + ", but must be from 0 to " +
                  std::to_string(last) + "; use the constants of tconv.h");
}

// A term that another kind of layer has.
Result<void> check_absent(const char* name, bool is_given, const char* layer) {
    if (!is_given) return {};
    return refuse(std::string(name) + " is given, but " + layer + " has no such term; leave it out");
}

Result<Problem> conv_transpose(const LayerShapes& shapes, const tconv_layer& layer, Lists& lists) {
    PyTorchTerms terms;
    terms.stride = lists.read("stride", layer.stride);
    terms.padding = lists.read("padding", layer.padding);
    terms.output_padding = lists.read("output_padding", layer.output_padding);
    terms.dilation = lists.read("dilation", layer.dilation);
    terms.output_size = lists.read("output_size", layer.output_size);
    if (layer.groups != 0) terms.groups = layer.groups;
    constexpr const char* kLayer = "PyTorch's transposed convolution";
    if (auto ok = check_absent("pads", layer.pads.count > 0, kLayer); !ok) return ok.error();
    if (auto ok = check_absent("auto_pad", layer.auto_pad != nullptr, kLayer); !ok) return ok.error();
    if (!lists.ok()) return lists.ok().error();
    return from_pytorch(shapes, terms);
}

Result<Problem> conv(const LayerShapes& shapes, const tconv_layer& layer, Lists& lists) {
    ConvTerms terms;
    terms.stride = lists.read("stride", layer.stride);
    terms.padding = lists.read("padding", layer.padding);
    terms.pads = lists.read("pads", layer.pads);
    terms.dilation = lists.read("dilation", layer.dilation);
    if (layer.groups != 0) terms.groups = layer.groups;
    if (layer.auto_pad != nullptr) terms.auto_pad = layer.auto_pad;
    constexpr const char* kLayer = "a convolution";
    if (auto ok = check_absent("output_padding", layer.output_padding.count > 0, kLayer); !ok) return ok.error();
    if (auto ok = check_absent("output_size", layer.output_size.count > 0, kLayer); !ok) return ok.error();
    if (!lists.ok()) return lists.ok().error();
    return from_convolution(shapes, terms);
}

Result<Problem> onnx(const LayerShapes& shapes, const tconv_layer& layer, Lists& lists) {
    OnnxTerms terms;
    terms.strides = lists.read("strides", layer.stride);
    terms.pads = lists.read("pads", layer.pads);
    terms.output_padding = lists.read("output_padding", layer.output_padding);
    terms.dilations = lists.read("dilations", layer.dilation);
    terms.output_shape = lists.read("output_shape", layer.output_size);
    if (layer.groups != 0) terms.group = layer.groups;
    if (layer.auto_pad != nullptr) terms.auto_pad = layer.auto_pad;
    if (auto ok = check_absent("padding", layer.padding.count > 0, "ONNX"); !ok) return ok.error();
    if (!lists.ok()) return lists.ok().error();
    return from_onnx(shapes, terms);
}

Result<void> translate(tconv_problem* target, const tconv_layer* given) {
    const auto copy = read_struct("the layer", given, kLeastLayer);
    if (!copy) return copy.error();
    struct Flag {
        const char* name;
        std::int32_t value, last;
    };
    for (const auto& [name, value, last] : {Flag{"kind", copy->kind, TCONV_ONNX_CONV_TRANSPOSE},
                                            {"dtype", copy->dtype, TCONV_F64},
                                            {"layout", copy->layout, TCONV_CHANNELS_LAST},
                                            {"has_bias", copy->has_bias, 1},
                                            {"has_sum", copy->has_sum, 1}})
        if (auto ok = check_flag(name, value, last); !ok) return ok;
    Lists lists;
    LayerShapes shapes;
    shapes.input = lists.read("input", copy->input);
    shapes.weights = lists.read("weights", copy->weights);
    if (copy->has_bias == 1) shapes.bias_length = copy->bias_length;
    shapes.dtype = static_cast<DType>(copy->dtype);
    shapes.layout = static_cast<Layout>(copy->layout);
    auto problem = copy->kind == TCONV_PYTORCH_CONV_TRANSPOSE ? conv_transpose(shapes, *copy, lists)
                   : copy->kind == TCONV_PYTORCH_CONV         ? conv(shapes, *copy, lists)
                                                              : onnx(shapes, *copy, lists);
    if (!problem) return problem.error();
    problem->has_sum = copy->has_sum == 1;
    if (copy->activation != nullptr) {
        const auto activation = parse_activation(copy->activation);
        if (!activation) return activation.error();
        problem->activation = *activation;
    }
    return write_problem(*problem, target);
}

}  // namespace
}  // namespace tconv::c

tconv_status tconv_problem_of_layer(tconv_problem* problem, const tconv_layer* layer) {
    return tconv::c::guarded([&] { return tconv::c::translate(problem, layer); });
}
