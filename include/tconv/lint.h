// Lint: what may show as a checkerboard in a network's output, layer by layer: which rule finds it, how bad it is, why,
// and what to do. A layer is judged by its geometry (checkerboard.h) and, where they are known, its weights. That is
// *risk*: training can hide an uneven layer completely, so the verdict belongs to a measurement of the running model
// (the flat-field probe of the Python package). Nothing is executed here.
//
// | rule  | finds                                                        | severity                                  |
// |-------|--------------------------------------------------------------|-------------------------------------------|
// | TC001 | outputs that no tap reaches: they hold the bias alone        | error; warning where another branch is added
// | | TC002 | taps that are dealt unevenly: some outputs collect more      | warning; note where the sums are equal |
// | TC003 | even taps, but weights as unequal as random ones             | note                                      |
// | TC004 | phase sums that differ: image rejection below 40 dB          | warning; with a probe, error or nothing   |
// | TC005 | a border ramp: outer outputs collect fewer taps              | note                                      |
// | TC006 | an uneven layer behind an uneven layer                       | warning                                   |
// | TC007 | a strided convolution whose input gradient has holes         | note                                      |
// | TC008 | output padding with a kernel that the stride does not divide | note                                      |
// | TC009 | a sub-pixel convolution whose phases differ                  | warning                                   |
// | TC010 | SAME padding that frameworks crop differently                | warning                                   |
// | TC011 | an output that is not stride * input; branches that do not meet | note; warning                          |
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tconv/checkerboard.h"
#include "tconv/problem.h"
#include "tconv/result.h"

/// The checkerboard linter: rules over layers, from a problem or an ONNX file.
namespace tconv::lint {

/// How bad a finding is.
enum class Severity : std::uint8_t {
    note,     ///< worth knowing
    warning,  ///< likely to show, unless training hid it
    error,    ///< shows
};
/// "note", "warning" or "error".
const char* to_string(Severity severity) noexcept;

/// One rule of the table above.
struct Rule {
    const char* id;       ///< "TC001"
    const char* name;     ///< "holes"
    const char* summary;  ///< one sentence
};
/// All rules, in order.
std::span<const Rule> rules() noexcept;

/// What a rule found in a layer.
struct Finding {
    const char* rule = "";               ///< "TC001"
    Severity severity = Severity::note;  ///< judged from geometry and weights: risk
    std::string message;                 ///< what, how bad, why: sentences
    std::string fix;                     ///< what to do
};

/// What a layer is.
enum class Kind : std::uint8_t {
    transposed,   ///< a transposed convolution
    convolution,  ///< a strided convolution: its input gradient is looked at
    sub_pixel,    ///< a convolution and depth-to-space, as the transposed convolution that it is
    resize,       ///< nearest-neighbour enlargement and a convolution, likewise
};

/// One layer, judged.
struct JudgedNode {
    std::string name;                   ///< in the model
    std::string op;                     ///< "ConvTranspose", "Conv", "Conv + DepthToSpace", "Resize + Conv"
    Kind kind = Kind::transposed;       ///< what it is
    std::string output;                 ///< the value that it computes, by its name; empty outside of models
    Problem problem;                    ///< its geometry
    bool sizes_are_known = true;        ///< else the spatial sizes are an example: the file does not tell them
    std::string weights;                ///< empty where they were read, else why not
    checkerboard::Structure structure;  ///< of the geometry
    std::optional<checkerboard::Measures> measures;  ///< of the weights, where they were read
    std::vector<Finding> findings;                   ///< in the rules' order
};

/// A layer that was not judged.
struct Skipped {
    std::string name;    ///< in the model
    std::string op;      ///< its operator
    std::string reason;  ///< a sentence
};

/// A model, judged.
struct Report {
    std::string model;              ///< what it was called
    std::vector<JudgedNode> nodes;  ///< in the file's order
    std::vector<Skipped> skipped;   ///< likewise
};

/// The worst severity of all findings; nothing without any.
std::optional<Severity> worst(const Report& report) noexcept;

/// Judges one geometry, and its weights (C_coarse, C_fine / groups, kernel...) unless there are none. `kind` is
/// transposed or convolution. Errors: as checkerboard::measure().
Result<JudgedNode> lint_problem(const Problem& problem, std::span<const double> weights = {},
                                Kind kind = Kind::transposed);

/// Reads bytes [offset, offset + length) of a file that a model names relative to its own folder, and refuses names
/// that lead out of it.
using ReadExternal =
    std::function<Result<std::vector<std::byte>>(std::string_view location, std::int64_t offset, std::int64_t length)>;

/// Judges every (transposed) convolution of an ONNX file, those in subgraphs too. Time and memory stay in proportion to
/// the file. Without `external`, weights in other files are not looked at. Errors: malformed_file.
Result<Report> lint_model(std::span<const std::byte> file, std::string name, const ReadExternal& external = {});

/// The report as `tconv lint --format json` prints it: one line.
std::string to_json(const Report& report);

/// The report as `tconv lint` prints it: lines for people.
std::string to_text(const Report& report);

}  // namespace tconv::lint
