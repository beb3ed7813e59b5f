#include "methods/direct.h"

#include <algorithm>
#include <array>

#include "geometry/flow.h"
#include "methods/step_cost.h"

namespace tconv::methods {
namespace {

constexpr std::int64_t kChunk = 512;     // written elements of a line at a time
constexpr std::int64_t kMostRuns = 512;  // in a table
constexpr std::int64_t kBlock = 4;       // read channels that one loop adds at a time

enum class Cut : std::uint8_t { taps, stamps, sums };

// One inner loop of `count` pairs: `at` in the chunk, and the first pair's places along the inner axis.
struct Run {
    std::int64_t read = 0, tap = 0, at = 0, count = 0;
};

Range intersect(Range a, Range b) noexcept { return {std::max(a.begin, b.begin), std::min(a.end, b.end)}; }

// The runs of a chunk of written indices: those of `hull`, which no tap (stamp, sum) of the chunk lies outside of.
Range hull_of(const FlowAxis& flow, Cut cut, Range chunk) noexcept {
    const Axis& a = flow.axis;
    if (cut == Cut::sums) return chunk;
    if (cut == Cut::stamps) {
        const std::int64_t low = chunk.begin + a.padding_begin - (a.kernel_extent() - 1);
        const std::int64_t high = chunk.end - 1 + a.padding_begin;
        return intersect({0, a.coarse}, {ceil_div(low, a.stride), floor_div(high, a.stride) + 1});
    }
    std::int64_t low = chunk.begin + a.padding_begin - (a.coarse - 1) * a.stride;
    std::int64_t high = chunk.end - 1 + a.padding_begin;
    if (flow.pass == Pass::gather) {
        low = a.padding_begin - (chunk.end - 1) * a.stride;
        high = a.fine - 1 + a.padding_begin - chunk.begin * a.stride;
    }
    return intersect({0, a.kernel}, {ceil_div(low, a.dilation), floor_div(high, a.dilation) + 1});
}

// The run of one element of the hull; it may be empty.
Run run_of(const FlowAxis& flow, Cut cut, Range chunk, std::int64_t index) noexcept {
    const Axis& a = flow.axis;
    if (cut == Cut::sums) {
        const FlowHits hits = flow.hits(index);
        return {hits.read, hits.tap, index - chunk.begin, hits.count};
    }
    if (cut == Cut::stamps) {
        const std::int64_t from = index * a.stride - a.padding_begin;
        const Range here{ceil_div(chunk.begin - from, a.dilation), ceil_div(chunk.end - from, a.dilation)};
        const Range taps = intersect(tap_range(a, index), here);
        return {index, taps.begin, from + taps.begin * a.dilation - chunk.begin, taps.size()};
    }
    const std::int64_t from = index * a.dilation - a.padding_begin;
    if (flow.pass == Pass::gather) {
        const Range written = intersect(coarse_range(a, index), chunk);
        return {written.begin * a.stride + from, index, written.begin - chunk.begin, written.size()};
    }
    const Range here{ceil_div(chunk.begin - from, a.stride), ceil_div(chunk.end - from, a.stride)};
    const Range read = intersect(coarse_range(a, index), here);
    return {read.begin, index, read.begin * a.stride + from - chunk.begin, read.size()};
}

// to[i * to_step] += sum over c < kCount of scalars[c * scalar_pitch] * vectors[c * vector_pitch + i * vector_step],
// one c after the other.
template <int kCount, class T>
void add_products(T* __restrict to, std::int64_t to_step, const T* __restrict scalars, std::int64_t scalar_pitch,
                  const T* __restrict vectors, std::int64_t vector_pitch, std::int64_t vector_step,
                  std::int64_t count) noexcept {
    T factors[kCount];
    for (int c = 0; c < kCount; ++c) factors[c] = scalars[c * scalar_pitch];
    const auto sum_of = [&](T sum, std::int64_t at) {
        for (int c = 0; c < kCount; ++c) sum += factors[c] * vectors[c * vector_pitch + at];
        return sum;
    };
    if (to_step == 1 && vector_step == 1) {
        for (std::int64_t i = 0; i < count; ++i) to[i] = sum_of(to[i], i);
        return;
    }
    for (std::int64_t i = 0; i < count; ++i) to[i * to_step] = sum_of(to[i * to_step], i * vector_step);
}

// sum of a[i * a_step] * b[i * b_step], in eight sums that the compiler may keep in vectors.
template <class T>
T dot(const T* __restrict a, std::int64_t a_step, const T* __restrict b, std::int64_t b_step,
      std::int64_t count) noexcept {
    constexpr int kSums = 8;
    T sums[kSums] = {};
    std::int64_t i = 0;
    if (a_step == 1 && b_step == 1) {
        for (; i + kSums <= count; i += kSums)
            for (int l = 0; l < kSums; ++l) sums[l] += a[i + l] * b[i + l];
    } else {
        for (; i + kSums <= count; i += kSums)
            for (int l = 0; l < kSums; ++l) sums[l] += a[(i + l) * a_step] * b[(i + l) * b_step];
    }
    for (int l = 0; i < count; ++i, ++l) sums[l] += a[i * a_step] * b[i * b_step];
    return ((sums[0] + sums[1]) + (sums[2] + sums[3])) + ((sums[4] + sums[5]) + (sums[6] + sums[7]));
}

// How often the runs of an inner line are gone through (for every pair of channels and of outer indices that meet), and
// how many lines are written.
struct Lines {
    double pairs = 0, blocks = 0, written = 0;  // blocks: as pairs, but channels that are read together count once

    explicit Lines(const Flow& flow) noexcept {
        written = static_cast<double>(flow.batch * flow.groups * flow.write_channels);
        pairs = written * static_cast<double>(flow.read_channels);
        const std::int64_t together = flow.read_channels / kBlock + flow.read_channels % kBlock;
        blocks = written * static_cast<double>(together);
        for (const std::size_t axis : {0U, 1U}) {
            written *= static_cast<double>(flow.axes[axis].write_size);
            pairs *= static_cast<double>(meeting_pairs(flow.axes[axis].axis));
            blocks *= static_cast<double>(meeting_pairs(flow.axes[axis].axis));
        }
    }
};

// A plan's constants along the inner axis: how runs are cut and the distances between a run's pairs.
struct Inner {
    Cut cut = Cut::taps;
    std::int64_t to_step = 1, tap_step = 1, read_step = 1;  // read_step in elements of the array
    double cycles = 0;                                      // predicted, for one read and one written channel

    Inner(const FlowAxis& flow, Cut kind, std::int64_t read_stride, Lines lines) noexcept : cut(kind) {
        const Axis& a = flow.axis;
        const bool scatters = flow.pass == Pass::scatter;
        if (cut == Cut::taps) to_step = flow.write_stride, read_step = flow.read_stride * read_stride;
        if (cut == Cut::stamps) to_step = a.dilation;
        if (cut == Cut::sums) {
            const FlowHits hits = flow.hits(0);
            tap_step = hits.tap_step, read_step = hits.read_step * read_stride;
        }
        const std::int64_t chunks = ceil_div(flow.write_size, kChunk), begin = chunks / 2 * kChunk;
        const Range middle{begin, std::min(begin + kChunk, flow.write_size)};
        const double runs = static_cast<double>(chunks) * static_cast<double>(hull_of(flow, cut, middle).size());
        const bool is_dense = to_step == 1 && tap_step == 1 && (cut == Cut::stamps || read_step == 1);
        // Fitted with those of phase_choose.cpp: cycles a pair in dense and in other loops, and what begins a loop.
        const double dense = cut == Cut::sums ? kDenseDot : kDenseAdd, other = cut == Cut::sums ? kDot : kAdd;
        const double begins = cut == Cut::sums ? lines.pairs * kDotRun : lines.blocks * kAddRun;
        // Tables are kept from line to line where they hold all of a line.
        const double tables = (chunks > 1 ? lines.written : 1) * runs * (cut == Cut::sums && scatters ? 280 : 90);
        cycles =
            lines.pairs * static_cast<double>(meeting_pairs(a)) * (is_dense ? dense : other) + runs * begins + tables;
    }

    static constexpr double kDenseAdd = 0.2, kAdd = 0.85, kAddRun = 20, kDenseDot = 0.31, kDot = 0.9, kDotRun = 19;
};

// The cut that is predicted to be the quickest.
Inner best_inner(const Flow& flow, std::int64_t read_stride) noexcept {
    const Lines lines(flow);
    Inner best(flow.axes[2], Cut::taps, read_stride, lines);
    for (const Cut cut : {Cut::stamps, Cut::sums}) {
        if (cut == Cut::stamps && flow.axes[2].pass == Pass::gather) continue;
        const Inner other(flow.axes[2], cut, read_stride, lines);
        if (other.cycles < best.cycles) best = other;
    }
    return best;
}

template <class T>
class Direct final : public Method {
public:
    explicit Direct(const Request& request) noexcept
        : flow_(make_flow(request.problem, request.pass)),
          read_(request.read),
          write_(request.write),
          activation_(request.problem.activation),
          set_(request.unit.set<T>()),
          inner_(best_inner(flow_, read_.axes[2])) {
        chunks_ = ceil_div(flow_.axes[2].write_size, kChunk);
        items_ = flow_.batch * flow_.groups * flow_.write_channels * flow_.axes[0].write_size *
                 flow_.axes[1].write_size * chunks_;
        // A worker is not woken for less than some ten microseconds.
        const double shares = (inner_.cycles + 8.0 * static_cast<double>(items_)) / 40000;
        workers_ = std::clamp<std::int64_t>(shares < 4096 ? static_cast<std::int64_t>(shares) : 4096, 1,
                                            std::max<std::int64_t>(1, request.threads));
        workers_ = std::min(workers_, std::max<std::int64_t>(1, items_));
    }

    std::string kernel() const override {
        const char* const cuts[] = {"one loop a tap", "one loop a stamp", "one loop a sum"};
        return cuts[static_cast<std::size_t>(inner_.cut)];
    }
    std::vector<std::string> details() const override {
        return {"lines of " + std::to_string(std::min(kChunk, flow_.axes[2].write_size)) + " written elements, " +
                std::to_string(items_) + " of them"};
    }
    std::int64_t workspace_bytes() const noexcept override { return workers_ * kWorkerBytes; }
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
            work(call, share(items_, workers_, worker),
                 static_cast<std::byte*>(call.workspace) + worker * kWorkerBytes);
        });
    }

private:
    static constexpr std::int64_t kWorkerBytes =
        2 * kChunk * static_cast<std::int64_t>(sizeof(T)) + kMostRuns * static_cast<std::int64_t>(sizeof(Run));

    // One worker's place: which item it is at, and what it remembers from the last one.
    struct Place {
        std::int64_t sample = 0, group = 0, channel = 0, chunk = 0;  // channel: within the group
        std::array<std::int64_t, 2> outer{};
        std::array<FlowHits, 2> hits{};
        Range range{};               // the chunk's written indices
        Range left{};                // of the hull, what is not in the table yet
        std::int64_t built = -1;     // the chunk whose runs all are in the table
        std::int64_t run_count = 0;  // in the table
        T* sums = nullptr;
        T* line = nullptr;
        Run* runs = nullptr;
    };

    void work(const Call& call, Range items, std::byte* memory) const noexcept {
        if (items.empty()) return;
        Place at;
        at.sums = reinterpret_cast<T*>(memory);
        at.line = at.sums + kChunk;
        at.runs = reinterpret_cast<Run*>(at.line + kChunk);
        std::int64_t rest = items.begin;
        const auto digit = [&](std::int64_t base) {
            const std::int64_t low = rest % base;
            rest /= base;
            return low;
        };
        at.chunk = digit(chunks_);
        at.outer[1] = digit(flow_.axes[1].write_size);
        at.outer[0] = digit(flow_.axes[0].write_size);
        at.channel = digit(flow_.write_channels);
        at.group = digit(flow_.groups);
        at.sample = rest;
        for (const std::size_t axis : {0U, 1U}) at.hits[axis] = flow_.axes[axis].hits(at.outer[axis]);
        for (std::int64_t item = items.begin;;) {
            write_line(call, at);
            if (++item == items.end) return;
            advance(at);
        }
    }

    void advance(Place& at) const noexcept {
        if (++at.chunk < chunks_) return;
        at.chunk = 0;
        for (const std::size_t axis : {1U, 0U}) {
            const bool carries = ++at.outer[axis] == flow_.axes[axis].write_size;
            if (carries) at.outer[axis] = 0;
            if (!carries || flow_.axes[axis].write_size > 1) at.hits[axis] = flow_.axes[axis].hits(at.outer[axis]);
            if (!carries) return;
        }
        if (++at.channel < flow_.write_channels) return;
        at.channel = 0;
        if (++at.group < flow_.groups) return;
        at.group = 0;
        ++at.sample;
    }

    // As many runs as the table holds, from at.left on.
    void build(Place& at) const noexcept {
        at.run_count = 0;
        while (!at.left.empty() && at.run_count < kMostRuns) {
            Run run = run_of(flow_.axes[2], inner_.cut, at.range, at.left.begin++);
            if (run.count == 0) continue;
            run.read *= read_.axes[2];
            at.runs[at.run_count++] = run;
        }
    }

    void write_line(const Call& call, Place& at) const noexcept {
        const std::int64_t begin = at.chunk * kChunk, end = std::min(begin + kChunk, flow_.axes[2].write_size);
        at.range = {begin, end};
        std::fill(at.sums, at.sums + (end - begin), T(0));
        if (at.hits[0].count > 0 && at.hits[1].count > 0 && flow_.read_channels > 0) {
            if (at.built != at.chunk) {
                at.left = hull_of(flow_.axes[2], inner_.cut, at.range);
                build(at);
                at.built = at.left.empty() ? at.chunk : -1;
            }
            if (at.run_count > 0) accumulate(call, at);
            while (!at.left.empty()) {
                build(at);
                accumulate(call, at);
            }
        }
        finish(call, at, end - begin);
    }

    void accumulate(const Call& call, const Place& at) const noexcept {
        const T* const input = static_cast<const T*>(call.input) + at.sample * read_.sample +
                               at.group * flow_.read_channels * read_.channel;
        const T* const weights = static_cast<const T*>(call.packed) + at.group * flow_.weight_group_stride +
                                 at.channel * flow_.weight_write_stride;
        std::int64_t c = 0;
        for (; c + kBlock <= flow_.read_channels; c += kBlock)
            add_channels<kBlock>(at, input + c * read_.channel, weights + c * flow_.weight_read_stride);
        for (; c < flow_.read_channels; ++c)
            add_channels<1>(at, input + c * read_.channel, weights + c * flow_.weight_read_stride);
    }

    template <int kCount>
    void add_channels(const Place& at, const T* input, const T* weights) const noexcept {
        const FlowHits& rows = at.hits[0];
        const FlowHits& columns = at.hits[1];
        for (std::int64_t i = 0; i < rows.count; ++i)
            for (std::int64_t j = 0; j < columns.count; ++j) {
                const T* const x = input + (rows.read + i * rows.read_step) * read_.axes[0] +
                                   (columns.read + j * columns.read_step) * read_.axes[1];
                const T* const w = weights + ((rows.tap + i * rows.tap_step) * flow_.axes[1].kernel + columns.tap +
                                              j * columns.tap_step) *
                                                 flow_.axes[2].kernel;
                add_runs<kCount>(at, x, w);
            }
    }

    template <int kCount>
    void add_runs(const Place& at, const T* input, const T* weights) const noexcept {
        const std::int64_t pitch = read_.channel, weight_pitch = flow_.weight_read_stride;
        for (const Run* run = at.runs; run != at.runs + at.run_count; ++run) {
            const T* const x = input + run->read;
            const T* const w = weights + run->tap;
            T* const to = at.sums + run->at;
            switch (inner_.cut) {
                case Cut::taps:
                    add_products<kCount>(to, inner_.to_step, w, weight_pitch, x, pitch, inner_.read_step, run->count);
                    break;
                case Cut::stamps:
                    add_products<kCount>(to, inner_.to_step, x, pitch, w, weight_pitch, 1, run->count);
                    break;
                case Cut::sums:
                    for (int c = 0; c < kCount; ++c)
                        *to += dot(w + c * weight_pitch, inner_.tap_step, x + c * pitch, inner_.read_step, run->count);
                    break;
            }
        }
    }

    // The chunk's sums, bias, residual and activation into the output.
    void finish(const Call& call, const Place& at, std::int64_t count) const noexcept {
        const std::int64_t channel = at.group * flow_.write_channels + at.channel, step = write_.axes[2];
        const std::int64_t offset = at.sample * write_.sample + channel * write_.channel +
                                    at.outer[0] * write_.axes[0] + at.outer[1] * write_.axes[1] + at.range.begin * step;
        if (call.bias != nullptr) {
            const T bias = static_cast<const T*>(call.bias)[channel];
            for (std::int64_t i = 0; i < count; ++i) at.sums[i] += bias;
        }
        T* const output = static_cast<T*>(call.output) + offset;
        const T* residual = call.residual == nullptr ? nullptr : static_cast<const T*>(call.residual) + offset;
        if (step == 1) {
            set_.finish(at.sums, residual, count, activation_, output, kernels::Stores::cached);
            return;
        }
        if (residual != nullptr) {
            for (std::int64_t i = 0; i < count; ++i) at.line[i] = residual[i * step];
            residual = at.line;
        }
        set_.finish(at.sums, residual, count, activation_, at.sums, kernels::Stores::cached);
        for (std::int64_t i = 0; i < count; ++i) output[i * step] = at.sums[i];
    }

    Flow flow_;
    SideStrides read_, write_;
    Activation activation_;
    const kernels::KernelSet<T>& set_;
    Inner inner_;
    std::int64_t chunks_ = 0, items_ = 0, workers_ = 1;
};

Result<Estimate> consider(const Request& request) {
    const Flow flow = make_flow(request.problem, request.pass);
    const Lines lines(flow);
    const Inner inner = best_inner(flow, request.read.axes[2]);
    const double written = lines.written * static_cast<double>(flow.axes[2].write_size);
    const double pairs = lines.pairs * static_cast<double>(meeting_pairs(flow.axes[2].axis));
    // Neighbours that are not next to each other are in lines of their own.
    const double apart = request.write.axes[2] == 1 ? 1 : 2.5;
    Estimate estimate{.cycles = apart * inner.cycles + 180 * lines.written + apart * written + 300,
                      .executed_flops = 2 * pairs};
    // Weights are read anew for each sample: those that meet anything.
    const double bytes = static_cast<double>(size_of(request.problem.dtype));
    const double weights = static_cast<double>(request.problem.weight_elements());
    if (outgrows_far_cache(weights * bytes))
        estimate.cycles = std::max(
            estimate.cycles, std::min(weights * static_cast<double>(flow.batch), pairs) * bytes / kFarBytesPerCycle);
    return estimate;
}

}  // namespace

const Candidate kDirect{.name = "direct",
                        .serves_scatter = true,
                        .serves_gather = true,
                        .serves_weight_grad = false,
                        .consider = consider,
                        .make = make_of_dtype<Direct>,
                        .has_exact_edges = true,
                        .reads_natural = true};

}  // namespace tconv::methods
