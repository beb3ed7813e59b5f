// Arrays of more than 2^31 elements: what is computed past the reach of 32 bits is right. Whole numbers, so that sums
// are exact; elements are looked at here and there, and where 2^29, 2^30 and 2^31 elements end.
#include <cstdio>
#include <fstream>
#include <random>

#include "methods/support.h"
#include "tconv/buffer.h"

namespace tconv::testing {
namespace {

/// Of Linux; elsewhere nothing is known, and nothing is tried.
double available_gigabytes() {
    std::ifstream file("/proc/meminfo");
    for (std::string line; std::getline(file, line);)
        if (double kilobytes = 0; std::sscanf(line.c_str(), "MemAvailable: %lf", &kilobytes) == 1)
            return kilobytes / 1e6;
    return 0;
}

/// An f32 array of a side or of weights.
class Floats {
public:
    explicit Floats(std::int64_t count)
        : bytes_(AlignedBuffer::allocate(count * 4).value()),
          values_(reinterpret_cast<float*>(bytes_.data())),
          count_(count) {}
    float* data() { return values_; }
    float& operator[](std::int64_t at) { return values_[at]; }
    std::int64_t size() const { return count_; }
    void fill(std::uint32_t seed) {
        for (std::int64_t i = 0; i < count_; ++i) {
            const auto mixed = (static_cast<std::uint32_t>(i) + seed) * 2654435761u;
            values_[i] = static_cast<float>(static_cast<int>(mixed >> 29) - 3);
        }
    }

private:
    AlignedBuffer bytes_;
    float* values_;
    std::int64_t count_;
};

/// Elements to look at: the ends, around powers of two, anywhere.
std::vector<std::int64_t> places_to_look_at(std::int64_t count) {
    std::vector<std::int64_t> places;
    const auto look_around = [&](std::int64_t at) {
        for (std::int64_t i = std::max<std::int64_t>(0, at - 70); i < std::min(count, at + 70); ++i)
            places.push_back(i);
    };
    for (const int power : {0, 29, 30, 31}) look_around(std::int64_t{1} << power);
    look_around(count);
    std::mt19937_64 random(1);
    for (int i = 0; i < 2000; ++i)
        places.push_back(static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(count)));
    return places;
}

/// A problem of one group, channels first, rank 1 or 2, with its arrays; the fine side is the large one, and lies in
/// memory that problems share.
struct Large {
    Large(const Problem& asked, Floats& large_side)
        : problem(asked),
          coarse(problem.coarse_elements()),
          fine(large_side),
          weights(problem.weight_elements()),
          output(std::max(coarse.size(), weights.size())) {
        weights.fill(2);
    }

    // The definition for one element, with its own index arithmetic.
    double scattered(std::int64_t at) {
        const Axis &h = problem.axes[1], &w = problem.axes[2];
        const std::int64_t x = at % w.fine, y = at / w.fine % h.fine, f = at / w.fine / h.fine % problem.fine_channels;
        const std::int64_t n = at / w.fine / h.fine / problem.fine_channels;
        double sum = 0;
        for (std::int64_t j = 0; j < h.kernel; ++j)
            for (std::int64_t k = 0; k < w.kernel; ++k) {
                const std::int64_t up = y + h.padding_begin - j, left = x + w.padding_begin - k;
                if (up % h.stride != 0 || left % w.stride != 0 || up < 0 || left < 0) continue;
                if (up / h.stride >= h.coarse || left / w.stride >= w.coarse) continue;
                for (std::int64_t c = 0; c < problem.coarse_channels; ++c)
                    sum += pixel(n, c, up / h.stride, left / w.stride) * weight(c, f, j, k);
            }
        return sum;
    }
    double gathered(std::int64_t at) {
        const Axis &h = problem.axes[1], &w = problem.axes[2];
        const std::int64_t x = at % w.coarse, y = at / w.coarse % h.coarse;
        const std::int64_t c = at / w.coarse / h.coarse % problem.coarse_channels;
        const std::int64_t n = at / w.coarse / h.coarse / problem.coarse_channels;
        double sum = 0;
        for (std::int64_t f = 0; f < problem.fine_channels; ++f)
            for (std::int64_t j = 0; j < h.kernel; ++j)
                for (std::int64_t k = 0; k < w.kernel; ++k) sum += fine_at(n, f, y, x, j, k) * weight(c, f, j, k);
        return sum;
    }
    double graded(std::int64_t at) {
        const Axis &h = problem.axes[1], &w = problem.axes[2];
        const std::int64_t k = at % w.kernel, j = at / w.kernel % h.kernel, both = at / w.kernel / h.kernel;
        const std::int64_t f = both % problem.fine_channels, c = both / problem.fine_channels;
        double sum = 0;
        for (std::int64_t n = 0; n < problem.batch; ++n)
            for (std::int64_t y = 0; y < h.coarse; ++y)
                for (std::int64_t x = 0; x < w.coarse; ++x)
                    if (const double value = pixel(n, c, y, x); value != 0) sum += value * fine_at(n, f, y, x, j, k);
        return sum;
    }

    double pixel(std::int64_t n, std::int64_t c, std::int64_t y, std::int64_t x) {
        return static_cast<double>(
            coarse[((n * problem.coarse_channels + c) * problem.axes[1].coarse + y) * problem.axes[2].coarse + x]);
    }
    double weight(std::int64_t c, std::int64_t f, std::int64_t j, std::int64_t k) {
        return static_cast<double>(
            weights[((c * problem.fine_channels + f) * problem.axes[1].kernel + j) * problem.axes[2].kernel + k]);
    }
    /// What the coarse (y, x) and tap (j, k) meet; zero outside.
    double fine_at(std::int64_t n, std::int64_t f, std::int64_t y, std::int64_t x, std::int64_t j, std::int64_t k) {
        const Axis &h = problem.axes[1], &w = problem.axes[2];
        const std::int64_t down = y * h.stride + j - h.padding_begin, right = x * w.stride + k - w.padding_begin;
        if (down < 0 || right < 0 || down >= h.fine || right >= w.fine) return 0;
        return static_cast<double>(fine[((n * problem.fine_channels + f) * h.fine + down) * w.fine + right]);
    }

    Problem problem;
    Floats coarse;
    Floats& fine;
    Floats weights, output;
};

void compute(Large& large, Pass pass, const Plan& plan) {
    auto workspace = AlignedBuffer::allocate(plan.workspace_bytes());
    if (pass == Pass::weight_grad) {
        ASSERT_EQ(run_weight_grad(plan, large.coarse.data(), large.fine.data(), large.output.data(), workspace->data()),
                  RunStatus::done);
        return;
    }
    const auto packed = pack(plan, large.weights.data());
    ASSERT_TRUE(packed.ok());
    const bool writes_fine = pass == Pass::scatter;
    ASSERT_EQ(run(plan, *packed,
                  {.input = writes_fine ? large.coarse.data() : large.fine.data(),
                   .output = writes_fine ? large.fine.data() : large.output.data(),
                   .workspace = workspace->data()}),
              RunStatus::done);
}

void check(Large& large, Pass pass) {
    const std::int64_t count = pass == Pass::scatter  ? large.problem.fine_elements()
                               : pass == Pass::gather ? large.problem.coarse_elements()
                                                      : large.problem.weight_elements();
    std::vector<std::int64_t> places = places_to_look_at(count);
    std::shuffle(places.begin(), places.end(), std::mt19937(1));
    if (pass != Pass::scatter) places.resize(std::min<std::size_t>(places.size(), 100));  // the sums are long
    Floats& output = pass == Pass::scatter ? large.fine : large.output;
    for (const std::string_view method : method_names(pass)) {
        if (method == "reference") continue;  // which would need all as doubles
        const auto plan = make_plan(large.problem, pass, {.threads = 2, .method = std::string(method)});
        if (!plan) continue;
        for (const std::int64_t at : places) output[at] = 99;
        compute(large, pass, *plan);
        for (const std::int64_t at : places) {
            const double wanted = pass == Pass::scatter  ? large.scattered(at)
                                  : pass == Pass::gather ? large.gathered(at)
                                                         : large.graded(at);
            ASSERT_EQ(static_cast<double>(output[at]), wanted) << name_of(pass) << " by " << method << ", at " << at;
        }
    }
}

TEST(LargeArrays, AreComputedAsDefined) {
    const double available = available_gigabytes();
    if (available < 12) GTEST_SKIP() << "12 GB of memory are needed, and " << available << " are available";
    std::vector<Problem> problems;
    std::int64_t most = 0;
    // One long row; many channels of several samples.
    for (const char* const text : {"ic1 oc1 i33554441 k3 s64 p1", "n3 ic2 oc32768 i76x76 k1x2 s2"}) {
        problems.push_back(*parse_problem(text));
        ASSERT_GT(problems.back().fine_elements(), std::int64_t{1} << 31);
        most = std::max(most, problems.back().fine_elements());
    }
    Floats fine(most);
    for (const Problem& problem : problems) {
        SCOPED_TRACE(to_text(problem));
        Large large(problem, fine);
        // Few pixels, so that gradients of so many are exact too.
        for (const std::int64_t at : places_to_look_at(large.coarse.size()))
            large.coarse[at] = static_cast<float>(at % 7 - 3);
        check(large, Pass::scatter);
        fine.fill(1);
        check(large, Pass::gather);
        check(large, Pass::weight_grad);
    }
}

}  // namespace
}  // namespace tconv::testing
