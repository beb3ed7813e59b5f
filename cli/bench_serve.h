// `tconv bench --serve`: answers the JSON lines by which tconv is timed in turn with its rivals.
//
//     {"cmd":"prep","layer":{...},"pass":"scatter"}   {"ok":true,"shape":[...],"checksum":[c,n],"method":"...", ...}
//     {"cmd":"run","seconds":0.08}                    {"ok":true,"min":s,"median":s,"runs":n}
//     {"cmd":"plan","layer":{...},"pass":"scatter"}   {"ok":true,"method":"...","predicted_ms":t,"methods":{"...":t,
//     ...}}
//
// prep plans, packs and runs once (with "method":"...", by that method); run repeats whole passes of the layer that was
// prepared last; plan predicts each method that takes the problem, and leaves that layer in place. What cannot be done
// is answered with {"ok":false,"error":"..."}, and the next line is awaited. The end of the input ends it.
#pragma once

#include <iosfwd>

#include "tconv/plan.h"

namespace tconv::cli {

/// What every layer is served with.
struct ServeOptions {
    PlanOptions plan{};
    Layout layout = Layout::channels_first;
    DType dtype = DType::f32;
};

/// Answers every line of `input` on stdout, and returns an exit code.
Result<int> serve(const ServeOptions& options, std::istream& input);

}  // namespace tconv::cli
