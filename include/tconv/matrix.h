// The matrix view: a convolution of one sample is y = W vec(x), and the transposed convolution with the same weights
// is Wᵀ. Row r of W is a coarse element, column c a fine element, both in memory order of the problem's layout (batch
// left out); W[r, c] is the weight whose tap joins them, and 0 where no tap does. Two taps never join the same pair.
//
//     gather = W,   scatter = Wᵀ          W is (C_coarse * coarse sizes) x (C_fine * fine sizes)
//
// Sources: Dumoulin and Visin 2016, section 4; the second seed document, "Relation to mm".
#pragma once

#include <Eigen/Core>
#include <Eigen/SparseCore>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "tconv/problem.h"
#include "tconv/result.h"

/// The matrix view: W and its transpose.
namespace tconv::matrix {

/// Only the stored entries, row by row.
using Sparse = Eigen::SparseMatrix<double, Eigen::RowMajor, std::int64_t>;
/// Every cell, row by row.
using Dense = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

/// How large W is.
struct Size {
    std::int64_t rows = 0;     ///< coarse elements: C_coarse * coarse sizes
    std::int64_t columns = 0;  ///< fine elements: C_fine * fine sizes
    std::int64_t entries = 0;  ///< joined pairs, each of which is stored
};

/// Exact for every valid problem. Errors: invalid_argument where the numbers do not fit 62 bits.
Result<Size> size_of_w(const Problem& problem);

/// W with the given weights (weight_elements() of them, in (C_coarse, C_fine / groups, k...) order). Every joined pair
/// is stored, a weight of 0 too, so the pattern shows the geometry. Errors: invalid_argument (not a valid problem, or
/// the wrong number of weights), out_of_memory (over 2^28 entries, or dense over 2^27 cells).
///@{
Result<Sparse> sparse(const Problem& problem, std::span<const double> weights);
Result<Dense> dense(const Problem& problem, std::span<const double> weights);
///@}

/// The weights 1, 2, 3, ...: with them every entry of W names the tap it comes from.
std::vector<double> numbered_weights(const Problem& problem);

/// The MatrixMarket text ("matrix coordinate real general", 1-based, row by row) of a matrix.
/// Source: Boisvert, Pozo, Remington 1996, "The Matrix Market Exchange Formats".
std::vector<std::byte> to_matrix_market(const Sparse& matrix);

}  // namespace tconv::matrix
