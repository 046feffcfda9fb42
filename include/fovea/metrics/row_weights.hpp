// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <utility>

#include <fovea/error.hpp>
#include <fovea/scalar/compensated_sum.hpp>
#include <fovea/scalar/is_finite.hpp>
#include <fovea/tensor/numbers.hpp>
#include <fovea/tensor/sample_weights.hpp>
#include <fovea/text/to_shortest.hpp>

namespace fovea {

/// All rows count once: what a metric assumes without `sample_weights`.
struct equal_weights {};

namespace detail {

/// The weight of a row that counts once.
struct unit_weight {
  constexpr operator std::size_t() const { return 1; }
};

/// What a row adds to the counts of a metric: `count` is their type, and the index is the row's.
struct counted_rows {
  using count = std::size_t;
  using weight = unit_weight;
  constexpr unit_weight operator[](std::size_t) const { return {}; }
};
template <class T> struct weighted_rows {
  using count = double;
  using weight = double;
  std::span<T const> numbers;
  constexpr double operator[](std::size_t i) const { return static_cast<double>(numbers[i]); }
};

template <class W> inline constexpr bool is_row_weights = false;
template <> inline constexpr bool is_row_weights<equal_weights> = true;
template <numbers W> inline constexpr bool is_row_weights<sample_weights<W>> = true;

}  // namespace detail

/// The last argument of each metric: `sample_weights(w)`, or `equal_weights`, its default. Weights are finite and not negative; a
/// row of weight 0 does not count, as if it were absent, but its other numbers must be valid.
template <class W>
concept row_weights = detail::is_row_weights<W>;

namespace detail {

inline counted_rows checked_weights(std::string const&, std::size_t, equal_weights) { return {}; }

/// Throws `shape_error` unless there is one weight for each row, `numeric_error` for a weight that is not finite and if all are 0,
/// and `argument_error` for a negative weight and if their sum is so large or small that products of four sums overflow or vanish.
template <class W>
auto checked_weights(std::string const& metric, std::size_t rows, sample_weights<W> const& weights_of_rows) {
  auto const all = fovea::numbers_of(weights_of_rows.tensor, "sample_weights");
  if (all.size() != rows)
    throw shape_error(metric + ": " + std::to_string(all.size()) + " sample weights, but " + std::to_string(rows) +
                      " targets");
  double sum = 0;
  for (std::size_t i = 0; i != rows; ++i) {
    auto const weight = static_cast<double>(all[i]);
    auto const found = [&] { return metric + ": sample weight " + std::to_string(i) + " is " + to_shortest(weight); };
    if (!detail::is_finite(weight)) throw numeric_error(found() + ", must be finite");
    if (weight < 0) throw argument_error(found() + ", must not be negative");
    sum += weight;
  }
  if (rows != 0 && sum == 0) throw numeric_error(metric + ": all sample weights are 0");
  if (rows != 0 && !(sum >= 1e-50 && sum <= 1e50))
    throw argument_error(metric + ": the sample weights sum to " + detail::to_shortest(sum) +
                         ", must be between 1e-50 and 1e50");
  using number = typename decltype(all)::value_type;
  return weighted_rows<number>{all};
}

template <row_weights W>
using count_of = typename decltype(detail::checked_weights(std::string(), 0, std::declval<W const&>()))::count;

/// Returns the mean of term(0) to term(rows - 1) under the weights.
template <class Rows, class Term> double mean_of_rows(Rows const& weights_of_rows, std::size_t rows, Term const& term) {
  compensated_sum sum, total;
  for (std::size_t i = 0; i != rows; ++i) {
    auto const weight = static_cast<double>(weights_of_rows[i]);
    sum += weight * term(i);
    total += weight;
  }
  return sum.value() / total.value();
}

}  // namespace detail

}  // namespace fovea
