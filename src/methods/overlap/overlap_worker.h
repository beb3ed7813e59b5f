// What one worker of overlap_add does (overlap_add.h): item after item, each of them a box of positions, a group and a
// channel block. Pixels are packed once for neighbouring items that read the same; then
//
//     for each panel (step, row of taps)
//       for each chunk of channels          the panel's chunk stays in the cache for the
//         for each line of pixels             tiles of the whole box
//           for each tile
#pragma once

#include <array>
#include <cstdint>

#include "kernels/kernel_set.h"
#include "methods/method.h"
#include "methods/output_stores.h"
#include "methods/overlap/overlap_pack.h"
#include "methods/overlap/overlap_tiling.h"
#include "methods/overlap/overlap_walk.h"

namespace tconv::methods {

/// All that a plan decides, and nothing of a call.
template <class T>
struct OverlapPlan {
    OverlapTiling tiling{};
    const kernels::KernelSet<T>* set = nullptr;
    SideStrides read{}, write{};
    Activation activation{};
    OutputStores stores{};
    /// k * width of the widest panels, and of those that are one vector narrower.
    std::array<std::array<std::int32_t, OverlapTiling::kMostChunk>, 2> offsets{};
    /// The parts of one worker's workspace: where they begin, in elements, and how long it is.
    std::int64_t accumulators = 0, scratch = 0, buffer = 0, workspace_elements = 0;
};

template <class T>
class OverlapWorker {
public:
    /// `workspace` is this worker's own.
    OverlapWorker(const OverlapPlan<T>& plan, const Call& call, T* workspace) noexcept
        : plan_(plan), tiling_(plan.tiling), set_(*plan.set), call_(call), workspace_(workspace) {}
    /// Items are numbered; those that read the same pixels are neighbours.
    void run(std::int64_t item) noexcept;

private:
    // A chunk of a panel: the weights, and where in the packed channels it begins.
    struct Chunk {
        const T* weights;
        const std::int32_t* offsets;
        std::int64_t width, valid, from, steps;
        const T* next;  // weights that are used after these
        bool begins;    // the sums, which are in no accumulators yet
    };
    void read(const OverlapTiling::PerAxis<std::int64_t>& box, std::int64_t group, Range channels) noexcept;
    void multiply(const T* weights, std::int64_t channel_block, Range channels) noexcept;
    void multiply_panel(const PanelWalk& walk, const Chunk& chunk) noexcept;
    void add_partly(const PanelWalk& walk, const Chunk& chunk, Range rows, std::int64_t at,
                    std::int64_t start) noexcept;
    void store(std::int64_t group, std::int64_t channel_block) noexcept;

    const OverlapPlan<T>& plan_;
    const OverlapTiling& tiling_;
    const kernels::KernelSet<T>& set_;
    const Call& call_;
    T* const workspace_;
    OverlapTiling::PerAxis<Range> positions_{};
    // What is packed.
    PackedPixels packed_{};
    OverlapTiling::PerAxis<std::int64_t> packed_box_{-1, -1, -1, -1};
    std::int64_t packed_group_ = -1, packed_from_ = -1;
    bool begins_with_sums_ = false;
};

extern template class OverlapWorker<float>;
extern template class OverlapWorker<double>;

}  // namespace tconv::methods
