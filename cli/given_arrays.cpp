#include "given_arrays.h"

#include <algorithm>

namespace tconv::cli {
namespace {

Error mismatch(std::string sentence) { return {ErrorCode::array_mismatch, std::move(sentence)}; }

std::string joined(const Sizes& sizes) {
    std::string text;
    for (const std::int64_t size : sizes) text += (text.empty() ? "" : "x") + std::to_string(size);
    return text;
}

// A number that is given must be the arrays'; one that is not becomes it.
Result<void> agree(std::optional<std::int64_t>& given, std::int64_t theirs, const char* what) {
    if (!given) given = theirs;
    if (*given == theirs) return {};
    return mismatch(std::string(what) + " " + std::to_string(*given) + " is given, but the arrays have " +
                    std::to_string(theirs));
}

Result<void> agree(std::optional<Sizes>& given, const Sizes& theirs, const char* what) {
    if (given && given->size() == 1) given->resize(theirs.size(), given->front());
    if (!given) given = theirs;
    if (*given == theirs) return {};
    return mismatch(std::string(what) + " " + joined(*given) + " is given, but the arrays have " + joined(theirs));
}

// An input's shape taken apart, whatever its layout and whether it is batched.
struct InputParts {
    std::int64_t batch = 1, channels = 1;
    Sizes spatial;
};

Result<InputParts> parts_of(const Sizes& input, std::size_t rank, Layout layout) {
    if (input.size() != rank + 2 && input.size() != rank + 1)
        return mismatch("the input has " + std::to_string(input.size()) + " axes, but weights with " +
                        std::to_string(rank) + " spatial axes ask for " + std::to_string(rank + 2) + " (or " +
                        std::to_string(rank + 1) + ", unbatched)");
    InputParts parts;
    Sizes rest = input;
    if (rest.size() == rank + 2) {
        parts.batch = rest.front();
        rest.erase(rest.begin());
    }
    const auto channels = layout == Layout::channels_first ? rest.begin() : rest.end() - 1;
    parts.channels = *channels;
    rest.erase(channels);
    parts.spatial = std::move(rest);
    return parts;
}

Result<std::size_t> spatial_rank(const Sizes& weights) {
    if (weights.size() < 3)
        return mismatch("the weights have " + std::to_string(weights.size()) +
                        " axes; at least 3 are needed: (C_in, C_out/groups, kernel...)");
    if (weights.size() > 5)
        return Error{ErrorCode::invalid_argument, "the weights have " + std::to_string(weights.size() - 2) +
                                                      " spatial axes; at most 3 are supported"};
    return weights.size() - 2;
}

}  // namespace

Result<LayerShapes> shapes_of(const GivenArrays& arrays, Layout layout) {
    LayerShapes shapes{arrays.input ? arrays.input->shape() : Sizes{}, arrays.weights->shape()};
    shapes.layout = layout;
    shapes.dtype = arrays.weights->dtype();
    for (const Tensor* other : {arrays.input, arrays.bias, arrays.residual}) {
        if (other && other->dtype() != shapes.dtype)
            return mismatch("the arrays hold both f32 and f64; convert them to one of these");
    }
    if (arrays.bias) {
        if (arrays.bias->rank() != 1)
            return mismatch("the bias has shape " + to_string(arrays.bias->shape()) +
                            ", but one number per output channel is needed");
        shapes.bias_length = arrays.bias->shape()[0];
    }
    return shapes;
}

Result<void> check_agreement(const LayerShapes& shapes, const GivenSizes& given) {
    auto rank = spatial_rank(shapes.weights);
    if (!rank) return rank.error();
    auto input = parts_of(shapes.input, *rank, shapes.layout);
    if (!input) return input.error();
    const auto check = [](const Sizes& sizes, const Sizes& theirs, const char* what) -> Result<void> {
        if (sizes.empty()) return {};
        std::optional<Sizes> list = sizes;
        return agree(list, theirs, what);
    };
    if (auto ok = check(given.kernel, Sizes(shapes.weights.begin() + 2, shapes.weights.end()), "--kernel"); !ok)
        return ok;
    if (auto ok = check(given.input_size, input->spatial, "--input-size"); !ok) return ok;
    const std::int64_t out = given.groups >= 1 ? shapes.weights[1] * given.groups : shapes.weights[1];
    if (!given.channels.empty() && given.channels != Sizes{input->channels, out})
        return mismatch("--channels " + joined(given.channels) + " is given, but the arrays have " +
                        joined({input->channels, out}));
    std::optional<std::int64_t> batch = given.batch;
    return agree(batch, input->batch, "--batch");
}

Result<Problem> fill_text(ProblemTokens tokens, const GivenArrays& arrays) {
    if (!arrays.weights) return to_problem(tokens);
    const Layout layout = tokens.layout.value_or(Layout::channels_first);
    auto shapes = shapes_of(arrays, layout);
    if (!shapes) return shapes.error();
    auto rank = spatial_rank(shapes->weights);
    if (!rank) return rank.error();
    for (const auto* list : {&tokens.coarse, &tokens.fine, &tokens.kernel, &tokens.stride, &tokens.padding_begin,
                             &tokens.padding_end, &tokens.output_padding, &tokens.dilation}) {
        if (*list && (*list)->size() != 1 && (*list)->size() != *rank)
            return mismatch("the text has " + std::to_string((*list)->size()) + " axes, but the weights have " +
                            std::to_string(*rank));
    }
    if (tokens.dtype && *tokens.dtype != shapes->dtype)
        return mismatch("the text says another element type than the arrays hold; convert them");
    tokens.dtype = shapes->dtype;
    const std::int64_t groups = tokens.groups.value_or(1);
    if (groups < 1)
        return Error{ErrorCode::invalid_argument, "groups " + std::to_string(groups) + " must be at least 1"};
    if (groups > 1 && shapes->weights[1] > (std::int64_t{1} << 62) / groups)
        return Error{ErrorCode::invalid_argument,
                     "groups " + std::to_string(groups) + " are too many; sizes must fit 62 bits"};

    const Sizes kernel(shapes->weights.begin() + 2, shapes->weights.end());
    if (auto ok = agree(tokens.kernel, kernel, "kernel"); !ok) return ok.error();
    if (auto ok = agree(tokens.coarse_channels, shapes->weights[0], "ic"); !ok) return ok.error();
    if (auto ok = agree(tokens.fine_channels, shapes->weights[1] * groups, "oc"); !ok) return ok.error();
    Sizes fine;
    if (arrays.input) {
        auto input = parts_of(shapes->input, *rank, layout);
        if (!input) return input.error();
        if (auto ok = agree(tokens.batch, input->batch, "batch"); !ok) return ok.error();
        auto& channels = arrays.is_convolution ? tokens.fine_channels : tokens.coarse_channels;
        if (auto ok = agree(channels, input->channels, "with the weights' channels,"); !ok) return ok.error();
        if (!arrays.is_convolution) {
            if (auto ok = agree(tokens.coarse, input->spatial, "coarse size"); !ok) return ok.error();
        } else if (tokens.fine || !tokens.coarse) {
            if (auto ok = agree(tokens.fine, input->spatial, "fine size"); !ok) return ok.error();
        } else {
            tokens.coarse->resize(*rank, tokens.coarse->front());
            fine = input->spatial;
        }
    }
    auto problem = to_problem(tokens);
    if (!problem) return problem;
    for (std::size_t i = 0; i < fine.size(); ++i) {
        if (problem->spatial()[i].fine != fine[i])
            return mismatch("the text's fine size is " + std::to_string(problem->spatial()[i].fine) +
                            ", but the input has " + std::to_string(fine[i]));
    }
    return problem;
}

}  // namespace tconv::cli
