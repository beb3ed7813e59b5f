// The gather view: the same numbers, output by output. The input is spread out by the stride with zeros between, the
// kernel is turned by 180 degrees, and its window moves by one: an ordinary convolution. One step an output.
//
//     spread-out row u = i * stride holds x[i]; the window of output o covers u = o + padding_begin - j * dilation
//     for the taps j, so the last tap comes first.
#pragma once

#include <vector>

#include "draw/arrays.h"
#include "draw/scene.h"
#include "draw/story.h"
#include "draw/view.h"

namespace tconv::draw {

class GatherView : public View {
public:
    /// The story has to outlive it.
    explicit GatherView(const Story& story);

    std::vector<Field*> fields() override { return {&spread_, &weights_, &output_}; }
    const char* heading() const override { return "gather: every output collects what the turned kernel covers"; }
    void draw(Scene& scene, const Times& times) override;

    /// Lights, in one step, where an input value lies.
    void light(Scene& scene, std::int64_t channel, const Position& coarse, int step) const;

    /// What the turned kernel covers for one output, in one step.
    void draw_window(Scene& scene, std::int64_t channel, const Position& output, int step) const;

private:
    void draw_spread(Scene& scene);
    void draw_weights(Scene& scene);
    void draw_outputs(Scene& scene, const Times& times);
    Box spread_box(std::int64_t channel, const Position& coarse) const noexcept;
    Box weight_box(std::int64_t coarse_channel, std::int64_t weight_channel, const Position& tap) const noexcept;

    const Story& story_;
    Position first_{};  ///< the spread-out grid's first row on each axis, 0 or negative
    Field spread_, weights_, output_;
    CellText text_;  ///< once the fields are sized
};

}  // namespace tconv::draw
