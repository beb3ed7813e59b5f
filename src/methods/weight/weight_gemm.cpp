#include "methods/weight/weight_gemm.h"

#include <algorithm>
#include <array>

#include "methods/weight/weight_block.h"
#include "methods/weight/weight_tiling.h"

namespace tconv::methods {
namespace {

bool is_empty(const Problem& problem) noexcept {
    return problem.weight_elements() == 0 || problem.batch == 0;  // sizes of axes are at least 1
}

template <class T>
WeightTiling tiling_of(const Request& request) noexcept {
    const kernels::KernelSet<T>& set = request.unit.set<T>();
    if (is_empty(request.problem)) return {};
    return tile_weight_grad(request.problem, set.lanes, set.rows, set.widest);
}

template <class T>
class WeightGemm final : public Method {
public:
    explicit WeightGemm(const Request& request) noexcept
        : problem_(request.problem), tiling_(tiling_of<T>(request)), blocks_(problem_, tiling_, request.unit.set<T>()) {
        if (is_empty(problem_)) return;
        tasks_ = tiling_.tasks(problem_);
        WeightMemory<T> unused;
        worker_bytes_ = WeightMemory<T>::lay_out(problem_, tiling_, nullptr, unused);
        // A worker is not woken for less than some ten microseconds.
        const double shares = std::clamp(tiling_.cycles / 40000, 1.0, 4096.0);
        workers_ = std::min({static_cast<std::int64_t>(shares), std::int64_t{request.threads}, tasks_ * tiling_.parts});
        workers_ = std::max<std::int64_t>(1, workers_);
    }

    std::string kernel() const override {
        return std::to_string(tiling_.rows) + "x" + std::to_string(tiling_.vectors * tiling_.lanes) + " tiles of " +
               (tiling_.mixes_taps ? "channels and taps" : "channels");
    }
    std::vector<std::string> details() const override {
        const auto product = [](const std::array<std::int64_t, 3>& of) {
            return std::to_string(of[0]) + "x" + std::to_string(of[1]) + "x" + std::to_string(of[2]);
        };
        return {std::to_string(tasks_) + (tasks_ == 1 ? " task of up to " : " tasks of up to ") +
                    std::to_string(tiling_.channels) + " coarse channels, " +
                    std::to_string(std::min(tiling_.fine, tiling_.planes * tiling_.pitch)) + " fine channels, " +
                    product(tiling_.taps) + " taps",
                "blocks of " + std::to_string(tiling_.samples) + " samples, " + product(tiling_.pixels) + " pixels",
                std::to_string(tiling_.parts) + (tiling_.parts == 1 ? " part" : " parts") + " of the pixels"};
    }

    std::int64_t workspace_bytes() const noexcept override { return shared_bytes() + workers_ * worker_bytes_; }

    void run(const Call& call) const noexcept override {
        T* const output = static_cast<T*>(call.output);
        if (is_empty(problem_)) {
            std::fill(output, output + problem_.weight_elements(), T(0));
            return;
        }
        std::byte* const own = static_cast<std::byte*>(call.workspace) + shared_bytes();
        for_each_worker(call.executor, workers_, [&](std::int64_t worker) {
            WeightMemory<T> memory;
            WeightMemory<T>::lay_out(problem_, tiling_, own + worker * worker_bytes_, memory);
            const Range items = share(tasks_ * tiling_.parts, workers_, worker);
            for (std::int64_t item = items.begin; item < items.end; ++item) {
                const WeightTask task = task_at(item / tiling_.parts);
                T* const sums = tiling_.parts > 1 ? shared_sums(call, item) : memory.accumulator;
                sum_part(call, task, item % tiling_.parts, memory, sums);
                if (tiling_.parts > 1) continue;
                for (std::int64_t c = 0; c < task.channels.size(); ++c) write_channel(task, c, sums, output);
            }
        });
        if (tiling_.parts == 1) return;
        const std::int64_t channels = tasks_ * tiling_.channels;
        for_each_worker(call.executor, std::min(workers_, channels), [&](std::int64_t worker) {
            const Range items = share(channels, std::min(workers_, channels), worker);
            for (std::int64_t item = items.begin; item < items.end; ++item) {
                const std::int64_t index = item / tiling_.channels, c = item % tiling_.channels;
                const WeightTask task = task_at(index);
                if (c >= task.channels.size()) continue;
                T* const sums = shared_sums(call, index * tiling_.parts);
                for (std::int64_t part = 1; part < tiling_.parts; ++part)
                    add_channel(task, c, shared_sums(call, index * tiling_.parts + part), sums);
                write_channel(task, c, sums, output);
            }
        });
    }

private:
    std::int64_t accumulator_bytes() const noexcept {
        return (tiling_.accumulator_elements() * static_cast<std::int64_t>(sizeof(T)) + 63) / 64 * 64;
    }
    // Where pixels are cut into parts: the accumulators of all tasks and parts.
    std::int64_t shared_bytes() const noexcept {
        return tiling_.parts > 1 ? tasks_ * tiling_.parts * accumulator_bytes() : 0;
    }
    T* shared_sums(const Call& call, std::int64_t item) const noexcept {
        return reinterpret_cast<T*>(static_cast<std::byte*>(call.workspace) + item * accumulator_bytes());
    }

    WeightTask task_at(std::int64_t index) const noexcept {
        const auto digit = [&](std::int64_t base) {
            const std::int64_t low = index % base;
            index /= base;
            return low;
        };
        const auto piece = [&](std::int64_t chunks, std::int64_t size, std::int64_t all) {
            const std::int64_t at = digit(chunks) * size;
            return Range{at, std::min(at + size, all)};
        };
        WeightTask task;
        task.channels = piece(tiling_.channel_chunks(), tiling_.channels, tiling_.coarse);
        for (const std::size_t axis : {2U, 1U, 0U})
            task.taps[axis] = piece(tiling_.tap_chunks(problem_, axis), tiling_.taps[axis], problem_.axes[axis].kernel);
        task.planes = piece(tiling_.plane_chunks(), tiling_.planes, tiling_.plane_count());
        task.super_group = index;
        return task;
    }

    // The pixels that any of the taps finds a partner for.
    static Range reached_pixels(const Axis& axis, Range taps) noexcept {
        const std::int64_t first = taps.begin * axis.dilation - axis.padding_begin,
                           last = (taps.end - 1) * axis.dilation - axis.padding_begin;
        return {std::max<std::int64_t>(0, ceil_div(-last, axis.stride)),
                std::min(axis.coarse, ceil_div(axis.fine - first, axis.stride))};
    }

    // The task's sums over one part of the pixels.
    void sum_part(const Call& call, const WeightTask& task, std::int64_t part, const WeightMemory<T>& memory,
                  T* sums) const noexcept {
        std::fill(sums, sums + task.planes.size() * tiling_.channels * tiling_.channel_pitch(), T(0));
        std::array<Range, 3> reached{};
        std::array<std::int64_t, 3> counts{};
        std::int64_t block_count = ceil_div(problem_.batch, tiling_.samples);
        for (std::size_t a = 0; a < 3; ++a) {
            reached[a] = reached_pixels(problem_.axes[a], task.taps[a]);
            counts[a] = ceil_div(reached[a].size(), tiling_.pixels[a]);
            block_count *= counts[a];
        }
        const Range blocks = share(block_count, tiling_.parts, part);
        for (std::int64_t index = blocks.begin; index < blocks.end; ++index) {
            std::int64_t rest = index;
            WeightBlock block;
            for (const std::size_t a : {2U, 1U, 0U}) {
                const Range piece = share(reached[a].size(), counts[a], rest % counts[a]);
                block.pixels[a] = {reached[a].begin + piece.begin, reached[a].begin + piece.end};
                rest /= counts[a];
            }
            block.samples = share(problem_.batch, ceil_div(problem_.batch, tiling_.samples), rest);
            blocks_.add(task, block, static_cast<const T*>(call.input), static_cast<const T*>(call.second), memory,
                        sums);
        }
    }

    void add_channel(const WeightTask& task, std::int64_t c, const T* from, T* sums) const noexcept {
        const std::int64_t pitch = tiling_.channel_pitch();
        for (std::int64_t plane = 0; plane < task.planes.size(); ++plane) {
            const std::int64_t at = (plane * tiling_.channels + c) * pitch;
            for (std::int64_t i = at; i < at + pitch; ++i) sums[i] += from[i];
        }
    }

    // A coarse channel's sums, transposed to (fine channel, taps). Of merged groups, only the channel's own counts.
    void write_channel(const WeightTask& task, std::int64_t c, const T* sums, T* output) const noexcept {
        const std::int64_t channel = task.channels.begin + c;  // within the merged groups
        const std::int64_t fine = tiling_.fine / tiling_.merged_groups;
        const std::int64_t group = channel / (tiling_.coarse / tiling_.merged_groups);
        const std::int64_t all_taps = problem_.taps();
        T* const to = output + (task.super_group * tiling_.coarse + channel) * fine * all_taps;
        const std::array<std::int64_t, 3> taps{task.taps[0].size(), task.taps[1].size(), task.taps[2].size()};
        // Rows of taps that follow each other here and there are one.
        const bool is_one_run = taps[2] == problem_.axes[2].kernel && taps[2] * tiling_.pitch == tiling_.row_pitch();
        const std::int64_t run = is_one_run ? taps[1] * taps[2] : taps[2];
        for (std::int64_t plane = 0; plane < task.planes.size(); ++plane) {
            const std::int64_t first = (task.planes.begin + plane) * tiling_.pitch;  // its first channel
            const std::int64_t begin = std::max(first, group * fine),
                               end = std::min(first + tiling_.pitch, (group + 1) * fine);
            if (begin >= end) continue;
            const T* const from = sums + (plane * tiling_.channels + c) * tiling_.channel_pitch() + (begin - first);
            for (std::int64_t j0 = 0; j0 < taps[0]; ++j0)
                for (std::int64_t j1 = 0; j1 < (is_one_run ? 1 : taps[1]); ++j1) {
                    const std::int64_t tap =
                        ((task.taps[0].begin + j0) * problem_.axes[1].kernel + task.taps[1].begin + j1) *
                            problem_.axes[2].kernel +
                        task.taps[2].begin;
                    blocks_.set().transpose(from + (j0 * tiling_.taps[1] + j1) * tiling_.row_pitch(), tiling_.pitch,
                                            run, end - begin, to + (begin - group * fine) * all_taps + tap, all_taps);
                }
        }
    }

    Problem problem_;
    WeightTiling tiling_;
    WeightBlocks<T> blocks_;
    std::int64_t tasks_ = 0, workers_ = 1, worker_bytes_ = 0;
};

Result<Estimate> consider(const Request& request) {
    const Problem& p = request.problem;
    const bool is_float = p.dtype == DType::f32;
    const WeightTiling tiling = is_float ? tiling_of<float>(request) : tiling_of<double>(request);
    double pairs = static_cast<double>(p.batch * p.coarse_channels) * static_cast<double>(p.fine_channels) /
                   static_cast<double>(p.groups);
    for (const Axis& axis : p.axes) pairs *= static_cast<double>(meeting_pairs(axis));
    return Estimate{.cycles = tiling.cycles + static_cast<double>(p.weight_elements()), .executed_flops = 2 * pairs};
}

}  // namespace

const Candidate kWeightGemm{.name = "weight_gemm",
                            .serves_scatter = false,
                            .serves_gather = false,
                            .serves_weight_grad = true,
                            .consider = consider,
                            .make = make_of_dtype<WeightGemm>,
                            .has_exact_edges = true};

}  // namespace tconv::methods
