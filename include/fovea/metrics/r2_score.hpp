// SPDX-License-Identifier: MIT
#pragma once

#include <fovea/metrics/regression_metric.hpp>

namespace fovea {

namespace detail {
struct r2_score_formula {
  static constexpr char const* name = "r2_score";
  template <class Column> double operator()(Column const& column) const {
    if (column.rows < 2) throw numeric_error("r2_score: needs two rows, got one");
    auto const first = column.first_target();  // which a large mean cannot round away
    auto const mean = column.mean([&](double, double y) { return y - first; });
    auto const variance = column.mean([&](double, double y) { return (y - first - mean) * (y - first - mean); });
    auto const error = column.mean([](double p, double y) { return (p - y) * (p - y); });
    return error == 0 ? 1 : variance == 0 ? 0 : 1 - error / variance;
  }
};
}  // namespace detail

/// Returns the coefficient of determination: 1 minus the mean squared error divided by the targets' variance. It is 1 for
/// perfect predictions, 0 for predictions of the mean, and negative for worse ones. Agrees with scikit-learn's `r2_score`. If
/// all targets are equal, it is 1 for perfect predictions and 0 for others. Throws `numeric_error` for a single row.
///
///     std::vector const predictions{2.5, 0.0, 2.0, 8.0};
///     std::vector const targets{3.0, -0.5, 2.0, 7.0};
///     double const score = r2_score(predictions, targets);  // 0.9486
inline constexpr regression_metric<detail::r2_score_formula> r2_score;

}  // namespace fovea
