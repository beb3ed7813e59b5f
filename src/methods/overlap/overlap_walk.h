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

#include "methods/overlap/overlap_pack.h"
#include "methods/overlap/overlap_tiling.h"

namespace tconv::methods {

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

/// Makes the walks of one box's panels. An axis keeps its tap until it is given another, so that panels that share taps
/// share the work.
class PanelWalker {
public:
    PanelWalker(const OverlapTiling& tiling, const PackedPixels& packed,
                const OverlapTiling::PerAxis<Range>& positions) noexcept;

    /// Takes a tap of an axis before the last, or a step along the last; false where no pixel meets the box.
    ///@{
    bool take_tap(std::size_t axis, std::int64_t tap) noexcept;
    bool take_step(const OverlapStep& step) noexcept;
    ///@}
    /// Of the taps and the step that were taken.
    PanelWalk walk() const noexcept;

private:
    struct AxisWalk {
        Range pixels{};
        std::int64_t first = 0, pitch = 0;  // where in acc the first pixel's lanes are, and from one to the next
    };
    bool take(std::size_t axis, std::int64_t first_tap, std::int64_t last_tap) noexcept;
    void take_run(Range pixels) noexcept;

    const OverlapTiling& tiling_;
    const PackedPixels& packed_;
    const OverlapTiling::PerAxis<Range>& positions_;
    const OverlapTiling::PerAxis<std::int64_t> strides_;
    OverlapTiling::PerAxis<AxisWalk> axes_{};
    Range whole_{};                // of the last axis's pixels, those of which every lane is kept
    Range run_{}, tiles_{};        // the run that holds the row axis's pixels, and those of its tiles that do
    std::int64_t before_run_ = 0;  // pixels of the runs before it
    std::int64_t rows_ = 1, longer_tiles_ = 0;
};

/// The pixels that any tap puts into the box, and the runs they are packed in.
PackedPixels pixels_of_box(const OverlapTiling& tiling, const OverlapTiling::PerAxis<Range>& positions) noexcept;

}  // namespace tconv::methods
