#include "problem/layer_shapes.h"

#include <algorithm>
#include <utility>

#include "problem/axis.h"
#include "problem/checked.h"

namespace tconv::layer {
namespace {

Result<int> rank_of(const LayerShapes& shapes) {
    const std::size_t weights = shapes.weights.size();
    if (weights < 3)
        return mismatch("weights of rank " + std::to_string(weights) +
                        " have no spatial axis; they must be (C_in, C_out / groups, kernel...), of rank 3 to 5");
    if (weights > 5)
        return refuse("weights of rank " + std::to_string(weights) + " mean " + std::to_string(weights - 2) +
                      " spatial axes; 1, 2 or 3 are supported");
    if (shapes.input.size() != weights && shapes.input.size() + 1 != weights)
        return mismatch("input of rank " + std::to_string(shapes.input.size()) + " does not go with weights of rank " +
                        std::to_string(weights) + "; give rank " + std::to_string(weights) + ", or " +
                        std::to_string(weights - 1) + " without a batch");
    return static_cast<int>(weights) - 2;
}

// The input's axes, whatever its layout and whether it has a batch.
struct Parts {
    std::int64_t batch = 1, channels = 1;
    PerAxis sizes{};
};

Parts parts_of(const LayerShapes& shapes, int rank) {
    Parts parts;
    auto next = shapes.input.begin();
    if (shapes.input.size() == shapes.weights.size()) parts.batch = *next++;
    if (shapes.layout == Layout::channels_first) parts.channels = *next++;
    for (std::size_t axis = 0; axis < static_cast<std::size_t>(rank); ++axis) parts.sizes[axis] = *next++;
    if (shapes.layout == Layout::channels_last) parts.channels = *next;
    return parts;
}

Result<void> check_fits(const char* what, std::int64_t value) {
    if (Checked(value).fits()) return {};
    return refuse(std::string(what) + " " + number(value) + " overflows 62 bits; use a smaller one");
}

Result<void> check_channels(const LayerShapes& shapes, const Problem& problem, InputSide side, std::int64_t channels) {
    const bool reads_coarse = side == InputSide::coarse;
    const std::int64_t expected = reads_coarse ? problem.coarse_channels : problem.fine_channels;
    const std::int64_t written = reads_coarse ? problem.fine_channels : problem.coarse_channels;
    if (channels != expected)
        return mismatch("the input has " + number(channels) + " channels, but weights " + shape_text(shapes.weights) +
                        " with groups " + number(problem.groups) + " read " + number(expected) +
                        "; give an input or weights that agree");
    if (shapes.bias_length && *shapes.bias_length != written)
        return mismatch("a bias of length " + number(*shapes.bias_length) + " does not go with " + number(written) +
                        " output channels; give one value per output channel");
    return {};
}

}  // namespace

std::string number(std::int64_t value) { return std::to_string(value); }

std::string shape_text(const Sizes& shape) {
    std::string text = "(";
    for (std::size_t i = 0; i < shape.size(); ++i) text += (i == 0 ? "" : ", ") + number(shape[i]);
    return text + ")";
}

std::string quoted(const std::string& text) {
    constexpr std::size_t kLongest = 40;
    std::string shown = text.substr(0, kLongest);
    for (char& c : shown)
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = '?';
    return "'" + shown + (text.size() > kLongest ? "...'" : "'");
}

Error refuse(std::string sentence) { return {ErrorCode::invalid_argument, std::move(sentence)}; }
Error mismatch(std::string sentence) { return {ErrorCode::array_mismatch, std::move(sentence)}; }

Result<PerAxis> per_axis(const ListTerm& term, int rank) {
    const std::size_t length = term.given.size();
    if (length > 1 && length != static_cast<std::size_t>(rank))
        return refuse(std::string(term.name) + " has " + std::to_string(length) + " entries for " + number(rank) +
                      " spatial axes; give one for all axes or one per axis");
    PerAxis values{};
    for (std::size_t axis = 0; axis < static_cast<std::size_t>(rank); ++axis) {
        values[axis] = length == 0 ? term.otherwise : term.given[length == 1 ? 0 : axis];
        if (auto ok = check_at_least(term.name, values[axis], term.least); !ok) return ok.error();
        if (auto ok = check_fits(term.name, values[axis]); !ok) return ok.error();
    }
    return values;
}

Result<PerAxis> wanted_sizes(const char* name, const Sizes& given, int rank, int leading) {
    const std::size_t spatial = static_cast<std::size_t>(rank);
    const std::size_t whole = spatial + static_cast<std::size_t>(leading);
    if (given.size() != spatial && given.size() != whole)
        return refuse(std::string(name) + " has " + std::to_string(given.size()) + " entries for " + number(rank) +
                      " spatial axes; give one size per axis" +
                      (leading == 0 ? "" : ", or all " + std::to_string(whole) + " of the output's shape"));
    PerAxis sizes{};
    std::copy(given.end() - rank, given.end(), sizes.begin());
    for (std::size_t axis = 0; axis < spatial; ++axis) {
        if (auto ok = check_at_least(name, sizes[axis], 1); !ok) return ok.error();
        if (auto ok = check_fits(name, sizes[axis]); !ok) return ok.error();
    }
    return sizes;
}

Result<Pads> begins_and_ends(const char* name, const Sizes& given, int rank) {
    const std::size_t count = static_cast<std::size_t>(rank);
    if (given.size() > 1 && given.size() != 2 * count)
        return refuse(std::string(name) + " has " + std::to_string(given.size()) + " entries for " + number(rank) +
                      " spatial axes; give all begins and then all ends, " + std::to_string(2 * count) +
                      " in all, or one for all");
    Pads pads;
    for (std::size_t axis = 0; axis < count && !given.empty(); ++axis) {
        pads.begin[axis] = given.size() == 1 ? given[0] : given[axis];
        pads.end[axis] = given.size() == 1 ? given[0] : given[count + axis];
        const std::int64_t least = std::min(pads.begin[axis], pads.end[axis]);
        if (least < 0)
            return refuse(std::string(name) + " " + number(least) +
                          " must be at least 0; a negative padding is an output_padding or a larger output size");
    }
    return pads;
}

Result<Problem> problem_of(const LayerShapes& shapes, InputSide side, std::int64_t groups) {
    const auto rank = rank_of(shapes);
    if (!rank) return rank.error();
    for (const Sizes* shape : {&shapes.input, &shapes.weights})
        if (std::any_of(shape->begin(), shape->end(), [](std::int64_t size) { return size < 0; }))
            return refuse("shape " + shape_text(*shape) + " has a negative size; sizes must be at least 0");
    if (groups < 1) return refuse("groups " + number(groups) + " must be at least 1");

    Problem problem;
    const Parts parts = parts_of(shapes, *rank);
    problem.rank = *rank;
    problem.batch = parts.batch;
    problem.groups = groups;
    problem.coarse_channels = shapes.weights[0];
    if (problem.coarse_channels % groups != 0)
        return refuse("the weights' first size " + number(problem.coarse_channels) + " must be divisible by groups " +
                      number(groups) + "; use groups that divide it");
    const Checked fine_channels = Checked(shapes.weights[1]) * groups;
    if (!fine_channels.fits())
        return refuse(number(shapes.weights[1]) + " channels in each of " + number(groups) +
                      " groups overflow 62 bits; use smaller sizes");
    problem.fine_channels = fine_channels.value();
    if (auto ok = check_channels(shapes, problem, side, parts.channels); !ok) return ok.error();

    for (std::size_t i = 0; i < problem.spatial().size(); ++i) {
        Axis& axis = problem.spatial()[i];
        axis.kernel = shapes.weights[i + 2];
        (side == InputSide::coarse ? axis.coarse : axis.fine) = parts.sizes[i];
        if (parts.sizes[i] < 1) return refuse("input size " + number(parts.sizes[i]) + " must be at least 1");
        if (axis.kernel < 1) return refuse("kernel size " + number(axis.kernel) + " must be at least 1");
    }
    problem.dtype = shapes.dtype;
    problem.layout = shapes.layout;
    problem.has_bias = shapes.bias_length.has_value();
    return problem;
}

Result<Problem> transposed(const LayerShapes& shapes, std::int64_t groups, const ListTerm& strides,
                           const ListTerm& dilations) {
    auto problem = problem_of(shapes, InputSide::coarse, groups);
    if (!problem) return problem;
    const auto stride = per_axis(strides, problem->rank);
    if (!stride) return stride.error();
    const auto dilation = per_axis(dilations, problem->rank);
    if (!dilation) return dilation.error();
    for (std::size_t i = 0; i < problem->spatial().size(); ++i) {
        Axis& axis = problem->spatial()[i];
        axis.stride = (*stride)[i];
        axis.dilation = (*dilation)[i];
        if (auto ok = check_parameters(axis); !ok) return ok.error();
    }
    return problem;
}

Result<Problem> finish(const Problem& problem) {
    if (auto ok = validate(problem); !ok) return ok.error();
    return problem;
}

}  // namespace tconv::layer
