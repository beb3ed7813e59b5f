// The picture of `tconv trace`: views of one problem on a page, step by step.
#pragma once

#include <string>

#include "draw/scene.h"
#include "draw/story.h"

namespace tconv::draw {

enum class TraceView : std::uint8_t {
    scatter,  ///< every input value puts down a stamp
    gather,   ///< every output collects what the turned kernel covers
    both,     ///< one above the other: first the stamps, then every output lit in both
    stamps,   ///< scatter, and below it every stamp alone
};

constexpr bool is_gathering(TraceView view) noexcept { return view == TraceView::gather || view == TraceView::both; }

/// Scatter and stamps: 1 + inputs + 1 steps; gather: 1 + outputs + 1; both: 1 + inputs + outputs + 1.
Scene trace_scene(const Story& story, TraceView view);

/// One output and what it collects, as a picture that stands still: the gather view, with every output there.
Scene output_scene(const Story& story, std::int64_t channel, const Position& at);

/// What is written below the picture in each step.
std::vector<std::string> captions(const Story& story, TraceView view);

}  // namespace tconv::draw
