#include "tuned_method.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>

#include "tconv/executor.h"
#include "tconv/tuned.h"

namespace tconv::cli {
namespace {

void tell(const std::string& sentence) { fmt::print(stderr, "tconv: --method tuned: {}\n", sentence); }

// Read at the first question.
const TunedMethods& tuned_methods() {
    static const TunedMethods methods = [] {
        const auto path = TunedMethods::default_path();
        auto read = path ? TunedMethods::read(*path) : Result<TunedMethods>(path.error());
        if (read && read->size() > 0) return std::move(*read);
        tell(read ? "'" + *path + "' holds no tuned methods, so plans choose; tconv bench --tune makes them"
                  : read.error().message + "; until then plans choose");
        return TunedMethods();
    }();
    return methods;
}

bool may_be_chosen(const std::string& method, Pass pass, const PlanOptions& options) {
    const auto names = choosable_method_names(pass, options);
    return std::find(names.begin(), names.end(), method) != names.end();
}

}  // namespace

PlanOptions with_tuned_method(PlanOptions options, const Problem& problem, Pass pass) {
    if (options.method != kTuned) return options;
    options.method = "auto";
    const auto isa = options.isa ? Result<Isa>(*options.isa) : default_isa();
    if (!isa) return options;  // make_plan() tells
    const int threads = options.threads > 0 ? options.threads : default_threads();
    const auto method = tuned_methods().find({problem, pass, *isa, threads});
    if (!method) return options;
    PlanOptions tuned = options;
    tuned.method = *method;
    if (may_be_chosen(*method, pass, options) && make_plan(problem, pass, tuned)) return tuned;
    tell("the method '" + *method + "' that it names does not do here, so the plan chooses; tune again");
    return options;
}

}  // namespace tconv::cli
