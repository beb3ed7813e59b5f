// The geometry of a command: either one problem text (-p), or options in the frameworks' words, both filled up from
// the arrays that the command was given.
//
// | options                                             | whose meaning                     |
// |-----------------------------------------------------|-----------------------------------|
// | --stride --dilation --groups --padding              | PyTorch and ONNX agree            |
// | --output-padding (< max(stride, dilation)), --output-size | PyTorch                     |
// | --pads b1,b2,e1,e2, --output-shape, --auto-pad same_upper same_lower valid | ONNX       |
// | --auto-pad tf_same tf_valid                         | TensorFlow                        |
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

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
    /// Declares -p and the geometry options on a verb.
    void declare(CLI::App& app);

    /// Declares --threads, --method and --isa.
    void declare_execution(CLI::App& app);

    /// The problem that the options and the arrays describe. Errors: invalid_argument for a text or a geometry that is
    /// refused, array_mismatch where arrays disagree with each other or with what is given, unsupported for an
    /// instruction set that this build has not got.
    Result<Problem> resolve(const GivenArrays& arrays) const;

    /// An activation given as an option of its own (declared by the verb), joined to either form.
    std::string activation;

private:
    Result<Problem> from_text(const GivenArrays& arrays) const;
    Result<Problem> from_options(const GivenArrays& arrays) const;
    Result<void> check_execution() const;
    bool has_options() const;

    std::string text_, kernel_, input_size_, channels_, batch_, stride_, padding_, pads_, output_padding_, output_size_,
        output_shape_, auto_pad_, dilation_, groups_, layout_, dtype_;
    std::string threads_, method_ = "auto", isa_;
};

/// "a,b,c" as integers. Errors (invalid_argument) name the option.
Result<std::vector<std::int64_t>> parse_numbers(std::string_view option, std::string_view text);

/// One integer.
Result<std::int64_t> parse_number(std::string_view option, std::string_view text);

}  // namespace tconv::cli
