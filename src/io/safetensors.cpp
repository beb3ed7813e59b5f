// safetensors: 8 bytes with the header's length, the header, the tensors' bytes in C order, little-endian:
//
//     {"__metadata__": {"text": "text"}, "name": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}, ...}
//
// The offsets count from the end of the header; the tensors fill the rest of the file without a gap.
#include <algorithm>
#include <bit>
#include <cstring>
#include <new>
#include <numeric>
#include <optional>
#include <set>

#include "file.h"
#include "half.h"
#include "int64.h"
#include "json_reader.h"
#include "little_endian.h"
#include "runtime/json_text.h"
#include "tconv/io.h"

namespace tconv::io {
namespace {

static_assert(std::endian::native == std::endian::little, "the elements are copied as they are");

constexpr std::size_t kLongestHeader = 100'000'000, kMostAxes = 64;  // the first as in the format's own library
constexpr std::string_view kMetadata = "__metadata__";

Error malformed(const std::string& what) {
    return {ErrorCode::malformed_file, what + "; it may be damaged or cut short: save or copy it again"};
}

// One tensor as the header describes it.
struct Description {
    std::string name, dtype;
    Shape shape;
    std::int64_t begin = 0, end = 0;
};

std::int64_t width_of(std::string_view dtype) {
    if (dtype == "F16" || dtype == "BF16") return 2;
    if (dtype == "F32") return 4;
    if (dtype == "F64" || dtype == "I64") return 8;
    return 0;
}

std::optional<Description> read_description(JsonReader& json, std::string name) {
    Description made{std::move(name), {}, {}};
    bool has_dtype = false, has_shape = false, has_offsets = false;
    if (!json.accept('{')) return std::nullopt;
    do {
        const auto key = json.string();
        if (!key || !json.accept(':')) return std::nullopt;
        if (*key == "dtype" && !has_dtype) {
            auto text = json.string();
            if (!text) return std::nullopt;
            made.dtype = *std::move(text);
            has_dtype = true;
        } else if (*key == "shape" && !has_shape) {
            auto sizes = json.numbers(kMostAxes);
            if (!sizes) return std::nullopt;
            made.shape = *std::move(sizes);
            has_shape = true;
        } else if (*key == "data_offsets" && !has_offsets) {
            const auto offsets = json.numbers(2);
            if (!offsets || offsets->size() != 2) return std::nullopt;
            made.begin = (*offsets)[0], made.end = (*offsets)[1];
            has_offsets = true;
        } else {
            return std::nullopt;
        }
    } while (json.accept(','));
    if (!json.accept('}') || !has_dtype || !has_shape || !has_offsets) return std::nullopt;
    return made;
}

bool read_metadata(JsonReader& json, Safetensors& contents) {
    if (!json.accept('{')) return false;
    if (json.accept('}')) return true;
    do {
        auto key = json.string();
        if (!key || !json.accept(':')) return false;
        auto value = json.string();
        if (!value) return false;
        contents.metadata.emplace_back(*std::move(key), *std::move(value));
    } while (json.accept(','));
    return json.accept('}');
}

Result<std::vector<Description>> read_header(std::string_view text, Safetensors& contents) {
    const Error wrong = malformed(
        "the safetensors header is not a JSON object of {\"dtype\", \"shape\", \"data_offsets\"}, each of them with a "
        "name of its own and at most 64 sizes");
    JsonReader json(text);
    std::vector<Description> list;
    std::set<std::string> names;
    if (!json.accept('{')) return wrong;
    if (!json.accept('}')) {
        do {
            auto name = json.string();
            if (!name || !json.accept(':') || !names.insert(*name).second) return wrong;
            if (*name == kMetadata) {
                if (!read_metadata(json, contents)) return wrong;
                continue;
            }
            auto description = read_description(json, *std::move(name));
            if (!description) return wrong;
            list.push_back(*std::move(description));
        } while (json.accept(','));
        if (!json.accept('}')) return wrong;
    }
    if (!json.at_end()) return wrong;
    return list;
}

// Every byte behind the header belongs to one tensor, and each has as many as its shape wants.
Result<void> check_ranges(const std::vector<Description>& list, std::size_t available) {
    std::vector<const Description*> order;
    for (const Description& one : list) {
        const std::string name = "the tensor '" + one.name + "' ";
        const std::int64_t width = width_of(one.dtype);
        if (width == 0)
            return Error{ErrorCode::unsupported, name + "has dtype '" + one.dtype.substr(0, 20) +
                                                     "'; tconv reads F16, BF16, F32, F64 and I64: convert it"};
        const auto count = element_count(one.shape);
        if (!count) return malformed(name + "has a shape that cannot be: " + count.error().message);
        if (one.begin > one.end || *count > (std::int64_t{1} << 58) || one.end - one.begin != *count * width)
            return malformed(name + "of shape " + to_string(one.shape) + " and " + one.dtype + " lies at bytes " +
                             std::to_string(one.begin) + " to " + std::to_string(one.end) +
                             ", which are not as many as it has");
        order.push_back(&one);
    }
    std::sort(order.begin(), order.end(), [](const Description* a, const Description* b) {
        return std::pair(a->begin, a->end) < std::pair(b->begin, b->end);
    });
    std::int64_t filled = 0;
    for (const Description* one : order) {
        if (one->begin != filled)
            return malformed("the tensor '" + one->name + "' begins at byte " + std::to_string(one->begin) +
                             ", but the ones before it end at " + std::to_string(filled));
        filled = one->end;
    }
    if (static_cast<std::uint64_t>(filled) != available)
        return malformed("the safetensors header describes " + std::to_string(filled) + " bytes, but " +
                         std::to_string(available) + " follow it");
    return {};
}

Result<StoredTensor> read_tensor(const Description& one, Bytes bytes) {
    const bool is_half = width_of(one.dtype) == 2;
    auto tensor = Tensor::zeros(one.shape, is_half || one.dtype == "F32" ? DType::f32 : DType::f64);
    if (!tensor) return tensor.error();
    StoredTensor made{one.name, *tensor};
    if (made.tensor.elements() == 0) return made;
    if (!is_half) {
        std::memcpy(made.tensor.bytes(), bytes.data(), bytes.size());
        if (one.dtype != "I64") return made;
        made.storage = Storage::i64;
        if (!int64_to_f64(made.tensor))
            return Error{ErrorCode::unsupported,
                         "the tensor '" + one.name + "' holds integers beyond 2^53, which f64 cannot hold; convert it"};
        return made;
    }
    if (one.dtype == "F16") made.storage = Storage::f16;
    const auto values = made.tensor.as<float>();
    const bool is_f16 = made.storage == Storage::f16;
    for (std::size_t i = 0; i < values.size(); ++i) {
        std::uint16_t bits = 0;
        std::memcpy(&bits, bytes.data() + 2 * i, sizeof bits);  // little-endian, as asserted above
        values[i] = is_f16 ? float_of_f16(bits) : float_of_bf16(bits);
    }
    return made;
}

// A tensor on its way into a file; its bytes are its own where they are not as the file wants them.
struct Outgoing {
    const StoredTensor* stored = nullptr;
    Tensor tensor;
    std::string_view dtype{};
    std::vector<std::byte> converted{};

    Bytes bytes() const {
        if (stored->storage != Storage::as_is) return converted;
        return {tensor.bytes(), static_cast<std::size_t>(tensor.size_bytes())};
    }
};

Result<Outgoing> prepare(const StoredTensor& stored) {
    auto ordered = in_c_order(stored.tensor);
    if (!ordered) return ordered.error();
    Outgoing out{&stored, *ordered};
    out.dtype = stored.tensor.dtype() == DType::f32 ? "F32" : "F64";
    const auto refuse = [&](const char* why) {
        return Error{ErrorCode::invalid_argument, "the tensor '" + stored.name + "' cannot be stored as " + why};
    };
    const auto count = static_cast<std::size_t>(out.tensor.elements());
    if (stored.storage == Storage::f16) {
        if (stored.tensor.dtype() != DType::f32) return refuse("F16: it is f64, and f32 is wanted; convert it first");
        out.dtype = "F16";
        out.converted.resize(2 * count);
        for (std::size_t i = 0; i < count; ++i) {
            const std::uint16_t bits = f16_of_float(out.tensor.as<float>()[i]);
            std::memcpy(out.converted.data() + 2 * i, &bits, 2);
        }
    } else if (stored.storage == Storage::i64) {
        out.dtype = "I64";
        auto wide = out.tensor.to(DType::f64);
        if (!wide) return wide.error();
        out.converted.resize(8 * count);
        for (std::size_t i = 0; i < count; ++i) {
            if (!is_int64(wide->as<double>()[i])) return refuse("I64: it holds other than whole numbers up to 2^53");
            const auto whole = static_cast<std::int64_t>(wide->as<double>()[i]);
            std::memcpy(out.converted.data() + 8 * i, &whole, 8);
        }
    }
    return out;
}

// The whole file in pieces; they point into `list` and `header`.
struct Layout {
    std::string header;
    std::vector<Outgoing> list;
    std::vector<Bytes> pieces;
};

Result<void> lay_out(const Safetensors& contents, Layout& layout) {
    std::set<std::string> names{std::string(kMetadata)};
    for (const StoredTensor& stored : contents.tensors) {
        if (!names.insert(stored.name).second)
            return Error{ErrorCode::invalid_argument, "two tensors of a safetensors file are named '" + stored.name +
                                                          "' (or one __metadata__); use different names"};
        auto out = prepare(stored);
        if (!out) return out.error();
        layout.list.push_back(*std::move(out));
    }
    // Wide elements first, so that each tensor lies on a multiple of its element's width.
    std::vector<std::size_t> order(layout.list.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
        const auto width_a = width_of(layout.list[a].dtype), width_b = width_of(layout.list[b].dtype);
        return width_a != width_b ? width_a > width_b : a < b;
    });
    std::vector<std::int64_t> begins(order.size());
    std::int64_t filled = 0;
    for (const std::size_t i : order) {
        begins[i] = filled;
        filled += static_cast<std::int64_t>(layout.list[i].bytes().size());
    }
    std::string json = "{";
    if (!contents.metadata.empty()) {
        json += quoted(kMetadata) + ":{";
        for (std::size_t i = 0; i < contents.metadata.size(); ++i)
            json += (i > 0 ? "," : "") + quoted(contents.metadata[i].first) + ":" + quoted(contents.metadata[i].second);
        json += "}";
    }
    for (std::size_t i = 0; i < layout.list.size(); ++i) {
        const Outgoing& one = layout.list[i];
        if (json.size() > 1) json += ",";
        json += quoted(one.stored->name) + ":{\"dtype\":\"" + std::string(one.dtype) + "\",\"shape\":[";
        for (std::size_t axis = 0; axis < one.tensor.shape().size(); ++axis)
            json += (axis > 0 ? "," : "") + std::to_string(one.tensor.shape()[axis]);
        json += "],\"data_offsets\":[" + std::to_string(begins[i]) + "," +
                std::to_string(begins[i] + static_cast<std::int64_t>(one.bytes().size())) + "]}";
    }
    json += "}";
    json.append((8 - json.size() % 8) % 8, ' ');
    append_little_endian(layout.header, json.size(), 8);
    layout.header += json;
    layout.pieces.push_back(std::as_bytes(std::span(layout.header)));
    for (const std::size_t i : order) layout.pieces.push_back(layout.list[i].bytes());
    return {};
}

}  // namespace

NamedTensors Safetensors::named() const {
    NamedTensors list;
    for (const StoredTensor& one : tensors) list.emplace_back(one.name, one.tensor);
    return list;
}

std::vector<StoredTensor> stored(const NamedTensors& state, bool half) {
    std::vector<StoredTensor> list;
    for (const auto& [name, tensor] : state) {
        Storage storage = half && tensor.dtype() == DType::f32 ? Storage::f16 : Storage::as_is;
        if (name.ends_with("num_batches_tracked")) storage = Storage::i64;
        list.push_back({name, tensor, storage});
    }
    return list;
}

Result<Safetensors> decode_safetensors(std::span<const std::byte> bytes) try {
    if (bytes.size() < 8) return malformed("the safetensors file is shorter than the length of its header");
    const std::uint64_t length = read_little_endian(bytes.first(8));
    if (length > std::min(bytes.size() - 8, kLongestHeader))
        return malformed("the file is no safetensors file, or cut short: it promises a header of " +
                         std::to_string(length) + " bytes, and " + std::to_string(bytes.size() - 8) + " follow");
    const Bytes header = bytes.subspan(8, static_cast<std::size_t>(length));
    const Bytes data = bytes.subspan(8 + static_cast<std::size_t>(length));
    Safetensors contents;
    const auto list = read_header({reinterpret_cast<const char*>(header.data()), header.size()}, contents);
    if (!list) return list.error();
    if (auto ok = check_ranges(*list, data.size()); !ok) return ok.error();
    for (const Description& one : *list) {
        auto tensor = read_tensor(
            one, data.subspan(static_cast<std::size_t>(one.begin), static_cast<std::size_t>(one.end - one.begin)));
        if (!tensor) return tensor.error();
        contents.tensors.push_back(*std::move(tensor));
    }
    return contents;
} catch (const std::bad_alloc&) {
    return out_of_memory("reading a safetensors file");
}

Result<std::vector<std::byte>> encode_safetensors(const Safetensors& contents) try {
    Layout layout;
    if (auto ok = lay_out(contents, layout); !ok) return ok.error();
    std::vector<std::byte> bytes;
    for (const Bytes piece : layout.pieces) bytes.insert(bytes.end(), piece.begin(), piece.end());
    return bytes;
} catch (const std::bad_alloc&) {
    return out_of_memory("writing a safetensors file");
}

Result<Safetensors> read_safetensors(const std::string& path) {
    const auto bytes = read_file(path);
    if (!bytes) return bytes.error();
    auto contents = decode_safetensors(*bytes);
    if (!contents) return about(path, contents.error());
    return contents;
}

Result<void> write_safetensors(const std::string& path, const Safetensors& contents) try {
    Layout layout;
    if (auto ok = lay_out(contents, layout); !ok) return about(path, ok.error());
    return write_pieces(path, layout.pieces);
} catch (const std::bad_alloc&) {
    return about(path, out_of_memory("writing a safetensors file"));
}

}  // namespace tconv::io
