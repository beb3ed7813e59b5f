#include "draw/solver_scene.h"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "draw/metrics.h"
#include "draw/page.h"
#include "draw/strip.h"

namespace tconv::draw {
namespace {

constexpr double kCell = 20, kPitch = 28, kSize = 13, kColumnGap = 16, kVerdict = 74;
constexpr std::int64_t kMostRows = 32;  // outputs that are shown
constexpr std::size_t kColumns = 5;
constexpr const char* kHeads[kColumns] = {"k", "s", "p", "op", "d"};
constexpr std::int64_t kPlain[kColumns] = {1, 1, 0, 0, 1};  // what is not worth strong ink

std::string number(std::int64_t value) { return std::to_string(value); }
std::string plural(std::size_t count) { return std::to_string(count) + (count == 1 ? " solution" : " solutions"); }

std::array<std::int64_t, kColumns> numbers_of(const SizeSolution& found) {
    return {found.kernel, found.stride, found.padding, found.output_padding, found.dilation};
}

class Table {
public:
    Table(const SizeQuestion& question, std::span<const SizeSolution> solutions, double x)
        : question_(question), solutions_(solutions), verdicts_(x) {
        for (std::size_t i = 0; i < kColumns; ++i) {
            double width = ems(kHeads[i], true);
            for (const SizeSolution& found : solutions) width = std::max(width, ems(number(numbers_of(found)[i])));
            ends_[i] = verdicts_ + std::max(24.0, width * kSize);
            verdicts_ = ends_[i] + kColumnGap;
        }
        strips_ = verdicts_ + kVerdict;
    }

    void draw(Scene& scene, double y) {
        const double baseline = y + kSize;
        for (std::size_t i = 0; i < kColumns; ++i)
            scene.add(Layer::text, Text{ends_[i], baseline, kHeads[i], kSize, {Role::ink}, Anchor::end, true});
        scene.add(Layer::text, Text{verdicts_, baseline, "taps", kSize, {Role::ink}, Anchor::start, true});
        const std::string head = "taps that reach each of the " + number(question_.want) +
                                 " outputs y, along one axis of input x (" + number(question_.from) + ")";
        scene.add(Layer::text, Text{strips_, baseline, head, kSize, {Role::output}, Anchor::start, true});
        right_ = strips_ + ems(head, true) * kSize;
        bottom_ = y + 26;
        for (const SizeSolution& found : solutions_) draw_row(scene, found);
    }

    double right() const noexcept { return right_; }
    double bottom() const noexcept { return bottom_; }
    bool has_empty() const noexcept { return has_empty_; }

private:
    void draw_row(Scene& scene, const SizeSolution& found) {
        const double baseline = centred_baseline(bottom_ + kCell / 2, kSize);
        const auto numbers = numbers_of(found);
        for (std::size_t i = 0; i < kColumns; ++i)
            scene.add(Layer::text, Text{ends_[i],
                                        baseline,
                                        number(numbers[i]),
                                        kSize,
                                        {numbers[i] == kPlain[i] ? Role::quiet : Role::ink},
                                        Anchor::end});
        scene.add(Layer::text, Text{verdicts_, baseline, to_string(found.evenness), kSize});
        const Axis axis{question_.from, question_.want, found.kernel, found.stride,
                        found.dilation, found.padding,  found.padding};
        const Strip strip{axis, Window::of_output(axis, kMostRows), strips_, bottom_, kCell};
        strip.draw(scene);
        strip.window.for_each_row([&](std::int64_t row) {
            const std::int64_t taps = overlap_on_canvas(axis, row);
            has_empty_ = has_empty_ || taps == 0;
            const Box box = strip.box(row);
            const std::string name = "y[" + number(row - axis.padding_begin) + "]";
            scene.hits.push_back({box.x,
                                  box.y,
                                  box.width,
                                  box.height,
                                  name,
                                  number(taps),
                                  name + ": " + number(taps) + (taps == 1 ? " tap" : " taps"),
                                  -1,
                                  {}});
        });
        right_ = std::max(right_, strip.x + strip.length());
        bottom_ += kPitch;
    }

    const SizeQuestion& question_;
    std::span<const SizeSolution> solutions_;
    std::array<double, kColumns> ends_{};
    double verdicts_, strips_ = 0, right_ = 0, bottom_ = 0;
    bool has_empty_ = false;
};

}  // namespace

Scene solver_scene(const SizeQuestion& question, std::span<const SizeSolution> solutions, std::size_t most) {
    const std::size_t count = std::min({solutions.size(), most, kMostDrawnSolutions});
    Scene scene;
    scene.title = number(question.from) + " \u2192 " + number(question.want) + ": " +
                  (count < solutions.size() ? "the first " + std::to_string(count) + " of " : std::string()) +
                  plural(solutions.size()) + (solutions.empty() ? "" : ", the plainest first");
    scene.description = "kernel, stride, padding, output padding, dilation, and the taps that reach each output";
    Page page(scene.title);
    Table table(question, solutions.first(count), page.left());
    table.draw(scene, page.top());
    page.reserve(table.right(), table.bottom() + 6);
    page.draw_headings(scene, {});
    std::vector<LegendEntry> legend{{rect({}, count_paint(2, 3), {Role::grid}), "the more taps, the stronger"}};
    if (table.has_empty()) legend.push_back({hatched({}, Hatch::empty), "empty: no tap reaches it"});
    page.draw_legend(scene, legend);
    return scene;
}

}  // namespace tconv::draw
