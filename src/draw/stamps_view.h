// The stamps view: every stamp on a canvas of its own, as if it were the only one. Added up, cell by cell, they are
// what the scatter view's canvas holds.
//
//     x[0] W     x[1] W     x[2] W
//     1 2 . .    . 2 4 .    . . 3 6       1  2+2  4+3  6
#pragma once

#include <vector>

#include "draw/arrays.h"
#include "draw/field.h"
#include "draw/scene.h"
#include "draw/story.h"
#include "draw/view.h"
#include "tconv/result.h"

namespace tconv::draw {

class StampsView : public View {
public:
    /// The story has to outlive it.
    explicit StampsView(const Story& story);

    std::vector<Field*> fields() override { return {&stamps_}; }
    const char* heading() const override { return "stamps: each alone; added up, cell by cell, they are the canvas"; }
    void draw(Scene& scene, const Times& times) override;

private:
    const Story& story_;
    Field stamps_;  ///< a panel for each stamp and output channel of its group
};

/// Errors (invalid_argument): more canvases than are drawn.
Result<void> check_stamps(const Story& story);

}  // namespace tconv::draw
