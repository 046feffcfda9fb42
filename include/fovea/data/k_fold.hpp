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

struct k_fold_options {
  std::size_t folds = 5;   // at least 2
  std::uint64_t seed = 0;  // below 2^32
  bool shuffle = true;     // without it, folds are runs of neighbouring rows, of each class where that is stratified

  /// Throws `argument_error` for less than two folds or a seed out of range.
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

/// One split for each fold; `fold_of[row]` is where the row is tested.
inline std::vector<row_split> split_by_fold(std::vector<std::size_t> const& fold_of, std::size_t folds) {
  std::vector<row_split> result(folds);
  for (std::size_t row = 0; row != fold_of.size(); ++row)
    for (std::size_t fold = 0; fold != folds; ++fold)
      (fold_of[row] == fold ? result[fold].test : result[fold].train).push_back(row);
  return result;
}

}  // namespace detail

/// Every row in the test part of one fold and in the training part of the others: the rows of scikit-learn's
/// `KFold(n_splits=folds, shuffle=, random_state=seed)`, each part in ascending order, as there.
/// Throws `argument_error` when the options are out of range or there are fewer rows than folds.
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

/// The same with every class in proportion in each fold: scikit-learn's `StratifiedKFold`. The classes are any
/// numbers, one a row; one with fewer rows than folds is missing from some test parts.
/// Throws as `k_fold` does, `numeric_error` for a class that is not finite and `argument_error` when every class has
/// fewer rows than there are folds.
template <numbers Y> std::vector<row_split> stratified_k_fold(Y const& classes, k_fold_options options = {}) {
  options.validate();
  auto by_class = rows_by_class("stratified_k_fold", classes);
  std::size_t n = 0, most = 0;
  for (auto const& rows : by_class) n += rows.size(), most = std::max(most, rows.size());
  detail::require_rows_for_folds("stratified_k_fold", n, options.folds);
  if (most < options.folds)
    throw argument_error("stratified_k_fold: the largest class has " + std::to_string(most) + " rows for " +
                         std::to_string(options.folds) + " folds; one class needs a row for each");
  std::ranges::sort(by_class, {}, [](auto const& rows) { return rows.front(); });  // as they appear

  std::vector<std::size_t> fold_of(n);
  auto generator = detail::numpy_generator(options.seed);
  std::size_t dealt = 0;  // rows are dealt to the folds in turn, class after class
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
