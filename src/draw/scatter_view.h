// The scatter view: input x, weights W, and the canvas on which every input value puts its stamp, x times W. One step a
// stamp.
//
//     input x        weights W        output y, framed in the canvas
//     [1][2]         [1][2]           [ ][ ][ ]     a stamp's cells are orange, "+6" says what is added,
//     [3][4]         [3][4]           [ ][ ][ ]     the number in the middle is the sum so far
#pragma once

#include <utility>
#include <vector>

#include "draw/arrays.h"
#include "draw/field.h"
#include "draw/scene.h"
#include "draw/story.h"
#include "draw/view.h"

namespace tconv::draw {

class ScatterView : public View {
public:
    /// The story has to outlive it.
    explicit ScatterView(const Story& story);

    std::vector<Field*> fields() override { return {&input_, &weights_, &canvas_}; }
    const char* heading() const override { return "scatter: every input value puts down a stamp"; }
    void draw(Scene& scene, const Times& times) override;

    /// Lights, in one step, an output's cell and all that feeds it.
    void light(Scene& scene, std::int64_t channel, const Position& in_output, int step) const;

private:
    using Event = std::pair<int, const Deposit*>;  ///< the stamp's number, and what it puts into a cell

    void draw_input(Scene& scene, const Times& times);
    void draw_weights(Scene& scene, const Times& times);
    void draw_stamp(Scene& scene, const Stamp& stamp, int step) const;
    void draw_cell(Scene& scene, std::int64_t channel, const Position& at, const Times& times) const;
    void draw_sums(Scene& scene, std::int64_t channel, const Position& at, const Times& times) const;
    void draw_frame(Scene& scene) const;
    void draw_hits(Scene& scene);

    const Story& story_;
    Field input_, weights_, canvas_;
    CellText text_;                            ///< once the fields are sized
    std::vector<std::vector<Event>> by_cell_;  ///< of every canvas cell
};

}  // namespace tconv::draw
