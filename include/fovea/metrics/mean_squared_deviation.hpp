// SPDX-License-Identifier: MIT
#pragma once

#include <fovea/metrics/regression_metric.hpp>

namespace fovea {

namespace detail {
struct mean_squared_deviation_formula {
  static constexpr char const* name = "mean_squared_deviation";
  template <class Column> double operator()(Column const& column) const {
    return column.mean([](double p, double y) { return (p - y) * (p - y); });
  }
};
}  // namespace detail

/// Returns the mean squared difference between prediction and target, in double: the metric's other standard name, because
/// `mean_squared_error` is the loss. Agrees with scikit-learn's `mean_squared_error`.
///
///     std::vector const predictions{2.5, 0.0, 2.0, 8.0};
///     std::vector const targets{3.0, -0.5, 2.0, 7.0};
///     double const error = mean_squared_deviation(predictions, targets);  // 0.375
inline constexpr regression_metric<detail::mean_squared_deviation_formula> mean_squared_deviation;

}  // namespace fovea
