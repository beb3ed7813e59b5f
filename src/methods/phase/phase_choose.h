// What the phase GEMMs decide before anything is made: whether a problem fits their tables, and what it would cost.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "methods/method.h"
#include "methods/phase/phase_layout.h"

namespace tconv::methods {

/// Phases of an axis with equally many taps, with all their points.
struct PhaseGroup {
    std::int64_t taps = 0, phases = 0, points = 0;
};

/// The fewest and most taps that phases of an axis have differ by one, but for empty phases: three groups at most.
struct PhaseGroups {
    std::array<PhaseGroup, 3> groups{};
    std::size_t count = 0;

    void add(std::int64_t taps, std::int64_t phases, std::int64_t points) {
        for (std::size_t i = 0; i < count; ++i)
            if (groups[i].taps == taps) {
                groups[i].phases += phases;
                groups[i].points += points;
                return;
            }
        groups[count++] = {taps, phases, points};
    }
};

PhaseGroups groups_of(const FlowAxis& axis);

/// What the tables cannot hold, in a sentence: too many phases or taps, or a window of one tile that is larger than a
/// panel. `planes`: of the fewest channels that a panel holds, for each read phase.
Result<void> check_phase_limits(const Flow& flow, std::int64_t tile_lanes, std::int64_t planes);

/// The panel of all points and one read channel: each read phase has a plane of all points and of what taps reach
/// around them.
struct PanelSize {
    double planes = 1, rows = 1, width = 1;
};
PanelSize panel_size(const Flow& flow) noexcept;

/// Whether jobs are single channels, whose rows are written at once (phase_rows.h).
bool is_phase_rowwise(const Request& request, const Flow& flow, int tile_rows);

/// The packed order of tiles so tall and blocks of so many channels, in a word; rowwise jobs may join phases that
/// differ by a tap, and pairs of lines.
std::string phase_format(int tile_rows, std::int64_t channels, bool joins_phases, bool joins_lines);

Result<Estimate> consider_phase_gemm(const Request& request);

}  // namespace tconv::methods
