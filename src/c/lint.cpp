// The checkerboard: a layer or a model judged, and a flat field measured.
#include "tconv/lint.h"

#include <string>
#include <vector>

#include "c/status.h"
#include "c/structs.h"
#include "c/text.h"
#include "tconv/flat_field.h"
#include "tconv/problem_text.h"

using tconv::Problem;
using tconv::Result;
namespace c = tconv::c;
namespace lint = tconv::lint;

namespace {

std::vector<double> doubles(const Problem& problem, const void* weights) {
    if (weights == nullptr) return {};
    const auto count = static_cast<std::size_t>(problem.weight_elements());
    if (problem.dtype == tconv::DType::f64) {
        const auto* values = static_cast<const double*>(weights);
        return {values, values + count};
    }
    const auto* values = static_cast<const float*>(weights);
    return {values, values + count};
}

}  // namespace

tconv_status tconv_lint_problem(const tconv_problem* problem, int32_t pass, const void* weights, char* text,
                                size_t capacity, size_t* needed) {
    return c::guarded([&] {
        const auto asked = c::read_problem(problem);
        if (!asked) return c::fail(asked.error());
        if (pass != TCONV_SCATTER && pass != TCONV_GATHER)
            return c::fail(c::refuse("the pass is " + std::to_string(pass) +
                                     ", but TCONV_SCATTER and TCONV_GATHER are layers; give one of them"));
        auto node = lint::lint_problem(*asked, doubles(*asked, weights),
                                       pass == TCONV_SCATTER ? lint::Kind::transposed : lint::Kind::convolution);
        if (!node) return c::fail(node.error());
        lint::Report report;
        report.model = tconv::to_text(*asked);
        report.nodes.push_back(std::move(*node));
        return c::copy_text(lint::to_json(report), text, capacity, needed);
    });
}

tconv_status tconv_lint_model(const void* model, size_t size, const char* name, char* text, size_t capacity,
                              size_t* needed) {
    return c::guarded([&] {
        if (model == nullptr && size > 0) return c::fail(c::refuse("the model is a null pointer; give its bytes"));
        const auto report =
            lint::lint_model({static_cast<const std::byte*>(model), size}, name == nullptr ? "model" : name);
        if (!report) return c::fail(c::refuse(report.error().message));
        return c::copy_text(lint::to_json(*report), text, capacity, needed);
    });
}

tconv_status tconv_flat_field(int64_t channels, int32_t rank, const int64_t* sizes, const int64_t* period,
                              const int64_t* margin, const double* values, double* peak_to_peak, int64_t* channel,
                              double* level) {
    return c::guarded([&]() -> Result<void> {
        if (rank < 1 || rank > 3) return c::refuse("rank " + std::to_string(rank) + " must be 1, 2 or 3");
        if (sizes == nullptr || period == nullptr || margin == nullptr || values == nullptr || peak_to_peak == nullptr)
            return c::refuse(
                "sizes, period, margin, values or the place for the answer is a null pointer; give them all");
        const auto axes = static_cast<std::size_t>(rank);
        std::size_t count = 1;
        for (const std::int64_t each : {channels, sizes[0], rank > 1 ? sizes[1] : 1, rank > 2 ? sizes[2] : 1}) {
            constexpr std::size_t kMost = std::size_t{1} << 40U;
            if (each < 0 || (each > 0 && count > kMost / static_cast<std::size_t>(each)))
                return c::refuse("channels and sizes must be at least 0 and hold at most 2^40 values");
            count *= static_cast<std::size_t>(each);
        }
        const auto found = tconv::checkerboard::flat_field_pattern(
            {channels, {sizes, axes}, {period, axes}, {margin, axes}}, {values, count});
        if (!found) return found.error();
        *peak_to_peak = found->peak_to_peak;
        if (channel != nullptr) *channel = found->channel;
        if (level != nullptr) *level = found->level;
        return {};
    });
}
