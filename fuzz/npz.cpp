#include "check.h"
#include "tconv/io.h"

using tconv::fuzz::require;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto arrays = tconv::io::decode_npz(tconv::fuzz::bytes_of(data, size));
    if (!arrays) {
        require(!arrays.error().message.empty(), "an error is a sentence");
        return 0;
    }
    const auto written = tconv::io::encode_npz(*arrays);
    require(written.ok(), "what was read can be written");
    const auto again = tconv::io::decode_npz(*written);
    require(again && again->size() == arrays->size(), "all arrays stay");
    for (std::size_t i = 0; i < arrays->size(); ++i) require((*again)[i].first == (*arrays)[i].first, "the names stay");
    require(tconv::io::encode_npz(*again).value() == *written, "the arrays stay");
    return 0;
}
