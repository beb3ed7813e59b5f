// A problem's short text form, used alike by tests, benchmarks, the command line, logs and bug reports:
//
//     n1 ic64 oc32 i8x8 k4x4 s2 p1 op0 d1 g1 f32 nchw bias relu "a name"
//
// | token              | means                                                                  | default |
// |--------------------|------------------------------------------------------------------------|---------|
// | n                  | batch                                                                  | 1       |
// | ic, i              | channels and size of the coarse side                                   | 1, -    |
// | oc, o              | channels and size of the fine side (o instead of op; any size >= 1)    | 1, -    |
// | k s p op d g       | kernel, stride, padding, output padding, dilation, groups              | - 1 0 0 1 1 |
// | f32 f64, nchw nhwc | element type, layout of both sides                                     | f32 nchw |
// | bias, sum          | a bias is added; a residual is added                                   | no      |
// | relu leaky:0.2 tanh sigmoid clamp:0:6 | activation                                          | none    |
//
// Tokens come in any order. A list is written with x (k4x3); one number stands for every axis; p1:2 is begin 1,
// end 2; p1x0:2x1 is per axis. The rank is that of the longest list. With o and no i, as a convolution is
// usually given, i = floor((o + p_begin + p_end - d(k-1) - 1) / s) + 1.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tconv/problem.h"
#include "tconv/result.h"

namespace tconv {

/// The tokens that a text holds, before they are put together: what is absent stays empty, so that a caller
/// can fill it from arrays. A list has one entry (for all axes) or one per axis.
struct ProblemTokens {
    using List = std::vector<std::int64_t>;  ///< one entry for all axes, or one per axis

    std::optional<std::int64_t> batch;            ///< n
    std::optional<std::int64_t> coarse_channels;  ///< ic
    std::optional<std::int64_t> fine_channels;    ///< oc
    std::optional<std::int64_t> groups;           ///< g
    std::optional<List> coarse;                   ///< i
    std::optional<List> fine;                     ///< o
    std::optional<List> kernel;                   ///< k
    std::optional<List> stride;                   ///< s
    std::optional<List> padding_begin;            ///< p, the number before the colon
    std::optional<List> padding_end;              ///< p, the number behind it
    std::optional<List> output_padding;           ///< op
    std::optional<List> dilation;                 ///< d
    std::optional<DType> dtype;                   ///< f32 or f64
    std::optional<Layout> layout;                 ///< nchw or nhwc
    bool has_bias = false;                        ///< bias
    bool has_sum = false;                         ///< sum
    std::optional<Activation> activation;         ///< relu, leaky:0.2 and so on
    std::string name;                             ///< what stands between double quotes
};

/// Reads tokens; errors (invalid_argument) name the token that cannot be read, and what is allowed.
Result<ProblemTokens> parse_tokens(std::string_view text);

/// Puts tokens together and validates the problem.
Result<Problem> to_problem(const ProblemTokens& tokens);

/// parse_tokens, then to_problem.
Result<Problem> parse_problem(std::string_view text);

/// The canonical text: `n ic oc i o k s p op d g` dtype layout `bias` activation `sum` name; defaults left out;
/// `i` with one number per axis, other lists collapsed when equal; `op` where 0 <= op < max(s, d) on every axis,
/// else `o`. parse_problem(to_text(p)) == p for every valid p.
std::string to_text(const Problem& problem);

/// Reads `relu`, `leaky[:SLOPE]`, `tanh`, `sigmoid`, `clamp:LOW:HIGH` or `none`.
Result<Activation> parse_activation(std::string_view text);

/// What parse_activation reads; empty for none.
std::string to_text(const Activation& activation);

}  // namespace tconv
