#include "bench_report.h"

#include <fmt/format.h>

#include <algorithm>

#include "json.h"
#include "tconv/machine.h"
#include "tconv/problem_text.h"

namespace tconv::cli {
namespace {

bool is_reference(const BenchResult& result) { return result.plan.method == "reference"; }

// The name where there is one, else the text.
std::string label_of(const Problem& problem) { return problem.name.empty() ? to_text(problem) : problem.name; }

}  // namespace

const char* name_of(Pass pass) noexcept {
    return pass == Pass::scatter ? "scatter" : pass == Pass::gather ? "gather" : "weight_grad";
}

void print_bench_json(const BenchAnswer& answer, const std::string& isa, int threads) {
    Json json = versioned_json();
    json["machine"] = {{"cpu", this_machine().cpu},
                       {"isa", isa},
                       {"threads", threads},
                       {"peak_gflops", {{"f32", answer.peak_f32}, {"f64", answer.peak_f64}}},
                       {"bandwidth_gbs", answer.bandwidth}};
    json["results"] = Json::array();
    for (const BenchResult& result : answer.results)
        json["results"].push_back({{"problem", to_text(result.problem)},
                                   {"pass", name_of(result.pass)},
                                   {"method", result.plan.method},
                                   {"kernel", result.plan.kernel},
                                   {"min_ms", result.least_seconds * 1e3},
                                   {"median_ms", result.median_seconds * 1e3},
                                   {"useful_gflop", number_or_null(result.plan.useful_flops * 1e-9)},
                                   {"gflops", number_or_null(result.gflops())},
                                   {"limit_ms", number_or_null(result.limit.milliseconds)},
                                   {"share_of_limit", number_or_null(result.share_of_limit())},
                                   {"bound", result.limit.is_compute ? "compute" : "memory"},
                                   {"workspace_bytes", result.plan.workspace_bytes},
                                   {"plan_us", result.plan_seconds * 1e6},
                                   {"pack_ms", result.pack_seconds * 1e3},
                                   {"first_pack_ms", result.first_pack_seconds * 1e3},
                                   {"copy_ms", result.copy_seconds * 1e3},
                                   {"array_bytes", result.array_bytes},
                                   {"packed_bytes", result.plan.packed_bytes},
                                   {"threads", result.plan.threads},
                                   {"runs", result.runs}});
    json["skipped"] = Json::array();
    for (const BenchSkip& skip : answer.skipped)
        json["skipped"].push_back(
            {{"problem", to_text(skip.problem)}, {"pass", name_of(skip.pass)}, {"reason", skip.reason}});
    print_json(json);
}

void print_bench_table(const BenchAnswer& answer, const std::string& isa, int threads) {
    fmt::print("{}, {}, {} thread{}: peak {:.1f} GFLOP/s in f32, {:.1f} in f64, memory {:.1f} GB/s\n\n",
               this_machine().cpu, isa, threads, threads == 1 ? "" : "s", answer.peak_f32, answer.peak_f64,
               answer.bandwidth);
    std::size_t width = 5;
    for (const BenchResult& result : answer.results) width = std::max(width, label_of(result.problem).size());
    width = std::min<std::size_t>(width, 48);
    fmt::print("{:<{}}  {:<11}  {:<11} {:>10} {:>9} {:>10} {:>6}  {:<7} {:>8} {:>9} {:>9}\n", "layer", width, "pass",
               "method", "ms", "GFLOP/s", "limit ms", "share", "bound", "plan us", "pack ms", "copy ms");
    for (const BenchResult& result : answer.results)
        fmt::print("{:<{}}  {:<11}  {:<11} {:>10.4f} {:>9.1f} {:>10.4f} {:>4.0f} %  {:<7} {:>8.1f} {:>9.4f} {:>9.4f}\n",
                   label_of(result.problem), width, name_of(result.pass),
                   is_reference(result) ? "REFERENCE" : result.plan.method, result.median_seconds * 1e3,
                   result.gflops(), result.limit.milliseconds, result.share_of_limit() * 100,
                   result.limit.is_compute ? "compute" : "memory", result.plan_seconds * 1e6, result.pack_seconds * 1e3,
                   result.copy_seconds * 1e3);
    for (const BenchSkip& skip : answer.skipped)
        fmt::print("{:<{}}  {:<11}  not timed: {}\n", label_of(skip.problem), width, name_of(skip.pass), skip.reason);
    fmt::print(
        "\nms: the lowest of the rounds' medians. limit: the longer of useful FLOPs / peak and bytes / bandwidth, "
        "both\n"
        "measured in this run. pack: the weights into the kernel's order; copy: a plain copy of them.\n");
    if (const auto slow = std::ranges::count_if(answer.results, is_reference); slow > 0)
        fmt::print(
            "\n!!! {} of {} ran on the REFERENCE, the definition in plain loops, which is slow: no faster method of "
            "this\n"
            "!!! build takes them, or --method asked for it. `tconv explain` tells every method's reason.\n",
            slow, answer.results.size());
}

}  // namespace tconv::cli
