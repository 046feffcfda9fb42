// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>

#include <fovea/metrics/regression_metric.hpp>

namespace fovea {

namespace detail {
struct mean_absolute_error_formula {
  static constexpr char const* name = "mean_absolute_error";
  template <class Column> double operator()(Column const& column) const {
    return column.mean([](double p, double y) { return std::abs(p - y); });
  }
};
}  // namespace detail

/// Returns the mean absolute difference between prediction and target. Agrees with scikit-learn's `mean_absolute_error`.
///
///     std::vector const predictions{2.5, 0.0, 2.0, 8.0};
///     std::vector const targets{3.0, -0.5, 2.0, 7.0};
///     double const error = mean_absolute_error(predictions, targets);  // 0.5
inline constexpr regression_metric<detail::mean_absolute_error_formula> mean_absolute_error;

}  // namespace fovea
