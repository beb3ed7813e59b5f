// The engine by hand: plan once, pack once, run as often as you like. Prints what was decided and a few outputs.
#include "tconv/plan.h"

#include <cstdio>
#include <vector>

#include "tconv/problem_text.h"

int main() {
    // [plan]
    using namespace tconv;
    const Problem problem = parse_problem("ic64 oc32 i16x16 k4 s2 p1 bias relu").value();
    const Plan plan = make_plan(problem, Pass::scatter).value();

    const std::vector<float> x(64 * 16 * 16, 0.5F), w(64 * 32 * 4 * 4, 0.01F), bias(32, -0.2F);
    const PackedWeights packed = pack(plan, w.data()).value();
    AlignedBuffer workspace = AlignedBuffer::allocate(plan.workspace_bytes()).value();
    std::vector<float> y(32 * 32 * 32);

    // Allocates nothing, cannot fail half-way, and gives the same bits with any number of threads.
    const RunStatus status =
        run(plan, packed, {.input = x.data(), .bias = bias.data(), .output = y.data(), .workspace = workspace.data()});
    // [/plan]
    std::printf("%s\n", std::string(to_string(status)).c_str());
    std::printf("corner %.2f, edge %.2f, inside %.2f\n", static_cast<double>(y[0]), static_cast<double>(y[1]),
                static_cast<double>(y[33]));
}
