#include "check.h"
#include "tconv/io.h"

using tconv::fuzz::require;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto array = tconv::io::decode_idx(tconv::fuzz::bytes_of(data, size));
    if (!array)
        require(!array.error().message.empty(), "an error is a sentence");
    else
        require(static_cast<std::int64_t>(array->values.size()) == tconv::element_count(array->shape).value(),
                "there are as many elements as the shape says");
    return 0;
}
