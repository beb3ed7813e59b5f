#include "tensor/strided.h"

#include <algorithm>

namespace tconv::strided {

void fail(std::string sentence) { throw BadResult(Error{ErrorCode::invalid_argument, std::move(sentence)}); }

std::optional<Shape> try_broadcast(const Shape& a, const Shape& b) {
    Shape shape(std::max(a.size(), b.size()), 1);
    for (std::size_t i = 1; i <= shape.size(); ++i) {
        const std::int64_t x = i <= a.size() ? a[a.size() - i] : 1, y = i <= b.size() ? b[b.size() - i] : 1;
        if (x != y && x != 1 && y != 1) return std::nullopt;
        shape[shape.size() - i] = x == 1 ? y : x;
    }
    return shape;
}

Shape broadcast(const Shape& a, const Shape& b) {
    auto shape = try_broadcast(a, b);
    if (!shape)
        fail("shapes " + to_string(a) + " and " + to_string(b) + " do not go together: sizes must be equal, or 1");
    return *shape;
}

Shape strides_under(const Tensor& tensor, const Shape& shape) {
    if (broadcast(tensor.shape(), shape) != shape)
        fail("shape " + to_string(tensor.shape()) + " does not go into shape " + to_string(shape));
    Shape strides(shape.size(), 0);
    const std::size_t missing = shape.size() - tensor.shape().size();
    for (std::size_t axis = 0; axis < tensor.shape().size(); ++axis)
        strides[missing + axis] = tensor.shape()[axis] == 1 ? 0 : tensor.strides()[axis];
    return strides;
}

}  // namespace tconv::strided
