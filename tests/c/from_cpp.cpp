// The C header in a C++ program that links the shared library alone.
#include <tconv/tconv.h>

#include <cstdio>
#include <type_traits>

static_assert(std::is_standard_layout_v<tconv_problem> && std::is_trivially_copyable_v<tconv_options>);

int main() {
    tconv_problem problem{};
    tconv_plan* plan = nullptr;
    const bool is_right = tconv_problem_init(&problem, sizeof problem) == TCONV_OK &&
                          tconv_problem_parse(&problem, "ic8 oc8 i9 k4 s2") == TCONV_OK &&
                          tconv_plan_create(&problem, TCONV_SCATTER, nullptr, &plan) == TCONV_OK &&
                          tconv_abi_version() == TCONV_ABI_VERSION;
    std::printf("%s\n", is_right ? tconv_plan_method(plan) : tconv_last_error());
    tconv_plan_destroy(plan);
    return is_right ? 0 : 1;
}
