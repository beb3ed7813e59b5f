#include "tconv/tensor.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace tconv {
namespace {

constexpr std::int64_t kMaxElements = std::int64_t{1} << 62;

template <class From, class Into>
void convert(const std::byte* from, std::byte* into, std::int64_t count) {
    const auto* source = reinterpret_cast<const From*>(from);
    auto* target = reinterpret_cast<Into*>(into);
    std::transform(source, source + count, target, [](From value) { return static_cast<Into>(value); });
}

}  // namespace

Result<std::int64_t> element_count(const Shape& shape) {
    std::int64_t product = 1;
    bool is_empty = false;
    for (const std::int64_t size : shape) {
        if (size < 0)
            return Error{ErrorCode::invalid_argument, "the shape " + to_string(shape) + " has the negative size " +
                                                          std::to_string(size) + "; sizes must be 0 or more"};
        is_empty = is_empty || size == 0;
        // A zero size does not excuse the others: strides, the products of some of the sizes, must not overflow.
        const std::int64_t factor = std::max<std::int64_t>(size, 1);
        if (product > kMaxElements / factor)
            return Error{ErrorCode::invalid_argument,
                         "the shape " + to_string(shape) + " has more than 2^62 elements; use smaller sizes"};
        product *= factor;
    }
    return is_empty ? 0 : product;
}

std::string to_string(const Shape& shape) {
    std::string text = "(";
    for (std::size_t axis = 0; axis < shape.size(); ++axis) {
        if (axis > 0) text += ", ";
        text += std::to_string(shape[axis]);
    }
    return text + (shape.size() == 1 ? ",)" : ")");
}

Result<Tensor> Tensor::zeros(Shape shape, DType dtype) {
    const Result<std::int64_t> count = element_count(shape);
    if (!count) return count.error();
    if (*count > kMaxElements / size_of(dtype))
        return Error{ErrorCode::invalid_argument,
                     "the shape " + to_string(shape) + " needs more than 2^62 bytes; use smaller sizes"};
    Result<AlignedBuffer> buffer = AlignedBuffer::allocate(*count * size_of(dtype));
    if (!buffer)
        return Error{buffer.error().code, "an array of shape " + to_string(shape) + ": " + buffer.error().message};
    Tensor tensor;
    tensor.shape_ = std::move(shape);
    tensor.dtype_ = dtype;
    tensor.elements_ = *count;
    tensor.buffer_ = *std::move(buffer);
    return tensor;
}

Result<void> Tensor::reshape(Shape shape) {
    const Result<std::int64_t> count = element_count(shape);
    if (!count) return count.error();
    if (*count != elements_)
        return Error{ErrorCode::invalid_argument,
                     "the shape " + to_string(shape_) + " has " + std::to_string(elements_) + " elements and " +
                         to_string(shape) + " has " + std::to_string(*count) + "; a reshape must keep their number"};
    shape_ = std::move(shape);
    return {};
}

Result<Tensor> Tensor::to(DType dtype) const {
    Result<Tensor> copy = zeros(shape_, dtype);
    if (!copy || elements_ == 0) return copy;
    if (dtype == dtype_)
        std::memcpy(copy->bytes(), bytes(), static_cast<std::size_t>(size_bytes()));
    else if (dtype == DType::f64)
        convert<float, double>(bytes(), copy->bytes(), elements_);
    else
        convert<double, float>(bytes(), copy->bytes(), elements_);
    return copy;
}

}  // namespace tconv
