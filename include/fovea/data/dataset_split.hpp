// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include <fovea/data/dataset.hpp>
#include <fovea/data/group_k_fold.hpp>
#include <fovea/data/k_fold.hpp>
#include <fovea/data/row_split.hpp>
#include <fovea/data/split.hpp>
#include <fovea/data/time_series_split.hpp>
#include <fovea/error.hpp>
#include <fovea/tensor/copy.hpp>
#include <fovea/tensor/numbers.hpp>

namespace fovea {

/// The training and the test part of a data set.
template <class Dataset> struct dataset_split {
  Dataset train, test;
};

/// The folds of a data set, a range of `dataset_split`: the two data sets of a fold are made when the fold is read, so that one
/// fold is in memory at a time. Refers to the data set, which must outlive it.
template <class Dataset> class dataset_folds {
 public:
  dataset_folds(Dataset const& all, std::vector<row_split> rows) : all_(&all), rows_(std::move(rows)) {}

  std::size_t size() const { return rows_.size(); }
  /// Returns the training and the test part of a fold. Throws `argument_error` if there is no such fold.
  dataset_split<Dataset> operator[](std::size_t fold) const {
    if (fold >= size())
      throw argument_error("dataset_folds: fold " + std::to_string(fold) + " of " + std::to_string(size()));
    return {all_->take(rows_[fold].train), all_->take(rows_[fold].test)};
  }
  /// The row numbers of each fold.
  std::vector<row_split> const& rows() const { return rows_; }

  struct iterator {
    dataset_folds const* folds;
    std::size_t fold;
    dataset_split<Dataset> operator*() const { return (*folds)[fold]; }
    iterator& operator++() {
      ++fold;
      return *this;
    }
    bool operator==(iterator const&) const = default;
  };
  iterator begin() const { return {this, 0}; }
  iterator end() const { return {this, size()}; }

 private:
  Dataset const* all_;
  std::vector<row_split> rows_;
};

namespace detail {

/// Returns the targets of a data set, one for each row, in host memory. Throws `shape_error` for targets of several columns.
template <backend B, class X, class Y, class... O> auto classes_of(char const* who, dataset<B, X, Y, O...> const& all) {
  auto const shape = fovea::shape_of(all.targets);
  if (shape.size() != all.rows())
    throw shape_error(std::string(who) + ": the targets have shape " + to_string(shape) +
                      ", expected (N, 1) to stratify by");
  return detail::on_host(all.backend(), static_cast<Y const*>(fovea::data(all.targets)), shape.size());
}

}  // namespace detail

/// Splits a data set into the rows that `train_test_rows` gives; `options.stratify` is "" or "targets". Throws what
/// `train_test_rows` throws, `argument_error` for another `stratify`, and `shape_error` if targets of several columns
/// are to be stratified by.
///
///     auto const [train, test] = train_test_split(all, {.test_size = 0.2, .seed = 42, .stratify = "targets"});
template <backend B, class X, class Y, class... O>
dataset_split<dataset<B, X, Y, O...>> train_test_split(dataset<B, X, Y, O...> const& all,
                                                       split_options const& options = {}) {
  if (!options.stratify.empty() && options.stratify != "targets")
    throw argument_error("train_test_split: stratify is \"" + options.stratify +
                         "\", must be \"\" or \"targets\" for a data set");
  auto const rows = options.stratify.empty()
                        ? train_test_rows(all.rows(), options)
                        : train_test_rows(all.rows(), options, detail::classes_of("train_test_split", all));
  return {all.take(rows.train), all.take(rows.test)};
}

/// Returns the folds of a data set, of the rows that `k_fold(rows, options)` gives. Throws what it throws.
///
///     for (auto const& [train, validation] : k_fold(all, {.folds = 5})) {
///       trainer model{xtensor_backend{}, net, loss, rule, {.seed = 0}};
///       model.fit(train, {.epochs = 20, .validation = &validation});
///     }
template <backend B, class X, class Y, class... O>
dataset_folds<dataset<B, X, Y, O...>> k_fold(dataset<B, X, Y, O...> const& all, k_fold_options options = {}) {
  return {all, fovea::k_fold(all.rows(), options)};
}
template <backend B, class X, class Y, class... O>
void k_fold(dataset<B, X, Y, O...> const&&, k_fold_options = {}) = delete;  // the folds would outlive it

/// Like `k_fold` of a data set, but each part holds every class of the targets in proportion. Throws what
/// `stratified_k_fold(targets, options)` throws, and `shape_error` for targets of several columns.
template <backend B, class X, class Y, class... O>
dataset_folds<dataset<B, X, Y, O...>> stratified_k_fold(dataset<B, X, Y, O...> const& all,
                                                        k_fold_options options = {}) {
  return {all, fovea::stratified_k_fold(detail::classes_of("stratified_k_fold", all), options)};
}
template <backend B, class X, class Y, class... O>
void stratified_k_fold(dataset<B, X, Y, O...> const&&, k_fold_options = {}) = delete;

/// Like `k_fold` of a data set, but all rows of a group are in the same test part, of the rows that `group_k_fold(groups, options)`
/// gives. Throws what it throws, and `shape_error` unless there is one group for each row.
template <backend B, class X, class Y, class... O, numbers G>
dataset_folds<dataset<B, X, Y, O...>> group_k_fold(dataset<B, X, Y, O...> const& all, G const& groups,
                                                   group_k_fold_options options = {}) {
  auto const found = fovea::numbers_of(groups).size();
  if (found != all.rows())
    throw shape_error("group_k_fold: " + std::to_string(all.rows()) + " rows, but " + std::to_string(found) +
                      " groups");
  return {all, fovea::group_k_fold(groups, options)};
}
template <backend B, class X, class Y, class... O, numbers G>
void group_k_fold(dataset<B, X, Y, O...> const&&, G const&, group_k_fold_options = {}) = delete;

/// Returns the folds of a data set in order of time, of the rows that `time_series_split(rows, options)` gives. Throws what it throws.
template <backend B, class X, class Y, class... O>
dataset_folds<dataset<B, X, Y, O...>> time_series_split(dataset<B, X, Y, O...> const& all,
                                                        time_series_options options = {}) {
  return {all, fovea::time_series_split(all.rows(), options)};
}
template <backend B, class X, class Y, class... O>
void time_series_split(dataset<B, X, Y, O...> const&&, time_series_options = {}) = delete;

}  // namespace fovea
