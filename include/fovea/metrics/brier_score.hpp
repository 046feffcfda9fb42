// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>

#include <fovea/metrics/validate_binary.hpp>
#include <fovea/scalar/compensated_sum.hpp>

namespace fovea {

/// The mean squared difference of probability and target (Brier 1950); scikit-learn's `brier_score_loss`.
/// Throws as `validate_probabilities` does.
template <numbers P, numbers Y> double brier_score(P const& probabilities, Y const& targets) {
  auto const p = numbers_of(probabilities);
  auto const y = numbers_of(targets);
  validate_probabilities("brier_score", p, y);
  compensated_sum sum;
  for (std::size_t i = 0; i != p.size(); ++i) {
    auto const difference = static_cast<double>(p[i]) - static_cast<double>(y[i]);
    sum += difference * difference;
  }
  return sum.value() / static_cast<double>(p.size());
}

}  // namespace fovea
