// The problem's functions, and those about the library.
#include "c/status.h"
#include "c/structs.h"
#include "c/text.h"
#include "tconv/machine.h"
#include "tconv/problem_text.h"

using tconv::Error;
using tconv::ErrorCode;
using tconv::Result;
namespace c = tconv::c;

const char* tconv_version(void) { return TCONV_VERSION; }

uint32_t tconv_abi_version(void) { return TCONV_ABI_VERSION; }

int32_t tconv_num_threads(void) {
    int32_t threads = 1;
    c::guarded([&] {
        threads = tconv::default_threads();
        return TCONV_OK;
    });
    return threads;
}

const char* tconv_default_isa(void) {
    const char* name = nullptr;
    c::guarded([&]() -> Result<void> {
        const auto isa = tconv::default_isa();
        if (!isa) return isa.error();
        name = tconv::to_string(*isa).data();  // a literal's
        return {};
    });
    return name;
}

tconv_status tconv_info(char* text, size_t capacity, size_t* needed) {
    return c::guarded([&] {
        const tconv::Machine machine = tconv::this_machine();
        c::JsonObject caches, info;
        for (const tconv::Cache& cache : machine.caches) caches.number(cache.name, cache.size_bytes);
        info.number("schema_version", std::int64_t{1})
            .text("version", TCONV_VERSION)
            .number("abi", std::int64_t{TCONV_ABI_VERSION})
            .text("cpu", machine.cpu)
            .text("isa", machine.isa)
            .raw("available_isas", c::json_list(machine.available_isas, c::quoted))
            .number("threads", std::int64_t{machine.threads})
            .raw("caches", caches.str());
        return c::copy_text(info.str(), text, capacity, needed);
    });
}

tconv_status tconv_problem_init(tconv_problem* problem, size_t struct_size) {
    return c::guarded([&]() -> Result<void> {
        if (problem == nullptr)
            return Error{ErrorCode::invalid_argument, "the problem is a null pointer; give its structure"};
        if (struct_size < sizeof problem->struct_size || struct_size > UINT32_MAX)
            return Error{ErrorCode::invalid_argument, "a problem of " + std::to_string(struct_size) +
                                                          " bytes cannot be; give the structure's sizeof"};
        problem->struct_size = static_cast<uint32_t>(struct_size);
        return c::write_problem(tconv::Problem(), problem);
    });
}

tconv_status tconv_problem_parse(tconv_problem* problem, const char* text) {
    return c::guarded([&]() -> Result<void> {
        if (text == nullptr)
            return Error{ErrorCode::invalid_argument, "the text is a null pointer; give one such as 'i8x8 k4 s2 p1'"};
        const auto parsed = tconv::parse_problem(text);
        if (!parsed) return parsed.error();
        return c::write_problem(*parsed, problem);
    });
}

tconv_status tconv_problem_print(const tconv_problem* problem, char* text, size_t capacity, size_t* needed) {
    return c::guarded([&] {
        const auto read = c::read_problem(problem);
        return read ? c::copy_text(tconv::to_text(*read), text, capacity, needed) : c::fail(read.error());
    });
}

tconv_status tconv_problem_validate(const tconv_problem* problem) {
    return c::guarded([&]() -> Result<void> {
        const auto read = c::read_problem(problem);
        return read ? Result<void>() : read.error();
    });
}

tconv_status tconv_element_count(const tconv_problem* problem, int32_t array, int64_t* count) {
    return c::guarded([&]() -> Result<void> {
        const auto read = c::read_problem(problem);
        if (!read) return read.error();
        if (count == nullptr) return Error{ErrorCode::invalid_argument, "the place for the count is a null pointer"};
        switch (array) {
            case TCONV_COARSE:
                *count = read->coarse_elements();
                return {};
            case TCONV_FINE:
                *count = read->fine_elements();
                return {};
            case TCONV_WEIGHTS:
                *count = read->weight_elements();
                return {};
            default:
                return Error{ErrorCode::invalid_argument,
                             "array number " + std::to_string(array) +
                                 " is none; use TCONV_COARSE, TCONV_FINE or TCONV_WEIGHTS"};
        }
    });
}
