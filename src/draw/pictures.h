// Pictures: every way to draw a problem, by its name. What the command's --view, the C ABI and the Python package take
// follows from the one table in pictures.cpp.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "draw/scene.h"
#include "draw/story.h"
#include "draw/text_block.h"
#include "tconv/result.h"

namespace tconv::draw {

/// A picture as text: what stands before all steps, and the steps, each ending with a line break.
struct TextPicture {
    std::string heading;
    std::vector<std::string> steps;
};

struct Picture {
    const char* name;   ///< "scatter"
    const char* shows;  ///< "every input value puts down a stamp"
    /// Of a valid problem. Numbers that are not given are small whole ones. Errors: those of tell(), for what would be
    /// too large.
    Result<Scene> (*scene)(const Problem& problem, Numbers numbers);
    Result<TextPicture> (*text)(const Problem& problem, Numbers numbers, const TextOptions& options);
};

/// All of them; the first is what is drawn where none is asked for.
std::span<const Picture> pictures() noexcept;

/// Errors (invalid_argument): a name that is none; the sentence lists them.
Result<const Picture*> find_picture(const std::string& name);

/// "scatter, gather, both, ... or kernel".
std::string picture_names();

}  // namespace tconv::draw
