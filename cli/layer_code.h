// A problem's layer as source text in another framework or language: a complete snippet whose layer gives the
// problem's output size and, with the same weights, its values.
//
// Where a framework's own parameters cannot say the crop, the snippet asks for more rows and cuts them: a layer that
// makes L rows gets `extra` zeros after its input, which add extra * stride rows that hold only the bias (a zero stamps
// nothing), and loses `begin` and `end` rows. So no row is ever padded after the bias was added.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tconv/problem.h"
#include "tconv/result.h"

namespace tconv::cli {

/// The names that layer_code() knows, in the order of its documentation.
std::vector<std::string> code_languages();

/// The snippet. Errors: invalid_argument (an unknown language), unsupported (a layer that the framework has not got).
Result<std::string> layer_code(const std::string& language, const Problem& problem);

// What the languages' files share.

Result<std::string> pytorch_code(const Problem& problem);
Result<std::string> keras_code(const Problem& problem);
Result<std::string> onnx_code(const Problem& problem);
Result<std::string> cpp_code(const Problem& problem);

/// One axis of a layer that makes `made` rows before any cut, cut to rows [padding_begin, padding_begin + fine).
struct Cut {
    std::int64_t extra = 0;  ///< zeros to append to the input
    std::int64_t begin = 0;  ///< rows to cut in front
    std::int64_t end = 0;    ///< rows to cut at the end
};
Cut cut_of(const Axis& axis, std::int64_t made);

/// The problem's text without its name, which may hold anything that a comment or a string may not.
std::string text_without_name(const Problem& problem);

/// "8 x 8".
std::string size_text(const std::vector<std::int64_t>& sizes);

/// One number per named axis.
std::vector<std::int64_t> per_axis(const Problem& problem, std::int64_t (*of)(const Axis&));

/// Python: "(4, 3)", "(4,)", and "4" where collapsing is allowed and all are equal.
std::string python_tuple(const std::vector<std::int64_t>& values);
std::string python_sizes(const std::vector<std::int64_t>& values);
/// Python: a float literal, infinities included.
std::string python_number(double value);

}  // namespace tconv::cli
