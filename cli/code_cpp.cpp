// tconv shape --code cpp: the layer on this library.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "layer_code.h"
#include "tconv/passes.h"

namespace tconv::cli {

Result<std::string> cpp_code(const Problem& problem) {
    const char* const type = problem.dtype == DType::f64 ? "f64" : "f32";
    const auto tensor = [&](const char* name, const Shape& shape, const char* comment) {
        return fmt::format("    tconv::Tensor {} = tconv::Tensor::zeros({{{}}}, tconv::DType::{}).value();{}\n", name,
                           fmt::join(shape, ", "), type, comment);
    };
    std::string text = fmt::format(
        "// input {}, output {}\n"
        "// CMake: find_package(tconv REQUIRED), then target_link_libraries(program PRIVATE tconv::tconv)\n"
        "#include <cstdio>\n\n"
        "#include \"tconv/passes.h\"\n"
        "#include \"tconv/problem_text.h\"\n\n"
        "int main() {{\n"
        "    // value() throws tconv::BadResult; without exceptions, look at the Result before using it.\n"
        "    const tconv::Problem problem = tconv::parse_problem(\"{}\").value();\n",
        size_text(per_axis(problem, [](const Axis& axis) { return axis.coarse; })),
        size_text(per_axis(problem, [](const Axis& axis) { return axis.fine; })), text_without_name(problem));
    text += tensor("x", coarse_shape(problem), "");
    text += tensor("w", weight_shape(problem), "  // (C_in, C_out/groups, kernel...)");
    if (problem.has_bias) text += tensor("bias", {problem.fine_channels}, "");
    if (problem.has_sum) text += tensor("residual", fine_shape(problem), "");
    const char* const element = problem.dtype == DType::f64 ? "double" : "float";
    text += fmt::format(
        "    for ({0}& value : x.as<{0}>()) value = 1;  // your numbers here\n"
        "    for ({0}& value : w.as<{0}>()) value = 1;\n",
        element);
    std::string arguments = "problem, x, w";
    if (problem.has_bias || problem.has_sum) arguments += problem.has_bias ? ", &bias" : ", nullptr";
    if (problem.has_sum) arguments += ", &residual";
    return text + fmt::format(
                      "\n"
                      "    const tconv::Tensor y = tconv::scatter({}).value();\n"
                      "    std::printf(\"y has shape %s\\n\", tconv::to_string(y.shape()).c_str());\n"
                      "}}\n",
                      arguments);
}

}  // namespace tconv::cli
