// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <ranges>
#include <type_traits>

#include <fovea/metrics/confusion_counts.hpp>
#include <fovea/metrics/validate_binary.hpp>
#include <fovea/scalar/is_finite.hpp>

namespace fovea {

/// Returns the confusion counts of predicting positive at `probability >= threshold`, scikit-learn's rule. Agrees with
/// scikit-learn's `confusion_matrix`.
/// The threshold is first rounded to the type of the probabilities, so that a threshold of 0.7 includes the float 0.7f.
/// A probability of exactly 0.5 is positive here; `probability > 0.5`, and rounding as NumPy does, make it negative.
/// Throws what `validate_binary` throws, and `numeric_error` if the threshold is nan.
///
///     std::vector const probabilities{0.1, 0.4, 0.35, 0.8};
///     std::vector const targets{0, 0, 1, 1};
///     auto const counts = confusion_matrix(probabilities, targets);
///     // 2 true negatives, no false positive, 1 false negative, 1 true positive
template <number_range P, number_range Y>
confusion_counts confusion_matrix(P const& probabilities, Y const& targets, double threshold = 0.5) {
  using probability = std::ranges::range_value_t<P>;
  using comparable = std::conditional_t<std::is_floating_point_v<probability>, probability, double>;
  fovea::validate_binary("confusion_matrix", probabilities, targets);
  if (detail::is_nan(threshold)) throw numeric_error("confusion_matrix: threshold is nan");

  auto const* p = std::ranges::data(probabilities);
  auto const* y = std::ranges::data(targets);
  auto const least = static_cast<comparable>(threshold);
  std::size_t counts[2][2] = {};  // by target, by prediction
  for (std::size_t i = 0; i < std::ranges::size(targets); ++i)
    ++counts[y[i] != 0][static_cast<comparable>(p[i]) >= least];
  return {counts[0][0], counts[0][1], counts[1][0], counts[1][1]};
}

template <numbers P, numbers Y>
confusion_counts confusion_matrix(P const& probabilities, Y const& targets, double threshold = 0.5) {
  return fovea::confusion_matrix(fovea::numbers_of(probabilities), fovea::numbers_of(targets), threshold);
}

}  // namespace fovea
