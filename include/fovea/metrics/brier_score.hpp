// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>

#include <fovea/metrics/row_weights.hpp>
#include <fovea/metrics/validate_binary.hpp>

namespace fovea {

/// Returns the mean squared difference between probability and target (Brier 1950). Agrees with scikit-learn's
/// `brier_score_loss`. Throws what `validate_probabilities` throws, and the errors of sample weights.
///
///     std::vector const probabilities{0.1, 0.4, 0.35, 0.8};
///     std::vector const targets{0, 0, 1, 1};
///     double const score = brier_score(probabilities, targets);  // 0.1581
template <numbers P, numbers Y, row_weights W = equal_weights>
double brier_score(P const& probabilities, Y const& targets, W const& weights_of_rows = {}) {
  auto const p = fovea::numbers_of(probabilities);
  auto const y = fovea::numbers_of(targets);
  fovea::validate_probabilities("brier_score", p, y);
  auto const weight = detail::checked_weights("brier_score", p.size(), weights_of_rows);
  return detail::mean_of_rows(weight, p.size(), [&](std::size_t i) {
    auto const difference = static_cast<double>(p[i]) - static_cast<double>(y[i]);
    return difference * difference;
  });
}

}  // namespace fovea
