// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <ranges>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <fovea/metrics/row_weights.hpp>
#include <fovea/metrics/validate_binary.hpp>
#include <fovea/scalar/is_finite.hpp>
#include <fovea/tensor/numbers.hpp>

namespace fovea {

/// The numbers of false and of true positives when predicting positive at `probability >= threshold`; with sample weights, the
/// sums of their weights.
template <class T, class Count = std::size_t> struct threshold_count {
  T threshold;
  Count false_positive, true_positive;

  bool operator==(threshold_count const&) const = default;
};

namespace detail {
template <numbers R>
using ranked_number = std::remove_cvref_t<decltype(fovea::numbers_of(std::declval<R const&>())[0])>;
/// A row as the threshold metrics sort it; the weight 1 takes no memory.
template <class T, class Weight> struct scored_row {
  T probability;
  bool positive;
  [[no_unique_address]] Weight weight;
};
}  // namespace detail

/// Returns the counts with each distinct probability as the threshold, in descending order. The ROC and the
/// precision-recall curve are made of these counts; the last element counts all rows. Rows of weight 0 are left out.
/// Throws what `validate_binary` throws, and the errors of sample weights; error messages begin with `metric`.
///
///     std::vector const probabilities{0.1, 0.4, 0.35, 0.8};
///     std::vector const targets{0, 0, 1, 1};
///     auto const counts = threshold_counts(probabilities, targets);
///     // {0.8, 0, 1}, {0.4, 1, 1}, {0.35, 1, 2}, {0.1, 2, 2}
template <numbers P, numbers Y, row_weights W>
std::vector<threshold_count<detail::ranked_number<P>, detail::count_of<W>>> threshold_counts(
    P const& probabilities, Y const& targets, W const& weights_of_rows,
    std::string const& metric = "threshold_counts") {
  using probability = detail::ranked_number<P>;
  using count = detail::count_of<W>;
  auto const p = fovea::numbers_of(probabilities, metric);
  auto const y = fovea::numbers_of(targets, metric);
  fovea::validate_binary(metric, p, y);
  auto const n = y.size();
  auto const weight = detail::checked_weights(metric, n, weights_of_rows);
  using row = detail::scored_row<probability, typename decltype(weight)::weight>;
  std::vector<row> rows;
  rows.reserve(n);
  for (std::size_t i = 0; i < n; ++i)
    if (weight[i] != 0) rows.push_back({p[i], y[i] != 0, weight[i]});
  std::ranges::sort(rows, std::ranges::greater{}, &row::probability);

  std::vector<threshold_count<probability, count>> result;
  count counts[2] = {};  // the rows so far, by target
  for (std::size_t i = 0; i < rows.size(); ++i) {
    counts[rows[i].positive] += rows[i].weight;
    if (i + 1 == rows.size() || rows[i + 1].probability != rows[i].probability)
      result.push_back({rows[i].probability, counts[0], counts[1]});
  }
  return result;
}
template <numbers P, numbers Y>
std::vector<threshold_count<detail::ranked_number<P>>> threshold_counts(
    P const& probabilities, Y const& targets, std::string const& metric = "threshold_counts") {
  return fovea::threshold_counts(probabilities, targets, equal_weights{}, metric);
}

namespace detail {

/// The targets that a metric needs.
enum class needed_targets { a_positive, both_classes };

/// Throws `numeric_error` unless the counts hold a positive target and, if needed, a negative one.
template <class T, class Count>
void require_targets(std::string const& metric, std::vector<threshold_count<T, Count>> const& counts,
                     needed_targets needed) {
  bool const both = needed == needed_targets::both_classes;
  auto const fail = [&](char const* what) {
    throw numeric_error(metric + ": " + what + (both ? ", must have both classes" : ", must have a positive one"));
  };
  if (counts.empty()) fail("no rows");
  if (both && counts.back().false_positive == 0) fail("all targets are 1");
  if (counts.back().true_positive == 0) fail("all targets are 0");
}

/// Returns the threshold as a double. Throws `numeric_error` if it is infinite.
template <class T, class Count>
double finite_threshold(std::string const& metric, threshold_count<T, Count> const& count) {
  auto const threshold = static_cast<double>(count.threshold);
  if (detail::is_infinite(threshold)) throw numeric_error(metric + ": a probability is infinite");
  return threshold;
}

}  // namespace detail

}  // namespace fovea
