#include "draw/kernel_scene.h"

#include <algorithm>

#include "draw/arrays.h"
#include "draw/metrics.h"
#include "draw/number.h"
#include "draw/page.h"
#include "draw/paints.h"
#include "draw/view.h"
#include "tconv/problem_text.h"

namespace tconv::draw {
namespace {

constexpr std::int64_t kMostBetween = 4;  // dilations 1, 2, 3, 4; else the first and the last

// A problem whose dilation is some of the given one's.
std::vector<Problem> spreadings(const Problem& problem) {
    std::int64_t largest = 1;
    bool is_alike = true;
    for (const Axis& axis : problem.spatial()) {
        largest = std::max(largest, axis.dilation);
        is_alike = is_alike && axis.dilation == problem.spatial()[0].dilation;
    }
    const auto spread_by = [&](std::int64_t dilation) {
        Problem spread = problem;
        for (Axis& axis : spread.spatial()) axis.dilation = dilation == largest ? axis.dilation : dilation;
        return spread;
    };
    std::vector<Problem> all;
    for (std::int64_t dilation = 1; dilation < largest; ++dilation) {
        if (dilation == 1 || (is_alike && largest <= kMostBetween)) all.push_back(spread_by(dilation));
        if (!is_alike || largest > kMostBetween) break;
    }
    all.push_back(problem);
    return all;
}

Position extent_of(const Problem& problem) {
    Position extent{};
    for (std::size_t axis = 0; axis < extent.size(); ++axis) extent[axis] = problem.axes[axis].kernel_extent();
    return extent;
}

std::string dilation_text(const Problem& problem) {
    std::string text;
    bool is_alike = true;
    for (const Axis& axis : problem.spatial()) {
        text += (text.empty() ? "" : " \u00d7 ") + std::to_string(axis.dilation);
        is_alike = is_alike && axis.dilation == problem.spatial()[0].dilation;
    }
    return "dilation " + (is_alike ? std::to_string(problem.spatial()[0].dilation) : text);
}

double weight_at(const Problem& problem, const Numbers& numbers, const Position& tap) {
    const std::int64_t index = reference::weight_offset(problem, 0, 0, tap);
    return numbers.weights.empty() ? small_number(index) : numbers.weights[static_cast<std::size_t>(index)];
}

Position spread(const Problem& problem, Position tap) {
    for (std::size_t axis = 0; axis < tap.size(); ++axis) tap[axis] *= problem.axes[axis].dilation;
    return tap;
}

// "d(k-1)+1 = 2*2+1 = 5 rows"
std::string reach(const Axis& axis) {
    return "d(k\u22121)+1 = " + std::to_string(axis.dilation) + "\u00b7" + std::to_string(axis.kernel - 1) +
           "+1 = " + std::to_string(axis.kernel_extent());
}

std::string caption_of(const Problem& problem) {
    const auto axes = problem.spatial();
    const bool is_alike = std::all_of(axes.begin(), axes.end(), [&](const Axis& axis) {
        return axis.kernel == axes[0].kernel && axis.dilation == axes[0].dilation;
    });
    std::string text = "the kernel reaches ";
    for (std::size_t i = 0; i < (is_alike ? 1 : axes.size()); ++i) text += (i == 0 ? "" : ", ") + reach(axes[i]);
    if (axes.size() > 1) text += is_alike ? " along every axis" : " along its axes";
    const bool is_dense = std::all_of(axes.begin(), axes.end(), [](const Axis& axis) { return axis.dilation == 1; });
    return text + (is_dense ? "; dilation would spread it" : "; its taps are no more than before");
}

class KernelView : public View {
public:
    KernelView(const Problem& problem, const Numbers& numbers) : numbers_(numbers), problems_(spreadings(problem)) {
        for (const Problem& each : problems_) {
            Field field;
            field.role = Role::weights;
            field.size = extent_of(each);
            field.panels = field.panel_columns = field.size[0];
            field.title = dilation_text(each) + ": " + size_text(each, field.size);
            for (std::int64_t slice = 0; slice < field.size[0] && each.rank == 3; ++slice)
                field.labels.push_back("slice " + std::to_string(slice));
            fields_.push_back(field);
        }
    }
    std::vector<Field*> fields() override {
        std::vector<Field*> all;
        all.reserve(fields_.size());
        for (Field& field : fields_) all.push_back(&field);
        return all;
    }
    const char* heading() const override { return "weights W, spread out"; }
    void draw(Scene& scene, const Times&) override {
        for (std::size_t i = 0; i < fields_.size(); ++i) draw_kernel(scene, problems_[i], fields_[i]);
    }

private:
    void draw_kernel(Scene& scene, const Problem& problem, const Field& field) const {
        std::string longest = "0";
        const Position kernel = sizes_of(problem, &Axis::kernel);
        for_each_position(kernel, [&](const Position& tap) {
            const std::string number = short_number(weight_at(problem, numbers_, tap));
            if (ems(number) > ems(longest)) longest = number;
        });
        const double size = fit_text(field.cell, longest, "").number;
        field.draw(scene);
        for_each_position(kernel, [&](const Position& tap) {
            const Box box = field.box(0, spread(problem, tap));
            const double w = weight_at(problem, numbers_, tap);
            scene.add(Layer::fill, rect(box, lit(Role::weights), {Role::grid}));
            if (size > 0) scene.add(Layer::text, centred(box, short_number(w), size, {Role::ink}));
            scene.hits.push_back(number_hit(box, name_of(problem, tap), w));
        });
        for (std::int64_t slice = 0; slice < field.size[0]; ++slice)
            scene.add(Layer::frame, rect(field.box(0, {slice, 0, 0}, field.size[1], field.size[2]), {},
                                         line(Role::weights), kOutline - 1));
    }
    static std::string name_of(const Problem& problem, const Position& tap) {
        std::string name = "W[";
        const std::size_t first = tap.size() - static_cast<std::size_t>(problem.rank);
        for (std::size_t axis = first; axis < tap.size(); ++axis)
            name += (axis == first ? "" : ", ") + std::to_string(tap[axis]);
        return name + "]";
    }

    const Numbers& numbers_;
    std::vector<Problem> problems_;
    std::vector<Field> fields_;
};

Result<void> check(const Problem& problem, const Numbers& numbers) {
    if (!numbers.weights.empty() && static_cast<std::int64_t>(numbers.weights.size()) != problem.weight_elements())
        return Error{ErrorCode::array_mismatch, "the weights have " + std::to_string(numbers.weights.size()) +
                                                    " numbers, but the problem has " +
                                                    std::to_string(problem.weight_elements())};
    double cells = 1;
    for (const Axis& axis : problem.axes) cells *= static_cast<double>(axis.kernel_extent());
    constexpr double kMostCellsOfAKernel = 2500, kLongest = 200;
    for (const Axis& axis : problem.axes)
        if (cells > kMostCellsOfAKernel || static_cast<double>(axis.kernel_extent()) > kLongest)
            return Error{
                ErrorCode::invalid_argument,
                "the kernel of '" + to_text(problem) + "' reaches over " + size_text(problem, extent_of(problem)) +
                    " cells, and at most 2500 are drawn, 200 along an axis; give a smaller kernel or dilation"};
    return {};
}

std::string title_of(const Problem& problem) {
    return shown(to_text(problem), 80) + ": the kernel, spread by dilation";
}

}  // namespace

Result<Scene> kernel_scene(const Problem& problem, const Numbers& numbers) {
    if (auto ok = check(problem, numbers); !ok) return ok.error();
    KernelView view(problem, numbers);
    const std::vector<View*> views{&view};
    Scene scene;
    scene.title = title_of(problem);
    scene.description = caption_of(problem);
    Page page(scene.title);
    page.place(views);
    page.draw_headings(scene, views);
    view.draw(scene, {});
    page.draw_captions(scene, {caption_of(problem)});
    page.draw_legend(scene, {});
    return scene;
}

Result<std::string> kernel_text(const Problem& problem, const Numbers& numbers, const TextOptions& options) {
    if (auto ok = check(problem, numbers); !ok) return ok.error();
    std::size_t width = 1;
    for_each_position(sizes_of(problem, &Axis::kernel), [&](const Position& tap) {
        width = std::max(width, short_number(weight_at(problem, numbers, tap)).size());
    });
    std::vector<TextBlock> blocks;
    for (const Problem& each : spreadings(problem)) {
        const Position extent = extent_of(each);
        TextBlock block;
        const std::string title = dilation_text(each) + ": " + size_text(each, extent);
        block.add(title, columns_of(title));
        for (std::int64_t slice = 0; slice < extent[0]; ++slice) {
            if (each.rank == 3) block.add("slice " + std::to_string(slice), 6 + std::to_string(slice).size());
            for (std::int64_t row = 0; row < extent[1]; ++row) {
                std::string text;
                for (std::int64_t column = 0; column < extent[2]; ++column) {
                    const Position at{slice, row, column};
                    Position tap{};
                    bool is_tap = true;
                    for (std::size_t axis = 0; axis < at.size(); ++axis) {
                        tap[axis] = at[axis] / each.axes[axis].dilation;
                        is_tap = is_tap && at[axis] % each.axes[axis].dilation == 0;
                    }
                    text += written(
                        is_tap ? TextCell{short_number(weight_at(each, numbers, tap)), Mark::none, Role::weights}
                               : TextCell{".", Mark::none, Role::none},
                        width, options.has_color);
                }
                block.add(text, static_cast<std::size_t>(extent[2]) * (width + 2));
            }
        }
        blocks.push_back(block);
    }
    return title_of(problem) + "\n" + caption_of(problem) + "\n\n" + beside(blocks, options.columns);
}

}  // namespace tconv::draw
