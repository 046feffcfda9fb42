// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <fovea/data/column_scaler.hpp>
#include <fovea/data/table.hpp>
#include <fovea/error.hpp>
#include <fovea/scalar/is_finite.hpp>
#include <fovea/tensor/tensor.hpp>
#include <fovea/text/to_shortest.hpp>

namespace fovea {

/// The numbers that a `min_max_scaler` maps the minimum and the maximum of a column to.
struct feature_range {
  double lower = 0, upper = 1;

  /// Throws `argument_error` unless both are finite and `lower` is below `upper`.
  void validate() const {
    if (!(lower < upper) || !detail::is_finite(lower) || !detail::is_finite(upper))
      throw argument_error("feature_range: [" + detail::to_shortest(lower) + ", " + detail::to_shortest(upper) +
                           "], must be finite and increasing");
  }
};

/// Scales every column to a range, by default [0, 1], and back. Agrees with scikit-learn's `MinMaxScaler`. Numbers beyond those
/// it was fitted on leave the range. Fit on the training part and apply to all parts. To store a scaler, store its members.
///
///     auto const s = min_max_scaler::fit(train, {"Amount"}, {.lower = -1, .upper = 1});
///     s.apply(train);
///     s.apply(test);
struct min_max_scaler {
  static constexpr char const* name = "min_max_scaler";
  std::vector<std::string> names = {};
  std::vector<double> minimum = {}, maximum = {};  // one per column
  feature_range range = {};

  /// Finds the minimum and the maximum of the named columns; a constant column becomes `range.lower`. Throws `numeric_error`,
  /// with the column, if a number is not finite, there are no rows, or the difference of two numbers overflows;
  /// `argument_error` if a column does not exist or the range is invalid.
  static min_max_scaler fit(table const& from, std::vector<std::string> const& columns, feature_range range = {}) {
    range.validate();
    return detail::fitted(min_max_scaler{.range = range}, from, columns);
  }
  /// Like `fit` of a table, for all columns of a tensor.
  template <real_tensor_on_host X> static min_max_scaler fit(X const& from, feature_range range = {}) {
    range.validate();
    return detail::fitted(min_max_scaler{.range = range}, from);
  }

  /// Scales and restores the columns, in place; see `column_scaler`.
  template <scalable X> void apply(X&& rows) const { detail::scale(*this, rows); }
  template <scalable X> void invert(X&& rows) const { detail::restore(*this, rows); }

  std::size_t columns() const { return minimum.size(); }
  double scaled(double x, std::size_t column) const {
    return (x - minimum[column]) / width(column) * (range.upper - range.lower) + range.lower;
  }
  double restored(double x, std::size_t column) const {
    return (x - range.lower) / (range.upper - range.lower) * width(column) + minimum[column];
  }

  /// Fits the next column; called by `fit`.
  void add(std::string const& column, std::span<double const> numbers) {
    auto const [first, second] = std::minmax_element(numbers.begin(), numbers.end());
    auto const least = *first, greatest = *second;
    if (!detail::is_finite(greatest - least)) detail::throw_too_large(name, column, "to be subtracted");
    minimum.push_back(least);
    maximum.push_back(greatest);
  }

 private:
  double width(std::size_t column) const {
    auto const difference = maximum[column] - minimum[column];
    return difference == 0 ? 1 : difference;
  }
};
static_assert(column_scaler<min_max_scaler>);

}  // namespace fovea
