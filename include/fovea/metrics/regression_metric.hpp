// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include <fovea/error.hpp>
#include <fovea/metrics/output_columns.hpp>
#include <fovea/metrics/row_weights.hpp>
#include <fovea/metrics/validate_regression.hpp>

namespace fovea {

/// The argument with which a metric of real targets returns one number for each column: scikit-learn's `multioutput="raw_values"`.
struct raw_values {};

namespace detail {

/// One column of predictions and targets, with the weights of its rows.
template <class Rows, class P, class Y> struct regression_column {
  Rows const& weights_of_rows;
  std::size_t rows, column;
  output_columns<P> const& predictions;
  output_columns<Y> const& targets;

  /// Returns the mean over the rows of term(prediction, target), both as double.
  template <class Term> double mean(Term const& term) const {
    return detail::mean_of_rows(weights_of_rows, rows, [&](std::size_t i) {
      return term(static_cast<double>(predictions(i, column)), static_cast<double>(targets(i, column)));
    });
  }
  /// The target of the first row that counts.
  double first_target() const {
    std::size_t first = 0;
    while (!(weights_of_rows[first] > 0)) ++first;
    return static_cast<double>(targets(first, column));
  }
};

}  // namespace detail

/// A metric of real targets: `metric(predictions, targets)`, with `sample_weights(w)` as last argument if wanted. For targets of several
/// columns, a tensor (N, k) or `output_columns`, it is the mean over the columns, and with `raw_values{}` one number for each.
/// Throws what `validate_regression` throws, `shape_error` if the columns of predictions and targets differ in number, and the errors of
/// sample weights.
///
///     std::vector<double> const of_each_column = r2_score(predictions, targets, raw_values{});
template <class Formula> struct regression_metric {
  template <numbers_of_columns P, numbers_of_columns Y, row_weights W = equal_weights>
  std::vector<double> operator()(P const& predictions, Y const& targets, raw_values,
                                 W const& weights_of_rows = {}) const {
    std::string const name = Formula::name;
    auto const p = detail::columns_of(predictions);
    auto const y = detail::columns_of(targets);
    if (p.columns() != y.columns())
      throw shape_error(name + ": " + std::to_string(p.columns()) + " columns of predictions, but " +
                        std::to_string(y.columns()) + " of targets");
    fovea::validate_regression(name, p.elements(), y.elements());
    auto const rows = y.elements().size() / y.columns();
    auto const weights = detail::checked_weights(name, rows, weights_of_rows);
    std::vector<double> all;
    for (std::size_t c = 0; c != y.columns(); ++c)
      all.push_back(Formula{}(detail::regression_column<decltype(weights), typename decltype(p)::value_type,
                                                        typename decltype(y)::value_type>{weights, rows, c, p, y}));
    return all;
  }
  template <numbers_of_columns P, numbers_of_columns Y, row_weights W = equal_weights>
  double operator()(P const& predictions, Y const& targets, W const& weights_of_rows = {}) const {
    auto const all = (*this)(predictions, targets, raw_values{}, weights_of_rows);
    double sum = 0;
    for (double const one : all) sum += one;
    return sum / static_cast<double>(all.size());
  }
};

}  // namespace fovea
