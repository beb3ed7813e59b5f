// A weight format in words, such as "scatter f32 g1 c64x32 k1x4x4 s1x2x2 d1x1x1 avx2 phase8/natural": pass, geometry
// and kernels; then the order of the method, and behind a slash that of its stand-in for weights that are not finite,
// where it needs one. Sizes of the maps, paddings and layouts are no part of it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "methods/method.h"

namespace tconv::plan {

struct WeightOrders {
    std::string_view method, exact;  ///< exact: empty where the method needs no stand-in
    bool operator==(const WeightOrders&) const = default;
};

// Empty for weight_grad.
std::string weight_format_of(const methods::Request& request, const WeightOrders& orders);

// The orders that a format names; nothing where its geometry or kernels are not the request's.
std::optional<WeightOrders> orders_in(std::string_view format, const methods::Request& request);

}  // namespace tconv::plan
