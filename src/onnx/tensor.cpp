#include "onnx/tensor.h"

#include <bit>
#include <cmath>
#include <string>

namespace tconv::onnx {
namespace {

Error malformed(const Tensor& tensor, const std::string& what) {
    return {ErrorCode::malformed_file, "the tensor '" + std::string(tensor.name.substr(0, 80)) + "' " + what};
}

double of_half(std::uint32_t bits) noexcept {
    const double sign = (bits & 0x8000U) != 0 ? -1 : 1;
    const auto exponent = static_cast<int>((bits >> 10U) & 31U);
    const auto fraction = static_cast<double>(bits & 0x3ffU);
    if (exponent == 31) return fraction == 0 ? sign * HUGE_VAL : std::nan("");
    return exponent == 0 ? sign * std::ldexp(fraction, -24) : sign * std::ldexp(1024 + fraction, exponent - 25);
}

// To nearest, halves to even, as hardware does.
std::uint32_t to_half(double value) noexcept {
    const std::uint32_t sign = std::signbit(value) ? 0x8000U : 0;
    const double size = std::fabs(value);
    if (std::isnan(value)) return sign | 0x7e00U;
    if (size >= 65520) return sign | 0x7c00U;
    if (size == 0) return sign;
    int exponent = 0;
    std::frexp(size, &exponent);
    const int unit = std::max(exponent - 11, -24);  // 2^unit is one step
    const auto steps = static_cast<std::uint32_t>(std::nearbyint(std::ldexp(size, -unit)));
    return unit == -24 ? sign | steps : sign | ((static_cast<std::uint32_t>(unit + 24) << 10U) + steps);
}

// The bits of one number as a double.
double number_of(std::int32_t type, std::uint64_t bits) noexcept {
    switch (type) {
        case kFloat32:
            return static_cast<double>(std::bit_cast<float>(static_cast<std::uint32_t>(bits)));
        case kFloat64:
            return std::bit_cast<double>(bits);
        case kFloat16:
            return of_half(static_cast<std::uint32_t>(bits & 0xffffU));
        case kBfloat16:
            return static_cast<double>(std::bit_cast<float>(static_cast<std::uint32_t>(bits & 0xffffU) << 16U));
        case kInt32:
            return static_cast<double>(static_cast<std::int32_t>(static_cast<std::uint32_t>(bits)));
        default:
            return static_cast<double>(static_cast<std::int64_t>(bits));
    }
}

Result<std::vector<double>> of_raw(const Tensor& tensor, Bytes raw) {
    const auto each = static_cast<std::size_t>(element_bytes(tensor.type));
    const std::int64_t count = element_count(tensor);
    if (count < 0 || raw.size() != static_cast<std::size_t>(count) * each)
        return malformed(tensor, "has " + std::to_string(raw.size()) +
                                     " bytes, but its shape needs another number of " + std::to_string(each) +
                                     " bytes each; export the model again");
    std::vector<double> numbers(static_cast<std::size_t>(count));
    for (std::size_t i = 0; i < numbers.size(); ++i) {
        std::uint64_t bits = 0;
        for (std::size_t byte = 0; byte < each; ++byte)
            bits |= static_cast<std::uint64_t>(raw[i * each + byte]) << (8 * byte);
        numbers[i] = number_of(tensor.type, bits);
    }
    return numbers;
}

// The list that numbers of a type stand in where they are not raw, and how wide an unpacked or packed one is there.
struct ListField {
    std::uint32_t number;
    std::size_t bytes;  // 0: varints
};

ListField list_of(std::int32_t type) noexcept {
    switch (type) {
        case kFloat32:
            return {4, 4};
        case kFloat64:
            return {10, 8};
        case kInt64:
            return {7, 0};
        default:
            return {5, 0};  // int32, f16 and bf16 as the bits of an int32
    }
}

Result<void> append(const Model& model, const Tensor& tensor, const Field& field, ListField list,
                    std::vector<double>& numbers) {
    if (field.type != WireType::bytes) {
        numbers.push_back(number_of(tensor.type, field.value));
        return {};
    }
    if (list.bytes == 0) {
        Reader packed(model.file, field.payload);
        for (std::uint64_t value = 0; !packed.at_end();) {
            if (!packed.next_varint(value)) return malformed(tensor, "breaks off; export the model again");
            numbers.push_back(number_of(tensor.type, value));
        }
        return {};
    }
    if (field.payload.size() % list.bytes != 0) return malformed(tensor, "breaks off; export the model again");
    for (std::size_t at = field.payload.begin; at < field.payload.end; at += list.bytes) {
        std::uint64_t bits = 0;
        for (std::size_t byte = 0; byte < list.bytes; ++byte)
            bits |= static_cast<std::uint64_t>(model.file[at + byte]) << (8 * byte);
        numbers.push_back(number_of(tensor.type, bits));
    }
    return {};
}

}  // namespace

std::int64_t element_count(const Tensor& tensor) noexcept {
    constexpr std::int64_t kMost = std::int64_t{1} << 40;
    std::int64_t count = 1;
    for (const std::int64_t size : tensor.dims) {
        if (size < 0) return -1;
        if (size != 0 && count > kMost / size) return -1;
        count *= size;
    }
    return count;
}

std::int64_t element_bytes(std::int32_t type) noexcept {
    switch (type) {
        case kFloat16:
        case kBfloat16:
            return 2;
        case kFloat32:
        case kInt32:
            return 4;
        case kFloat64:
        case kInt64:
            return 8;
        default:
            return 0;
    }
}

std::string type_name(std::int32_t type) {
    switch (type) {
        case kFloat16:
            return "float16";
        case kBfloat16:
            return "bfloat16";
        case kFloat32:
            return "float32";
        case kFloat64:
            return "float64";
        case kInt32:
            return "int32";
        case kInt64:
            return "int64";
        default:
            return "type " + std::to_string(type);
    }
}

Result<std::vector<double>> read_numbers(const Model& model, const Tensor& tensor, const ReadExternal& external) {
    const std::int64_t each = element_bytes(tensor.type), count = element_count(tensor);
    if (each == 0)
        return Error{ErrorCode::unsupported, "the tensor '" + std::string(tensor.name.substr(0, 80)) + "' is of " +
                                                 type_name(tensor.type) +
                                                 ", but float16, bfloat16, float32 and float64 are read; convert it"};
    if (count < 0) return malformed(tensor, "has a shape that is none; export the model again");
    if (tensor.is_external) {
        if (!external)
            return Error{ErrorCode::unsupported, "the tensor '" + std::string(tensor.name.substr(0, 80)) +
                                                     "' lies in another file, which is not read here"};
        if (tensor.length >= 0 && tensor.length != count * each)
            return malformed(tensor, "has external data of " + std::to_string(tensor.length) +
                                         " bytes, but its shape needs " + std::to_string(count * each) +
                                         "; export the model again");
        const auto bytes = external(tensor.location, tensor.offset, count * each);
        if (!bytes) return bytes.error();
        return of_raw(tensor, *bytes);
    }
    const ListField list = list_of(tensor.type);
    std::vector<double> numbers;
    Reader reader(model.file, tensor.range);
    for (Field field; reader.next(field);) {
        if (field.number == 9) return of_raw(tensor, model.file.subspan(field.payload.begin, field.payload.size()));
        if (field.number != list.number) continue;
        if (auto ok = append(model, tensor, field, list, numbers); !ok) return ok.error();
    }
    if (static_cast<std::int64_t>(numbers.size()) != count)
        return malformed(tensor, "has " + std::to_string(numbers.size()) + " numbers, but its shape needs " +
                                     std::to_string(count) + "; export the model again");
    return numbers;
}

double rounded_to(std::int32_t type, double value) noexcept {
    if (type == kFloat16) return of_half(to_half(value));
    return type == kFloat64 ? value : static_cast<double>(static_cast<float>(value));
}

std::vector<std::byte> encode_tensor(std::string_view name, std::int32_t type, std::span<const std::int64_t> dims,
                                     std::span<const double> numbers) {
    const auto each = static_cast<std::size_t>(element_bytes(type));
    std::vector<std::byte> raw;
    raw.reserve(numbers.size() * each);
    for (const double number : numbers) {
        std::uint64_t bits = std::bit_cast<std::uint64_t>(number);
        if (type == kFloat32) bits = std::bit_cast<std::uint32_t>(static_cast<float>(number));
        if (type == kFloat16) bits = to_half(number);
        for (std::size_t byte = 0; byte < each; ++byte) raw.push_back(static_cast<std::byte>(bits >> (8 * byte)));
    }
    std::vector<std::byte> tensor;
    for (const std::int64_t size : dims) put_number(tensor, 1, size);
    put_number(tensor, 2, type);
    put_text(tensor, 8, name);
    put_bytes(tensor, 9, raw);
    return tensor;
}

}  // namespace tconv::onnx
