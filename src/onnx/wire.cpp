#include "onnx/wire.h"

namespace tconv::onnx {

bool Reader::next_varint(std::uint64_t& value) noexcept {
    value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
        if (at_ >= end_) return fail();
        const auto byte = static_cast<std::uint64_t>(file_[at_++]);
        value |= (byte & 0x7fU) << shift;
        if ((byte & 0x80U) == 0) return true;
    }
    return fail();
}

bool Reader::take(std::size_t count, std::uint64_t& value) noexcept {
    if (end_ - at_ < count) return fail();
    value = 0;
    for (std::size_t i = 0; i < count; ++i) value |= static_cast<std::uint64_t>(file_[at_ + i]) << (8 * i);
    at_ += count;
    return true;
}

bool Reader::next(Field& field) noexcept {
    if (is_broken_ || at_ >= end_) return false;
    field = {};
    field.whole.begin = at_;
    std::uint64_t key = 0;
    if (!next_varint(key)) return false;
    if (key >> 32U != 0 || key >> 3U == 0) return fail();
    field.number = static_cast<std::uint32_t>(key >> 3U);
    field.type = static_cast<WireType>(key & 7U);
    switch (field.type) {
        case WireType::varint:
            if (!next_varint(field.value)) return false;
            break;
        case WireType::fixed64:
            if (!take(8, field.value)) return false;
            break;
        case WireType::fixed32:
            if (!take(4, field.value)) return false;
            break;
        case WireType::bytes: {
            std::uint64_t length = 0;
            if (!next_varint(length)) return false;
            if (length > end_ - at_) return fail();
            field.payload = {at_, at_ + static_cast<std::size_t>(length)};
            at_ = field.payload.end;
            break;
        }
        default:  // groups, which ONNX has not
            return fail();
    }
    field.whole.end = at_;
    return true;
}

void put_varint(std::vector<std::byte>& target, std::uint64_t value) {
    for (; value >= 0x80U; value >>= 7U) target.push_back(static_cast<std::byte>(value | 0x80U));
    target.push_back(static_cast<std::byte>(value));
}

void put_number(std::vector<std::byte>& target, std::uint32_t field, std::int64_t value) {
    put_varint(target, std::uint64_t{field} << 3U);
    put_varint(target, static_cast<std::uint64_t>(value));
}

void put_bytes(std::vector<std::byte>& target, std::uint32_t field, Bytes bytes) {
    put_varint(target, (std::uint64_t{field} << 3U) | static_cast<std::uint64_t>(WireType::bytes));
    put_varint(target, bytes.size());
    target.insert(target.end(), bytes.begin(), bytes.end());
}

void put_text(std::vector<std::byte>& target, std::uint32_t field, std::string_view text) {
    put_bytes(target, field, std::as_bytes(std::span(text.data(), text.size())));
}

}  // namespace tconv::onnx
