// Plans, packed weights and runs.
#include "tconv/plan.h"

#include <memory>
#include <new>

#include "c/handles.h"
#include "c/status.h"
#include "c/structs.h"
#include "c/text.h"
#include "plan/choose.h"
#include "tconv/problem_text.h"

using tconv::Error;
using tconv::ErrorCode;
using tconv::Pass;
using tconv::Result;
namespace c = tconv::c;

namespace {

constexpr size_t kAlignment = tconv::AlignedBuffer::kAlignment;

Error null_plan() { return c::refuse("the plan is a null pointer; give what tconv_plan_create() made"); }

std::string to_json(const tconv::Plan& plan) {
    const tconv::Explanation told = plan.explain();
    c::JsonObject json;
    json.number("schema_version", std::int64_t{1})
        .text("problem", tconv::to_text(plan.problem()))
        .text("pass", tconv::plan::name_of(plan.pass()))
        .text("method", told.method)
        .text("kernel", told.kernel)
        .text("isa", tconv::to_string(told.isa))
        .number("threads", std::int64_t{told.threads})
        .number("workspace_bytes", told.workspace_bytes)
        .number("packed_bytes", told.packed_bytes)
        .number("predicted_ms", told.predicted_ms)
        .text("bound", told.bound)
        .number("useful_flops", told.useful_flops)
        .number("executed_flops", told.executed_flops)
        .raw("details", c::json_list(told.details, c::quoted))
        .raw("refused", c::json_list(told.refused, [](const tconv::Refusal& refusal) {
                 c::JsonObject each;
                 return each.text("method", refusal.method).text("reason", refusal.reason).str();
             }));
    return json.str();
}

// The workspace's first byte on the boundary that the core wants; tconv_workspace_size() has room for the way there.
Result<void*> workspace_of(const tconv::Plan& plan, const tconv_arguments& arguments) {
    const std::int64_t bytes = plan.workspace_bytes();
    if (bytes == 0) return static_cast<void*>(nullptr);
    const size_t needed = static_cast<size_t>(bytes) + kAlignment;
    if (arguments.workspace == nullptr || arguments.workspace_size < needed)
        return c::refuse("a workspace of " +
                         std::to_string(arguments.workspace == nullptr ? 0 : arguments.workspace_size) +
                         " bytes is given, but " + std::to_string(needed) +
                         " are needed; give as many as tconv_workspace_size() tells");
    void* start = arguments.workspace;
    size_t room = arguments.workspace_size;
    return std::align(kAlignment, static_cast<size_t>(bytes), start, room);
}

Result<void> run(const tconv_plan* plan, const tconv_packed* packed, const tconv_arguments* given) {
    if (plan == nullptr) return null_plan();
    const auto arguments = c::read_arguments(given);
    if (!arguments) return arguments.error();
    const bool is_gradient = plan->plan.pass() == Pass::weight_grad;
    if ((packed == nullptr) != is_gradient)
        return c::refuse(is_gradient ? "packed weights are given to a plan of weight_grad, which reads none; give null"
                                     : "the packed weights are a null pointer; give what tconv_pack() made");
    if (arguments->second != nullptr && !is_gradient)
        return c::refuse("a second array is given, which weight_grad alone reads; give null");
    for (const void* array : {arguments->input, arguments->second, arguments->bias, arguments->residual,
                              static_cast<const void*>(arguments->output)})
        if (!c::is_aligned(array, tconv::size_of(plan->plan.problem().dtype)))
            return c::refuse("an array does not begin at a multiple of its elements' size; copy it to one that does");
    const auto workspace = workspace_of(plan->plan, *arguments);
    if (!workspace) return workspace.error();
    c::HostPool pool(arguments->parallel_for, arguments->context);
    const tconv::Executor host = pool.executor();
    const tconv::Executor* const executor = pool ? &host : nullptr;
    const tconv::RunStatus status = is_gradient
                                        ? tconv::run_weight_grad(plan->plan, arguments->input, arguments->second,
                                                                 arguments->output, *workspace, executor)
                                        : tconv::run(plan->plan, packed->weights,
                                                     {.input = arguments->input,
                                                      .bias = arguments->bias,
                                                      .residual = arguments->residual,
                                                      .output = arguments->output,
                                                      .workspace = *workspace,
                                                      .executor = executor});
    if (status == tconv::RunStatus::done) return {};
    const bool is_about_weights = status == tconv::RunStatus::wrong_weights;
    return Error{is_about_weights ? ErrorCode::array_mismatch : ErrorCode::invalid_argument,
                 std::string(tconv::to_string(status))};
}

}  // namespace

tconv_status tconv_method_names(int32_t pass, char* text, size_t capacity, size_t* needed) {
    return c::guarded([&] {
        const auto read = c::read_pass(pass);
        if (!read) return c::fail(read.error());
        std::string names;
        for (const std::string_view name : tconv::method_names(*read))
            names.append(names.empty() ? "" : ",").append(name);
        return c::copy_text(names, text, capacity, needed);
    });
}

tconv_status tconv_plan_create(const tconv_problem* problem, int32_t pass, const tconv_options* options,
                               tconv_plan** plan) {
    return c::guarded([&]() -> Result<void> {
        if (plan == nullptr)
            return c::refuse("the place for the plan is a null pointer; give the address of a pointer");
        *plan = nullptr;
        const auto asked = c::read_problem(problem);
        if (!asked) return asked.error();
        const auto read = c::read_pass(pass);
        if (!read) return read.error();
        auto how = c::read_options(options, *asked);
        if (!how) return how.error();
        auto made = std::make_unique<tconv_plan>();
        if (options != nullptr && options->parallel_for != nullptr) {
            made->pool = std::make_unique<c::HostPool>(options->parallel_for, options->context);
            how->executor = made->pool->executor();
        }
        auto decided = tconv::make_plan(*asked, *read, *how);
        if (!decided) return decided.error();
        made->plan = *std::move(decided);
        *plan = made.release();
        return {};
    });
}

void tconv_plan_destroy(tconv_plan* plan) { delete plan; }

size_t tconv_workspace_size(const tconv_plan* plan) {
    if (plan == nullptr || plan->plan.workspace_bytes() == 0) return 0;
    return static_cast<size_t>(plan->plan.workspace_bytes()) + kAlignment;
}

size_t tconv_packed_size(const tconv_plan* plan) {
    return plan == nullptr ? 0 : static_cast<size_t>(plan->plan.packed_bytes());
}

int32_t tconv_plan_threads(const tconv_plan* plan) { return plan == nullptr ? 0 : plan->plan.threads(); }

// Names are literals, which end with a zero.
const char* tconv_plan_method(const tconv_plan* plan) { return plan == nullptr ? nullptr : plan->plan.method().data(); }

const char* tconv_plan_isa(const tconv_plan* plan) {
    return plan == nullptr ? nullptr : tconv::to_string(plan->plan.isa()).data();
}

const char* tconv_plan_weight_format(const tconv_plan* plan) {
    return plan == nullptr ? nullptr : plan->plan.weight_format().c_str();
}

tconv_status tconv_explain(const tconv_plan* plan, int32_t form, char* text, size_t capacity, size_t* needed) {
    return c::guarded([&] {
        if (plan == nullptr) return c::fail(null_plan());
        if (form != TCONV_TEXT && form != TCONV_JSON)
            return c::fail(c::refuse("form " + std::to_string(form) + " is none; use TCONV_TEXT or TCONV_JSON"));
        return c::copy_text(form == TCONV_TEXT ? tconv::to_text(plan->plan) : to_json(plan->plan), text, capacity,
                            needed);
    });
}

tconv_status tconv_pack(const tconv_plan* plan, const void* weights, tconv_packed** packed) {
    return c::guarded([&]() -> Result<void> {
        if (packed == nullptr)
            return c::refuse("the place for the packed weights is a null pointer; give the address of a pointer");
        *packed = nullptr;
        if (plan == nullptr) return null_plan();
        if (!c::is_aligned(weights, tconv::size_of(plan->plan.problem().dtype)))
            return c::refuse(
                "the weights do not begin at a multiple of their elements' size; copy them to one that does");
        auto made = std::make_unique<tconv_packed>();
        auto order = tconv::pack(plan->plan, weights);
        if (!order) return order.error();
        made->weights = *std::move(order);
        *packed = made.release();
        return {};
    });
}

void tconv_packed_destroy(tconv_packed* packed) { delete packed; }

const char* tconv_packed_format(const tconv_packed* packed) {
    return packed == nullptr ? nullptr : packed->weights.format().c_str();
}

tconv_status tconv_run(const tconv_plan* plan, const tconv_packed* packed, const tconv_arguments* arguments) {
    return c::guarded([&] { return run(plan, packed, arguments); });
}
