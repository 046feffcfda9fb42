// SPDX-License-Identifier: MIT
#pragma once

#include <fovea/error.hpp>
#include <fovea/metrics/row_weights.hpp>
#include <fovea/metrics/threshold_counts.hpp>
#include <fovea/metrics/validate_binary.hpp>

namespace fovea {

/// Returns the average precision: the sum over the distinct thresholds of precision times the increase in recall, without
/// interpolation. Agrees with scikit-learn's `average_precision_score`.
/// Throws what `validate_binary` throws, `numeric_error` if there is no positive target, and the errors of sample weights.
///
///     std::vector const probabilities{0.1, 0.4, 0.35, 0.8};
///     std::vector const targets{0, 0, 1, 1};
///     double const ap = average_precision(probabilities, targets);  // 0.8333
template <numbers P, numbers Y, row_weights W = equal_weights>
double average_precision(P const& probabilities, Y const& targets, W const& weights_of_rows = {}) {
  auto const curve = fovea::threshold_counts(probabilities, targets, weights_of_rows, "average_precision");
  detail::require_targets("average_precision", curve, detail::needed_targets::a_positive);
  auto const positives = curve.back().true_positive;

  double sum = 0;
  detail::count_of<W> found = 0;
  for (auto const& [threshold, wrong, right] : curve) {
    sum += static_cast<double>(right - found) * static_cast<double>(right) / static_cast<double>(right + wrong);
    found = right;
  }
  return sum / static_cast<double>(positives);
}

}  // namespace fovea
