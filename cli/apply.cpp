// tconv apply: one transposed convolution, or the convolution with the same weights.
#include <memory>

#include "geometry_options.h"
#include "optional_arrays.h"
#include "tconv/passes.h"
#include "terminal.h"
#include "tuned_method.h"
#include "verb.h"

namespace tconv::cli {
namespace {

struct ApplyOptions {
    std::string input, weights, bias, residual, output;
    bool is_convolution = false;
    GeometryOptions geometry;
};

Result<int> apply(const ApplyOptions& options) {
    if (auto ok = check_one_stdin({&options.input, &options.weights, &options.bias, &options.residual}); !ok)
        return ok.error();
    auto x = io::read_npy(options.input);
    if (!x) return x.error();
    auto w = io::read_npy(options.weights);
    if (!w) return w.error();
    auto bias = read_optional(options.bias);
    if (!bias) return bias.error();
    auto residual = read_optional(options.residual);
    if (!residual) return residual.error();
    const GivenArrays arrays{&*x, &*w, pointer_to(*bias), pointer_to(*residual), options.is_convolution};
    auto problem = options.geometry.resolve(arrays);
    if (!problem) return problem.error();
    const auto execution = options.geometry.execution();
    if (!execution) return execution.error();
    if (problem->has_bias && !arrays.bias)
        return Error{ErrorCode::array_mismatch, "the text has a bias; give its array with -b B.npy, or leave bias out"};
    if (problem->has_sum && !arrays.residual)
        return Error{ErrorCode::array_mismatch,
                     "the text has a sum; give the array to add with --residual R.npy, or leave sum out"};
    auto y = while_showing("computing", [&] {
        const auto pass = options.is_convolution ? gather : scatter;
        return pass(*problem, *x, *w, arrays.bias, arrays.residual,
                    with_tuned_method(*execution, *problem, options.is_convolution ? Pass::gather : Pass::scatter));
    });
    if (!y) return y.error();
    if (auto ok = io::write_npy(options.output, *y); !ok) return ok.error();
    return kDone;
}

Action declare_apply(CLI::App& app) {
    auto options = std::make_shared<ApplyOptions>();
    app.add_option("X", options->input, "input array (.npy, - is stdin)")->required();
    app.add_option("W", options->weights, "weights (C_in, C_out/groups, k...) (.npy)")->required();
    app.add_option("-b,--bias", options->bias, "one number per output channel (.npy)")->option_text("B.npy");
    app.add_option("--residual", options->residual, "added before the activation, of Y's shape (.npy)")
        ->option_text("R.npy");
    app.add_option("--activation", options->geometry.activation, "relu, leaky:0.2, tanh, sigmoid, clamp:0:6")
        ->option_text("A");
    app.add_flag("--conv", options->is_convolution, "the convolution: X is the fine side, W the same array");
    app.add_option("-o,--output", options->output, "where to write Y (.npy, - is stdout)")
        ->required()
        ->option_text("Y.npy");
    options->geometry.declare(app);
    return [options] { return apply(*options); };
}

}  // namespace

const Verb kApply{"apply", "one transposed convolution of arrays (or, with --conv, the convolution)",
                  "  tconv apply X.npy W.npy --stride 2 --padding 1 -o Y.npy\n"
                  "  tconv apply X.npy W.npy -b B.npy --activation relu -o Y.npy\n"
                  "  tconv apply X.npy W.npy -p 's2 p1 op1 g4' -o Y.npy\n"
                  "  tconv apply Y.npy W.npy --conv --stride 2 --padding 1 -o X2.npy\n",
                  declare_apply};

}  // namespace tconv::cli
