// How good generated pictures are, beyond looks: which kinds of clothes the classifier sees in them, how far its
// features of them lie from those of held-out real pictures, and whether a pattern repeats in their mean.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "tconv/result.h"
#include "train/fashion.h"
#include "train/networks.h"

namespace tconv::train {

/// What the classifier sees in pictures.
struct Seen {
    std::vector<double> features;       ///< count * Classifier::kFeatures
    std::vector<std::uint8_t> classes;  ///< what it takes each for

    /// The number of pictures.
    std::int64_t count() const noexcept { return static_cast<std::int64_t>(classes.size()); }
};

/// Adds pictures (N, 1, 32, 32) to what was seen; by the running statistics.
void look_at(Classifier& classifier, const Tensor& pictures, Seen& seen);

/// Everything of a part, in batches.
Seen look_at_all(Classifier& classifier, const Fashion& data);

/// The share of pictures that the classifier takes for what they are.
double accuracy(Classifier& classifier, const Fashion& data);

/// Entropy of the classes by that of equal shares: 1 where all are as frequent, 0 where there is one.
double class_balance(const Seen& seen);

/// The Fréchet distance of normal distributions fitted to both sets of features, squared as Heusel et al. 2017 define
/// it: |m1 - m2|^2 + trace(S1 + S2 - 2 sqrt(S1 S2)). It falls with the number of pictures, so compare equal numbers.
double frechet_distance(const Seen& a, const Seen& b);

/// The sum of pictures, to see what repeats in them.
class MeanPicture {
public:
    void add(const Tensor& pictures);
    /// The checkerboard measure (flat_field.h) of the mean, 4 pixels away from its borders: peak to peak of the phase
    /// means with this period in both axes, in levels of 8-bit pictures. Errors: those of flat_field_pattern().
    Result<double> pattern(std::int64_t period) const;

private:
    std::vector<double> sum_ = std::vector<double>(kImageSize * kImageSize, 0);
    std::int64_t count_ = 0;
};

}  // namespace tconv::train
