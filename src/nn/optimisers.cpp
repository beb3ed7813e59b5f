#include "tconv/optimisers.h"

#include <cmath>
#include <utility>

#include "autograd/parallel.h"
#include "tconv/factories.h"
#include "tensor/strided.h"

namespace tconv::nn {
namespace {

using autograd::elements;
using autograd::for_each_part;
using autograd::with_type;
using strided::fail;

void check_rate(const char* name, double rate, bool is_below_one) {
    if (rate >= 0 && (is_below_one ? rate < 1 : std::isfinite(rate))) return;
    fail(std::string(name) + " " + std::to_string(rate) + " must be at least 0" + (is_below_one ? " and below 1" : ""));
}

}  // namespace

Optimiser::Optimiser(std::vector<Parameter*> parameters, std::vector<std::string> slots) : slots_(std::move(slots)) {
    for (Parameter* parameter : parameters) {
        Entry entry{parameter, {}};
        for (std::size_t i = 0; i < slots_.size(); ++i)
            entry.kept.push_back(zeros(parameter->data.shape(), parameter->data.dtype()));
        entries_.push_back(std::move(entry));
    }
}

void Optimiser::zero_grad() const {
    for (const Entry& entry : entries_) entry.parameter->zero_grad();
}

void Optimiser::step() {
    ++steps_;
    for (Entry& entry : entries_) {
        if (!entry.parameter->grad()) continue;
        const Tensor grad = entry.parameter->grad()->contiguous();
        Tensor& data = entry.parameter->data;
        if (grad.shape() != data.shape() || grad.dtype() != data.dtype() || !data.is_contiguous() ||
            (!entry.kept.empty() && (entry.kept[0].dtype() != data.dtype() || entry.kept[0].shape() != data.shape())))
            fail("a parameter of shape " + to_string(data.shape()) +
                 " is another than the optimiser was made for; make an optimiser after parameters are replaced or "
                 "change their type");
        change(data, grad, entry.kept);
    }
}

StateDict Optimiser::state() const {
    StateDict state{{"step", full({}, static_cast<double>(steps_), DType::f64)}};
    for (std::size_t i = 0; i < entries_.size(); ++i)
        for (std::size_t slot = 0; slot < slots_.size(); ++slot)
            state.emplace_back(std::to_string(i) + "." + slots_[slot], entries_[i].kept[slot]);
    return state;
}

Result<void> Optimiser::load_state(const StateDict& given) {
    const StateDict own = state();
    const auto refuse = [](const std::string& why) {
        return Error{ErrorCode::array_mismatch,
                     "the optimiser's state " + why + "; give the state of an optimiser of the same kind and network"};
    };
    if (given.size() != own.size())
        return refuse("has " + std::to_string(given.size()) + " tensors, but this one's has " +
                      std::to_string(own.size()));
    for (std::size_t i = 0; i < own.size(); ++i)
        if (given[i].first != own[i].first || given[i].second.shape() != own[i].second.shape())
            return refuse("has '" + given[i].first + "' of shape " + to_string(given[i].second.shape()) + " where '" +
                          own[i].first + "' of shape " + to_string(own[i].second.shape()) + " belongs");
    const double steps = given[0].second.item();
    if (!(steps >= 0 && steps < 0x1p53)) return refuse("has no number of steps");
    steps_ = static_cast<std::int64_t>(steps);
    for (std::size_t i = 1; i < own.size(); ++i) own[i].second.assign(given[i].second);
    return {};
}

Sgd::Sgd(std::vector<Parameter*> parameters, Options options)
    : Optimiser(std::move(parameters),
                options.momentum > 0 ? std::vector<std::string>{"momentum"} : std::vector<std::string>{}),
      options_(options) {
    check_rate("learning_rate", options.learning_rate, false);
    check_rate("momentum", options.momentum, true);
}

void Sgd::set_learning_rate(double learning_rate) {
    check_rate("learning_rate", learning_rate, false);
    options_.learning_rate = learning_rate;
}

void Sgd::change(Tensor& parameter, const Tensor& grad, std::vector<Tensor>& kept) const {
    with_type(parameter.dtype(), [&](auto zero) {
        using T = decltype(zero);
        T* const w = elements<T>(parameter);
        T* const v = kept.empty() ? nullptr : elements<T>(kept[0]);
        const T* const g = elements<T>(grad);
        const T rate = static_cast<T>(options_.learning_rate), momentum = static_cast<T>(options_.momentum);
        for_each_part(parameter.elements(), parameter.elements(), [=](std::int64_t begin, std::int64_t end) {
            for (std::int64_t i = begin; i < end; ++i) {
                T step = g[i];
                if (v != nullptr) step = v[i] = momentum * v[i] + step;
                w[i] -= rate * step;
            }
        });
    });
}

Adam::Adam(std::vector<Parameter*> parameters, Options options)
    : Optimiser(std::move(parameters), {"exp_avg", "exp_avg_sq"}), options_(options) {
    check_rate("learning_rate", options.learning_rate, false);
    check_rate("beta1", options.beta1, true);
    check_rate("beta2", options.beta2, true);
    if (!(options.epsilon > 0)) fail("epsilon " + std::to_string(options.epsilon) + " must be above 0");
}

void Adam::change(Tensor& parameter, const Tensor& grad, std::vector<Tensor>& kept) const {
    const auto t = static_cast<double>(steps());
    const double first = 1 - std::pow(options_.beta1, t), second = 1 - std::pow(options_.beta2, t);
    with_type(parameter.dtype(), [&](auto zero) {
        using T = decltype(zero);
        T *const w = elements<T>(parameter), *const m = elements<T>(kept[0]), *const v = elements<T>(kept[1]);
        const T* const g = elements<T>(grad);
        const T keep = static_cast<T>(options_.beta2), fresh = static_cast<T>(1 - options_.beta2);
        const T blend = static_cast<T>(1 - options_.beta1), epsilon = static_cast<T>(options_.epsilon);
        const T rate = static_cast<T>(options_.learning_rate / first), root = static_cast<T>(std::sqrt(second));
        for_each_part(parameter.elements(), 4 * parameter.elements(), [=](std::int64_t begin, std::int64_t end) {
            for (std::int64_t i = begin; i < end; ++i) {
                m[i] += (g[i] - m[i]) * blend;
                v[i] = keep * v[i] + fresh * g[i] * g[i];
                w[i] -= rate * (m[i] / (std::sqrt(v[i]) / root + epsilon));
            }
        });
    });
}

}  // namespace tconv::nn
