// tconv's own terms: a problem text filled up from arrays.
#include <algorithm>

#include "problem/checked.h"
#include "problem/layer_shapes.h"
#include "tconv/frameworks.h"

namespace tconv {
namespace {

using layer::InputSide;
using layer::mismatch;
using layer::number;

using List = ProblemTokens::List;

// A number that is given has to be the arrays'; one that is not becomes it.
Result<void> agree(std::optional<std::int64_t>& given, std::int64_t theirs, const char* what) {
    if (!given) given = theirs;
    if (*given == theirs) return {};
    return mismatch(std::string(what) + " " + number(*given) + " is given, but the arrays have " + number(theirs));
}

Result<void> agree(std::optional<List>& given, const List& theirs, const char* what) {
    if (given && given->size() == 1) given->resize(theirs.size(), given->front());
    if (!given) given = theirs;
    if (*given == theirs) return {};
    return mismatch(std::string(what) + " " + layer::shape_text(*given) + " is given, but the arrays have " +
                    layer::shape_text(theirs));
}

Result<void> check_ranks(const ProblemTokens& tokens, int rank) {
    for (const auto* list : {&tokens.coarse, &tokens.fine, &tokens.kernel, &tokens.stride, &tokens.padding_begin,
                             &tokens.padding_end, &tokens.output_padding, &tokens.dilation}) {
        if (*list && (*list)->size() != 1 && (*list)->size() != static_cast<std::size_t>(rank))
            return mismatch("the text has " + std::to_string((*list)->size()) + " axes, but the weights have " +
                            number(rank));
    }
    return {};
}

List collect(const Problem& problem, std::int64_t Axis::* size) {
    List list;
    for (const Axis& axis : problem.spatial()) list.push_back(axis.*size);
    return list;
}

// The coarse size that leads a convolution's text with an output padding to `fine`, or the next one below; the caller
// compares what comes of it.
List coarse_sizes(const ProblemTokens& tokens, const List& fine) {
    const auto on = [](const std::optional<List>& list, std::size_t axis, std::int64_t otherwise) {
        return !list ? otherwise : (*list)[list->size() == 1 ? 0 : axis];
    };
    List coarse;
    for (std::size_t i = 0; i < fine.size(); ++i) {
        const std::int64_t stride = on(tokens.stride, i, 1);
        const Checked room = Checked(fine[i]) + on(tokens.padding_begin, i, 0) + on(tokens.padding_end, i, 0) -
                             on(tokens.output_padding, i, 0) -
                             Checked(on(tokens.dilation, i, 1)) * (on(tokens.kernel, i, 1) - 1) - 1;
        coarse.push_back(stride < 1 || !room.fits() || room.value() < 0 ? 1 : room.value() / stride + 1);
    }
    return coarse;
}

}  // namespace

Result<Problem> from_tokens(LayerShapes shapes, ProblemTokens tokens, Pass layer) {
    const bool is_convolution = layer == Pass::gather;
    const InputSide side = is_convolution ? InputSide::fine : InputSide::coarse;
    const std::int64_t groups = tokens.groups.value_or(1);
    const bool has_input = !shapes.input.empty();
    shapes.layout = tokens.layout.value_or(Layout::channels_first);
    if (tokens.dtype && *tokens.dtype != shapes.dtype)
        return mismatch(
            "the text says another element type than the arrays hold; convert them, or leave f32 and f64 out");
    // Without an input, one that fits the weights stands in, so that the weights are checked alike.
    if (!has_input && shapes.weights.size() >= 3) {
        shapes.layout = Layout::channels_first;
        shapes.input.assign(shapes.weights.size(), 1);
        if (!is_convolution)
            shapes.input[1] = shapes.weights[0];
        else if (groups >= 1 && shapes.weights[1] <= Checked::kMaxExtent / groups)
            shapes.input[1] = shapes.weights[1] * groups;
    }
    auto arrays = layer::problem_of(shapes, side, groups);
    if (!arrays) return arrays;
    if (auto ok = check_ranks(tokens, arrays->rank); !ok) return ok.error();

    if (auto ok = agree(tokens.kernel, collect(*arrays, &Axis::kernel), "kernel"); !ok) return ok.error();
    if (auto ok = agree(tokens.coarse_channels, arrays->coarse_channels, "ic"); !ok) return ok.error();
    if (auto ok = agree(tokens.fine_channels, arrays->fine_channels, "oc"); !ok) return ok.error();
    const List sizes = collect(*arrays, is_convolution ? &Axis::fine : &Axis::coarse);
    // A convolution's text may give the coarse size, or an output padding from which it follows; whether that leads to
    // the input's size is seen afterwards.
    if (is_convolution && has_input && tokens.output_padding && !tokens.coarse && !tokens.fine)
        tokens.coarse = coarse_sizes(tokens, sizes);
    const bool fine_follows = is_convolution && tokens.coarse && !tokens.fine;
    if (has_input) {
        if (auto ok = agree(tokens.batch, arrays->batch, "batch"); !ok) return ok.error();
        auto& given = is_convolution ? tokens.fine : tokens.coarse;
        if (!fine_follows) {
            if (auto ok = agree(given, sizes, "input size"); !ok) return ok.error();
        }
    }
    tokens.dtype = shapes.dtype;
    tokens.has_bias = tokens.has_bias || shapes.bias_length.has_value();

    auto problem = to_problem(tokens);
    if (!problem || !has_input || !fine_follows || collect(*problem, &Axis::fine) == sizes) return problem;
    return mismatch("the text means a fine size of " + layer::shape_text(collect(*problem, &Axis::fine)) +
                    ", but the input has " + layer::shape_text(sizes));
}

}  // namespace tconv
