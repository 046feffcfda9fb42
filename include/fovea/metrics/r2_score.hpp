// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>

#include <fovea/error.hpp>
#include <fovea/metrics/row_weights.hpp>
#include <fovea/metrics/validate_regression.hpp>

namespace fovea {

/// Returns the coefficient of determination: 1 minus the mean squared error divided by the targets' variance. It is 1 for
/// perfect predictions, 0 for predictions of the mean, and negative for worse ones. Agrees with scikit-learn's `r2_score`.
/// Throws what `validate_regression` throws, `numeric_error` if all targets are equal, and the errors of sample weights.
///
///     std::vector const predictions{2.5, 0.0, 2.0, 8.0};
///     std::vector const targets{3.0, -0.5, 2.0, 7.0};
///     double const score = r2_score(predictions, targets);  // 0.9486
template <numbers P, numbers Y, row_weights W = equal_weights>
double r2_score(P const& predictions, Y const& targets, W const& weights_of_rows = {}) {
  auto const p = fovea::numbers_of(predictions);
  auto const y = fovea::numbers_of(targets);
  fovea::validate_regression("r2_score", p, y);
  auto const weight = detail::checked_weights("r2_score", p.size(), weights_of_rows);
  auto const target = [&](std::size_t i) { return static_cast<double>(y[i]); };

  std::size_t first = 0;
  while (!(weight[first] > 0)) ++first;
  auto last = first;
  while (last != p.size() && (!(weight[last] > 0) || y[last] == y[first])) ++last;
  if (last == p.size()) throw numeric_error("r2_score: all targets are equal, so that their variance is 0");

  // Relative to the first target, which a large mean cannot round away.
  auto const mean = detail::mean_of_rows(weight, p.size(), [&](std::size_t i) { return target(i) - target(first); });
  auto const variance = detail::mean_of_rows(weight, p.size(), [&](std::size_t i) {
    auto const difference = target(i) - target(first) - mean;
    return difference * difference;
  });
  auto const error = detail::mean_of_rows(weight, p.size(), [&](std::size_t i) {
    auto const difference = static_cast<double>(p[i]) - target(i);
    return difference * difference;
  });
  if (variance == 0) throw numeric_error("r2_score: the targets are so alike that their variance underflows to 0");
  return 1 - error / variance;
}

}  // namespace fovea
