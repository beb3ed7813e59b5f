#include "methods/winograd/winograd.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "methods/candidates.h"
#include "methods/output_stores.h"
#include "methods/phase/phase_jobs.h"
#include "methods/phase/phase_store.h"
#include "methods/step_cost.h"
#include "methods/winograd/winograd_plan.h"

namespace tconv::methods {
namespace {

// Even and odd rows and columns.
constexpr packing::ReadPhase kParities[] = {{0, 0, 0}, {0, 0, 1}, {0, 1, 0}, {0, 1, 1}};
constexpr std::int64_t kParityPlanes = 4;

template <class T>
class Winograd final : public Method {
public:
    explicit Winograd(const Request& request)
        : plan_(*make_winograd_plan(request, request.unit.set<T>().rows)),
          read_(request.read),
          write_(request.write),
          activation_(request.problem.activation),
          has_residual_(request.problem.has_sum),
          set_(request.unit.set<T>()),
          threads_(request.threads),
          stores_(request) {
        constexpr std::int64_t kElement = sizeof(T), kWaitingBytes = std::int64_t{1} << 20;
        const std::int64_t rows = plan_.phases_w() * plan_.block_channels;
        vectors_ = set_.widest[rows - 1];
        const std::int64_t lanes = vectors_ * set_.lanes;
        std::array<Range, Problem::kMaxRank> shifts{Range{0, 1}, Range{}, Range{}};
        for (std::size_t i = 0; i < 2; ++i) shifts[i + 1] = {plan_.shift(i, 0), plan_.shift(i, plan_.axes[i].taps) + 1};
        const std::int64_t tile = plan_.products * std::max<std::int64_t>(1, rows) * lanes;
        const BlockLimits limits{panel_bytes() / kElement, set_.lanes, lanes,
                                 std::max(lanes, kWaitingBytes / (kElement * tile) * lanes), std::int64_t{1} << 16};
        plan_.blocks = choose_blocks(plan_.tiles, shifts, plan_.products, 1, kElement, limits);
        tiles_ = PhaseTiles{tile, lanes, set_.lanes};
        if (plan_.blocks.channels < plan_.flow.read_channels) {
            const std::int64_t each = ceil_div(plan_.blocks.most_lanes, lanes);
            tiles_.jobs_at_once = std::clamp<std::int64_t>(kWaitingBytes / (each * tile * kElement), 1, plan_.jobs());
            tiles_.waiting = each * tiles_.jobs_at_once;
        }
        threads_ = std::clamp<std::int64_t>(items(), 1, threads_);
        const std::int64_t stride = plan_.blocks.plane_stride;
        panel_elements_ = whole_lines<T>(plan_.blocks.channels * plan_.products * stride + lanes);
        scratch_elements_ = whole_lines<T>((kParityPlanes + 2 * plan_.axes[1].points) * stride);
        // Sums over the last axis's products for each of the other's, then the outputs.
        sums_elements_ = whole_lines<T>((2 * plan_.axes[0].points + 4) * rows * lanes);
        spare_elements_ = has_residual_ ? whole_lines<T>(2 * plan_.phases_w() * lanes) : 0;
        table_elements_ = ceil_div(plan_.blocks.channels, 16) * 16;
        worker_bytes_ = kElement * (panel_elements_ + scratch_elements_ + sums_elements_ + spare_elements_ +
                                    whole_lines<T>(tiles_.waiting * tile)) +
                        4 * table_elements_;
    }

    std::string kernel() const override {
        return std::string(set_.name) + " " + std::to_string(plan_.phases_w() * plan_.block_channels) + "x" +
               std::to_string(vectors_ * set_.lanes) + " tiles, lanes are places of 2 x 2 points";
    }

    std::vector<std::string> details() const override {
        const auto number = [](std::int64_t value) { return std::to_string(value); };
        const std::int64_t direct = 4 * plan_.axes[0].taps * plan_.axes[1].taps;
        return {number(plan_.products) + " products instead of " + number(direct) + " for 2 x 2 outputs of each phase",
                number(plan_.blocks.count()) + (plan_.blocks.count() == 1 ? " block" : " blocks") + " of up to " +
                    number(plan_.blocks.most_lanes) + " places, " + number(plan_.blocks.channels) + " of " +
                    number(plan_.flow.read_channels) + " read channels at a time",
                number(plan_.jobs()) + " jobs a group: " + number(plan_.block_channels) + " channels by " +
                    number(plan_.phases_w()) + " phases of the last axis"};
    }

    std::int64_t workspace_bytes() const noexcept override { return threads_ * worker_bytes_; }
    std::int64_t packed_elements() const noexcept override { return plan_.flow.groups * plan_.group_elements(); }
    std::string weight_format() const override { return "winograd" + std::to_string(plan_.block_channels); }
    void pack(const void* weights, void* packed) const noexcept override {
        pack_winograd_weights(plan_, static_cast<const T*>(weights), static_cast<T*>(packed));
    }

    void run(const Call& call) const noexcept override {
        const std::int64_t jobs = plan_.jobs();
        for_each_worker(call.executor, threads_, [&](std::int64_t index) {
            const Range mine = share(items(), threads_, index);
            Worker worker(*this, call, index);
            for (std::int64_t item = mine.begin; item < mine.end;) {
                const Range some{item % jobs, std::min(jobs, item % jobs + mine.end - item)};
                worker.work(item / jobs / plan_.flow.groups, item / jobs % plan_.flow.groups, some);
                item += some.size();
            }
            if (stores_.of(call.output) == kernels::Stores::streaming) set_.flush();
        });
    }

private:
    std::int64_t items() const noexcept {
        return plan_.flow.write_channels == 0 ? 0 : plan_.blocks.count() * plan_.flow.groups * plan_.jobs();
    }

    struct Worker {
        const Winograd& method;
        const WinogradPlan& plan;
        const Call& call;
        T *panel, *scratch, *sums, *spare, *tiles;
        std::int32_t* table;
        packing::PanelShape block{};
        std::int64_t group = 0;
        PhaseStore<T> store;

        Worker(const Winograd& m, const Call& c, std::int64_t index)
            : method(m),
              plan(m.plan_),
              call(c),
              panel(reinterpret_cast<T*>(static_cast<std::byte*>(c.workspace) + index * m.worker_bytes_)),
              scratch(panel + m.panel_elements_),
              sums(scratch + m.scratch_elements_),
              spare(sums + m.sums_elements_),
              tiles(spare + m.spare_elements_),
              table(reinterpret_cast<std::int32_t*>(static_cast<std::byte*>(c.workspace) +
                                                    (index + 1) * m.worker_bytes_) -
                    m.table_elements_),
              store{plan.tiles,
                    m.write_,
                    m.set_,
                    m.activation_,
                    static_cast<const T*>(c.bias),
                    static_cast<const T*>(c.residual),
                    static_cast<T*>(c.output),
                    m.stores_.of(c.output)} {
            for (std::int64_t i = 0; i < plan.blocks.channels; ++i)
                table[i] = static_cast<std::int32_t>(i * plan.blocks.plane_stride);
        }

        void work(std::int64_t block_index, std::int64_t of_group, const Range& jobs) noexcept {
            block = plan.blocks.block(plan.tiles, block_index);
            group = of_group;
            const std::int64_t chunks =
                std::max<std::int64_t>(1, ceil_div(plan.flow.read_channels, plan.blocks.channels));
            for (std::int64_t job = jobs.begin; job < jobs.end;) {
                const std::int64_t end = chunks > 1 ? std::min(jobs.end, job + method.tiles_.jobs_at_once) : jobs.end;
                for (std::int64_t chunk = 0; chunk < chunks; ++chunk) {
                    const Range read = share(plan.flow.read_channels, chunks, chunk);
                    fill(read);
                    for (std::int64_t j = job; j < end; ++j) do_job(j, chunks > 1 ? j - job : 0, chunks > 1, read);
                }
                job = end;
            }
        }

        // The panel: the inputs' differences, [product][channel] planes of places.
        void fill(const Range& channels) const noexcept {
            const WinogradAxis &h = plan.axes[0], &w = plan.axes[1];
            const std::int64_t stride = block.plane_stride, lanes = block.end - block.begin;
            const std::int64_t places = lanes - block.reach();
            const std::int64_t reach_w = block.axes[2].most - block.axes[2].least;
            for (std::int64_t c = channels.begin; c < channels.end; ++c) {
                const T* const input =
                    static_cast<const T*>(call.input) + (group * plan.flow.read_channels + c) * method.read_.channel;
                packing::fill_panel(block, plan.tiles, method.read_, input, 1,
                                    std::span<const packing::ReadPhase>(kParities), 2, method.set_, scratch);
                // Along rows, for even and odd rows.
                const T* columns[2][WinogradAxis::kMostPoints];
                T* to = scratch + kParityPlanes * stride;
                for (std::int64_t row = 0; row < 2; ++row) {
                    const auto input_at = [&](int i) {
                        return scratch + (2 * row + plan.parity(1, i)) * stride + plan.shift(1, i) -
                               block.axes[2].least;
                    };
                    for (int j = 0; j < w.points; ++j, to += stride)
                        columns[row][j] = term(w.inputs[static_cast<std::size_t>(j)], input_at, lanes - reach_w, to);
                }
                T* plane = panel + (c - channels.begin) * stride;
                for (int i = 0; i < h.points; ++i)
                    for (int j = 0; j < w.points; ++j, plane += plan.blocks.channels * stride) {
                        const auto input_at = [&](int k) {
                            return columns[plan.parity(0, k)][j] +
                                   (plan.shift(0, k) - block.axes[1].least) * block.pitch;
                        };
                        const T* const at = term(h.inputs[static_cast<std::size_t>(i)], input_at, places, plane);
                        if (at != plane) std::memcpy(plane, at, static_cast<std::size_t>(places) * sizeof(T));
                    }
            }
        }

        // Where a term's sum is: in `to`, or where its only part lies.
        template <class InputAt>
        const T* term(const WinogradTerm& of, const InputAt& input_at, std::int64_t count, T* to) const noexcept {
            if (of.factor == 0) return input_at(of.first);
            method.set_.combine(input_at(of.first), input_at(of.second), static_cast<T>(of.factor), count, to);
            return to;
        }

        void do_job(std::int64_t job, std::int64_t slot, bool is_chunked, const Range& read) const noexcept {
            const PhaseTiles& cut = method.tiles_;
            const std::int64_t lanes = block.end - block.begin - block.reach(),
                               vectors = ceil_div(lanes, cut.vector_lanes);
            const std::int64_t count = ceil_div(vectors * cut.vector_lanes, cut.lanes);
            const std::int64_t slot_tiles = ceil_div(plan.blocks.most_lanes, cut.lanes);
            for (std::int64_t t = 0; t < count; ++t) {
                const Range part = share(vectors, count, t);
                PhaseTile<T> tile;
                tile.pitch = cut.lanes;
                tile.first_lane = block.begin + part.begin * cut.vector_lanes;
                tile.lanes = std::min(part.size() * cut.vector_lanes, block.begin + lanes - tile.first_lane);
                T* const products = tiles + (is_chunked ? slot * slot_tiles + t : 0) * cut.elements;
                multiply(job, read, part.size(), tile, products);
                if (read.end == plan.flow.read_channels) store_outputs(job, products, tile);
            }
        }

        void multiply(std::int64_t job, const Range& read, std::int64_t vectors, const PhaseTile<T>& tile,
                      T* products) const noexcept {
            const std::int64_t rows = plan.phases_w() * plan.channels(job / plan.phases_h()).size();
            const T* const weights =
                static_cast<const T*>(call.packed) + group * plan.group_elements() + plan.job_offset(job);
            const auto kernel = method.set_.tile[rows - 1][vectors - 1];
            for (std::int64_t p = 0; p < plan.products; ++p)
                kernel(read.size(), weights + (p * plan.flow.read_channels + read.begin) * rows,
                       panel + p * plan.blocks.channels * block.plane_stride + tile.first_lane - block.begin, table, 0,
                       products + p * rows * tile.pitch, tile.pitch, read.begin > 0);
        }

        void store_outputs(std::int64_t job, const T* products, PhaseTile<T> tile) const noexcept {
            const std::int64_t phase_h = job % plan.phases_h(), first = group * plan.flow.write_channels;
            const Range channels = plan.channels(job / plan.phases_h());
            const std::int64_t size = plan.phases_w() * channels.size() * tile.pitch;
            T* const outputs = add_products(products, size);
            for (std::int64_t y = 0; y < 2; ++y) {
                tile.rows = outputs + y * 2 * size;
                const PhaseTarget target(plan.tiles, {0, 2 * plan.phases_w()}, 0, y * plan.phases_h() + phase_h,
                                         {first + channels.begin, first + channels.end});
                store.put(block, target, tile, spare);
            }
        }

        // From [product][row][lane] to outputs [y][x][row][lane], each of `size` elements.
        T* add_products(const T* products, std::int64_t size) const noexcept {
            const WinogradAxis &h = plan.axes[0], &w = plan.axes[1];
            T* const outputs = sums + 2 * h.points * size;
            for (int i = 0; i < h.points; ++i)
                for (std::size_t x = 0; x < 2; ++x)
                    add(w.outputs[x], w.points, products + i * w.points * size, size, size,
                        sums + (i * 2 + static_cast<std::int64_t>(x)) * size);
            for (std::size_t y = 0; y < 2; ++y)
                for (std::int64_t x = 0; x < 2; ++x)
                    add(h.outputs[y], h.points, sums + x * size, 2 * size, size,
                        outputs + (2 * static_cast<std::int64_t>(y) + x) * size);
            return outputs;
        }

        // The sum of arrays `step` apart with these factors, the first of which that is not 0 is 1.
        void add(const std::array<int, WinogradAxis::kMostPoints>& factors, int count, const T* from, std::int64_t step,
                 std::int64_t size, T* to) const noexcept {
            const T* sum = nullptr;
            for (int i = 0; i < count; ++i) {
                const int factor = factors[static_cast<std::size_t>(i)];
                if (factor == 0) continue;
                if (sum == nullptr) {
                    sum = from + i * step;
                    continue;
                }
                method.set_.combine(sum, from + i * step, static_cast<T>(factor), size, to);
                sum = to;
            }
        }
    };

    WinogradPlan plan_;
    SideStrides read_, write_;
    Activation activation_;
    bool has_residual_;
    const kernels::KernelSet<T>& set_;
    std::int64_t threads_;
    OutputStores stores_;
    PhaseTiles tiles_{};
    int vectors_ = 1;  // of a tile
    std::int64_t panel_elements_ = 0, scratch_elements_ = 0, sums_elements_ = 0, spare_elements_ = 0,
                 table_elements_ = 0, worker_bytes_ = 0;
};

// Multiplications, sums before and after them, and what phase_gemm has of packing and storing.
template <class T>
Estimate estimate(const Request& request, const WinogradPlan& plan) {
    constexpr double kStep = 1.12, kTile = 66, kOutput = 0.8, kElement = 4, kWrittenRow = 40;
    const kernels::KernelSet<T>& set = request.unit.set<T>();
    const Range h = hull_of(plan.tiles.axes[1]), w = hull_of(plan.tiles.axes[2]);
    const double rows = static_cast<double>(plan.phases_w() * plan.block_channels);
    const double width = static_cast<double>(set.widest[static_cast<int>(rows) - 1]);
    const double places = static_cast<double>(h.size() * (w.size() + 1));
    const double vectors = std::ceil(places / set.lanes), tiles = std::ceil(vectors / width);
    const double jobs = static_cast<double>(plan.jobs()), channels = static_cast<double>(plan.flow.read_channels);
    const double products = static_cast<double>(plan.products);
    const double times = static_cast<double>(plan.flow.batch * plan.flow.groups);
    Estimate result;
    result.cycles =
        times * (jobs * tiles * products *
                     (channels * kStep * step_cycles(rows, vectors / tiles) + kTile + rows * vectors / tiles) +
                 places * channels * kElement + 4 * jobs * rows * places * kOutput +
                 2 * jobs * static_cast<double>(h.size() * plan.block_channels) * kWrittenRow);
    result.executed_flops = times * jobs * products * 2 * rows * channels * vectors * set.lanes;
    return result;
}

}  // namespace

Result<Estimate> consider_winograd(const Request& request) {
    if (!request.allows_winograd)
        return Error{ErrorCode::unsupported, "it is less exact, so it is taken only where that is allowed"};
    const bool is_f32 = request.problem.dtype == DType::f32;
    const auto plan = make_winograd_plan(request, is_f32 ? request.unit.f32().rows : request.unit.f64().rows);
    if (!plan) return plan.error();
    return is_f32 ? estimate<float>(request, *plan) : estimate<double>(request, *plan);
}

const Candidate kWinograd{"winograd", true, true, false, consider_winograd, make_of_dtype<Winograd>};

}  // namespace tconv::methods
