#include "plan/weight_format.h"

namespace tconv::plan {
namespace {

// Everything up to the orders, with the space before them.
std::string geometry_of(const methods::Request& request) {
    const Problem& problem = request.problem;
    std::string text = request.pass == Pass::scatter ? "scatter" : "gather";
    text += problem.dtype == DType::f32 ? " f32" : " f64";
    text += " g" + std::to_string(problem.groups);
    text += " c" + std::to_string(problem.coarse_channels / problem.groups);
    text += "x" + std::to_string(problem.fine_channels / problem.groups);
    struct Parameter {
        const char* name;
        std::int64_t Axis::* value;
    };
    for (const Parameter& parameter :
         {Parameter{" k", &Axis::kernel}, {" s", &Axis::stride}, {" d", &Axis::dilation}}) {
        const char* before = parameter.name;
        for (const Axis& axis : problem.axes) {
            text += before + std::to_string(axis.*parameter.value);
            before = "x";
        }
    }
    return text.append(" ").append(request.unit.name).append(" ");
}

}  // namespace

std::string weight_format_of(const methods::Request& request, const WeightOrders& orders) {
    if (request.pass == Pass::weight_grad) return {};
    std::string text = geometry_of(request).append(orders.method);
    if (!orders.exact.empty()) text.append("/").append(orders.exact);
    return text;
}

std::optional<WeightOrders> orders_in(std::string_view format, const methods::Request& request) {
    const std::string geometry = geometry_of(request);
    if (!format.starts_with(geometry)) return std::nullopt;
    format.remove_prefix(geometry.size());
    const std::size_t slash = format.find('/');
    if (slash == std::string_view::npos) return WeightOrders{format, {}};
    return WeightOrders{format.substr(0, slash), format.substr(slash + 1)};
}

}  // namespace tconv::plan
