#include "timed_layer.h"

#include <algorithm>
#include <chrono>
#include <cstring>

#include "tuned_method.h"

namespace tconv::cli {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

// The last axes of a shape: channels and sizes, in the layout's order.
void append_side(std::vector<std::int64_t>& shape, const Problem& problem, std::int64_t channels,
                 std::int64_t Axis::* size) {
    const bool is_channels_last = problem.layout == Layout::channels_last;
    if (!is_channels_last) shape.push_back(channels);
    for (const Axis& axis : problem.spatial()) shape.push_back(axis.*size);
    if (is_channels_last) shape.push_back(channels);
}

}  // namespace

ArrayOrder coarse_order(const Problem& problem) noexcept {
    return {problem.batch, problem.coarse_channels, problem.coarse_positions(), problem.dtype,
            problem.layout == Layout::channels_last};
}

ArrayOrder fine_order(const Problem& problem) noexcept {
    return {problem.batch, problem.fine_channels, problem.fine_positions(), problem.dtype,
            problem.layout == Layout::channels_last};
}

ArrayOrder weight_order(const Problem& problem) noexcept { return {1, 1, problem.weight_elements(), problem.dtype}; }

Result<TimedLayer> TimedLayer::prepare(const Problem& problem, Pass pass, const PlanOptions& wanted,
                                       std::uint64_t seed) {
    const PlanOptions options = with_tuned_method(wanted, problem, pass);
    auto plan = make_plan(problem, pass, options);  // makes the pool
    if (!plan) return plan.error();
    TimedLayer layer;
    constexpr int kPlans = 3;
    for (int i = 0; i < kPlans; ++i) {
        const auto start = Clock::now();
        plan = make_plan(problem, pass, options);
        const double seconds = seconds_since(start);
        if (!plan) return plan.error();
        layer.plan_seconds_ = i == 0 ? seconds : std::min(layer.plan_seconds_, seconds);
    }
    layer.plan_ = std::move(*plan);
    if (auto ok = layer.allocate(seed); !ok) return ok.error();
    if (pass != Pass::weight_grad)
        if (auto ok = layer.pack_weights(); !ok) return ok.error();
    if (const RunStatus status = layer.run(); status != RunStatus::done)
        return Error{ErrorCode::invalid_argument, std::string(to_string(status))};
    return layer;
}

Result<void> TimedLayer::allocate(std::uint64_t seed) {
    const Problem& problem = plan_.problem();
    const Pass pass = plan_.pass();
    output_order_ = pass == Pass::scatter  ? fine_order(problem)
                    : pass == Pass::gather ? coarse_order(problem)
                                           : weight_order(problem);
    const auto fill = [](AlignedBuffer& buffer, const ArrayOrder& order, std::uint64_t its_seed) -> Result<void> {
        auto memory = AlignedBuffer::allocate(order.bytes());
        if (!memory) return memory.error();
        buffer = std::move(*memory);
        fill_values(buffer.data(), order, its_seed);
        return {};
    };
    struct Needed {
        bool is_needed;
        AlignedBuffer& buffer;
        ArrayOrder order;
        std::uint64_t seed_distance;
    };
    const bool has_epilogue = pass != Pass::weight_grad;
    const std::int64_t written_channels = pass == Pass::scatter ? problem.fine_channels : problem.coarse_channels;
    const Needed all[] = {
        {pass != Pass::gather, coarse_, coarse_order(problem), 0},
        {pass != Pass::weight_grad, weights_, weight_order(problem), 1},
        {pass != Pass::scatter, fine_, fine_order(problem), 2},
        {has_epilogue && problem.has_bias, bias_, {1, 1, written_channels, problem.dtype}, 3},
        {has_epilogue && problem.has_sum, residual_, output_order_, 4},
    };
    for (const Needed& array : all)
        if (array.is_needed)
            if (auto ok = fill(array.buffer, array.order, seed + array.seed_distance); !ok) return ok;
    for (const auto& [buffer, bytes] :
         {std::pair{&output_, output_order_.bytes()}, std::pair{&workspace_, plan_.workspace_bytes()}}) {
        auto memory = AlignedBuffer::allocate(bytes);
        if (!memory) return memory.error();
        *buffer = std::move(*memory);
    }
    fill_nan(output_.data(), output_order_);
    return {};
}

Result<void> TimedLayer::pack_weights() {
    packed_state_ = std::make_shared<PackedWeights::State>();
    const auto start = Clock::now();
    if (auto ok = plan::pack_into(plan_, weights_.data(), *packed_state_); !ok) return ok;
    pack_seconds_ = seconds_since(start);
    packed_ = PackedWeights(packed_state_);
    return {};
}

Result<TimedLayer::Packing> TimedLayer::pack_again() {
    Packing times;
    if (packed_state_ == nullptr || weights_.size_bytes() == 0) return times;
    const auto copy = [this] {
        std::memcpy(copy_.data(), weights_.data(), static_cast<std::size_t>(weights_.size_bytes()));
    };
    if (copy_.size_bytes() == 0) {
        auto memory = AlignedBuffer::allocate(weights_.size_bytes());
        if (!memory) return memory.error();
        copy_ = std::move(*memory);
        copy();
    }
    auto start = Clock::now();
    if (auto ok = plan::pack_into(plan_, weights_.data(), *packed_state_); !ok) return ok.error();
    times.pack = seconds_since(start);
    start = Clock::now();
    copy();
    times.copy = seconds_since(start);
    return times;
}

std::int64_t TimedLayer::array_bytes() const noexcept {
    std::int64_t bytes = 0;
    for (const AlignedBuffer* array : {&coarse_, &weights_, &fine_, &bias_, &residual_, &output_})
        bytes += array->size_bytes();
    return bytes;
}

RunStatus TimedLayer::run() noexcept {
    const Pass pass = plan_.pass();
    if (pass == Pass::weight_grad)
        return run_weight_grad(plan_, coarse_.data(), fine_.data(), output_.data(), workspace_.data());
    RunArguments arguments;
    arguments.input = pass == Pass::scatter ? coarse_.data() : fine_.data();
    arguments.bias = bias_.data();
    arguments.residual = residual_.data();
    arguments.output = output_.data();
    arguments.workspace = workspace_.data();
    return tconv::run(plan_, packed_, arguments);
}

Times TimedLayer::repeat(double seconds) {
    std::vector<double> times;
    const auto begin = Clock::now();
    do {
        const auto start = Clock::now();
        (void)run();  // it can only fail as prepare()'s did
        times.push_back(seconds_since(start));
    } while (seconds_since(begin) < seconds);
    std::sort(times.begin(), times.end());
    return {times.front(), times[times.size() / 2], std::ssize(times)};
}

std::vector<std::int64_t> TimedLayer::output_shape() const {
    const Problem& problem = plan_.problem();
    std::vector<std::int64_t> shape;
    if (plan_.pass() == Pass::weight_grad) {
        shape = {problem.coarse_channels, problem.fine_channels / problem.groups};
        for (const Axis& axis : problem.spatial()) shape.push_back(axis.kernel);
        return shape;
    }
    shape.push_back(problem.batch);
    if (plan_.pass() == Pass::scatter)
        append_side(shape, problem, problem.fine_channels, &Axis::fine);
    else
        append_side(shape, problem, problem.coarse_channels, &Axis::coarse);
    return shape;
}

}  // namespace tconv::cli
