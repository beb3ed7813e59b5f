#include "methods/support/engine.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <limits>
#include <memory>

#include "kernels/guarded_array.h"
#include "kernels/kernel_list.h"
#include "runtime/environment_variable.h"
#include "tconv/problem_text.h"

namespace tconv::testing {
namespace {

/// The sizes of the written side and how far apart its neighbours lie: sample, channel, three axes.
using Dimensions = std::array<std::int64_t, Problem::kMaxRank + 2>;

Dimensions written_sizes(const Problem& problem, Pass pass) {
    Dimensions sizes{problem.batch, pass == Pass::scatter ? problem.fine_channels : problem.coarse_channels};
    for (std::size_t i = 0; i < problem.axes.size(); ++i)
        sizes[i + 2] = pass == Pass::scatter ? problem.axes[i].fine : problem.axes[i].coarse;
    return sizes;
}

Dimensions dimensions_of(const SideStrides& strides) {
    return {strides.sample, strides.channel, strides.axes[0], strides.axes[1], strides.axes[2]};
}

/// Where each element of the contiguous written array lies.
std::vector<std::size_t> written_places(const Trial& trial, const Setting& setting) {
    std::vector<std::size_t> places(static_cast<std::size_t>(trial.written_elements()));
    if (trial.pass == Pass::weight_grad || !setting.output_strides) {
        for (std::size_t i = 0; i < places.size(); ++i) places[i] = i;
        return places;
    }
    const Dimensions sizes = written_sizes(trial.problem, trial.pass);
    const Dimensions to = dimensions_of(*setting.output_strides);
    const Dimensions from =
        dimensions_of(trial.pass == Pass::scatter ? fine_strides(trial.problem) : coarse_strides(trial.problem));
    Dimensions at{};
    for (std::size_t i = 0; i < places.size(); ++i) {
        std::int64_t index = 0, place = 0;
        for (std::size_t d = 0; d < at.size(); ++d) index += at[d] * from[d], place += at[d] * to[d];
        places[static_cast<std::size_t>(index)] = static_cast<std::size_t>(place);
        for (std::size_t d = at.size(); d-- > 0 && ++at[d] == sizes[d];) at[d] = 0;
    }
    return places;
}

/// Memory between guard pages for one of a run's arrays; each thread keeps its own, as mapping pages takes longer than
/// what is computed on them.
enum class Role : std::uint8_t { coarse, fine, weights, bias, residual, output, workspace };

template <class T>
std::span<T> place(Role role, std::int64_t count, Edge edge, T value) {
    struct Kept {
        std::int64_t capacity = 0;
        std::unique_ptr<GuardedArray<T>> array{};
    };
    thread_local std::array<Kept, 7> all;
    Kept& kept = all[static_cast<std::size_t>(role)];
    if (kept.array == nullptr || kept.capacity < count) {
        kept.capacity = 2 * count;
        kept.array = std::make_unique<GuardedArray<T>>(kept.capacity);
    }
    return kept.array->place(count, edge, value);
}

template <class T>
std::span<T> place(Role role, const std::vector<double>& values, Edge edge) {
    const auto array = place(role, static_cast<std::int64_t>(values.size()), edge, T(0));
    std::transform(values.begin(), values.end(), array.begin(), [](double value) { return static_cast<T>(value); });
    return array;
}

/// On a cache line, full of NaN.
std::uint8_t* place_workspace(std::int64_t bytes, Edge edge) {
    constexpr std::int64_t kLine = 64;
    return place(Role::workspace, (bytes + kLine - 1) / kLine * kLine, edge, std::uint8_t{0xff}).data();
}

template <class T>
Ran run_as(const Trial& trial, const Setting& setting, const Plan& plan, const PackedWeights& weights,
           const Executor* executor) {
    // Threads decide the edges, so that every array comes to lie at both.
    const Edge edge = plan.threads() % 2 == 1 ? Edge::end : Edge::begin;
    const auto coarse = place<T>(Role::coarse, trial.coarse, edge), fine = place<T>(Role::fine, trial.fine, edge),
               bias = place<T>(Role::bias, trial.bias, edge);
    std::uint8_t* const workspace = place_workspace(plan.workspace_bytes(), edge);
    const std::vector<std::size_t> places = written_places(trial, setting);
    const auto last = places.empty() ? places.end() : std::max_element(places.begin(), places.end());
    const std::int64_t span = places.empty() ? 0 : static_cast<std::int64_t>(*last) + 1;
    const T untouched = std::numeric_limits<T>::quiet_NaN();
    const auto output = place(Role::output, span, edge, untouched),
               residual = place(Role::residual, trial.problem.has_sum ? span : 0, edge, untouched);
    for (std::size_t i = 0; i < trial.residual.size(); ++i)
        (setting.is_in_place ? output : residual)[places[i]] = static_cast<T>(trial.residual[i]);

    RunStatus status = RunStatus::done;
    if (trial.pass == Pass::weight_grad)
        status = run_weight_grad(plan, coarse.data(), fine.data(), output.data(), workspace, executor);
    else
        status = run(plan, weights,
                     {.input = trial.pass == Pass::scatter ? coarse.data() : fine.data(),
                      .bias = trial.problem.has_bias ? bias.data() : nullptr,
                      .residual = !trial.problem.has_sum ? nullptr
                                  : setting.is_in_place  ? output.data()
                                                         : residual.data(),
                      .output = output.data(),
                      .workspace = workspace,
                      .executor = executor});
    Ran ran;
    if (status != RunStatus::done) ran.fault = to_string(status);
    ran.output.resize(places.size());
    for (std::size_t i = 0; i < places.size(); ++i) {
        ran.output[i] = static_cast<double>(output[places[i]]);
        output[places[i]] = untouched;
    }
    const bool is_kept = std::all_of(output.begin(), output.end(),
                                     [&](const T& value) { return std::memcmp(&value, &untouched, sizeof(T)) == 0; });
    if (!is_kept) ran.fault = "elements between those of the output were written";
    return ran;
}

}  // namespace

std::string to_text(const Setting& setting) {
    std::string text = "method=" + setting.method + " unit=" + setting.unit;
    text += " threads=" + std::to_string(setting.threads);
    if (setting.output_strides) {
        text += " strides";
        for (const std::int64_t stride : dimensions_of(*setting.output_strides)) text += ":" + std::to_string(stride);
    }
    return text + (setting.is_in_place ? " in place" : "");
}

const std::vector<std::string>& units(std::string_view method) {
    static const auto make = [](bool only_with_split) {
        std::vector<std::string> names;
        for (const kernels::Unit& unit : kernels::all_units())
            if (require_isa(unit.isa) && (unit.f32().split != nullptr || !only_with_split))
                names.emplace_back(unit.name);
        return names;
    };
    static const std::vector<std::string> all = make(false), with_split = make(true);
    return method == "split_gemm" ? with_split : all;
}

Result<Plan> plan_for(const Problem& problem, Pass pass, const Setting& setting) {
    const EnvironmentVariable unit("TCONV_KERNELS", setting.unit.c_str());
    return make_plan(problem, pass,
                     {.threads = setting.threads,
                      .method = setting.method,
                      .output_strides = setting.output_strides,
                      .serial_below_microseconds = 0});
}

Result<PackedWeights> pack_for(const Trial& trial, const Plan& plan) {
    if (trial.pass == Pass::weight_grad) return PackedWeights();
    if (trial.problem.dtype == DType::f64)
        return pack(plan, place<double>(Role::weights, trial.weights, Edge::end).data());
    return pack(plan, place<float>(Role::weights, trial.weights, Edge::end).data());
}

Ran run_plan(const Trial& trial, const Setting& setting, const Plan& plan, const PackedWeights& weights,
             const Executor* executor) {
    return trial.problem.dtype == DType::f32 ? run_as<float>(trial, setting, plan, weights, executor)
                                             : run_as<double>(trial, setting, plan, weights, executor);
}

std::string what_is_wrong(const Trial& trial, const Answer& answer, const Setting& setting, bool* refused) {
    const auto plan = plan_for(trial.problem, trial.pass, setting);
    if (refused != nullptr) *refused = !plan;
    const bool may_refuse = setting.method != "auto" && setting.method != "reference";
    if (!plan) return may_refuse ? "" : "refused: " + plan.error().message;
    const auto weights = pack_for(trial, *plan);
    if (!weights) return "not packed: " + weights.error().message;
    const Ran ran = run_plan(trial, setting, *plan, *weights);
    if (!ran.fault.empty()) return ran.fault;
    return difference(answer, ran.output);
}

SideStrides random_slice(const Problem& problem, Pass pass, Draws& draws) {
    const Dimensions sizes = written_sizes(problem, pass);
    Dimensions order{0, 1, 2, 3, 4}, strides{};
    if (draws.one_in(3))
        for (std::int64_t i = 5; i > 1; --i)
            std::swap(order[static_cast<std::size_t>(i - 1)], order[static_cast<std::size_t>(draws.between(0, i - 1))]);
    std::int64_t next = draws.one_in(4) ? draws.between(2, 3) : 1;
    for (std::size_t i = order.size(); i-- > 0;) {
        const auto dimension = static_cast<std::size_t>(order[i]);
        strides[dimension] = next;
        next *= sizes[dimension] + draws.between(0, 2);
        next = std::max<std::int64_t>(next, 1);
    }
    return {strides[0], strides[1], {strides[2], strides[3], strides[4]}};
}

}  // namespace tconv::testing
