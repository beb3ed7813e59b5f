// PanelWalk: where the tiles of one panel lie, in the stream and among the accumulators of one box of positions. Along
// the three axes that are not the row axis it is a loop over exactly the pixels that the panel's taps put into the box;
// along the row axis, over the tiles of a run that hold such pixels.
//
// A tile is *whole* where every row and lane of it belongs into the box: it may be added to the accumulators as it is.
// Of the others, each row's part inside the line of the last axis is what counts:
//
//     line           | positions x unit |
//     row    [ lost ][ kept             ]         start < 0: `start` is where the row's lanes begin in the line
#pragma once

#include <array>
#include <cstdint>

#include "methods/overlap_pack.h"
#include "methods/overlap_tiling.h"

namespace tconv::methods {

/// The taps of a panel along the two axes before the last, and its step along the last.
struct PanelTaps {
    std::array<std::int64_t, 2> taps{};
    OverlapStep step{};
};

struct PanelWalk {
    struct Loop {
        std::int64_t count = 0, accumulators = 0, pixels = 0;  ///< distances: in acc elements, in pixels of the stream
    };
    std::array<Loop, 3> loops{};  ///< outermost first
    Range whole_columns{};        ///< indices of the innermost loop at which tiles may be whole

    std::int64_t run_begin = 0;               ///< first pixel of the run in the stream, at the loops' begin
    Range tiles{};                            ///< of the run
    std::int64_t rows = 0, longer_tiles = 0;  ///< tiles before `longer_tiles` have one row more than `rows`
    Range kept_rows{}, whole_rows{};          ///< of the run

    std::int64_t first = 0;      ///< in acc, of the first kept row's lanes; below zero where lanes are lost
    std::int64_t start = 0;      ///< the same in its line
    std::int64_t row_pitch = 0;  ///< in acc, from row to row
    std::int64_t row_shift = 0, column_shift = 0;  ///< of `start`, from row to row and in the innermost loop
    std::int64_t line = 0;                         ///< elements of a line
};

/// False where no pixel meets the box.
bool walk_panel(const OverlapTiling& tiling, const PackedPixels& packed, const OverlapTiling::PerAxis<Range>& positions,
                const PanelTaps& taps, PanelWalk& walk) noexcept;

/// The pixels that any tap puts into the box, and the runs they are packed in.
PackedPixels pixels_of_box(const OverlapTiling& tiling, const OverlapTiling::PerAxis<Range>& positions) noexcept;

}  // namespace tconv::methods
