// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>

#include <fovea/metrics/validate_binary.hpp>
#include <fovea/scalar/compensated_sum.hpp>

namespace fovea {

/// Returns the mean squared difference between probability and target (Brier 1950). Agrees with scikit-learn's
/// `brier_score_loss`. Throws what `validate_probabilities` throws.
///
///     std::vector const probabilities{0.1, 0.4, 0.35, 0.8};
///     std::vector const targets{0, 0, 1, 1};
///     double const score = brier_score(probabilities, targets);  // 0.1581
template <numbers P, numbers Y> double brier_score(P const& probabilities, Y const& targets) {
  auto const p = fovea::numbers_of(probabilities);
  auto const y = fovea::numbers_of(targets);
  fovea::validate_probabilities("brier_score", p, y);
  compensated_sum sum;
  for (std::size_t i = 0; i != p.size(); ++i) {
    auto const difference = static_cast<double>(p[i]) - static_cast<double>(y[i]);
    sum += difference * difference;
  }
  return sum.value() / static_cast<double>(p.size());
}

}  // namespace fovea
