#include "check.h"
#include "tconv/io.h"

using tconv::fuzz::require;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto contents = tconv::io::decode_safetensors(tconv::fuzz::bytes_of(data, size));
    if (!contents) {
        require(!contents.error().message.empty(), "an error is a sentence");
        return 0;
    }
    const auto written = tconv::io::encode_safetensors(*contents);
    require(written.ok(), "what was read can be written");
    const auto again = tconv::io::decode_safetensors(*written);
    require(again && again->tensors.size() == contents->tensors.size(), "all tensors stay");
    require(again->metadata == contents->metadata, "the metadata stay");
    for (std::size_t i = 0; i < contents->tensors.size(); ++i) {
        require(again->tensors[i].name == contents->tensors[i].name, "the names stay");
        require(again->tensors[i].storage == contents->tensors[i].storage, "the storage stays");
    }
    require(tconv::io::encode_safetensors(*again).value() == *written, "the tensors stay");
    return 0;
}
