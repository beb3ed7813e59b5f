#include "reference/entries.h"

#include "problem/checked.h"
#include "tconv/geometry.h"

namespace tconv::reference {

Result<EntryCount> count_entries(const Problem& problem) {
    if (auto ok = validate(problem); !ok) return ok.error();
    Checked entries = Checked(problem.coarse_channels) * (problem.fine_channels / problem.groups);
    bool exact = true;  // meeting_pairs() saturates
    for (const Axis& axis : problem.axes) {
        const std::int64_t pairs = meeting_pairs(axis);
        exact = exact && pairs < Checked::kMaxExtent;
        entries = entries * pairs;
    }
    if (!exact || !entries.fits())
        return Error{ErrorCode::invalid_argument, "the matrix has more than 2^62 entries; use smaller sizes"};
    return EntryCount{problem.coarse_channels * problem.coarse_positions(),
                      problem.fine_channels * problem.fine_positions(), entries.value()};
}

}  // namespace tconv::reference
