// Both convolution layers and the linear layer: three passes of the engine, by plans that are kept.
#include <algorithm>
#include <mutex>
#include <utility>

#include "autograd/memory.h"
#include "autograd/order.h"
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

    /// Whether the gradient of the weights is had sooner from `first` although `elements` have to be copied for it. It
    /// is decided for one thread, so that the bits do not depend on their number.
    bool weight_grad_prefers(const Problem& first, const Problem& last, std::int64_t elements) {
        const std::lock_guard lock(mutex_);
        const auto at = std::find_if(preferences_.begin(), preferences_.end(),
                                     [&](const auto& entry) { return entry.first == first; });
        if (at != preferences_.end()) return at->second;
        constexpr double kMillisecondsPerElement = 1.5e-6;
        PlanOptions one;
        one.threads = 1;
        const auto milliseconds = [&](const Problem& problem) {
            return make_plan(problem, Pass::weight_grad, one).value().explain().predicted_ms;
        };
        const bool prefers =
            milliseconds(first) + kMillisecondsPerElement * static_cast<double>(elements) < milliseconds(last);
        if (preferences_.size() == kMost) preferences_.clear();
        preferences_.emplace_back(first, prefers);
        return prefers;
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
    std::vector<std::pair<Problem, bool>> preferences_;
};

std::shared_ptr<ConvolutionPlans> make_convolution_plans() { return std::make_shared<ConvolutionPlans>(); }

namespace {

using strided::fail;

// How a convolution is computed: the problem over arrays as they lie, and the arrays' shapes as the caller sees them.
struct Form {
    Problem problem;
    Shape input, output;
    Order order = Order::batch_first;
};

// The same layer over arrays that are batch last: one sample with an axis more, the samples, which the kernel does not
// touch.
Form with_batch_last(const Form& form) {
    Form last = form;
    last.order = Order::batch_last;
    Problem& problem = last.problem;
    const auto given = form.problem.spatial();
    problem.rank = form.problem.rank + 1;
    std::copy(given.begin(), given.end(), problem.spatial().begin());
    problem.spatial().back() = Axis{};
    problem.spatial().back().coarse = problem.spatial().back().fine = std::exchange(problem.batch, 1);
    return last;
}

void check(const char* what, const Tensor& given, const Shape& wanted, DType dtype) {
    if (given.shape() == wanted && given.dtype() == dtype) return;
    fail(std::string(what) + " of shape " + to_string(given.shape()) + " and type " +
         (given.dtype() == DType::f32 ? "f32" : "f64") + " was given to a convolution that takes " + to_string(wanted) +
         " and " + (dtype == DType::f32 ? "f32" : "f64") + "; give that");
}

class Convolution : public Operation {
public:
    Convolution(Form form, Pass forward, std::string_view name, std::shared_ptr<ConvolutionPlans> plans)
        : first_(std::move(form)), forward_(forward), name_(name), plans_(std::move(plans)) {
        first_.problem.name.clear();
        form_ = first_;
    }

    std::string_view name() const noexcept override { return name_; }

    Tensor forward(std::span<const Tensor> inputs) override {
        const Problem& problem = first_.problem;
        check("an input", inputs[0], first_.input, problem.dtype);
        check("a weight", inputs[1].reshape(weight_shape(problem)), weight_shape(problem), problem.dtype);
        if (problem.has_bias) check("a bias", inputs[2], {written_channels()}, problem.dtype);
        if (can_be_batch_last() && is_batch_last(inputs[0])) form_ = with_batch_last(first_);
        x_ = in_order(inputs[0], form_.order);
        weight_ = inputs[1].contiguous();
        const Tensor bias = problem.has_bias ? inputs[2].contiguous() : Tensor();
        return compute(form_.problem, forward_, x_, form_.output, problem.has_bias ? bias.bytes() : nullptr);
    }

    InputGrads vjp(const Tensor& output_grad, const std::vector<bool>& wanted) override {
        const Tensor dy = in_order(output_grad, form_.order);
        Problem problem = form_.problem;
        problem.has_bias = false;  // the gradients do not depend on it
        InputGrads grads(wanted.size());
        if (wanted[0]) {
            const Pass opposite = forward_ == Pass::scatter ? Pass::gather : Pass::scatter;
            grads[0].emplace(compute(problem, opposite, dy, form_.input, nullptr));
        }
        if (wanted[1]) grads[1].emplace(weight_grad(dy));
        if (wanted.size() > 2 && wanted[2]) {
            grads[2].emplace(empty({written_channels()}, problem.dtype));
            plan::sum_channels(problem, forward_, dy.bytes(), grads[2]->bytes(), plan_options()).value();
        }
        return grads;
    }

private:
    bool can_be_batch_last() const {
        return first_.problem.rank < Problem::kMaxRank && first_.problem.layout == Layout::channels_first &&
               static_cast<int>(first_.input.size()) == first_.problem.rank + 2;
    }

    std::int64_t written_channels() const {
        return forward_ == Pass::scatter ? first_.problem.fine_channels : first_.problem.coarse_channels;
    }

    Tensor compute(const Problem& problem, Pass pass, const Tensor& input, const Shape& shape, const void* bias) const {
        Tensor output = empty(shape, problem.dtype, form_.order);
        const Plan plan = plans_->find_or_make(problem, pass);
        plan::run_once(plan, nullptr, weight_.bytes(), {.input = input.bytes(), .bias = bias, .output = output.bytes()})
            .value();
        return output;
    }

    // With few channels the engine would rather have the batch first, even where both arrays are copied for it.
    Tensor weight_grad(const Tensor& dy) const {
        Problem last = form_.problem, first = first_.problem;
        last.has_bias = first.has_bias = false;
        const bool is_copied =
            form_.order == Order::batch_last && plans_->weight_grad_prefers(first, last, x_.elements() + dy.elements());
        const Order order = is_copied ? Order::batch_first : form_.order;
        const Tensor input = in_order(x_, order), output = in_order(dy, order);
        Tensor grad = empty(weight_.shape(), weight_.dtype());
        const bool is_transposed = forward_ == Pass::scatter;
        const Plan plan = plans_->find_or_make(is_copied ? first : last, Pass::weight_grad);
        plan::run_weight_grad_once(plan, (is_transposed ? input : output).bytes(),
                                   (is_transposed ? output : input).bytes(), grad.bytes())
            .value();
        return grad;
    }

    Form first_, form_;
    Pass forward_;
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
    Form form{problem, coarse_shape(problem), fine_shape(problem)};
    if (forward == Pass::gather) std::swap(form.input, form.output);
    if (problem.batch == 1 && x.data().rank() == problem.rank + 1) {
        form.input.erase(form.input.begin());
        form.output.erase(form.output.begin());
    }
    return apply_convolution(std::make_unique<Convolution>(std::move(form), forward, "ConvolutionBackward0",
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
    Form form{problem, x.shape(), {x.shape(0), weight.shape(0)}};
    return apply_convolution(
        std::make_unique<Convolution>(std::move(form), Pass::gather, bias != nullptr ? "AddmmBackward0" : "MmBackward0",
                                      plans ? plans : make_convolution_plans()),
        x, weight, bias);
}

}  // namespace tconv::autograd
