// An animation of `tconv trace` in the terminal: each step takes the place of the one before. Where standard output is
// no terminal, every step is printed, one after the other.
#pragma once

#include "draw/pictures.h"
#include "tconv/result.h"

namespace tconv::cli {

/// The terminal's colours and width.
draw::TextOptions terminal_text_options();

/// `waits_for_keys`: any key goes on, b or the left arrow goes back, q leaves; otherwise a step lasts 1/fps seconds.
/// Returns an exit code.
Result<int> play_in_terminal(const draw::TextPicture& picture, double fps, bool waits_for_keys);

}  // namespace tconv::cli
