#include "methods/phase/phase_gemm.h"

#include <algorithm>
#include <cmath>

#include "methods/candidates.h"
#include "methods/step_cost.h"

namespace tconv::methods {
namespace {

constexpr std::int64_t kLine = 64;
constexpr std::int64_t kMostPhases = 1024, kMostTaps = std::int64_t{1} << 15, kMostTableEntries = std::int64_t{1} << 16;

template <class T>
constexpr std::int64_t whole_lines(std::int64_t elements) {
    constexpr std::int64_t per_line = kLine / static_cast<std::int64_t>(sizeof(T));
    return ceil_div(elements, per_line) * per_line;
}

std::string format_of(int tile_rows, std::int64_t channels) {
    return "phase" + std::to_string(tile_rows) + "x" + std::to_string(channels);
}

// Channels last, jobs of a channel would write one element to a line.
bool is_rowwise(const Request& request, const Flow& flow, int tile_rows) {
    if (!may_be_rowwise(flow)) return false;
    if (!request.weight_format.empty()) return request.weight_format == format_of(tile_rows, 1);
    return request.write.axes[2] == 1;
}

// Half of the second-level cache for the panel; the other half for packed weights, tiles and output.
std::int64_t panel_bytes() {
    return std::clamp(cpu_facts().l2_bytes / 2, std::int64_t{128} << 10, std::int64_t{1} << 20);
}

}  // namespace

template <class T>
PhaseGemm<T>::PhaseGemm(const Request& request)
    : flow_(make_flow(request.problem, request.pass)),
      read_(request.read),
      write_(request.write),
      activation_(request.problem.activation),
      has_residual_(request.problem.has_sum),
      set_(request.unit.set<T>()),
      threads_(request.threads),
      layout_(make_phase_layout(flow_, set_.rows, is_rowwise(request, flow_, set_.rows))) {
    const std::int64_t taps = layout_.taps;
    std::int64_t most_phases = 0;
    for (const PhaseJob& job : layout_.jobs) {
        most_phases = std::max(most_phases, job.phases);
        // Blocks of channels differ by one at most.
        for (std::int64_t c = std::max<std::int64_t>(1, layout_.block_channels - 1); c <= layout_.block_channels; ++c)
            tile_elements_ = std::max(tile_elements_, job.phases * c * set_.lanes * tile_vectors(job, c));
    }
    constexpr std::int64_t kElement = sizeof(T), kWaitingBytes = std::int64_t{1} << 20;
    const std::int64_t rows = layout_.jobs.front().phases * layout_.block_channels;
    const BlockLimits limits{panel_bytes() / kElement, set_.lanes, set_.tile_lanes(),
                             kWaitingBytes / (kElement * std::max<std::int64_t>(1, rows)), kMostTableEntries};
    blocks_ = choose_blocks(flow_, layout_.shifts(), static_cast<std::int64_t>(layout_.read_phases.size()), taps,
                            kElement, limits);
    const std::int64_t items = blocks_.count() * flow_.groups * layout_.job_count();
    threads_ = std::clamp<std::int64_t>(items, 1, threads_);
    const std::int64_t output_bytes =
        size_of(request.problem.dtype) *
        (request.pass == Pass::scatter ? request.problem.fine_elements() : request.problem.coarse_elements());
    prefetches_ = output_bytes > cpu_facts().l2_bytes && write_.axes[2] == 1;
    // Rows whose phases are several jobs' are nobody's to finish.
    const bool finishes =
        layout_.jobs.front().phases == flow_.axes[2].write_stride || activation_.kind == Activation::Kind::none;
    writes_rows_ = PhaseRows<T>::serves(layout_) && may_be_rowwise(flow_) && write_.axes[2] == 1 && !has_residual_ &&
                   finishes && blocks_.channels == std::max<std::int64_t>(1, flow_.read_channels);
    // A tile's vectors may reach beyond the last plane.
    panel_elements_ =
        whole_lines<T>(blocks_.plane_stride * blocks_.channels * static_cast<std::int64_t>(layout_.read_phases.size()) +
                       set_.widest_lanes());
    spare_elements_ = has_residual_ ? whole_lines<T>(most_phases * set_.widest_lanes()) : 0;
    table_elements_ = ceil_div(taps * blocks_.channels, kLine / 4) * (kLine / 4);
    std::int64_t waiting_tiles = 1;
    if (blocks_.channels < flow_.read_channels) {
        const std::int64_t tiles = ceil_div(blocks_.most_lanes, set_.tile_lanes());
        // Nothing is written where there are no channels to write; a tile has no elements then.
        const std::int64_t one =
            std::max<std::int64_t>(1, tiles * tile_elements_ * static_cast<std::int64_t>(sizeof(T)));
        jobs_at_once_ = std::clamp<std::int64_t>(kWaitingBytes / one, 1, layout_.job_count());
        waiting_tiles = tiles * jobs_at_once_;
    }
    worker_bytes_ = (panel_elements_ + spare_elements_ + whole_lines<T>(waiting_tiles * tile_elements_)) *
                        static_cast<std::int64_t>(sizeof(T)) +
                    table_elements_ * 4;
}

template <class T>
int PhaseGemm<T>::tile_vectors(const PhaseJob& job, std::int64_t channels) const noexcept {
    std::int64_t tallest = 1;
    for (std::int64_t r = job.first_run; r < job.first_run + job.runs; ++r) {
        const std::int64_t rows = layout_.runs[static_cast<std::size_t>(r)].phases * channels;
        tallest = std::max(tallest, ceil_div(rows, std::max<std::int64_t>(1, layout_.tile_count(rows))));
    }
    return set_.widest[tallest - 1];
}

template <class T>
std::string PhaseGemm<T>::kernel() const {
    const PhaseJob& job = layout_.jobs.front();
    std::int64_t tallest = 1;
    for (std::int64_t r = job.first_run; r < job.first_run + job.runs; ++r) {
        const std::int64_t rows = layout_.runs[static_cast<std::size_t>(r)].phases * layout_.block_channels;
        tallest = std::max(tallest, ceil_div(rows, std::max<std::int64_t>(1, layout_.tile_count(rows))));
    }
    if (writes_rows_)
        return std::string(set_.name) + " rows of " + std::to_string(job.phases) +
               (job.phases == 1 ? " phase" : " phases") + ", lanes are pixels";
    return std::string(set_.name) + " " + std::to_string(tallest) + "x" +
           std::to_string(tile_vectors(job, layout_.block_channels) * set_.lanes) + " tiles, lanes are pixels";
}

template <class T>
std::vector<std::string> PhaseGemm<T>::details() const {
    const auto number = [](std::int64_t value) { return std::to_string(value); };
    std::vector<std::string> lines;
    lines.push_back(number(blocks_.count()) + (blocks_.count() == 1 ? " block" : " blocks") + " of up to " +
                    number(blocks_.largest_lanes) + " lanes, " + number(blocks_.channels) + " of " +
                    number(flow_.read_channels) + " read channels at a time: panels of " +
                    number(panel_elements_ * static_cast<std::int64_t>(sizeof(T))) + " bytes");
    lines.push_back(number(layout_.job_count()) + " jobs a group: " + number(layout_.block_channels) +
                    " channels by up to " + number(layout_.jobs.front().phases) + " phases of the last axis");
    const auto [least, most] = std::minmax_element(
        layout_.runs.begin(), layout_.runs.end(), [](const PhaseRun& a, const PhaseRun& b) { return a.taps < b.taps; });
    lines.push_back(least->taps == most->taps
                        ? "every phase has " + number(most->taps) + (most->taps == 1 ? " tap" : " taps")
                        : "phases have " + number(least->taps) + " to " + number(most->taps) + " taps, each its own");
    return lines;
}

template <class T>
std::string PhaseGemm<T>::weight_format() const {
    return format_of(set_.rows, layout_.block_channels);
}

template <class T>
void PhaseGemm<T>::pack(const void* weights, void* packed) const noexcept {
    pack_phase_weights(layout_, flow_, static_cast<const T*>(weights), set_, static_cast<T*>(packed));
}

// One worker's memory and its walk through blocks, jobs and tiles.
template <class T>
struct PhaseGemm<T>::Worker {
    const PhaseGemm& method;
    const Call& call;
    T *panel, *spare, *tiles;
    std::int32_t* table;
    packing::PanelShape block{};
    std::int64_t group = 0;
    PhaseStore<T> store;

    Worker(const PhaseGemm& m, const Call& c, std::int64_t index)
        : method(m),
          call(c),
          panel(reinterpret_cast<T*>(static_cast<std::byte*>(c.workspace) + index * m.worker_bytes_)),
          spare(panel + m.panel_elements_),
          tiles(spare + m.spare_elements_),
          table(reinterpret_cast<std::int32_t*>(static_cast<std::byte*>(c.workspace) + (index + 1) * m.worker_bytes_) -
                m.table_elements_),
          store{m.flow_,
                m.write_,
                m.set_,
                m.activation_,
                static_cast<const T*>(c.bias),
                static_cast<const T*>(c.residual),
                static_cast<T*>(c.output)} {}

    // The offsets of every tap set's steps, one set after the other: [set][channel][tap].
    void make_table() const noexcept {
        const auto planes = static_cast<std::int64_t>(method.layout_.read_phases.size());
        std::int32_t* at = table;
        const std::int64_t rows = method.layout_.axes[1].planes(), columns = method.layout_.axes[2].planes();
        for (const WrittenPhase& set : method.layout_.tap_sets) {
            const PhaseTaps all = method.layout_.taps_of(set);
            const std::int64_t taps = all.count(), next = planes * block.plane_stride;
            all.for_each(0, taps, [&](const AxisTap& d, const AxisTap& h, const AxisTap& w) {
                const std::int64_t plane = (d.plane * rows + h.plane) * columns + w.plane;
                *at++ = static_cast<std::int32_t>(plane * block.plane_stride +
                                                  block.shift_offset(d.shift, h.shift, w.shift));
            });
            for (std::int64_t i = taps; i < taps * method.blocks_.channels; ++i, ++at)
                *at = static_cast<std::int32_t>(at[-taps] + next);
        }
    }

    void fill(const Range& channels) const noexcept {
        const T* const input = static_cast<const T*>(call.input) +
                               (group * method.flow_.read_channels + channels.begin) * method.read_.channel;
        packing::fill_panel(block, method.flow_, method.read_, input, channels.size(),
                            std::span<const packing::ReadPhase>(method.layout_.read_phases), method.layout_.together,
                            method.set_, panel);
    }

    // Jobs [first, last) of the current block and group.
    void work(std::int64_t first, std::int64_t last) noexcept {
        make_table();
        if (method.writes_rows_) {
            fill({0, method.flow_.read_channels});
            const PhaseRows<T> rows{method.flow_,
                                    method.layout_,
                                    method.write_,
                                    method.set_,
                                    method.activation_,
                                    static_cast<const T*>(call.bias),
                                    static_cast<T*>(call.output)};
            return rows.run(block, {first, last}, panel, table,
                            static_cast<const T*>(call.packed) + group * method.layout_.weight_elements(method.flow_),
                            group * method.flow_.write_channels);
        }
        const std::int64_t chunks = ceil_div(method.flow_.read_channels, method.blocks_.channels);
        const bool is_chunked = chunks > 1;
        for (std::int64_t job = first; job < last;) {
            const std::int64_t end = is_chunked ? std::min(last, job + method.jobs_at_once_) : last;
            for (std::int64_t chunk = 0; chunk < std::max<std::int64_t>(1, chunks); ++chunk) {
                const Range channels = chunks == 0 ? Range{0, 0} : share(method.flow_.read_channels, chunks, chunk);
                fill(channels);
                for (std::int64_t j = job; j < end; ++j) do_job(j, is_chunked ? j - job : 0, channels, is_chunked);
            }
            job = end;
        }
    }

    void do_job(std::int64_t index, std::int64_t slot, const Range& read, bool is_chunked) noexcept {
        const PhaseLayout& layout = method.layout_;
        const auto jobs = static_cast<std::int64_t>(layout.jobs.size());
        const PhaseJob& job = layout.jobs[static_cast<std::size_t>(index % jobs)];
        const Range channels = share(method.flow_.write_channels, layout.channel_blocks, index / jobs);
        const T* const weights = static_cast<const T*>(call.packed) + group * layout.weight_elements(method.flow_) +
                                 layout.weight_offset(channels, index % jobs);
        const Range lanes = lanes_of(job);
        const std::int64_t widest = method.tile_vectors(job, channels.size());
        const std::int64_t vectors = ceil_div(lanes.size(), method.set_.lanes), count = ceil_div(vectors, widest);
        const std::int64_t slot_tiles = ceil_div(method.blocks_.most_lanes, method.set_.tile_lanes());
        const Range written{group * method.flow_.write_channels + channels.begin,
                            group * method.flow_.write_channels + channels.end};
        const PhaseTarget target(method.flow_, {job.first_phase, job.first_phase + job.phases}, job.phase_d,
                                 job.phase_h, written);
        for (std::int64_t t = 0; t < count; ++t) {
            const Range part = share(vectors, count, t);
            PhaseTile<T> tile;
            tile.rows = tiles + (is_chunked ? slot * slot_tiles + t : 0) * method.tile_elements_;
            tile.pitch = widest * method.set_.lanes;
            tile.first_lane = lanes.begin + part.begin * method.set_.lanes;
            tile.lanes = std::min(part.size() * method.set_.lanes, lanes.end - tile.first_lane);
            if (method.prefetches_ && read.end == method.flow_.read_channels) store.prefetch(block, target, tile);
            compute(job, channels.size(), weights, read, static_cast<int>(part.size()), tile);
            if (read.end == method.flow_.read_channels) store.put(block, target, tile, spare);
        }
    }

    // From the first to the last lane whose point this job's phases write on the first two axes.
    Range lanes_of(const PhaseJob& job) const noexcept {
        std::int64_t begin = 0, end = block.samples - 1;
        const std::int64_t phase[2] = {job.phase_d, job.phase_h};
        for (std::size_t i = 0; i < 2; ++i) {
            const packing::PanelAxis& axis = block.axes[i];
            const Range points = method.flow_.axes[i].points(phase[i]);
            const std::int64_t first = std::max(points.begin, axis.first),
                               last = std::min(points.end, axis.first + axis.count);
            if (first >= last) return {0, 0};
            begin = begin * axis.rows() + first - axis.first;
            end = end * axis.rows() + last - 1 - axis.first;
        }
        return {std::max(begin * block.pitch, block.begin),
                std::min(end * block.pitch + block.axes[2].count, block.end - block.reach())};
    }

    // All rows of one tile: the job's runs, each in its tiles of rows.
    void compute(const PhaseJob& job, std::int64_t channels, const T* weights, const Range& read, int vectors,
                 const PhaseTile<T>& tile) const noexcept {
        T* to = tile.rows;
        for (std::int64_t r = job.first_run; r < job.first_run + job.runs; ++r) {
            const PhaseRun& run = method.layout_.runs[static_cast<std::size_t>(r)];
            const std::int32_t* const offsets = table + run.taps_before * method.blocks_.channels;
            const std::int64_t rows = run.phases * channels, heights = method.layout_.tile_count(rows);
            for (std::int64_t h = 0; h < heights; ++h) {
                const std::int64_t height = share(rows, heights, h).size();
                method.set_.tile[height - 1][vectors - 1](
                    run.taps * read.size(), weights + read.begin * run.taps * height,
                    panel + (tile.first_lane - block.begin), offsets, to, tile.pitch, read.begin > 0);
                weights += height * run.taps * method.flow_.read_channels;
                to += height * tile.pitch;
            }
        }
    }
};

template <class T>
void PhaseGemm<T>::run(const Call& call) const noexcept {
    const std::int64_t jobs = layout_.job_count();
    const std::int64_t items = flow_.write_channels == 0 ? 0 : blocks_.count() * flow_.groups * jobs;
    for_each_worker(call.executor, threads_, [&](std::int64_t index) {
        const Range mine = share(items, threads_, index);
        if (mine.empty()) return;
        Worker worker(*this, call, index);
        for (std::int64_t item = mine.begin; item < mine.end;) {
            const std::int64_t first = item % jobs;
            const std::int64_t last = std::min(jobs, first + mine.end - item);
            worker.block = blocks_.block(flow_, item / jobs / flow_.groups);
            worker.group = item / jobs % flow_.groups;
            worker.work(first, last);
            item += last - first;
        }
    });
}

template class PhaseGemm<float>;
template class PhaseGemm<double>;

namespace {

// Phases of an axis with equally many taps, with all their points.
struct PhaseGroup {
    std::int64_t taps = 0, phases = 0, points = 0;
};

// The fewest and most taps that phases of an axis have differ by one, but for empty phases: three groups at most.
struct PhaseGroups {
    std::array<PhaseGroup, 3> groups{};
    std::size_t count = 0;

    void add(std::int64_t taps, std::int64_t phases, std::int64_t points) {
        for (std::size_t i = 0; i < count; ++i)
            if (groups[i].taps == taps) {
                groups[i].phases += phases;
                groups[i].points += points;
                return;
            }
        groups[count++] = {taps, phases, points};
    }
};

PhaseGroups groups_of(const FlowAxis& axis) {
    PhaseGroups result;
    for (std::int64_t phase = 0; phase < axis.write_stride; ++phase)
        result.add(axis.step_count(phase), 1, axis.points(phase).size());
    return result;
}

// What the parts of the work cost, in cycles of a Zen 5 core with AVX-512: fitted to a hundred layers' scatter
// (2026-11), but for rows, which narrow maps and volumes showed to cost more, and their kernels (phase_rows.h), of
// which there were fifteen layers only: those are rounded up by hand.
struct Costs {
    double step;         // for each cycle that the multiply-add units need: loads across cache lines
    double tile;         // its beginning and end
    double output;       // an element from the tile into the output
    double written_row;  // a stretch of the output
    double element;      // packed
    double read_row;     // packed
};
constexpr Costs kTileCosts{1.12, 66, 0.65, 40, 0.26, 15}, kRowCosts{0.7, 100, 0.1, 110, 0.36, 10};

Costs costs_of(const Request& request, bool is_rowwise) {
    Costs costs = is_rowwise ? kRowCosts : kTileCosts;
    if (request.write.axes[2] != 1)  // tiles are transposed
        costs.output += (is_rowwise ? 30 : 1.2) + shared_lines_cycles(request, 2);
    if (request.problem.has_sum) costs.output += 2.5;
    return costs;
}

template <class T>
Estimate estimate(const Request& request, const Flow& flow) {
    const kernels::KernelSet<T>& set = request.unit.set<T>();
    const bool rowwise = is_rowwise(request, flow, set.rows);
    const Costs costs = costs_of(request, rowwise);
    const std::array<PhaseGroups, 3> groups{groups_of(flow.axes[0]), groups_of(flow.axes[1]), groups_of(flow.axes[2])};
    const JobShape shape = job_shape(flow, set.rows, rowwise);
    const Range hull_w = hull_of(flow.axes[2]);
    const std::int64_t reach_w = (flow.axes[2].kernel - 1) / flow.axes[2].axis.stride;
    const double width = static_cast<double>(hull_w.size() + reach_w);
    Estimate estimate;
    double lanes_all = 0, read_rows = 0;
    for (std::size_t d = 0; d < groups[0].count; ++d)
        for (std::size_t h = 0; h < groups[1].count; ++h) {
            const double rows = static_cast<double>(groups[0].groups[d].points * groups[1].groups[h].points);
            const double phases = static_cast<double>(groups[0].groups[d].phases * groups[1].groups[h].phases);
            if (phases == 0 || rows == 0) continue;
            // The rows of one (d, h) phase lie in one stretch of lanes, rounded up to vectors.
            const double lanes_each = rows / phases * width;
            const double vectors_each = std::ceil(lanes_each / set.lanes);
            lanes_all += lanes_each * phases;
            read_rows += rows;
            for (std::size_t w = 0; w < groups[2].count; ++w) {
                const PhaseGroup& group = groups[2].groups[w];
                const double taps =
                    static_cast<double>(groups[0].groups[d].taps * groups[1].groups[h].taps * group.taps);
                const double chunk = static_cast<double>(std::min(shape.phases, group.phases));
                const double channels =
                    static_cast<double>(std::min(shape.channels, std::max<std::int64_t>(1, flow.write_channels)));
                const double run_rows = chunk * channels;
                const double heights = std::ceil(run_rows / set.rows);
                const double tiles_each =
                    std::ceil(vectors_each / set.widest[static_cast<int>(std::ceil(run_rows / heights)) - 1]);
                const double jobs =
                    static_cast<double>(group.phases) / chunk * static_cast<double>(flow.write_channels) / channels;
                const double steps = taps * static_cast<double>(flow.read_channels);
                const double step = costs.step * step_cycles(run_rows / heights, vectors_each / tiles_each);
                estimate.cycles += phases * jobs * tiles_each * heights * (steps * step + costs.tile);
                estimate.executed_flops += phases * jobs * 2 * run_rows * steps * vectors_each * set.lanes;
                // Out of the tile into the output.
                estimate.cycles += phases * jobs * run_rows * lanes_each * costs.output;
                estimate.cycles += rows * jobs * channels * costs.written_row;
            }
        }
    // Into the panel: once for every block, which is once for every element and a little more.
    const double packed =
        (lanes_all * costs.element + read_rows * costs.read_row) * static_cast<double>(flow.read_channels);
    const double times = static_cast<double>(flow.batch * flow.groups);
    estimate.cycles = (estimate.cycles + packed) * times;
    estimate.executed_flops *= times;
    return estimate;
}

Result<Estimate> consider(const Request& request) {
    const auto refuse = [](std::string reason) { return Error{ErrorCode::unsupported, std::move(reason)}; };
    const Flow flow = make_flow(request.problem, request.pass);
    std::int64_t phases = 1, reads = 1;
    for (const FlowAxis& axis : flow.axes) {
        if (axis.write_stride > kMostPhases || axis.read_stride > kMostPhases)
            return refuse("strides above " + std::to_string(kMostPhases) + " have too many phases for its tables");
        phases *= axis.write_stride;
        reads *= axis.read_stride;
    }
    if (phases > 4 * kMostPhases || reads > 4 * kMostPhases)
        return refuse("the strides give more than " + std::to_string(4 * kMostPhases) +
                      " phases, too many for its tables");
    if (flow.taps > kMostTaps)
        return refuse("kernels of more than " + std::to_string(kMostTaps) + " taps are too large for its tables");
    // One tile's window of one channel must fit the panel.
    constexpr double kMostWindow = 1 << 18;
    double window = static_cast<double>(reads);
    for (std::size_t i = 0; i < flow.axes.size(); ++i) {
        const Axis& axis = flow.axes[i].axis;
        const std::int64_t reach = axis.kernel_extent() == 1 ? 1 : (axis.kernel_extent() - 1) / axis.stride + 2;
        window *= static_cast<double>(i == 2 ? reach + request.unit.f32().tile_lanes() : reach);
    }
    if (window > kMostWindow) return refuse("the kernel reaches over more rows than its panel can hold");
    return request.problem.dtype == DType::f32 ? estimate<float>(request, flow) : estimate<double>(request, flow);
}

}  // namespace

const Candidate kPhaseGemm{"phase_gemm", true, true, false, consider, make_of_dtype<PhaseGemm>};

}  // namespace tconv::methods
