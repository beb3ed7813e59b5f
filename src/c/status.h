// How a call of the C ABI ends: every exported function runs its work through guarded(), which keeps exceptions inside
// and the sentence of a failure where tconv_last_error() finds it.
#pragma once

#include <exception>
#include <new>
#include <string_view>
#include <utility>

#include "tconv/result.h"
#include "tconv/tconv.h"

namespace tconv::c {

// Keeps the sentence for this thread (cut where it is very long), and returns the status.
tconv_status fail(tconv_status status, std::string_view sentence) noexcept;

// The same for an Error.
tconv_status fail(const Error& error) noexcept;

const char* last_error() noexcept;

// work() returns a tconv_status or a Result<void>.
template <class Work>
tconv_status guarded(Work&& work) noexcept {
    try {
        if constexpr (std::is_same_v<decltype(work()), Result<void>>) {
            const Result<void> done = work();
            return done ? TCONV_OK : fail(done.error());
        } else {
            return work();
        }
    } catch (const std::bad_alloc&) {
        return fail(TCONV_OUT_OF_MEMORY, "there is not enough memory; free some, or ask for less");
    } catch (const std::exception& unexpected) {
        return fail(TCONV_INTERNAL_ERROR, unexpected.what());
    } catch (...) {
        return fail(TCONV_INTERNAL_ERROR, "something unexpected happened; please report it");
    }
}

}  // namespace tconv::c
