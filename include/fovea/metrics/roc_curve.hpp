// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <limits>
#include <vector>

#include <fovea/error.hpp>
#include <fovea/metrics/confusion_counts.hpp>
#include <fovea/metrics/row_weights.hpp>
#include <fovea/metrics/threshold_counts.hpp>
#include <fovea/metrics/validate_binary.hpp>

namespace fovea {

/// The false and the true positive rate of predicting positive at `probability >= threshold`.
struct roc_point {
  double false_positive_rate, true_positive_rate, threshold;

  bool operator==(roc_point const&) const = default;
};

/// Returns the points of the ROC curve: (0, 0) at an infinite threshold, then one for each distinct probability as the
/// threshold, in descending order, to (1, 1). Agrees with scikit-learn's `roc_curve(drop_intermediate=False)`.
/// Throws what `validate_binary` throws, `numeric_error` if a class is missing or a probability is infinite,
/// and the errors of sample weights.
///
///     std::vector const probabilities{0.1, 0.4, 0.35, 0.8};
///     std::vector const targets{0, 0, 1, 1};
///     for (auto const& [fpr, tpr, threshold] : roc_curve(probabilities, targets))
///       std::cout << fpr << ' ' << tpr << '\n';  // 0 0, 0 0.5, 0.5 0.5, 0.5 1, 1 1
template <numbers P, numbers Y, row_weights W = equal_weights>
std::vector<roc_point> roc_curve(P const& probabilities, Y const& targets, W const& weights_of_rows = {}) {
  auto const curve = fovea::threshold_counts(probabilities, targets, weights_of_rows, "roc_curve");
  detail::require_targets("roc_curve", curve, detail::needed_targets::both_classes);
  auto const negatives = curve.back().false_positive, positives = curve.back().true_positive;

  auto const infinity = std::numeric_limits<double>::infinity();
  std::vector<roc_point> result{{0, 0, infinity}};
  for (auto const& point : curve) {
    auto const threshold = detail::finite_threshold("roc_curve", point);
    auto const wrong = point.false_positive, right = point.true_positive;
    result.push_back({detail::share(wrong, negatives), detail::share(right, positives), threshold});
  }
  return result;
}

}  // namespace fovea
