// What `tconv run` shows: pictures, each made by one or more depthwise layers, and the page that compares them.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "tconv/io.h"
#include "tconv/problem.h"
#include "tconv/result.h"

namespace tconv::cli {

/// A layer whose output is `stride` times as large as its input, the same on both axes.
struct DemonstrationLayer {
    std::int64_t kernel, stride, padding, output_padding;
    bool is_bilinear;    ///< else random weights, made from `seed`
    std::uint32_t seed;  ///< layers of a stack have different ones
};

/// A picture that is made by layers one after another.
struct Demonstration {
    std::string name;    ///< of the file, without .png
    std::string title;   ///< one line
    std::string label;   ///< in the comparison; at most 18 characters
    std::int64_t scale;  ///< the product of the strides
    std::vector<DemonstrationLayer> layers;
};

/// Three pictures twice as large, then three eight times as large, each of a bilinear kernel as FCN initialises it
/// (k = 2s, p = s/2), random k4 s2, random k3 s2. The random ones reach x8 by three layers, as decoders do.
std::vector<Demonstration> demonstrations();

/// One layer as it was run.
struct LayerRun {
    Problem problem;
    double milliseconds;
    std::int64_t multiplications;
};

/// Sends the picture through the layers, values unrounded in between, and reports each layer after it has run.
Result<io::Image> run_demonstration(const Demonstration& demonstration, const io::Image& input,
                                    const std::function<void(const LayerRun&)>& report);

/// Where the comparison looks at: the tile of 28 x 28 pixels, or 56 x 56 of a large picture, in its middle.
struct Window {
    std::int64_t row, column, height, width;
};
Window find_window(const io::Image& input);

/// A picture and how much larger it is than the input; (row, column) of the input is its upper left pixel.
struct ComparedPicture {
    io::Image image;
    std::string label;
    std::int64_t scale;
    std::int64_t row, column;
};

/// The window out of the input and out of six pictures (three x2, then three x8), side by side at one size.
io::Image comparison_page(const io::Image& input, const Window& window, const std::vector<ComparedPicture>& pictures);

}  // namespace tconv::cli
