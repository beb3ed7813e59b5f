// Both convolution layers and the linear layer: three passes of the engine, by plans that are kept.
#include <algorithm>
#include <mutex>
#include <utility>

#include "autograd/memory.h"
#include "autograd/parallel.h"
#include "plan/channel_sums.h"
#include "plan/run_once.h"
#include "tconv/operations.h"
#include "tconv/passes.h"
#include "tensor/strided.h"

namespace tconv::autograd {

class ConvolutionPlans {
public:
    /// The plan of a pass under the current Threads; made where it is not there.
    Plan find_or_make(const Problem& problem, Pass pass) {
        const std::lock_guard lock(mutex_);
        const auto at = std::find_if(entries_.begin(), entries_.end(), [&](const Entry& entry) {
            return entry.pass == pass && entry.threads == threads() && entry.problem == problem;
        });
        if (at != entries_.end()) {
            std::rotate(entries_.begin(), at, at + 1);  // the latest used first
            return entries_.front().plan;
        }
        if (entries_.size() == kMost) entries_.pop_back();
        entries_.insert(entries_.begin(), {problem, pass, threads(), make_plan(problem, pass, plan_options()).value()});
        return entries_.front().plan;
    }

private:
    // Three passes, for a batch, its shorter last one, and one to look at.
    static constexpr std::size_t kMost = 12;
    struct Entry {
        Problem problem;
        Pass pass;
        int threads;
        Plan plan;
    };
    std::mutex mutex_;
    std::vector<Entry> entries_;
};

std::shared_ptr<ConvolutionPlans> make_convolution_plans() { return std::make_shared<ConvolutionPlans>(); }

namespace {

using strided::fail;

// Shapes as the caller writes them, which an unbatched array or a linear layer's differ in.
struct ConvolutionShapes {
    Shape input, output;
};

void check(const char* what, const Tensor& given, const Shape& wanted, DType dtype) {
    if (given.shape() == wanted && given.dtype() == dtype) return;
    fail(std::string(what) + " of shape " + to_string(given.shape()) + " and type " +
         (given.dtype() == DType::f32 ? "f32" : "f64") + " was given to a convolution that takes " + to_string(wanted) +
         " and " + (dtype == DType::f32 ? "f32" : "f64") + "; give that");
}

class Convolution : public Operation {
public:
    Convolution(const Problem& problem, Pass forward, ConvolutionShapes shapes, std::string_view name,
                std::shared_ptr<ConvolutionPlans> plans)
        : problem_(problem), forward_(forward), shapes_(std::move(shapes)), name_(name), plans_(std::move(plans)) {
        problem_.name.clear();
        backward_ = problem_;
        backward_.has_bias = false;  // the gradients do not depend on it
    }

    std::string_view name() const noexcept override { return name_; }

    Tensor forward(std::span<const Tensor> inputs) override {
        check("an input", inputs[0], shapes_.input, problem_.dtype);
        check("a weight", inputs[1].reshape(weight_shape(problem_)), weight_shape(problem_), problem_.dtype);
        const std::int64_t channels = forward_ == Pass::scatter ? problem_.fine_channels : problem_.coarse_channels;
        if (problem_.has_bias) check("a bias", inputs[2], {channels}, problem_.dtype);
        x_ = inputs[0].contiguous();
        weight_ = inputs[1].contiguous();
        const Tensor bias = problem_.has_bias ? inputs[2].contiguous() : Tensor();
        return compute(problem_, forward_, x_, shapes_.output, problem_.has_bias ? bias.bytes() : nullptr);
    }

    InputGrads vjp(const Tensor& output_grad, const std::vector<bool>& wanted) override {
        const Tensor dy = output_grad.contiguous();
        InputGrads grads(wanted.size());
        const bool is_transposed = forward_ == Pass::scatter;
        if (wanted[0])
            grads[0].emplace(
                compute(backward_, is_transposed ? Pass::gather : Pass::scatter, dy, shapes_.input, nullptr));
        if (wanted[1]) {
            grads[1].emplace(empty_like(weight_));
            const Plan plan = plans_->find_or_make(backward_, Pass::weight_grad);
            const Tensor &coarse = is_transposed ? x_ : dy, &fine = is_transposed ? dy : x_;
            plan::run_weight_grad_once(plan, coarse.bytes(), fine.bytes(), grads[1]->bytes()).value();
        }
        if (wanted.size() > 2 && wanted[2]) {
            grads[2].emplace(
                empty({is_transposed ? problem_.fine_channels : problem_.coarse_channels}, problem_.dtype));
            plan::sum_channels(backward_, forward_, dy.bytes(), grads[2]->bytes(), plan_options()).value();
        }
        return grads;
    }

private:
    Tensor compute(const Problem& problem, Pass pass, const Tensor& input, const Shape& shape, const void* bias) const {
        Tensor output = empty(shape, problem.dtype);
        const Plan plan = plans_->find_or_make(problem, pass);
        plan::run_once(plan, nullptr, weight_.bytes(), {.input = input.bytes(), .bias = bias, .output = output.bytes()})
            .value();
        return output;
    }

    Problem problem_, backward_;
    Pass forward_;
    ConvolutionShapes shapes_;
    std::string_view name_;
    std::shared_ptr<ConvolutionPlans> plans_;
    Tensor x_, weight_;
};

Variable apply_convolution(std::unique_ptr<Operation> operation, const Variable& x, const Variable& weight,
                           const Variable* bias) {
    if (bias == nullptr) return perform(std::move(operation), std::vector{x, weight});
    return perform(std::move(operation), std::vector{x, weight, *bias});
}

}  // namespace

Variable convolution(const Problem& problem, Pass forward, const Variable& x, const Variable& weight,
                     const Variable* bias, const std::shared_ptr<ConvolutionPlans>& plans) {
    validate(problem).value();
    if (forward == Pass::weight_grad || problem.has_sum || problem.activation.kind != Activation::Kind::none)
        fail(
            "a convolution on the tape is scatter or gather with at most a bias; add() and the activations are "
            "operations of their own");
    if ((bias != nullptr) != problem.has_bias)
        fail(
            "a bias is given without the problem asking for it, or asked for without being given; set has_bias to "
            "what is passed");
    ConvolutionShapes shapes{coarse_shape(problem), fine_shape(problem)};
    if (forward == Pass::gather) std::swap(shapes.input, shapes.output);
    if (problem.batch == 1 && x.data().rank() == problem.rank + 1) {
        shapes.input.erase(shapes.input.begin());
        shapes.output.erase(shapes.output.begin());
    }
    return apply_convolution(std::make_unique<Convolution>(problem, forward, std::move(shapes), "ConvolutionBackward0",
                                                           plans ? plans : make_convolution_plans()),
                             x, weight, bias);
}

Variable linear(const Variable& x, const Variable& weight, const Variable* bias,
                const std::shared_ptr<ConvolutionPlans>& plans) {
    if (x.data().rank() != 2 || weight.data().rank() != 2 || x.shape(1) != weight.shape(1) || x.shape(0) == 0)
        fail("linear takes x (N, in) with N of at least 1 and weights (out, in), but x has shape " +
             to_string(x.shape()) + " and the weights " + to_string(weight.shape()));
    Problem problem;  // the samples are the positions of one row
    problem.rank = 1;
    problem.dtype = x.dtype();
    problem.layout = Layout::channels_last;
    problem.coarse_channels = weight.shape(0);
    problem.fine_channels = weight.shape(1);
    problem.has_bias = bias != nullptr;
    problem.spatial()[0].coarse = problem.spatial()[0].fine = x.shape(0);
    validate(problem).value();
    return apply_convolution(std::make_unique<Convolution>(problem, Pass::gather,
                                                           ConvolutionShapes{x.shape(), {x.shape(0), weight.shape(0)}},
                                                           bias != nullptr ? "AddmmBackward0" : "MmBackward0",
                                                           plans ? plans : make_convolution_plans()),
                             x, weight, bias);
}

}  // namespace tconv::autograd
