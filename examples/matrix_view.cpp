// The matrix behind a convolution, and its transpose behind the transposed convolution.
#include <iostream>
#include <numeric>
#include <vector>

#include "tconv/matrix.h"
#include "tconv/problem_text.h"

int main() {
    // [matrix]
    const tconv::Problem problem = tconv::parse_problem("i2x2 k3").value();  // 4x4 to 2x2, and back
    const std::vector<double> kernel{1, 2, 3, 4, 5, 6, 7, 8, 9};
    const tconv::matrix::Dense w = tconv::matrix::dense(problem, kernel).value();  // 4 x 16

    const Eigen::VectorXd picture = Eigen::VectorXd::LinSpaced(16, 1, 16);  // 1, 2, ... 16, row by row
    const Eigen::VectorXd small = w * picture;                              // the convolution
    const Eigen::VectorXd large = w.transpose() * small;                    // the transposed convolution
    std::cout << "W x:\n"
              << small.reshaped<Eigen::RowMajor>(2, 2) << "\nW^T (W x):\n"
              << large.reshaped<Eigen::RowMajor>(4, 4) << '\n';
    // [/matrix]
    return 0;
}
