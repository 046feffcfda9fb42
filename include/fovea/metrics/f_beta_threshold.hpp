// SPDX-License-Identifier: MIT
#pragma once

#include <fovea/error.hpp>
#include <fovea/metrics/best_threshold.hpp>
#include <fovea/metrics/f_beta.hpp>
#include <fovea/metrics/row_weights.hpp>
#include <fovea/metrics/validate_binary.hpp>

namespace fovea {

/// Returns the threshold that maximizes `f_beta`, with that maximum as its `value`; ties go to the highest threshold.
/// Throws what `best_threshold` and `f_beta` throw, and `numeric_error` if there is no positive target.
///
///     std::vector const probabilities{0.1, 0.4, 0.35, 0.8};
///     std::vector const targets{0, 0, 1, 1};
///     auto const best = f_beta_threshold(probabilities, targets);  // best.threshold is 0.35 and best.value 0.8
template <numbers P, numbers Y, row_weights W = equal_weights>
basic_chosen_threshold<detail::count_of<W>> f_beta_threshold(P const& probabilities, Y const& targets, double beta = 1,
                                                             W const& weights_of_rows = {}) {
  auto const score = [beta](auto const& counts) { return fovea::f_beta(counts, beta); };
  auto const best = fovea::best_threshold(probabilities, targets, score, weights_of_rows, "f_beta_threshold");
  if (best.counts.true_positive == 0)
    throw numeric_error("f_beta_threshold: all targets are 0, must have a positive one");
  return best;
}

}  // namespace fovea
