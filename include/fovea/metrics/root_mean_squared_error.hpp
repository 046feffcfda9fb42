// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>

#include <fovea/metrics/regression_metric.hpp>

namespace fovea {

namespace detail {
struct root_mean_squared_error_formula {
  static constexpr char const* name = "root_mean_squared_error";
  template <class Column> double operator()(Column const& column) const {
    return std::sqrt(column.mean([](double p, double y) { return (p - y) * (p - y); }));
  }
};
}  // namespace detail

/// Returns the square root of the mean squared difference between prediction and target, in the targets' unit. Agrees with
/// scikit-learn's `root_mean_squared_error`.
///
///     std::vector const predictions{2.5, 0.0, 2.0, 8.0};
///     std::vector const targets{3.0, -0.5, 2.0, 7.0};
///     double const error = root_mean_squared_error(predictions, targets);  // 0.6124
inline constexpr regression_metric<detail::root_mean_squared_error_formula> root_mean_squared_error;

}  // namespace fovea
