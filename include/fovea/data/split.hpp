// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <string>
#include <vector>

#include <fovea/data/numpy_shuffle.hpp>
#include <fovea/data/part_size.hpp>
#include <fovea/data/row_split.hpp>
#include <fovea/data/rows_by_class.hpp>
#include <fovea/data/stratify.hpp>
#include <fovea/data/table.hpp>
#include <fovea/error.hpp>
#include <fovea/tensor/numbers.hpp>
#include <fovea/text/to_shortest.hpp>

namespace fovea {

/// The options of `train_test_rows` and `train_test_split`. Each size is a share of the rows, such as 0.2, or a number of rows, such as
/// 500; if both are given, the rows that neither takes are left out.
struct split_options {
  part_size test_size = {};   // if not given: all rows but the training rows or, without `train_size`, 0.2
  part_size train_size = {};  // if not given: all rows but the test rows
  std::uint64_t seed = 0;     // below 2^32
  bool shuffle = true;        // if false, the parts are consecutive rows, the training rows first
  std::string stratify = {};  // the column whose classes each part holds in proportion; "" for none

  /// Throws `argument_error` if a size, the sum of two shares or the seed is out of range, or `stratify` is set without `shuffle`.
  void validate() const {
    test_size.validate("split_options: test_size");
    train_size.validate("split_options: train_size");
    if (test_size.is_share() && train_size.is_share() && test_size.number() + train_size.number() > 1)
      throw argument_error("split_options: test_size " + test_size.words() + " and train_size " + train_size.words() +
                           " are more than all rows");
    detail::validate_seed("split_options", seed);
    if (!shuffle && !stratify.empty())
      throw argument_error("split_options: stratify is \"" + stratify + "\", which needs shuffle = true");
  }
};

/// The training and the test part of a table.
struct table_split {
  table train, test;
};

namespace detail {

/// The numbers of rows of both parts.
struct part_rows {
  std::size_t train, test;
};

/// Returns the rows of each part, of `n`. Throws `argument_error` if a part is left without rows, or there are not as many rows.
inline part_rows part_rows_of(std::size_t n, split_options const& options) {
  auto const& fit = options.train_size;
  auto const test = options.test_size.given() || fit.given() ? options.test_size : part_size(0.2);
  auto const all = static_cast<double>(n);
  double tests = test.rows_of(n, [](double x) { return std::ceil(x); });
  double const trains = fit.given() ? fit.rows_of(n, [](double x) { return std::floor(x); }) : all - tests;
  if (!test.given()) tests = all - trains;
  if (tests >= 1 && trains >= 1 && tests + trains <= all)
    return {static_cast<std::size_t>(trains), static_cast<std::size_t>(tests)};
  throw argument_error("train_test_split: " + std::to_string(n) + " rows with" +
                       (test.given() ? " test_size " + test.words() : "") +
                       (test.given() && fit.given() ? " and" : "") + (fit.given() ? " train_size " + fit.words() : "") +
                       " give " + to_shortest(tests) + " for testing and " + to_shortest(trains) + " for training; " +
                       (tests + trains > all ? "there are not as many" : "each part needs at least one row"));
}

/// Throws `argument_error` if a class has a single row, or a part has fewer rows than there are classes.
template <class Y>
void require_stratifiable(std::vector<std::vector<std::size_t>> const& classes, Y const& values, std::size_t train_rows,
                          std::size_t test_rows) {
  for (auto const& rows : classes)
    if (rows.size() < 2)
      throw argument_error("train_test_split: class " + to_shortest(static_cast<double>(values[rows.front()])) +
                           " has 1 row, row " + std::to_string(rows.front()) + "; stratify needs 2 of every class");
  auto const require_enough = [&](std::size_t rows, char const* purpose) {
    if (rows < classes.size())
      throw argument_error("train_test_split: " + std::to_string(rows) + " rows for " + purpose + " and " +
                           std::to_string(classes.size()) + " classes; stratify needs a row for each class");
  };
  require_enough(train_rows, "training");
  require_enough(test_rows, "testing");
}

}  // namespace detail

/// Returns the rows, in order, of scikit-learn's `train_test_split(test_size=, train_size=, random_state=seed, shuffle=)` for `n` rows.
/// Throws `argument_error` if the options are out of range, a part is left without rows, or `stratify` is set; to stratify
/// without a table, pass the classes.
///
///     auto const [train, test] = train_test_rows(1000, {.test_size = 0.2, .seed = 42});
inline row_split train_test_rows(std::size_t n, split_options const& options = {}) {
  options.validate();
  if (!options.stratify.empty())
    throw argument_error("train_test_rows: stratify is \"" + options.stratify +
                         "\", but there is no table; give the classes as the third argument");
  auto const [trains, tests] = detail::part_rows_of(n, options);
  row_split result;
  if (options.shuffle) {
    auto generator = detail::numpy_generator(options.seed);
    auto const order = detail::numpy_permutation(n, generator);
    auto const middle = order.begin() + static_cast<std::ptrdiff_t>(tests);
    result.test.assign(order.begin(), middle);
    result.train.assign(middle, middle + static_cast<std::ptrdiff_t>(trains));
  } else {
    result.train.resize(trains);
    result.test.resize(tests);
    std::iota(result.train.begin(), result.train.end(), std::size_t{0});
    std::iota(result.test.begin(), result.test.end(), trains);
  }
  return result;
}

/// Like scikit-learn's `train_test_split(..., stratify=classes)`: each part holds every class in proportion.
/// `classes` has one number per row, with any values; `options.stratify` is ignored.
/// Throws `argument_error` if the options are out of range, `shuffle` is false, a part has fewer rows than there are
/// classes, or a class has a single row; `shape_error` if there are not `n` classes; `numeric_error` if a class is not
/// finite.
template <numbers Y> row_split train_test_rows(std::size_t n, split_options const& options, Y const& classes) {
  options.validate();
  auto const found = fovea::numbers_of(classes);
  if (found.size() != n)
    throw shape_error("train_test_split: " + std::to_string(n) + " rows, but " + std::to_string(found.size()) +
                      " classes to stratify by");
  if (!options.shuffle) throw argument_error("train_test_split: stratify needs shuffle = true");
  auto const [trains, tests] = detail::part_rows_of(n, options);
  auto const rows = rows_by_class("train_test_split", found);
  detail::require_stratifiable(rows, found, trains, tests);
  return detail::stratified_rows(rows, trains, tests, options.seed);
}

/// Splits a table into the rows that `train_test_rows` gives. Throws what `train_test_rows` throws, and `argument_error`
/// if the table has no column `options.stratify`.
///
///     auto const [train, test] = train_test_split(rows, {.test_size = 0.2, .seed = 42, .stratify = "Class"});
inline table_split train_test_split(table const& rows, split_options const& options = {}) {
  auto const chosen = options.stratify.empty() ? train_test_rows(rows.rows(), options)
                                               : train_test_rows(rows.rows(), options, rows.column(options.stratify));
  return {rows.take(chosen.train), rows.take(chosen.test)};
}

}  // namespace fovea
