#include "tconv/tensor.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "tensor/strided.h"

namespace tconv {
namespace {

constexpr std::int64_t kMaxElements = std::int64_t{1} << 62;

Shape contiguous_strides(const Shape& shape) {
    Shape strides(shape.size(), 1);
    for (std::size_t axis = shape.size(); axis-- > 1;)
        strides[axis - 1] = strides[axis] * std::max<std::int64_t>(shape[axis], 1);
    return strides;
}

Result<std::int64_t> byte_count(const Shape& shape, DType dtype) {
    const Result<std::int64_t> count = element_count(shape);
    if (!count) return count;
    if (*count > kMaxElements / size_of(dtype))
        return Error{ErrorCode::invalid_argument,
                     "the shape " + to_string(shape) + " needs more than 2^62 bytes; use smaller sizes"};
    return *count * size_of(dtype);
}

// The axis that a number names, counted from the end where negative.
std::size_t axis_of(std::int64_t axis, std::int64_t rank) {
    if (axis < -rank || axis >= rank)
        strided::fail("axis " + std::to_string(axis) + " does not exist: the tensor has " + std::to_string(rank) +
                      (rank == 1 ? " axis" : " axes"));
    return static_cast<std::size_t>(axis < 0 ? axis + rank : axis);
}

std::int64_t position_on(std::int64_t position, std::int64_t size, std::size_t axis) {
    if (position < -size || position >= size)
        strided::fail("index " + std::to_string(position) + " is outside axis " + std::to_string(axis) +
                      ", which has " + std::to_string(size) + " positions");
    return position < 0 ? position + size : position;
}

// As Python's slices: bounds beyond the ends are moved to the ends.
std::pair<std::int64_t, std::int64_t> range_on(const Slice& slice, std::int64_t size) {
    const auto bound = [&](std::int64_t at) { return std::clamp<std::int64_t>(at < 0 ? at + size : at, 0, size); };
    const std::int64_t begin = bound(slice.begin);
    return {begin, std::max(begin, bound(slice.end))};
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
    const Result<std::int64_t> bytes = byte_count(shape, dtype);
    if (!bytes) return bytes.error();
    Result<AlignedBuffer> buffer = AlignedBuffer::allocate(*bytes);
    if (!buffer)
        return Error{buffer.error().code, "an array of shape " + to_string(shape) + ": " + buffer.error().message};
    return over(std::make_shared<AlignedBuffer>(*std::move(buffer)), std::move(shape), dtype);
}

Result<Tensor> Tensor::over(std::shared_ptr<AlignedBuffer> memory, Shape shape, DType dtype) {
    const Result<std::int64_t> bytes = byte_count(shape, dtype);
    if (!bytes) return bytes.error();
    if (!memory || memory->size_bytes() < *bytes)
        return Error{ErrorCode::invalid_argument, "the shape " + to_string(shape) + " needs " + std::to_string(*bytes) +
                                                      " bytes, but the memory has " +
                                                      std::to_string(memory ? memory->size_bytes() : 0)};
    Tensor tensor;
    tensor.strides_ = contiguous_strides(shape);
    tensor.shape_ = std::move(shape);
    tensor.dtype_ = dtype;
    tensor.elements_ = *bytes / size_of(dtype);
    tensor.memory_ = std::move(memory);
    tensor.first_ = tensor.memory_->data();
    return tensor;
}

std::int64_t Tensor::shape(std::int64_t axis) const { return shape_[axis_of(axis, rank())]; }

bool Tensor::is_contiguous() const noexcept {
    if (elements_ == 0) return true;
    std::int64_t stride = 1;
    for (std::size_t axis = shape_.size(); axis-- > 0; stride *= shape_[axis])
        if (shape_[axis] != 1 && strides_[axis] != stride) return false;
    return true;
}

void Tensor::check_as(std::size_t element_bytes) const {
    if (element_bytes != static_cast<std::size_t>(size_of(dtype_)))
        strided::fail(std::string("as<T>() of a tensor of ") +
                      (dtype_ == DType::f32 ? "f32 asks for float" : "f64 asks for double"));
    if (!is_contiguous()) strided::fail("as<T>() needs a contiguous tensor; take .contiguous() of this view first");
}

Tensor Tensor::view(std::span<const Index> indices) const {
    if (indices.size() > shape_.size())
        strided::fail(std::to_string(indices.size()) + " indices are too many for a tensor of shape " +
                      to_string(shape_));
    Tensor view = *this;
    view.shape_.clear();
    view.strides_.clear();
    std::uint64_t offset = 0;  // unsigned: in an empty tensor strides may be huge, and the offset is not used
    for (std::size_t axis = 0; axis < shape_.size(); ++axis) {
        const Index index = axis < indices.size() ? indices[axis] : Index(Slice());
        if (index.is_slice()) {
            const auto [begin, end] = range_on(index.slice(), shape_[axis]);
            offset += static_cast<std::uint64_t>(begin) * static_cast<std::uint64_t>(strides_[axis]);
            view.shape_.push_back(end - begin);
            view.strides_.push_back(strides_[axis]);
        } else {
            offset += static_cast<std::uint64_t>(position_on(index.position(), shape_[axis], axis)) *
                      static_cast<std::uint64_t>(strides_[axis]);
        }
    }
    view.elements_ = std::accumulate(view.shape_.begin(), view.shape_.end(), std::int64_t{1}, std::multiplies<>());
    if (view.elements_ > 0) view.first_ += static_cast<std::int64_t>(offset) * size_of(dtype_);
    return view;
}

double Tensor::item() const {
    if (elements_ != 1)
        strided::fail("item() needs a tensor with one element, but this one has shape " + to_string(shape_));
    return strided::load(*this, 0);
}

Tensor Tensor::reshape(Shape shape) const {
    const std::string wanted = to_string(shape);
    const auto rest = std::find(shape.begin(), shape.end(), -1);
    if (rest != shape.end()) {
        if (std::find(rest + 1, shape.end(), -1) != shape.end())
            strided::fail("reshape to " + wanted + " has more than one -1; only one size can be left open");
        *rest = 1;
        const std::int64_t known = element_count(shape).value();
        if (known == 0) strided::fail("reshape to " + wanted + " does not say what -1 is beside a size of 0; name it");
        *rest = elements_ / known;
    }
    if (element_count(shape).value() != elements_)
        strided::fail("the shape " + to_string(shape_) + " has " + std::to_string(elements_) +
                      " elements, which do not make " + wanted + "; a reshape must keep their number");
    Tensor reshaped = contiguous();
    reshaped.strides_ = contiguous_strides(shape);
    reshaped.shape_ = std::move(shape);
    return reshaped;
}

Tensor Tensor::transpose(std::vector<std::int64_t> axes) const {
    if (axes.empty())
        for (std::int64_t axis = rank(); axis-- > 0;) axes.push_back(axis);
    if (axes.size() != shape_.size())
        strided::fail("transpose names " + std::to_string(axes.size()) + " axes of a tensor of shape " +
                      to_string(shape_));
    Tensor view = *this;
    std::vector<bool> taken(shape_.size());
    for (std::size_t i = 0; i < axes.size(); ++i) {
        const std::size_t axis = axis_of(axes[i], rank());
        if (taken[axis]) strided::fail("transpose names axis " + std::to_string(axis) + " twice");
        taken[axis] = true;
        view.shape_[i] = shape_[axis];
        view.strides_[i] = strides_[axis];
    }
    return view;
}

Tensor Tensor::clone() const { return to(dtype_).value(); }

Tensor Tensor::contiguous() const { return is_contiguous() ? *this : clone(); }

Result<Tensor> Tensor::to(DType dtype) const {
    Result<Tensor> copy = zeros(shape_, dtype);
    if (!copy || elements_ == 0) return copy;
    if (dtype == dtype_ && is_contiguous())
        std::memcpy(copy->bytes(), bytes(), static_cast<std::size_t>(size_bytes()));
    else
        copy->assign(*this);
    return copy;
}

void Tensor::assign(const Tensor& values) const {
    // Values that live in the same memory are read before any of them is overwritten.
    Tensor source = shares_memory_with(values) ? values.clone() : values;
    while (source.rank() > rank() && source.shape(0) == 1) source = source(0);
    const Shape from = strided::strides_under(source, shape_);
    Tensor target = *this;
    strided::for_each<2>(shape_, {strides_, from},
                         [&](const auto& at) { strided::store(target, at[0], strided::load(source, at[1])); });
}

void Tensor::fill(double value) const {
    Tensor target = *this;
    strided::for_each<1>(shape_, {strides_}, [&](const auto& at) { strided::store(target, at[0], value); });
}

Tensor Tensor::operator=(const Tensor& values) const&& {
    assign(values);
    return *this;
}

Tensor Tensor::operator=(double value) const&& {
    fill(value);
    return *this;
}

}  // namespace tconv
