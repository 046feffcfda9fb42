// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

#include <fovea/error.hpp>
#include <fovea/metrics/threshold_counts.hpp>
#include <fovea/metrics/validate_binary.hpp>

namespace fovea {

/// Returns the area under the ROC curve: the share of pairs of a positive and a negative row in which the positive one
/// has the higher probability, where a tie counts one half. Agrees with scikit-learn's `roc_auc_score`.
/// The area is summed in integers, exactly if there are fewer than 2^63 such pairs.
/// Throws what `validate_binary` throws, and `numeric_error` if a class is missing.
///
///     std::vector const probabilities{0.1, 0.4, 0.35, 0.8};
///     std::vector const targets{0, 0, 1, 1};
///     double const area = roc_auc(probabilities, targets);  // 0.75
template <number_range P, number_range Y> double roc_auc(P const& probabilities, Y const& targets) {
  auto const curve = fovea::threshold_counts(probabilities, targets, "roc_auc");
  detail::require_targets("roc_auc", curve, detail::needed_targets::both_classes);
  auto const negatives = curve.back().false_positive, positives = curve.back().true_positive;

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
  return fovea::roc_auc(fovea::numbers_of(probabilities), fovea::numbers_of(targets));
}

}  // namespace fovea
