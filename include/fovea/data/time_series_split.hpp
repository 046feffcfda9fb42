// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include <fovea/data/row_split.hpp>
#include <fovea/error.hpp>

namespace fovea {

/// The options of `time_series_split`.
struct time_series_options {
  std::size_t folds = 5;           // at least 2
  std::size_t test_rows = 0;       // of each fold; 0: rows / (folds + 1)
  std::size_t gap = 0;             // rows left out between the training and the test part
  std::size_t max_train_rows = 0;  // the last rows before the gap; 0: all

  /// Throws `argument_error` if there are fewer than two folds.
  void validate() const {
    if (folds < 2)
      throw argument_error("time_series_options: folds is " + std::to_string(folds) + ", must be at least 2");
  }
};

/// Returns one split of `n` rows in order of time per fold: the test parts follow each other up to the last row, and a training part
/// ends before its test part. Gives the rows of scikit-learn's `TimeSeriesSplit`. Throws `argument_error` if the options are out of
/// range or the first fold has no training row.
///
///     auto const splits = time_series_split(rows.rows(), {.folds = 4, .gap = 1});
inline std::vector<row_split> time_series_split(std::size_t n, time_series_options options = {}) {
  options.validate();
  auto const tests = options.test_rows != 0 ? options.test_rows : n / (options.folds + 1);
  auto const fits = tests != 0 && options.gap < n && (n - options.gap - 1) / options.folds >= tests;
  if (!fits)
    throw argument_error("time_series_split: " + std::to_string(n) + " rows for " + std::to_string(options.folds) +
                         " folds of " + std::to_string(tests) + " test rows and a gap of " +
                         std::to_string(options.gap) + "; the first needs a test and a training row");
  std::vector<row_split> result(options.folds);
  auto first = n - options.folds * tests;
  for (auto& [train, test] : result) {
    auto const end = first - options.gap;
    auto const begin = options.max_train_rows != 0 && options.max_train_rows < end ? end - options.max_train_rows : 0;
    for (auto row = begin; row != end; ++row) train.push_back(row);
    for (auto row = first; row != first + tests; ++row) test.push_back(row);
    first += tests;
  }
  return result;
}

}  // namespace fovea
