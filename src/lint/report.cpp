// A report as text for people and as JSON.
#include <algorithm>
#include <cmath>

#include "lint/subject.h"
#include "runtime/json_text.h"
#include "tconv/problem_text.h"

namespace tconv::lint {
namespace {

// Phases beyond this are not listed one by one.
constexpr std::size_t kMostListedPhases = 1024;

std::string number_or_null(double value) {
    JsonObject json;
    const std::string text = json.number("n", value).str();
    return text.substr(6, text.size() - 7);  // behind {"n": and before }
}

std::string integers(std::span<const std::int64_t> values) {
    return json_list(values, [](std::int64_t value) { return std::to_string(value); });
}

const char* kind_text(Kind kind) {
    switch (kind) {
        case Kind::transposed:
            return "transposed";
        case Kind::convolution:
            return "convolution";
        case Kind::sub_pixel:
            return "sub_pixel";
        default:
            return "resize";
    }
}

std::string gains_json(const JudgedNode& node) {
    if (!node.measures || node.measures->gains.size() > kMostListedPhases) return "null";
    const auto rank = static_cast<std::size_t>(node.problem.rank);
    return json_list(node.measures->gains, [&](const checkerboard::PhaseGain& gain) {
        return JsonObject()
            .raw("phase", integers(std::span(gain.phase).first(rank)))
            .number("taps", gain.taps)
            .number("norm", gain.norm)
            .number("share", gain.share)
            .str();
    });
}

std::string axes_json(const JudgedNode& node) {
    return json_list(node.structure.axes, [](const checkerboard::AxisStructure& axis) {
        return JsonObject()
            .text("verdict", to_string(axis.evenness))
            .number("phases", axis.phases)
            .number("empty_phases", axis.empty_phases)
            .number("least_taps", axis.least_taps)
            .number("most_taps", axis.most_taps)
            .number("ramp_begin", axis.ramp_begin)
            .number("ramp_end", axis.ramp_end)
            .str();
    });
}

std::string finding_json(const Finding& finding) {
    return JsonObject()
        .text("rule", finding.rule)
        .text("severity", to_string(finding.severity))
        .text("message", finding.message)
        .text("fix", finding.fix)
        .str();
}

std::string node_json(const JudgedNode& node) {
    JsonObject json;
    json.text("name", node.name).text("op", node.op).text("kind", kind_text(node.kind)).text("output", node.output);
    json.text("problem", to_text(node.problem)).raw("sizes_known", node.sizes_are_known ? "true" : "false");
    json.raw("weights", node.weights.empty() ? "null" : quoted(node.weights));
    json.text("verdict", to_string(node.structure.evenness)).number("overlap_ratio", node.structure.overlap_ratio);
    json.number("hole_share", node.structure.hole_share).raw("axes", axes_json(node));
    const checkerboard::Measures* measures = node.measures ? &*node.measures : nullptr;
    const auto measured = [&](const char* key, double value) {
        json.raw(key, measures ? number_or_null(value) : "null");
    };
    json.raw("phase_gains", gains_json(node));
    measured("epsilon", measures ? measures->epsilon : 0);
    measured("epsilon_ratio", measures ? measures->epsilon_ratio : 0);
    measured("image_rejection_db", measures ? measures->image_rejection_db : 0);
    json.raw("cleanliness_order", measures && measures->order ? std::to_string(*measures->order) : "null");
    json.raw("channel_epsilon", measures ? json_list(measures->channel_epsilon, number_or_null) : "null");
    return json.raw("findings", json_list(node.findings, finding_json)).str();
}

std::string measures_line(const checkerboard::Measures& measures) {
    if (measures.phases == 1) return "";
    std::string text = "    epsilon " + short_number(measures.epsilon) + " (" + short_number(measures.epsilon_ratio) +
                       " of random weights'), image rejection ";
    text += std::isinf(measures.image_rejection_db) && measures.image_rejection_db > 0
                ? "total"
                : short_number(measures.image_rejection_db) + " dB";
    return text + ", clean to order " + std::to_string(measures.order.value_or(0)) + "\n";
}

std::string node_text(const JudgedNode& node) {
    std::string text = node.name + "  " + node.op + "  " + to_text(node.problem) +
                       (node.sizes_are_known ? "" : "  (sizes: an example)") + "\n    taps " +
                       to_string(node.structure.evenness);
    if (node.structure.evenness == Evenness::holes)
        text += ", " + short_number(100 * node.structure.hole_share) + " % of the outputs are never reached";
    else if (node.structure.evenness == Evenness::uneven)
        text += ", up to " + short_number(node.structure.overlap_ratio) + " to 1";
    text += "\n";
    if (node.measures) text += measures_line(*node.measures);
    if (!node.weights.empty()) text += "    weights not looked at: " + node.weights + "\n";
    for (const Finding& finding : node.findings)
        text += "  " + std::string(finding.rule) + " " + to_string(finding.severity) + ": " + finding.message +
                "\n        do: " + finding.fix + "\n";
    if (node.findings.empty()) text += "  nothing found\n";
    return text;
}

std::size_t count(const Report& report, Severity severity) {
    std::size_t found = 0;
    for (const JudgedNode& node : report.nodes)
        found +=
            static_cast<std::size_t>(std::count_if(node.findings.begin(), node.findings.end(),
                                                   [&](const auto& finding) { return finding.severity == severity; }));
    return found;
}

std::string counted(std::size_t number, const char* what) {
    return std::to_string(number) + " " + what + (number == 1 ? "" : "s");
}

}  // namespace

std::string to_json(const Report& report) {
    return JsonObject()
        .number("schema_version", std::int64_t{1})
        .text("model", report.model)
        .text("basis", "weights")
        .raw("nodes", json_list(report.nodes, node_json))
        .raw("skipped", json_list(report.skipped,
                                  [](const Skipped& skipped) {
                                      return JsonObject()
                                          .text("name", skipped.name)
                                          .text("op", skipped.op)
                                          .text("reason", skipped.reason)
                                          .str();
                                  }))
        .str();
}

std::string to_text(const Report& report) {
    std::string text;
    for (const JudgedNode& node : report.nodes)
        if (node.kind != Kind::convolution || !node.findings.empty()) text += node_text(node) + "\n";
    for (const Skipped& skipped : report.skipped)
        text += skipped.name + "  " + skipped.op + "\n  not judged: " + skipped.reason + "\n\n";
    text += report.model + ": " + counted(report.nodes.size(), "layer") + ", " +
            counted(count(report, Severity::error), "error") + ", " +
            counted(count(report, Severity::warning), "warning") + ", " +
            counted(count(report, Severity::note), "note") + "\n";
    if (worst(report) > std::optional(Severity::note))
        text +=
            "Severities are risk, judged from geometry and weights: training may have hidden all of it. What shows is\n"
            "measured by: python -m tconv lint --probe MODEL.onnx\n";
    return text;
}

}  // namespace tconv::lint
