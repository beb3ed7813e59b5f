// tconv backward: the three gradients of a transposed convolution, or of the convolution with the same weights.
#include <algorithm>
#include <filesystem>
#include <memory>
#include <system_error>

#include "geometry_options.h"
#include "optional_arrays.h"
#include "tconv/io.h"
#include "tconv/passes.h"
#include "tconv/problem_text.h"
#include "terminal.h"
#include "tuned_method.h"
#include "verb.h"

namespace tconv::cli {
namespace {

struct BackwardOptions {
    std::string input, weights, output_grad, input_grad_path, weight_grad_path, bias_grad_path;
    bool is_convolution = false;
    GeometryOptions geometry;
};

// One gradient: computed only where a path asks for it.
struct Gradient {
    const std::string* path;
    std::function<Result<Tensor>()> compute;
    std::optional<Tensor> value;
};

bool serves(const std::string& method, Pass pass) {
    const auto names = method_names(pass);
    return method == "auto" || method == kTuned || std::find(names.begin(), names.end(), method) != names.end();
}

// A method that is asked for computes the gradients that it can; the others choose theirs.
PlanOptions options_for(Pass pass, PlanOptions options, const Problem& problem) {
    if (!serves(options.method, pass)) options.method = "auto";
    return with_tuned_method(std::move(options), problem, pass);
}

Result<int> backward(const BackwardOptions& options) {
    if (options.input_grad_path.empty() && options.weight_grad_path.empty() && options.bias_grad_path.empty())
        return Error{ErrorCode::invalid_argument, "nothing is asked for; give --dx, --dw or --db a file to write"};
    std::vector<std::string> outputs;
    for (const std::string* path : {&options.input_grad_path, &options.weight_grad_path, &options.bias_grad_path}) {
        if (path->empty()) continue;
        std::error_code none;
        const std::string file =
            *path == "-" || *path == "/dev/stdout" ? "-" : std::filesystem::weakly_canonical(*path, none).string();
        if (std::find(outputs.begin(), outputs.end(), file) != outputs.end())
            return Error{ErrorCode::invalid_argument,
                         "two gradients would be written to '" + *path + "'; give each its own file"};
        outputs.push_back(file);
    }
    if (auto ok = check_one_stdin({&options.input, &options.weights, &options.output_grad}); !ok) return ok.error();
    std::vector<Tensor> read;
    for (const std::string* path : {&options.input, &options.weights, &options.output_grad}) {
        auto array = io::read_npy(*path);
        if (!array) return array.error();
        read.push_back(std::move(*array));
    }
    const Tensor &x = read[0], &w = read[1], &dy = read[2];
    if (dy.rank() != x.rank())
        return Error{ErrorCode::array_mismatch, "X has shape " + to_string(x.shape()) + " and DY " +
                                                    to_string(dy.shape()) + "; both must be batched, or neither"};

    GivenArrays arrays;
    arrays.input = &x;
    arrays.weights = &w;
    arrays.is_convolution = options.is_convolution;
    auto resolved = options.geometry.resolve(arrays);
    if (!resolved) return resolved.error();
    Problem problem = *resolved;
    if (problem.activation != Activation{})
        return Error{ErrorCode::invalid_argument,
                     "backward differentiates the convolution itself; leave the activation '" +
                         to_text(problem.activation) + "' out"};
    Shape expected = options.is_convolution ? coarse_shape(problem) : fine_shape(problem);
    if (dy.rank() == problem.rank + 1) expected.erase(expected.begin());
    if (dy.shape() != expected)
        return Error{ErrorCode::array_mismatch, "DY has shape " + to_string(dy.shape()) +
                                                    ", but the layer's output has " + to_string(expected) +
                                                    "; give the gradient of that output"};
    problem.has_bias = problem.has_sum = false;  // neither changes a gradient

    const bool conv = options.is_convolution;
    const auto execution = options.geometry.execution();
    if (!execution) return execution.error();
    const Pass input_pass = conv ? Pass::scatter : Pass::gather;
    const bool uses_method = (!options.input_grad_path.empty() && serves(execution->method, input_pass)) ||
                             (!options.weight_grad_path.empty() && serves(execution->method, Pass::weight_grad));
    if (!uses_method && (!options.input_grad_path.empty() || !options.weight_grad_path.empty()))
        return Error{ErrorCode::invalid_argument,
                     "--method " + execution->method + " computes none of the gradients asked for; leave it out"};
    const PlanOptions for_input = options_for(input_pass, *execution, problem);
    const PlanOptions for_weights = options_for(Pass::weight_grad, *execution, problem);
    Gradient gradients[] = {
        {&options.input_grad_path,
         [&] {
             const auto pass = conv ? scatter : gather;
             return pass(problem, dy, w, nullptr, nullptr, for_input);
         },
         {}},
        {&options.weight_grad_path,
         [&] { return conv ? weight_grad(problem, dy, x, for_weights) : weight_grad(problem, x, dy, for_weights); },
         {}},
        {&options.bias_grad_path,
         [&] { return bias_grad(problem, conv ? Pass::gather : Pass::scatter, dy, *execution); },
         {}},
    };
    for (Gradient& gradient : gradients) {
        if (gradient.path->empty()) continue;
        auto value = while_showing("computing", gradient.compute);
        if (!value) return value.error();
        gradient.value = std::move(*value);
    }
    std::vector<io::NpyOutput> files;
    for (const Gradient& gradient : gradients)
        if (gradient.value) files.push_back({*gradient.path, *gradient.value});
    if (auto ok = io::write_npy(files); !ok) return ok.error();
    return kDone;
}

Action declare_backward(CLI::App& app) {
    auto options = std::make_shared<BackwardOptions>();
    app.add_option("X", options->input, "the layer's input (.npy)")->required();
    app.add_option("W", options->weights, "weights (C_in, C_out/groups, k...) (.npy)")->required();
    app.add_option("DY", options->output_grad, "gradient of the loss with respect to the output (.npy)")->required();
    app.add_flag("--conv", options->is_convolution, "the layer is the convolution: X is the fine side");
    app.add_option("--dx", options->input_grad_path, "where to write the input's gradient")->option_text("F");
    app.add_option("--dw", options->weight_grad_path, "where to write the weights' gradient")->option_text("F");
    app.add_option("--db", options->bias_grad_path, "where to write the bias's gradient")->option_text("F");
    options->geometry.declare(app);
    return [options] { return backward(*options); };
}

}  // namespace

const Verb kBackward{"backward", "the gradients of a layer with respect to input, weights and bias",
                     "  tconv backward X.npy W.npy DY.npy --stride 2 --padding 1 --dx DX.npy --dw DW.npy --db DB.npy\n"
                     "  tconv backward X.npy W.npy DY.npy --conv --stride 2 --padding 1 --dw DW.npy\n",
                     declare_backward};

}  // namespace tconv::cli
