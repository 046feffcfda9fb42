// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <cstddef>
#include <limits>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <fovea/data/column_scaler.hpp>
#include <fovea/data/table.hpp>
#include <fovea/error.hpp>
#include <fovea/scalar/compensated_sum.hpp>
#include <fovea/scalar/is_finite.hpp>
#include <fovea/tensor/tensor.hpp>

namespace fovea {

/// Scales every column to mean 0 and standard deviation 1, and back. Agrees with scikit-learn's `StandardScaler`. Fit on
/// the training part and apply to all parts. To store a standardizer, store its members.
///
///     auto const s = standardizer::fit(train, {"Amount"});
///     s.apply(train);
///     s.apply(test);
struct standardizer {
  static constexpr char const* name = "standardizer";
  std::vector<std::string> names = {};
  std::vector<double> mean = {}, scale = {};  // one per column: x becomes (x - mean) / scale

  /// Computes the mean and the population standard deviation of the named columns. The scale of a constant column is 1;
  /// a column whose variance is within rounding error of 0 counts as constant. Throws `numeric_error`, with the column,
  /// if a number is not finite, there are no rows, or the sum of squares overflows; `argument_error` if a column does
  /// not exist.
  static standardizer fit(table const& from, std::vector<std::string> const& columns) {
    return detail::fitted(standardizer{}, from, columns);
  }
  /// Like `fit` of a table, for all columns of a tensor.
  template <real_tensor_on_host X> static standardizer fit(X const& from) {
    return detail::fitted(standardizer{}, from);
  }

  /// Scales and restores the columns, in place; see `column_scaler`.
  template <scalable X> void apply(X&& rows) const { detail::scale(*this, rows); }
  template <scalable X> void invert(X&& rows) const { detail::restore(*this, rows); }

  std::size_t columns() const { return mean.size(); }
  double scaled(double x, std::size_t column) const { return (x - mean[column]) / scale[column]; }
  double restored(double x, std::size_t column) const { return x * scale[column] + mean[column]; }

  /// The sums over a column's numbers, which may come in several parts: first all for the mean, then all for the variance.
  struct moments {
    double n = 0;
    compensated_sum sum = {}, differences = {}, squares = {};

    double mean() const { return sum.value() / n; }
    void add_to_mean(std::span<double const> numbers) {
      n += static_cast<double>(numbers.size());
      for (auto const x : numbers) sum += x;
    }
    void add_to_variance(std::span<double const> numbers) {
      auto const m = mean();
      for (auto const x : numbers) {
        auto const difference = x - m;
        differences += difference;  // their sum measures the rounding error of the mean
        squares += difference * difference;
      }
    }
    double variance() const { return (squares.value() - differences.value() * differences.value() / n) / n; }
  };
  /// Fits the next column; called by `fit`.
  void add(std::string const& column, std::span<double const> numbers) {
    moments all;
    all.add_to_mean(numbers), all.add_to_variance(numbers);
    add(column, all);
  }
  /// Fits the next column by its sums. Throws `numeric_error` if there are no numbers, or these are too large.
  void add(std::string const& column, moments const& all) {
    if (all.n == 0) throw numeric_error(std::string(name) + ": column " + column + " has no rows");
    auto const n = all.n, m = all.mean(), variance = all.variance();
    if (!detail::is_finite(variance)) detail::throw_too_large(name, column, "to be squared and summed");
    mean.push_back(m);
    scale.push_back(is_constant(m, variance, n) ? 1 : std::sqrt(variance));
  }

 private:
  /// True if rounding alone can explain the variance: scikit-learn's bound (Chan, Golub and LeVeque 1983).
  static bool is_constant(double m, double variance, double n) {
    auto const epsilon = std::numeric_limits<double>::epsilon();
    return variance <= n * epsilon * variance + (n * m * epsilon) * (n * m * epsilon);
  }
};
static_assert(column_scaler<standardizer>);

}  // namespace fovea
