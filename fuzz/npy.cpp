#include "check.h"
#include "tconv/io.h"

using tconv::fuzz::require;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto tensor = tconv::io::decode_npy(tconv::fuzz::bytes_of(data, size));
    if (!tensor) {
        require(!tensor.error().message.empty(), "an error is a sentence");
        return 0;
    }
    require(tensor->size_bytes() <= static_cast<std::int64_t>(size), "an array is no larger than its file");
    const auto written = tconv::io::encode_npy(*tensor);
    require(written.ok(), "what was read can be written");
    const auto again = tconv::io::decode_npy(*written);
    require(again && again->shape() == tensor->shape() && again->dtype() == tensor->dtype(), "shape and dtype stay");
    require(tconv::io::encode_npy(*again).value() == *written, "the elements stay");
    return 0;
}
