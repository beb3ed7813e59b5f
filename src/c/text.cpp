#include "c/text.h"

#include <cstring>

#include "c/status.h"

namespace tconv::c {

tconv_status copy_text(std::string_view text, char* target, std::size_t capacity, std::size_t* needed) noexcept {
    const std::size_t size = text.size() + 1;
    if (needed != nullptr) *needed = size;
    if (target == nullptr) {
        if (capacity == 0 && needed != nullptr) return TCONV_OK;
        return fail(TCONV_INVALID_ARGUMENT,
                    "the buffer for the text is a null pointer; give one, or a capacity of 0 and a place for the size");
    }
    if (capacity < size)
        return fail(TCONV_BUFFER_TOO_SMALL, "the text is longer than the buffer; give as many bytes as `needed` tells");
    std::memcpy(target, text.data(), text.size());
    target[text.size()] = '\0';
    return TCONV_OK;
}

}  // namespace tconv::c
