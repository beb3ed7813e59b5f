// Whole steps in one call, for languages in which a call costs something: pack and run, and the bias's gradient.
#include "c/handles.h"
#include "c/status.h"
#include "plan/channel_sums.h"
#include "plan/run_once.h"

using tconv::Pass;
using tconv::Result;
namespace c = tconv::c;

tconv_status tconv_call(const tconv_plan* plan, const tconv_packed* packed, const void* second, const void* input,
                        const void* bias, const void* residual, void* output) {
    return c::guarded([&]() -> Result<void> {
        if (plan == nullptr) return c::refuse("the plan is a null pointer; give what tconv_plan_create() made");
        const std::int64_t element = tconv::size_of(plan->plan.problem().dtype);
        for (const void* array : {second, input, bias, residual, static_cast<const void*>(output)})
            if (!c::is_aligned(array, element))
                return c::refuse(
                    "an array does not begin at a multiple of its elements' size; copy it to one that does");
        if (plan->plan.pass() == Pass::weight_grad) {
            if (packed != nullptr || bias != nullptr || residual != nullptr)
                return c::refuse("weight_grad reads neither packed weights nor a bias nor a residual; give null");
            return tconv::plan::run_weight_grad_once(plan->plan, input, second, output);
        }
        if (packed != nullptr && second != nullptr)
            return c::refuse("packed weights and weights are given together; give null for one of them");
        return tconv::plan::run_once(plan->plan, packed == nullptr ? nullptr : &packed->weights, second,
                                     {.input = input, .bias = bias, .residual = residual, .output = output});
    });
}

tconv_status tconv_bias_grad(const tconv_problem* problem, int32_t pass, int32_t threads, const void* output_grad,
                             void* bias_grad) {
    return c::guarded([&]() -> Result<void> {
        const auto asked = c::read_problem(problem);
        if (!asked) return asked.error();
        const auto layer = c::read_pass(pass);
        if (!layer) return layer.error();
        if (*layer == Pass::weight_grad)
            return c::refuse("weight_grad is no layer's forward pass; give TCONV_SCATTER or TCONV_GATHER");
        const bool is_scatter = *layer == Pass::scatter;
        const std::int64_t channels = is_scatter ? asked->fine_channels : asked->coarse_channels;
        const std::int64_t elements = is_scatter ? asked->fine_elements() : asked->coarse_elements();
        if ((output_grad == nullptr && elements > 0) || (bias_grad == nullptr && channels > 0))
            return c::refuse("an array that has elements is a null pointer; give both");
        if (!c::is_aligned(output_grad, tconv::size_of(asked->dtype)) ||
            !c::is_aligned(bias_grad, tconv::size_of(asked->dtype)))
            return c::refuse("an array does not begin at a multiple of its elements' size; copy it to one that does");
        tconv::PlanOptions options;
        options.threads = threads;
        return tconv::plan::sum_channels(*asked, *layer, output_grad, bias_grad, options);
    });
}
