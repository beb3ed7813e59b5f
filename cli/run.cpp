// tconv run: the demonstration. A picture through real layers, with sizes, times, and what to look at.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <optional>

#include "demonstration.h"
#include "generated_sheet.h"
#include "picture.h"
#include "tconv/io.h"
#include "tconv/problem_text.h"
#include "terminal.h"
#include "verb.h"

namespace tconv::assets {
extern const unsigned char kSamplePng[];
extern const unsigned long kSamplePngSize;
}  // namespace tconv::assets

namespace tconv::cli {
namespace {

// What a larger picture is cropped to, so that the demonstration takes seconds.
constexpr std::int64_t kLongestSide2 = 512, kLongestSide8 = 192;

struct RunOptions {
    std::string input, directory = "out";
};

/// The middle of a picture, and where it lies in the picture.
struct Middle {
    io::Image image;
    std::int64_t row = 0, column = 0;
};

Middle middle_of(const io::Image& image, std::int64_t longest_side) {
    const std::int64_t height = std::min(image.height, longest_side), width = std::min(image.width, longest_side);
    const std::int64_t row = (image.height - height) / 2, column = (image.width - width) / 2;
    return {crop(image, row, column, height, width), row, column};
}

Result<io::Image> read_input(const std::string& path) {
    if (!path.empty()) return io::read_png(path);
    return io::decode_png(std::as_bytes(std::span(assets::kSamplePng, assets::kSamplePngSize)));
}

Result<void> make_directory(const std::string& path) {
    std::error_code error;
    if (path.empty() || path == "-")
        return Error{ErrorCode::invalid_argument, "-o '" + path + "' must be a directory, for several pictures"};
    if (std::filesystem::is_directory(path, error)) return {};
    if (std::filesystem::exists(path, error))
        return Error{ErrorCode::write_failed, "'" + path + "' is a file; name a directory for the pictures"};
    std::filesystem::create_directories(path, error);
    if (error)
        return Error{ErrorCode::write_failed, "the directory '" + path + "' could not be made: " + error.message()};
    return {};
}

/// "301,056".
std::string with_commas(std::int64_t number) {
    std::string digits = std::to_string(number);
    for (auto at = static_cast<std::int64_t>(digits.size()) - 3; at > 0; at -= 3)
        digits.insert(static_cast<std::size_t>(at), ",");
    return digits;
}

void print_layer(const LayerRun& run, std::size_t number, std::size_t count) {
    fmt::print("  {}problem  {}\n", count > 1 ? fmt::format("layer {}\n    ", number) : "", to_text(run.problem));
    const char* const indent = count > 1 ? "    " : "  ";
    const char* names[] = {"rows   ", "columns"};
    for (std::size_t i = 0; i < 2; ++i) {
        const Axis& axis = run.problem.spatial()[i];
        fmt::print("{}{}  ({} - 1) * {} + {} - 2 * {} + {} = {}\n", indent, names[i], axis.coarse, axis.stride,
                   axis.kernel, axis.padding_begin, axis.output_padding(), axis.fine);
    }
    fmt::print("{}time     {:.1f} ms for {} multiplications\n", indent, run.milliseconds,
               with_commas(run.multiplications));
}

/// Writes a picture into the directory and prints where.
Result<void> write_picture(const io::Image& image, const std::string& directory, const std::string& name) {
    const std::string path = (std::filesystem::path(directory) / (name + ".png")).string();
    if (auto ok = io::write_png(path, image); !ok) return ok.error();
    fmt::print("  picture  {}\n", path);
    std::fflush(stdout);
    return {};
}

void print_introduction(const RunOptions& options, const io::Image& picture, const Middle& middle2,
                        const Middle& middle8) {
    fmt::print("input: {}, {} rows x {} columns, {}\n",
               options.input.empty() ? "24 images of Fashion-MNIST (the built-in sample)" : options.input,
               picture.height, picture.width, picture.channels == 1 ? "grey" : "RGB");
    for (const auto& [middle, scale] : {std::pair{&middle2, 2}, std::pair{&middle8, 8}})
        if (middle->image.pixels.size() < picture.pixels.size())
            fmt::print("x{} takes its middle, {} x {}; `tconv upsample` takes whole pictures\n", scale,
                       middle->image.height, middle->image.width);
    fmt::print(
        "every layer is depthwise, and each of its sizes is\n"
        "  (input - 1) * stride + kernel - 2 * padding + output_padding = output\n");
}

void print_what_to_look_at() {
    fmt::print(
        "\nwhat to look at, best in the comparison:\n"
        "  bilinear is smooth; where a picture is bright at its border, it darkens: nothing beyond it adds up.\n"
        "  random k3 s2 shows a checkerboard: the stride does not divide the kernel, so an output gets 1, 2 or 4\n"
        "  products, depending on where it lies. Three such layers repeat it at three sizes.\n"
        "  random k4 s2: every output gets 4 products; what pattern is left comes from the weights alone.\n");
}

Result<int> run(const RunOptions& options) {
    const auto picture = read_input(options.input);
    if (!picture) return picture.error();
    if (auto ok = make_directory(options.directory); !ok) return ok.error();
    const Middle middle2 = middle_of(*picture, kLongestSide2), middle8 = middle_of(*picture, kLongestSide8);
    print_introduction(options, *picture, middle2, middle8);

    std::vector<ComparedPicture> compared;
    for (const Demonstration& demonstration : demonstrations()) {
        const Middle& input = demonstration.scale == 2 ? middle2 : middle8;
        fmt::print("\n{}: {}\n", demonstration.name, demonstration.title);
        std::fflush(stdout);
        std::optional<Progress> progress(demonstration.name);
        std::vector<LayerRun> runs;
        auto image = run_demonstration(demonstration, input.image, [&](const LayerRun& layer) {
            runs.push_back(layer);
            progress->update(static_cast<std::int64_t>(runs.size()), std::ssize(demonstration.layers));
        });
        progress.reset();
        if (!image) return image.error();
        for (std::size_t i = 0; i < runs.size(); ++i) print_layer(runs[i], i + 1, runs.size());
        if (auto ok = write_picture(*image, options.directory, demonstration.name); !ok) return ok.error();
        // Compared with the input of x8, which is the smaller one.
        compared.push_back({std::move(*image), demonstration.label, demonstration.scale, input.row - middle8.row,
                            input.column - middle8.column});
    }
    fmt::print("\ncomparison: the middle of each picture, side by side\n");
    const io::Image page = comparison_page(middle8.image, find_window(middle8.image), compared);
    if (auto ok = write_picture(page, options.directory, "comparison"); !ok) return ok.error();
    print_what_to_look_at();
    const std::string sheet = (std::filesystem::path(options.directory) / "generated.png").string();
    if (auto ok = write_generated_sheet(sheet); !ok) return ok.error();
    return kDone;
}

Action declare_run(CLI::App& app) {
    auto options = std::make_shared<RunOptions>();
    app.add_option("IN", options->input, "picture (.png, - is stdin; default: a sample that is built in)")
        ->option_text("[IN.png]");
    app.add_option("-o,--output", options->directory, "the directory for the pictures (default: out)")
        ->option_text("DIR");
    return [options] { return run(*options); };
}

}  // namespace

const Verb kRun{"run", "the demonstration: a real picture through real layers",
                "  tconv run                  a sample that is built in; pictures into out/\n"
                "  tconv run IN.png -o DIR    a picture of yours\n",
                declare_run};

}  // namespace tconv::cli
