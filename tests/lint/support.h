// Layers for models: weights from taps along one axis, or random; and what the linter finds, in short.
#pragma once

#include <random>
#include <set>
#include <string>

#include "onnx/support/model_builder.h"
#include "tconv/lint.h"

namespace tconv::lint::test {

using tconv::test::Attributes;
using tconv::test::Dims;
using tconv::test::ModelBuilder;
using tconv::test::Storage;
using tconv::test::Values;

/// How a model is written; none of it may change what is found.
struct Form {
    int rank = 2;
    std::int64_t opset = 17, ir_version = 8;
    std::int32_t type = 1;  ///< of the weights
    Storage storage = Storage::raw;
    bool as_constant = false;  ///< weights from a Constant node
    bool in_subgraph = false;
    bool has_sizes = true;  ///< of the input
};

inline Dims all_axes(int rank, std::int64_t value) { return Dims(static_cast<std::size_t>(rank), value); }

/// (rows, columns, taps... on every axis): the product of the taps, times a number for each pair of channels.
inline Values product_weights(int rank, std::int64_t rows, std::int64_t columns, const Values& taps) {
    Values weights;
    for (std::int64_t pair = 0; pair < rows * columns; ++pair) {
        Values kernel{static_cast<double>(pair % 7 - 3) + 0.5};
        for (int axis = 0; axis < rank; ++axis) {
            Values wider;
            for (const double value : kernel)
                for (const double tap : taps) wider.push_back(value * tap);
            kernel = wider;
        }
        weights.insert(weights.end(), kernel.begin(), kernel.end());
    }
    return weights;
}

/// Independent weights that a half holds exactly.
inline Values random_weights(int rank, std::int64_t rows, std::int64_t columns, std::int64_t kernel,
                             unsigned seed = 1) {
    std::mt19937 engine(seed);
    std::uniform_int_distribution<int> number(-512, 512);
    std::int64_t count = rows * columns;
    for (int axis = 0; axis < rank; ++axis) count *= kernel;
    Values weights(static_cast<std::size_t>(count));
    for (double& weight : weights) weight = number(engine) / 256.0;
    return weights;
}

inline Dims weight_dims(int rank, std::int64_t rows, std::int64_t columns, std::int64_t kernel) {
    Dims dims{rows, columns};
    dims.insert(dims.end(), static_cast<std::size_t>(rank), kernel);
    return dims;
}

inline std::string place(ModelBuilder& builder, const Form& form, const Dims& dims, const Values& values) {
    return form.as_constant ? builder.constant(dims, values, form.type)
                            : builder.tensor(dims, values, form.type, form.storage);
}

inline std::string place_input(ModelBuilder& builder, const Form& form, std::int64_t channels, std::int64_t size = 8) {
    Dims dims{form.has_sizes ? 1 : -1, channels};
    dims.insert(dims.end(), static_cast<std::size_t>(form.rank), form.has_sizes ? size : -1);
    return builder.input("x", dims);
}

/// "TC001:error TC005:note" of all nodes together, in their order.
inline std::string found(const Report& report) {
    std::string text;
    for (const JudgedNode& node : report.nodes)
        for (const Finding& finding : node.findings)
            text += (text.empty() ? "" : " ") + std::string(finding.rule) + ":" + to_string(finding.severity);
    return text;
}

}  // namespace tconv::lint::test
