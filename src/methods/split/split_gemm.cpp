#include "methods/split/split_gemm.h"

#include <algorithm>
#include <cstring>

#include "methods/candidates.h"
#include "packing/split_panel.h"

namespace tconv::methods {
namespace {

constexpr std::int64_t kWord = 4;

int tile_rows(const kernels::SplitSet& split) { return 2 * split.rows; }

float float_of(std::uint32_t bits) {
    float value;
    std::memcpy(&value, &bits, sizeof value);
    return value;
}

}  // namespace

SplitGemm::SplitGemm(const Request& request)
    : flow_(make_flow(request.problem, request.pass)),
      read_(request.read),
      write_(request.write),
      activation_(request.problem.activation),
      has_residual_(request.problem.has_sum),
      set_(request.unit.f32()),
      split_(*set_.split),
      threads_(request.threads),
      layout_(make_phase_layout(flow_, tile_rows(split_), false)),
      order_(flow_, layout_, split_) {
    constexpr std::int64_t kScratchBytes = std::int64_t{64} << 10;
    tile_lanes_ = kSplitTileLanes * split_.lanes;
    std::int64_t most_phases = 0;
    for (const PhaseJob& job : layout_.jobs) most_phases = std::max(most_phases, job.phases);
    const std::int64_t rows = most_phases * layout_.block_channels,
                       reads = static_cast<std::int64_t>(layout_.read_phases.size());
    const std::int64_t planes = reads * packing::split_planes(split_.depth);
    constexpr std::int64_t kWaitingBytes = std::int64_t{1} << 20;
    const BlockLimits limits{panel_bytes() / kWord,
                             split_.lanes,
                             tile_lanes_,
                             kWaitingBytes / (kWord * std::max<std::int64_t>(1, rows)),
                             std::int64_t{1} << 40,
                             threads_,
                             layout_.weight_elements(flow_)};
    Flow of_groups = flow_;
    of_groups.read_channels = order_.depth_groups;
    blocks_ = choose_blocks(of_groups, layout_.shifts(), planes, layout_.taps, kWord, limits);
    threads_ = std::clamp<std::int64_t>(blocks_.count() * flow_.groups * layout_.job_count(), 1, threads_);
    stores_ = OutputStores(request);
    // A job's last matrix tile may have more rows than the job, and more lanes than the planes.
    const std::int64_t tile_elements = (rows + split_.rows) * tile_lanes_;
    tiles_ = PhaseTiles::make(layout_, blocks_, order_.depth_groups, tile_elements, tile_lanes_, 2, kWord);
    panel_words_ = whole_lines<std::uint32_t>(blocks_.plane_stride * blocks_.channels * planes + tile_lanes_);
    scratch_channels_ =
        std::clamp<std::int64_t>(kScratchBytes / (kWord * reads * blocks_.plane_stride) / 2 * 2, 2, split_.depth);
    scratch_words_ = whole_lines<std::uint32_t>(scratch_channels_ * reads * blocks_.plane_stride);
    tile_words_ = whole_lines<std::uint32_t>(tiles_.waiting * tile_elements);
    spare_words_ = has_residual_ ? whole_lines<std::uint32_t>(most_phases * tile_lanes_) : 0;
    table_words_ = whole_lines<std::uint32_t>(layout_.taps);
    whole_words_ = whole_lines<std::uint32_t>((split_.rows + 1) * split_.depth);
    worker_bytes_ = kWord * (panel_words_ + scratch_words_ + tile_words_ + spare_words_ + table_words_ + whole_words_);
}

std::string SplitGemm::kernel() const {
    return std::string(set_.name) + " " + std::to_string(split_.rows) + "x" + std::to_string(split_.lanes) + "x" +
           std::to_string(split_.depth) + " tiles of split numbers, lanes are pixels";
}

std::vector<std::string> SplitGemm::details() const {
    const auto number = [](std::int64_t value) { return std::to_string(value); };
    std::vector<std::string> lines;
    lines.push_back(number(blocks_.count()) + (blocks_.count() == 1 ? " block" : " blocks") + " of up to " +
                    number(blocks_.largest_lanes) + " lanes, " + number(blocks_.channels) + " of " +
                    number(order_.depth_groups) + " groups of " + number(split_.depth) +
                    " read channels at a time: panels of " + number(kWord * panel_words_) + " bytes");
    lines.push_back(number(layout_.job_count()) + " jobs a group: " + number(layout_.block_channels) +
                    " channels by up to " + number(layout_.jobs.front().phases) + " phases of the last axis");
    lines.push_back("six products of bfloat16 parts for one of f32");
    return lines;
}

std::string SplitGemm::weight_format() const {
    return "split" + std::to_string(split_.rows) + "x" + std::to_string(split_.depth) + "x" +
           std::to_string(layout_.block_channels);
}

void SplitGemm::pack(const void* weights, void* packed) const noexcept {
    pack_split_weights(flow_, layout_, order_, static_cast<const float*>(weights), set_, packed);
}

struct SplitGemm::Worker {
    const SplitGemm& method;
    const Call& call;
    std::uint32_t* panel;
    float *scratch, *tiles, *spare, *whole;
    std::int32_t* table;
    const std::uint16_t* weights;
    bool weights_are_split;
    packing::PanelShape block{};
    std::int64_t group = 0, planes = 0;
    std::int64_t chunk_channels = 0;  // in the panel
    bool is_split = true;             // what is in the panel; else its planes are of floats
    PhaseStore<float> store;

    Worker(const SplitGemm& m, const Call& c, std::int64_t index)
        : method(m),
          call(c),
          panel(reinterpret_cast<std::uint32_t*>(static_cast<std::byte*>(c.workspace) + index * m.worker_bytes_)),
          scratch(reinterpret_cast<float*>(panel + m.panel_words_)),
          tiles(scratch + m.scratch_words_),
          spare(tiles + m.tile_words_),
          whole(spare + m.spare_words_),
          table(reinterpret_cast<std::int32_t*>(whole + m.whole_words_)),
          weights(reinterpret_cast<const std::uint16_t*>(static_cast<const std::byte*>(c.packed) +
                                                         SplitWeights::kHeaderBytes)),
          weights_are_split(*static_cast<const unsigned char*>(c.packed) != 0),
          planes(static_cast<std::int64_t>(m.layout_.read_phases.size())),
          store{m.flow_,
                m.write_,
                m.set_,
                m.activation_,
                static_cast<const float*>(c.bias),
                static_cast<const float*>(c.residual),
                static_cast<float*>(c.output),
                m.stores_.of(c.output)} {}

    // The offsets of every tap set's taps, one set after the other.
    void make_table() const noexcept {
        std::int32_t* at = table;
        const std::int64_t rows = method.layout_.axes[1].planes(), columns = method.layout_.axes[2].planes();
        for (const TapSet& set : method.layout_.tap_sets) {
            const PhaseTaps all = method.layout_.taps_in(set);
            all.for_each(0, all.count(), [&](const AxisTap& d, const AxisTap& h, const AxisTap& w) {
                const std::int64_t plane = (d.plane * rows + h.plane) * columns + w.plane;
                *at++ = static_cast<std::int32_t>(plane * block.plane_stride +
                                                  block.shift_offset(d.shift, h.shift, w.shift));
            });
        }
    }

    void work(std::int64_t first, std::int64_t last) noexcept {
        make_table();
        do_phase_jobs(method.flow_, method.layout_, method.blocks_, method.order_.depth_groups, method.tiles_, block,
                      group, {first, last}, asks_ahead(method.stores_, store, method.layout_), store, tiles, spare,
                      *this);
    }

    void fill(const Range& groups) noexcept {
        const std::int64_t depth = method.split_.depth, first = groups.begin * depth;
        const std::int64_t channels = std::min(groups.end * depth, method.flow_.read_channels) - first;
        const float* const input =
            static_cast<const float*>(call.input) + (group * method.flow_.read_channels + first) * method.read_.channel;
        const std::span<const packing::ReadPhase> phases(method.layout_.read_phases);
        is_split = weights_are_split &&
                   kernels::may_split(packing::fill_split_panel(block, method.flow_, method.read_, input, channels,
                                                                phases, method.layout_.together, method.set_,
                                                                method.scratch_channels_, scratch, panel));
        if (!is_split)
            packing::fill_panel(block, method.flow_, method.read_, input, channels, phases, method.layout_.together,
                                method.set_, reinterpret_cast<float*>(panel));
        chunk_channels = channels;
    }

    std::int64_t most_lanes(const PhaseWork&) const noexcept { return method.tile_lanes_; }

    void compute(const PhaseWork& work, const Range& groups, std::int64_t vectors,
                 const PhaseTile<float>& tile) const noexcept {
        const kernels::SplitSet& split = method.split_;
        const SplitWeights& order = method.order_;
        kernels::SplitSteps steps;
        steps.groups = groups.size();
        steps.pair_stride = planes * block.plane_stride;
        steps.part_stride = split.depth / 2 * steps.pair_stride;
        steps.group_stride = 3 * steps.part_stride;
        const std::uint32_t* const pixels = panel + (tile.first_lane - block.begin);
        const std::uint16_t* const of_block =
            weights + group * order.group_elements + work.channel_block * order.block_elements;
        for (std::int64_t r = work.job.first_run; r < work.job.first_run + work.job.runs; ++r) {
            const PhaseRun& run = method.layout_.runs[static_cast<std::size_t>(r)];
            steps.taps = run.taps;
            steps.offsets = table + run.taps_before;
            steps.row_tile_stride = order.row_tile_elements(run);
            const std::uint16_t* const of_run = of_block + order.run_offsets[static_cast<std::size_t>(r)] +
                                                groups.begin * run.taps * order.step_elements();
            float* const to = tile.rows + run.first_phase * work.channels.size() * tile.pitch;
            const std::int64_t rows = run.phases * work.channels.size();
            const bool adds = groups.begin > 0;
            if (is_split)
                multiply(steps, of_run, ceil_div(rows, split.rows), pixels, vectors, to, tile.pitch, adds);
            else
                multiply_whole(steps, of_run, rows, reinterpret_cast<const float*>(pixels), vectors, to, tile.pitch,
                               adds);
        }
    }

    // Matrix tiles two by two; those left over in a line of up to four.
    void multiply(const kernels::SplitSteps& steps, const std::uint16_t* w, std::int64_t row_tiles,
                  const std::uint32_t* pixels, std::int64_t lane_tiles, float* to, std::int64_t pitch,
                  bool adds) const noexcept {
        const kernels::SplitSet& split = method.split_;
        for (std::int64_t i = 0; i < row_tiles;) {
            const std::int64_t rows = lane_tiles == 1 ? std::min<std::int64_t>(split.most_row_tiles, row_tiles - i)
                                                      : std::min<std::int64_t>(2, row_tiles - i);
            const std::int64_t most = rows == 1 ? split.most_lane_tiles : 2;
            for (std::int64_t j = 0; j < lane_tiles;) {
                const std::int64_t lanes = std::min(most, lane_tiles - j);
                split.tile[rows - 1][lanes - 1](steps, w + i * steps.row_tile_stride, pixels + j * split.lanes,
                                                to + i * split.rows * pitch + j * split.lanes, pitch, adds);
                j += lanes;
            }
            i += rows;
        }
    }

    // One row tile and step at a time, by the unit's tiles of f32.
    void multiply_whole(const kernels::SplitSteps& steps, const std::uint16_t* w, std::int64_t rows,
                        const float* pixels, std::int64_t lane_tiles, float* to, std::int64_t pitch,
                        bool adds) const noexcept {
        const kernels::SplitSet& split = method.split_;
        const kernels::KernelSet<float>& set = method.set_;
        auto* const offsets = reinterpret_cast<std::int32_t*>(whole + split.rows * split.depth);
        const std::int64_t vectors = lane_tiles * split.lanes / set.lanes;
        if (!adds)
            for (std::int64_t row = 0; row < rows; ++row) std::fill_n(to + row * pitch, lane_tiles * split.lanes, 0.0f);
        for (std::int64_t n = 0; n < steps.groups * steps.taps; ++n) {
            const std::int64_t first = n / steps.taps * split.depth,
                               channels = std::min<std::int64_t>(split.depth, chunk_channels - first);
            for (std::int64_t c = 0; c < channels; ++c)
                offsets[c] = static_cast<std::int32_t>((first + c) * steps.pair_stride + steps.offsets[n % steps.taps]);
            for (std::int64_t row = 0; row < rows;) {
                const std::int64_t in_tile = row % split.rows;
                const std::int64_t some = std::min({split.rows - in_tile, rows - row, std::int64_t{set.rows}});
                put_together(w + row / split.rows * steps.row_tile_stride + n * method.order_.step_elements(), in_tile,
                             some);
                const std::int64_t most = set.widest[some - 1];
                for (std::int64_t v = 0; v < vectors; v += most)
                    set.tile[some - 1][std::min(most, vectors - v) - 1](channels, whole, pixels + v * set.lanes,
                                                                        offsets, 0, to + row * pitch + v * set.lanes,
                                                                        pitch, true);
                row += some;
            }
        }
    }

    // Rows of a step's weights as a stream of floats, [channel][row].
    void put_together(const std::uint16_t* step, std::int64_t first_row, std::int64_t rows) const noexcept {
        const std::int64_t depth = method.split_.depth, part = method.split_.rows * depth;
        for (std::int64_t c = 0; c < depth; ++c)
            for (std::int64_t r = 0; r < rows; ++r) {
                const std::int64_t at = (first_row + r) * depth + c;
                const auto of_part = [&](std::int64_t p) {
                    return float_of(static_cast<std::uint32_t>(step[p * part + at]) << 16);
                };
                whole[c * rows + r] = weights_are_split ? of_part(0) + (of_part(1) + of_part(2))
                                                        : reinterpret_cast<const float*>(step)[at];
            }
    }
};

void SplitGemm::run(const Call& call) const noexcept {
    const std::int64_t jobs = layout_.job_count();
    const std::int64_t items = flow_.write_channels == 0 ? 0 : blocks_.count() * flow_.groups * jobs;
    for_each_worker(call.executor, threads_, [&](std::int64_t index) {
        const Range mine = share(items, threads_, index);
        if (mine.empty()) return;
        Worker worker(*this, call, index);
        split_.begin();
        for (std::int64_t item = mine.begin; item < mine.end;) {
            const std::int64_t first = item % jobs;
            const std::int64_t last = std::min(jobs, first + mine.end - item);
            worker.block = blocks_.block(flow_, item / jobs / flow_.groups);
            worker.group = item / jobs % flow_.groups;
            worker.work(first, last);
            item += last - first;
        }
        split_.end();
        if (stores_.of(call.output) == kernels::Stores::streaming) set_.flush();
    });
}

const Candidate kSplitGemm{"split_gemm", true, true, false, consider_split_gemm, [](const Request& request) {
                               return std::unique_ptr<Method>(new (std::nothrow) SplitGemm(request));
                           }};

}  // namespace tconv::methods
