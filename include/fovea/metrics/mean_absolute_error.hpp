// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>

#include <fovea/metrics/row_weights.hpp>
#include <fovea/metrics/validate_regression.hpp>

namespace fovea {

/// Returns the mean absolute difference between prediction and target. Agrees with scikit-learn's `mean_absolute_error`.
/// Throws what `validate_regression` throws, and the errors of sample weights.
///
///     std::vector const predictions{2.5, 0.0, 2.0, 8.0};
///     std::vector const targets{3.0, -0.5, 2.0, 7.0};
///     double const error = mean_absolute_error(predictions, targets);  // 0.5
template <numbers P, numbers Y, row_weights W = equal_weights>
double mean_absolute_error(P const& predictions, Y const& targets, W const& weights_of_rows = {}) {
  return detail::mean_of_errors("mean_absolute_error", predictions, targets, weights_of_rows,
                                [](double p, double y) { return std::abs(p - y); });
}

}  // namespace fovea
