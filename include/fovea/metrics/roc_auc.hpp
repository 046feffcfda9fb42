// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>

#include <fovea/error.hpp>
#include <fovea/metrics/row_weights.hpp>
#include <fovea/metrics/threshold_counts.hpp>
#include <fovea/metrics/validate_binary.hpp>

namespace fovea {

/// Returns the area under the ROC curve: the share of pairs of a positive and a negative row in which the positive one
/// has the higher probability, where a tie counts one half. Agrees with scikit-learn's `roc_auc_score`.
/// Without sample weights, the area is summed in integers, exactly if there are fewer than 2^63 such pairs.
/// Throws what `validate_binary` throws, `numeric_error` if a class is missing, and the errors of sample weights.
///
///     std::vector const probabilities{0.1, 0.4, 0.35, 0.8};
///     std::vector const targets{0, 0, 1, 1};
///     double const area = roc_auc(probabilities, targets);  // 0.75
template <numbers P, numbers Y, row_weights W = equal_weights>
double roc_auc(P const& probabilities, Y const& targets, W const& weights_of_rows = {}) {
  auto const curve =
      fovea::threshold_counts(fovea::numbers_of(probabilities), fovea::numbers_of(targets), weights_of_rows, "roc_auc");
  detail::require_targets("roc_auc", curve, detail::needed_targets::both_classes);
  auto const negatives = curve.back().false_positive, positives = curve.back().true_positive;

  using count = detail::count_of<W>;
  using area = std::conditional_t<std::is_integral_v<count>, std::uint64_t, double>;
  area twice_area = 0;
  count left = 0, below = 0;
  for (auto const& [threshold, right, above] : curve) {
    twice_area += area{right - left} * (below + above);
    left = right;
    below = above;
  }
  return static_cast<double>(twice_area) / (2 * static_cast<double>(negatives) * static_cast<double>(positives));
}

}  // namespace fovea
