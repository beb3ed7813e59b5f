#include "lint_sarif.h"

#include <fmt/format.h>

#include "tconv/problem_text.h"

namespace tconv::cli {
namespace {

// A path as a URI reference: what may not stand there is written as %XX.
std::string uri(const std::string& path) {
    constexpr std::string_view kPlain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~/";
    std::string made = path.starts_with('/') ? "file://" : "";
    for (const char letter : path)
        made += kPlain.find(letter) != std::string_view::npos
                    ? std::string(1, letter)
                    : fmt::format("%{:02X}", static_cast<unsigned>(static_cast<unsigned char>(letter)));
    return made.empty() ? "model" : made;
}

Json rule_list() {
    Json list = Json::array();
    for (const lint::Rule& rule : lint::rules())
        list.push_back({{"id", rule.id}, {"name", rule.name}, {"shortDescription", {{"text", rule.summary}}}});
    return list;
}

std::size_t index_of(std::string_view id) {
    std::size_t index = 0;
    while (index < lint::rules().size() && id != lint::rules()[index].id) ++index;
    return index;
}

Json result_of(const lint::JudgedNode& node, const lint::Finding& finding, const std::string& path) {
    // A model has no lines; those who show results by the line are given the first.
    const Json place{{"physicalLocation", {{"artifactLocation", {{"uri", uri(path)}}}, {"region", {{"startLine", 1}}}}},
                     {"logicalLocations", Json::array({{{"name", node.name}, {"kind", "object"}}})}};
    return {
        {"ruleId", finding.rule},
        {"ruleIndex", index_of(finding.rule)},
        {"level", lint::to_string(finding.severity)},
        {"message",
         {{"text", "Layer '" + node.name + "' (" + node.op + "): " + finding.message + " Do: " + finding.fix + "."}}},
        {"locations", Json::array({place})},
        {"properties", {{"problem", to_text(node.problem)}, {"basis", "weights"}}}};
}

}  // namespace

Json sarif(const lint::Report& report, const std::string& path) {
    Json results = Json::array();
    for (const lint::JudgedNode& node : report.nodes)
        for (const lint::Finding& finding : node.findings) results.push_back(result_of(node, finding, path));
    const Json driver{{"name", "tconv lint"}, {"version", TCONV_VERSION}, {"rules", rule_list()}};
    const Json run{{"tool", {{"driver", driver}}}, {"columnKind", "unicodeCodePoints"}, {"results", results}};
    return {{"$schema", "https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/schemas/sarif-schema-2.1.0.json"},
            {"version", "2.1.0"},
            {"runs", Json::array({run})}};
}

}  // namespace tconv::cli
