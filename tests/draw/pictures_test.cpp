// Pictures beside traces: what stands in their cells is counted and multiplied anew from the reference's events.
#include "draw/pictures.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <regex>
#include <string>

#include "draw/overlap_scene.h"
#include "draw/sizes_scene.h"
#include "draw/solver_scene.h"
#include "draw/strip.h"
#include "legible.h"
#include "problems.h"
#include "tconv/problem_text.h"
#include "tconv/trace.h"

namespace tconv::draw {
namespace {

Problem parsed(const std::string& text) { return parse_problem(text).value(); }

Scene drawn(const std::string& view, const std::string& text, Numbers numbers = {}) {
    return find_picture(view).value()->scene(parsed(text), std::move(numbers)).value();
}

// {name: value} of what can be pointed at; names beginning with `prefix`.
std::map<std::string, std::string> hits_of(const Scene& scene, const std::string& prefix = "") {
    std::map<std::string, std::string> found;
    for (const Hit& hit : scene.hits)
        if (hit.name.starts_with(prefix)) {
            EXPECT_TRUE(found.emplace(hit.name, hit.value).second) << hit.name;
        }
    return found;
}

std::string name_of(const Problem& problem, const Position& at) {
    std::string name = "y[";
    const std::size_t first = at.size() - static_cast<std::size_t>(problem.rank);
    for (std::size_t axis = first; axis < at.size(); ++axis)
        name += (axis == first ? "" : ", ") + std::to_string(at[axis]);
    return name + "]";
}

class PictureOfAProblem : public testing::TestWithParam<const char*> {};

TEST_P(PictureOfAProblem, OverlapIsTheNumberOfEvents) {
    Problem problem = parsed(GetParam());
    problem.coarse_channels = problem.fine_channels = problem.groups = problem.batch = 1;
    std::map<std::string, std::int64_t> counts;
    for_each_position(sizes_of(problem, &Axis::fine), [&](const Position& at) { counts[name_of(problem, at)] = 0; });
    reference::for_each_event(problem, [&](const reference::Event& e) { ++counts[name_of(problem, e.fine)]; });
    const auto found = hits_of(overlap_scene(problem), "y[");
    if (problem.rank < 3) {
        EXPECT_EQ(found.size(), counts.size());
    }
    EXPECT_FALSE(found.empty());
    for (const auto& [name, value] : found) EXPECT_EQ(value, std::to_string(counts.at(name))) << name;
}

TEST_P(PictureOfAProblem, StampsAddUpToTheOutput) {
    const Story story = tell(smaller_like(parsed(GetParam())), {}).value();
    const Scene scene = find_picture("stamps").value()->scene(story.problem, {}).value();
    std::map<std::string, double> products;
    for (const auto& [name, value] : hits_of(scene))
        if (name.find("\u00b7") != std::string::npos) products[name] = std::stod(value);
    std::size_t events = 0;
    for (const Stamp& stamp : story.stamps)
        for (const Deposit& deposit : stamp.deposits) {
            const reference::Event& e = deposit.event;
            const std::string name = story.name("x", {e.coarse_channel}, e.coarse) + " \u00b7 " +
                                     story.name("W", {e.coarse_channel, e.weight_channel}, e.tap);
            ++events;
            EXPECT_EQ(products.at(name), deposit.product) << name;
        }
    EXPECT_EQ(products.size(), events);
}

TEST_P(PictureOfAProblem, TheKernelHasItsTapsAndNoOthers) {
    const Problem problem = parsed(GetParam());
    const Scene scene = find_picture("kernel").value()->scene(problem, {}).value();
    std::map<std::string, int> seen;
    for (const Hit& hit : scene.hits) ++seen[hit.name + " = " + hit.value];
    EXPECT_EQ(seen.size(), static_cast<std::size_t>(problem.taps()));
    for (const auto& [name, count] : seen) EXPECT_EQ(count, seen.begin()->second) << name;
}

// The sentences of derive_size() and the lines of the picture go together, one step each.
TEST_P(PictureOfAProblem, SizesGrowSentenceBySentence) {
    const Problem problem = parsed(GetParam());
    const SizeDerivation derivation = derive_size(problem);
    const Scene scene = sizes_scene(problem);
    ASSERT_EQ(scene.steps, static_cast<int>(derivation.steps.size()));
    std::vector<std::string> outputs;
    int last = -1;
    for (const Hit& hit : scene.hits) {
        EXPECT_LT(hit.step, scene.steps) << hit.name;
        EXPECT_GE(hit.step, last);
        last = hit.step;
        if (hit.name == "output y") outputs.push_back(hit.value);
    }
    EXPECT_EQ(last, scene.last_step());
    std::vector<std::string> sizes;
    for (const std::int64_t size : derivation.output_size) sizes.push_back(std::to_string(size));
    if (outputs.size() < sizes.size()) sizes.resize(outputs.size());  // axes that are alike
    EXPECT_EQ(outputs, sizes);
}

INSTANTIATE_TEST_SUITE_P(Pictures, PictureOfAProblem, testing::ValuesIn(kDrawn));

TEST(Overlap, TheStampsAboveALineAreTheEvents) {
    int lines = 0;
    for (const char* text : kDrawn) {
        Problem problem = parsed(text);
        if (problem.rank != 1) continue;
        ++lines;
        problem.coarse_channels = problem.fine_channels = problem.groups = 1;
        std::map<std::string, std::string> events, drawn;
        reference::for_each_event(problem, [&](const reference::Event& e) {
            events["x[" + std::to_string(e.coarse[2]) + "] \u00b7 W[" + std::to_string(e.tap[2]) + "]"] =
                name_of(problem, e.fine);
        });
        for (const auto& [name, value] : hits_of(overlap_scene(problem), "x["))
            if (value.starts_with("y[")) drawn[name] = value;
        EXPECT_EQ(drawn, events) << text;
    }
    EXPECT_GE(lines, 4);
}

TEST(Overlap, SaysTheRatio) {
    EXPECT_EQ(overlap_sentence(parsed("i9x9 k3 s2")),
              "uneven: outputs away from the borders collect 1 to 4 taps (4 to 1)");
    EXPECT_EQ(overlap_sentence(parsed("i9 k4 s2 p1")), "even: every output away from the borders collects 2 taps");
    EXPECT_EQ(overlap_sentence(parsed("i9 k1")), "even: every output away from the borders collects 1 tap");
    EXPECT_EQ(overlap_sentence(parsed("i9x9 k4 s2 d2")),
              "holes: away from the borders 75 % of the outputs collect no tap, the others 16 taps");
    EXPECT_EQ(overlap_sentence(parsed("i3x9 k8 s2")),
              "even: every output away from the borders collects 16 taps; in this output none is that far in");
    EXPECT_EQ(overlap_sentence(parsed("i4 k7 s2")),
              "uneven: outputs away from the borders collect 3 to 4 taps (1.33 to 1)");
}

TEST(Overlap, IsGoldenAsText) {
    EXPECT_EQ(overlap_text(parsed("i3x2 k3x2 s2x3 p1x0"), {}),
              "i3x2 k3x2 s2x3 p1x0: taps that reach each output\n"
              "holes: away from the borders 33.3 % of the outputs collect no tap, the others 1 to 2 taps (2 to 1)\n"
              "[ ] meant now   / / cropped by the padding   # # empty: no tap reaches it\n"
              "\n"
              "input x (3 \u00d7 2), output y (5 \u00d7 5), framed in the full 7 \u00d7 5\n"
              "/1//1//0//1//1/\n"
              " 1  1 #0# 1  1\n"
              " 2  2 #0# 2  2\n"
              " 1  1 #0# 1  1\n"
              " 2  2 #0# 2  2\n"
              " 1  1 #0# 1  1\n"
              "/1//1//0//1//1/\n");
    EXPECT_THAT(overlap_text(parsed("i1000 k3 s2"), {}), testing::HasSubstr(" 1  2  ...  2  1 "));
}

TEST(Kernel, IsGoldenAsText) {
    const auto text = find_picture("kernel").value()->text(parsed("i2x2 k2x3 d1x2"), {}, {});
    ASSERT_TRUE(text.ok());
    EXPECT_EQ(
        text->steps.at(0),
        "i2x2 k2x3 d1x2: the kernel, spread by dilation\n"
        "the kernel reaches d(k\u22121)+1 = 1\u00b71+1 = 2, d(k\u22121)+1 = 2\u00b72+1 = 5 along its axes; its taps "
        "are no more than before\n"
        "\n"
        "dilation 1: 2 \u00d7 3   dilation 1 \u00d7 2: 2 \u00d7 5\n"
        " 1  2  3             1  .  2  .  3\n"
        " 4  5  6             4  .  5  .  6\n");
}

TEST(Kernel, ShowsTheDilationsUpToItsOwn) {
    const auto titles = [](const Scene& scene) {
        std::vector<std::string> found;
        for (const Text* text : texts_of(scene, 0))
            if (text->text.starts_with("dilation")) found.push_back(text->text);
        return found;
    };
    EXPECT_THAT(titles(drawn("kernel", "i2x2 k2 d3")),
                testing::ElementsAre("dilation 1: 2 \u00d7 2", "dilation 2: 3 \u00d7 3", "dilation 3: 4 \u00d7 4"));
    EXPECT_THAT(titles(drawn("kernel", "i2 k2 d9")), testing::ElementsAre("dilation 1: 2", "dilation 9: 10"));
    EXPECT_THAT(titles(drawn("kernel", "i2 k2")), testing::ElementsAre("dilation 1: 2"));
    const auto given = hits_of(drawn("kernel", "i2 k2", {{}, {0.5, -1}, {}}));
    EXPECT_EQ(given.at("W[1]"), "-1");
}

TEST(Pictures, RefuseWhatWouldBeTooLarge) {
    for (const Picture& picture : pictures())
        for (const char* text : {"i10000x10000 k4 s2 p1", "i4 k100000", "i2x2 k40 d40", "ic512 oc512 i2x2 k2"}) {
            const auto scene = picture.scene(parsed(text), {});
            if (scene) {
                EXPECT_LT(scene->items.size(), 20000U) << picture.name << ' ' << text;
                EXPECT_LT(scene->width, 3000) << picture.name << ' ' << text;
                continue;
            }
            EXPECT_EQ(scene.error().code, ErrorCode::invalid_argument);
            EXPECT_THAT(scene.error().message, testing::HasSubstr("draw"));
            EXPECT_FALSE(picture.text(parsed(text), {}, {}).ok());
        }
    const auto stamps = find_picture("stamps").value()->scene(parsed("i12x12 k3 s2"), {});
    ASSERT_FALSE(stamps.ok());
    EXPECT_THAT(stamps.error().message, testing::HasSubstr("--view scatter"));
}

TEST(Pictures, AreFoundByName) {
    EXPECT_EQ(picture_names(), "scatter, gather, both, stamps, overlap or kernel");
    for (const Picture& picture : pictures()) EXPECT_EQ(find_picture(picture.name).value(), &picture);
    EXPECT_THAT(find_picture("side").error().message, testing::HasSubstr("scatter, gather, both"));
}

TEST(Pictures, AreTheSameAsTextWithColours) {
    for (const char* view : {"stamps", "overlap", "kernel"})
        for (const char* text : kDrawn) {
            const Picture& picture = *find_picture(view).value();
            const auto plain = picture.text(parsed(text), {}, {}),
                       coloured = picture.text(parsed(text), {}, {.has_color = true});
            ASSERT_EQ(plain.ok(), coloured.ok());
            if (!plain) continue;
            ASSERT_EQ(plain->steps.size(), coloured->steps.size());
            const std::regex colour("\033\\[[0-9;]*m"), blanks(" +\n");
            for (std::size_t i = 0; i < plain->steps.size(); ++i)
                EXPECT_EQ(std::regex_replace(std::regex_replace(coloured->steps[i], colour, ""), blanks, "\n"),
                          plain->steps[i])
                    << view << ' ' << text;
        }
}

TEST(Sizes, AreLegibleHoweverLong) {
    for (const char* text : {"i1000 k4 s2 p1", "i1099511627776 k3 s2", "i4 k64 s32 p16", "i1000000 k1000 s500 p250",
                             "i3 k3 s1000000000", "i5 k2 s3 d1000 p400", "i2 k2 s3 o900", "i2x900 k2x7 s2x3",
                             "i2x3x400 k2 s2", "i2 k3 p2:0 o1", "i60 k3 s7 p100:3"}) {
        expect_legible(sizes_scene(parsed(text)), text);
        expect_legible(overlap_scene(parsed(text)), text);
        EXPECT_LT(sizes_scene(parsed(text)).items.size(), 3000U) << text;
    }
}

TEST(Solver, CountsWhatReachesTheOutputs) {
    const SizeQuestion question{5, 11, 4, 3};
    const auto solutions = solve_size(question).value();
    ASSERT_GT(solutions.size(), 10U);
    const Scene scene = solver_scene(question, solutions, 10);
    ASSERT_EQ(scene.hits.size(), 10U * 11);
    for (std::size_t i = 0; i < scene.hits.size(); ++i) {
        const SizeSolution& found = solutions[i / 11];
        const auto o = static_cast<std::int64_t>(i % 11);
        std::int64_t count = 0;
        for (std::int64_t at = 0; at < question.from; ++at)
            for (std::int64_t tap = 0; tap < found.kernel; ++tap)
                count += at * found.stride + tap * found.dilation - found.padding == o;
        EXPECT_EQ(scene.hits[i].name, "y[" + std::to_string(o) + "]");
        EXPECT_EQ(scene.hits[i].value, std::to_string(count)) << i / 11;
    }
    expect_legible(scene, "solver");
    expect_legible(solver_scene({1 << 30, 1 << 30, 5, 5}, solve_size({1 << 30, 1 << 30, 5, 5}).value(), 25), "large");
    expect_legible(solver_scene({1, 1, 8, 8}, solve_size({1, 1, 8, 8}).value(), 1000), "all");
}

TEST(Windows, HaveTheEndsAndSayWhatIsLeftOut) {
    const Axis axis = parsed("i1000 k4 s2 p30").spatial()[0];
    const Window window(axis, 20);
    ASSERT_EQ(window.parts().size(), 2U);
    EXPECT_TRUE(window.shows(30) && window.shows(30 + axis.fine - 1));
    EXPECT_FALSE(window.shows(0) || window.shows(1000));
    EXPECT_EQ(window.gaps().size(), 3U);
    std::int64_t rows = 0;
    window.for_each_row([&](std::int64_t row) {
        EXPECT_TRUE(window.shows(row));
        ++rows;
    });
    EXPECT_EQ(rows, 20);
    EXPECT_EQ(window.cells(), 23);
    EXPECT_TRUE(Window::of_output(axis, 5000).gaps().empty());
    EXPECT_EQ(Window::of_output(axis, 5000).place(30), 0);
}

TEST(Wrapping, KeepsTermsTogether) {
    EXPECT_EQ(wrapped("y = 7 = 1 \u00b7 3 + 2 \u00b7 2", 5.5, 4),
              (std::vector<std::string>{"y = 7", "= 1 \u00b7 3", "+ 2 \u00b7 2"}));
    EXPECT_EQ(wrapped("one line", 100, 4), std::vector<std::string>{"one line"});
    const auto cut = wrapped("a b c d e f g h i j k l m n o p", 3, 2);
    ASSERT_EQ(cut.size(), 2U);
    EXPECT_TRUE(cut[1].ends_with(" ..."));
    EXPECT_LE(ems(cut[1]), 3);
    EXPECT_EQ(wrapped("", 3, 2), std::vector<std::string>{""});
}

// Real numbers are longer than small whole ones, and are written all the same.
TEST(Cells, GrowForTheirNumbers) {
    const Problem problem = parsed("ic2 oc1 i2x3 k3 s2 p1");
    Numbers numbers;
    for (std::int64_t i = 0; i < problem.coarse_elements(); ++i)
        numbers.input.push_back(-0.012345 * static_cast<double>(i + 1));
    const Scene scene = find_picture("both").value()->scene(problem, std::move(numbers)).value();
    std::size_t written = 0;
    for (const Text* text : texts_of(scene, scene.last_step())) written += text->text == "-0.0123";
    EXPECT_GE(written, 2U);
    expect_legible(scene, "real numbers");
}

TEST(Captions, StayLegibleHoweverLong) {
    const Problem problem = parsed("ic6 oc2 i2x2 k2");
    Numbers numbers;
    for (std::int64_t i = 0; i < problem.coarse_elements(); ++i)
        numbers.input.push_back(-1.0 / 7 - static_cast<double>(i));
    const Scene scene = find_picture("gather").value()->scene(problem, std::move(numbers)).value();
    for (int step = 0; step < scene.steps; ++step)
        for (const Text* text : texts_of(scene, step))
            if (text->text.find("y[") != std::string::npos) {
                EXPECT_GE(text->size, 12) << text->text;
            }
}

}  // namespace
}  // namespace tconv::draw
