// How strongly roles are painted, in every view alike.
#pragma once

#include "draw/scene.h"

namespace tconv::draw {

constexpr Paint at_rest(Role role) noexcept { return {role, 0.22}; }  ///< a cell that holds something
constexpr Paint lit(Role role) noexcept { return {role, 0.48}; }      ///< a cell that is meant now
constexpr Paint line(Role role) noexcept { return {role, 1}; }        ///< an outline

inline constexpr double kOutline = 3;  ///< pixels

}  // namespace tconv::draw
