// The terminal's picture: a story as text, one block of lines for each step, with the marks of text_block.h; '.' stands
// where nothing is yet.
#pragma once

#include <string>
#include <vector>

#include "draw/story.h"
#include "draw/text_block.h"
#include "draw/trace_scene.h"

namespace tconv::draw {

/// What stands before all steps: the title and what the marks mean.
std::string text_heading(const Story& story);

/// The steps of trace_scene(), each ending with a line break.
std::vector<std::string> text_steps(const Story& story, TraceView view, const TextOptions& options);

}  // namespace tconv::draw
