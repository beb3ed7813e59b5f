// tconv upsample: a picture through a depthwise transposed convolution, one band of rows after another.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <filesystem>
#include <memory>
#include <string_view>

#include "did_you_mean.h"
#include "option_terms.h"
#include "picture.h"
#include "tconv/interpolation.h"
#include "tconv/io.h"
#include "tconv/passes.h"
#include "terminal.h"
#include "verb.h"

namespace tconv::cli {
namespace {

constexpr std::int64_t kLargestFactor = 256;   // a bicubic kernel of 1024 x 1024
constexpr std::int64_t kLargestKernel = 1024;  // taps per axis of a kernel from a file

struct UpsampleOptions {
    std::string input, output, factor, kernel = "bilinear", border = "replicate";
};

/// One axis of the layer for an input of any size n: the output is n * stride.
struct LayerAxis {
    std::int64_t kernel = 1, stride = 1;
    std::int64_t padding_begin = 0;  ///< of the total kernel - stride, the smaller half
    /// Input pixels beyond either border that the output's rows touch.
    std::int64_t halo_begin() const {
        return std::max<std::int64_t>(0, kernel - 1 - padding_begin + stride - 1) / stride;
    }
    std::int64_t halo_end() const { return (padding_begin + stride - 1) / stride; }
};

struct Layer {
    LayerAxis rows, columns;
    Tensor weights;  ///< (channels, 1, rows.kernel, columns.kernel)
};

/// "; did you mean bicubic?", or `otherwise`.
std::string suggestion(const std::string& word, const std::vector<std::string>& known, const std::string& otherwise) {
    const std::string nearest = nearest_word(word, known);
    return nearest.empty() ? otherwise : "; did you mean " + nearest + "?";
}

Result<std::int64_t> parse_factor(const std::string& text) {
    std::int64_t factor = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), factor);
    if (error != std::errc{} || end != text.data() + text.size() || factor < 1 || factor > kLargestFactor)
        return usage(fmt::format("--factor '{}' must be a whole number from 1 to {}", text, kLargestFactor));
    return factor;
}

Result<bool> parse_replicates(const std::string& border) {
    if (border == "replicate") return true;
    if (border == "zero") return false;
    return usage("--border '" + border + "' must be replicate or zero" + suggestion(border, {"replicate", "zero"}, ""));
}

/// The interpolation that a name stands for; nothing for the path of a file.
Result<std::optional<Interpolation>> parse_kernel(const std::string& name) {
    if (name == "nearest") return {Interpolation::nearest};
    if (name == "bilinear") return {Interpolation::bilinear};
    if (name == "bicubic") return {Interpolation::bicubic};
    std::error_code ignored;
    if (name == "-" || name.find_first_of("./") != std::string::npos || std::filesystem::exists(name, ignored))
        return std::optional<Interpolation>();
    return usage("--kernel '" + name + "' is neither nearest, bilinear, bicubic nor a file" +
                 suggestion(name, {"nearest", "bilinear", "bicubic"}, "; give one of them or a .npy file"));
}

/// Output goes into a PNG file, so a name that promises another format is a mistake.
Result<void> check_output_name(const std::string& path) {
    const std::string extension = std::filesystem::path(path).extension().string();
    for (const std::string_view other : {".jpg", ".jpeg", ".gif", ".bmp", ".webp", ".tif", ".tiff", ".svg", ".npy"})
        if (extension == other)
            return usage("-o '" + path + "' asks for " + extension.substr(1) +
                         ", but pictures are written as PNG; use a name that ends in .png");
    return {};
}

/// A kernel of the user's: (kh, kw), (1, 1, kh, kw) or (channels, 1, kh, kw), made (channels, 1, kh, kw).
Result<Tensor> read_kernel(const std::string& path, std::int64_t channels) {
    auto read = io::read_npy(path);
    if (!read) return read.error();
    const auto refuse = [&](const std::string& why) {
        return Error{ErrorCode::array_mismatch,
                     "the kernel '" + path + "' has shape " + to_string(read->shape()) + why};
    };
    const Shape& given = read->shape();
    const bool has_channels = given.size() == 4;
    if (given.size() != 2 && !(has_channels && given[1] == 1 && (given[0] == 1 || given[0] == channels)))
        return refuse(fmt::format("; for this picture use (kh, kw), (1, 1, kh, kw){}",
                                  channels > 1 ? fmt::format(" or ({}, 1, kh, kw)", channels) : ""));
    const std::int64_t height = given[given.size() - 2], width = given[given.size() - 1];
    if (height < 1 || width < 1 || height > kLargestKernel || width > kLargestKernel)
        return refuse(fmt::format("; use from 1 to {} taps per axis", kLargestKernel));
    auto single = read->to(DType::f32);
    if (!single) return single.error();
    auto weights = Tensor::zeros({channels, 1, height, width}, DType::f32);
    if (!weights) return weights.error();
    const auto from = single->as<float>();
    const auto into = weights->as<float>();
    for (std::size_t at = 0; at < into.size(); ++at) into[at] = from[at % from.size()];
    if (!std::all_of(into.begin(), into.end(), [](float value) { return std::isfinite(value); }))
        return refuse(" and holds a value that is infinite or no number; give finite weights");
    return weights;
}

Result<Layer> make_layer(const UpsampleOptions& options, std::optional<Interpolation> kind, std::int64_t factor,
                         std::int64_t channels) {
    Layer layer;
    if (kind) {
        const auto taps = interpolation_taps(*kind, factor);
        if (!taps) return taps.error();
        auto weights = depthwise_weights(*taps, channels, 2, DType::f32);
        if (!weights) return weights.error();
        layer.weights = *weights;
    } else {
        auto weights = read_kernel(options.kernel, channels);
        if (!weights) return weights.error();
        layer.weights = *weights;
    }
    for (const auto& [axis, size] :
         {std::pair{&layer.rows, layer.weights.shape()[2]}, std::pair{&layer.columns, layer.weights.shape()[3]}})
        *axis = {size, factor, std::max<std::int64_t>(0, size - factor) / 2};
    return layer;
}

/// An axis of `inputs` pixels and their halo, cropped to inputs * stride.
Axis problem_axis(const LayerAxis& layer, std::int64_t inputs) {
    Axis axis;
    axis.coarse = inputs + layer.halo_begin() + layer.halo_end();
    axis.fine = inputs * layer.stride;
    axis.kernel = layer.kernel;
    axis.stride = layer.stride;
    axis.padding_begin = layer.padding_begin + layer.halo_begin() * layer.stride;
    axis.padding_end = std::max<std::int64_t>(0, axis.full_size() - axis.padding_begin - axis.fine);
    return axis;
}

/// The layer on `rows` rows of the picture from `first` on, written into the output. What lies beyond the picture
/// repeats its border, or is zero.
Result<void> upsample_band(const io::Image& picture, const Layer& layer, bool replicates, std::int64_t first,
                           std::int64_t rows, io::Image& output) {
    Problem problem;
    problem.groups = problem.coarse_channels = problem.fine_channels = picture.channels;
    problem.spatial()[0] = problem_axis(layer.rows, rows);
    problem.spatial()[1] = problem_axis(layer.columns, picture.width);
    auto x = Tensor::zeros(coarse_shape(problem), DType::f32);
    if (!x) return x.error();
    float* value = x->as<float>().data();
    for (std::int64_t channel = 0; channel < picture.channels; ++channel)
        for (std::int64_t r = 0; r < problem.spatial()[0].coarse; ++r)
            for (std::int64_t c = 0; c < problem.spatial()[1].coarse; ++c) {
                const std::int64_t row = first - layer.rows.halo_begin() + r, column = c - layer.columns.halo_begin();
                const std::int64_t inside_row = std::clamp<std::int64_t>(row, 0, picture.height - 1);
                const std::int64_t inside_column = std::clamp<std::int64_t>(column, 0, picture.width - 1);
                const bool is_inside = row == inside_row && column == inside_column;
                *value++ = replicates || is_inside ? picture.at(inside_row, inside_column, channel) : 0;
            }
    const auto y = scatter(problem, *x, layer.weights);
    if (!y) return y.error();
    paste(output, to_image(*y), first * layer.rows.stride, 0);
    return {};
}

/// Input rows per band: some 20 ms of work, but never so few that computing the halo anew costs more than they do.
std::int64_t rows_per_band(const io::Image& picture, const Layer& layer) {
    constexpr std::int64_t kMultiplications = 1 << 22;
    const std::int64_t per_row = picture.width * picture.channels * layer.rows.kernel * layer.columns.kernel;
    return std::max({kMultiplications / per_row, layer.rows.halo_begin() + layer.rows.halo_end(), std::int64_t{1}});
}

Result<int> upsample(const UpsampleOptions& options) {
    const auto factor = parse_factor(options.factor);
    if (!factor) return factor.error();
    const auto kind = parse_kernel(options.kernel);
    if (!kind) return kind.error();
    const auto replicates = parse_replicates(options.border);
    if (!replicates) return replicates.error();
    if (auto ok = check_output_name(options.output); !ok) return ok.error();
    if (options.input == "-" && options.kernel == "-")
        return usage("the picture and the kernel cannot both come from standard input; name a file for one of them");

    const auto picture = io::read_png(options.input);
    if (!picture) return picture.error();
    const std::int64_t width = picture->width * *factor, height = picture->height * *factor;
    if (width > io::kMostPixels / height)
        return usage(
            fmt::format("--factor {} would make the {} x {} picture {} x {}; up to 2^28 = {} pixels can be "
                        "written: use a smaller factor or picture",
                        *factor, picture->width, picture->height, width, height, io::kMostPixels));
    const auto layer = make_layer(options, *kind, *factor, picture->channels);
    if (!layer) return layer.error();

    io::Image output = blank(height, width, picture->channels);
    const std::int64_t band = rows_per_band(*picture, *layer);
    {
        Progress progress("upsampling");
        for (std::int64_t first = 0; first < picture->height; first += band) {
            const std::int64_t rows = std::min(band, picture->height - first);
            if (auto ok = upsample_band(*picture, *layer, *replicates, first, rows, output); !ok) return ok.error();
            progress.update(first + rows, picture->height);
        }
    }
    if (auto ok = io::write_png(options.output, output); !ok) return ok.error();
    return kDone;
}

Action declare_upsample(CLI::App& app) {
    auto options = std::make_shared<UpsampleOptions>();
    app.add_option("IN", options->input, "picture (.png, - is stdin)")->required();
    app.add_option("--factor", options->factor, "how many times larger: the stride")->required()->option_text("N");
    app.add_option("--kernel", options->kernel,
                   "nearest, bilinear (default; FCN's k = 2N, p = N/2), bicubic (Keys, a = -1/2), or a .npy file of "
                   "shape (kh, kw) or (1 or channels, 1, kh, kw), whose extra output is cropped, floor first")
        ->option_text("K");
    app.add_option("--border", options->border,
                   "replicate (default): the picture's border is repeated outside; zero: the plain layer, whose border "
                   "is darker")
        ->option_text("B");
    app.add_option("-o,--output", options->output, "where to write the picture (.png, - is stdout)")
        ->required()
        ->option_text("OUT.png");
    return [options] { return upsample(*options); };
}

}  // namespace

const Verb kUpsample{"upsample", "a picture enlarged by a depthwise transposed convolution",
                     "  tconv upsample IN.png --factor 2 -o OUT.png\n"
                     "  tconv upsample IN.png --factor 4 --kernel bicubic -o OUT.png\n"
                     "  tconv upsample IN.png --factor 3 --kernel K.npy --border zero -o OUT.png\n",
                     declare_upsample};

}  // namespace tconv::cli
