#include "methods/winograd/winograd_plan.h"

#include <algorithm>
#include <string>

namespace tconv::methods {
namespace {

// Of a phase of either axis: which of the kernel's taps is the i-th in the order of what they read.
std::int64_t tap_of(const FlowAxis& axis, std::int64_t phase, int i, int taps) {
    const FlowStep first = axis.step(phase, 0), last = axis.step(phase, taps - 1);
    return first.shift <= last.shift ? axis.step(phase, i).tap : axis.step(phase, taps - 1 - i).tap;
}

// The products' weights of one phase, from those of one pair of channels.
class Packer {
public:
    Packer(const WinogradPlan& plan, std::int64_t phase_h, std::int64_t phase_w) : h_(plan.axes[0]), w_(plan.axes[1]) {
        for (int i = 0; i < h_.taps; ++i)
            for (int j = 0; j < w_.taps; ++j)
                taps_[i][j] = tap_of(plan.flow.axes[1], phase_h, i, h_.taps) * plan.flow.axes[2].kernel +
                              tap_of(plan.flow.axes[2], phase_w, j, w_.taps);
    }

    /// Into elements `step` apart.
    template <class T>
    void pack(const T* weights, std::int64_t step, T* to) const noexcept {
        // Along the last axis first.
        double sums[WinogradAxis::kMostTaps][WinogradAxis::kMostPoints] = {};
        for (int i = 0; i < h_.taps; ++i)
            for (int j = 0; j < w_.taps; ++j) {
                const double weight = static_cast<double>(weights[taps_[i][j]]);
                for (int p = 0; p < w_.points; ++p)
                    sums[i][p] += w_.weights[static_cast<std::size_t>(p)][static_cast<std::size_t>(j)] * weight;
            }
        for (int q = 0; q < h_.points; ++q)
            for (int p = 0; p < w_.points; ++p, to += step) {
                double sum = 0;
                for (int i = 0; i < h_.taps; ++i)
                    sum += h_.weights[static_cast<std::size_t>(q)][static_cast<std::size_t>(i)] * sums[i][p];
                *to = static_cast<T>(sum);
            }
    }

private:
    const WinogradAxis &h_, &w_;
    std::int64_t taps_[WinogradAxis::kMostTaps][WinogradAxis::kMostTaps] = {};
};

}  // namespace

Result<WinogradPlan> make_winograd_plan(const Request& request, int tile_rows) {
    const auto refuse = [](std::string reason) { return Error{ErrorCode::unsupported, std::move(reason)}; };
    WinogradPlan plan;
    plan.flow = make_flow(request.problem, request.pass);
    const Flow& flow = plan.flow;
    if (request.problem.rank != 2) return refuse("it is for two axes");
    if (flow.read_channels < 1 || flow.write_channels < 1) return refuse("it is for one channel or more on each side");
    for (std::size_t i = 0; i < 2; ++i) {
        const FlowAxis& axis = flow.axes[i + 1];
        if (axis.read_stride != 1) return refuse("it is for inputs that are read with stride 1");
        if (axis.axis.dilation != 1) return refuse("it is for kernels without dilation");
        const std::int64_t taps = axis.kernel / axis.write_stride;
        if (axis.kernel % axis.write_stride != 0 || taps < 2 || taps > WinogradAxis::kMostTaps)
            return refuse(
                "it is for phases of two or three taps on each axis: kernels of twice or three times the stride");
        plan.axes[i] = winograd_axis(static_cast<int>(taps));
        plan.first_shift[i] = std::min(axis.step(0, 0).shift, axis.step(0, taps - 1).shift);
    }
    // All phases of a row are rows of one tile.
    constexpr std::int64_t kMostPhases = 64;
    if (plan.phases_w() > tile_rows)
        return refuse("strides above " + std::to_string(tile_rows) +
                      " along the last axis have more phases than a tile rows");
    if (plan.phases_h() > kMostPhases)
        return refuse("strides above " + std::to_string(kMostPhases) + " have too many phases");
    plan.products = plan.axes[0].points * plan.axes[1].points;
    plan.tiles = flow;
    for (std::size_t i = 1; i < 3; ++i) {
        plan.tiles.axes[i].write_stride *= 2;
        plan.tiles.axes[i].read_stride = 2;
    }
    const std::int64_t wanted = std::max<std::int64_t>(1, tile_rows / plan.phases_w());
    plan.channel_blocks = std::max<std::int64_t>(1, ceil_div(flow.write_channels, wanted));
    plan.block_channels = ceil_div(flow.write_channels, plan.channel_blocks);
    return plan;
}

template <class T>
void pack_winograd_weights(const WinogradPlan& plan, const T* weights, T* packed) noexcept {
    const Flow& flow = plan.flow;
    for (std::int64_t job = 0; job < plan.jobs(); ++job)
        for (std::int64_t phase_w = 0; phase_w < plan.phases_w(); ++phase_w) {
            const Packer packer(plan, job % plan.phases_h(), phase_w);
            const Range channels = plan.channels(job / plan.phases_h());
            const std::int64_t rows = plan.phases_w() * channels.size(), first_row = phase_w * channels.size();
            for (std::int64_t group = 0; group < flow.groups; ++group) {
                const T* from = weights + group * flow.weight_group_stride + channels.begin * flow.weight_write_stride;
                T* to = packed + group * plan.group_elements() + plan.job_offset(job) + first_row;
                for (std::int64_t c = 0; c < flow.read_channels; ++c, from += flow.weight_read_stride, to += rows)
                    for (std::int64_t k = 0; k < channels.size(); ++k)
                        packer.pack(from + k * flow.weight_write_stride, rows * flow.read_channels, to + k);
            }
        }
}

template void pack_winograd_weights(const WinogradPlan&, const float*, float*) noexcept;
template void pack_winograd_weights(const WinogradPlan&, const double*, double*) noexcept;

}  // namespace tconv::methods
