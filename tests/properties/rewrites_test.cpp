// The exact rewrites that the checkerboard linter stands on: other ways to write a transposed convolution.
#include <algorithm>
#include <cmath>
#include <numeric>

#include "random_problem.h"
#include "tconv/checkerboard.h"
#include "tconv/geometry.h"
#include "tconv/interpolation.h"
#include "tconv/repair.h"
#include "tconv/rewrite.h"
#include "tconv/trace.h"

namespace tconv::testing {
namespace {

using checkerboard::Layer;
using checkerboard::PhaseOrder;
using Values = std::vector<double>;

std::size_t at(std::int64_t index) { return static_cast<std::size_t>(index); }

std::int64_t drawn(std::int64_t least, std::int64_t most) { return *rc::gen::inRange<std::int64_t>(least, most + 1); }

// A convolution of stride 1 in `rank` axes that reads `fine` rows.
Problem any_stride_one(int rank, std::int64_t coarse_channels, std::int64_t fine_channels, std::int64_t groups,
                       std::int64_t multiple) {
    Problem p;
    p.rank = rank;
    p.dtype = DType::f64;
    p.groups = groups;
    p.coarse_channels = coarse_channels;
    p.fine_channels = fine_channels;
    for (Axis& axis : p.spatial()) {
        axis.kernel = drawn(1, 4);
        axis.dilation = drawn(1, 2);
        const std::int64_t extent = axis.kernel_extent();
        axis.padding_begin = drawn(0, extent - 1);
        axis.padding_end = drawn(0, extent - 1);
        const std::int64_t least = std::max<std::int64_t>(1, extent - axis.padding_begin - axis.padding_end);
        axis.fine = ceil_div(drawn(least, least + 3), multiple) * multiple;
        axis.coarse = axis.fine + axis.padding_begin + axis.padding_end - extent + 1;
    }
    return p;
}

// 1. Gathering, for every output, the taps of its phase gives what stamping gives.
RC_GTEST_PROP(Rewrites, ScatterGathersThePhasesTaps, ()) {
    const Problem p = *any_problem(1);
    const Values x = any_coarse(p), w = any_weights(p);
    const Values y = scatter(p, x, w);
    const Axis& axis = p.axes[2];
    const std::int64_t coarse = p.coarse_channels / p.groups, fine = p.fine_channels / p.groups;
    for (std::int64_t n = 0; n < p.batch; ++n)
        for (std::int64_t f = 0; f < p.fine_channels; ++f)
            for (std::int64_t o = 0; o < axis.fine; ++o) {
                const PhaseTaps taps = taps_of_phase(axis, phase_of(axis, o));
                double sum = 0;
                for (std::int64_t t = 0; t < taps.count; ++t) {
                    const std::int64_t j = taps.first + t * taps.step;
                    const std::int64_t stamp = o + axis.padding_begin - j * axis.dilation;
                    RC_ASSERT(stamp % axis.stride == 0);
                    const std::int64_t i = stamp / axis.stride;
                    if (i < 0 || i >= axis.coarse) continue;
                    for (std::int64_t c = f / fine * coarse; c < (f / fine + 1) * coarse; ++c)
                        sum += x[at(reference::coarse_offset(p, n, c, {0, 0, i}))] *
                               w[at(reference::weight_offset(p, c, f % fine, {0, 0, j}))];
                }
                RC_ASSERT(y[at(reference::fine_offset(p, n, f, {0, 0, o}))] == sum);
            }
}

// 2. Zeros between the inputs, padding d(k-1) - p (negative: crop), then a plain sum with the flipped kernel.
RC_GTEST_PROP(Rewrites, ZeroInsertionIsAConvolutionWithTheFlippedKernel, ()) {
    Problem p = *any_problem(1);
    p.batch = p.groups = p.coarse_channels = p.fine_channels = 1;
    p.layout = Layout::channels_first;
    const Values x = any_coarse(p), w = any_weights(p);
    const Axis& axis = p.axes[2];
    const std::int64_t begin = axis.dilation * (axis.kernel - 1) - axis.padding_begin;
    const auto stretched = [&](std::int64_t row) {  // of the padded, zero-inserted input
        const std::int64_t i = row - begin;
        const bool is_input = i >= 0 && i % axis.stride == 0 && i / axis.stride < axis.coarse;
        return is_input ? x[at(i / axis.stride)] : 0.0;
    };
    const Values y = scatter(p, x, w);
    for (std::int64_t o = 0; o < axis.fine; ++o) {
        double sum = 0;
        for (std::int64_t j = 0; j < axis.kernel; ++j)
            sum += w[at(axis.kernel - 1 - j)] * stretched(o + j * axis.dilation);
        RC_ASSERT(y[at(o)] == sum);
    }
}

// 3. A convolution at low resolution for every phase, then depth-to-space; in either order of channels.
RC_GTEST_PROP(Rewrites, SubPixelConvolutionIsATransposedConvolution, ()) {
    const int rank = static_cast<int>(drawn(1, 2));
    const std::int64_t factor = drawn(1, 3), channels = drawn(1, 2), phases = rank == 1 ? factor : factor * factor;
    const Problem conv = any_stride_one(rank, channels * phases, drawn(1, 2), 1, 1);
    RC_PRE(validate(conv).ok());
    const auto order = *rc::gen::element(PhaseOrder::depth_column_row, PhaseOrder::column_row_depth);
    const Values x = any_fine(conv), w = any_weights(conv);
    const Layer layer = checkerboard::from_sub_pixel(conv, w, factor, order).value();
    const Values deep = gather(conv, x, w), y = scatter(layer.problem, x, layer.weights);
    const std::int64_t rows = conv.axes[1].coarse, columns = conv.axes[2].coarse, high = rank == 1 ? 1 : factor;
    RC_ASSERT(static_cast<std::int64_t>(y.size()) == channels * rows * high * columns * factor);
    for (std::int64_t c = 0; c < channels; ++c)
        for (std::int64_t r = 0; r < rows * high; ++r)
            for (std::int64_t k = 0; k < columns * factor; ++k) {
                const std::int64_t phase = r % high * factor + k % factor;
                const std::int64_t channel =
                    order == PhaseOrder::depth_column_row ? phase * channels + c : c * phases + phase;
                RC_ASSERT(y[at((c * rows * high + r) * columns * factor + k)] ==
                          deep[at((channel * rows + r / high) * columns + k / factor)]);
            }
}

// 4. Nearest-neighbour enlargement and a convolution: all phases gain the same, whatever the size of the kernel.
RC_GTEST_PROP(Rewrites, NearestThenConvolutionIsATransposedConvolution, ()) {
    const std::int64_t groups = drawn(1, 2), s = drawn(1, 4);
    const Problem conv = any_stride_one(1, groups * drawn(1, 2), groups * drawn(1, 2), groups, s);
    const Values w = any_weights(conv);
    const std::vector<std::int64_t> factors{s};
    const Layer layer = checkerboard::from_nearest_resize(conv, w, factors).value();
    const Values x = any_coarse(layer.problem);
    Values enlarged;
    for (const double value : x) enlarged.insert(enlarged.end(), at(s), value);
    RC_ASSERT(scatter(layer.problem, x, layer.weights) == gather(conv, enlarged, w));
    RC_ASSERT(layer.problem.axes[2].kernel == conv.axes[2].kernel_extent() + s - 1);
    const auto measures = checkerboard::measure(layer.problem, layer.weights).value();
    RC_ASSERT(measures.epsilon < 1e-12);
}

// 5. Bilinear by s, pixels being areas, is a transposed convolution everywhere but at the border.
RC_GTEST_PROP(Rewrites, BilinearIsATransposedConvolution, ()) {
    const std::int64_t s = drawn(1, 6), rows = drawn(3, 8);
    const InterpolationTaps axis = interpolation_taps(Interpolation::bilinear, s).value();
    RC_ASSERT(static_cast<std::int64_t>(axis.taps.size()) == 2 * s - s % 2);
    Problem p;
    p.rank = 1;
    p.dtype = DType::f64;
    p.axes[2] = {rows, rows * s, static_cast<std::int64_t>(axis.taps.size()), s, 1, axis.padding, axis.padding};
    RC_ASSERT(validate(p).ok());
    const Values x = any_coarse(p), y = scatter(p, x, axis.taps);
    for (std::int64_t o = s; o < (rows - 1) * s; ++o) {
        const double u = (static_cast<double>(o) + 0.5) / static_cast<double>(s) - 0.5, low = std::floor(u);
        const auto i = static_cast<std::int64_t>(low);
        const double expected = i + 1 < rows ? x[at(i)] * (1 - (u - low)) + x[at(i + 1)] * (u - low) : x[at(i)];
        RC_ASSERT(std::fabs(y[at(o)] - expected) < 1e-12);
    }
}

// 6. Zero taps at the end until every phase has as many: the same function.
RC_GTEST_PROP(Rewrites, AnUnevenKernelEmbedsInAnEvenOne, ()) {
    const Problem p = *any_problem();
    const Values x = any_coarse(p), w = any_weights(p);
    const auto even = checkerboard::embed_even(p, w);
    bool is_reachable = true;
    for (const Axis& axis : p.axes) is_reachable = is_reachable && std::gcd(axis.stride, axis.dilation) == 1;
    RC_ASSERT(even.ok() == is_reachable);
    if (!even) return;
    RC_ASSERT(even->relative_change == 0);
    RC_ASSERT(checkerboard::structure_of(even->layer.problem).evenness == Evenness::even);
    RC_ASSERT(scatter(p, x, w) == scatter(even->layer.problem, x, even->layer.weights));
}

// A strided convolution's input gradient is the transposed convolution of the same problem: where it has holes, the
// gradient is zero whatever the loss.
RC_GTEST_PROP(Rewrites, EmptyPhasesAreHolesOfTheGradient, ()) {
    Problem p = *any_problem(1);
    RC_PRE(p.coarse_elements() > 0 && p.fine_elements() > 0);
    const Values gradient = scatter(p, Values(at(p.coarse_elements()), 1.0), Values(at(p.weight_elements()), 1.0));
    const Axis& axis = p.axes[2];
    for (std::int64_t o = 0; o < axis.fine; ++o)
        if (taps_of_phase(axis, phase_of(axis, o)).count == 0)
            RC_ASSERT(gradient[at(reference::fine_offset(p, 0, 0, {0, 0, o}))] == 0);
    const auto structure = checkerboard::structure_of(p).axes[0];
    std::int64_t empty = 0;
    for (std::int64_t a = 0; a < axis.stride; ++a) empty += taps_of_phase(axis, a).count == 0;
    RC_ASSERT(structure.empty_phases == empty);
}

}  // namespace
}  // namespace tconv::testing
