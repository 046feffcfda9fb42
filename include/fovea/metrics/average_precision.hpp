// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>

#include <fovea/error.hpp>
#include <fovea/metrics/threshold_counts.hpp>
#include <fovea/metrics/validate_binary.hpp>

namespace fovea {

/// The mean precision over the positives found, one step for each distinct probability and nothing interpolated;
/// scikit-learn's `average_precision_score`.
/// Throws as `validate_binary` does, and `numeric_error` when there is no positive target.
template <number_range P, number_range Y> double average_precision(P const& probabilities, Y const& targets) {
  auto const curve = threshold_counts(probabilities, targets, "average_precision");
  if (curve.empty()) throw numeric_error("average_precision: no rows, must have a positive one");
  auto const positives = curve.back().true_positive;
  if (positives == 0) throw numeric_error("average_precision: all targets are 0, must have a positive one");

  double sum = 0;
  std::size_t found = 0;
  for (auto const& [threshold, wrong, right] : curve) {
    sum += static_cast<double>(right - found) * static_cast<double>(right) / static_cast<double>(right + wrong);
    found = right;
  }
  return sum / static_cast<double>(positives);
}

template <numbers P, numbers Y> double average_precision(P const& probabilities, Y const& targets) {
  return average_precision(numbers_of(probabilities), numbers_of(targets));
}

}  // namespace fovea
