#include "tconv/matrix.h"

#include <numeric>

#include "problem/checked.h"
#include "reference/entries.h"

namespace tconv::matrix {
namespace {

constexpr std::int64_t kMostEntries = std::int64_t{1} << 28, kMostCells = std::int64_t{1} << 27;

// W is that of one sample.
Problem one_sample(Problem problem) {
    problem.batch = 1;
    return problem;
}

Result<Size> check(const Problem& problem, std::span<const double> weights) {
    auto size = size_of_w(problem);
    if (!size) return size;
    if (static_cast<std::int64_t>(weights.size()) != problem.weight_elements())
        return Error{ErrorCode::invalid_argument, "the matrix needs " + std::to_string(problem.weight_elements()) +
                                                      " weights, but " + std::to_string(weights.size()) + " are given"};
    return size;
}

std::string told(const Size& size) {
    return "W is " + std::to_string(size.rows) + " x " + std::to_string(size.columns) + " with " +
           std::to_string(size.entries) + " entries";
}

}  // namespace

Result<Size> size_of_w(const Problem& problem) {
    const auto count = reference::count_entries(one_sample(problem));
    if (!count) return count.error();
    return Size{count->rows, count->columns, count->entries};
}

Result<Sparse> sparse(const Problem& given, std::span<const double> weights) {
    const Problem problem = one_sample(given);
    auto size = check(problem, weights);
    if (!size) return size.error();
    if (size->entries > kMostEntries || size->rows > kMostEntries || size->columns > kMostEntries)
        return Error{ErrorCode::out_of_memory, told(*size) + ", over the limit of 2^28; use smaller sizes"};

    // Count the entries of each row, turn the counts into row starts, then fill; columns rise within a row.
    Sparse w(size->rows, size->columns);
    std::vector<std::int64_t> next(static_cast<std::size_t>(size->rows) + 1, 0);
    reference::for_each_entry(
        problem, [&](std::int64_t row, std::int64_t, std::int64_t) { ++next[static_cast<std::size_t>(row) + 1]; });
    std::partial_sum(next.begin(), next.end(), next.begin());
    w.resizeNonZeros(size->entries);
    std::copy(next.begin(), next.end(), w.outerIndexPtr());
    reference::for_each_entry(problem, [&](std::int64_t row, std::int64_t column, std::int64_t weight) {
        const std::int64_t at = next[static_cast<std::size_t>(row)]++;
        w.innerIndexPtr()[at] = column;
        w.valuePtr()[at] = weights[static_cast<std::size_t>(weight)];
    });
    // With the channels last, a row's columns come channel by channel: two transpositions sort them.
    if (problem.layout == Layout::channels_last) w = Sparse(Sparse(w.transpose()).transpose());
    return w;
}

Result<Dense> dense(const Problem& given, std::span<const double> weights) {
    const Problem problem = one_sample(given);
    auto size = check(problem, weights);
    if (!size) return size.error();
    const Checked cells = Checked(size->rows) * size->columns;
    if (!cells.fits() || cells.value() > kMostCells || size->rows > kMostCells || size->columns > kMostCells)
        return Error{ErrorCode::out_of_memory,
                     told(*size) + ", over the dense limit of 2^27 cells; use the sparse form (.mtx)"};
    Dense w = Dense::Zero(size->rows, size->columns);
    reference::for_each_entry(problem, [&](std::int64_t row, std::int64_t column, std::int64_t weight) {
        w(row, column) = weights[static_cast<std::size_t>(weight)];
    });
    return w;
}

std::vector<double> numbered_weights(const Problem& problem) {
    std::vector<double> weights(static_cast<std::size_t>(problem.weight_elements()));
    std::iota(weights.begin(), weights.end(), 1.0);
    return weights;
}

}  // namespace tconv::matrix
