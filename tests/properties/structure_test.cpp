// What the passes owe to the shape of a problem: stamps, phases, groups, ranks, layouts, batches, and the event trace.
#include <cmath>
#include <limits>
#include <numeric>
#include <set>

#include "random_problem.h"
#include "tconv/geometry.h"
#include "tconv/trace.h"

namespace tconv::testing {
namespace {

using reference::Event;
using reference::Position;

std::size_t index(std::int64_t at) { return static_cast<std::size_t>(at); }

RC_GTEST_PROP(Structure, AnImpulseGivesTheStamp, ()) {
    const Problem p = *any_problem();
    RC_PRE(p.coarse_elements() > 0);
    const auto w = any_weights(p);
    const std::int64_t n = *rc::gen::inRange<std::int64_t>(0, p.batch),
                       c = *rc::gen::inRange<std::int64_t>(0, p.coarse_channels);
    Position i{};
    for (std::size_t axis = 0; axis < i.size(); ++axis)
        i[axis] = *rc::gen::inRange<std::int64_t>(0, p.axes[axis].coarse);
    std::vector<double> x(index(p.coarse_elements()), 0);
    x[index(reference::coarse_offset(p, n, c, i))] = 1;
    const auto y = scatter(p, x, w);

    std::vector<double> stamp(y.size(), 0);
    const std::int64_t per_group = p.fine_channels / p.groups, group = c / (p.coarse_channels / p.groups);
    Position j{};
    for (j[0] = 0; j[0] < p.axes[0].kernel; ++j[0])
        for (j[1] = 0; j[1] < p.axes[1].kernel; ++j[1])
            for (j[2] = 0; j[2] < p.axes[2].kernel; ++j[2]) {
                Position o{};
                bool is_inside = true;
                for (std::size_t axis = 0; axis < o.size(); ++axis) {
                    o[axis] =
                        i[axis] * p.axes[axis].stride + j[axis] * p.axes[axis].dilation - p.axes[axis].padding_begin;
                    is_inside = is_inside && o[axis] >= 0 && o[axis] < p.axes[axis].fine;
                }
                for (std::int64_t f = 0; is_inside && f < per_group; ++f)
                    stamp[index(reference::fine_offset(p, n, group * per_group + f, o))] +=
                        w[index(reference::weight_offset(p, c, f, j))];
            }
    RC_ASSERT(y == stamp);
}

// Independent loops: out[o] = sum_u x[u] * w[o + p - u], a full correlation with the flipped kernel.
RC_GTEST_PROP(Structure, StrideOneIsAFullCorrelationWithTheFlippedKernel, ()) {
    Problem p = *any_problem(1);
    p.batch = p.groups = p.coarse_channels = p.fine_channels = 1;
    Axis& a = p.axes[2];
    a.stride = a.dilation = 1;
    a.padding_begin = std::min(a.padding_begin, a.kernel - 1);
    a.padding_end = 0;
    a.fine = a.full_size() - a.padding_begin;
    const auto x = any_coarse(p), w = any_weights(p);
    const std::int64_t margin = a.kernel - 1 - a.padding_begin;
    std::vector<double> padded(index(margin), 0);
    padded.insert(padded.end(), x.begin(), x.end());
    padded.resize(index(a.fine + a.kernel - 1), 0);
    const std::vector<double> flipped(w.rbegin(), w.rend());
    std::vector<double> y(index(a.fine), 0);
    for (std::size_t o = 0; o < y.size(); ++o)
        for (std::size_t k = 0; k < flipped.size(); ++k) y[o] += padded[o + k] * flipped[k];
    RC_ASSERT(scatter(p, x, w) == y);
}

RC_GTEST_PROP(Structure, PhasesPartitionThePairsOfOutputAndTap, ()) {
    const Axis axis = *any_axis(7);
    std::set<std::pair<std::int64_t, std::int64_t>> from_phases, from_definition;
    std::int64_t empty = 0;
    for (std::int64_t phase = 0; phase < axis.stride; ++phase) {
        const PhaseTaps taps = taps_of_phase(axis, phase);
        empty += taps.count == 0;
        for (std::int64_t t = 0; t < taps.count; ++t)
            for (std::int64_t o = 0; o < axis.fine; ++o)
                if (phase_of(axis, o) == phase) RC_ASSERT(from_phases.emplace(o, taps.first + t * taps.step).second);
    }
    for (std::int64_t o = 0; o < axis.fine; ++o)
        for (std::int64_t j = 0; j < axis.kernel; ++j)
            if ((o + axis.padding_begin - j * axis.dilation) % axis.stride == 0) from_definition.emplace(o, j);
    RC_ASSERT(from_phases == from_definition);
    RC_ASSERT(empty == empty_phases(axis));
}

// The problem of one group, and its slice of an array with `channels` channels.
std::vector<double> channel_slice(const Problem& p, const std::vector<double>& array, std::int64_t channels,
                                  std::int64_t positions, std::int64_t group) {
    const std::int64_t per_group = channels / p.groups;
    std::vector<double> slice;
    const bool first = p.layout == Layout::channels_first;
    for (std::int64_t n = 0; n < p.batch; ++n)
        for (std::int64_t outer = 0; outer < (first ? per_group : positions); ++outer)
            for (std::int64_t inner = 0; inner < (first ? positions : per_group); ++inner) {
                const std::int64_t channel = group * per_group + (first ? outer : inner);
                const std::int64_t position = first ? inner : outer;
                slice.push_back(array[index(first ? (n * channels + channel) * positions + position
                                                  : (n * positions + position) * channels + channel)]);
            }
    return slice;
}

RC_GTEST_PROP(Structure, GroupsAreSeparateProblems, ()) {
    const Problem p = *any_problem();
    const auto x = any_coarse(p), w = any_weights(p);
    const auto y = scatter(p, x, w);
    Problem one = p;
    one.groups = 1;
    one.coarse_channels /= p.groups;
    one.fine_channels /= p.groups;
    for (std::int64_t g = 0; g < p.groups; ++g) {
        const auto begin = w.begin() + g * one.weight_elements();
        const auto part = scatter(one, channel_slice(p, x, p.coarse_channels, p.coarse_positions(), g),
                                  std::vector<double>(begin, begin + one.weight_elements()));
        RC_ASSERT(part == channel_slice(p, y, p.fine_channels, p.fine_positions(), g));
    }
}

RC_GTEST_PROP(Structure, ALowerRankIsAHigherOneWithASizeOfOne, ()) {
    const Problem p = *rc::gen::oneOf(any_problem(1), any_problem(2));
    Problem higher = p;
    ++higher.rank;
    const auto x = any_coarse(p), w = any_weights(p), y = any_fine(p);
    RC_ASSERT(scatter(p, x, w) == scatter(higher, x, w));
    RC_ASSERT(gather(p, y, w) == gather(higher, y, w));
    RC_ASSERT(weight_grad(p, x, y) == weight_grad(higher, x, y));
}

// (N, C, positions) as (N, positions, C).
std::vector<double> to_channels_last(const std::vector<double>& array, std::int64_t batch, std::int64_t channels,
                                     std::int64_t positions) {
    std::vector<double> moved(array.size());
    for (std::int64_t n = 0; n < batch; ++n)
        for (std::int64_t c = 0; c < channels; ++c)
            for (std::int64_t at = 0; at < positions; ++at)
                moved[index((n * positions + at) * channels + c)] = array[index((n * channels + c) * positions + at)];
    return moved;
}

RC_GTEST_PROP(Structure, TheLayoutMovesNumbersAndChangesNone, ()) {
    Problem p = *any_problem();
    p.layout = Layout::channels_first;
    Problem last = p;
    last.layout = Layout::channels_last;
    const auto x = any_coarse(p), w = any_weights(p), y = any_fine(p);
    const auto coarse_last = [&](const auto& a) {
        return to_channels_last(a, p.batch, p.coarse_channels, p.coarse_positions());
    };
    const auto fine_last = [&](const auto& a) {
        return to_channels_last(a, p.batch, p.fine_channels, p.fine_positions());
    };
    RC_ASSERT(scatter(last, coarse_last(x), w) == fine_last(scatter(p, x, w)));
    RC_ASSERT(gather(last, fine_last(y), w) == coarse_last(gather(p, y, w)));
    RC_ASSERT(weight_grad(last, coarse_last(x), fine_last(y)) == weight_grad(p, x, y));
}

RC_GTEST_PROP(Structure, ABatchIsItsSamples, ()) {
    Problem p = *any_problem();
    p.batch = 3;
    Problem one = p;
    one.batch = 1;
    const auto x = any_coarse(p), w = any_weights(p);
    const auto y = scatter(p, x, w);
    for (std::int64_t n = 0; n < p.batch; ++n) {
        const auto sample = [&](const auto& a, std::int64_t size) {
            return std::vector<double>(a.begin() + n * size, a.begin() + (n + 1) * size);
        };
        RC_ASSERT(scatter(one, sample(x, one.coarse_elements()), w) == sample(y, one.fine_elements()));
    }
}

RC_GTEST_PROP(Trace, ItsEventsAreTheScatter, ()) {
    Problem p = *any_problem();
    p.batch = 1;
    const auto x = any_coarse(p), w = any_weights(p);
    std::vector<double> y(index(p.fine_elements()), 0);
    std::int64_t events = 0;
    reference::for_each_event(p, [&](const Event& e) {
        ++events;
        y[index(reference::fine_offset(p, 0, e.fine_channel, e.fine))] +=
            x[index(reference::coarse_offset(p, 0, e.coarse_channel, e.coarse))] *
            w[index(reference::weight_offset(p, e.coarse_channel, e.weight_channel, e.tap))];
    });
    RC_ASSERT(y == scatter(p, x, w));
    std::int64_t pairs = p.coarse_channels * (p.fine_channels / p.groups);
    for (const Axis& axis : p.axes) pairs *= meeting_pairs(axis);
    RC_ASSERT(events == pairs);
}

RC_GTEST_PROP(Trace, TheEventsAtAnOutputAreItsSum, ()) {
    Problem p = *any_problem();
    p.batch = 1;
    RC_PRE(p.fine_channels > 0);
    const auto x = any_coarse(p), w = any_weights(p);
    const auto y = scatter(p, x, w);
    Position o{};
    for (std::size_t axis = 0; axis < o.size(); ++axis) o[axis] = *rc::gen::inRange<std::int64_t>(0, p.axes[axis].fine);
    const std::int64_t f = *rc::gen::inRange<std::int64_t>(0, p.fine_channels);
    double sum = 0;
    std::int64_t count = 0;
    reference::for_each_event_at(p, f, o, [&](const Event& e) {
        ++count;
        sum += x[index(reference::coarse_offset(p, 0, e.coarse_channel, e.coarse))] *
               w[index(reference::weight_offset(p, e.coarse_channel, e.weight_channel, e.tap))];
    });
    RC_ASSERT(sum == y[index(reference::fine_offset(p, 0, f, o))]);
    RC_ASSERT(count == reference::count_events_at(p, o));
}

// A NaN or an infinity reaches exactly the outputs that its element feeds, whatever the weights beside it are.
RC_GTEST_PROP(Structure, NonFiniteInputsTravelOnlyWhereTheSumSays, ()) {
    Problem p = *any_problem();
    p.batch = 1;
    RC_PRE(p.coarse_elements() > 0);
    auto x = any_coarse(p);
    const auto w = any_weights(p);
    const std::int64_t bad = *rc::gen::inRange<std::int64_t>(0, p.coarse_elements());
    x[index(bad)] =
        *rc::gen::element(std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity());
    const auto y = scatter(p, x, w);
    std::set<std::int64_t> fed;
    reference::for_each_event(p, [&](const Event& e) {
        if (reference::coarse_offset(p, 0, e.coarse_channel, e.coarse) == bad)
            fed.insert(reference::fine_offset(p, 0, e.fine_channel, e.fine));
    });
    for (std::size_t i = 0; i < y.size(); ++i)
        RC_ASSERT(std::isfinite(y[i]) == !fed.contains(static_cast<std::int64_t>(i)));
}

RC_GTEST_PROP(Text, CanonicalFormRoundTrips, ()) {
    const Problem p = *any_problem();
    const auto read = parse_problem(to_text(p));
    RC_ASSERT(read.ok());
    RC_ASSERT(*read == p);
    RC_ASSERT(to_text(*read) == to_text(p));
}

}  // namespace
}  // namespace tconv::testing
