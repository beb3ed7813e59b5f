// Every `new` of this program is counted.
#pragma once

namespace tconv::testing {

/// Since its start, of all threads.
long allocations() noexcept;

}  // namespace tconv::testing
