#include "conformance/support/values.h"

#include <cmath>

#include "conformance/support/independent.h"
#include "conformance/support/shape_lists.h"
#include "tconv/matrix.h"
#include "tconv/problem_text.h"

namespace tconv::test {
namespace {

constexpr std::int64_t kMostMatrixEntries = 1'000'000;

// Compares with the bound of each element; NaN differs from everything.
std::string differs(const std::string& who, const Doubles& got, const Doubles& expected, const Doubles& bounds) {
    if (got.size() != expected.size()) return who + " has another size";
    for (std::size_t i = 0; i < got.size(); ++i)
        if (!(std::fabs(got[i] - expected[i]) <= bounds[i]))
            return who + " gives " + std::to_string(got[i]) + " at element " + std::to_string(i) + ", not " +
                   std::to_string(expected[i]) + " (allowed difference " + std::to_string(bounds[i]) + ")";
    return "";
}

Doubles error_bounds(Doubles magnitude, Values values, std::int64_t terms) {
    for (double& m : magnitude) m = values == Values::small_integers ? 0 : error_bound(m, terms);
    return magnitude;
}

// The convolution with the same weights, read through W: gather = W.
std::string convolution_differs(const Layer& layer, Values values, std::uint64_t seed) {
    Layer fine = layer;  // as many values as the fine side has, made the same way
    Problem as_input = layer.problem;
    std::swap(as_input.coarse_channels, as_input.fine_channels);
    for (Axis& axis : as_input.axes) axis.coarse = axis.fine;
    fine.input = random_layer(as_input, values, seed).input;
    const Layer positive = magnitudes(fine);
    const std::int64_t terms = layer.problem.fine_channels / layer.problem.groups * layer.problem.taps();
    return differs("W times the fine side", convolved_by_matrix(layer, fine.input),
                   convolved_by_reference(layer, fine.input),
                   error_bounds(convolved_by_reference(positive, positive.input), values, terms));
}

}  // namespace

std::string disagreement(const Problem& problem, std::uint64_t seed) {
    const Values values = seed % 2 == 0 ? Values::small_integers : Values::reals;
    const Layer layer = random_layer(problem, values, seed);
    const std::int64_t terms = problem.coarse_channels / problem.groups * problem.taps() + 1;
    const Doubles expected = gathered(layer);
    const Doubles bounds =
        error_bounds(values == Values::small_integers ? expected : gathered(magnitudes(layer)), values, terms);

    std::string found = differs("reference::scatter", by_reference(layer), expected, bounds);
    if (found.empty()) found = differs("zero insertion", zero_inserted(layer), expected, bounds);
    const auto size = matrix::size_of_w(problem);
    if (!size) return "size_of_w: " + size.error().message;
    if (found.empty() && size->entries < kMostMatrixEntries) {
        found = differs("W transposed", by_matrix(layer), expected, bounds);
        if (found.empty()) found = convolution_differs(layer, values, seed);
    }
    return found.empty() ? "" : found + " (seed " + std::to_string(seed) + ")";
}

std::vector<std::string> disagreements(std::size_t shard, std::size_t shards, std::int64_t above, std::int64_t up_to) {
    std::vector<std::string> found;
    const auto& shapes = listed_shapes();
    for (std::size_t i = shard; i < shapes.size(); i += shards) {
        const auto problem = parse_problem(shapes[i].text);
        if (!problem) {
            found.push_back(shapes[i].where + ": " + problem.error().message);
            continue;
        }
        if (multiplications(*problem) <= above || multiplications(*problem) > up_to) continue;
        const std::string sentence = disagreement(*problem, base_seed() + i / shards);
        if (!sentence.empty()) found.push_back(shapes[i].where + " '" + shapes[i].text + "': " + sentence);
    }
    return found;
}

}  // namespace tconv::test
