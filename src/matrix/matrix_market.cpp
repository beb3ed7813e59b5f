#include <charconv>
#include <string>

#include "tconv/matrix.h"

namespace tconv::matrix {

std::vector<std::byte> to_matrix_market(const Sparse& matrix) {
    std::string text = "%%MatrixMarket matrix coordinate real general\n" + std::to_string(matrix.rows()) + " " +
                       std::to_string(matrix.cols()) + " " + std::to_string(matrix.nonZeros()) + "\n";
    char digits[96];
    for (Eigen::Index row = 0; row < matrix.outerSize(); ++row)
        for (Sparse::InnerIterator entry(matrix, row); entry; ++entry) {
            char* end = std::to_chars(digits, digits + 24, entry.row() + 1).ptr;
            *end++ = ' ';
            end = std::to_chars(end, end + 24, entry.col() + 1).ptr;
            *end++ = ' ';
            end = std::to_chars(end, end + 32, entry.value()).ptr;  // the shortest text that reads back the same
            *end++ = '\n';
            text.append(digits, end);
        }
    const auto* bytes = reinterpret_cast<const std::byte*>(text.data());
    return {bytes, bytes + text.size()};
}

}  // namespace tconv::matrix
