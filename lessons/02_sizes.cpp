// Lesson 02: sizes.
#include <iostream>

// [headers]
#include "tconv/problem_text.h"
#include "tconv/sizes.h"
// [/headers]
#include "lessons.h"
#include "tconv/factories.h"
#include "tconv/nn.h"

namespace tconv::lessons {
namespace {

// [formula]
// n outputs from m inputs along one axis: kernel K, stride S, padding P, dilation D, output padding P_out.
std::int64_t output_size(std::int64_t m, std::int64_t K, std::int64_t S, std::int64_t P, std::int64_t D,
                         std::int64_t P_out) {
    return (m - 1) * S + D * (K - 1) + 1 - 2 * P + P_out;
}
// [/formula]

}  // namespace

void sizes(Page& page) {
    page.say(
        "How large is the output? Look along one axis and let the stamps come one after the other. The first makes "
        "the output K long. Each further one lies S, the stride, behind the one before, so the output grows by S each "
        "time. After the m-th it is K + (m-1)S long. For four inputs, a kernel of 3 and stride 2:");
    page.show("headers");
    page.show("growth");
    // [growth]
    for (const std::string& step : derive_size(parse_problem("i4 k3 s2").value()).steps) std::cout << step << '\n';
    // [/growth]
    page.say(
        "(`i4 k3 s2` is a problem's short text: sizes and parameters by their first letter. `tconv shape -p 'i4 k3 "
        "s2'` prints the same steps.)");
    page.say(
        "Three parameters change the length further. Dilation D spreads the taps of the kernel, so that a stamp "
        "covers D(K-1)+1 rows. Padding P then removes P rows from each end, and output padding P_out gives that many "
        "back, at the end only. Together, in the first document's letters:");
    page.show("formula");
    page.say(
        "With every parameter in play. The steps write k for the size of the kernel, and K for what a stamp covers:");
    page.show("all");
    // [all]
    for (const std::string& step : derive_size(parse_problem("i4 k3 s3 p2 op1 d2").value()).steps)
        std::cout << step << '\n';
    std::cout << "output_size: " << output_size(4, 3, 3, 2, 2, 1) << '\n';
    // [/all]
    page.say(
        "Each axis has its own sum, and the batch and the values play no part in it. A layer gives its problem for an "
        "input shape, and derive_size() the derivation of that. Here is the first document's last case, with two "
        "inputs per axis, a kernel of 2, stride 2 and dilation 2:");
    page.show("layer");
    // [layer]
    nn::ConvTranspose2d layer(1, 1, 2, {.stride = 2, .dilation = 2, .bias = false});
    for (const std::string& step : derive_size(layer.problem({1, 1, 2, 2})).steps) std::cout << step << '\n';
    std::cout << to_string(layer(ones({1, 1, 2, 2})).shape()) << '\n';
    // [/layer]
    page.say(
        "And backwards: which parameters make the output exactly twice the input? solve_size() lists all of them, the "
        "plainest first. Where the stride divides the kernel's size, every output away from the borders collects "
        "equally "
        "many taps:");
    page.show("twice");
    // [twice]
    const auto solutions = solve_size({.from = 8, .want = 16, .max_kernel = 6, .max_dilation = 1}).value();
    for (const SizeSolution& s : solutions)
        std::cout << "kernel " << s.kernel << ", stride " << s.stride << ", padding " << s.padding
                  << ", output padding " << s.output_padding << ": " << to_string(s.evenness) << '\n';
    // [/twice]
}

}  // namespace tconv::lessons
