#include "plan/resolve.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <string>

#include "problem/checked.h"
#include "runtime/threads.h"

namespace tconv::plan {
namespace {

Error refuse(std::string sentence) { return {ErrorCode::invalid_argument, std::move(sentence)}; }

Result<const kernels::Unit*> unit_named(std::string_view name) {
    std::string known;
    for (const kernels::Unit& unit : kernels::all_units()) {
        if (name == unit.name) {
            if (const auto isa = require_isa(unit.isa); !isa)
                return Error{isa.error().code, "TCONV_KERNELS: " + isa.error().message};
            return &unit;
        }
        known.append(known.empty() ? "" : ", ").append(unit.name);
    }
    return refuse("TCONV_KERNELS names '" + std::string(name.substr(0, 40)) +
                  "', which is no unit of kernels; use one of " + known + ", or leave it empty");
}

Result<const kernels::Unit*> unit_of(const PlanOptions& options) {
    if (const char* const name = std::getenv("TCONV_KERNELS"); name != nullptr && *name != '\0')
        return unit_named(name);
    const Result<Isa> isa = options.isa ? require_isa(*options.isa) : default_isa();
    if (!isa) return isa.error();
    return &kernels::unit_for(*isa);
}

}  // namespace

Result<Resources> resolve(const PlanOptions& options) {
    if (options.threads < 0 || options.threads > kMostThreads)
        return refuse(std::to_string(options.threads) + " threads were asked for; use 1 to " +
                      std::to_string(kMostThreads) + ", or 0 for as many as there are CPUs");
    const auto unit = unit_of(options);
    if (!unit) return unit.error();
    return Resources{*unit, options.threads > 0 ? options.threads : default_threads()};
}

Result<void> check_output_strides(const Problem& problem, Pass pass, const SideStrides& strides) {
    struct Dimension {
        const char* name;
        std::int64_t size, stride;
    };
    const bool writes_fine = pass == Pass::scatter;
    const auto size_of_axis = writes_fine ? &Axis::fine : &Axis::coarse;
    constexpr std::array<const char*, Problem::kMaxRank> kNames{"axis 0", "axis 1", "axis 2"};
    std::array<Dimension, Problem::kMaxRank + 2> dimensions{
        {{"sample", problem.batch, strides.sample},
         {"channel", writes_fine ? problem.fine_channels : problem.coarse_channels, strides.channel}}};
    for (std::size_t i = 0; i < kNames.size(); ++i)
        dimensions[i + 2] = {kNames[i], problem.axes[i].*size_of_axis, strides.axes[i]};
    if (std::any_of(dimensions.begin(), dimensions.end(), [](const Dimension& d) { return d.size == 0; })) return {};
    std::sort(dimensions.begin(), dimensions.end(),
              [](const Dimension& a, const Dimension& b) { return a.stride < b.stride; });
    Checked span = 0;  // the greatest distance between elements of the dimensions so far
    for (const Dimension& dimension : dimensions) {
        if (dimension.size <= 1) continue;
        if (dimension.stride < 1 || dimension.stride <= span.value())
            return refuse("output stride " + std::to_string(dimension.stride) + " of the " + dimension.name + " (" +
                          std::to_string(dimension.size) + " of them) must be at least " +
                          std::to_string(span.value() + 1) +
                          ", so that no two elements coincide; use the strides of an array, or of a slice of one");
        span = span + Checked(dimension.size - 1) * dimension.stride;
        if (!(span * size_of(problem.dtype)).fits())
            return refuse("output stride " + std::to_string(dimension.stride) + " of the " + dimension.name +
                          " leads beyond 2^62 bytes; use smaller strides");
    }
    return {};
}

}  // namespace tconv::plan
