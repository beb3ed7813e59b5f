// Method: one algorithm for one pass of one problem, decided down to its tiles. Methods are made by candidates
// (candidates.h), which first *consider* a request, cheaply: they refuse it with a reason, or predict its cost. The
// plan takes the cheapest and has it made.
//
// A method is immutable. Its run() is called by any number of threads at a time, each call with its own workspace; it
// allocates nothing and cannot fail. Work is divided among workers (ask the request) in a way that leaves every
// element's order of summation alone.
#pragma once

#include <cstdint>
#include <memory>
#include <new>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/kernel_list.h"
#include "runtime/cpu.h"
#include "tconv/executor.h"
#include "tconv/geometry.h"
#include "tconv/problem.h"
#include "tconv/result.h"
#include "tconv/strides.h"

namespace tconv::methods {

/// What a method is asked for. The problem is valid.
struct Request {
    const Problem& problem;
    Pass pass = Pass::scatter;
    const kernels::Unit& unit;    ///< the micro-kernels to use
    int threads = 1;              ///< workers
    SideStrides read{}, write{};  ///< of the side that is read and of the one that is written (scatter, gather)
    /// The weight_format() that weights are packed in already; empty: free choice. A method that has several takes this
    /// one, whatever the sizes, or refuses.
    std::string_view weight_format{};
    bool allows_winograd = false;  ///< results may be less exact: winograd.h
    bool packs_each_call = false;  ///< packing is a part of the cost
};

/// A candidate's prediction, for all workers together.
struct Estimate {
    double cycles = 0;          ///< of one core, were it alone; the plan's ranking
    double executed_flops = 0;  ///< by the kernels, waste included
};

/// The arrays of one call, of the problem's dtype. weight_grad: input = coarse, second = fine.
struct Call {
    const void* input = nullptr;
    const void* second = nullptr;
    const void* packed = nullptr;
    const void* bias = nullptr;
    const void* residual = nullptr;
    void* output = nullptr;
    void* workspace = nullptr;
    const Executor* executor = nullptr;
};

class Method {
public:
    Method(const Method&) = delete;
    Method& operator=(const Method&) = delete;
    virtual ~Method() = default;

    /// Tiling in words: "8x48 tiles", and more lines for explain().
    virtual std::string kernel() const = 0;
    virtual std::vector<std::string> details() const = 0;
    /// Of all workers together; each worker's part on a 64-byte boundary.
    virtual std::int64_t workspace_bytes() const noexcept = 0;
    /// Elements of packed weights; 0 where the method reads none.
    virtual std::int64_t packed_elements() const noexcept { return 0; }
    /// The packed order in a word, such as "phase8". Sizes of the maps are no part of it.
    virtual std::string weight_format() const { return {}; }
    /// From the problem's contiguous weights into packed_elements() elements, all of which are written.
    virtual void pack(const void* weights, void* packed) const noexcept { (void)weights, (void)packed; }
    virtual void run(const Call& call) const noexcept = 0;

protected:
    Method() = default;
};

/// A way to compute a pass; `consider` costs well under a microsecond or two.
struct Candidate {
    const char* name;
    bool serves_scatter, serves_gather, serves_weight_grad;
    Result<Estimate> (*consider)(const Request& request);
    /// Only after consider() has accepted. Null where memory is short.
    std::unique_ptr<Method> (*make)(const Request& request);
    /// Whether a weight meets only the inputs that the definition says, so that infinities and NaN among the weights
    /// go where they should; a method that pads with zeros multiplies them by those.
    bool has_exact_edges = false;
    /// Whether packed weights are the problem's own, so that a call can be given those.
    bool reads_natural = false;
};

/// Made<float> or Made<double>, by the problem's dtype: what most candidates' `make` is.
template <template <class> class Made>
std::unique_ptr<Method> make_of_dtype(const Request& request) {
    if (request.problem.dtype == DType::f32) return std::unique_ptr<Method>(new (std::nothrow) Made<float>(request));
    return std::unique_ptr<Method>(new (std::nothrow) Made<double>(request));
}

/// Calls body(index) for every index in [0, count), each on one worker; count is the number of workers.
template <class Body>
void for_each_worker(const Executor* executor, std::int64_t count, const Body& body) noexcept {
    if (executor == nullptr || executor->parallel_for == nullptr || count <= 1) {
        for (std::int64_t i = 0; i < count; ++i) body(i);
        return;
    }
    executor->parallel_for(
        executor->context, count, [](void* data, std::int64_t index) { (*static_cast<const Body*>(data))(index); },
        const_cast<void*>(static_cast<const void*>(&body)));
}

/// Elements in whole lines of 64 bytes: parts of a workspace begin with lines.
template <class T>
constexpr std::int64_t whole_lines(std::int64_t elements) noexcept {
    constexpr std::int64_t kElements = 64 / static_cast<std::int64_t>(sizeof(T));
    return ceil_div(elements, kElements) * kElements;
}

/// The index-th of `parts` nearly equal parts of [0, count).
inline Range share(std::int64_t count, std::int64_t parts, std::int64_t index) noexcept {
    const std::int64_t whole = count / parts, rest = count % parts;
    const std::int64_t begin = index * whole + (index < rest ? index : rest);
    return {begin, begin + whole + (index < rest ? 1 : 0)};
}

}  // namespace tconv::methods
