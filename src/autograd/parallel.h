// The threads of element-wise operations, and templates over the two types of elements.
#pragma once

#include <algorithm>
#include <cstdint>

#include "methods/method.h"
#include "tconv/executor.h"
#include "tconv/plan.h"
#include "tconv/tensor.h"

namespace tconv::autograd {

/// What a Threads scope asks for; 0: default_threads().
int threads() noexcept;

/// Options of a plan under the current scope.
inline PlanOptions plan_options() {
    PlanOptions options;
    options.threads = threads();
    return options;
}

/// The pool of the current scope, or a plain loop where there is none.
struct Workers {
    Executor executor;
    std::int64_t count = 1;
};
Workers workers();

/// Calls body(begin, end) for parts of [0, items), one for each worker, where `cost` (elements touched in all) is worth
/// waking them. What a part computes must not depend on where parts begin.
template <class Body>
void for_each_part(std::int64_t items, std::int64_t cost, const Body& body) {
    constexpr std::int64_t kWorthWaking = 1 << 15;
    if (items <= 0) return;
    const Workers pool = cost < kWorthWaking ? Workers{} : workers();
    const std::int64_t parts = std::min(pool.count, items);
    methods::for_each_worker(&pool.executor, parts, [&](std::int64_t part) {
        const Range mine = methods::share(items, parts, part);
        body(mine.begin, mine.end);
    });
}

/// Calls body(T()) with T = float or double.
template <class Body>
decltype(auto) with_type(DType dtype, Body&& body) {
    return dtype == DType::f32 ? body(float()) : body(double());
}

/// The elements in the order of memory; the tensor is dense (order.h) and of that type.
template <class T>
T* elements(const Tensor& tensor) noexcept {
    return reinterpret_cast<T*>(const_cast<std::byte*>(tensor.bytes()));
}

}  // namespace tconv::autograd
