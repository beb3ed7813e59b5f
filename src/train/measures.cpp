#include "train/measures.h"

#include <Eigen/Eigenvalues>
#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "tconv/flat_field.h"

namespace tconv::train {
namespace {

constexpr std::int64_t kBatch = 250;

// A normal distribution.
struct Normal {
    Eigen::VectorXd mean;
    Eigen::MatrixXd covariance;
};

Normal fit(const Seen& seen) {
    using Rows = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
    const Eigen::Map<const Rows> rows(seen.features.data(), seen.count(), Classifier::kFeatures);
    Normal normal;
    normal.mean = rows.colwise().mean();
    const Rows centered = rows.rowwise() - normal.mean.transpose();
    normal.covariance = centered.transpose() * centered / std::max<double>(1, static_cast<double>(seen.count() - 1));
    return normal;
}

// Of a symmetric matrix without negative eigenvalues, but for rounding.
Eigen::MatrixXd square_root(const Eigen::MatrixXd& matrix) {
    const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(matrix);
    const Eigen::VectorXd roots = solver.eigenvalues().cwiseMax(0).cwiseSqrt();
    return solver.eigenvectors() * roots.asDiagonal() * solver.eigenvectors().transpose();
}

}  // namespace

void look_at(Classifier& classifier, const Tensor& pictures, Seen& seen) {
    const autograd::NoGrad no_grad;
    classifier.eval();
    const autograd::Variable features = classifier.features(in_quick_order(pictures));
    const Tensor scores = classifier.last(features).data(), seen_features = features.data();
    classifier.train();
    for (const float value : seen_features.as<float>()) seen.features.push_back(static_cast<double>(value));
    const auto all = scores.as<float>();
    for (std::size_t begin = 0; begin < all.size(); begin += kClasses) {
        const auto of_one = all.subspan(begin, kClasses);
        seen.classes.push_back(
            static_cast<std::uint8_t>(std::max_element(of_one.begin(), of_one.end()) - of_one.begin()));
    }
}

Seen look_at_all(Classifier& classifier, const Fashion& data) {
    Seen seen;
    for (std::int64_t begin = 0; begin < data.count(); begin += kBatch) {
        std::vector<std::int64_t> indices(static_cast<std::size_t>(std::min(kBatch, data.count() - begin)));
        std::iota(indices.begin(), indices.end(), begin);
        look_at(classifier, padded_pictures(data, indices), seen);
    }
    return seen;
}

double accuracy(Classifier& classifier, const Fashion& data) {
    const Seen seen = look_at_all(classifier, data);
    std::int64_t right = 0;
    for (std::size_t i = 0; i < seen.classes.size(); ++i) right += seen.classes[i] == data.labels[i] ? 1 : 0;
    return static_cast<double>(right) / static_cast<double>(data.count());
}

double class_balance(const Seen& seen) {
    std::array<std::int64_t, kClasses> counts{};
    for (const std::uint8_t shown : seen.classes) ++counts[shown];
    double entropy = 0;
    for (const std::int64_t count : counts) {
        const double share = static_cast<double>(count) / static_cast<double>(seen.count());
        if (count > 0) entropy -= share * std::log(share);
    }
    return entropy / std::log(static_cast<double>(kClasses));
}

double frechet_distance(const Seen& a, const Seen& b) {
    const Normal first = fit(a), second = fit(b);
    const Eigen::MatrixXd root = square_root(first.covariance);
    // sqrt(S1 S2) has the trace of the symmetric sqrt(sqrt(S1) S2 sqrt(S1)).
    const double mixed = square_root(root * second.covariance * root).trace();
    return (first.mean - second.mean).squaredNorm() + first.covariance.trace() + second.covariance.trace() - 2 * mixed;
}

void MeanPicture::add(const Tensor& pictures) {
    const auto values = pictures.as<float>();
    for (std::size_t i = 0; i < values.size(); ++i)
        sum_[i % sum_.size()] += (static_cast<double>(values[i]) + 1) * 127.5;
    count_ += pictures.shape(0);
}

Result<double> MeanPicture::pattern(std::int64_t period) const {
    std::vector<double> mean = sum_;
    for (double& value : mean) value /= static_cast<double>(std::max<std::int64_t>(count_, 1));
    const std::int64_t sizes[] = {kImageSize, kImageSize}, periods[] = {period, period}, margin[] = {4, 4};
    const auto found =
        checkerboard::flat_field_pattern({.channels = 1, .sizes = sizes, .period = periods, .margin = margin}, mean);
    if (!found) return found.error();
    return found->peak_to_peak;
}

}  // namespace tconv::train
