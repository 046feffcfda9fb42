// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <functional>
#include <numeric>
#include <string>
#include <vector>

#include <fovea/data/k_fold.hpp>
#include <fovea/data/row_split.hpp>
#include <fovea/data/rows_by_class.hpp>
#include <fovea/error.hpp>
#include <fovea/tensor/numbers.hpp>

namespace fovea {

/// The options of `group_k_fold`.
struct group_k_fold_options {
  std::size_t folds = 5;  // at least 2

  /// Throws `argument_error` if there are fewer than two folds.
  void validate() const {
    if (folds < 2)
      throw argument_error("group_k_fold_options: folds is " + std::to_string(folds) + ", must be at least 2");
  }
};

/// Like `k_fold`, but all rows of a group are in the test part of the same fold: the rows of one patient, say, are never in both parts.
/// `groups` has one number per row, with any values. The folds are of about equal size: each group, the largest first, goes to the fold
/// with the fewest rows. Gives the rows of scikit-learn's `GroupKFold`.
/// Throws `argument_error` if the options are out of range or there are fewer groups than folds, and `numeric_error` if a group is not
/// finite.
///
///     auto const splits = group_k_fold(rows.column("patient"), {.folds = 5});
template <numbers G> std::vector<row_split> group_k_fold(G const& groups, group_k_fold_options options = {}) {
  options.validate();
  auto const rows_of = rows_by_class("group_k_fold", groups);
  if (rows_of.size() < options.folds)
    throw argument_error("group_k_fold: " + std::to_string(rows_of.size()) + " groups for " +
                         std::to_string(options.folds) + " folds; each needs at least one");
  std::vector<std::size_t> order(rows_of.size());  // the largest group first; of equal ones, the last
  std::iota(order.rbegin(), order.rend(), std::size_t{0});
  std::ranges::stable_sort(order, std::ranges::greater{}, [&](std::size_t group) { return rows_of[group].size(); });

  std::size_t n = 0;
  for (auto const& rows : rows_of) n += rows.size();
  std::vector<std::size_t> fold_of(n), rows_in(options.folds);
  for (auto const group : order) {
    auto const fold = static_cast<std::size_t>(std::ranges::min_element(rows_in) - rows_in.begin());
    for (auto const row : rows_of[group]) fold_of[row] = fold;
    rows_in[fold] += rows_of[group].size();
  }
  return detail::split_by_fold(fold_of, options.folds);
}

}  // namespace fovea
