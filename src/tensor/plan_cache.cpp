#include "tensor/plan_cache.h"

#include <algorithm>
#include <mutex>
#include <utility>
#include <vector>

#include "plan/resolve.h"

namespace tconv::plan_cache {
namespace {

// Everything that a plan depends on; what options leave to the environment is filled in.
struct Key {
    Problem problem;
    Pass pass;
    const kernels::Unit* unit;
    int threads;
    bool threads_are_asked_for;
    std::string method, weight_format;
    std::optional<SideStrides> output_strides;
    double serial_below_microseconds;
    bool allow_winograd, weights_each_call;

    bool operator==(const Key&) const = default;
};

struct Entry {
    Key key;
    Plan plan;
};

struct Cache {
    std::mutex mutex;
    std::vector<Entry> entries;  // the latest used last
    Statistics statistics;
};

// Never destroyed, as threads may still compute while the process ends.
Cache& cache() {
    static Cache& only = *new Cache;
    return only;
}

}  // namespace

Result<Plan> find_or_make(const Problem& problem, Pass pass, const PlanOptions& options) {
    if (options.executor) return make_plan(problem, pass, options);
    const auto resources = plan::resolve(options);
    if (!resources) return resources.error();
    Key key{problem,
            pass,
            resources->unit,
            resources->threads,
            options.threads > 0,
            options.method,
            options.weight_format,
            options.output_strides,
            options.serial_below_microseconds,
            options.allow_winograd,
            options.weights_each_call};
    key.problem.name.clear();
    Cache& shared = cache();
    {
        const std::lock_guard lock(shared.mutex);
        const auto at = std::find_if(shared.entries.rbegin(), shared.entries.rend(),
                                     [&](const Entry& entry) { return entry.key == key; });
        if (at != shared.entries.rend()) {
            ++shared.statistics.found;
            std::rotate(at.base() - 1, at.base(), shared.entries.end());
            return shared.entries.back().plan;
        }
    }
    auto made = make_plan(key.problem, pass, options);
    if (!made) return made;
    const std::lock_guard lock(shared.mutex);
    ++shared.statistics.made;
    if (shared.entries.size() == kMostPlans) shared.entries.erase(shared.entries.begin());
    shared.entries.push_back({std::move(key), *made});
    return made;
}

Statistics statistics() {
    const std::lock_guard lock(cache().mutex);
    return cache().statistics;
}

}  // namespace tconv::plan_cache
