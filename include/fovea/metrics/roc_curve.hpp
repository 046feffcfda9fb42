// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <limits>
#include <vector>

#include <fovea/error.hpp>
#include <fovea/metrics/confusion_counts.hpp>
#include <fovea/metrics/threshold_counts.hpp>
#include <fovea/metrics/validate_binary.hpp>

namespace fovea {

/// What predicting positive at `probability >= threshold` finds of either class.
struct roc_point {
  double false_positive_rate, true_positive_rate, threshold;

  bool operator==(roc_point const&) const = default;
};

/// The points of the ROC curve, from (0, 0), whose threshold is infinite, through each distinct probability downwards
/// to (1, 1); scikit-learn's `roc_curve(drop_intermediate=False)`.
/// Throws as `validate_binary` does, and `numeric_error` when a class is missing or a probability is infinite.
template <numbers P, numbers Y> std::vector<roc_point> roc_curve(P const& probabilities, Y const& targets) {
  auto const curve = threshold_counts(numbers_of(probabilities), numbers_of(targets), "roc_curve");
  if (curve.empty()) throw numeric_error("roc_curve: no rows, must have both classes");
  auto const negatives = curve.back().false_positive, positives = curve.back().true_positive;
  if (negatives == 0) throw numeric_error("roc_curve: all targets are 1, must have both classes");
  if (positives == 0) throw numeric_error("roc_curve: all targets are 0, must have both classes");

  auto const infinity = std::numeric_limits<double>::infinity();
  std::vector<roc_point> result{{0, 0, infinity}};
  for (auto const& [at, wrong, right] : curve) {
    auto const threshold = static_cast<double>(at);
    if (std::isinf(threshold)) throw numeric_error("roc_curve: a probability is infinite");
    result.push_back({detail::share(wrong, negatives), detail::share(right, positives), threshold});
  }
  return result;
}

}  // namespace fovea
