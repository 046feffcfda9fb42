// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <string>
#include <vector>

#include <fovea/data/rows_by_class.hpp>
#include <fovea/error.hpp>
#include <fovea/scalar/is_finite.hpp>
#include <fovea/scalar/random.hpp>
#include <fovea/tensor/numbers.hpp>
#include <fovea/text/to_shortest.hpp>

namespace fovea {

/// The options of `weighted_sample` and `balanced_sample`. The same seed and epoch give the same rows.
struct sample_options {
  std::size_t rows = 0;  // to draw; 0: as many as there are
  std::uint64_t seed = 0;
  std::uint32_t epoch = 0;  // another epoch draws other rows
};

namespace detail {

/// Draws places among sums of weights that increase; a place whose sum is that before it is not drawn.
inline std::vector<std::size_t> drawn_rows(std::vector<double> const& up_to, sample_options options) {
  auto const sum = up_to.back();
  auto const last = static_cast<std::size_t>(std::lower_bound(up_to.begin(), up_to.end(), sum) - up_to.begin());
  std::vector<std::size_t> result(options.rows == 0 ? up_to.size() : options.rows);
  constexpr auto apart = std::uint64_t{1} << 63;  // from the indices that a shuffle of the same epoch uses
  for (std::size_t i = 0; i != result.size(); ++i) {
    auto const place = sum * uniform<double>(options.seed, random_stream::shuffle, options.epoch, apart | i);
    auto const row = static_cast<std::size_t>(std::upper_bound(up_to.begin(), up_to.end(), place) - up_to.begin());
    result[i] = (std::min)(row, last);  // the product may round up to the sum
  }
  return result;
}

}  // namespace detail

/// Draws rows with replacement, each with a probability in proportion to its weight. Like PyTorch's `WeightedRandomSampler`, but draw i
/// is a function of seed, epoch and i alone. Throws `numeric_error` if a weight is not finite, or there are no weights or all are 0;
/// `argument_error` if a weight is negative.
///
///     for (std::uint32_t epoch = 0; epoch != 20; ++epoch)
///       trainer.epoch(train.take(weighted_sample(weights, {.seed = 0, .epoch = epoch})));
template <numbers W> std::vector<std::size_t> weighted_sample(W const& weights, sample_options options = {}) {
  auto const all = fovea::numbers_of(weights);
  std::vector<double> up_to;  // the sum of the weights up to each row
  double sum = 0;
  for (std::size_t i = 0; i != all.size(); ++i) {
    auto const weight = static_cast<double>(all[i]);
    auto const found = [&] {
      return "weighted_sample: weight " + std::to_string(i) + " is " + detail::to_shortest(weight);
    };
    if (!detail::is_finite(weight)) throw numeric_error(found() + ", must be finite");
    if (weight < 0) throw argument_error(found() + ", must not be negative");
    sum += weight;
    up_to.push_back(sum);
  }
  if (!(sum > 0)) throw numeric_error(all.empty() ? "weighted_sample: no rows" : "weighted_sample: all weights are 0");
  if (!detail::is_finite(sum)) throw numeric_error("weighted_sample: the weights are too large to be summed");
  return detail::drawn_rows(up_to, options);
}

/// Draws rows with replacement, so that each class is drawn with the same probability, and so is each row of a class. `classes` has one
/// number per row, with any values. Throws `numeric_error` if a class is not finite or there are no rows.
///
///     auto const drawn = balanced_sample(rows.column("Class"), {.rows = 10'000, .seed = 0, .epoch = 3});
template <numbers Y> std::vector<std::size_t> balanced_sample(Y const& classes, sample_options options = {}) {
  auto const rows_of = rows_by_class("balanced_sample", classes);
  if (rows_of.empty()) throw numeric_error("balanced_sample: no rows");
  std::vector<double> up_to(fovea::numbers_of(classes).size());
  for (auto const& rows : rows_of)
    for (auto const row : rows) up_to[row] = 1 / static_cast<double>(rows.size());
  std::partial_sum(up_to.begin(), up_to.end(), up_to.begin());
  return detail::drawn_rows(up_to, options);
}

}  // namespace fovea
