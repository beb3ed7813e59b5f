#include "c/status.h"

#include <algorithm>
#include <cstring>

namespace tconv::c {
namespace {

// Of fixed size and without a destructor, so that it costs nothing where threads begin and end.
constexpr std::size_t kMostLetters = 1023;
thread_local char sentence_of_thread[kMostLetters + 1] = "";

}  // namespace

tconv_status fail(tconv_status status, std::string_view sentence) noexcept {
    const std::size_t length = std::min(sentence.size(), kMostLetters);
    std::memmove(sentence_of_thread, sentence.data(), length);
    sentence_of_thread[length] = '\0';
    return status;
}

tconv_status fail(const Error& error) noexcept {
    switch (error.code) {
        case ErrorCode::invalid_argument:
            return fail(TCONV_INVALID_ARGUMENT, error.message);
        case ErrorCode::array_mismatch:
            return fail(TCONV_ARRAY_MISMATCH, error.message);
        case ErrorCode::unsupported:
            return fail(TCONV_UNSUPPORTED, error.message);
        case ErrorCode::out_of_memory:
            return fail(TCONV_OUT_OF_MEMORY, error.message);
        case ErrorCode::malformed_file:
        case ErrorCode::write_failed:
            break;  // there are no files in here
    }
    return fail(TCONV_INTERNAL_ERROR, error.message);
}

const char* last_error() noexcept { return sentence_of_thread; }

}  // namespace tconv::c

const char* tconv_last_error(void) { return tconv::c::last_error(); }

const char* tconv_status_name(tconv_status status) {
    switch (status) {
        case TCONV_OK:
            return "ok";
        case TCONV_INVALID_ARGUMENT:
            return "invalid argument";
        case TCONV_ARRAY_MISMATCH:
            return "array mismatch";
        case TCONV_UNSUPPORTED:
            return "unsupported";
        case TCONV_OUT_OF_MEMORY:
            return "out of memory";
        case TCONV_BUFFER_TOO_SMALL:
            return "buffer too small";
        case TCONV_INTERNAL_ERROR:
            return "internal error";
        default:
            return "unknown status";
    }
}
