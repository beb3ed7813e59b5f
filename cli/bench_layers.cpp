#include "bench_layers.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "io/file.h"
#include "tconv/io.h"
#include "tconv/problem_text.h"
#include "zoo_layer.h"

namespace tconv::assets {

extern const unsigned char kZoo[];
extern const unsigned long kZooSize;

}  // namespace tconv::assets

namespace tconv::cli {
namespace {

constexpr std::array kShortSet{"dcgan_g4",  "fcn8s_k16s8", "unet_up2",  "cyclegan_up2",
                               "fsrcnn_x3", "hifigan_up2", "unet3d_up", "depthwise_k4s2_c256"};

Error malformed(std::string sentence) { return {ErrorCode::malformed_file, std::move(sentence)}; }

// What stands before a # that is not in a name.
std::string_view without_comment(std::string_view line) {
    bool is_in_name = false;
    for (std::size_t i = 0; i < line.size(); ++i) {
        if (line[i] == '"') is_in_name = !is_in_name;
        if (line[i] == '#' && !is_in_name) return line.substr(0, i);
    }
    return line;
}

bool is_blank(std::string_view text) { return text.find_first_not_of(" \t\r\n") == std::string_view::npos; }

Result<Problem> parse_line(std::string_view line, const LayerDefaults& defaults) {
    auto tokens = parse_tokens(line);
    if (!tokens) return tokens.error();
    if (!tokens->layout) tokens->layout = defaults.layout;
    if (!tokens->dtype) tokens->dtype = defaults.dtype;
    return to_problem(*tokens);
}

Result<std::vector<Problem>> parse_json(std::string_view text, const std::string& source,
                                        const LayerDefaults& defaults) {
    const Json list = Json::parse(text, nullptr, false);
    if (!list.is_array()) return malformed(source + " begins like a JSON list of layers, but is none");
    std::vector<Problem> problems;
    for (const Json& layer : list) {
        auto problem = problem_of_layer(layer);
        if (!problem)
            return malformed(fmt::format("{}, layer {}: {}", source, problems.size() + 1, problem.error().message));
        problem->layout = defaults.layout;
        problem->dtype = defaults.dtype;
        if (const Json name = layer.value("name", Json()); name.is_string()) problem->name = name.get<std::string>();
        if (auto ok = validate(*problem); !ok)  // the name
            return malformed(fmt::format("{}, layer {}: {}", source, problems.size() + 1, ok.error().message));
        problems.push_back(std::move(*problem));
    }
    return problems;
}

}  // namespace

Result<std::vector<Problem>> parse_layers(std::string_view text, const std::string& source,
                                          const LayerDefaults& defaults) {
    std::vector<Problem> problems;
    for (std::int64_t number = 1; !text.empty(); ++number) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        std::string_view line = without_comment(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
        if (is_blank(line)) continue;
        while (line.back() == '\r') line.remove_suffix(1);
        auto problem = parse_line(line, defaults);
        if (!problem) return malformed(fmt::format("{}, line {}: {}", source, number, problem.error().message));
        problems.push_back(std::move(*problem));
    }
    return problems;
}

Result<std::vector<Problem>> zoo_layers(const LayerDefaults& defaults) {
    const std::string_view text(reinterpret_cast<const char*>(assets::kZoo), assets::kZooSize);
    return parse_layers(text, "the zoo", defaults);
}

Result<std::vector<Problem>> short_set(const LayerDefaults& defaults) {
    auto problems = zoo_layers(defaults);
    if (!problems) return problems;
    std::erase_if(*problems,
                  [](const Problem& problem) { return std::ranges::find(kShortSet, problem.name) == kShortSet.end(); });
    return problems;
}

Result<std::vector<Problem>> read_layers(const std::string& path, const LayerDefaults& defaults) {
    const auto bytes = io::read_file(path);
    if (!bytes) return bytes.error();
    const std::string_view text(reinterpret_cast<const char*>(bytes->data()), bytes->size());
    const std::string source = io::name_of_source(path);
    const bool is_json = !is_blank(text) && text[text.find_first_not_of(" \t\r\n")] == '[';
    auto problems = is_json ? parse_json(text, source, defaults) : parse_layers(text, source, defaults);
    if (problems && problems->empty()) return malformed(source + " holds no layers; write one problem text a line");
    return problems;
}

}  // namespace tconv::cli
