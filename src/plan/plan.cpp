#include "tconv/plan.h"

#include <algorithm>
#include <new>

#include "plan/choose.h"
#include "plan/cost.h"
#include "plan/resolve.h"
#include "plan/state.h"
#include "plan/weight_format.h"

namespace tconv {
namespace {

Error out_of_memory() {
    return {ErrorCode::out_of_memory, "there is not enough memory for a plan; free some, or plan a smaller problem"};
}

// Whether the threads are there; without a host's pool, tconv's own is made.
Result<void> find_executor(Plan::State& state) {
    if (state.options.executor) {
        state.executor = *state.options.executor;
        return {};
    }
    const auto pool = pool_executor(state.request.threads);
    if (!pool) return pool.error();
    state.executor = *pool;
    return {};
}

// The estimate is one core's, so it stays true for another number of threads; what a method refuses may not.
Result<void> settle_threads(Plan::State& state, const plan::Choice& choice) {
    const int most = state.request.threads;
    if (plan::is_reference(*choice.candidate)) state.request.threads = 1;  // it has no more
    if (most > 1 &&
        plan::predicted_ms(state.request, choice.estimate.cycles, 1) * 1000 < state.options.serial_below_microseconds)
        state.request.threads = 1;
    auto found = find_executor(state);
    if (!found && state.options.threads == 0) {
        state.request.threads = 1;
        found = find_executor(state);
    }
    if (!found || state.request.threads == most) return found;
    const auto again = plan::consider(*choice.candidate, state.request);
    return again ? Result<void>() : again.error();
}

// The stand-in for weights that are not finite, of an order that may be asked for; null where the build has none.
Result<void> make_exact(Plan::State& state, std::string_view order) {
    methods::Request request = state.request;
    request.weight_format = order;
    const plan::Choice choice = plan::choose_exact(request);
    if (choice.candidate == nullptr) return {};
    state.exact = choice.candidate->make(request);
    if (state.exact == nullptr) return out_of_memory();
    if (order.empty() || state.exact->weight_format() == order) return {};
    return Error{ErrorCode::invalid_argument, "weights that are not finite cannot be read in order '" +
                                                  std::string(order) +
                                                  "', which the weight format names; pack the "
                                                  "weights for this problem"};
}

Result<void> make_methods(Plan::State& state) {
    const bool reads_weights = state.request.pass != Pass::weight_grad;
    plan::WeightOrders orders;
    if (!state.options.weight_format.empty() && reads_weights)
        orders = plan::orders_in(state.options.weight_format, state.request).value_or(plan::WeightOrders());
    state.request.weight_format = orders.method;
    state.request.allows_winograd = state.options.allow_winograd || state.options.method == methods::kWinograd.name ||
                                    orders.method.starts_with(methods::kWinograd.name);
    state.request.packs_each_call = state.options.weights_each_call && reads_weights;
    const auto choice = plan::choose(state.request, state.options);
    if (!choice) return choice.error();
    if (auto ok = settle_threads(state, *choice); !ok) return ok;
    state.candidate = choice->candidate;
    state.estimate = choice->estimate;
    state.method = choice->candidate->make(state.request);
    if (state.method == nullptr) return out_of_memory();
    if (reads_weights && !choice->candidate->has_exact_edges)
        if (auto ok = make_exact(state, orders.exact); !ok) return ok;
    state.workspace_bytes = std::max(state.method->workspace_bytes(), state.exact ? state.exact->workspace_bytes() : 0);
    const std::string order = state.method->weight_format();
    const std::string exact_order = state.exact ? state.exact->weight_format() : "";
    state.weight_format = plan::weight_format_of(state.request, {order, exact_order});
    return {};
}

// The user's strides where there is more than one element; the others lead nowhere and may be any number, so that they
// stay what they are in a whole array.
void take_strides(const Problem& problem, Pass pass, const SideStrides& given, SideStrides& strides) {
    const bool writes_fine = pass == Pass::scatter;
    if (problem.batch > 1) strides.sample = given.sample;
    if ((writes_fine ? problem.fine_channels : problem.coarse_channels) > 1) strides.channel = given.channel;
    for (std::size_t i = 0; i < strides.axes.size(); ++i)
        if ((writes_fine ? problem.axes[i].fine : problem.axes[i].coarse) > 1) strides.axes[i] = given.axes[i];
}

}  // namespace

Result<Plan> make_plan(const Problem& problem, Pass pass, const PlanOptions& options) {
    if (auto ok = validate(problem); !ok) return ok.error();
    const auto resources = plan::resolve(options);
    if (!resources) return resources.error();
    if (options.output_strides) {
        if (pass == Pass::weight_grad)
            return Error{ErrorCode::invalid_argument,
                         "output strides are given for weight_grad, whose output is always contiguous; leave them out"};
        if (auto ok = plan::check_output_strides(problem, pass, *options.output_strides); !ok) return ok.error();
    }
    std::shared_ptr<Plan::State> state(new (std::nothrow)
                                           Plan::State(problem, pass, options, *resources->unit, resources->threads));
    if (state == nullptr) return out_of_memory();
    const bool writes_coarse = pass == Pass::gather;
    state->request.read = writes_coarse ? fine_strides(problem) : coarse_strides(problem);
    state->request.write = writes_coarse ? coarse_strides(problem) : fine_strides(problem);
    if (options.output_strides) take_strides(problem, pass, *options.output_strides, state->request.write);
    if (auto ok = make_methods(*state); !ok) return ok.error();
    return Plan(std::move(state));
}

std::vector<std::string_view> method_names(Pass pass) {
    std::vector<std::string_view> names;
    for (const methods::Candidate* candidate : methods::candidates())
        if (plan::serves(*candidate, pass)) names.emplace_back(candidate->name);
    return names;
}

std::vector<std::string_view> choosable_method_names(Pass pass, const PlanOptions& options) {
    std::vector<std::string_view> names = method_names(pass);
    std::erase_if(names, [&](std::string_view name) {
        return name == methods::kReference.name || (name == methods::kWinograd.name && !options.allow_winograd);
    });
    return names;
}

const Problem& Plan::problem() const noexcept { return state_->problem; }
Pass Plan::pass() const noexcept { return state_->request.pass; }
std::string_view Plan::method() const noexcept { return state_->candidate->name; }
Isa Plan::isa() const noexcept { return state_->request.unit.isa; }
int Plan::threads() const noexcept { return state_->request.threads; }
std::int64_t Plan::workspace_bytes() const noexcept { return state_->workspace_bytes; }
const std::string& Plan::weight_format() const noexcept { return state_->weight_format; }

std::int64_t Plan::packed_bytes() const noexcept {
    return state_->method->packed_elements() * size_of(state_->problem.dtype);
}

}  // namespace tconv
