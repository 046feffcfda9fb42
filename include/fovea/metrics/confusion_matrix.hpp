// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <ranges>
#include <type_traits>

#include <fovea/metrics/confusion_counts.hpp>
#include <fovea/metrics/validate_binary.hpp>

namespace fovea {

/// Counts the predictions, positive where `probability >= threshold` (scikit-learn's rule), against targets of 0 and 1.
/// The threshold is rounded to the probabilities' type first: 0.7 takes in a float's 0.7f. Rounding probabilities, as
/// in `probability > 0.5`, differs where one is exactly 0.5. Throws as `validate_binary` does, and `numeric_error` when
/// the threshold is nan.
template <number_range P, number_range Y>
confusion_counts confusion_matrix(P const& probabilities, Y const& targets, double threshold = 0.5) {
  using probability = std::ranges::range_value_t<P>;
  using comparable = std::conditional_t<std::is_floating_point_v<probability>, probability, double>;
  validate_binary("confusion_matrix", probabilities, targets);
  if (threshold != threshold) throw numeric_error("confusion_matrix: threshold is nan");

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
  return confusion_matrix(numbers_of(probabilities), numbers_of(targets), threshold);
}

}  // namespace fovea
