// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

#include <fovea/error.hpp>
#include <fovea/metrics/threshold_counts.hpp>
#include <fovea/metrics/validate_binary.hpp>

namespace fovea {

/// The area under the ROC curve: the chance that a positive row has a higher probability than a negative one, ties
/// counting half; scikit-learn's `roc_auc_score`. Exact but for one division while positives x negatives is below 2^63.
/// Throws as `validate_binary` does, and `numeric_error` when a class is missing.
template <number_range P, number_range Y> double roc_auc(P const& probabilities, Y const& targets) {
  auto const curve = threshold_counts(probabilities, targets, "roc_auc");
  if (curve.empty()) throw numeric_error("roc_auc: no rows, must have both classes");
  auto const negatives = curve.back().false_positive, positives = curve.back().true_positive;
  if (negatives == 0) throw numeric_error("roc_auc: all targets are 1, must have both classes");
  if (positives == 0) throw numeric_error("roc_auc: all targets are 0, must have both classes");

  std::uint64_t twice_area = 0;
  std::size_t left = 0, below = 0;
  for (auto const& [threshold, right, above] : curve) {
    twice_area += std::uint64_t{right - left} * (below + above);
    left = right;
    below = above;
  }
  return static_cast<double>(twice_area) / (2 * static_cast<double>(negatives) * static_cast<double>(positives));
}

template <numbers P, numbers Y> double roc_auc(P const& probabilities, Y const& targets) {
  return roc_auc(numbers_of(probabilities), numbers_of(targets));
}

}  // namespace fovea
