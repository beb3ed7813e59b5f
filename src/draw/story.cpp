#include "draw/story.h"

#include <algorithm>

#include "draw/number.h"
#include "tconv/problem_text.h"
#include "tconv/reference.h"

namespace tconv::draw {
namespace {

constexpr std::size_t kMostLines = 14;

std::vector<std::int64_t> named(const Problem& problem, const Position& at) {
    return {at.end() - problem.rank, at.end()};
}

// Doubles, since hostile sizes have products beyond 64 bits.
double product(const Problem& problem, std::int64_t Axis::* size) {
    double cells = 1;
    for (const Axis& axis : problem.axes) cells *= static_cast<double>(axis.*size);
    return cells;
}

double product(const Position& sizes) {
    return static_cast<double>(sizes[0]) * static_cast<double>(sizes[1]) * static_cast<double>(sizes[2]);
}

std::string told(double count) {
    return count < 1e15 ? std::to_string(static_cast<std::int64_t>(count)) : "over 10^15";
}

struct Amount {
    double cells = 0, steps = 0, events = 0;
    bool is_drawn() const noexcept { return cells <= kMostCells && steps <= kMostSteps && events <= kMostEvents; }
};

Amount amount_of(const Problem& problem) {
    const auto channels = static_cast<double>(problem.coarse_channels);
    const std::int64_t per_group = problem.fine_channels / problem.groups;
    const auto fine_per_group = static_cast<double>(per_group);
    const auto fine_channels = static_cast<double>(problem.fine_channels);
    const double inputs = channels * product(problem, &Axis::coarse);
    const double weights = channels * fine_per_group * product(problem, &Axis::kernel);
    const double outputs = fine_channels * product(problem, &Axis::fine);
    double canvas = fine_channels;
    for (const Axis& axis : problem.axes) canvas *= static_cast<double>(whole_canvas(axis).fine);
    return {inputs + weights + canvas + channels * product(spread_size(problem)), inputs + outputs,
            inputs * fine_per_group * product(problem, &Axis::kernel)};
}

Result<void> check_size(const Problem& problem) {
    const Amount amount = amount_of(problem);
    if (amount.is_drawn()) return {};
    const Problem smaller = smaller_like(problem);
    return Error{ErrorCode::invalid_argument,
                 "'" + to_text(problem) + "' would be a drawing of " + told(amount.cells) + " cells, " +
                     told(amount.steps) + " steps and " + told(amount.events) + " multiplications, and at most " +
                     std::to_string(kMostCells) + ", " + std::to_string(kMostSteps) + " and " +
                     std::to_string(kMostEvents) + " are drawn; " +
                     (amount_of(smaller).is_drawn() ? "the pattern repeats, so draw '" + to_text(smaller) + "'"
                                                    : std::string("give a smaller kernel or stride")) +
                     ", or have one output told in words: `tconv explain --at` without -o"};
}

Result<void> fill(std::vector<double>& values, std::int64_t count, const char* what, bool is_cyclic) {
    if (values.empty())
        for (std::int64_t i = 0; i < count; ++i)
            values.push_back(is_cyclic ? small_number(i) : static_cast<double>(1 + i));
    if (static_cast<std::int64_t>(values.size()) == count) return {};
    return Error{ErrorCode::array_mismatch, std::string("the ") + what + " have " + std::to_string(values.size()) +
                                                " numbers, but the problem has " + std::to_string(count)};
}

Position position_of(std::int64_t index, const Problem& problem, std::int64_t Axis::* size) {
    Position at{};
    for (std::size_t axis = at.size(); axis-- > 0;) {
        at[axis] = index % (problem.axes[axis].*size);
        index /= problem.axes[axis].*size;
    }
    return at;
}

std::int64_t cell_in(const Problem& problem, std::int64_t Axis::* size, std::int64_t channel, const Position& at) {
    std::int64_t cell = channel;
    for (std::size_t axis = 0; axis < at.size(); ++axis) cell = cell * (problem.axes[axis].*size) + at[axis];
    return cell;
}

void put_stamps(Story& story) {
    const Problem& problem = story.problem;
    const std::int64_t positions = problem.coarse_positions(), fine = story.canvas.fine_positions();
    story.counts.assign(static_cast<std::size_t>(problem.fine_channels * fine), 0);
    std::vector<double> sums(story.counts.size());
    for (std::size_t i = 0; i < sums.size(); ++i) sums[i] = story.start_value(static_cast<std::int64_t>(i) / fine);
    for (std::int64_t i = 0; i < problem.coarse_channels * positions; ++i) {
        const Position at = position_of(i % positions, problem, &Axis::coarse);
        const std::int64_t offset = reference::coarse_offset(problem, 0, i / positions, at);
        story.stamps.push_back({i / positions, at, story.numbers.input[static_cast<std::size_t>(offset)], {}});
    }
    reference::for_each_event(story.canvas, [&](const Event& e) {
        const std::int64_t index = cell_in(problem, &Axis::coarse, e.coarse_channel, e.coarse);
        Stamp& stamp = story.stamps[static_cast<std::size_t>(index)];
        const auto cell = static_cast<std::size_t>(story.canvas_cell(e.fine_channel, e.fine));
        Deposit deposit{e, story.is_kept(e.fine), stamp.x, 0, 0, 0};
        deposit.w = story.numbers.weights[static_cast<std::size_t>(
            reference::weight_offset(problem, e.coarse_channel, e.weight_channel, e.tap))];
        deposit.product = deposit.x * deposit.w;
        deposit.sum = sums[cell] += deposit.product;
        ++story.counts[cell];
        stamp.deposits.push_back(deposit);
    });
    for (std::int64_t i = 0; i < problem.fine_channels * problem.fine_positions(); ++i) {
        const Position at = position_of(i % problem.fine_positions(), problem, &Axis::fine);
        const auto cell = story.canvas_cell(i / problem.fine_positions(), story.to_canvas(at));
        story.output.push_back(reference::activate(problem.activation, sums[static_cast<std::size_t>(cell)]));
    }
}

}  // namespace

Axis whole_canvas(Axis axis) noexcept {
    axis.fine = std::max(axis.full_size(), axis.fine + axis.padding_begin);
    axis.padding_begin = axis.padding_end = 0;
    return axis;
}

double small_number(std::int64_t index) noexcept { return static_cast<double>(1 + (index + index / 9) % 9); }

Problem smaller_like(const Problem& problem, std::int64_t most) {
    Problem smaller = problem;
    smaller.batch = 1;
    smaller.name.clear();
    for (Axis& axis : smaller.spatial()) {
        const std::int64_t enough = axis.kernel_extent() / axis.stride + 2;
        const std::int64_t output_padding = axis.output_padding();
        const std::int64_t wanted = std::min(enough, problem.rank == 3 ? 3 : most);
        const std::int64_t coarse = std::min(axis.coarse, std::max<std::int64_t>(3, wanted));
        const bool is_usual = output_padding >= 0 && output_padding < std::max(axis.stride, axis.dilation);
        axis.coarse = coarse;
        const std::int64_t cropped = axis.full_size() - axis.padding_begin - axis.padding_end;
        axis.fine = std::max<std::int64_t>(1, cropped + (is_usual ? output_padding : 0));
    }
    const std::int64_t groups = std::min<std::int64_t>(problem.groups, 2);
    const auto channels = [&](std::int64_t all) { return groups * std::min<std::int64_t>(all / problem.groups, 2); };
    smaller.coarse_channels = channels(problem.coarse_channels);
    smaller.fine_channels = channels(problem.fine_channels);
    smaller.groups = groups;
    return smaller;
}

Position spread_size(const Problem& problem, Position* first) {
    Position size{};
    for (std::size_t axis = 0; axis < size.size(); ++axis) {
        const Axis& a = problem.axes[axis];
        const std::int64_t begin = std::min<std::int64_t>(0, a.padding_begin - (a.kernel_extent() - 1));
        const std::int64_t end = std::max((a.coarse - 1) * a.stride + 1, a.padding_begin + a.fine);
        if (first) (*first)[axis] = begin;
        size[axis] = end - begin;
    }
    return size;
}

bool Story::is_kept(const Position& on_canvas) const noexcept {
    for (std::size_t axis = 0; axis < on_canvas.size(); ++axis) {
        const std::int64_t at = on_canvas[axis] - problem.axes[axis].padding_begin;
        if (at < 0 || at >= problem.axes[axis].fine) return false;
    }
    return true;
}

Position Story::to_output(const Position& on_canvas) const noexcept {
    Position at = on_canvas;
    for (std::size_t axis = 0; axis < at.size(); ++axis) at[axis] -= problem.axes[axis].padding_begin;
    return at;
}

Position Story::to_canvas(const Position& in_output) const noexcept {
    Position at = in_output;
    for (std::size_t axis = 0; axis < at.size(); ++axis) at[axis] += problem.axes[axis].padding_begin;
    return at;
}

std::int64_t Story::canvas_cell(std::int64_t channel, const Position& on_canvas) const noexcept {
    return cell_in(canvas, &Axis::fine, channel, on_canvas);
}

double Story::start_value(std::int64_t channel) const noexcept {
    return problem.has_bias ? numbers.bias[static_cast<std::size_t>(channel)] : 0;
}

double Story::output_at(std::int64_t channel, const Position& in_output) const noexcept {
    return output[static_cast<std::size_t>(cell_in(problem, &Axis::fine, channel, in_output))];
}

std::string Story::name(const char* array, std::vector<std::int64_t> channels, const Position& at) const {
    if (problem.coarse_channels == 1 && problem.fine_channels == 1) channels.clear();
    for (const std::int64_t index : named(problem, at)) channels.push_back(index);
    std::string text = array;
    for (std::size_t i = 0; i < channels.size(); ++i) text += (i == 0 ? "[" : ", ") + std::to_string(channels[i]);
    return text + "]";
}

void Story::for_each_term(std::int64_t channel, const Position& in_output,
                          const std::function<void(const Event&, double, double)>& visit) const {
    reference::for_each_event_at(problem, channel, in_output, [&](const Event& e) {
        const std::int64_t x = reference::coarse_offset(problem, 0, e.coarse_channel, e.coarse);
        const std::int64_t w = reference::weight_offset(problem, e.coarse_channel, e.weight_channel, e.tap);
        visit(e, numbers.input[static_cast<std::size_t>(x)], numbers.weights[static_cast<std::size_t>(w)]);
    });
}

std::string Story::formula(std::int64_t channel, const Position& in_output) const {
    std::string text = name("y", {channel}, in_output) + " = " + short_number(output_at(channel, in_output));
    const std::string activation = to_text(problem.activation);
    if (!activation.empty()) text += "\n= " + activation + " of";
    const char* const first = activation.empty() ? "\n= " : "\n";
    if (problem.has_bias) text += first + ("bias " + short_number(start_value(channel)));
    std::size_t lines = 0;
    for_each_term(channel, in_output, [&](const Event& e, double x, double w) {
        if (++lines > kMostLines) return;
        text += (lines == 1 && !problem.has_bias ? first : "\n+ ") + name("x", {e.coarse_channel}, e.coarse) +
                " \u00b7 " + name("W", {e.coarse_channel, e.weight_channel}, e.tap) + " = " + short_number(x) +
                " \u00b7 " + short_number(w);
    });
    if (lines > kMostLines) text += "\n+ " + std::to_string(lines - kMostLines) + " more";
    if (lines == 0) text += "\nno tap reaches it";
    return text;
}

std::string Story::equation(std::int64_t channel, const Position& in_output) const {
    std::string sum;
    const auto add = [&](const std::string& term) { sum += (sum.empty() ? "" : " + ") + term; };
    if (problem.has_bias) add("bias " + short_number(start_value(channel)));
    std::size_t terms = 0;
    for_each_term(channel, in_output, [&](const Event&, double x, double w) {
        if (++terms <= kMostLines) add(short_number(x) + " \u00b7 " + short_number(w));
    });
    if (terms > kMostLines) add(std::to_string(terms - kMostLines) + " more");
    const std::string activation = to_text(problem.activation);
    if (terms == 0) sum += sum.empty() ? "no tap reaches it" : ", no tap reaches it";
    const std::string y = name("y", {channel}, in_output) + " = " + short_number(output_at(channel, in_output));
    if (terms == 0 && !problem.has_bias) return y + ": " + sum;
    return y + " = " + (activation.empty() ? sum : activation + "(" + sum + ")");
}

Result<Story> tell(const Problem& given, Numbers numbers) {
    const auto refuse = [](const char* sentence) { return Error{ErrorCode::invalid_argument, sentence}; };
    if (given.has_sum)
        return refuse(
            "a drawing shows what the stamps add up to, and has no residual to add; leave `sum` out of the text");
    if (given.coarse_channels == 0 || given.fine_channels == 0)
        return refuse("without channels there is nothing to draw; give at least one input and one output channel");
    Story story{given, given, std::move(numbers), {}, {}, {}};
    for (Axis& axis : story.canvas.axes) axis = whole_canvas(axis);
    story.problem.batch = story.canvas.batch = 1;
    if (auto ok = check_size(story.problem); !ok) return ok.error();
    const Problem& problem = story.problem;
    if (auto ok = fill(story.numbers.input, problem.coarse_elements(), "inputs", true); !ok) return ok.error();
    if (auto ok = fill(story.numbers.weights, problem.weight_elements(), "weights", true); !ok) return ok.error();
    if (auto ok = fill(story.numbers.bias, problem.has_bias ? problem.fine_channels : 0, "biases", false); !ok)
        return ok.error();
    put_stamps(story);
    return story;
}

}  // namespace tconv::draw
