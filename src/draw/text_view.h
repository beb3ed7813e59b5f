// The terminal's picture: a story as text, one block of lines for each step. Marks tell what colours tell elsewhere, so
// that it can be read without them:
//
//     [ 5]   the input value whose stamp is put down; the cells of the stamp or window; the output that is meant
//     / 5/   cropped by the padding                # 0#   empty: no tap reaches it
//        .   nothing there yet
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "draw/story.h"
#include "draw/trace_scene.h"

namespace tconv::draw {

struct TextOptions {
    bool has_color = false;     ///< ANSI, 256 colours
    std::size_t columns = 100;  ///< arrays stand side by side where they fit into so many
};

/// What stands before all steps: the title and what the marks mean.
std::string text_heading(const Story& story);

/// The steps of trace_scene(), each ending with a line break.
std::vector<std::string> text_steps(const Story& story, TraceView view, const TextOptions& options);

}  // namespace tconv::draw
