// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>

#include <fovea/error.hpp>
#include <fovea/metrics/threshold_counts.hpp>
#include <fovea/metrics/validate_binary.hpp>

namespace fovea {

/// Returns the average precision: the sum over the distinct thresholds of precision times the increase in recall, without
/// interpolation. Agrees with scikit-learn's `average_precision_score`.
/// Throws what `validate_binary` throws, and `numeric_error` if there is no positive target.
///
///     std::vector const probabilities{0.1, 0.4, 0.35, 0.8};
///     std::vector const targets{0, 0, 1, 1};
///     double const ap = average_precision(probabilities, targets);  // 0.8333
template <number_range P, number_range Y> double average_precision(P const& probabilities, Y const& targets) {
  auto const curve = fovea::threshold_counts(probabilities, targets, "average_precision");
  detail::require_targets("average_precision", curve, detail::needed_targets::a_positive);
  auto const positives = curve.back().true_positive;

  double sum = 0;
  std::size_t found = 0;
  for (auto const& [threshold, wrong, right] : curve) {
    sum += static_cast<double>(right - found) * static_cast<double>(right) / static_cast<double>(right + wrong);
    found = right;
  }
  return sum / static_cast<double>(positives);
}

template <numbers P, numbers Y> double average_precision(P const& probabilities, Y const& targets) {
  return fovea::average_precision(fovea::numbers_of(probabilities), fovea::numbers_of(targets));
}

}  // namespace fovea
