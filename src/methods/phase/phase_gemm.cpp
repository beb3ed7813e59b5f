#include "methods/phase/phase_gemm.h"

#include <algorithm>
#include <limits>

#include "methods/candidates.h"
#include "methods/phase/phase_choose.h"
#include "methods/phase/phase_rows.h"

namespace tconv::methods {
namespace {

constexpr std::int64_t kMostTableEntries = std::int64_t{1} << 16;

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
      layout_(make_phase_layout(flow_, set_.rows, is_phase_rowwise(request, flow_, set_.rows))) {
    const std::int64_t taps = layout_.taps;
    std::int64_t most_phases = 0, tile_elements = 0;
    for (const PhaseJob& job : layout_.jobs) {
        most_phases = std::max(most_phases, job.phases);
        if (layout_.joins_lines) continue;  // no tiles
        // Blocks of channels differ by one at most.
        for (std::int64_t c = std::max<std::int64_t>(1, layout_.block_channels - 1); c <= layout_.block_channels; ++c)
            tile_elements = std::max(tile_elements, job.phases * c * set_.lanes * tile_vectors(job, c));
    }
    constexpr std::int64_t kElement = sizeof(T), kWaitingBytes = std::int64_t{1} << 20;
    const std::int64_t rows = layout_.jobs.front().phases * layout_.block_channels;
    BlockLimits limits{panel_bytes() / kElement,
                       set_.lanes,
                       set_.tile_lanes(),
                       kWaitingBytes / (kElement * std::max<std::int64_t>(1, rows)),
                       kMostTableEntries,
                       threads_,
                       layout_.weight_elements(flow_),
                       layout_.joins_lines,
                       layout_.joins_lines && PhaseRows<T>::has_many_steps(flow_, layout_)};
    const auto blocks_within = [&] {
        return choose_blocks(flow_, layout_.shifts(), static_cast<std::int64_t>(layout_.read_phases.size()), taps,
                             kElement, limits);
    };
    blocks_ = blocks_within();
    if (may_write_in_place() && blocks_.channels == flow_.read_channels) {
        // Whole lines, unless blocks become much smaller by that.
        limits.whole_rows = true;
        const PhaseBlocks whole = blocks_.cuts > 1 ? blocks_within() : blocks_;
        writes_in_place_ = whole.cuts == 1 && whole.parts[2] == 1 && whole.channels == flow_.read_channels &&
                           whole.most_lanes * 5 >= blocks_.most_lanes * 4;
        if (writes_in_place_) blocks_ = whole;
    }
    const std::int64_t items = blocks_.count() * flow_.groups * layout_.job_count();
    threads_ = std::clamp<std::int64_t>(items, 1, threads_);
    stores_ = OutputStores(request);
    // Rows whose phases are several jobs' are nobody's to finish.
    const bool finishes =
        layout_.jobs.front().phases == flow_.axes[2].write_stride || activation_.kind == Activation::Kind::none;
    writes_rows_ = layout_.joins_lines ||
                   (PhaseRows<T>::serves(layout_) && may_be_rowwise(flow_, set_.rows) && write_.axes[2] == 1 &&
                    !has_residual_ && finishes && blocks_.channels == std::max<std::int64_t>(1, flow_.read_channels));
    // A tile's vectors may reach beyond the last plane.
    panel_elements_ =
        whole_lines<T>(blocks_.plane_stride * blocks_.channels * static_cast<std::int64_t>(layout_.read_phases.size()) +
                       set_.widest_lanes());
    read_elements_ =
        request.pass == Pass::scatter ? request.problem.coarse_elements() : request.problem.fine_elements();
    reads_in_place_ = may_read_in_place();
    spare_elements_ = has_residual_ ? whole_lines<T>(most_phases * set_.widest_lanes()) : 0;
    if (writes_rows_ && (has_residual_ || write_.axes[2] != 1))
        spare_elements_ = whole_lines<T>(PhaseRows<T>::scratch_elements(flow_, set_));
    table_elements_ = whole_lines<std::int32_t>(taps * blocks_.channels);
    if (!writes_rows_)
        for (const PhaseJob& job : layout_.jobs) parts_.push_back(parts_of(job));
    tiles_ = PhaseTiles::make(layout_, blocks_, flow_.read_channels, tile_elements, set_.tile_lanes(), 1, kElement);
    // Rows need no tiles, but have runs.
    const std::int64_t tile_bytes =
        writes_rows_ ? whole_lines<std::byte>(static_cast<std::int64_t>(layout_.runs.size() * sizeof(kernels::RowRun)))
                     : whole_lines<T>(tiles_.waiting * tile_elements) * kElement;
    worker_bytes_ = (panel_elements_ + spare_elements_) * kElement + tile_bytes + table_elements_ * 4;
}

// Whether the planes of a panel would be the input's own: no zeros around, nothing between rows. Many channels are
// better packed: each would be a stream of its own, and a few at distances of 64 KiB want the same places of the
// second-level cache (ic32 oc21 i256x256 k2 s2 took 4 or 24 ms, as memory happened to lie).
template <class T>
bool PhaseGemm<T>::may_read_in_place() const noexcept {
    constexpr std::int64_t kMostChannels = 32, kMostAlike = 6, kAlike = 65536 / static_cast<std::int64_t>(sizeof(T));
    if (flow_.read_channels > kMostAlike && read_.channel % kAlike == 0) return false;
    std::int64_t plane = 1;
    for (std::size_t i = flow_.axes.size(); i-- > 0; plane *= flow_.axes[i].read_size) {
        const FlowAxis& axis = flow_.axes[i];
        const Range& hull = blocks_.hull[i];
        if (axis.read_stride != 1 || blocks_.shifts[i].size() != 1 || hull.size() != axis.read_size ||
            hull.begin + blocks_.shifts[i].begin != axis.read_origin)
            return false;
        if (axis.read_size > 1 && read_.axes[i] != plane) return false;
    }
    constexpr std::int64_t kMostOffset = std::numeric_limits<std::int32_t>::max();
    return flow_.read_channels <= kMostChannels && blocks_.channels == flow_.read_channels && blocks_.samples == 1 &&
           blocks_.parts[1] == 1 && blocks_.parts[2] == 1 && flow_.read_channels * read_.channel <= kMostOffset;
}

// Whether tiles may be computed in the output itself: lines of several whole vectors, of which no lane is lost, and
// nothing to be done with what is in a tile but to add the bias.
template <class T>
bool PhaseGemm<T>::may_write_in_place() const noexcept {
    const FlowAxis& w = flow_.axes[2];
    return w.write_stride == 1 && write_.axes[2] == 1 && !has_residual_ && activation_.kind == Activation::Kind::none &&
           w.write_size % set_.lanes == 0 && w.write_size >= 2 * set_.lanes && layout_.block_channels > 1;
}

template <class T>
int PhaseGemm<T>::tile_vectors(const PhaseJob& job, std::int64_t channels) const noexcept {
    return set_.widest[tallest_tile(job, channels) - 1];
}

template <class T>
std::int64_t PhaseGemm<T>::tallest_tile(const PhaseJob& job, std::int64_t channels) const noexcept {
    std::int64_t tallest = 1;
    for (std::int64_t r = job.first_run; r < job.first_run + job.runs; ++r) {
        const std::int64_t rows = layout_.runs[static_cast<std::size_t>(r)].height() * channels;
        tallest = std::max(tallest, ceil_div(rows, std::max<std::int64_t>(1, layout_.tile_count(rows))));
    }
    return tallest;
}

template <class T>
typename PhaseGemm<T>::Parts PhaseGemm<T>::parts_of(const PhaseJob& job) const noexcept {
    constexpr std::int64_t kFewest = 16;  // for which it is worth to begin a tile
    const PhaseTaps taps = layout_.taps_of({job.phase_d, job.phase_h, job.first_phase});
    const auto size = [&](std::size_t axis) { return static_cast<std::int64_t>(taps.axes[axis].size()); };
    // Taps along a row share its lines, but for those in planes of their own.
    const std::int64_t rows =
        std::max<std::int64_t>(1, size(0) * size(1) * std::min(size(2), layout_.axes[2].planes()));
    const std::int64_t lanes = tile_vectors(job, layout_.block_channels) * set_.lanes + set_.lanes / 2;
    const std::int64_t bytes = rows * lanes * static_cast<std::int64_t>(sizeof(T));
    const std::int64_t all = std::max<std::int64_t>(1, blocks_.channels);
    const std::int64_t most = std::max(kFewest, cpu_facts().l1d_bytes / 2 / bytes);  // weights and sums take the rest
    std::int64_t heights = 0;
    for (std::int64_t r = job.first_run; r < job.first_run + job.runs; ++r)
        heights += layout_.tile_count(layout_.runs[static_cast<std::size_t>(r)].height() * layout_.block_channels);
    return {heights > 1 ? ceil_div(all, ceil_div(all, most)) : all, all > most};
}

template <class T>
std::string PhaseGemm<T>::kernel() const {
    const PhaseJob& job = layout_.jobs.front();
    if (writes_rows_)
        return std::string(set_.name) + (job.lines == 2 ? " pairs of rows of " : " rows of ") +
               std::to_string(job.phases) + (job.phases == 1 ? " phase" : " phases") + ", lanes are pixels";
    return std::string(set_.name) + " " + std::to_string(tallest_tile(job, layout_.block_channels)) + "x" +
           std::to_string(tile_vectors(job, layout_.block_channels) * set_.lanes) + " tiles, lanes are pixels";
}

template <class T>
std::vector<std::string> PhaseGemm<T>::details() const {
    const auto number = [](std::int64_t value) { return std::to_string(value); };
    std::vector<std::string> lines;
    if (reads_in_place_) lines.push_back("the input is read where it lies, but for its end");
    lines.push_back(number(blocks_.count()) + (blocks_.count() == 1 ? " block" : " blocks") + " of up to " +
                    number(blocks_.largest_lanes) + " lanes, " + number(blocks_.channels) + " of " +
                    number(flow_.read_channels) + " read channels at a time: panels of " +
                    number(panel_elements_ * static_cast<std::int64_t>(sizeof(T))) + " bytes");
    lines.push_back(number(layout_.job_count()) + " jobs a group: " + number(layout_.block_channels) +
                    " channels by up to " + number(layout_.jobs.front().phases) + " phases of the last axis");
    std::int64_t least = std::numeric_limits<std::int64_t>::max(), most = 0;
    for (const PhaseJob& job : layout_.jobs)
        for (std::int64_t w = job.first_phase; w < job.first_phase + job.phases; ++w) {
            const std::int64_t taps = layout_.taps_of({job.phase_d, job.phase_h, w}).count();
            least = std::min(least, taps);
            most = std::max(most, taps);
        }
    lines.push_back(least == most ? "every phase has " + number(most) + (most == 1 ? " tap" : " taps")
                                  : "phases have " + number(least) + " to " + number(most) + " taps, each its own");
    return lines;
}

template <class T>
std::string PhaseGemm<T>::weight_format() const {
    return phase_format(set_.rows, layout_.block_channels, layout_.joins_phases, layout_.joins_lines);
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
    kernels::RowRun* runs;
    std::int32_t* table;
    const T* planes = nullptr;  // the panel, or the input itself
    packing::PanelShape block{};
    std::int64_t group = 0;
    PhaseStore<T> store;

    Worker(const PhaseGemm& m, const Call& c, std::int64_t index)
        : method(m),
          call(c),
          panel(reinterpret_cast<T*>(static_cast<std::byte*>(c.workspace) + index * m.worker_bytes_)),
          spare(panel + m.panel_elements_),
          tiles(spare + m.spare_elements_),
          runs(reinterpret_cast<kernels::RowRun*>(tiles)),
          table(reinterpret_cast<std::int32_t*>(static_cast<std::byte*>(c.workspace) + (index + 1) * m.worker_bytes_) -
                m.table_elements_),
          store{m.flow_,
                m.write_,
                m.set_,
                m.activation_,
                static_cast<const T*>(c.bias),
                static_cast<const T*>(c.residual),
                static_cast<T*>(c.output),
                m.stores_.of(c.output)} {}

    // The offsets of every tap set's steps, one set after the other: [set][channel][tap].
    void make_table() const noexcept {
        const auto phases = static_cast<std::int64_t>(method.layout_.read_phases.size());
        std::int32_t* at = table;
        const std::int64_t rows = method.layout_.axes[1].planes(), columns = method.layout_.axes[2].planes();
        for (const TapSet& set : method.layout_.tap_sets) {
            const PhaseTaps all = method.layout_.taps_in(set);
            const std::int64_t taps = all.count(), next = phases * block.plane_stride;
            all.for_each(0, taps, [&](const AxisTap& d, const AxisTap& h, const AxisTap& w) {
                const std::int64_t plane = (d.plane * rows + h.plane) * columns + w.plane;
                *at++ = static_cast<std::int32_t>(plane * block.plane_stride +
                                                  block.shift_offset(d.shift, h.shift + set.moved, w.shift));
            });
            for (std::int64_t i = taps; i < taps * method.blocks_.channels; ++i, ++at)
                *at = static_cast<std::int32_t>(at[-taps] + next);
        }
    }

    // Where the planes of the block and group begin in the input, if they can be read there: vectors may reach beyond
    // the last plane, but not beyond the array.
    const T* find_in_place() const noexcept {
        if (!method.reads_in_place_) return nullptr;
        const SideStrides& read = method.read_;
        const std::int64_t first =
            block.first_sample * read.sample + group * method.flow_.read_channels * read.channel +
            (block.axes[0].first + block.axes[0].least - method.flow_.axes[0].read_origin) * read.axes[0] + block.begin;
        const std::int64_t last = first + (method.flow_.read_channels - 1) * read.channel;
        const std::int64_t most = block.end - block.begin + 2 * method.set_.widest_lanes();
        return last + most <= method.read_elements_ ? static_cast<const T*>(call.input) + first : nullptr;
    }

    void begin_block() noexcept {
        planes = find_in_place();
        if (planes != nullptr) block.plane_stride = method.read_.channel;
        make_table();
    }

    void fill(const Range& channels) noexcept {
        if (planes != nullptr && planes != panel) return;
        planes = panel;
        const T* const input = static_cast<const T*>(call.input) +
                               (group * method.flow_.read_channels + channels.begin) * method.read_.channel;
        packing::fill_panel(block, method.flow_, method.read_, input, channels.size(),
                            std::span<const packing::ReadPhase>(method.layout_.read_phases), method.layout_.together,
                            method.set_, panel);
    }

    // Jobs [first, last) of the current block and group.
    void work(std::int64_t first, std::int64_t last) noexcept {
        begin_block();
        if (method.writes_rows_) {
            fill({0, method.flow_.read_channels});
            const PhaseRows<T> rows{method.flow_, method.layout_, method.write_, method.set_, method.activation_,
                                    static_cast<const T*>(call.bias), static_cast<T*>(call.output),
                                    // An activation comes after the row is written.
                                    method.activation_.kind == Activation::Kind::none && method.spare_elements_ == 0
                                        ? store.stores
                                        : kernels::Stores::cached,
                                    runs, static_cast<const T*>(call.residual),
                                    method.spare_elements_ > 0 ? spare : nullptr, planes != panel};
            return rows.run(block, {first, last}, planes, table,
                            static_cast<const T*>(call.packed) + group * method.layout_.weight_elements(method.flow_),
                            group * method.flow_.write_channels);
        }
        if (method.writes_in_place_)
            return do_phase_jobs_in_place(method.flow_, method.layout_, block, group, {first, last},
                                          method.stores_.asks_ahead(), store, *this);
        do_phase_jobs(method.flow_, method.layout_, method.blocks_, method.flow_.read_channels, method.tiles_, block,
                      group, {first, last}, asks_ahead(method.stores_, store, method.layout_), store, tiles, spare,
                      *this);
    }

    std::int64_t most_lanes(const PhaseWork& work) const noexcept {
        return method.tile_vectors(work.job, work.channels.size()) * method.set_.lanes;
    }

    // All rows of one tile: the job's runs, each in its tiles of rows. So many channels at a time as stay in the
    // first-level cache from one tile of rows to the next; the first one asks for what comes next.
    void compute(const PhaseWork& work, const Range& read, std::int64_t vectors,
                 const PhaseTile<T>& tile) const noexcept {
        const PhaseJob& job = work.job;
        const std::int64_t channels = work.channels.size();
        const Parts& parts = method.parts_[static_cast<std::size_t>(work.number)];
        const T* const first = static_cast<const T*>(call.packed) +
                               group * method.layout_.weight_elements(method.flow_) +
                               method.layout_.weight_offset(work.channels, work.number);
        const T* const from = planes + (tile.first_lane - block.begin);
        std::int64_t begin = 0;
        do {
            const std::int64_t some = std::min(parts.channels, read.size() - begin);
            const T* weights = first;
            for (std::int64_t r = job.first_run; r < job.first_run + job.runs; ++r) {
                const PhaseRun& run = method.layout_.runs[static_cast<std::size_t>(r)];
                const std::int32_t* const offsets =
                    table + run.taps_before * method.blocks_.channels + begin * run.taps;
                const std::int64_t rows = run.height() * channels, heights = method.layout_.tile_count(rows);
                const bool adds = run.adds || read.begin + begin > 0;
                T* to = tile.rows + run.first_phase * channels * tile.pitch;
                for (std::int64_t h = 0; h < heights; ++h) {
                    const std::int64_t height = share(rows, heights, h).size();
                    method.set_.tile[height - 1][vectors - 1](
                        run.taps * some, weights + (read.begin + begin) * run.taps * height, from, offsets,
                        parts.are_asked_for && h == 0 ? ahead(run) : 0, to, tile.pitch, adds);
                    weights += height * run.taps * method.flow_.read_channels;
                    to += height * tile.pitch;
                }
            }
            begin += some;
        } while (begin < read.size());
    }

    // From a step's part of the panel to that of some steps later: 2 to 16 are alike.
    std::int64_t ahead(const PhaseRun& run) const noexcept {
        constexpr std::int64_t kSteps = 8;
        return ceil_div(kSteps, std::max<std::int64_t>(1, run.taps)) *
               static_cast<std::int64_t>(method.layout_.read_phases.size()) * block.plane_stride;
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
        if (stores_.of(call.output) == kernels::Stores::streaming) set_.flush();
    });
}

template class PhaseGemm<float>;
template class PhaseGemm<double>;

const Candidate kPhaseGemm{"phase_gemm", true, true, false, consider_phase_gemm, make_of_dtype<PhaseGemm>};

}  // namespace tconv::methods
