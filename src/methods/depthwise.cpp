#include "methods/depthwise.h"

#include <algorithm>
#include <array>

#include "geometry/flow.h"

namespace tconv::methods {
namespace {

constexpr std::int64_t kMostTaps = 4096;      // in the tables of offsets
constexpr std::int64_t kMostStride = 4096;    // in the list of columns
constexpr std::int64_t kMostReach = 8192;     // columns whose taps may be cut off are listed one by one
constexpr std::int64_t kMostChannels = 2048;  // of an item
constexpr std::int64_t kPiece = 8192;         // elements of an item: a stretch of a row

// Written columns a stride apart, of one phase, that the same taps meet.
struct Columns {
    std::int64_t first = 0, count = 0;
    FlowHits hits{};  // of the first one
};

// All columns of a row: of each phase those at its ends, where taps are cut off, one by one, and between them the
// others.
std::vector<Columns> columns_of(const FlowAxis& w) {
    std::vector<Columns> all;
    for (std::int64_t phase = 0; phase < w.write_stride; ++phase) {
        const std::int64_t stride = w.write_stride, full = w.step_count(phase);
        const Range points = w.points(phase);
        const auto column = [&](std::int64_t q) { return stride * q + phase - w.write_origin; };
        std::int64_t begin = points.begin, end = points.end;
        const auto add = [&](std::int64_t q, std::int64_t count) {
            all.push_back({column(q), count, w.hits(column(q))});
        };
        while (begin < end && w.hits(column(begin)).count < full) add(begin++, 1);
        while (begin < end && w.hits(column(end - 1)).count < full) add(--end, 1);
        if (begin < end) add(begin, end - begin);
    }
    return all;
}

template <class T>
class Depthwise final : public Method {
public:
    explicit Depthwise(const Request& request)
        : flow_(make_flow(request.problem, request.pass)),
          read_(request.read),
          write_(request.write),
          activation_(request.problem.activation),
          has_residual_(request.problem.has_sum),
          set_(request.unit.set<T>()) {
        columns_ = columns_of(flow_.axes[2]);
        blocks_ = std::max<std::int64_t>(1, ceil_div(flow_.groups, kMostChannels));
        block_ = ceil_div(flow_.groups, blocks_);
        const std::int64_t columns = flow_.axes[2].write_size;
        pieces_ = ceil_div(columns, std::max<std::int64_t>(1, kPiece / block_));
        piece_ = ceil_div(columns, pieces_);
        items_ = flow_.batch * flow_.axes[0].write_size * flow_.axes[1].write_size * pieces_ * blocks_;
        workers_ = std::clamp<std::int64_t>(items_, 1, std::max(1, request.threads));
        const auto bytes = [](std::int64_t count, std::size_t each) {
            return ceil_div(count * static_cast<std::int64_t>(each), 64) * 64;
        };
        table_bytes_ = bytes(flow_.taps, sizeof(std::int64_t));
        line_bytes_ = has_residual_ ? bytes(piece_ * block_, sizeof(T)) : 0;
    }

    std::string kernel() const override { return std::string(set_.name) + " rows, lanes are channels"; }
    std::vector<std::string> details() const override {
        return {std::to_string(items_) + " stretches of up to " + std::to_string(piece_) + " written columns by " +
                std::to_string(block_) + " channels"};
    }
    std::int64_t workspace_bytes() const noexcept override { return workers_ * worker_bytes(); }
    std::int64_t packed_elements() const noexcept override { return flow_.groups * flow_.taps; }
    std::string weight_format() const override { return "tap_channel"; }
    void pack(const void* weights, void* packed) const noexcept override {
        set_.transpose(static_cast<const T*>(weights), flow_.taps, flow_.groups, flow_.taps, static_cast<T*>(packed),
                       flow_.groups);
    }

    void run(const Call& call) const noexcept override {
        for_each_worker(call.executor, workers_, [&](std::int64_t worker) {
            const Range mine = share(items_, workers_, worker);
            std::byte* const memory = static_cast<std::byte*>(call.workspace) + worker * worker_bytes();
            for (std::int64_t item = mine.begin; item < mine.end; ++item) write_piece(call, item, memory);
        });
    }

private:
    std::int64_t worker_bytes() const noexcept { return 2 * table_bytes_ + line_bytes_; }

    // A stretch of one written row, and what it reads.
    struct Piece {
        std::array<FlowHits, 2> outer{};  // of the first two axes
        const T* input = nullptr;         // the sample's element at index 0 of every axis, first channel of the block
        const T* weights = nullptr;
        const T* bias = nullptr;
        T* to = nullptr;  // the stretch's first column
        std::int64_t step = 0, channels = 0;
        Range columns{};
        std::int64_t* weight_offsets = nullptr;
        std::int64_t* offsets = nullptr;
    };

    void write_piece(const Call& call, std::int64_t item, std::byte* memory) const noexcept {
        const auto digit = [&](std::int64_t base) {
            const std::int64_t low = item % base;
            item /= base;
            return low;
        };
        const Range channels = share(flow_.groups, blocks_, digit(blocks_));
        Piece piece;
        piece.columns = share(flow_.axes[2].write_size, pieces_, digit(pieces_));
        const std::int64_t h = digit(flow_.axes[1].write_size), d = digit(flow_.axes[0].write_size), sample = item;
        piece.outer = {flow_.axes[0].hits(d), flow_.axes[1].hits(h)};
        piece.input = static_cast<const T*>(call.input) + sample * read_.sample + channels.begin;
        piece.weights = static_cast<const T*>(call.packed) + channels.begin;
        piece.bias = call.bias != nullptr ? static_cast<const T*>(call.bias) + channels.begin : nullptr;
        piece.channels = channels.size();
        piece.weight_offsets = reinterpret_cast<std::int64_t*>(memory);
        piece.offsets = reinterpret_cast<std::int64_t*>(memory + table_bytes_);
        const std::int64_t at = sample * write_.sample + d * write_.axes[0] + h * write_.axes[1] +
                                piece.columns.begin * write_.axes[2] + channels.begin;
        T* const output = static_cast<T*>(call.output) + at;
        // The residual may be the output: sums wait beside until it has been read.
        piece.to = has_residual_ ? reinterpret_cast<T*>(memory + 2 * table_bytes_) : output;
        piece.step = has_residual_ ? piece.channels : write_.axes[2];
        for (const Columns& columns : columns_) write_columns(piece, columns);
        finish(piece, call.residual != nullptr ? static_cast<const T*>(call.residual) + at : nullptr, output);
    }

    // Those of the columns that lie in the stretch.
    void write_columns(const Piece& piece, const Columns& columns) const noexcept {
        const FlowAxis& w = flow_.axes[2];
        const std::int64_t skipped =
            std::max<std::int64_t>(0, ceil_div(piece.columns.begin - columns.first, w.write_stride));
        const std::int64_t first = columns.first + skipped * w.write_stride;
        const std::int64_t count =
            std::min(columns.count - skipped, ceil_div(piece.columns.end - first, w.write_stride));
        if (count <= 0) return;
        const FlowHits& d = piece.outer[0];
        const FlowHits& h = piece.outer[1];
        const FlowHits& hits = columns.hits;
        // From one column to the next a scatter's taps read the next element, a gather's one a stride on.
        const std::int64_t moved = skipped * w.read_stride;
        std::int64_t steps = 0;
        for (std::int64_t i = 0; i < d.count; ++i)
            for (std::int64_t j = 0; j < h.count; ++j) {
                const std::int64_t row =
                    (d.read + i * d.read_step) * read_.axes[0] + (h.read + j * h.read_step) * read_.axes[1];
                const std::int64_t tap =
                    ((d.tap + i * d.tap_step) * flow_.axes[1].kernel + h.tap + j * h.tap_step) * flow_.axes[2].kernel;
                for (std::int64_t k = 0; k < hits.count; ++k, ++steps) {
                    piece.offsets[steps] = row + (hits.read + moved + k * hits.read_step) * read_.axes[2];
                    piece.weight_offsets[steps] = (tap + hits.tap + k * hits.tap_step) * flow_.groups;
                }
            }
        set_.channels(steps, piece.weights, piece.weight_offsets, piece.input, piece.offsets,
                      w.read_stride * read_.axes[2], piece.channels, count, piece.bias,
                      piece.to + (first - piece.columns.begin) * piece.step, w.write_stride * piece.step);
    }

    void finish(const Piece& piece, const T* residual, T* output) const noexcept {
        if (residual == nullptr && activation_.kind == Activation::Kind::none) return;
        if (piece.step == piece.channels && write_.axes[2] == piece.channels)
            return set_.finish(piece.to, residual, piece.columns.size() * piece.channels, activation_, output,
                               kernels::Stores::cached);
        for (std::int64_t column = 0; column < piece.columns.size(); ++column) {
            const std::int64_t at = column * write_.axes[2];
            set_.finish(piece.to + column * piece.step, residual != nullptr ? residual + at : nullptr, piece.channels,
                        activation_, output + at, kernels::Stores::cached);
        }
    }

    Flow flow_;
    SideStrides read_, write_;
    Activation activation_;
    bool has_residual_;
    const kernels::KernelSet<T>& set_;
    std::vector<Columns> columns_{};
    std::int64_t blocks_ = 1, block_ = 1;  // of channels, and the channels of the largest
    std::int64_t pieces_ = 1, piece_ = 1;  // of a row, and the columns of the largest
    std::int64_t items_ = 0, workers_ = 1, table_bytes_ = 0, line_bytes_ = 0;
};

Result<Estimate> consider(const Request& request) {
    const auto refuse = [](std::string reason) { return Error{ErrorCode::unsupported, std::move(reason)}; };
    const Flow flow = make_flow(request.problem, request.pass);
    if (flow.read_channels != 1 || flow.write_channels != 1)
        return refuse("it is for groups of one channel on each side");
    if (request.read.channel != 1 || request.write.channel != 1)
        return refuse("it is for arrays whose channels are neighbours (channels last)");
    if (flow.taps > kMostTaps)
        return refuse("kernels of more than " + std::to_string(kMostTaps) + " taps are too large for its tables");
    if (flow.axes[2].write_stride > kMostStride)
        return refuse("strides above " + std::to_string(kMostStride) + " are too large for its tables");
    if (std::min(flow.axes[2].axis.kernel_extent(), flow.axes[2].write_size) > kMostReach)
        return refuse("kernels that reach over more than " + std::to_string(kMostReach) +
                      " columns are too wide for its tables");
    const bool is_f32 = request.problem.dtype == DType::f32;
    const int lanes = is_f32 ? request.unit.f32().lanes : request.unit.f64().lanes;
    double pairs = static_cast<double>(flow.batch), written = pairs;
    for (const FlowAxis& axis : flow.axes) {
        pairs *= static_cast<double>(meeting_pairs(axis.axis));
        written *= static_cast<double>(axis.write_size);
    }
    const double vectors = static_cast<double>(ceil_div(flow.groups, lanes));
    const double rows = written / static_cast<double>(flow.axes[2].write_size);
    // A vector of channels: more than a load for each product, a store; few channels: masks instead. A row: its calls.
    const double each = flow.groups < lanes ? 2 : 1, written_each = flow.groups < lanes ? 6 : 3;
    Estimate estimate;
    estimate.cycles = vectors * (pairs * each + written * written_each) +
                      rows * static_cast<double>(flow.axes[2].write_stride) * 100 + written;
    estimate.executed_flops = 2 * pairs * static_cast<double>(flow.groups);
    return estimate;
}

}  // namespace

const Candidate kDepthwise{.name = "depthwise",
                           .serves_scatter = true,
                           .serves_gather = true,
                           .serves_weight_grad = false,
                           .consider = consider,
                           .make = make_of_dtype<Depthwise>,
                           .has_exact_edges = true};

}  // namespace tconv::methods
