#include "npy_header.h"

#include <bit>
#include <charconv>
#include <optional>
#include <string_view>

#include "little_endian.h"

namespace tconv::io {
namespace {

constexpr std::string_view kMagic = "\x93NUMPY";

Error malformed(const std::string& what) {
    return {ErrorCode::malformed_file, what + "; save the array again with numpy.save"};
}

Error unsupported(const std::string& what) { return {ErrorCode::unsupported, what}; }

/// A cursor over the few forms of Python literal that a header is made of.
class Literal {
public:
    explicit Literal(std::string_view text) : rest_(text) {}

    bool at_end() {
        skip_space();
        return rest_.empty();
    }
    bool looks_at(char wanted) {
        skip_space();
        return !rest_.empty() && rest_.front() == wanted;
    }
    bool accept(char wanted) {
        if (!looks_at(wanted)) return false;
        rest_.remove_prefix(1);
        return true;
    }
    bool accept_word(std::string_view word) {
        skip_space();
        if (!rest_.starts_with(word)) return false;
        rest_.remove_prefix(word.size());
        return true;
    }
    /// 'text' or "text", without escapes.
    std::optional<std::string> string() {
        if (!looks_at('\'') && !looks_at('"')) return std::nullopt;
        const std::size_t end = rest_.find(rest_.front(), 1);
        if (end == std::string_view::npos) return std::nullopt;
        std::string text(rest_.substr(1, end - 1));
        rest_.remove_prefix(end + 1);
        return text;
    }
    /// A size; Python 2 wrote 3L for 3.
    std::optional<std::int64_t> integer() {
        skip_space();
        std::int64_t value = 0;
        const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), value);
        if (error != std::errc() || value < 0) return std::nullopt;
        rest_.remove_prefix(static_cast<std::size_t>(end - rest_.data()));
        if (!rest_.empty() && rest_.front() == 'L') rest_.remove_prefix(1);
        return value;
    }

private:
    void skip_space() {
        const std::size_t text = rest_.find_first_not_of(" \t\r\n");
        rest_.remove_prefix(text == std::string_view::npos ? rest_.size() : text);
    }
    std::string_view rest_;
};

/// What the letter of a dtype means, for the sentence that refuses it.
std::string contents_of(char kind) {
    switch (kind) {
        case 'b':
            return "booleans";
        case 'i':
        case 'u':
            return "integers";
        case 'f':
            return "floating-point numbers of another width";
        case 'c':
            return "complex numbers";
        case 'O':
            return "Python objects";
        case 'S':
        case 'a':
        case 'U':
            return "text";
        case 'M':
        case 'm':
            return "dates or times";
        default:
            return "elements of another type";
    }
}

std::string remedy_for(char kind, std::string_view width) {
    switch (kind) {
        case 'c':
            return "convert its real part with numpy: a.real.astype('float32')";
        case 'O':
        case 'S':
        case 'a':
        case 'U':
        case 'M':
        case 'm':
        case 'V':
            return "save an array of numbers";
        default:
            return kind == 'f' && width == "16" ? "convert it with numpy: a.astype('float64')"
                                                : "convert it with numpy: a.astype('float32')";
    }
}

Result<void> parse_descr(const std::string& descr, Integers integers, NpyHeader& header) {
    std::string_view type = descr;
    char order = '=';
    if (!type.empty() && std::string_view("<>=|").find(type.front()) != std::string_view::npos) {
        order = type.front();
        type.remove_prefix(1);
    }
    if (type.empty() || descr.size() > 64 ||
        descr.find_first_not_of("<>=|?[]0123456789abcdefghijklmnopqrstuvwxyz"
                                "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != std::string::npos)
        return malformed("the header's 'descr' is not the name of an element type");
    header.is_big_endian = order == '>' || (order != '<' && std::endian::native == std::endian::big);
    if (order != '|' && (type == "f4" || type == "f8")) {
        header.dtype = type == "f4" ? DType::f32 : DType::f64;
        return {};
    }
    if (order != '|' && type == "i8" && integers == Integers::as_f64) {
        header.dtype = DType::f64;
        header.is_int64 = true;
        return {};
    }
    const char kind = type.front() == '?' ? 'b' : type.front();
    return unsupported("the array holds " + contents_of(kind) + " (dtype '" + descr +
                       "'); tconv computes with f32 and f64; " + remedy_for(kind, type.substr(1)));
}

Result<void> parse_shape(Literal& literal, NpyHeader& header) {
    const Error not_a_tuple = malformed("the header's 'shape' is not a tuple of sizes from 0 to 2^63 - 1");
    if (!literal.accept('(')) return not_a_tuple;
    bool has_comma = true;
    while (!literal.accept(')')) {
        const std::optional<std::int64_t> size = has_comma ? literal.integer() : std::nullopt;
        if (!size) return not_a_tuple;
        if (header.shape.size() == kMaxNpyAxes)
            return unsupported("the array has more than " + std::to_string(kMaxNpyAxes) +
                               " axes; reshape it to fewer, as NumPy does");
        header.shape.push_back(*size);
        has_comma = literal.accept(',');
    }
    // In Python, (3) is the number 3.
    if (header.shape.size() == 1 && !has_comma) return not_a_tuple;
    return {};
}

Result<void> parse_dictionary(std::string_view text, Integers integers, NpyHeader& header) {
    const Error not_a_dictionary = malformed(
        "the header is not a dictionary {'descr': ..., 'fortran_order': ..., "
        "'shape': ...}");
    bool has_descr = false, has_order = false, has_shape = false;
    Literal literal(text);
    if (!literal.accept('{')) return not_a_dictionary;
    bool has_comma = true;
    while (!literal.accept('}')) {
        const std::optional<std::string> key = has_comma ? literal.string() : std::nullopt;
        if (!key || !literal.accept(':')) return not_a_dictionary;
        if (*key == "descr" && !has_descr) {
            if (literal.looks_at('[') || literal.looks_at('('))
                return unsupported(
                    "the array holds records; tconv computes with f32 and f64; save one field of it: a['field']");
            const std::optional<std::string> descr = literal.string();
            if (!descr) return not_a_dictionary;
            if (const Result<void> parsed = parse_descr(*descr, integers, header); !parsed) return parsed;
            has_descr = true;
        } else if (*key == "fortran_order" && !has_order) {
            header.is_fortran_order = literal.accept_word("True");
            if (!header.is_fortran_order && !literal.accept_word("False")) return not_a_dictionary;
            has_order = true;
        } else if (*key == "shape" && !has_shape) {
            if (const Result<void> parsed = parse_shape(literal, header); !parsed) return parsed;
            has_shape = true;
        } else {
            return not_a_dictionary;
        }
        has_comma = literal.accept(',');
    }
    if (!literal.at_end() || !has_descr || !has_order || !has_shape) return not_a_dictionary;
    return {};
}

}  // namespace

Result<NpyHeader> parse_npy_header(std::span<const std::byte> bytes, Integers integers) {
    const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    if (text.empty()) return malformed("the file is empty, not an npy array");
    if (!text.starts_with(kMagic)) return malformed("the file is not an npy array: it does not begin with \\x93NUMPY");
    if (text.size() < 8) return malformed("the npy file ends inside its header");
    const int version = std::to_integer<int>(bytes[6]);
    if (version < 1 || version > 3 || bytes[7] != std::byte{0})
        return unsupported("the npy file has format version " + std::to_string(version) + "." +
                           std::to_string(std::to_integer<int>(bytes[7])) +
                           "; tconv reads 1.0, 2.0 and 3.0; save it again with numpy.save");
    const std::size_t start = version == 1 ? 10 : 12;
    if (bytes.size() < start) return malformed("the npy file ends inside its header");
    const std::size_t length = read_little_endian(bytes.subspan(8, start - 8));
    if (length > bytes.size() - start)
        return malformed("the npy file promises a header of " + std::to_string(length) + " bytes and has only " +
                         std::to_string(bytes.size() - start));
    NpyHeader header;
    header.length_bytes = start + length;
    if (const Result<void> parsed = parse_dictionary(text.substr(start, length), integers, header); !parsed)
        return parsed.error();
    return header;
}

Result<std::string> npy_header_text(const Shape& shape, DType dtype) {
    if (shape.size() > kMaxNpyAxes)
        return unsupported("the array has " + std::to_string(shape.size()) + " axes; an npy file can have " +
                           std::to_string(kMaxNpyAxes) + "; reshape it to fewer");
    constexpr std::size_t kAlignment = 64, kStart = 10, kDigitsToGrow = 21;
    std::string text = "{'descr': '";
    text += std::endian::native == std::endian::little ? '<' : '>';
    text += dtype == DType::f32 ? "f4" : "f8";
    text += "', 'fortran_order': False, 'shape': " + to_string(shape) + ", }";
    // NumPy leaves room for the first size to grow in place.
    if (!shape.empty()) text.append(kDigitsToGrow - std::to_string(shape.front()).size(), ' ');
    text.append(kAlignment - (kStart + text.size() + 1) % kAlignment, ' ');
    text += '\n';

    // At 64 axes of at most 21 characters the length always fits version 1.0's 16 bits.
    std::string header(kMagic);
    header += {'\1', '\0', static_cast<char>(text.size() & 0xff), static_cast<char>(text.size() >> 8)};
    return header + text;
}

}  // namespace tconv::io
