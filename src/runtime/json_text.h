// The little JSON that the library itself prints: objects of one line. Texts are copied as they are, but for quotes,
// backslashes and control characters.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace tconv {

// {"key": value, ...}, in the order of the calls.
class JsonObject {
public:
    JsonObject& text(std::string_view key, std::string_view value);
    JsonObject& number(std::string_view key, std::int64_t value);
    JsonObject& number(std::string_view key, double value);  ///< null where it is not finite
    JsonObject& raw(std::string_view key, std::string_view json);
    std::string str() const { return "{" + members_ + "}"; }

private:
    std::string members_;
};

// "a \"quoted\" text", in quotes.
std::string quoted(std::string_view text);

// [a, b, c] of things that are JSON already.
template <class Things, class ToJson>
std::string json_list(const Things& things, const ToJson& to_json) {
    std::string list = "[";
    for (const auto& thing : things) {
        if (list.size() > 1) list += ", ";
        list += to_json(thing);
    }
    return list + "]";
}

}  // namespace tconv
