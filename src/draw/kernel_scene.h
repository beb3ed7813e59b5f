// The kernel as it is spread out by dilation: beside the dense one, the taps further and further apart, with nothing
// between them.
//
//     dilation 1    dilation 2
//     1 2           1 . 2
//     3 4           . . .
//                   3 . 4
#pragma once

#include <string>

#include "draw/scene.h"
#include "draw/story.h"
#include "draw/text_block.h"
#include "tconv/result.h"

namespace tconv::draw {

/// One step; the kernel of the first pair of channels, with dilations up to the problem's. Numbers::weights may be
/// empty. Errors: invalid_argument where it reaches further than is drawn, array_mismatch for weights of another count.
Result<Scene> kernel_scene(const Problem& problem, const Numbers& numbers);

/// The same as text.
Result<std::string> kernel_text(const Problem& problem, const Numbers& numbers, const TextOptions& options);

}  // namespace tconv::draw
