#include <charconv>

#include "geometry_options.h"

namespace tconv::cli {

Result<std::vector<std::int64_t>> parse_numbers(std::string_view option, std::string_view text) {
    std::vector<std::int64_t> numbers;
    const auto refuse = [&](const char* why) {
        return Error{ErrorCode::invalid_argument, std::string(option) + " '" + std::string(text) + "' " + why};
    };
    for (std::string_view rest = text;;) {
        const std::size_t comma = rest.find(',');
        const std::string_view digits = rest.substr(0, comma);
        std::int64_t value = 0;
        const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
        if (error == std::errc::result_out_of_range) return refuse("has a number beyond 64 bits");
        if (error != std::errc{} || end != digits.data() + digits.size())
            return refuse("must be whole numbers separated by commas, such as 2 or 2,1");
        numbers.push_back(value);
        if (comma == std::string_view::npos) return numbers;
        rest.remove_prefix(comma + 1);
    }
}

Result<std::int64_t> parse_number(std::string_view option, std::string_view text) {
    auto numbers = parse_numbers(option, text);
    if (numbers && numbers->size() == 1) return numbers->front();
    return Error{ErrorCode::invalid_argument,
                 std::string(option) + " '" + std::string(text) + "' must be one whole number"};
}

}  // namespace tconv::cli
