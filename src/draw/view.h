// View: one way to look at a problem's story: some fields, and what is drawn in and between them while the steps go by.
// trace_scene.h puts views on a page, one below the other, with a title, captions and a legend. A new view is one file
// with such a class.
#pragma once

#include <vector>

#include "draw/field.h"
#include "draw/scene.h"

namespace tconv::draw {

/// When things happen: step 0 is before everything, then one step for each stamp, one for each output that is gathered,
/// and the last step shows the result. A view leaves out what is not in its time.
struct Times {
    int stamps = 0;   ///< so many steps put stamps down; the first is step 1
    int outputs = 0;  ///< so many steps look at one output each
    int of_stamp(int stamp) const noexcept { return 1 + stamp; }
    int of_output(int output) const noexcept { return 1 + stamps + output; }
    int result() const noexcept { return 1 + stamps + outputs; }
    int steps() const noexcept { return result() + 1; }
};

/// The hits of one view by element, channels first; weights by panel and tap. Empty where the view has none.
struct HitIndex {
    std::vector<int> input, weights, output;
};

class View {
public:
    View() = default;
    virtual ~View() = default;
    View(const View&) = delete;
    View& operator=(const View&) = delete;

    /// To be sized and placed, in their order from left to right.
    virtual std::vector<Field*> fields() = 0;
    virtual const char* heading() const = 0;
    virtual void draw(Scene& scene, const Times& times) = 0;

    const HitIndex& hits() const noexcept { return index; }

protected:
    HitIndex index;  ///< filled by draw()
};

}  // namespace tconv::draw
