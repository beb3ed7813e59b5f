#include "tconv/passes.h"

#include <algorithm>
#include <optional>

#include "plan/channel_sums.h"
#include "tensor/one_call.h"

namespace tconv {
namespace {

Shape with_channels(const Problem& problem, std::int64_t channels, std::int64_t Axis::* size) {
    Shape shape{problem.batch};
    if (problem.layout == Layout::channels_first) shape.push_back(channels);
    for (const Axis& axis : problem.spatial()) shape.push_back(axis.*size);
    if (problem.layout == Layout::channels_last) shape.push_back(channels);
    return shape;
}

Shape without_batch(Shape shape) {
    shape.erase(shape.begin());
    return shape;
}

bool is_unbatched(const Tensor& tensor, const Problem& problem) { return tensor.rank() == problem.rank + 1; }

Result<void> check(const char* what, const Tensor& tensor, const Problem& problem, const Shape& shape) {
    const auto refuse = [&](const std::string& given, const std::string& allowed) {
        return Error{ErrorCode::array_mismatch, given + " given for " + what + ", but the problem asks for " + allowed};
    };
    if (tensor.dtype() != problem.dtype)
        return refuse(tensor.dtype() == DType::f32 ? "f32" : "f64",
                      problem.dtype == DType::f32 ? "f32; convert one of them" : "f64; convert one of them");
    const bool unbatched =
        problem.batch == 1 && is_unbatched(tensor, problem) && tensor.shape() == without_batch(shape);
    if (tensor.shape() != shape && !unbatched) return refuse("shape " + to_string(tensor.shape()), to_string(shape));
    return {};
}

// A bias or the weights: never unbatched.
Result<void> check_exact(const char* what, const Tensor& tensor, const Problem& problem, const Shape& shape) {
    if (auto ok = check(what, tensor, problem, shape); !ok) return ok;
    if (tensor.shape() == shape) return {};
    return Error{ErrorCode::array_mismatch, "shape " + to_string(tensor.shape()) + " given for " + what +
                                                ", but the problem asks for " + to_string(shape)};
}

// Success, or that an array without a contiguous layout could not be copied into one.
Result<Tensor> contiguous(const Tensor& tensor) {
    if (tensor.is_contiguous()) return tensor;
    return tensor.to(tensor.dtype());
}

struct Bytes {
    const std::byte *begin, *end;
};

// From the first byte of a tensor to one behind its last, whatever its strides' signs.
Bytes extent(const Tensor& tensor) {
    std::int64_t low = 0, high = 0;
    for (std::size_t axis = 0; axis < tensor.shape().size(); ++axis) {
        const std::int64_t reach = (tensor.shape()[axis] - 1) * tensor.strides()[axis];
        (reach < 0 ? low : high) += reach;
    }
    const std::int64_t size = size_of(tensor.dtype());
    return {tensor.bytes() + low * size, tensor.bytes() + (high + 1) * size};
}

bool may_overlap(const Tensor& a, const Tensor& b) {
    if (!a.shares_memory_with(b) || a.elements() == 0 || b.elements() == 0) return false;
    const Bytes first = extent(a), second = extent(b);
    return first.begin < second.end && second.begin < first.end;
}

// What a pass may read while it writes `output`.
Result<Tensor> readable(const Tensor& tensor, const Tensor& output) {
    if (may_overlap(tensor, output)) return tensor.to(tensor.dtype());
    return contiguous(tensor);
}

bool is_same_view(const Tensor& a, const Tensor& b) {
    return a.bytes() == b.bytes() && a.shape() == b.shape() && a.strides() == b.strides();
}

// The strides of a side's array, batched or not.
SideStrides side_strides(const Tensor& tensor, const Problem& problem) {
    SideStrides strides;
    const Shape& given = tensor.strides();
    auto next = given.begin();
    if (!is_unbatched(tensor, problem)) strides.sample = *next++;
    if (problem.layout == Layout::channels_first) strides.channel = *next++;
    std::copy(next, next + problem.rank, strides.axes.end() - problem.rank);
    if (problem.layout == Layout::channels_last) strides.channel = given.back();
    return strides;
}

// Both forward passes: they read `input` and write an array of `output_shape`.
struct Forward {
    Pass pass;
    Shape input_shape, output_shape;
    std::int64_t output_channels;
};

Forward forward_of(const Problem& problem, Pass pass) {
    if (pass == Pass::scatter) return {pass, coarse_shape(problem), fine_shape(problem), problem.fine_channels};
    return {pass, fine_shape(problem), coarse_shape(problem), problem.coarse_channels};
}

// The arrays of a forward pass; bias and residual may be null.
struct Arrays {
    const Tensor &input, &weights;
    const Tensor *bias, *residual;
};

Result<void> check_arrays(const Problem& problem, const Forward& forward, const Arrays& arrays) {
    if (auto ok = check("the input", arrays.input, problem, forward.input_shape); !ok) return ok;
    if (auto ok = check_exact("the weights", arrays.weights, problem, weight_shape(problem)); !ok) return ok;
    if ((arrays.bias != nullptr) != problem.has_bias || (arrays.residual != nullptr) != problem.has_sum)
        return Error{ErrorCode::array_mismatch,
                     "a bias or a residual is given without the problem asking for it, or asked for without being "
                     "given; set has_bias and has_sum to what is passed"};
    if (arrays.bias)
        if (auto ok = check_exact("the bias", *arrays.bias, problem, {forward.output_channels}); !ok) return ok;
    if (arrays.residual) return check("the residual", *arrays.residual, problem, forward.output_shape);
    return {};
}

// Into an output of the right shape; everything has been checked.
Result<void> compute(const Problem& problem, const Forward& forward, const Arrays& arrays, PlanOptions options,
                     Tensor output) {
    auto input = readable(arrays.input, output);
    if (!input) return input.error();
    auto weights = readable(arrays.weights, output);
    if (!weights) return weights.error();
    RunArguments arguments;
    std::optional<Tensor> bias;
    if (arrays.bias) {
        auto read = readable(*arrays.bias, output);
        if (!read) return read.error();
        bias = *read;
        arguments.bias = bias->bytes();
    }
    if (!output.is_contiguous()) options.output_strides = side_strides(output, problem);
    if (arrays.residual) {
        // It is wanted at the output's strides, where nothing has been written yet.
        const bool lies_like_output =
            is_same_view(*arrays.residual, output) ||
            (arrays.residual->is_contiguous() && output.is_contiguous() && !may_overlap(*arrays.residual, output));
        if (!lies_like_output) output.assign(*arrays.residual);
        arguments.residual = lies_like_output ? arrays.residual->bytes() : output.bytes();
    }
    arguments.input = input->bytes();
    arguments.output = output.bytes();
    return one_call::run(problem, forward.pass, options, weights->bytes(), arguments);
}

Result<Tensor> run_forward(const Problem& problem, Pass pass, const Arrays& arrays, const PlanOptions& options) {
    if (auto ok = validate(problem); !ok) return ok.error();
    const Forward forward = forward_of(problem, pass);
    if (auto ok = check_arrays(problem, forward, arrays); !ok) return ok.error();
    const bool unbatched = is_unbatched(arrays.input, problem);
    auto output = Tensor::zeros(unbatched ? without_batch(forward.output_shape) : forward.output_shape, problem.dtype);
    if (!output) return output;
    if (auto ok = compute(problem, forward, arrays, options, *output); !ok) return ok.error();
    return output;
}

Result<void> run_forward_into(const Tensor& output, const Problem& problem, Pass pass, const Arrays& arrays,
                              const PlanOptions& options) {
    if (auto ok = validate(problem); !ok) return ok;
    const Forward forward = forward_of(problem, pass);
    if (auto ok = check_arrays(problem, forward, arrays); !ok) return ok;
    if (auto ok = check("the output", output, problem, forward.output_shape); !ok) return ok;
    return compute(problem, forward, arrays, options, output);
}

Result<void> check_both_sides(const Problem& problem, const Tensor& coarse, const Tensor& fine) {
    if (auto ok = validate(problem); !ok) return ok;
    if (auto ok = check("the coarse side", coarse, problem, coarse_shape(problem)); !ok) return ok;
    return check("the fine side", fine, problem, fine_shape(problem));
}

Result<void> compute_weight_grad(const Problem& problem, const Tensor& coarse, const Tensor& fine,
                                 const PlanOptions& options, Tensor output) {
    auto x = readable(coarse, output);
    if (!x) return x.error();
    auto y = readable(fine, output);
    if (!y) return y.error();
    return one_call::run_weight_grad(problem, options, x->bytes(), y->bytes(), output.bytes());
}

}  // namespace

Shape coarse_shape(const Problem& problem) { return with_channels(problem, problem.coarse_channels, &Axis::coarse); }
Shape fine_shape(const Problem& problem) { return with_channels(problem, problem.fine_channels, &Axis::fine); }

Shape weight_shape(const Problem& problem) {
    Shape shape{problem.coarse_channels, problem.fine_channels / problem.groups};
    for (const Axis& axis : problem.spatial()) shape.push_back(axis.kernel);
    return shape;
}

Result<Tensor> scatter(const Problem& problem, const Tensor& coarse, const Tensor& weights, const Tensor* bias,
                       const Tensor* residual, const PlanOptions& options) {
    return run_forward(problem, Pass::scatter, {coarse, weights, bias, residual}, options);
}

Result<Tensor> gather(const Problem& problem, const Tensor& fine, const Tensor& weights, const Tensor* bias,
                      const Tensor* residual, const PlanOptions& options) {
    return run_forward(problem, Pass::gather, {fine, weights, bias, residual}, options);
}

Result<void> scatter_into(const Tensor& output, const Problem& problem, const Tensor& coarse, const Tensor& weights,
                          const Tensor* bias, const Tensor* residual, const PlanOptions& options) {
    return run_forward_into(output, problem, Pass::scatter, {coarse, weights, bias, residual}, options);
}

Result<void> gather_into(const Tensor& output, const Problem& problem, const Tensor& fine, const Tensor& weights,
                         const Tensor* bias, const Tensor* residual, const PlanOptions& options) {
    return run_forward_into(output, problem, Pass::gather, {fine, weights, bias, residual}, options);
}

Result<Tensor> weight_grad(const Problem& problem, const Tensor& coarse, const Tensor& fine,
                           const PlanOptions& options) {
    if (auto ok = check_both_sides(problem, coarse, fine); !ok) return ok.error();
    auto output = Tensor::zeros(weight_shape(problem), problem.dtype);
    if (!output) return output;
    if (auto ok = compute_weight_grad(problem, coarse, fine, options, *output); !ok) return ok.error();
    return output;
}

Result<void> weight_grad_into(const Tensor& output, const Problem& problem, const Tensor& coarse, const Tensor& fine,
                              const PlanOptions& options) {
    if (auto ok = check_both_sides(problem, coarse, fine); !ok) return ok;
    if (auto ok = check_exact("the output", output, problem, weight_shape(problem)); !ok) return ok;
    if (!output.is_contiguous())
        return Error{ErrorCode::array_mismatch,
                     "the output is a view that is not contiguous, but weight_grad writes contiguous arrays; give one, "
                     "or assign what weight_grad() returns"};
    return compute_weight_grad(problem, coarse, fine, options, output);
}

Result<Tensor> bias_grad(const Problem& problem, Pass side, const Tensor& output_grad, const PlanOptions& options) {
    if (auto ok = validate(problem); !ok) return ok.error();
    const Shape shape = side == Pass::scatter ? fine_shape(problem) : coarse_shape(problem);
    if (auto ok = check("the output's gradient", output_grad, problem, shape); !ok) return ok.error();
    auto dy = contiguous(output_grad);
    if (!dy) return dy;
    const std::int64_t channels = side == Pass::scatter ? problem.fine_channels : problem.coarse_channels;
    auto sums = Tensor::zeros({channels}, problem.dtype);
    if (!sums) return sums;
    if (auto ok = plan::sum_channels(problem, side, dy->bytes(), sums->bytes(), options); !ok) return ok.error();
    return sums;
}

}  // namespace tconv
