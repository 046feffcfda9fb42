// SPDX-License-Identifier: MIT
#pragma once

#include <fovea/metrics/row_weights.hpp>
#include <fovea/metrics/validate_regression.hpp>

namespace fovea {

/// Returns the mean squared difference between prediction and target, in double: the metric's other standard name, because
/// `mean_squared_error` is the loss. Agrees with scikit-learn's `mean_squared_error`. Throws what `validate_regression` throws,
/// and the errors of sample weights.
///
///     std::vector const predictions{2.5, 0.0, 2.0, 8.0};
///     std::vector const targets{3.0, -0.5, 2.0, 7.0};
///     double const error = mean_squared_deviation(predictions, targets);  // 0.375
template <numbers P, numbers Y, row_weights W = equal_weights>
double mean_squared_deviation(P const& predictions, Y const& targets, W const& weights_of_rows = {}) {
  return detail::mean_of_errors("mean_squared_deviation", predictions, targets, weights_of_rows,
                                [](double p, double y) { return (p - y) * (p - y); });
}

}  // namespace fovea
