#include "conformance/support/cases.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

namespace tconv::test {
namespace {

using Json = nlohmann::json;

std::string shared_folder() {
    const char* given = std::getenv("TCONV_SHARED");
    return given != nullptr && *given != '\0' ? given : TCONV_SHARED_DIR;
}

Json read_json(const std::string& name) {
    std::ifstream file(conformance_folder() + "/" + name);
    return Json::parse(file);
}

bool is_given(const Json& json, const char* key) { return json.contains(key) && !json[key].is_null(); }

Sizes sizes_or_empty(const Json& json, const char* key) {
    return is_given(json, key) ? json[key].get<Sizes>() : Sizes();
}

Sizes begins_then_ends(const Json& pads) {
    if (pads.is_array()) return pads.get<Sizes>();
    Sizes list = pads["begin"].get<Sizes>();
    const Sizes ends = pads["end"].get<Sizes>();
    list.insert(list.end(), ends.begin(), ends.end());
    return list;
}

// What cases.json and refusals.json have in common.
Case read_layer(const Json& json) {
    Case layer;
    layer.input = json["in_shape"].get<Sizes>();
    layer.weights = json["weight_shape"].get<Sizes>();
    layer.stride = json["stride"].get<Sizes>();
    layer.dilation = json["dilation"].get<Sizes>();
    layer.output_padding = json["output_padding"].get<Sizes>();
    layer.pads = begins_then_ends(json["pads"]);
    layer.groups = json["groups"].get<std::int64_t>();
    layer.output_shape = sizes_or_empty(json, "output_shape");
    layer.output_size = sizes_or_empty(json, "output_size");
    layer.auto_pad = is_given(json, "auto_pad") ? json["auto_pad"].get<std::string>() : "";
    if (is_given(json, "bias_length")) layer.bias_length = json["bias_length"].get<std::int64_t>();
    return layer;
}

bool pads_are_even(const Sizes& pads) {
    const auto middle = pads.begin() + static_cast<std::ptrdiff_t>(pads.size() / 2);
    return std::equal(pads.begin(), middle, middle, pads.end());
}

Sizes begins(const Sizes& pads) { return {pads.begin(), pads.begin() + static_cast<std::ptrdiff_t>(pads.size() / 2)}; }

}  // namespace

std::string conformance_folder() {
    const std::filesystem::path folder = std::filesystem::path(shared_folder()) / "data/conformance";
    std::error_code ignored;
    return std::filesystem::is_directory(folder, ignored) ? folder.string() : "";
}

std::string why_no_cases() {
    if (!conformance_folder().empty()) return "";
    return "no conformance data in " + shared_folder() + "; set TCONV_SHARED to the folder that holds data/conformance";
}

const std::vector<Case>& all_cases() {
    static const std::vector<Case> kCases = [] {
        std::vector<Case> cases;
        if (conformance_folder().empty()) return cases;
        const Json file = read_json("cases.json");
        for (const Json& json : file["cases"]) {
            Case layer = read_layer(json);
            layer.id = json["id"].get<std::string>();
            layer.source = json["source"].get<std::string>();
            if (json["layout"] == "NHWC") layer.layout = Layout::channels_last;
            if (json["bias"] == true) layer.bias_length = layer.weights[1] * layer.groups;
            layer.stated_output = json["out_shape"].get<Sizes>();
            layer.stated_begin = json["resolved"]["pads_begin"].get<Sizes>();
            layer.stated_end = json["resolved"]["pads_end"].get<Sizes>();
            layer.stated_output_padding = json["resolved"]["output_padding"].get<Sizes>();
            cases.push_back(std::move(layer));
        }
        return cases;
    }();
    return kCases;
}

const std::vector<Verdict>& all_verdicts() {
    static const std::vector<Verdict> kVerdicts = [] {
        std::vector<Verdict> verdicts;
        if (conformance_folder().empty()) return verdicts;
        const Json file = read_json("refusals.json");
        for (const Json& json : file["cases"]) {
            Verdict verdict{read_layer(json), json["why"].get<std::string>(), json["terms"].get<std::string>(),
                            json["verdict"] == "accept"};
            verdict.layer.source = verdict.terms;
            verdicts.push_back(std::move(verdict));
        }
        return verdicts;
    }();
    return kVerdicts;
}

LayerShapes shapes_of(const Case& layer) {
    LayerShapes shapes;
    shapes.input = layer.input;
    if (layer.layout == Layout::channels_last)
        std::rotate(shapes.input.begin() + 1, shapes.input.begin() + 2, shapes.input.end());
    shapes.weights = layer.weights;
    shapes.bias_length = layer.bias_length;
    shapes.layout = layer.layout;
    return shapes;
}

Result<Problem> translate(const Case& layer) {
    const LayerShapes shapes = shapes_of(layer);
    if (layer.auto_pad.starts_with("TF_")) {
        TensorFlowTerms terms;
        terms.output_shape = layer.output_shape;
        terms.strides = layer.stride;
        terms.padding = layer.auto_pad.substr(3);
        terms.dilations = layer.dilation;
        return from_tensorflow(shapes, terms);
    }
    const bool onnx = layer.source == "onnx" || layer.source == "ncnn" || !layer.auto_pad.empty() ||
                      !layer.output_shape.empty() || !pads_are_even(layer.pads);
    if (onnx) {
        OnnxTerms terms;
        terms.strides = layer.stride;
        terms.pads = layer.pads;
        terms.output_padding = layer.output_padding;
        terms.dilations = layer.dilation;
        terms.group = layer.groups;
        terms.output_shape = layer.output_shape;
        if (!layer.auto_pad.empty()) terms.auto_pad = layer.auto_pad;
        return from_onnx(shapes, terms);
    }
    PyTorchTerms terms;
    terms.stride = layer.stride;
    terms.padding = begins(layer.pads);
    terms.output_padding = layer.output_padding;
    terms.dilation = layer.dilation;
    terms.groups = layer.groups;
    terms.output_size = layer.output_size;
    return from_pytorch(shapes, terms);
}

Result<Problem> translate_resolved(const Case& layer) {
    OnnxTerms terms;
    terms.strides = layer.stride;
    terms.pads = layer.stated_begin;
    terms.pads.insert(terms.pads.end(), layer.stated_end.begin(), layer.stated_end.end());
    terms.output_padding = layer.stated_output_padding;
    terms.dilations = layer.dilation;
    terms.group = layer.groups;
    return from_onnx(shapes_of(layer), terms);
}

}  // namespace tconv::test
