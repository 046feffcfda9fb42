// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <type_traits>

#include <fovea/error.hpp>
#include <fovea/metrics/confusion_counts.hpp>
#include <fovea/metrics/row_weights.hpp>
#include <fovea/metrics/validate_binary.hpp>
#include <fovea/scalar/is_finite.hpp>

namespace fovea {

/// Returns the confusion counts of predicting positive at `probability >= threshold`, scikit-learn's rule. Agrees with
/// scikit-learn's `confusion_matrix`.
/// The threshold is first rounded to the type of the probabilities, so that a threshold of 0.7 includes the float 0.7f.
/// A probability of exactly 0.5 is positive here; `probability > 0.5`, and rounding as NumPy does, make it negative.
/// Throws what `validate_binary` throws, `numeric_error` if the threshold is nan, and the errors of sample weights.
///
///     std::vector const probabilities{0.1, 0.4, 0.35, 0.8};
///     std::vector const targets{0, 0, 1, 1};
///     auto const counts = confusion_matrix(probabilities, targets);
///     // 2 true negatives, no false positive, 1 false negative, 1 true positive
template <numbers P, numbers Y, row_weights W = equal_weights>
basic_confusion_counts<detail::count_of<W>> confusion_matrix(P const& probabilities, Y const& targets,
                                                             double threshold = 0.5, W const& weights_of_rows = {}) {
  auto const p = fovea::numbers_of(probabilities, "confusion_matrix");
  auto const y = fovea::numbers_of(targets, "confusion_matrix");
  using probability = typename decltype(p)::value_type;
  using comparable = std::conditional_t<std::is_floating_point_v<probability>, probability, double>;
  fovea::validate_binary("confusion_matrix", p, y);
  if (detail::is_nan(threshold)) throw numeric_error("confusion_matrix: threshold is nan");

  auto const weight = detail::checked_weights("confusion_matrix", y.size(), weights_of_rows);
  auto const lowest = static_cast<comparable>(threshold);
  detail::count_of<W> counts[2][2] = {};  // by target, by prediction
  for (std::size_t i = 0; i < y.size(); ++i) counts[y[i] != 0][static_cast<comparable>(p[i]) >= lowest] += weight[i];
  return {counts[0][0], counts[0][1], counts[1][0], counts[1][1]};
}

}  // namespace fovea
