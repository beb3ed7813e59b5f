// Drawings: a problem as an SVG.
#include <cmath>
#include <string>

#include "c/status.h"
#include "c/structs.h"
#include "c/text.h"
#include "draw/pictures.h"
#include "draw/svg.h"

using tconv::Problem;
using tconv::Result;
namespace c = tconv::c;
namespace draw = tconv::draw;

namespace {

constexpr double kSlowest = 0.1, kQuickest = 50;

std::vector<double> doubles(const Problem& problem, const void* values, std::int64_t count) {
    const auto size = values == nullptr ? 0 : static_cast<std::size_t>(count);
    if (problem.dtype == tconv::DType::f64) {
        const auto* numbers = static_cast<const double*>(values);
        return {numbers, numbers + size};
    }
    const auto* numbers = static_cast<const float*>(values);
    return {numbers, numbers + size};
}

// The geometry alone, of one channel, as small as shows its pattern.
Problem sketch_of(Problem problem) {
    problem.coarse_channels = problem.fine_channels = problem.groups = 1;
    problem.has_bias = problem.has_sum = false;
    problem.activation = {};
    constexpr std::int64_t kInputs = 3;  // along an axis
    return draw::smaller_like(problem, kInputs);
}

Result<draw::Scene> scene_of(const Problem& problem, const tconv_drawing& how, const void* input, const void* weights,
                             const void* bias) {
    const auto picture = draw::find_picture(how.view == nullptr ? draw::pictures().front().name : how.view);
    if (!picture) return picture.error();
    if (how.is_sketch != 0) return (*picture)->scene(sketch_of(problem), {});
    Problem sample = problem;
    sample.batch = 1;
    // The size is looked at before any number is copied.
    if (auto small = (*picture)->scene(sample, {}); !small || (!input && !weights && !bias)) return small;
    return (*picture)->scene(
        sample, {doubles(sample, input, sample.coarse_elements()), doubles(sample, weights, sample.weight_elements()),
                 doubles(sample, sample.has_bias ? bias : nullptr, sample.fine_channels)});
}

}  // namespace

tconv_status tconv_draw(const tconv_problem* problem, const tconv_drawing* how, const void* input, const void* weights,
                        const void* bias, char* text, size_t capacity, size_t* needed) {
    return c::guarded([&] {
        const auto asked = c::read_problem(problem);
        if (!asked) return c::fail(asked.error());
        const auto drawing = c::read_drawing(how);
        if (!drawing) return c::fail(drawing.error());
        const double fps = drawing->fps == 0 ? 2 : drawing->fps;
        if (!(fps >= kSlowest && fps <= kQuickest))
            return c::fail(c::refuse("fps is " + std::to_string(fps) + ", but must be from 0.1 to 50 steps a second"));
        const auto scene = scene_of(*asked, *drawing, input, weights, bias);
        if (!scene) return c::fail(scene.error());
        const auto theme = static_cast<draw::Theme>(drawing->theme);
        return c::copy_text(draw::to_svg(*scene, {theme, fps, drawing->has_no_script == 0}), text, capacity, needed);
    });
}
