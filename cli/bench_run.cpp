#include "bench_run.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "terminal.h"
#include "timed_layer.h"

namespace tconv::cli {
namespace {

// As many layers at a time as fit into this: rounds are interleaved among them.
constexpr std::int64_t kMostBytes = std::int64_t{1} << 30;
constexpr double kRoundSeconds = 0.08;
constexpr int kLeastRounds = 5;

struct Entry {
    TimedLayer layer;
    BenchResult result;
};

class Bench {
public:
    explicit Bench(const BenchQuestion& question)
        : question_(question),
          rounds_(std::max(kLeastRounds, static_cast<int>(std::ceil(question.seconds / kRoundSeconds)))),
          steps_(std::ssize(question.problems) * std::ssize(question.passes) * rounds_),
          limits_(question.options) {}

    Result<BenchAnswer> answer() {
        for (const Problem& problem : question_.problems)  // measured again after every round
            if (const auto peak = limits_.peak_gflops(problem.dtype); !peak) return peak.error();
        for (const Problem& problem : question_.problems)
            for (const Pass pass : question_.passes) {
                if (auto ok = add(problem, pass); !ok) return ok.error();
                if (group_bytes_ >= kMostBytes)
                    if (auto ok = time_group(); !ok) return ok.error();
            }
        if (auto ok = time_group(); !ok) return ok.error();
        if (answer_.results.empty() && first_refusal_) return *first_refusal_;
        if (auto ok = settle_limits(); !ok) return ok.error();
        return std::move(answer_);
    }

private:
    Result<void> add(const Problem& problem, Pass pass) {
        auto layer = TimedLayer::prepare(problem, pass, question_.options);
        if (!layer) {
            if (layer.error().code == ErrorCode::unsupported) return layer.error();
            if (!first_refusal_) first_refusal_ = layer.error();
            answer_.skipped.push_back({problem, pass, layer.error().message});
            done_ += rounds_;
            return {};
        }
        BenchResult result;
        result.problem = problem;
        result.pass = pass;
        result.plan = layer->plan().explain();
        result.plan_seconds = layer->plan_seconds();
        result.first_pack_seconds = layer->pack_seconds();
        result.array_bytes = layer->array_bytes();
        group_bytes_ += 2 * result.array_bytes + result.plan.packed_bytes + result.plan.workspace_bytes;
        group_.push_back({std::move(*layer), std::move(result)});
        return {};
    }

    Result<void> time_group() {
        for (int round = 0; round < rounds_ && !group_.empty(); ++round) {
            for (Entry& entry : group_) {
                if (auto ok = time_round(entry, round == 0); !ok) return ok;
                progress_.update(++done_, steps_);
            }
            if (auto ok = limits_.measure_peaks_again(); !ok) return ok;
        }
        for (Entry& entry : group_) answer_.results.push_back(std::move(entry.result));
        group_.clear();
        group_bytes_ = 0;
        return {};
    }

    Result<void> time_round(Entry& entry, bool is_first) const {
        const Times times = entry.layer.repeat(question_.seconds / rounds_);
        const auto packing = entry.layer.pack_again();
        if (!packing) return packing.error();
        BenchResult& result = entry.result;
        const auto keep = [is_first](double& lowest, double value) {
            lowest = is_first ? value : std::min(lowest, value);
        };
        keep(result.least_seconds, times.least);
        keep(result.median_seconds, times.median);
        keep(result.pack_seconds, packing->pack);
        keep(result.copy_seconds, packing->copy);
        result.runs += times.runs;
        return {};
    }

    // Bandwidths twice, with all the rest of this between: the higher counts.
    Result<void> settle_limits() {
        for (int i = 0; i < 2; ++i) {
            for (BenchResult& result : answer_.results) {
                const auto limit = limits_.limit_of(result.problem.dtype, result.plan.useful_flops, result.array_bytes);
                if (!limit) return limit.error();
                result.limit = *limit;
            }
            for (const auto& [dtype, peak] :
                 {std::pair{DType::f32, &answer_.peak_f32}, std::pair{DType::f64, &answer_.peak_f64}}) {
                const auto gflops = limits_.peak_gflops(dtype);
                if (!gflops) return gflops.error();
                *peak = *gflops;
            }
            const auto bandwidth = limits_.memory_bandwidth_gbs();
            if (!bandwidth) return bandwidth.error();
            answer_.bandwidth = *bandwidth;
            if (i == 0)
                if (auto ok = limits_.measure_bandwidths_again(); !ok) return ok;
        }
        return {};
    }

    const BenchQuestion& question_;
    int rounds_;
    std::int64_t steps_, done_ = 0;
    Progress progress_{"timing"};
    MachineLimits limits_;
    std::vector<Entry> group_;
    std::int64_t group_bytes_ = 0;
    std::optional<Error> first_refusal_;
    BenchAnswer answer_;
};

}  // namespace

Result<BenchAnswer> run_bench(const BenchQuestion& question) { return Bench(question).answer(); }

}  // namespace tconv::cli
