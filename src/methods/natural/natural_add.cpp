#include "methods/natural/natural_add.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "methods/natural/natural_stamps.h"
#include "methods/step_cost.h"

namespace tconv::methods {
namespace {

constexpr std::int64_t kMostPixels = 64;
constexpr std::int64_t kColumnElements = 32 << 10;  // of a block: with the sums, a part of the second-level cache
constexpr std::int64_t kMostInput = 128 << 10;      // elements of the pixels, of a group
constexpr std::int64_t kMostFine = 16 << 10;        // elements of a sample's channel
constexpr std::int64_t kMostRuns = 16 << 10;
constexpr std::int64_t kWantedBlocks = 16;  // to share
// Read channels at a time: their rows of weights are often a power of two apart, so that all their lines are of one set
// of the first-level cache, which has eight or twelve.
constexpr std::int64_t kChunk = 8;

// How channels and lanes are cut.
struct Tiling {
    std::int64_t pixels = 0;               // of all samples
    std::int64_t rows = 1, row_tiles = 0;  // pixels of the tallest tile, tiles
    std::int64_t vectors = 1, width = 1;   // of a tile, and its elements
    std::int64_t blocks = 1;               // of a group's written channels
    std::int64_t block_channels = 1;       // of the largest
    std::int64_t lane_tiles = 1;           // of the largest block

    std::int64_t column_pitch() const noexcept { return lane_tiles * width; }
};

std::int64_t pixels_of(const Flow& flow) {
    return flow.batch * flow.axes[0].read_size * flow.axes[1].read_size * flow.axes[2].read_size;
}

std::int64_t fine_of(const Flow& flow) {
    return flow.axes[0].write_size * flow.axes[1].write_size * flow.axes[2].write_size;
}

// Of a flow that check() has accepted.
template <class T>
Tiling make_tiling(const Flow& flow, const kernels::KernelSet<T>& set) {
    Tiling tiling;
    tiling.pixels = pixels_of(flow);
    tiling.row_tiles = ceil_div(tiling.pixels, set.rows);
    tiling.rows = ceil_div(tiling.pixels, tiling.row_tiles);
    const std::int64_t widest = set.widest[tiling.rows - 1] * set.lanes;
    // Blocks of whole channels, none narrower than a tile.
    const std::int64_t most = std::max<std::int64_t>(1, kColumnElements / (tiling.pixels * flow.taps));
    const std::int64_t least = ceil_div(widest, flow.taps);
    tiling.blocks = std::max(ceil_div(flow.write_channels, most), std::min(kWantedBlocks, flow.write_channels / least));
    tiling.blocks = std::max<std::int64_t>(1, tiling.blocks);
    tiling.block_channels = ceil_div(flow.write_channels, tiling.blocks);
    const std::int64_t narrowest = flow.write_channels / tiling.blocks * flow.taps;
    tiling.vectors = std::min<std::int64_t>(set.widest[tiling.rows - 1], narrowest / set.lanes);
    tiling.width = tiling.vectors * set.lanes;
    tiling.lane_tiles = ceil_div(tiling.block_channels * flow.taps, tiling.width);
    return tiling;
}

Result<void> check(const Flow& flow, int lanes) {
    const auto refuse = [](std::string reason) { return Error{ErrorCode::unsupported, std::move(reason)}; };
    const std::int64_t pixels = pixels_of(flow);
    if (pixels < 1 || pixels > kMostPixels)
        return refuse("it is for inputs of 1 to " + std::to_string(kMostPixels) + " pixels, all samples together");
    if (flow.read_channels < 1 || flow.read_channels * pixels > kMostInput)
        return refuse("it is for 1 to " + std::to_string(kMostInput) + " input elements of a group");
    if (fine_of(flow) > kMostFine)
        return refuse("it is for outputs of at most " + std::to_string(kMostFine) + " elements of a channel");
    if (flow.taps > kColumnElements / pixels) return refuse("the kernel is too large for its sums");
    if (most_natural_runs(flow) > static_cast<double>(kMostRuns))
        return refuse("the stamps have too many rows of taps");
    const std::int64_t most_channels = std::max<std::int64_t>(1, kColumnElements / (pixels * flow.taps));
    const std::int64_t blocks = ceil_div(std::max<std::int64_t>(1, flow.write_channels), most_channels);
    if (flow.write_channels / blocks * flow.taps < lanes)
        return refuse("the weights of one read channel in one group are fewer than a vector's elements");
    constexpr std::int64_t kMostOffset = std::numeric_limits<std::int32_t>::max();
    if (flow.weight_read_stride > kMostOffset / kChunk) return refuse("a read channel's weights are too far apart");
    return {};
}

template <class T>
class NaturalAdd final : public Method {
public:
    explicit NaturalAdd(const Request& request)
        : flow_(make_flow(request.problem, request.pass)),
          read_(request.read),
          write_(request.write),
          activation_(request.problem.activation),
          has_residual_(request.problem.has_sum),
          set_(request.unit.set<T>()),
          tiling_(make_tiling(flow_, set_)),
          runs_(natural_runs(flow_)),
          fine_(fine_of(flow_)),
          stream_elements_(whole_lines<T>(tiling_.pixels * flow_.read_channels)),
          column_elements_(whole_lines<T>(tiling_.pixels * tiling_.column_pitch())),
          sums_elements_(whole_lines<T>(fine_)) {
        workers_ = std::clamp<std::int64_t>(items(), 1, request.threads);
        for (std::int64_t k = 0; k < kChunk; ++k)
            offsets_[static_cast<std::size_t>(k)] = static_cast<std::int32_t>(k * flow_.weight_read_stride);
    }

    std::string kernel() const override {
        return std::string(set_.name) + " " + std::to_string(tiling_.rows) + "x" + std::to_string(tiling_.width) +
               " tiles of pixels x (channels, taps)";
    }
    std::vector<std::string> details() const override {
        return {"weights are read as they are, once: " + std::to_string(flow_.write_channels * flow_.taps) +
                    " neighbours for each of " + std::to_string(flow_.read_channels) + " read channels",
                std::to_string(tiling_.blocks) + " block(s) of up to " + std::to_string(tiling_.block_channels) +
                    " written channels; " + std::to_string(runs_.size()) + " runs of taps a channel are added"};
    }
    std::int64_t workspace_bytes() const noexcept override { return workers_ * worker_bytes(); }
    std::int64_t packed_elements() const noexcept override {
        return flow_.groups * flow_.read_channels * flow_.write_channels * flow_.taps;
    }
    std::string weight_format() const override { return "natural"; }
    void pack(const void* weights, void* packed) const noexcept override {
        const T* const from = static_cast<const T*>(weights);
        std::copy(from, from + packed_elements(), static_cast<T*>(packed));
    }

    void run(const Call& call) const noexcept override {
        for_each_worker(call.executor, workers_, [&](std::int64_t worker) {
            T* const memory = reinterpret_cast<T*>(static_cast<std::byte*>(call.workspace) + worker * worker_bytes());
            const Range some = share(items(), workers_, worker);
            for (std::int64_t item = some.begin, group = -1; item < some.end; ++item) {
                if (item / tiling_.blocks != group) pack_pixels(call, group = item / tiling_.blocks, memory);
                const Range channels = share(flow_.write_channels, tiling_.blocks, item % tiling_.blocks);
                multiply(call, group, channels, memory);
                for (std::int64_t c = channels.begin; c < channels.end; ++c)
                    for (std::int64_t sample = 0; sample < flow_.batch; ++sample)
                        write(call, group, c, c - channels.begin, sample, memory);
            }
        });
    }

private:
    std::int64_t items() const noexcept { return flow_.groups * tiling_.blocks; }
    std::int64_t worker_bytes() const noexcept {
        return (stream_elements_ + column_elements_ + 2 * sums_elements_) * static_cast<std::int64_t>(sizeof(T));
    }
    T* columns(T* memory) const noexcept { return memory + stream_elements_; }
    T* sums(T* memory) const noexcept { return memory + stream_elements_ + column_elements_; }
    Range rows_of(std::int64_t tile) const noexcept { return share(tiling_.pixels, tiling_.row_tiles, tile); }

    // Tile by tile: [channel][rows of the tile].
    void pack_pixels(const Call& call, std::int64_t group, T* to) const noexcept {
        const T* const input = static_cast<const T*>(call.input) + group * flow_.read_channels * read_.channel;
        const std::int64_t height = flow_.axes[1].read_size, width = flow_.axes[2].read_size;
        const std::int64_t plane = flow_.axes[0].read_size * height * width;
        for (std::int64_t tile = 0; tile < tiling_.row_tiles; ++tile) {
            const Range rows = rows_of(tile);
            for (std::int64_t pixel = rows.begin; pixel < rows.end; ++pixel) {
                const std::int64_t at = pixel % plane;
                const T* const from = input + pixel / plane * read_.sample + at / (height * width) * read_.axes[0] +
                                      at / width % height * read_.axes[1] + at % width * read_.axes[2];
                T* const stream = to + rows.begin * flow_.read_channels + (pixel - rows.begin);
                for (std::int64_t c = 0; c < flow_.read_channels; ++c)
                    stream[c * rows.size()] = from[c * read_.channel];
            }
        }
    }

    // All sums of a block of channels. The last tile of lanes ends with the block, so that nothing behind a row of
    // weights is read; what it computes a second time is dropped.
    void multiply(const Call& call, std::int64_t group, const Range& channels, T* memory) const noexcept {
        const std::int64_t lanes = channels.size() * flow_.taps, pitch = tiling_.column_pitch(), width = tiling_.width;
        const std::int64_t tiles = ceil_div(lanes, width), last = lanes - width;
        const T* const weights = static_cast<const T*>(call.packed) + group * flow_.weight_group_stride +
                                 channels.begin * flow_.weight_write_stride;
        for (std::int64_t c = 0; c < flow_.read_channels; c += kChunk) {
            const std::int64_t steps = std::min(kChunk, flow_.read_channels - c);
            const T* const chunk = weights + c * flow_.weight_read_stride;
            for (std::int64_t tile = 0; tile < tiles; ++tile) {
                ask_for(chunk + std::min((tile + 1) * width, last), steps, tile + 1 < tiles);
                for (std::int64_t r = 0; r < tiling_.row_tiles; ++r) {
                    const Range rows = rows_of(r);
                    set_.tile[rows.size() - 1][tiling_.vectors - 1](
                        steps, memory + rows.begin * flow_.read_channels + c * rows.size(),
                        chunk + std::min(tile * width, last), offsets_.data(), 0,
                        columns(memory) + rows.begin * pitch + tile * width, pitch, c > 0);
                }
            }
        }
        const std::int64_t kept = lanes - (tiles - 1) * width;  // of the last tile
        if (kept == width) return;
        for (std::int64_t pixel = 0; pixel < tiling_.pixels; ++pixel) {
            T* const tile = columns(memory) + pixel * pitch + (tiles - 1) * width;
            std::copy(tile + (width - kept), tile + width, tile);
        }
    }

    // The rows of weights lie far apart, so that the CPU does not foresee them.
    void ask_for(const T* lanes, std::int64_t steps, bool is_there) const noexcept {
#if defined(__GNUC__)
        constexpr std::int64_t kLine = 64 / static_cast<std::int64_t>(sizeof(T));
        if (!is_there) return;
        for (std::int64_t k = 0; k < steps; ++k, lanes += flow_.weight_read_stride)
            for (std::int64_t i = 0; i < tiling_.width; i += kLine) __builtin_prefetch(lanes + i, 0, 2);
#else
        (void)lanes, (void)steps, (void)is_there;
#endif
    }

    // One channel of one sample: the stamps, one after the other, and the epilogue.
    void write(const Call& call, std::int64_t group, std::int64_t channel, std::int64_t in_block, std::int64_t sample,
               T* memory) const noexcept {
        const std::int64_t of_all = group * flow_.write_channels + channel, pitch = tiling_.column_pitch();
        const T bias = call.bias == nullptr ? T(0) : static_cast<const T*>(call.bias)[of_all];
        T* const sum = sums(memory);
        std::fill(sum, sum + fine_, bias);
        const T* const from = columns(memory) + sample * (tiling_.pixels / flow_.batch) * pitch + in_block * flow_.taps;
        const std::int64_t step = flow_.axes[2].axis.dilation;
        for (const NaturalRun& run : runs_) {
            const T* const taps = from + run.pixel * pitch + run.tap;
            T* const to = sum + run.to;
            if (step == 1)
                for (std::int64_t i = 0; i < run.count; ++i) to[i] += taps[i];
            else
                for (std::int64_t i = 0; i < run.count; ++i) to[i * step] += taps[i];
        }
        store(call, sample * write_.sample + of_all * write_.channel, sum);
    }

    void store(const Call& call, std::int64_t offset, T* sum) const noexcept {
        const std::int64_t height = flow_.axes[1].write_size, width = flow_.axes[2].write_size, step = write_.axes[2];
        T* const output = static_cast<T*>(call.output) + offset;
        const T* const residual = has_residual_ ? static_cast<const T*>(call.residual) + offset : nullptr;
        const bool is_whole = (width == 1 || step == 1) && (height == 1 || write_.axes[1] == width) &&
                              (flow_.axes[0].write_size == 1 || write_.axes[0] == height * width);
        if (is_whole) return set_.finish(sum, residual, fine_, activation_, output, kernels::Stores::cached);
        for (std::int64_t line = 0; line < fine_ / width; ++line, sum += width) {
            const std::int64_t at = line / height * write_.axes[0] + line % height * write_.axes[1];
            T* const values = step == 1 ? output + at : sum;
            const T* other = residual == nullptr ? nullptr : residual + at;
            if (step != 1 && other != nullptr) {
                T* const gathered = sum + sums_elements_;
                for (std::int64_t i = 0; i < width; ++i) gathered[i] = other[i * step];
                other = gathered;
            }
            set_.finish(sum, other, width, activation_, values, kernels::Stores::cached);
            if (step == 1) continue;
            for (std::int64_t i = 0; i < width; ++i) output[at + i * step] = sum[i];
        }
    }

    Flow flow_;
    SideStrides read_, write_;
    Activation activation_;
    bool has_residual_;
    const kernels::KernelSet<T>& set_;
    Tiling tiling_;
    std::vector<NaturalRun> runs_;
    std::int64_t fine_, stream_elements_, column_elements_, sums_elements_, workers_ = 1;
    std::array<std::int32_t, kChunk> offsets_{};
};

// Cycles as in phase_choose.cpp.
template <class T>
Estimate estimate(const Request& request, const Flow& flow) {
    constexpr double kPerStep = 1.2, kPerTile = 40, kPerRun = 6, kPerTap = 0.7, kPerLine = 40, kBytesPerCycle = 10;
    const Tiling tiling = make_tiling(flow, request.unit.set<T>());
    const auto number = [](std::int64_t value) { return static_cast<double>(value); };
    const double tiles = number(flow.groups * tiling.blocks * tiling.lane_tiles * tiling.row_tiles);
    const double rows = number(tiling.pixels) / number(tiling.row_tiles), channels = number(flow.read_channels);
    const double written = number(flow.groups * flow.write_channels * flow.batch), fine = number(fine_of(flow));
    double pairs = 1;
    for (const FlowAxis& axis : flow.axes) pairs *= number(meeting_pairs(axis.axis));
    const double multiplying = tiles * (channels * kPerStep * step_cycles(rows, number(tiling.vectors)) +
                                        std::ceil(channels / number(kChunk)) * kPerTile);
    const double bytes = number(request.problem.weight_elements()) * sizeof(T);
    const double per_output = request.write.axes[2] == 1 ? 0.5 : 4 + shared_lines_cycles(request, 20);
    Estimate estimate;
    estimate.cycles =
        std::max(multiplying, bytes / kBytesPerCycle) + number(tiling.pixels) * channels * number(flow.groups) * 2 +
        written * (std::min(pairs, most_natural_runs(flow)) * kPerRun + pairs * kPerTap + fine * per_output + kPerLine);
    estimate.executed_flops = 2 * tiles * channels * rows * number(tiling.width);
    return estimate;
}

Result<Estimate> consider(const Request& request) {
    const Flow flow = make_flow(request.problem, request.pass);
    const bool is_f32 = request.problem.dtype == DType::f32;
    if (auto ok = check(flow, is_f32 ? request.unit.f32().lanes : request.unit.f64().lanes); !ok) return ok.error();
    return is_f32 ? estimate<float>(request, flow) : estimate<double>(request, flow);
}

}  // namespace

const Candidate kNaturalAdd{.name = "natural_add",
                            .serves_scatter = true,
                            .serves_gather = false,
                            .serves_weight_grad = false,
                            .consider = consider,
                            .make = make_of_dtype<NaturalAdd>,
                            .has_exact_edges = true,
                            .reads_natural = true};

}  // namespace tconv::methods
