// The joined pairs of one sample's coarse and fine elements: the entries of the matrix W (matrix.h), without a matrix.
#pragma once

#include <cstdint>

#include "tconv/problem.h"
#include "tconv/reference.h"
#include "tconv/result.h"
#include "tconv/trace.h"

namespace tconv::reference {

// How large W is; the batch is left out.
struct EntryCount {
    std::int64_t rows = 0;     // coarse elements of a sample
    std::int64_t columns = 0;  // its fine elements
    std::int64_t entries = 0;  // joined pairs
};

// Errors: validate()'s; invalid_argument where the numbers do not fit 62 bits.
Result<EntryCount> count_entries(const Problem& problem);

// Calls visit(row, column, weight's offset) for every joined pair of a problem of one sample. Rows and columns are
// offsets in memory order of the problem's layout.
template <class Visit>
void for_each_entry(const Problem& problem, Visit&& visit) {
    for_each_event(problem, [&](const Event& e) {
        visit(coarse_offset(problem, 0, e.coarse_channel, e.coarse), fine_offset(problem, 0, e.fine_channel, e.fine),
              weight_offset(problem, e.coarse_channel, e.weight_channel, e.tap));
    });
}

}  // namespace tconv::reference
