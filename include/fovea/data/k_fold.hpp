// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <string>
#include <vector>

#include <fovea/data/numpy_shuffle.hpp>
#include <fovea/data/row_split.hpp>
#include <fovea/data/rows_by_class.hpp>
#include <fovea/error.hpp>
#include <fovea/tensor/numbers.hpp>

namespace fovea {

/// The options of `k_fold` and `stratified_k_fold`.
struct k_fold_options {
  std::size_t folds = 5;   // at least 2
  std::uint64_t seed = 0;  // below 2^32
  bool shuffle = true;     // if false, a fold consists of consecutive rows (stratified: of each class)

  /// Throws `argument_error` if there are fewer than two folds or the seed is out of range.
  void validate() const {
    if (folds < 2) throw argument_error("k_fold_options: folds is " + std::to_string(folds) + ", must be at least 2");
    detail::validate_seed("k_fold_options", seed);
  }
};

namespace detail {

inline void require_rows_for_folds(std::string const& who, std::size_t n, std::size_t folds) {
  if (n < folds)
    throw argument_error(who + ": " + std::to_string(n) + " rows for " + std::to_string(folds) +
                         " folds; each needs at least one");
}

/// Returns one split per fold; `fold_of[row]` is the fold whose test part contains the row.
inline std::vector<row_split> split_by_fold(std::vector<std::size_t> const& fold_of, std::size_t folds) {
  std::vector<row_split> result(folds);
  for (std::size_t row = 0; row != fold_of.size(); ++row)
    for (std::size_t fold = 0; fold != folds; ++fold)
      (fold_of[row] == fold ? result[fold].test : result[fold].train).push_back(row);
  return result;
}

}  // namespace detail

/// Returns one split of `n` rows per fold: each row is in the test part of one fold and in the training part of the
/// others. Gives the rows of scikit-learn's `KFold(n_splits=folds, shuffle=, random_state=seed)`, also in ascending order.
/// Throws `argument_error` if the options are out of range or there are fewer rows than folds.
///
///     for (auto const& [train, test] : k_fold(rows.rows(), {.folds = 5, .seed = 0})) {
///       table const training = rows.take(train), validation = rows.take(test);
///     }
inline std::vector<row_split> k_fold(std::size_t n, k_fold_options options = {}) {
  options.validate();
  detail::require_rows_for_folds("k_fold", n, options.folds);
  std::vector<std::size_t> order(n), fold_of(n);
  std::iota(order.begin(), order.end(), std::size_t{0});
  auto generator = detail::numpy_generator(options.seed);
  if (options.shuffle) detail::numpy_shuffle(order, generator);
  auto const longer = n % options.folds, rows = n / options.folds;  // the first `longer` folds have one row more
  for (std::size_t fold = 0, i = 0; fold != options.folds; ++fold)
    for (auto const end = i + rows + (fold < longer); i != end; ++i) fold_of[order[i]] = fold;
  return detail::split_by_fold(fold_of, options.folds);
}

/// Like `k_fold`, but each part holds every class in proportion. Gives the rows of scikit-learn's `StratifiedKFold`.
/// `classes` has one number per row, with any values. A class with fewer rows than folds is missing from some test parts.
/// Throws what `k_fold` throws, `numeric_error` if a class is not finite, and `argument_error` if every class has fewer
/// rows than there are folds.
///
///     auto const splits = stratified_k_fold(rows.column("Class"), {.folds = 5});
template <numbers Y> std::vector<row_split> stratified_k_fold(Y const& classes, k_fold_options options = {}) {
  options.validate();
  auto by_class = rows_by_class("stratified_k_fold", classes);
  std::size_t n = 0, largest = 0;
  for (auto const& rows : by_class) n += rows.size(), largest = (std::max)(largest, rows.size());
  detail::require_rows_for_folds("stratified_k_fold", n, options.folds);
  if (largest < options.folds)
    throw argument_error("stratified_k_fold: the largest class has " + std::to_string(largest) + " rows for " +
                         std::to_string(options.folds) + " folds; one class needs a row for each");
  std::ranges::sort(by_class, {}, [](auto const& rows) { return rows.front(); });  // in order of first appearance

  std::vector<std::size_t> fold_of(n);
  auto generator = detail::numpy_generator(options.seed);
  std::size_t dealt = 0;  // rows dealt so far; round-robin over the folds, continued from class to class
  for (auto const& rows : by_class) {
    std::vector<std::size_t> folds(rows.size());
    for (auto& fold : folds) fold = dealt++ % options.folds;
    std::ranges::sort(folds);
    if (options.shuffle) detail::numpy_shuffle(folds, generator);
    for (std::size_t i = 0; i != rows.size(); ++i) fold_of[rows[i]] = folds[i];
  }
  return detail::split_by_fold(fold_of, options.folds);
}

}  // namespace fovea
