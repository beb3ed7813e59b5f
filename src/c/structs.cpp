#include "c/structs.h"

#include <algorithm>
#include <cmath>
#include <iterator>

namespace tconv::c {
namespace {

// The layout is the ABI; these are the sizes of version 1 where pointers have 8 bytes.
constexpr std::size_t kLeastProblem = offsetof(tconv_problem, beta) + sizeof(double);
constexpr std::size_t kLeastOptions = offsetof(tconv_options, serial_below_microseconds) + sizeof(double);
constexpr std::size_t kLeastDrawing = offsetof(tconv_drawing, is_sketch) + sizeof(std::int32_t);
constexpr std::size_t kLeastArguments = offsetof(tconv_arguments, context) + sizeof(void*);
static_assert(offsetof(tconv_problem, axes) == 40 && offsetof(tconv_problem, dtype) == 208 && kLeastProblem == 248);
static_assert(sizeof(tconv_axis) == 56 && sizeof(tconv_strides) == 40);
static_assert(sizeof(void*) != 8 || (kLeastOptions == 64 && kLeastArguments == 80 && kLeastDrawing == 32));

// No structure of any version will be as large: it is a number that nobody has set.
constexpr std::size_t kMostBytes = 1 << 16;

Result<void> check_number(const char* name, std::int32_t value, std::int32_t last) {
    if (value >= 0 && value <= last) return {};
    return refuse(std::string(name) + " is " + std::to_string(value) + ", but must be from 0 to " +
                  std::to_string(last) + "; use the constants of tconv.h");
}

}  // namespace

Result<void> check_struct(const char* name, const void* given, std::size_t least, std::size_t known) {
    if (given == nullptr) return refuse(std::string(name) + " is a null pointer; give its structure");
    std::uint32_t size = 0;
    std::memcpy(&size, given, sizeof size);
    if (size < least || size > kMostBytes)
        return refuse(std::string(name) + "'s struct_size is " + std::to_string(size) + ", but must be at least " +
                      std::to_string(least) + "; set it to the structure's sizeof");
    const auto* const bytes = static_cast<const unsigned char*>(given);
    if (size > known && std::any_of(bytes + known, bytes + size, [](unsigned char byte) { return byte != 0; }))
        return Error{ErrorCode::unsupported, std::string(name) +
                                                 " uses members that this library does not know yet; leave them 0, or "
                                                 "use a newer libtconv"};
    return {};
}

Result<Problem> read_problem(const tconv_problem* given) {
    const auto copy = read_struct("the problem", given, kLeastProblem);
    if (!copy) return copy.error();
    if (copy->rank < 1 || copy->rank > Problem::kMaxRank)
        return refuse("the problem's rank is " + std::to_string(copy->rank) + ", but must be from 1 to 3");
    struct Number {
        const char* name;
        std::int32_t value, last;
    };
    for (const auto& [name, value, last] : {Number{"dtype", copy->dtype, TCONV_F64},
                                            {"layout", copy->layout, TCONV_CHANNELS_LAST},
                                            {"has_bias", copy->has_bias, 1},
                                            {"has_sum", copy->has_sum, 1},
                                            {"activation", copy->activation, TCONV_CLAMP},
                                            {"reserved", copy->reserved, 0}})
        if (auto ok = check_number(name, value, last); !ok) return ok.error();
    Problem problem;
    problem.rank = copy->rank;
    problem.batch = copy->batch;
    problem.groups = copy->groups;
    problem.coarse_channels = copy->coarse_channels;
    problem.fine_channels = copy->fine_channels;
    const auto axes = problem.spatial();
    for (std::size_t i = 0; i < axes.size(); ++i) {
        const tconv_axis& axis = copy->axes[i];
        axes[i] = {axis.coarse,   axis.fine,          axis.kernel,     axis.stride,
                   axis.dilation, axis.padding_begin, axis.padding_end};
    }
    problem.dtype = static_cast<DType>(copy->dtype);
    problem.layout = static_cast<Layout>(copy->layout);
    problem.has_bias = copy->has_bias != 0;
    problem.has_sum = copy->has_sum != 0;
    problem.activation = {static_cast<Activation::Kind>(copy->activation), copy->alpha, copy->beta};
    if (auto ok = validate(problem); !ok) return ok.error();
    return problem;
}

Result<void> write_problem(const Problem& problem, tconv_problem* target) {
    if (auto ok = check_struct("the problem", target, kLeastProblem, kMostBytes); !ok) return ok;
    tconv_problem copy{};
    copy.struct_size = target->struct_size;
    copy.rank = problem.rank;
    copy.batch = problem.batch;
    copy.groups = problem.groups;
    copy.coarse_channels = problem.coarse_channels;
    copy.fine_channels = problem.fine_channels;
    const auto axes = problem.spatial();
    for (std::size_t i = 0; i < std::size(copy.axes); ++i) {
        const Axis axis = i < axes.size() ? axes[i] : Axis{};
        copy.axes[i] = {axis.coarse,   axis.fine,          axis.kernel,     axis.stride,
                        axis.dilation, axis.padding_begin, axis.padding_end};
    }
    copy.dtype = static_cast<std::int32_t>(problem.dtype);
    copy.layout = static_cast<std::int32_t>(problem.layout);
    copy.has_bias = problem.has_bias;
    copy.has_sum = problem.has_sum;
    copy.activation = static_cast<std::int32_t>(problem.activation.kind);
    copy.alpha = problem.activation.alpha;
    copy.beta = problem.activation.beta;
    const std::size_t size = target->struct_size;
    std::memset(static_cast<void*>(target), 0, size);
    std::memcpy(static_cast<void*>(target), &copy, std::min(size, sizeof copy));
    return {};
}

Result<Pass> read_pass(std::int32_t pass) {
    if (auto ok = check_number("the pass", pass, TCONV_WEIGHT_GRAD); !ok) return ok.error();
    return static_cast<Pass>(pass);
}

Result<PlanOptions> read_options(const tconv_options* given, const Problem& problem) {
    PlanOptions options;
    if (given == nullptr) return options;
    const auto copy = read_struct("the options", given, kLeastOptions);
    if (!copy) return copy.error();
    options.threads = copy->threads;
    if (copy->isa != nullptr) {
        const auto isa = parse_isa(copy->isa);
        if (!isa) return isa.error();
        options.isa = *isa;
    }
    if (copy->method != nullptr) options.method = copy->method;
    if (copy->weight_format != nullptr) options.weight_format = copy->weight_format;
    if (copy->output_strides != nullptr) {
        SideStrides strides{copy->output_strides->sample, copy->output_strides->channel, {}};
        const auto unused = static_cast<std::size_t>(Problem::kMaxRank - problem.rank);
        for (std::size_t i = unused; i < strides.axes.size(); ++i)
            strides.axes[i] = copy->output_strides->axes[i - unused];
        options.output_strides = strides;
    }
    if (std::isnan(copy->serial_below_microseconds))
        return refuse("serial_below_microseconds is NaN, but must be a number (0 is the default, below 0 is never)");
    if (copy->serial_below_microseconds != 0) options.serial_below_microseconds = copy->serial_below_microseconds;
    if (auto ok = check_number("allow_winograd", copy->allow_winograd, 1); !ok) return ok.error();
    options.allow_winograd = copy->allow_winograd != 0;
    if (auto ok = check_number("weights_each_call", copy->weights_each_call, 1); !ok) return ok.error();
    options.weights_each_call = copy->weights_each_call != 0;
    return options;
}

Result<tconv_drawing> read_drawing(const tconv_drawing* given) {
    auto copy = read_struct("the drawing", given, kLeastDrawing);
    if (!copy) return copy;
    struct Number {
        const char* name;
        std::int32_t value;
    };
    for (const auto& [name, value] : {Number{"theme", copy->theme}, Number{"has_no_script", copy->has_no_script},
                                      Number{"is_sketch", copy->is_sketch}})
        if (auto ok = check_number(name, value, 1); !ok) return ok.error();
    return copy;
}

Result<tconv_arguments> read_arguments(const tconv_arguments* given) {
    auto copy = read_struct("the arguments", given, kLeastArguments);
    if (!copy) return copy;
    if (copy->reserved != 0)
        return refuse("reserved is " + std::to_string(copy->reserved) + " in the arguments, but must be 0");
    return copy;
}

Executor HostPool::executor() noexcept {
    // Executor::Body is C++'s idea of tconv_body_fn; the ABIs of such functions are one wherever tconv is built.
    return {[](void* context, std::int64_t count, Executor::Body body, void* data) {
                const HostPool& pool = *static_cast<const HostPool*>(context);
                pool.parallel_for_(pool.context_, count, body, data);
            },
            this};
}

}  // namespace tconv::c
