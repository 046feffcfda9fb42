// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <vector>

#include <fovea/error.hpp>
#include <fovea/metrics/row_weights.hpp>
#include <fovea/metrics/validate_regression.hpp>
#include <fovea/scalar/is_finite.hpp>

namespace fovea {

/// The options of `isotonic_regression`.
struct isotonic_options {
  bool increasing = true;  // if false, the function decreases
};

/// The monotonic function nearest to the targets in weighted squared error: linear between its points, constant beyond them.
/// Calibrates scores if the targets are 0 and 1. Agrees with scikit-learn's `IsotonicRegression(out_of_bounds="clip")`. To store it,
/// store its members. Source: Ayer et al. 1955, pool adjacent violators.
///
///     auto const calibration = isotonic_regression::fit(scores, targets);
///     std::vector<double> const probabilities = calibration.apply(other_scores);
struct isotonic_regression {
  std::vector<double> x, y;  // the function's points; x increases

  /// Throws what `validate_regression` throws, and the errors of sample weights; a row of weight 0 does not count.
  template <numbers P, numbers Y, row_weights W = equal_weights>
  static isotonic_regression fit(P const& scores, Y const& targets, W const& weights_of_rows = {}) {
    return fit(scores, targets, isotonic_options{}, weights_of_rows);
  }
  template <numbers P, numbers Y, row_weights W = equal_weights>
  static isotonic_regression fit(P const& scores, Y const& targets, isotonic_options options,
                                 W const& weights_of_rows = {});

  /// Returns the function's value. Returns nan for nan.
  double operator()(double score) const {
    if (detail::is_nan(score)) return score;
    auto const above = static_cast<std::size_t>(std::upper_bound(x.begin(), x.end(), score) - x.begin());
    if (above == 0) return y.front();
    if (above == x.size()) return y.back();
    auto const share = (score - x[above - 1]) / (x[above] - x[above - 1]);
    return y[above - 1] + share * (y[above] - y[above - 1]);
  }
  /// Returns the function's value of each score.
  template <numbers P> std::vector<double> apply(P const& scores) const {
    std::vector<double> result;
    for (auto const score : fovea::numbers_of(scores, "isotonic_regression"))
      result.push_back((*this)(static_cast<double>(score)));
    return result;
  }
};

namespace detail {

/// Rows of one score, or neighbors that violated the order: their mean target, and their weight.
struct isotonic_block {
  double target, weight;
  std::size_t points;  // distinct scores in this block
};

/// Replaces neighboring blocks out of order by their mean, until all targets increase.
inline std::vector<isotonic_block> pooled(std::vector<isotonic_block> const& points) {
  std::vector<isotonic_block> blocks;
  for (auto block : points) {
    while (!blocks.empty() && blocks.back().target >= block.target) {
      auto const& last = blocks.back();
      auto const weight = last.weight + block.weight;
      block = {last.target + (block.target - last.target) * (block.weight / weight), weight,
               last.points + block.points};
      blocks.pop_back();
    }
    blocks.push_back(block);
  }
  return blocks;
}

}  // namespace detail

template <numbers P, numbers Y, row_weights W>
isotonic_regression isotonic_regression::fit(P const& scores, Y const& targets, isotonic_options options,
                                             W const& weights_of_rows) {
  auto const all = fovea::numbers_of(scores, "isotonic_regression");
  auto const wanted = fovea::numbers_of(targets, "isotonic_regression");
  fovea::validate_regression("isotonic_regression", all, wanted);
  auto const weight = detail::checked_weights("isotonic_regression", all.size(), weights_of_rows);
  auto const sign = options.increasing ? 1.0 : -1.0;

  std::vector<std::size_t> order(all.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::erase_if(order, [&](std::size_t i) { return !(weight[i] > 0); });
  std::ranges::stable_sort(order, {}, [&](std::size_t i) { return all[i]; });
  std::vector<double> places;
  std::vector<detail::isotonic_block> points;  // one for each distinct score
  for (auto const i : order) {
    auto const place = static_cast<double>(all[i]), w = static_cast<double>(weight[i]);
    auto const target = sign * static_cast<double>(wanted[i]);
    if (places.empty() || places.back() != place) {
      places.push_back(place);
      points.push_back({target, w, 1});
    } else {
      auto& last = points.back();
      last.weight += w;
      last.target += (target - last.target) * (w / last.weight);
    }
  }

  isotonic_regression result;
  std::size_t first = 0;
  for (auto const& block : detail::pooled(points)) {  // a constant piece has two points: its ends
    for (auto const place : {first, first + block.points - 1})
      if (result.x.empty() || result.x.back() != places[place]) {
        result.x.push_back(places[place]);
        result.y.push_back(sign * block.target);
      }
    first += block.points;
  }
  return result;
}

}  // namespace fovea
