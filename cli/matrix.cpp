// tconv matrix: the convolution's matrix W, or its transpose, which is the transposed convolution.
#include "tconv/matrix.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "draw/matrix_scene.h"
#include "given_files.h"
#include "scene_file.h"
#include "tconv/passes.h"
#include "terminal.h"
#include "verb.h"

namespace tconv::cli {
namespace {

struct MatrixOptions {
    GivenFiles files;
    std::string output;
    ThemeOption theme;
    bool is_transposed = false;
    GeometryOptions geometry;
};

Result<matrix::Dense> dense(const MatrixOptions& options, const Problem& problem, std::span<const double> weights) {
    auto w = while_showing("computing", [&] { return matrix::dense(problem, weights); });
    if (w && options.is_transposed) *w = matrix::Dense(w->transpose());
    return w;
}

// One row per line, columns aligned, numbers as short as they can be read back.
Result<int> print(const MatrixOptions& options, const Problem& problem, std::span<const double> weights) {
    auto w = dense(options, problem, weights);
    if (!w) return w.error();
    std::vector<std::string> cells;
    std::size_t width = 1;
    for (Eigen::Index i = 0; i < w->size(); ++i) {
        cells.push_back(problem.dtype == DType::f32 ? fmt::format("{}", static_cast<float>(w->data()[i]))
                                                    : fmt::format("{}", w->data()[i]));
        if (cells.back().ends_with(".0")) cells.back().resize(cells.back().size() - 2);
        width = std::max(width, cells.back().size());
    }
    for (Eigen::Index row = 0; row < w->rows(); ++row) {
        std::string line;
        for (Eigen::Index column = 0; column < w->cols(); ++column)
            line += fmt::format("{}{:>{}}", column == 0 ? "" : " ",
                                cells[static_cast<std::size_t>(row * w->cols() + column)], width);
        fmt::print("{}\n", line);
    }
    return kDone;
}

Result<int> write_npy(const MatrixOptions& options, const Problem& problem, std::span<const double> weights) {
    auto w = dense(options, problem, weights);
    if (!w) return w.error();
    auto array = Tensor::zeros({w->rows(), w->cols()}, DType::f64);
    if (!array) return array.error();
    std::copy(w->data(), w->data() + w->size(), array->as<double>().begin());
    auto rounded = array->to(problem.dtype);
    if (!rounded) return rounded.error();
    if (auto ok = io::write_npy(options.output, *rounded); !ok) return ok.error();
    return kDone;
}

Result<int> write_matrix_market(const MatrixOptions& options, const Problem& problem, std::span<const double> weights) {
    auto w = while_showing("computing", [&] { return matrix::sparse(problem, weights); });
    if (!w) return w.error();
    if (options.is_transposed) *w = matrix::Sparse(w->transpose());
    if (auto ok = io::write_file(options.output, matrix::to_matrix_market(*w)); !ok) return ok.error();
    return kDone;
}

// W knows nothing of what a layer does to its sums.
Problem without_epilogue(Problem problem) {
    problem.activation = {};
    problem.has_sum = false;
    return problem;
}

// Of the batch's first sample; small whole numbers stand for an input and a bias that are not given.
Result<int> write_picture(const MatrixOptions& options, const Problem& problem, const GivenArrays& arrays,
                          std::vector<double> weights) {
    draw::Numbers numbers = sample_numbers(problem, arrays, 0);
    numbers.weights = std::move(weights);
    const auto story = draw::tell(without_epilogue(problem), std::move(numbers));
    if (!story) return story.error();
    const auto scene = draw::matrix_scene(*story, options.is_transposed);
    if (!scene) return scene.error();
    const auto theme = options.theme.theme(true);
    if (!theme) return theme.error();
    if (auto ok = write_scene(options.output, *scene, {*theme}); !ok) return ok.error();
    return kDone;
}

Result<int> show_matrix(const MatrixOptions& options) {
    const bool to_stdout = options.output.empty() || options.output == "-";
    const bool to_mtx = options.output.ends_with(".mtx"), to_npy = options.output.ends_with(".npy");
    const bool to_picture = is_still(options.output);
    if (!to_stdout && !to_mtx && !to_npy && !to_picture)
        return Error{ErrorCode::invalid_argument, "-o '" + options.output + "' must end in .mtx, .npy, .svg or .png"};
    if (const auto theme = options.theme.theme(to_picture); !theme) return theme.error();
    if (!to_picture && !(options.files.input.empty() && options.files.bias.empty()))
        return Error{ErrorCode::invalid_argument,
                     "--x and -b are what a picture's product is made of; leave them out, or write -o W.svg"};
    auto read = read_arrays(options.files);
    if (!read) return read.error();
    auto problem = read->resolve(options.geometry);
    if (!problem) return problem.error();
    const GivenArrays arrays = read->given();

    // The limits of size are checked before the weights are numbered.
    auto size = matrix::size_of_w(*problem);
    if (!size) return size.error();
    if (!arrays.weights && problem->weight_elements() > (std::int64_t{1} << 28))
        return Error{ErrorCode::out_of_memory,
                     fmt::format("the problem has {} weights, over the limit of 2^28; use smaller sizes",
                                 problem->weight_elements())};
    if (to_picture)
        if (auto story = draw::tell(without_epilogue(*problem), {}); !story) return story.error();
    std::vector<double> weights;
    if (arrays.weights)
        for (std::int64_t i = 0; i < arrays.weights->elements(); ++i) weights.push_back(element(*arrays.weights, i));
    else
        weights = matrix::numbered_weights(*problem);
    if (to_mtx) return write_matrix_market(options, *problem, weights);
    if (to_npy) return write_npy(options, *problem, weights);
    if (to_picture) return write_picture(options, *problem, arrays, std::move(weights));
    constexpr std::int64_t kMostPrinted = 1 << 20;
    if (size->rows > kMostPrinted || size->columns > kMostPrinted || size->rows * size->columns > kMostPrinted)
        return Error{ErrorCode::out_of_memory,
                     fmt::format("the matrix is {} x {}, too large to print; write it with -o W.mtx", size->rows,
                                 size->columns)};
    return print(options, *problem, weights);
}

Action declare_matrix(CLI::App& app) {
    auto options = std::make_shared<MatrixOptions>();
    options->files.declare_weights(app, "without it they are numbered 1, 2, 3, ...");
    app.add_option("--x", options->files.input,
                   "the input, for a picture of the product (.npy, or numbers: 1,2,3); without it, small whole numbers")
        ->option_text("X");
    app.add_option("-b,--bias", options->files.bias, "the bias, likewise")->option_text("B");
    app.add_flag("--transpose", options->is_transposed, "the transposed matrix: the transposed convolution");
    app.add_option("-o,--output", options->output,
                   "write MatrixMarket (.mtx, sparse), an array (.npy, dense), or a picture of W, its transpose "
                   "and the product with an input (.svg, .png)")
        ->option_text("F");
    options->theme.declare(app);
    options->geometry.declare(app);
    return [options] { return show_matrix(*options); };
}

}  // namespace

const Verb kMatrix{"matrix", "the matrix W of the convolution, or its transpose",
                   "  tconv matrix -p 'i2x2 k3'                    the 4 x 16 matrix with the taps numbered\n"
                   "  tconv matrix --w W.npy --input-size 2,2 --transpose -o WT.mtx\n"
                   "  tconv matrix -p 'i2x2 k3' -o W.svg               a picture of W and of its transpose times x\n",
                   declare_matrix};

}  // namespace tconv::cli
