#include "methods/natural/natural_stamps.h"

namespace tconv::methods {
namespace {

class Builder {
public:
    explicit Builder(const Flow& flow) : flow_(flow), dilation_(flow.axes[2].axis.dilation) {}

    std::vector<NaturalRun> build() {
        const auto& axes = flow_.axes;
        std::int64_t pixel = 0;
        for (std::int64_t d = 0; d < axes[0].read_size; ++d)
            for (std::int64_t h = 0; h < axes[1].read_size; ++h)
                for (std::int64_t w = 0; w < axes[2].read_size; ++w, ++pixel) add_pixel(pixel, {d, h, w});
        return std::move(runs_);
    }

private:
    void add_pixel(std::int64_t pixel, const std::array<std::int64_t, 3>& index) {
        const auto& axes = flow_.axes;
        std::array<Range, 3> taps{};
        for (std::size_t a = 0; a < axes.size(); ++a) taps[a] = tap_range(axes[a].axis, index[a]);
        if (taps[2].empty()) return;
        const auto written = [&](std::size_t a, std::int64_t tap) {
            const Axis& axis = axes[a].axis;
            return index[a] * axis.stride + tap * axis.dilation - axis.padding_begin;
        };
        for (std::int64_t i = taps[0].begin; i < taps[0].end; ++i)
            for (std::int64_t j = taps[1].begin; j < taps[1].end; ++j) {
                const std::int64_t row = (i * axes[1].kernel + j) * axes[2].kernel;
                const std::int64_t line = (written(0, i) * axes[1].write_size + written(1, j)) * axes[2].write_size;
                add({pixel, row + taps[2].begin, taps[2].size(), line + written(2, taps[2].begin)});
            }
    }

    void add(const NaturalRun& run) {
        if (!runs_.empty() && dilation_ == 1) {
            NaturalRun& last = runs_.back();
            if (last.pixel == run.pixel && last.tap + last.count == run.tap && last.to + last.count == run.to) {
                last.count += run.count;
                return;
            }
        }
        runs_.push_back(run);
    }

    const Flow& flow_;
    std::int64_t dilation_;
    std::vector<NaturalRun> runs_{};
};

}  // namespace

std::vector<NaturalRun> natural_runs(const Flow& flow) { return Builder(flow).build(); }

double most_natural_runs(const Flow& flow) noexcept {
    double runs = static_cast<double>(flow.axes[2].read_size);
    for (const std::size_t a : {0U, 1U})
        runs *= static_cast<double>(flow.axes[a].read_size) * static_cast<double>(flow.axes[a].kernel);
    return runs;
}

}  // namespace tconv::methods
