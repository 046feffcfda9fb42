// SPDX-License-Identifier: MIT
#pragma once

#include <fovea/error.hpp>
#include <fovea/metrics/best_threshold.hpp>
#include <fovea/metrics/f_beta.hpp>
#include <fovea/metrics/validate_binary.hpp>

namespace fovea {

/// The threshold at which `f_beta` is greatest, of equal ones the highest; `value` is that greatest F-beta.
/// Throws as `best_threshold` and `f_beta` do, and `numeric_error` when there is no positive target.
template <numbers P, numbers Y>
chosen_threshold f_beta_threshold(P const& probabilities, Y const& targets, double beta = 1) {
  auto const score = [beta](confusion_counts const& counts) { return f_beta(counts, beta); };
  auto const best = best_threshold(probabilities, targets, score, "f_beta_threshold");
  if (best.counts.true_positive == 0)
    throw numeric_error("f_beta_threshold: all targets are 0, must have a positive one");
  return best;
}

}  // namespace fovea
