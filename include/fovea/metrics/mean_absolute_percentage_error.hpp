// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>

#include <fovea/metrics/row_weights.hpp>
#include <fovea/metrics/validate_regression.hpp>

namespace fovea {

/// Returns the mean of the absolute difference between prediction and target, divided by the absolute target: a share, 0.1 for
/// ten percent. A target below double's machine epsilon counts as the epsilon, so that the error of a target 0 is very large.
/// Agrees with scikit-learn's `mean_absolute_percentage_error`. Throws what `validate_regression` throws, and the errors of
/// sample weights.
///
///     std::vector const predictions{2.5, 0.0, 2.0, 8.0};
///     std::vector const targets{3.0, -0.5, 2.0, 7.0};
///     double const error = mean_absolute_percentage_error(predictions, targets);  // 0.3274
template <numbers P, numbers Y, row_weights W = equal_weights>
double mean_absolute_percentage_error(P const& predictions, Y const& targets, W const& weights_of_rows = {}) {
  return detail::mean_of_errors("mean_absolute_percentage_error", predictions, targets, weights_of_rows,
                                [](double p, double y) {
                                  constexpr auto epsilon = std::numeric_limits<double>::epsilon();
                                  return std::abs(p - y) / (std::max)(std::abs(y), epsilon);
                                });
}

}  // namespace fovea
