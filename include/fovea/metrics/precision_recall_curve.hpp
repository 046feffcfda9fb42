// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include <fovea/error.hpp>
#include <fovea/metrics/confusion_counts.hpp>
#include <fovea/metrics/row_weights.hpp>
#include <fovea/metrics/threshold_counts.hpp>
#include <fovea/metrics/validate_binary.hpp>

namespace fovea {

/// The precision and the recall of predicting positive at `probability >= threshold`.
struct precision_recall_point {
  double precision, recall, threshold;

  bool operator==(precision_recall_point const&) const = default;
};

/// Returns the points of the precision-recall curve: one for each distinct probability as the threshold, in ascending
/// order, then precision 1 and recall 0 at an infinite threshold. Agrees with scikit-learn's
/// `precision_recall_curve(drop_intermediate=False)`, which has no threshold for the last point.
/// Throws what `validate_binary` throws, `numeric_error` if there is no positive target or a probability is infinite,
/// and the errors of sample weights.
///
///     std::vector const probabilities{0.1, 0.4, 0.35, 0.8};
///     std::vector const targets{0, 0, 1, 1};
///     for (auto const& [precision, recall, threshold] : precision_recall_curve(probabilities, targets))
///       std::cout << recall << ' ' << precision << '\n';  // 1 0.5, 1 0.667, 0.5 0.5, 0.5 1, 0 1
template <numbers P, numbers Y, row_weights W = equal_weights>
std::vector<precision_recall_point> precision_recall_curve(P const& probabilities, Y const& targets,
                                                           W const& weights_of_rows = {}) {
  auto const curve = fovea::threshold_counts(probabilities, targets, weights_of_rows, "precision_recall_curve");
  detail::require_targets("precision_recall_curve", curve, detail::needed_targets::a_positive);
  auto const positives = curve.back().true_positive;

  std::vector<precision_recall_point> result{{1, 0, std::numeric_limits<double>::infinity()}};
  for (auto const& point : curve) {
    auto const threshold = detail::finite_threshold("precision_recall_curve", point);
    auto const wrong = point.false_positive, right = point.true_positive;
    result.push_back({detail::share(right, right + wrong), detail::share(right, positives), threshold});
  }
  std::ranges::reverse(result);
  return result;
}

}  // namespace fovea
