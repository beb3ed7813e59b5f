#include "random_problem.h"

#include <cstdlib>
#include <limits>

namespace tconv::testing {
namespace {

// RapidCheck reads RC_PARAMS when the first property runs; what the user sets goes first.
[[maybe_unused]] const int more_cases_than_usual = setenv("RC_PARAMS", "max_success=400", /*overwrite=*/0);

std::vector<double> nans(std::int64_t count) {
    return std::vector<double>(static_cast<std::size_t>(count), std::numeric_limits<double>::quiet_NaN());
}

}  // namespace

std::vector<double> scatter(const Problem& p, const std::vector<double>& coarse, const std::vector<double>& weights,
                            const reference::Epilogue& epilogue) {
    std::vector<double> fine = nans(p.fine_elements());
    reference::scatter(p, coarse.data(), weights.data(), epilogue, fine.data());
    return fine;
}

std::vector<double> gather(const Problem& p, const std::vector<double>& fine, const std::vector<double>& weights,
                           const reference::Epilogue& epilogue) {
    std::vector<double> coarse = nans(p.coarse_elements());
    reference::gather(p, fine.data(), weights.data(), epilogue, coarse.data());
    return coarse;
}

std::vector<double> weight_grad(const Problem& p, const std::vector<double>& coarse, const std::vector<double>& fine) {
    std::vector<double> weights = nans(p.weight_elements());
    reference::weight_grad(p, coarse.data(), fine.data(), weights.data());
    return weights;
}

}  // namespace tconv::testing
