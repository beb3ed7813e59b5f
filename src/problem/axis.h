// Making and checking one axis: what the problem text, the frameworks' terms and validate() share.
#pragma once

#include <string>

#include "tconv/problem.h"
#include "tconv/result.h"

namespace tconv {

/// One axis as users give it: a coarse size with an output padding, or a fine size.
struct AxisTerms {
    std::int64_t coarse = 0, fine = 0, kernel = 1, stride = 1, dilation = 1;
    std::int64_t padding_begin = 0, padding_end = 0, output_padding = 0;
};

/// "what VALUE must be at least LEAST", or success.
Result<void> check_at_least(const char* what, std::int64_t value, std::int64_t least);

/// Sizes >= 1, paddings >= 0, every sum within 62 bits. `fine` is not looked at.
Result<void> check_parameters(const Axis& axis);

/// check_parameters, and a fine size of at least 1 that fits.
Result<void> check_axis(const Axis& axis);

/// fine = full - padding_begin - padding_end + output_padding, under PyTorch's limit 0 <= output_padding < max(stride,
/// dilation).
Result<Axis> axis_from_output_padding(const AxisTerms& terms);

/// The fine size as given. Without a coarse size, that of a convolution: floor((fine + padding - extent) / stride) + 1.
Result<Axis> axis_to_fine_size(const AxisTerms& terms, bool coarse_is_given);

}  // namespace tconv
