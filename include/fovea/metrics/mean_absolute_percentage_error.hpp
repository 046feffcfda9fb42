// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>

#include <fovea/metrics/regression_metric.hpp>

namespace fovea {

namespace detail {
struct mean_absolute_percentage_error_formula {
  static constexpr char const* name = "mean_absolute_percentage_error";
  template <class Column> double operator()(Column const& column) const {
    return column.mean([](double p, double y) {
      constexpr auto epsilon = std::numeric_limits<double>::epsilon();
      return std::abs(p - y) / (std::max)(std::abs(y), epsilon);
    });
  }
};
}  // namespace detail

/// Returns the mean of the absolute difference between prediction and target, divided by the absolute target: a share, 0.1 for
/// ten percent. A target below double's machine epsilon counts as the epsilon, so that the error of a target 0 is very large.
/// Agrees with scikit-learn's `mean_absolute_percentage_error`.
///
///     std::vector const predictions{2.5, 0.0, 2.0, 8.0};
///     std::vector const targets{3.0, -0.5, 2.0, 7.0};
///     double const error = mean_absolute_percentage_error(predictions, targets);  // 0.3274
inline constexpr regression_metric<detail::mean_absolute_percentage_error_formula> mean_absolute_percentage_error;

}  // namespace fovea
