// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <concepts>
#include <cstddef>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include <fovea/data/table.hpp>
#include <fovea/error.hpp>
#include <fovea/scalar/compensated_sum.hpp>
#include <fovea/scalar/is_finite.hpp>
#include <fovea/tensor/tensor.hpp>
#include <fovea/text/to_shortest.hpp>

namespace fovea {

/// Scales every column to mean 0 and standard deviation 1, and back. Agrees with scikit-learn's `StandardScaler`. Fit on
/// the training part and apply to all parts. To store a standardizer, store its members.
///
///     auto const s = standardizer::fit(train, {"Amount"});
///     s.apply(train);
///     s.apply(test);
struct standardizer {
  std::vector<std::string> names;   // of a table's columns; empty if fitted on a tensor
  std::vector<double> mean, scale;  // one per column: x becomes (x - mean) / scale

  /// Computes the mean and the population standard deviation of the named columns. The scale of a constant column is 1;
  /// a column whose variance is within rounding error of 0 counts as constant. Throws `numeric_error`, with the column,
  /// if a number is not finite, there are no rows, or the sum of squares overflows; `argument_error` if a column does
  /// not exist.
  static standardizer fit(table const& from, std::vector<std::string> columns) {
    standardizer result;
    for (auto const& name : columns) {
      auto const numbers = from.column(name);
      result.add("\"" + name + "\"", numbers.data(), numbers.size(), 1);
    }
    result.names = std::move(columns);
    return result;
  }

  /// Like `fit` of a table, for the columns of a tensor of shape (rows, features) in host memory. Throws `shape_error`
  /// unless the tensor has rank 2, and `numeric_error` as above.
  template <real_tensor X>
    requires std::same_as<memory_of<X>, host_memory>
  static standardizer fit(X const& from) {
    auto const x = fovea::as_matrix("standardizer", "the tensor has", from);
    auto const [rows, columns] = x.extents.to_array();
    standardizer result;
    for (std::size_t c = 0; c != columns; ++c) result.add(std::to_string(c), x.elements + c, rows, columns);
    return result;
  }

  /// Scales the columns `names` in place. Throws `argument_error` if one does not exist; then the table is unchanged.
  void apply(table& rows) const {
    replace(rows, [](double x, double m, double s) { return (x - m) / s; });
  }
  /// Undoes `apply`, up to rounding. Throws what `apply` throws.
  void invert(table& rows) const {
    replace(rows, [](double x, double m, double s) { return x * s + m; });
  }

  /// Scales a tensor of shape (rows, features) in host memory in place, computing in double. Throws `shape_error` unless
  /// the tensor has as many columns as the standardizer was fitted on.
  template <writable_tensor X>
    requires real_tensor<X> && std::same_as<memory_of<X>, host_memory>
  void apply(X&& x) const {
    replace_elements(x, [](double number, double m, double s) { return (number - m) / s; });
  }
  /// Undoes `apply`, up to rounding. Throws what `apply` throws.
  template <writable_tensor X>
    requires real_tensor<X> && std::same_as<memory_of<X>, host_memory>
  void invert(X&& x) const {
    replace_elements(x, [](double number, double m, double s) { return number * s + m; });
  }

 private:
  template <class T> void add(std::string const& column, T const* first, std::size_t rows, std::size_t stride) {
    if (rows == 0) throw numeric_error("standardizer: column " + column + " has no rows");
    auto const n = static_cast<double>(rows);
    compensated_sum sum, differences, squares;
    for (std::size_t row = 0; row != rows; ++row) {
      auto const number = static_cast<double>(first[row * stride]);
      if (!detail::is_finite(number))
        throw numeric_error("standardizer: column " + column + ", row " + std::to_string(row) + ": " +
                            detail::to_shortest(number) + " is not a finite number");
      sum += number;
    }
    auto const m = sum.value() / n;
    for (std::size_t row = 0; row != rows; ++row) {
      auto const difference = static_cast<double>(first[row * stride]) - m;
      differences += difference;  // their sum measures the rounding error of the mean
      squares += difference * difference;
    }
    auto const variance = (squares.value() - differences.value() * differences.value() / n) / n;
    if (!detail::is_finite(variance))
      throw numeric_error("standardizer: the numbers of column " + column + " are too large to be squared and summed");
    mean.push_back(m);
    scale.push_back(is_constant(m, variance, n) ? 1 : std::sqrt(variance));
  }

  /// True if rounding alone can explain the variance: scikit-learn's bound (Chan, Golub and LeVeque 1983).
  static bool is_constant(double m, double variance, double n) {
    auto const epsilon = std::numeric_limits<double>::epsilon();
    return variance <= n * epsilon * variance + (n * m * epsilon) * (n * m * epsilon);
  }

  template <class F> void replace(table& rows, F const& f) const {
    for (auto const& name : names) rows.column(name);  // throws before anything changes
    for (std::size_t c = 0; c != names.size(); ++c) {
      auto const column = rows.column(names[c]);
      std::vector<double> numbers(column.begin(), column.end());
      for (auto& x : numbers) x = f(x, mean[c], scale[c]);
      rows.set(names[c], std::move(numbers));
    }
  }

  template <class X, class F> void replace_elements(X& x, F const& f) const {
    auto const m = fovea::as_matrix("standardizer", "the tensor has", x);
    auto const [rows, columns] = m.extents.to_array();
    if (columns != mean.size())
      throw shape_error("standardizer: the tensor has shape " + to_string(fovea::shape_of(x)) + ", expected (rows, " +
                        std::to_string(mean.size()) + ")");
    for (std::size_t i = 0; i != rows * columns; ++i)
      m.elements[i] =
          static_cast<value_of<X>>(f(static_cast<double>(m.elements[i]), mean[i % columns], scale[i % columns]));
  }
};

}  // namespace fovea
