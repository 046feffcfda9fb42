// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <string>
#include <vector>

#include <fovea/data/numpy_shuffle.hpp>
#include <fovea/data/row_split.hpp>
#include <fovea/data/rows_by_class.hpp>
#include <fovea/data/stratify.hpp>
#include <fovea/data/table.hpp>
#include <fovea/error.hpp>
#include <fovea/tensor/numbers.hpp>
#include <fovea/text/to_shortest.hpp>

namespace fovea {

/// The options of `train_test_rows` and `train_test_split`.
struct split_options {
  double test_size = 0.2;     // the share of the rows in the test part, in (0, 1)
  std::uint64_t seed = 0;     // below 2^32
  bool shuffle = true;        // if false, the test part is the last rows
  std::string stratify = {};  // the column whose classes each part holds in proportion; "" for none

  /// Throws `argument_error` if the test size or the seed is out of range, or `stratify` is set without `shuffle`.
  void validate() const {
    if (!(test_size > 0 && test_size < 1))
      throw argument_error("split_options: test_size is " + detail::to_shortest(test_size) + ", must be in (0, 1)");
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

/// Returns the number of test rows, rounded up. Throws `argument_error` if a part is left without rows.
inline std::size_t test_rows(std::size_t n, double test_size) {
  auto const tests = static_cast<std::size_t>(std::ceil(test_size * static_cast<double>(n)));
  if (tests >= n)
    throw argument_error("train_test_split: " + std::to_string(n) + " rows with test_size " + to_shortest(test_size) +
                         " give " + std::to_string(tests) + " for testing and " + std::to_string(n - tests) +
                         " for training; each part needs at least one row");
  return tests;
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

/// Returns the rows, in order, of scikit-learn's `train_test_split(test_size=, random_state=seed, shuffle=)` for `n` rows.
/// Throws `argument_error` if the options are out of range, a part is left without rows, or `stratify` is set; to stratify
/// without a table, pass the classes.
///
///     auto const [train, test] = train_test_rows(1000, {.test_size = 0.2, .seed = 42});
inline row_split train_test_rows(std::size_t n, split_options const& options = {}) {
  options.validate();
  if (!options.stratify.empty())
    throw argument_error("train_test_rows: stratify is \"" + options.stratify +
                         "\", but there is no table; give the classes as the third argument");
  auto const tests = detail::test_rows(n, options.test_size);
  row_split result;
  if (options.shuffle) {
    auto generator = detail::numpy_generator(options.seed);
    auto const order = detail::numpy_permutation(n, generator);
    auto const middle = order.begin() + static_cast<std::ptrdiff_t>(tests);
    result.test.assign(order.begin(), middle);
    result.train.assign(middle, order.end());
  } else {
    result.train.resize(n - tests);
    result.test.resize(tests);
    std::iota(result.train.begin(), result.train.end(), std::size_t{0});
    std::iota(result.test.begin(), result.test.end(), n - tests);
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
  auto const tests = detail::test_rows(n, options.test_size);
  auto const rows = rows_by_class("train_test_split", found);
  detail::require_stratifiable(rows, found, n - tests, tests);
  return detail::stratified_rows(rows, n - tests, tests, options.seed);
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
