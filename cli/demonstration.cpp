#include "demonstration.h"

#include <algorithm>
#include <chrono>
#include <random>

#include "bitmap_font.h"
#include "picture.h"
#include "tconv/interpolation.h"
#include "tconv/passes.h"

namespace tconv::cli {
namespace {

constexpr std::int64_t kSampleTile = 28;  // the built-in sample is made of images of this size

/// Random weights around 1, from 1/2 to 3/2, then scaled. The same for every channel, which keeps colours.
/// (std::mt19937's numbers are the same everywhere; the standard library's distributions are not.)
Result<Tensor> random_weights(const DemonstrationLayer& layer, std::int64_t channels) {
    // The mean brightness that a layer leaves. At 1, three layers of k3 s2 would turn most of a picture white: they
    // make some pixels over five times as bright.
    constexpr double kMeanGain = 0.9;
    auto weights = Tensor::zeros({channels, 1, layer.kernel, layer.kernel}, DType::f32);
    if (!weights) return weights.error();
    std::mt19937 random(layer.seed);
    std::vector<double> taps(static_cast<std::size_t>(layer.kernel * layer.kernel));
    double sum = 0;
    for (double& tap : taps) sum += tap = 0.5 + static_cast<double>(random()) / 4294967296.0;
    const double scale = kMeanGain * static_cast<double>(layer.stride * layer.stride) / sum;
    const auto values = weights->as<float>();
    for (std::size_t at = 0; at < values.size(); ++at) values[at] = static_cast<float>(taps[at % taps.size()] * scale);
    return weights;
}

Result<Tensor> make_weights(const DemonstrationLayer& layer, std::int64_t channels) {
    if (!layer.is_bilinear) return random_weights(layer, channels);
    const auto taps = interpolation_taps(Interpolation::bilinear, layer.stride);
    if (!taps) return taps.error();
    return depthwise_weights(*taps, channels, 2, DType::f32);
}

Problem make_problem(const DemonstrationLayer& layer, const Shape& input) {
    Problem problem;
    problem.groups = problem.coarse_channels = problem.fine_channels = input[1];
    for (std::size_t i = 0; i < 2; ++i) {
        Axis& axis = problem.spatial()[i];
        axis.coarse = input[2 + i];
        axis.kernel = layer.kernel;
        axis.stride = layer.stride;
        axis.padding_begin = axis.padding_end = layer.padding;
        axis.fine = axis.full_size() - 2 * layer.padding + layer.output_padding;
    }
    return problem;
}

Demonstration stack(std::string name, const std::string& what, std::string label, DemonstrationLayer layer,
                    std::int64_t count) {
    Demonstration made{std::move(name), what, std::move(label), 1, {}};
    for (std::int64_t i = 0; i < count; ++i, ++layer.seed) {
        made.layers.push_back(layer);
        made.scale *= layer.stride;
    }
    return made;
}

}  // namespace

std::vector<Demonstration> demonstrations() {
    const DemonstrationLayer bilinear2{4, 2, 1, 0, true, 0}, bilinear8{16, 8, 4, 0, true, 0};
    const DemonstrationLayer k4{4, 2, 1, 0, false, 4}, k3{3, 2, 1, 1, false, 30};
    return {
        stack("bilinear_x2", "FCN's bilinear kernel, k = 2s and p = s/2", "x2 bilinear k4 s2", bilinear2, 1),
        stack("random_k4s2_x2", "random weights, the stride divides the kernel", "x2 random k4 s2", k4, 1),
        stack("random_k3s2_x2", "random weights, the stride does not divide the kernel", "x2 random k3 s2", k3, 1),
        stack("bilinear_x8", "FCN's bilinear kernel at stride 8", "x8 bilinear k16 s8", bilinear8, 1),
        stack("random_k4s2_x8", "three layers of random weights, k4 s2", "x8 k4 s2, 3 layers", k4, 3),
        stack("random_k3s2_x8", "three layers of random weights, k3 s2", "x8 k3 s2, 3 layers", k3, 3),
    };
}

Result<io::Image> run_demonstration(const Demonstration& demonstration, const io::Image& input,
                                    const std::function<void(const LayerRun&)>& report) {
    auto values = to_planes(input);
    if (!values) return values.error();
    for (const DemonstrationLayer& layer : demonstration.layers) {
        const Problem problem = make_problem(layer, values->shape());
        const auto weights = make_weights(layer, input.channels);
        if (!weights) return weights.error();
        const auto start = std::chrono::steady_clock::now();
        auto output = scatter(problem, *values, *weights);
        const std::chrono::duration<double, std::milli> time = std::chrono::steady_clock::now() - start;
        if (!output) return output.error();
        report({problem, time.count(), problem.coarse_elements() * problem.taps()});
        *values = *output;
    }
    return to_image(*values);
}

Window find_window(const io::Image& input) {
    const std::int64_t side = std::min(input.height, input.width) < 6 * kSampleTile ? kSampleTile : 2 * kSampleTile;
    const std::int64_t height = std::min(input.height, side), width = std::min(input.width, side);
    const auto start = [](std::int64_t size, std::int64_t part) {
        return std::min(size / 2 / part * part, size - part);
    };
    return {start(input.height, height), start(input.width, width), height, width};
}

io::Image comparison_page(const io::Image& input, const Window& window, const std::vector<ComparedPicture>& pictures) {
    constexpr std::int64_t kLargestScale = 8, kWanted = 224, kGap = 16, kText = 2, kLongestLabel = 18;
    constexpr std::int64_t kLabelHeight = kLetterHeight * kText + 6;
    const std::int64_t zoom =
        std::max<std::int64_t>(1, kWanted / (kLargestScale * std::max(window.height, window.width)));
    const std::int64_t panel_height = window.height * kLargestScale * zoom;
    const std::int64_t cell_width =
        std::max(window.width * kLargestScale * zoom, kLongestLabel * kLetterWidth * kText) + kGap;
    const std::int64_t cell_height = panel_height + kLabelHeight + kGap;
    io::Image page = blank(2 * cell_height + kGap, 4 * cell_width + kGap, input.channels);

    const auto put = [&](const ComparedPicture& picture, std::int64_t cell_row, std::int64_t cell_column) {
        const std::int64_t row = kGap + cell_row * cell_height, column = kGap + cell_column * cell_width;
        const std::int64_t scale = picture.scale;
        const io::Image part =
            crop(picture.image, (window.row - picture.row) * scale, (window.column - picture.column) * scale,
                 window.height * scale, window.width * scale);
        write_text(page, picture.label, row, column, kText);
        paste(page, zoomed(part, kLargestScale * zoom / scale), row + kLabelHeight, column);
    };
    put({input, "input", 1, 0, 0}, 0, 0);
    for (std::size_t i = 0; i < pictures.size(); ++i)
        put(pictures[i], static_cast<std::int64_t>(i / 3), static_cast<std::int64_t>(1 + i % 3));

    std::int64_t line = kGap + cell_height + kLabelHeight;
    for (const char* text :
         {"top: twice as", "large, each pixel", "drawn as a square", "", "bottom: 8 times", "as large"}) {
        write_text(page, text, line, kGap, kText);
        line += kLabelHeight;
    }
    return page;
}

}  // namespace tconv::cli
