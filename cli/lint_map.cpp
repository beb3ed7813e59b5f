#include "lint_map.h"

#include <fmt/format.h>

#include <filesystem>

#include "draw/checkerboard_map.h"
#include "draw/svg.h"
#include "tconv/io.h"

namespace tconv::cli {
namespace {

// A layer's name as a file's: letters, digits, '-', '_' and '.' stay.
std::string file_name(const std::string& name) {
    constexpr std::size_t kLongest = 80;
    std::string made;
    for (const char letter : name.substr(0, kLongest)) {
        const bool is_plain = (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') ||
                              (letter >= '0' && letter <= '9') || letter == '-' || letter == '_' || letter == '.';
        if (is_plain || (!made.empty() && made.back() != '_')) made += is_plain ? letter : '_';
    }
    return made;
}

}  // namespace

Result<void> write_maps(const lint::Report& report, const std::string& folder) {
    std::error_code failed;
    std::filesystem::create_directories(folder, failed);
    if (failed)
        return Error{ErrorCode::write_failed, "the folder '" + folder + "' could not be made: " + failed.message()};
    int number = 0;
    for (const lint::JudgedNode& node : report.nodes) {
        if (node.kind == lint::Kind::convolution && node.findings.empty()) continue;
        const std::string path = fmt::format("{}/{:02}-{}.svg", folder, ++number, file_name(node.name));
        const std::string svg = draw::to_svg(draw::checkerboard_map(node), {draw::Theme::light, 2, false});
        if (auto ok = io::write_file(path, std::as_bytes(std::span(svg))); !ok) return ok;
    }
    return {};
}

}  // namespace tconv::cli
