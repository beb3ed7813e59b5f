// Structures that begin with their size as the caller knows it. A caller built against an older tconv.h gives fewer
// bytes, and zeros take the place of the rest; one built against a newer one gives more, which have to be zeros.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <utility>

#include "tconv/plan.h"
#include "tconv/tconv.h"

namespace tconv::c {

// invalid_argument.
inline Error refuse(std::string sentence) { return {ErrorCode::invalid_argument, std::move(sentence)}; }

// Errors: invalid_argument for null or for a size that is none, unsupported for members that this build does not know.
Result<void> check_struct(const char* name, const void* given, std::size_t least, std::size_t known);

// A copy of a structure of which the first version had `least` bytes.
template <class Struct>
Result<Struct> read_struct(const char* name, const Struct* given, std::size_t least) {
    if (auto ok = check_struct(name, given, least, sizeof(Struct)); !ok) return ok.error();
    Struct copy{};
    std::memcpy(&copy, given, given->struct_size < sizeof copy ? given->struct_size : sizeof copy);
    return copy;
}

// The C++ problem, validated. Errors: as validate(), and invalid_argument for numbers that name nothing.
Result<Problem> read_problem(const tconv_problem* given);

// Into a structure whose struct_size is set.
Result<void> write_problem(const Problem& problem, tconv_problem* target);

Result<Pass> read_pass(std::int32_t pass);

// The options of a problem's plan; null is the default ones.
Result<PlanOptions> read_options(const tconv_options* given, const Problem& problem);

Result<tconv_drawing> read_drawing(const tconv_drawing* given);

Result<tconv_arguments> read_arguments(const tconv_arguments* given);

// A host's pool as an Executor, which is good as long as this lives.
class HostPool {
public:
    HostPool() = default;
    HostPool(tconv_parallel_for_fn parallel_for, void* context) : parallel_for_(parallel_for), context_(context) {}

    explicit operator bool() const noexcept { return parallel_for_ != nullptr; }
    Executor executor() noexcept;

private:
    tconv_parallel_for_fn parallel_for_ = nullptr;
    void* context_ = nullptr;
};

}  // namespace tconv::c
