// Whether this process may compute with AMX's matrix tiles of bfloat16.
#pragma once

namespace tconv {

// The CPU has AMX-TILE and AMX-BF16, and the system keeps the tiles across switches of threads: Linux does so from 5.16
// on, for processes that have asked; this asks. False on other systems and processors.
bool may_use_tiles();

}  // namespace tconv
