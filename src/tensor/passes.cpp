#include "tconv/passes.h"

#include <algorithm>
#include <optional>

#include "tconv/reference.h"

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

// The elements of a tensor as doubles, one after the other: the tensor's own where they lie so, a copy otherwise; null
// for no tensor.
class AsDoubles {
public:
    static Result<AsDoubles> of(const Tensor& tensor) {
        AsDoubles doubles;
        if (tensor.dtype() == DType::f64 && tensor.is_contiguous()) {
            doubles.elements_ = tensor;
            return doubles;
        }
        auto copy = tensor.to(DType::f64);
        if (!copy) return copy.error();
        doubles.elements_ = *copy;
        return doubles;
    }
    static Result<AsDoubles> of_optional(const Tensor* tensor) { return tensor ? of(*tensor) : AsDoubles(); }

    const double* data() const noexcept {
        return elements_ ? reinterpret_cast<const double*>(elements_->bytes()) : nullptr;
    }

private:
    std::optional<Tensor> elements_;
};

Result<Tensor> rounded(Tensor doubles, DType dtype) {
    if (dtype == DType::f64) return doubles;
    return doubles.to(dtype);
}

// Both forward passes: read `input`, write an array of `output_shape`.
struct Forward {
    const char* input_name;
    Shape input_shape, output_shape;
    std::int64_t output_channels;
    void (*pass)(const Problem&, const double*, const double*, const reference::Epilogue&, double*);
};

Result<Tensor> run_forward(const Problem& problem, const Forward& forward, const Tensor& input, const Tensor& weights,
                           const Tensor* bias, const Tensor* residual) {
    if (auto ok = validate(problem); !ok) return ok.error();
    if (auto ok = check(forward.input_name, input, problem, forward.input_shape); !ok) return ok.error();
    if (auto ok = check_exact("the weights", weights, problem, weight_shape(problem)); !ok) return ok.error();
    if ((bias != nullptr) != problem.has_bias || (residual != nullptr) != problem.has_sum)
        return Error{ErrorCode::array_mismatch,
                     "a bias or a residual is given without the problem asking for it, or asked for without being "
                     "given; set has_bias and has_sum to what is passed"};
    if (bias) {
        if (auto ok = check_exact("the bias", *bias, problem, {forward.output_channels}); !ok) return ok.error();
    }
    if (residual) {
        if (auto ok = check("the residual", *residual, problem, forward.output_shape); !ok) return ok.error();
    }

    auto x = AsDoubles::of(input);
    if (!x) return x.error();
    auto w = AsDoubles::of(weights);
    if (!w) return w.error();
    auto b = AsDoubles::of_optional(bias);
    if (!b) return b.error();
    auto r = AsDoubles::of_optional(residual);
    if (!r) return r.error();
    const bool unbatched = is_unbatched(input, problem);
    auto output = Tensor::zeros(unbatched ? without_batch(forward.output_shape) : forward.output_shape, DType::f64);
    if (!output) return output.error();
    const reference::Epilogue epilogue{b->data(), r->data(), problem.activation};
    forward.pass(problem, x->data(), w->data(), epilogue, output->as<double>().data());
    return rounded(*output, problem.dtype);
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
                       const Tensor* residual) {
    return run_forward(
        problem, {"the input", coarse_shape(problem), fine_shape(problem), problem.fine_channels, reference::scatter},
        coarse, weights, bias, residual);
}

Result<Tensor> gather(const Problem& problem, const Tensor& fine, const Tensor& weights, const Tensor* bias,
                      const Tensor* residual) {
    return run_forward(
        problem, {"the input", fine_shape(problem), coarse_shape(problem), problem.coarse_channels, reference::gather},
        fine, weights, bias, residual);
}

Result<Tensor> weight_grad(const Problem& problem, const Tensor& coarse, const Tensor& fine) {
    if (auto ok = validate(problem); !ok) return ok.error();
    if (auto ok = check("the coarse side", coarse, problem, coarse_shape(problem)); !ok) return ok.error();
    if (auto ok = check("the fine side", fine, problem, fine_shape(problem)); !ok) return ok.error();
    auto x = AsDoubles::of(coarse);
    if (!x) return x.error();
    auto y = AsDoubles::of(fine);
    if (!y) return y.error();
    auto weights = Tensor::zeros(weight_shape(problem), DType::f64);
    if (!weights) return weights.error();
    reference::weight_grad(problem, x->data(), y->data(), weights->as<double>().data());
    return rounded(*weights, problem.dtype);
}

Result<Tensor> bias_grad(const Problem& problem, Pass side, const Tensor& output_grad) {
    if (auto ok = validate(problem); !ok) return ok.error();
    const bool writes_fine = side == Pass::scatter;
    if (auto ok = check("the output's gradient", output_grad, problem,
                        writes_fine ? fine_shape(problem) : coarse_shape(problem));
        !ok)
        return ok.error();
    auto dy = AsDoubles::of(output_grad);
    if (!dy) return dy.error();
    auto sums = Tensor::zeros({writes_fine ? problem.fine_channels : problem.coarse_channels}, DType::f64);
    if (!sums) return sums.error();
    reference::bias_grad(problem, side, dy->data(), sums->as<double>().data());
    return rounded(*sums, problem.dtype);
}

}  // namespace tconv
