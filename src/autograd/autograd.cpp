#include "tconv/autograd.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <map>
#include <utility>

#include "autograd/history.h"
#include "autograd/order.h"
#include "autograd/parallel.h"
#include "tconv/factories.h"
#include "tensor/strided.h"

namespace tconv::autograd {
namespace {

using strided::fail;

thread_local bool records = true;
thread_local int thread_count = 0;
thread_local Profile* profile = nullptr;
std::atomic<std::uint64_t> last_number{0};

const std::optional<Tensor> kNone;

// Never in place: an operation may hand one tensor to several inputs.
Tensor sum_of(const Tensor& a, const Tensor& b) {
    const Tensor left = dense(a), right = in_order(b, order_of(left)), sum = empty_like(left);
    with_type(a.dtype(), [&](auto zero) {
        using T = decltype(zero);
        const T *x = elements<T>(left), *y = elements<T>(right);
        T* z = elements<T>(sum);
        for_each_part(a.elements(), a.elements(), [=](std::int64_t begin, std::int64_t end) {
            for (std::int64_t i = begin; i < end; ++i) z[i] = x[i] + y[i];
        });
    });
    return sum;
}

void add_to(std::optional<Tensor>& total, const Tensor& grad) {
    if (total)
        total.emplace(sum_of(*total, grad));
    else
        total.emplace(grad);
}

// Times what it is given where a Profile lives.
template <class Work>
auto timed(std::string_view name, bool is_forward, Work&& work) {
    if (profile == nullptr) return work();
    const auto start = std::chrono::steady_clock::now();
    auto result = work();
    const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - start;
    profile->add(name, is_forward, took.count());
    return result;
}

}  // namespace

// A long tape would end in as many nested destructors; its steps are taken apart one after another instead.
History::~History() {
    std::vector<std::shared_ptr<History>> rest = std::move(inputs);
    while (!rest.empty()) {
        const std::shared_ptr<History> last = std::move(rest.back());
        rest.pop_back();
        if (last && last.use_count() == 1)
            std::move(last->inputs.begin(), last->inputs.end(), std::back_inserter(rest)), last->inputs.clear();
    }
}

Gradient::Gradient() : history_(std::make_shared<History>()) {}
const std::optional<Tensor>& Gradient::value() const noexcept { return history_->grad; }
void Gradient::clear() const noexcept { history_->grad.reset(); }

Variable::Variable(const Tensor& data, bool requires_grad)
    : data_(data), history_(requires_grad ? std::make_shared<History>() : nullptr) {}
Variable::Variable(const Tensor& data, const Gradient& gradient) : data_(data), history_(gradient.history()) {}
Variable::Variable(const Tensor& data, std::shared_ptr<History> history) : data_(data), history_(std::move(history)) {}

std::string_view Variable::grad_fn() const noexcept { return history_ ? history_->name : std::string_view(); }
const std::optional<Tensor>& Variable::grad() const noexcept { return history_ ? history_->grad : kNone; }
void Variable::zero_grad() const noexcept {
    if (history_) history_->grad.reset();
}

Variable perform(std::unique_ptr<Operation> operation, std::span<const Variable> inputs) {
    std::vector<Tensor> values;
    values.reserve(inputs.size());
    for (const Variable& input : inputs) values.push_back(input.data());
    const Tensor output = timed(operation->name(), true, [&] { return operation->forward(values); });
    const bool is_wanted = records && std::any_of(inputs.begin(), inputs.end(),
                                                  [](const Variable& input) { return input.requires_grad(); });
    if (!is_wanted) return {output};
    auto history = std::make_shared<History>();
    history->number = ++last_number;
    history->name = operation->name();
    history->operation = std::move(operation);
    for (const Variable& input : inputs) history->inputs.push_back(input.history());
    return {output, std::move(history)};
}

void Variable::backward() const {
    if (data_.elements() != 1)
        fail("backward() without a gradient starts from one number, a loss, but this variable has shape " +
             to_string(data_.shape()) + "; reduce it, or give dL/d(this) as backward(output_grad)");
    backward(full(data_.shape(), 1, data_.dtype()));
}

void Variable::backward(const Tensor& output_grad) const {
    if (!history_)
        fail(
            "backward() found nothing that requires a gradient; make a leaf with requires_grad = true, and compute "
            "outside of NoGrad");
    if (output_grad.shape() != data_.shape() || output_grad.dtype() != data_.dtype())
        fail("backward() was given a gradient of shape " + to_string(output_grad.shape()) +
             " for a variable of shape " + to_string(data_.shape()) + "; both must have one shape and one type");
    // The newest step first: all that uses an output is done before the step that made it.
    struct Pending {
        std::shared_ptr<History> step;
        std::optional<Tensor> grad;
    };
    std::map<std::uint64_t, Pending> pending;
    const auto send = [&](const std::shared_ptr<History>& to, const Tensor& grad) {
        if (to->name.empty()) return add_to(to->grad, grad);
        Pending& entry = pending[to->number];
        entry.step = to;
        add_to(entry.grad, grad);
    };
    send(history_, output_grad);
    while (!pending.empty()) {
        const Pending now = std::move(pending.rbegin()->second);
        pending.erase(std::prev(pending.end()));
        const std::unique_ptr<Operation> operation = std::move(now.step->operation);
        if (!operation)
            fail("backward() came to " + std::string(now.step->name) +
                 " a second time, and the first one used it up; compute the loss again");
        const std::vector<std::shared_ptr<History>> inputs = std::move(now.step->inputs);
        std::vector<bool> wanted;
        for (const auto& input : inputs) wanted.push_back(input != nullptr);
        InputGrads grads = timed(operation->name(), false, [&] { return operation->vjp(*now.grad, wanted); });
        for (std::size_t i = 0; i < inputs.size() && i < grads.size(); ++i)
            if (inputs[i] && grads[i]) send(inputs[i], *grads[i]);
    }
}

NoGrad::NoGrad() noexcept : before_(std::exchange(records, false)) {}
NoGrad::~NoGrad() { records = before_; }
bool is_recording() noexcept { return records; }

Threads::Threads(int count) : before_(thread_count) {
    if (count < 0 || count > 4096)
        fail("Threads(" + std::to_string(count) + ") is not possible; use 1 to 4096, or 0 for as many as there are");
    thread_count = count;
}
Threads::~Threads() { thread_count = before_; }
int threads() noexcept { return thread_count; }

Workers workers() {
    const int count = thread_count > 0 ? thread_count : default_threads();
    if (count == 1) return {};
    const auto pool = pool_executor(count);
    return pool ? Workers{*pool, count} : Workers{};  // without threads, a loop does it
}

Profile::Profile() : before_(std::exchange(profile, this)) {}
Profile::~Profile() { profile = before_; }

void Profile::add(std::string_view name, bool is_forward, double milliseconds) {
    auto at = std::find_if(times_.begin(), times_.end(), [&](const OperationTime& time) { return time.name == name; });
    if (at == times_.end()) at = times_.insert(at, OperationTime{std::string(name)});
    at->calls += is_forward ? 1 : 0;
    (is_forward ? at->forward_ms : at->backward_ms) += milliseconds;
}

std::vector<OperationTime> Profile::times() const {
    std::vector<OperationTime> sorted = times_;
    std::sort(sorted.begin(), sorted.end(), [](const OperationTime& a, const OperationTime& b) {
        return a.forward_ms + a.backward_ms > b.forward_ms + b.backward_ms;
    });
    return sorted;
}

}  // namespace tconv::autograd
