// The part of JSON that a safetensors header is made of: objects, strings, arrays of whole numbers. Every function
// leaves the reader where it failed and says so by its result.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tconv::io {

/// A cursor over a JSON text.
class JsonReader {
public:
    explicit JsonReader(std::string_view text) : rest_(text) {}

    /// Takes the sign where it comes next.
    bool accept(char sign);
    /// A string, its escapes resolved to UTF-8.
    std::optional<std::string> string();
    /// A whole number from 0 to 2^63 - 1.
    std::optional<std::int64_t> number();
    /// An array of such, at most `most` of them.
    std::optional<std::vector<std::int64_t>> numbers(std::size_t most);
    /// Whether nothing but space is left.
    bool at_end();

private:
    void skip_space();
    std::optional<std::uint32_t> four_digits();
    bool escape(std::string& text);
    std::string_view rest_;
};

}  // namespace tconv::io
