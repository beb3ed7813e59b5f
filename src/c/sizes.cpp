// Sizes: derived, solved for; and the entries of the matrix W.
#include "tconv/sizes.h"

#include "c/status.h"
#include "c/structs.h"
#include "c/text.h"
#include "reference/entries.h"
#include "tconv/problem_text.h"

using tconv::Problem;
using tconv::Result;
namespace c = tconv::c;

namespace {

std::string numbers(const std::vector<std::int64_t>& values) {
    return c::json_list(values, [](std::int64_t value) { return std::to_string(value); });
}

std::string to_json(const tconv::SizeSolution& found) {
    c::JsonObject json;
    return json.number("k", found.kernel)
        .number("s", found.stride)
        .number("p", found.padding)
        .number("op", found.output_padding)
        .number("d", found.dilation)
        .text("verdict", tconv::to_string(found.evenness))
        .str();
}

Result<Problem> one_sample(const tconv_problem* given) {
    auto problem = c::read_problem(given);
    if (problem) problem->batch = 1;
    return problem;
}

}  // namespace

tconv_status tconv_derive_size(const tconv_problem* problem, char* text, size_t capacity, size_t* needed) {
    return c::guarded([&] {
        const auto asked = c::read_problem(problem);
        if (!asked) return c::fail(asked.error());
        const tconv::SizeDerivation derived = tconv::derive_size(*asked);
        c::JsonObject json;
        json.number("schema_version", std::int64_t{1})
            .text("problem", tconv::to_text(*asked))
            .raw("input_size", numbers(derived.input_size))
            .raw("output_size", numbers(derived.output_size))
            .raw("full_size", numbers(derived.full_size))
            .raw("steps", c::json_list(derived.steps, c::quoted));
        return c::copy_text(json.str(), text, capacity, needed);
    });
}

tconv_status tconv_solve_size(int64_t from, int64_t want, int64_t max_kernel, int64_t max_dilation, char* text,
                              size_t capacity, size_t* needed) {
    return c::guarded([&] {
        tconv::SizeQuestion question{from, want};
        if (max_kernel != 0) question.max_kernel = max_kernel;
        if (max_dilation != 0) question.max_dilation = max_dilation;
        const auto solutions = tconv::solve_size(question);
        if (!solutions) return c::fail(solutions.error());
        c::JsonObject json;
        json.number("schema_version", std::int64_t{1})
            .number("from", from)
            .number("want", want)
            .raw("solutions", c::json_list(*solutions, to_json));
        return c::copy_text(json.str(), text, capacity, needed);
    });
}

tconv_status tconv_matrix_size(const tconv_problem* problem, int64_t* rows, int64_t* columns, int64_t* entries) {
    return c::guarded([&]() -> Result<void> {
        const auto asked = one_sample(problem);
        if (!asked) return asked.error();
        const auto count = tconv::reference::count_entries(*asked);
        if (!count) return count.error();
        if (rows == nullptr || columns == nullptr || entries == nullptr)
            return c::refuse("the place for a number is a null pointer; give three");
        *rows = count->rows;
        *columns = count->columns;
        *entries = count->entries;
        return {};
    });
}

tconv_status tconv_matrix_entries(const tconv_problem* problem, int64_t capacity, int64_t* rows, int64_t* columns,
                                  int64_t* weights) {
    return c::guarded([&]() -> Result<void> {
        const auto asked = one_sample(problem);
        if (!asked) return asked.error();
        const auto count = tconv::reference::count_entries(*asked);
        if (!count) return count.error();
        if (capacity < count->entries)
            return c::refuse("the arrays have room for " + std::to_string(capacity) + " entries, but the matrix has " +
                             std::to_string(count->entries) + "; give as many as tconv_matrix_size() tells");
        if (count->entries == 0) return {};
        if (rows == nullptr || columns == nullptr || weights == nullptr)
            return c::refuse("an array for the entries is a null pointer; give three");
        tconv::reference::for_each_entry(*asked, [&](std::int64_t row, std::int64_t column, std::int64_t weight) {
            *rows++ = row;
            *columns++ = column;
            *weights++ = weight;
        });
        return {};
    });
}
