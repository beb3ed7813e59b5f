// Tensors as text: what NumPy 2.4's str() says of the same arrays.
#include "tconv/print.h"

#include <gtest/gtest.h>

#include <cmath>
#include <sstream>

#include "tconv/arithmetic.h"
#include "tconv/factories.h"

namespace tconv {
namespace {

// Texts are written below their tensor, from a line of their own on.
std::string below(const Tensor& tensor) { return '\n' + to_string(tensor); }

TEST(Print, Integers) {
    EXPECT_EQ(below(tensor({{0, 0, 1}, {0, 4, 6}, {4, 12, 9}})), R"(
[[ 0.  0.  1.]
 [ 0.  4.  6.]
 [ 4. 12.  9.]])");
    EXPECT_EQ(below(tensor({{-1, 20}, {3, -0.0}})), R"(
[[-1. 20.]
 [ 3. -0.]])");
    EXPECT_EQ(to_string(tensor({{{{4}}}})), "[[[[4.]]]]");
    EXPECT_EQ(below(arange(1, 17).reshape({1, 1, 4, 4})), R"(
[[[[ 1.  2.  3.  4.]
   [ 5.  6.  7.  8.]
   [ 9. 10. 11. 12.]
   [13. 14. 15. 16.]]]])");
    EXPECT_EQ(below(arange(8).reshape({2, 2, 2})), R"(
[[[0. 1.]
  [2. 3.]]

 [[4. 5.]
  [6. 7.]]])");
    EXPECT_EQ(below(arange(8).reshape({2, 2, 1, 2}).transpose()), R"(
[[[[0. 4.]
   [2. 6.]]]


 [[[1. 5.]
   [3. 7.]]]])");
}

TEST(Print, Fractions) {
    EXPECT_EQ(to_string(tensor({0.1, 1, 2.5, -0.25})), "[ 0.1   1.    2.5  -0.25]");
    EXPECT_EQ(to_string(tensor({1. / 3, 2. / 3})), "[0.33333334 0.6666667 ]");
    EXPECT_EQ(to_string(tensor({1. / 3, 2. / 3}, DType::f64)), "[0.33333333 0.66666667]");
    EXPECT_EQ(to_string(tensor({0.1, 0.2}, DType::f64) + 0.1), "[0.2 0.3]");
    EXPECT_EQ(to_string(tensor({0.999999999, 0.5}, DType::f64)), "[1.  0.5]");
    EXPECT_EQ(to_string(tensor({123456.78, 200})), "[123456.78    200.  ]");
}

// Scientific from 1e8 (f32: 1e6), below 1e-4, and where the ratio is above 1000, all in the tensor's own type.
TEST(Print, Scientific) {
    EXPECT_EQ(to_string(tensor({999999, 1000})), "[999999.   1000.]");
    EXPECT_EQ(to_string(tensor({1e6, 1e5})), "[1.e+06 1.e+05]");
    EXPECT_EQ(to_string(tensor({99999999, 1e5}, DType::f64)), "[99999999.   100000.]");
    EXPECT_EQ(to_string(tensor({1e8, 1e6}, DType::f64)), "[1.e+08 1.e+06]");
    EXPECT_EQ(to_string(tensor({1e-4, 0})), "[0.0001 0.    ]");
    EXPECT_EQ(to_string(tensor({9.9e-5, 0})), "[9.9e-05 0.0e+00]");
    EXPECT_EQ(to_string(tensor({0.5, 500})), "[  0.5 500. ]");
    EXPECT_EQ(to_string(tensor({0.5, 501})), "[5.00e-01 5.01e+02]");
    EXPECT_EQ(to_string(tensor({0.1, 1.2345678e-12})), "[1.0000000e-01 1.2345678e-12]");
    EXPECT_EQ(to_string(tensor({0.1, 1. / 3e5}, DType::f64)), "[1.00000000e-01 3.33333333e-06]");
    EXPECT_EQ(to_string(tensor({1e-100, -1e5}, DType::f64)), "[ 1.e-100 -1.e+005]");
    EXPECT_EQ(to_string(tensor({0x1p-96})), "[1.2621775e-29]");
    EXPECT_EQ(to_string(tensor({0x1p-149, 3})), "[1.e-45 3.e+00]");
}

TEST(Print, NotFinite) {
    EXPECT_EQ(to_string(tensor({NAN, 1})), "[nan  1.]");
    EXPECT_EQ(to_string(tensor({NAN, INFINITY})), "[nan inf]");
    EXPECT_EQ(to_string(tensor({NAN, -INFINITY, 0.5})), "[ nan -inf  0.5]");
    EXPECT_EQ(to_string(tensor({INFINITY, 1e-9, 100})), "[   inf 1.e-09 1.e+02]");
    EXPECT_EQ(below(tensor({{-INFINITY, 1234.5}, {2, NAN}})), R"(
[[  -inf 1234.5]
 [   2.     nan]])");
}

// Without axes: a number, with all its digits.
TEST(Print, Numbers) {
    EXPECT_EQ(to_string(tensor(4)), "4.0");
    EXPECT_EQ(to_string(tensor(0.1)), "0.1");
    EXPECT_EQ(to_string(tensor(1. / 3)), "0.33333334");
    EXPECT_EQ(to_string(tensor(1. / 3, DType::f64)), "0.3333333333333333");
    EXPECT_EQ(to_string(tensor(-0.0)), "-0.0");
    EXPECT_EQ(to_string(tensor(999999)), "999999.0");
    EXPECT_EQ(to_string(tensor(1234567)), "1.234567e+06");
    EXPECT_EQ(to_string(tensor(1234567, DType::f64)), "1234567.0");
    EXPECT_EQ(to_string(tensor(1e16, DType::f64)), "1e+16");
    EXPECT_EQ(to_string(tensor(1e-5)), "1e-05");
    EXPECT_EQ(to_string(tensor(NAN)), "nan");
    EXPECT_EQ(to_string(tensor(-INFINITY)), "-inf");
}

TEST(Print, Empty) {
    EXPECT_EQ(to_string(zeros({0})), "[]");
    EXPECT_EQ(to_string(zeros({3, 0, 2})), "[]");
    EXPECT_EQ(to_string(Tensor()), "[]");
}

// Lines break where 75 columns would be passed; brackets count.
TEST(Print, LongLines) {
    EXPECT_EQ(below(arange(40)), R"(
[ 0.  1.  2.  3.  4.  5.  6.  7.  8.  9. 10. 11. 12. 13. 14. 15. 16. 17.
 18. 19. 20. 21. 22. 23. 24. 25. 26. 27. 28. 29. 30. 31. 32. 33. 34. 35.
 36. 37. 38. 39.])");
    EXPECT_EQ(below(arange(50, 120).reshape({2, 35})), R"(
[[ 50.  51.  52.  53.  54.  55.  56.  57.  58.  59.  60.  61.  62.  63.
   64.  65.  66.  67.  68.  69.  70.  71.  72.  73.  74.  75.  76.  77.
   78.  79.  80.  81.  82.  83.  84.]
 [ 85.  86.  87.  88.  89.  90.  91.  92.  93.  94.  95.  96.  97.  98.
   99. 100. 101. 102. 103. 104. 105. 106. 107. 108. 109. 110. 111. 112.
  113. 114. 115. 116. 117. 118. 119.]])");
    EXPECT_EQ(below(arange(0, 48, 1, DType::f64).reshape({2, 1, 24}) / 7), R"(
[[[0.         0.14285714 0.28571429 0.42857143 0.57142857 0.71428571
   0.85714286 1.         1.14285714 1.28571429 1.42857143 1.57142857
   1.71428571 1.85714286 2.         2.14285714 2.28571429 2.42857143
   2.57142857 2.71428571 2.85714286 3.         3.14285714 3.28571429]]

 [[3.42857143 3.57142857 3.71428571 3.85714286 4.         4.14285714
   4.28571429 4.42857143 4.57142857 4.71428571 4.85714286 5.
   5.14285714 5.28571429 5.42857143 5.57142857 5.71428571 5.85714286
   6.         6.14285714 6.28571429 6.42857143 6.57142857 6.71428571]]])");
    EXPECT_EQ(below(arange(15) + 1000), R"(
[1000. 1001. 1002. 1003. 1004. 1005. 1006. 1007. 1008. 1009. 1010. 1011.
 1012. 1013. 1014.])");
    EXPECT_EQ(below((arange(9) + 1000) * 1e7), R"(
[1.000e+10 1.001e+10 1.002e+10 1.003e+10 1.004e+10 1.005e+10 1.006e+10
 1.007e+10 1.008e+10])");
}

// More than 1000 elements: three at each edge, and only these settle the format.
TEST(Print, Summaries) {
    EXPECT_EQ(to_string(arange(1000).reshape({4, 250})(0, Slice(0, 7))), "[0. 1. 2. 3. 4. 5. 6.]");
    EXPECT_EQ(to_string(arange(1001)), "[   0.    1.    2. ...  998.  999. 1000.]");
    EXPECT_EQ(below(arange(1200).reshape({30, 40})), R"(
[[0.000e+00 1.000e+00 2.000e+00 ... 3.700e+01 3.800e+01 3.900e+01]
 [4.000e+01 4.100e+01 4.200e+01 ... 7.700e+01 7.800e+01 7.900e+01]
 [8.000e+01 8.100e+01 8.200e+01 ... 1.170e+02 1.180e+02 1.190e+02]
 ...
 [1.080e+03 1.081e+03 1.082e+03 ... 1.117e+03 1.118e+03 1.119e+03]
 [1.120e+03 1.121e+03 1.122e+03 ... 1.157e+03 1.158e+03 1.159e+03]
 [1.160e+03 1.161e+03 1.162e+03 ... 1.197e+03 1.198e+03 1.199e+03]])");
    EXPECT_EQ(below(arange(1200).reshape({4, 300})), R"(
[[0.000e+00 1.000e+00 2.000e+00 ... 2.970e+02 2.980e+02 2.990e+02]
 [3.000e+02 3.010e+02 3.020e+02 ... 5.970e+02 5.980e+02 5.990e+02]
 [6.000e+02 6.010e+02 6.020e+02 ... 8.970e+02 8.980e+02 8.990e+02]
 [9.000e+02 9.010e+02 9.020e+02 ... 1.197e+03 1.198e+03 1.199e+03]])");
    EXPECT_EQ(below(arange(1200).reshape({300, 4})), R"(
[[0.000e+00 1.000e+00 2.000e+00 3.000e+00]
 [4.000e+00 5.000e+00 6.000e+00 7.000e+00]
 [8.000e+00 9.000e+00 1.000e+01 1.100e+01]
 ...
 [1.188e+03 1.189e+03 1.190e+03 1.191e+03]
 [1.192e+03 1.193e+03 1.194e+03 1.195e+03]
 [1.196e+03 1.197e+03 1.198e+03 1.199e+03]])");
    EXPECT_EQ(below(zeros({1, 7, 200})), R"(
[[[0. 0. 0. ... 0. 0. 0.]
  [0. 0. 0. ... 0. 0. 0.]
  [0. 0. 0. ... 0. 0. 0.]
  ...
  [0. 0. 0. ... 0. 0. 0.]
  [0. 0. 0. ... 0. 0. 0.]
  [0. 0. 0. ... 0. 0. 0.]]])");
    EXPECT_EQ(below(zeros({7, 1, 1, 200})), R"(
[[[[0. 0. 0. ... 0. 0. 0.]]]


 [[[0. 0. 0. ... 0. 0. 0.]]]


 [[[0. 0. 0. ... 0. 0. 0.]]]


 ...


 [[[0. 0. 0. ... 0. 0. 0.]]]


 [[[0. 0. 0. ... 0. 0. 0.]]]


 [[[0. 0. 0. ... 0. 0. 0.]]]])");
}

TEST(Print, Streams) {
    std::ostringstream out;
    out << arange(3) << ' ' << tensor(2);
    EXPECT_EQ(out.str(), "[0. 1. 2.] 2.0");
}

// What is printed is the view: a transpose, a slice, a row.
TEST(Print, Views) {
    const Tensor y = arange(6).reshape({2, 3});
    EXPECT_EQ(to_string(y.transpose()(Slice(1, 3))), "[[1. 4.]\n [2. 5.]]");
    EXPECT_EQ(to_string(y(-1)), "[3. 4. 5.]");
    EXPECT_EQ(to_string(y(1, 2)), "5.0");
}

}  // namespace
}  // namespace tconv
