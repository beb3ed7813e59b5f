#include "draw/text_view.h"

#include <algorithm>
#include <functional>

#include "draw/arrays.h"
#include "draw/metrics.h"
#include "draw/number.h"
#include "tconv/problem_text.h"

namespace tconv::draw {
namespace {

class Writer {
public:
    Writer(const Story& story, TraceView view, const TextOptions& options)
        : story_(story), view_(view), options_(options) {
        const auto fits = [&](double value) { cell_ = std::max(cell_, short_number(value).size()); };
        for (const double x : story.numbers.input) fits(x);
        for (const double w : story.numbers.weights) fits(w);
        for (const double y : story.output) fits(y);
        for (const Stamp& stamp : story.stamps)
            for (const Deposit& deposit : stamp.deposits) {
                fits(deposit.sum);
                if (view == TraceView::stamps) fits(deposit.product);
            }
        sums_.resize(story.counts.size());
        reached_.assign(story.counts.size(), 0);
        for (std::size_t i = 0; i < sums_.size(); ++i)
            sums_[i] = story.start_value(static_cast<std::int64_t>(i) / story.canvas.fine_positions());
    }

    std::vector<std::string> steps() {
        const std::vector<std::string> lines = captions(story_, view_);
        const std::size_t stamps = view_ == TraceView::gather ? 0 : story_.stamps.size();
        std::vector<std::string> all;
        for (std::size_t step = 0; step < lines.size(); ++step) {
            stamp_ = step >= 1 && step <= stamps ? &story_.stamps[step - 1] : nullptr;
            is_done_ = step + 1 == lines.size();
            gathered_ = is_done_ ? static_cast<std::int64_t>(story_.output.size())
                                 : std::max<std::int64_t>(
                                       0, static_cast<std::int64_t>(step) - static_cast<std::int64_t>(stamps));
            look_at(step > stamps && !is_done_ ? gathered_ - 1 : -1);
            if (stamp_)
                for (const Deposit& deposit : stamp_->deposits) {
                    sums_[cell_of(deposit)] = deposit.sum;
                    reached_[cell_of(deposit)] = 1;
                }
            std::string text = lines[step] + "\n";
            if (view_ != TraceView::gather) text += beside({input(), weights(false), canvas()}, options_.columns);
            if (view_ == TraceView::stamps && stamp_) text += beside({stamp_alone()}, options_.columns);
            if (is_gathering(view_)) text += beside({spread(), weights(true), output()}, options_.columns);
            all.push_back(text);
        }
        return all;
    }

private:
    std::size_t cell_of(const Deposit& deposit) const {
        return static_cast<std::size_t>(story_.canvas_cell(deposit.event.fine_channel, deposit.event.fine));
    }

    // The output that is gathered in this step, and the events that end in it.
    void look_at(std::int64_t index) {
        events_.clear();
        output_index_ = index;
        if (index < 0) return;
        std::int64_t seen = 0;
        for (std::int64_t channel = 0; channel < story_.problem.fine_channels; ++channel)
            for_each_position(output_size(story_), [&](const Position& at) {
                if (seen++ != index) return;
                output_channel_ = channel;
                output_at_ = at;
                reference::for_each_event_at(story_.problem, channel, at,
                                             [&](const Event& e) { events_.push_back(e); });
            });
    }

    template <class Claim>
    bool any_event(Claim&& claim) const {
        return std::any_of(events_.begin(), events_.end(), claim);
    }

    // Panels as in a Field: a row of them for each row, their cells from cell_at(channel, position).
    TextBlock block(const Field& field, const std::function<TextCell(std::int64_t, const Position&)>& cell_at) const {
        TextBlock block;
        block.add(field.title, columns_of(field.title));
        const auto cells = static_cast<std::size_t>(field.size[2]) * (cell_ + 2);
        std::size_t pitch = cells;
        for (const std::string& label : field.labels) pitch = std::max(pitch, label.size());
        pitch += 2;
        for (std::int64_t first = 0; first < field.panels; first += field.panel_columns) {
            std::string labels;
            for (std::int64_t i = first; i < first + field.panel_columns && !field.labels.empty(); ++i) {
                const std::string& label = field.labels[static_cast<std::size_t>(i)];
                labels += label + std::string(pitch - label.size(), ' ');
            }
            if (!labels.empty()) block.add(labels, labels.size());
            for (std::int64_t row = 0; row < field.size[1]; ++row) {
                std::string line;
                for (std::int64_t i = first; i < first + field.panel_columns; ++i) {
                    for (std::int64_t column = 0; column < field.size[2]; ++column)
                        line += written(cell_at(i / field.size[0], {i % field.size[0], row, column}), cell_,
                                        options_.has_color);
                    line += std::string(pitch - cells, ' ');
                }
                block.add(line, pitch * static_cast<std::size_t>(field.panel_columns));
            }
        }
        return block;
    }

    TextBlock input() const {
        return block(input_field(story_), [&](std::int64_t channel, const Position& at) {
            const bool is_lit =
                (stamp_ && stamp_->channel == channel && stamp_->coarse == at) ||
                any_event([&](const Event& e) { return e.coarse_channel == channel && e.coarse == at; });
            return TextCell{short_number(input_value(channel, at)), is_lit ? Mark::lit : Mark::none, Role::input};
        });
    }

    double input_value(std::int64_t channel, const Position& at) const {
        return story_.numbers.input[static_cast<std::size_t>(reference::coarse_offset(story_.problem, 0, channel, at))];
    }

    TextBlock weights(bool is_turned) const {
        const Problem& problem = story_.problem;
        const std::int64_t per_group = problem.fine_channels / problem.groups;
        const Field field = is_turned ? turned_weights_field(story_) : weights_field(story_);
        return block(field, [&](std::int64_t pair, Position tap) {
            for (std::size_t axis = 0; axis < tap.size() && is_turned; ++axis)
                tap[axis] = problem.axes[axis].kernel - 1 - tap[axis];
            const bool is_lit =
                (stamp_ && problem.coarse_channels > 1 && !is_turned && stamp_->channel == pair / per_group) ||
                any_event([&](const Event& e) {
                    return weight_panel(problem, e.coarse_channel, e.weight_channel) == pair && e.tap == tap;
                });
            const double w = story_.numbers.weights[static_cast<std::size_t>(
                reference::weight_offset(problem, pair / per_group, pair % per_group, tap))];
            return TextCell{short_number(w), is_lit ? Mark::lit : Mark::none, Role::weights};
        });
    }

    TextBlock canvas() const {
        return block(canvas_field(story_), [&](std::int64_t channel, const Position& at) {
            const auto index = static_cast<std::size_t>(story_.canvas_cell(channel, at));
            const bool is_kept = story_.is_kept(at), is_reached = reached_[index] != 0;
            const bool is_stamped = stamp_ && std::any_of(stamp_->deposits.begin(), stamp_->deposits.end(),
                                                          [&](const Deposit& d) { return cell_of(d) == index; });
            const bool is_meant =
                output_index_ >= 0 && channel == output_channel_ && is_kept && story_.to_output(at) == output_at_;
            const bool is_empty = is_kept && story_.counts[index] == 0;
            TextCell cell;
            const bool is_written = is_reached || (is_kept && story_.problem.has_bias) || (is_empty && is_done_);
            const double held = is_kept && is_done_ ? story_.output_at(channel, story_.to_output(at)) : sums_[index];
            cell.text = is_written ? short_number(held) : is_kept && !is_empty ? "." : "";
            cell.mark = is_stamped || is_meant ? Mark::lit
                        : !is_kept             ? Mark::cropped
                        : is_empty             ? Mark::empty
                                               : Mark::none;
            if (is_stamped)
                cell.role = Role::weights;
            else if (is_kept && is_reached)
                cell.role = Role::output;
            return cell;
        });
    }

    TextBlock stamp_alone() const {
        Field field = canvas_field(story_);
        field.role = Role::weights;
        field.title = "its stamp alone";
        return block(field, [&](std::int64_t channel, const Position& at) {
            for (const Deposit& deposit : stamp_->deposits)
                if (deposit.event.fine_channel == channel && deposit.event.fine == at)
                    return TextCell{short_number(deposit.product), deposit.is_kept ? Mark::lit : Mark::cropped,
                                    Role::weights};
            return TextCell{".", story_.is_kept(at) ? Mark::none : Mark::cropped, Role::none};
        });
    }

    TextBlock spread() const {
        Position first{};
        spread_size(story_.problem, &first);
        return block(spread_field(story_), [&](std::int64_t channel, const Position& at) {
            Position coarse{};
            bool is_input = true, is_covered = output_index_ >= 0;
            for (std::size_t axis = 0; axis < at.size(); ++axis) {
                const Axis& on = story_.problem.axes[axis];
                const std::int64_t u = at[axis] + first[axis];
                coarse[axis] = u / on.stride;
                is_input = is_input && u >= 0 && u % on.stride == 0 && coarse[axis] < on.coarse;
                const std::int64_t behind = output_at_[axis] + on.padding_begin - u;
                is_covered = is_covered && behind >= 0 && behind % on.dilation == 0 && behind / on.dilation < on.kernel;
            }
            const std::int64_t per_group = story_.problem.coarse_channels / story_.problem.groups;
            const std::int64_t group = output_channel_ / (story_.problem.fine_channels / story_.problem.groups);
            is_covered = is_covered && channel / per_group == group;
            const bool is_stamped = is_input && stamp_ && stamp_->channel == channel && stamp_->coarse == coarse;
            return TextCell{is_input ? short_number(input_value(channel, coarse)) : "0",
                            is_covered || is_stamped ? Mark::lit : Mark::none, is_input ? Role::input : Role::none};
        });
    }

    TextBlock output() const {
        return block(output_field(story_), [&](std::int64_t channel, const Position& at) {
            const std::int64_t index = channel * story_.problem.fine_positions() + flat_index(at, output_size(story_));
            const bool is_empty = reference::count_events_at(story_.problem, at) == 0;
            TextCell cell;
            cell.text = index < gathered_ ? short_number(story_.output_at(channel, at)) : is_empty ? "" : ".";
            cell.mark = index == output_index_ ? Mark::lit : is_empty ? Mark::empty : Mark::none;
            if (index < gathered_) cell.role = Role::output;
            return cell;
        });
    }

    const Story& story_;
    TraceView view_;
    TextOptions options_;
    std::size_t cell_ = 1;  ///< characters of the longest number
    std::vector<double> sums_;
    std::vector<char> reached_;
    const Stamp* stamp_ = nullptr;
    bool is_done_ = false;
    std::int64_t gathered_ = 0, output_index_ = -1, output_channel_ = 0;
    Position output_at_{};
    std::vector<Event> events_;
};

}  // namespace

std::string text_heading(const Story& story) {
    return shown(to_text(story.problem), 80) + ": transposed convolution\n" + kMarks;
}

std::vector<std::string> text_steps(const Story& story, TraceView view, const TextOptions& options) {
    return Writer(story, view, options).steps();
}

}  // namespace tconv::draw
