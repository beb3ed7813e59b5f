#include "generated_sheet.h"

#include <fmt/format.h>

#include <chrono>

#include "tconv/io.h"
#include "tconv/problem_text.h"
#include "train/assets.h"
#include "train/dcgan.h"
#include "train/sheet.h"

namespace tconv::cli {
namespace {

constexpr std::int64_t kGenerated = 64, kSheetColumns = 16, kSheetZoom = 2;
constexpr std::uint64_t kNoiseSeed = 7;

// Each transposed convolution for one picture; its name is its place in the generator.
void print_layers(train::Generator& generator) {
    Shape shape{1, train::kNoiseSize, 1, 1};
    for (std::size_t i = 0; i < generator.main.size(); ++i)
        if (auto* layer = dynamic_cast<nn::ConvTranspose2d*>(&generator.main[i])) {
            const Problem problem = layer->problem(shape);
            fmt::print("  layer    {}\n", to_text(problem));
            shape = {1, problem.fine_channels, problem.spatial()[0].fine, problem.spatial()[1].fine};
        }
}

}  // namespace

Result<void> write_generated_sheet(const std::string& path) {
    fmt::print(
        "\ngenerated: {} pieces of clothing, each from {} random numbers, by a network that `tconv train dcgan` "
        "trained\n",
        kGenerated, train::kNoiseSize);
    auto generator = train::shipped_generator();
    if (!generator) return generator.error();
    print_layers(*generator);
    const autograd::NoGrad no_grad;
    const auto start = std::chrono::steady_clock::now();
    const Tensor pictures = (*generator)(train::noise(kGenerated, kNoiseSeed)).data();
    const std::chrono::duration<double, std::milli> time = std::chrono::steady_clock::now() - start;
    fmt::print("  time     {:.1f} ms for all of them\n", time.count());
    if (auto ok = io::write_png(path, train::picture_sheet(pictures, kSheetColumns, kSheetZoom)); !ok)
        return ok.error();
    fmt::print("  picture  {}\n", path);
    std::fflush(stdout);
    return {};
}

}  // namespace tconv::cli
