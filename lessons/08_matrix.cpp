// Lesson 08: the matrix and its transpose.
// [headers]
#include <algorithm>

#include "tconv/matrix.h"
// [/headers]
#include <iostream>

#include "lessons.h"
#include "tconv/arithmetic.h"
#include "tconv/factories.h"
#include "tconv/nn.h"
#include "tconv/print.h"

namespace tconv::lessons {

void matrix_view(Page& page) {
    page.say(
        "A convolution is linear: every output is a weighted sum of inputs. So it is a multiplication by a matrix W, "
        "once input and output are written as vectors, row after row. First the convolution itself, of a 4x4 input "
        "with a 3x3 kernel:");
    page.show("conv");
    // [conv]
    Tensor X = arange(1, 17).reshape({1, 1, 4, 4});
    Tensor K = arange(1, 10).reshape({1, 1, 3, 3});
    nn::Conv2d conv(nn::kLazy, 1, 3);
    conv.initialize(nn::constant(K));
    std::cout << conv(X) << "\n\n" << K << '\n';
    // [/conv]
    page.say(
        "W has a row for each of the 4 outputs and a column for each of the 16 inputs. A row holds the kernel at the "
        "place of that output's window: three taps, a gap of one (the window is 3 wide, the input 4), three taps, a "
        "gap, three taps. The next output's window starts one further, the next row of outputs four further:");
    page.show("by_hand");
    // [by_hand]
    Tensor W = zeros({4, 16}), k = zeros({11});
    k(Slice(0, 3)) = K(0, 0, 0);
    k(Slice(4, 7)) = K(0, 0, 1);
    k(Slice(8, 11)) = K(0, 0, 2);
    W(0, Slice(0, 11)) = k;
    W(1, Slice(1, 12)) = k;
    W(2, Slice(4, 15)) = k;
    W(3, Slice(5, 16)) = k;
    std::cout << dot(W, X.reshape({16})).reshape({1, 1, 2, 2}) << "\n\n" << W << '\n';
    // [/by_hand]
    page.say(
        "tconv builds W for every layer, with any stride, padding, dilation and groups (`tconv matrix` prints it):");
    page.show("headers");
    page.show("by_matrix");
    // [by_matrix]
    const Problem problem = conv.problem({1, 1, 4, 4});
    const matrix::Dense built = matrix::dense(problem, matrix::numbered_weights(problem)).value();
    Tensor by_matrix = zeros({built.rows(), built.cols()}, DType::f64);
    std::copy(built.data(), built.data() + built.size(), by_matrix.as<double>().begin());
    std::cout << array_equal(W, by_matrix) << '\n';
    // [/by_matrix]
    page.say(
        "The transposed convolution is the multiplication by the transpose of W, and has its name from there. It "
        "takes the 4 values back to 16 places. A column of W became a row: what one input value gave to all outputs "
        "is now what one output collects from all inputs:");
    page.show("transpose");
    // [transpose]
    Tensor Y = tensor({{{{1, 2}, {3, 4}}}});
    nn::ConvTranspose2d transposed(nn::kLazy, 1, 3);
    transposed.initialize(nn::constant(K));
    std::cout << transposed(Y) << '\n';
    std::cout << array_equal(matmul(W.transpose(), Y.reshape({4})), transposed(Y).reshape({16})) << '\n';
    // [/transpose]
    page.say(
        "The rows of that product are the gathering description of the transposed convolution, the columns are the "
        "stamps. Column 0 of the transpose is the stamp of the first input value:");
    page.show("stamp");
    // [stamp]
    std::cout << W.transpose()(Slice(), 0).reshape({4, 4}) << '\n';
    // [/stamp]
    page.say(
        "Transposed is not inverse. If it were, W times its transpose would be the identity. It is not, and 4 numbers "
        "could not tell 16 back anyhow. What the transpose gives back is the shape:");
    page.show("not_inverse");
    // [not_inverse]
    std::cout << matmul(W, W.transpose()) << "\n\n";
    std::cout << conv(transposed(Y)) << '\n';
    // [/not_inverse]
}

}  // namespace tconv::lessons
