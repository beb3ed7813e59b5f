// Twins: for every rule, models that have what it looks for and their siblings that have not. What is found has to be
// exactly what is expected, whatever the file looks like: precision and recall are 1.
#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <sstream>

#include "lint/support.h"

namespace tconv::lint {
namespace {

using namespace test;  // NOLINT(google-build-using-namespace)

const Values kNearest{1, 1}, kBilinear{0.25, 0.75, 0.75, 0.25}, kTent{0.5, 1, 0.5};
constexpr std::int64_t kIn = 16, kOut = 12;

/// A transposed convolution; `taps` empty: random weights.
struct Up {
    std::int64_t kernel, stride, begin, end, output_padding, dilation;
    Values taps;
    Attributes more{};
};

std::string add_up(ModelBuilder& builder, const Form& form, const std::string& x, std::int64_t in, std::int64_t out,
                   const Up& up) {
    const Values weights =
        up.taps.empty() ? random_weights(form.rank, in, out, up.kernel) : product_weights(form.rank, in, out, up.taps);
    const std::string w = place(builder, form, weight_dims(form.rank, in, out, up.kernel), weights);
    Attributes attributes = up.more;
    attributes["strides"] = all_axes(form.rank, up.stride);
    attributes["dilations"] = all_axes(form.rank, up.dilation);
    if (!up.more.contains("auto_pad")) {
        Dims pads = all_axes(form.rank, up.begin);
        pads.insert(pads.end(), static_cast<std::size_t>(form.rank), up.end);
        attributes["pads"] = pads;
    }
    if (up.output_padding > 0) attributes["output_padding"] = all_axes(form.rank, up.output_padding);
    return builder.node("ConvTranspose", {x, w}, attributes);
}

using Build = std::function<void(ModelBuilder&, const Form&)>;

Build single(const Up& up) {
    return [up](ModelBuilder& builder, const Form& form) {
        builder.output(add_up(builder, form, place_input(builder, form, kIn), kIn, kOut, up));
    };
}

// Another branch is added behind an activation.
Build summed(const Up& up) {
    return [up](ModelBuilder& builder, const Form& form) {
        const std::string x = place_input(builder, form, kIn);
        const std::string y = builder.node("Relu", {add_up(builder, form, x, kIn, kOut, up)});
        const std::string other = add_up(builder, form, x, kIn, kOut, {2, 2, 0, 0, 0, 1, kNearest});
        builder.output(builder.node("Add", {y, other}));
    };
}

Build chained(const Up& first, const Up& second) {
    return [first, second](ModelBuilder& builder, const Form& form) {
        const std::string y = add_up(builder, form, place_input(builder, form, kIn), kIn, kOut, first);
        builder.output(add_up(builder, form, builder.node("LeakyRelu", {y}), kOut, kIn, second));
    };
}

Build convolution(std::int64_t kernel, std::int64_t stride) {
    return [=](ModelBuilder& builder, const Form& form) {
        const std::string w = place(builder, form, weight_dims(form.rank, kOut, kIn, kernel),
                                    random_weights(form.rank, kOut, kIn, kernel));
        builder.output(
            builder.node("Conv", {place_input(builder, form, kIn), w}, {{"strides", all_axes(form.rank, stride)}}));
    };
}

enum class Phases { random, equal };

// Conv and DepthToSpace by 2; equal: all phases of a channel have the same weights (ICNR).
Build sub_pixel(Phases weights, Phases biases, const std::string& mode) {
    return [=](ModelBuilder& builder, const Form& given) {
        Form form = given;
        form.rank = 2;
        const Values drawn = random_weights(2, 12, kIn, 3);
        Values values, bias;
        for (std::int64_t channel = 0; channel < 12; ++channel) {
            const std::int64_t c = mode == "CRD" ? channel / 4 : channel % 3;
            const std::int64_t row = weights == Phases::equal ? c : channel;
            values.insert(values.end(), drawn.begin() + row * kIn * 9, drawn.begin() + (row + 1) * kIn * 9);
            bias.push_back(static_cast<double>(biases == Phases::equal ? c : channel) / 8 + 1);
        }
        const std::string w = place(builder, form, {12, kIn, 3, 3}, values), b = place(builder, form, {12}, bias);
        const std::string y =
            builder.node("Conv", {place_input(builder, form, kIn), w, b}, {{"pads", Dims{1, 1, 1, 1}}});
        Attributes attributes{{"blocksize", std::int64_t{2}}};
        if (mode == "CRD") attributes["mode"] = mode;  // else the default, DCR
        builder.output(builder.node("DepthToSpace", {y}, attributes));
    };
}

Build resized(std::int64_t factor, const std::string& mode) {
    return [=](ModelBuilder& builder, const Form& form) {
        const std::string x = place_input(builder, form, kIn);
        Values scales{1, 1};
        scales.insert(scales.end(), static_cast<std::size_t>(form.rank), static_cast<double>(factor));
        const Attributes how{{"mode", mode},
                             {"coordinate_transformation_mode", std::string("asymmetric")},
                             {"nearest_mode", std::string("floor")}};
        const std::string s = builder.tensor({form.rank + 2}, scales);
        const std::string y = form.opset < 10 ? builder.node("Upsample", {x, s}, {{"mode", mode}})
                                              : builder.node("Resize", {x, "", s}, how);
        const std::string w =
            place(builder, form, weight_dims(form.rank, kOut, kIn, 3), random_weights(form.rank, kOut, kIn, 3));
        Dims pads(static_cast<std::size_t>(2 * form.rank), 1);
        builder.output(builder.node("Conv", {y, w}, {{"pads", pads}}));
    };
}

// Down by 2, up by 2, and added to what was there before: meets or does not.
Build skip(const Up& up) {
    return [up](ModelBuilder& builder, const Form& form) {
        const std::string x = place_input(builder, form, kIn, 16);
        const std::string w =
            place(builder, form, weight_dims(form.rank, kIn, kIn, 2), random_weights(form.rank, kIn, kIn, 2));
        const std::string down = builder.node("Conv", {x, w}, {{"strides", all_axes(form.rank, 2)}});
        const std::string y = add_up(builder, form, builder.node("Relu", {down}), kIn, kIn, up);
        builder.output(builder.node("Concat", {x, y}, {{"axis", std::int64_t{1}}}));
    };
}

struct Twin {
    const char* name;
    Build build;
    std::string expected;
};

const Up kClean{2, 2, 0, 0, 0, 1, kNearest};

std::vector<Twin> twins() {
    const Attributes same{{"auto_pad", std::string("SAME_UPPER")}};
    return {
        {"clean", single(kClean), ""},
        {"TC001 short kernel", single({1, 2, 0, 0, 1, 1, {}}), "TC001:error"},
        {"TC001 long enough", single({2, 2, 0, 0, 0, 1, kNearest}), ""},
        {"TC001 dilated onto the stride", single({4, 2, 2, 3, 0, 2, kBilinear}), "TC001:error TC005:note"},
        {"TC001 dilated past it", single({4, 3, 2, 2, 0, 2, {}}), "TC002:warning TC004:warning TC005:note"},
        {"TC001 filled by another branch", summed({1, 2, 0, 0, 1, 1, {}}), "TC001:warning"},
        {"TC002 uneven", single({3, 2, 0, 1, 0, 1, {}}), "TC002:warning TC004:warning TC005:note"},
        {"TC002 uneven, sums equal", single({3, 2, 0, 1, 0, 1, kTent}), "TC002:note TC005:note"},
        {"TC002 enlarged and convolved, as one", single({5, 3, 1, 1, 0, 1, {1, 2, 5, 3, 2}}),
         "TC002:warning TC004:warning TC005:note"},
        {"TC002 the same with its sums", single({5, 3, 1, 1, 0, 1, {1, 3, 6, 5, 3}}), "TC002:note TC005:note"},
        {"TC002 even", single({4, 2, 1, 1, 0, 1, kBilinear}), "TC005:note"},
        {"TC003 random", single({2, 2, 0, 0, 0, 1, {}}), "TC003:note TC004:warning"},
        {"TC003 random, larger", single({4, 2, 1, 1, 0, 1, {}}), "TC003:note TC004:warning TC005:note"},
        {"TC004 half trained", single({2, 2, 0, 0, 0, 1, {1, 1.5}}), "TC004:warning"},
        {"TC004 nearly equal", single({2, 2, 0, 0, 0, 1, {1, 1.0009765625}}), ""},
        {"TC005 all of the ramp cropped", single({4, 2, 2, 2, 0, 1, kBilinear}), "TC011:note"},
        {"TC006 uneven behind uneven", chained({3, 2, 0, 1, 0, 1, {}}, {3, 2, 0, 1, 0, 1, {}}),
         "TC002:warning TC004:warning TC005:note TC002:warning TC004:warning TC005:note TC006:warning"},
        {"TC006 uneven behind even", chained(kClean, {3, 2, 0, 1, 0, 1, {}}), "TC002:warning TC004:warning TC005:note"},
        {"TC007 1x1 by 2", convolution(1, 2), "TC007:note"},
        {"TC007 3x3 by 2", convolution(3, 2), ""},
        {"TC007 1x1 by 1", convolution(1, 1), ""},
        {"TC008 k3 p1 op1", single({3, 2, 1, 1, 1, 1, kTent}), "TC002:note TC005:note TC008:note"},
        {"TC008 k4 p1", single({4, 2, 1, 1, 0, 1, kBilinear}), "TC005:note"},
        {"TC009 random", sub_pixel(Phases::random, Phases::equal, "DCR"), "TC009:warning"},
        {"TC009 biases", sub_pixel(Phases::equal, Phases::random, "CRD"), "TC009:warning"},
        {"TC009 ICNR", sub_pixel(Phases::equal, Phases::equal, "DCR"), ""},
        {"TC009 ICNR, other order", sub_pixel(Phases::equal, Phases::equal, "CRD"), ""},
        {"TC010 odd crop", single({3, 2, 0, 0, 0, 1, kTent, same}), "TC002:note TC005:note TC010:warning"},
        {"TC010 even crop", single({4, 2, 0, 0, 0, 1, kBilinear, same}), "TC005:note"},
        {"TC011 one short", single({3, 2, 1, 1, 0, 1, kTent}), "TC002:note TC011:note"},
        {"TC011 skip that does not meet", skip({3, 2, 1, 1, 0, 1, kTent}), "TC002:note TC011:warning TC011:note"},
        {"TC011 skip that meets", skip(kClean), ""},
        {"nearest and convolution", resized(2, "nearest"), ""},
        {"nearest by 3 and convolution: k5 s3", resized(3, "nearest"), ""},
        {"linear and convolution", resized(2, "linear"), ""},
    };
}

std::vector<Form> forms() {
    std::vector<Form> list{Form{}};
    for (const int rank : {1, 3}) list.push_back({.rank = rank});
    for (const std::int64_t opset : {7, 9, 10, 11, 13, 22}) list.push_back({.opset = opset});
    for (const std::int32_t type : {10, 11}) list.push_back({.type = type});
    list.push_back({.storage = Storage::list});
    list.push_back({.as_constant = true});
    list.push_back({.in_subgraph = true});
    list.push_back({.has_sizes = false});
    list.push_back({.rank = 1, .opset = 11, .type = 10, .as_constant = true, .in_subgraph = true, .has_sizes = false});
    return list;
}

std::multiset<std::string> words(const std::string& text) {
    std::istringstream stream(text);
    std::multiset<std::string> found;
    for (std::string word; stream >> word;) found.insert(word);
    return found;
}

struct Counts {
    int right = 0, missed = 0, invented = 0;
};

TEST(Twins, PrecisionAndRecallAreOne) {
    std::map<std::string, Counts> counts;
    for (const Form& form : forms())
        for (const Twin& twin : twins()) {
            SCOPED_TRACE(std::string(twin.name) + ", rank " + std::to_string(form.rank) + ", opset " +
                         std::to_string(form.opset) + ", type " + std::to_string(form.type));
            const bool is_flat = std::string(twin.name).find("TC009") == 0;
            if (is_flat && form.rank != 2) continue;
            ModelBuilder builder(form.opset, form.ir_version);
            twin.build(builder, form);
            if (form.in_subgraph) builder.wrap_in_if();
            const auto report = lint_model(builder.bytes(), "model.onnx");
            ASSERT_TRUE(report) << report.error().message;
            const std::string answer = test::found(*report);
            EXPECT_EQ(answer, twin.expected) << to_text(*report);
            std::multiset<std::string> expected = words(twin.expected);
            for (const std::string& word : words(answer)) {
                const auto at = expected.find(word);
                ++(at == expected.end() ? counts[word].invented : counts[word].right);
                if (at != expected.end()) expected.erase(at);
            }
            for (const std::string& word : expected) ++counts[word].missed;
        }
    std::set<std::string> rules;
    for (const auto& [word, count] : counts) {
        const int right = count.right;
        std::printf("%-14s %4d cases, precision %.3f, recall %.3f\n", word.c_str(), right + count.missed,
                    right / std::max(1.0, static_cast<double>(right + count.invented)),
                    right / std::max(1.0, static_cast<double>(right + count.missed)));
        rules.insert(word.substr(0, 5));
    }
    EXPECT_EQ(rules.size(), lint::rules().size()) << "every rule has a case";
}

}  // namespace
}  // namespace tconv::lint
