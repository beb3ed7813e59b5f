// Texts for the caller's buffers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "runtime/json_text.h"
#include "tconv/tconv.h"

namespace tconv::c {

// As tconv_problem_print() promises.
tconv_status copy_text(std::string_view text, char* target, std::size_t capacity, std::size_t* needed) noexcept;

using tconv::json_list;
using tconv::JsonObject;
using tconv::quoted;

}  // namespace tconv::c
