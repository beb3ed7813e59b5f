#include <cmath>

#include "check.h"
#include "tconv/fix.h"

using tconv::fuzz::require;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace tconv::lint;  // NOLINT(google-build-using-namespace)
    const auto bytes = tconv::fuzz::bytes_of(data, size);
    const auto report = lint_model(bytes, "model.onnx");
    if (!report) {
        require(!report.error().message.empty(), "an error is a sentence");
        return 0;
    }
    require(!to_json(*report).empty() && !to_text(*report).empty(), "a report can be told");
    for (const JudgedNode& node : report->nodes)
        require(!node.measures || (node.measures->epsilon >= 0 && node.measures->epsilon <= 1), "epsilon is a share");
    FixRequest request;
    request.repairs = {Repair::embed_even, Repair::project_dc};
    const auto fixed = fix_model(bytes, request);
    if (!fixed) return 0;
    require(lint_model(fixed->file, "fixed.onnx").ok(), "a repaired model can be read");
    if (fixed->nodes.empty()) require(fixed->file.size() == size, "a model without repairs stays as it was");
    return 0;
}
