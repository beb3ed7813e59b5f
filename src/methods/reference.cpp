#include "methods/reference.h"

#include <algorithm>
#include <array>

#include "problem/checked.h"
#include "tconv/reference.h"

namespace tconv::methods {
namespace {

// The sizes of one side's array: samples, channels, and the three axes.
struct SideSizes {
    std::int64_t batch, channels;
    std::array<std::int64_t, Problem::kMaxRank> axes;

    std::int64_t elements() const noexcept { return batch * channels * axes[0] * axes[1] * axes[2]; }
};

SideSizes coarse_sizes(const Problem& p) noexcept {
    return {p.batch, p.coarse_channels, {p.axes[0].coarse, p.axes[1].coarse, p.axes[2].coarse}};
}

SideSizes fine_sizes(const Problem& p) noexcept {
    return {p.batch, p.fine_channels, {p.axes[0].fine, p.axes[1].fine, p.axes[2].fine}};
}

// Every element of a side, from one array to another of any strides and type.
template <class From, class To>
void convert(const SideSizes& sizes, const From* from, const SideStrides& from_strides, To* to,
             const SideStrides& to_strides) noexcept {
    if (sizes.elements() == 0) return;
    const auto at = [](const SideStrides& s, std::int64_t n, std::int64_t c, std::int64_t i, std::int64_t j) {
        return n * s.sample + c * s.channel + i * s.axes[0] + j * s.axes[1];
    };
    for (std::int64_t n = 0; n < sizes.batch; ++n)
        for (std::int64_t c = 0; c < sizes.channels; ++c)
            for (std::int64_t i = 0; i < sizes.axes[0]; ++i)
                for (std::int64_t j = 0; j < sizes.axes[1]; ++j) {
                    const From* const source = from + at(from_strides, n, c, i, j);
                    To* const target = to + at(to_strides, n, c, i, j);
                    for (std::int64_t k = 0; k < sizes.axes[2]; ++k)
                        target[k * to_strides.axes[2]] = static_cast<To>(source[k * from_strides.axes[2]]);
                }
}

template <class From, class To>
void convert(std::int64_t count, const From* from, To* to) noexcept {
    std::transform(from, from + count, to, [](From value) { return static_cast<To>(value); });
}

// Doubles, rounded up to whole cache lines.
std::int64_t padded(std::int64_t count) noexcept { return (count + 7) / 8 * 8; }

template <class T>
class Reference final : public Method {
public:
    explicit Reference(const Request& request)
        : problem_(request.problem),
          pass_(request.pass),
          given_read_(request.read),
          given_write_(request.write),
          coarse_(coarse_sizes(problem_)),
          fine_(fine_sizes(problem_)),
          coarse_strides_(coarse_strides(problem_)),
          fine_strides_(fine_strides(problem_)) {}

    std::string kernel() const override { return "the definition's loops in double"; }
    std::vector<std::string> details() const override { return {"one thread; arrays as doubles in the workspace"}; }

    std::int64_t workspace_bytes() const noexcept override {
        const std::int64_t sides = padded(coarse_.elements()) + padded(fine_.elements());
        const std::int64_t rest = pass_ == Pass::weight_grad ? padded(problem_.weight_elements())
                                                             : padded(written().channels) + residual_elements();
        return (sides + rest) * size_of(DType::f64);
    }
    std::int64_t packed_elements() const noexcept override {
        return pass_ == Pass::weight_grad ? 0 : problem_.weight_elements() * kDoubles;
    }
    std::string weight_format() const override { return pass_ == Pass::weight_grad ? "" : "doubles"; }
    void pack(const void* weights, void* packed) const noexcept override {
        convert(problem_.weight_elements(), static_cast<const T*>(weights), static_cast<double*>(packed));
    }

    void run(const Call& call) const noexcept override {
        double* const coarse = static_cast<double*>(call.workspace);
        double* const fine = coarse + padded(coarse_.elements());
        double* const rest = fine + padded(fine_.elements());
        if (pass_ == Pass::weight_grad) {
            convert(coarse_, static_cast<const T*>(call.input), coarse_strides_, coarse, coarse_strides_);
            convert(fine_, static_cast<const T*>(call.second), fine_strides_, fine, fine_strides_);
            reference::weight_grad(problem_, coarse, fine, rest);
            convert(problem_.weight_elements(), rest, static_cast<T*>(call.output));
            return;
        }
        const bool writes_fine = pass_ == Pass::scatter;
        const SideStrides& write_strides = writes_fine ? fine_strides_ : coarse_strides_;
        convert(writes_fine ? coarse_ : fine_, static_cast<const T*>(call.input), given_read_,
                writes_fine ? coarse : fine, writes_fine ? coarse_strides_ : fine_strides_);

        reference::Epilogue epilogue{.bias = nullptr, .residual = nullptr, .activation = problem_.activation};
        if (call.bias != nullptr) {
            convert(written().channels, static_cast<const T*>(call.bias), rest);
            epilogue.bias = rest;
        }
        if (call.residual != nullptr) {
            double* const residual = rest + padded(written().channels);
            convert(written(), static_cast<const T*>(call.residual), given_write_, residual, write_strides);
            epilogue.residual = residual;
        }
        const double* const weights = static_cast<const double*>(call.packed);
        if (writes_fine)
            reference::scatter(problem_, coarse, weights, epilogue, fine);
        else
            reference::gather(problem_, fine, weights, epilogue, coarse);
        convert(written(), writes_fine ? fine : coarse, write_strides, static_cast<T*>(call.output), given_write_);
    }

private:
    static constexpr std::int64_t kDoubles = sizeof(T) == sizeof(float) ? 2 : 1;  // elements of a double

    const SideSizes& written() const noexcept { return pass_ == Pass::scatter ? fine_ : coarse_; }
    std::int64_t residual_elements() const noexcept { return problem_.has_sum ? padded(written().elements()) : 0; }

    Problem problem_;
    Pass pass_;
    SideStrides given_read_, given_write_;
    SideSizes coarse_, fine_;
    SideStrides coarse_strides_, fine_strides_;
};

Result<Estimate> consider(const Request& request) {
    const Problem& p = request.problem;
    // Everything as doubles, and lines around it.
    const Checked sides = Checked(p.coarse_elements()) + 2 * Checked(p.fine_elements()) + Checked(p.coarse_elements()) +
                          Checked(p.coarse_channels) + Checked(p.fine_channels) + Checked(p.weight_elements()) + 64;
    if (!(sides * size_of(DType::f64)).fits())
        return Error{ErrorCode::invalid_argument, "its arrays as doubles would need more than 2^62 bytes"};
    double pairs = static_cast<double>(p.batch) * static_cast<double>(p.coarse_channels) *
                   static_cast<double>(p.fine_channels) / static_cast<double>(p.groups);
    for (const Axis& axis : p.axes) pairs *= static_cast<double>(meeting_pairs(axis));
    return Estimate{.cycles = 1e30, .executed_flops = 2 * pairs};
}

}  // namespace

const Candidate kReference{.name = "reference",
                           .serves_scatter = true,
                           .serves_gather = true,
                           .serves_weight_grad = true,
                           .consider = consider,
                           .make = make_of_dtype<Reference>,
                           .has_exact_edges = true};

}  // namespace tconv::methods
