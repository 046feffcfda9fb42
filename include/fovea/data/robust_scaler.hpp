// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <fovea/data/column_scaler.hpp>
#include <fovea/data/quantile.hpp>
#include <fovea/data/table.hpp>
#include <fovea/error.hpp>
#include <fovea/scalar/is_finite.hpp>
#include <fovea/tensor/tensor.hpp>
#include <fovea/text/to_shortest.hpp>

namespace fovea {

/// The percentiles of a column between which a `robust_scaler` measures its width.
struct quantile_range {
  double lower = 25, upper = 75;

  /// Throws `argument_error` unless 0 <= lower < upper <= 100.
  void validate() const {
    if (!(lower >= 0 && lower < upper && upper <= 100))
      throw argument_error("quantile_range: [" + detail::to_shortest(lower) + ", " + detail::to_shortest(upper) +
                           "], must be increasing percentages in [0, 100]");
  }
};

/// Scales every column to median 0 and interquartile range 1, and back: outliers hardly change the scale. Agrees with
/// scikit-learn's `RobustScaler`. Fit on the training part and apply to all parts. To store a scaler, store its members.
///
///     auto const s = robust_scaler::fit(train, {"Amount"});
///     s.apply(train);
///     s.apply(test);
struct robust_scaler {
  static constexpr char const* name = "robust_scaler";
  std::vector<std::string> names = {};
  std::vector<double> median = {}, scale = {};  // one per column: x becomes (x - median) / scale
  quantile_range range = {};

  /// Computes the median and the difference of the quantiles of the named columns, by linear interpolation between two numbers,
  /// as NumPy does; a difference of 0 counts as 1. Throws `numeric_error`, with the column, if a number is not finite, there are
  /// no rows, or the difference of two numbers overflows; `argument_error` if a column does not exist or the range is invalid.
  static robust_scaler fit(table const& from, std::vector<std::string> const& columns, quantile_range range = {}) {
    range.validate();
    return detail::fitted(robust_scaler{.range = range}, from, columns);
  }
  /// Like `fit` of a table, for all columns of a tensor.
  template <real_tensor_on_host X> static robust_scaler fit(X const& from, quantile_range range = {}) {
    range.validate();
    return detail::fitted(robust_scaler{.range = range}, from);
  }

  /// Scales and restores the columns, in place; see `column_scaler`.
  template <scalable X> void apply(X&& rows) const { detail::scale(*this, rows); }
  template <scalable X> void invert(X&& rows) const { detail::restore(*this, rows); }

  std::size_t columns() const { return median.size(); }
  double scaled(double x, std::size_t column) const { return (x - median[column]) / scale[column]; }
  double restored(double x, std::size_t column) const { return x * scale[column] + median[column]; }

  /// Fits the next column; called by `fit`.
  void add(std::string const& column, std::span<double const> numbers) {
    auto const sorted = detail::sorted(numbers);
    if (!detail::is_finite(sorted.back() - sorted.front())) detail::throw_too_large(name, column, "to be subtracted");
    auto const width = detail::quantile(sorted, range.upper / 100) - detail::quantile(sorted, range.lower / 100);
    median.push_back(detail::median(sorted));
    scale.push_back(width == 0 ? 1 : width);
  }
};
static_assert(column_scaler<robust_scaler>);

}  // namespace fovea
