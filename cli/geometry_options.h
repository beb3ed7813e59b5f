// The geometry of a command: either one problem text (-p), or options in the frameworks' words (option_terms.h), both
// filled up from the arrays that the command was given.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "option_terms.h"
#include "tconv/plan.h"
#include "tconv/problem.h"
#include "tconv/result.h"
#include "tconv/tensor.h"

namespace tconv::cli {

/// The arrays a command was given; null where it was not.
struct GivenArrays {
    const Tensor* input = nullptr;
    const Tensor* weights = nullptr;
    const Tensor* bias = nullptr;
    const Tensor* residual = nullptr;
    bool is_convolution = false;  ///< the input is the fine side
};

class GeometryOptions {
public:
    /// Declares -p and the geometry options on a verb, --threads, --method and --isa among them.
    void declare(CLI::App& app);

    /// The problem that the options and the arrays describe. Errors: invalid_argument for a text or a geometry that is
    /// refused, array_mismatch where arrays disagree with each other or with what is given, unsupported for an
    /// instruction set that this build has not got.
    Result<Problem> resolve(const GivenArrays& arrays) const;

    /// How it is to be computed: --threads, --method and --isa. Errors: invalid_argument, and unsupported for an
    /// instruction set that this build or CPU has not got.
    Result<PlanOptions> execution() const;

    /// An activation given as an option of its own (declared by the verb), joined to either form.
    std::string activation;

private:
    Result<Problem> from_text(const LayerShapes& shapes, bool is_convolution) const;
    Result<Problem> from_options(LayerShapes shapes, bool is_convolution) const;

    std::string text_;
    OptionTexts texts_;
    std::string threads_, method_ = "auto", isa_;
};

/// "a,b,c" as integers. Errors (invalid_argument) name the option.
Result<std::vector<std::int64_t>> parse_numbers(std::string_view option, std::string_view text);

/// One integer.
Result<std::int64_t> parse_number(std::string_view option, std::string_view text);

}  // namespace tconv::cli
