// An animation of `tconv trace` in the terminal: each step takes the place of the one before. Where standard output is
// no terminal, every step is printed, one after the other.
#pragma once

#include "draw/story.h"
#include "draw/trace_scene.h"
#include "tconv/result.h"

namespace tconv::cli {

/// `waits_for_keys`: any key goes on, b or the left arrow goes back, q leaves; otherwise a step lasts 1/fps seconds.
/// Returns an exit code.
Result<int> play_in_terminal(const draw::Story& story, draw::TraceView view, double fps, bool waits_for_keys);

}  // namespace tconv::cli
