#include "tconv/lint.h"

#include "lint/find_layers.h"
#include "lint/subject.h"
#include "lint/words.h"

namespace tconv::lint {

const char* to_string(Severity severity) noexcept {
    switch (severity) {
        case Severity::note:
            return "note";
        case Severity::warning:
            return "warning";
        default:
            return "error";
    }
}

std::optional<Severity> worst(const Report& report) noexcept {
    std::optional<Severity> found;
    for (const JudgedNode& node : report.nodes)
        for (const Finding& finding : node.findings)
            if (!found || finding.severity > *found) found = finding.severity;
    return found;
}

Result<JudgedNode> lint_problem(const Problem& problem, std::span<const double> weights, Kind kind) {
    Subject subject;
    subject.node.name = problem.name.empty() ? "layer" : problem.name;
    subject.node.op = kind == Kind::convolution ? "Conv" : "ConvTranspose";
    subject.node.kind = kind;
    subject.node.problem = problem;
    subject.values.assign(weights.begin(), weights.end());
    if (weights.empty()) subject.node.weights = "none were given";
    return judge(subject);
}

Result<Report> lint_model(std::span<const std::byte> file, std::string name, const ReadExternal& external) {
    const auto model = onnx::decode_model(file);
    if (!model) return model.error();
    Report report;
    report.model = printable(name);
    if (model->functions > 0)
        report.skipped.push_back({"(local functions)", "function",
                                  "layers inside of the model's own functions are not looked at; inline them "
                                  "(onnx.inliner) and lint the result"});
    LayerFinder finder(*model, external);
    while (auto found = finder.next()) {
        if (!found->reason.empty()) {
            report.skipped.push_back({found->subject.node.name, found->subject.node.op, found->reason});
            continue;
        }
        auto node = judge(found->subject);
        if (!node) {  // weights that have no sums: the geometry alone
            found->subject.node.weights = node.error().message;
            found->subject.values.clear();
            node = judge(found->subject);
        }
        if (node)
            report.nodes.push_back(std::move(*node));
        else
            report.skipped.push_back({found->subject.node.name, found->subject.node.op, node.error().message});
    }
    return report;
}

}  // namespace tconv::lint
