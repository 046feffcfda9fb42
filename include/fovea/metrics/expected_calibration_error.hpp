// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <cstddef>

#include <fovea/metrics/calibration_curve.hpp>
#include <fovea/metrics/row_weights.hpp>
#include <fovea/metrics/validate_binary.hpp>

namespace fovea {

/// Returns the mean over the bins of `calibration_curve`, weighted by their rows, of |mean probability - share of
/// positives| (Guo et al., "On calibration of modern neural networks", 2017, with 15 bins). Bins the probability of the
/// positive class; the paper bins that of the predicted class. Throws what `calibration_curve` throws.
///
///     std::vector const probabilities{0.1, 0.4, 0.35, 0.8};
///     std::vector const targets{0, 0, 1, 1};
///     double const error = expected_calibration_error(probabilities, targets, 2);  // 0.0875
template <numbers P, numbers Y, row_weights W = equal_weights>
double expected_calibration_error(P const& probabilities, Y const& targets, std::size_t bins = 15,
                                  W const& weights_of_rows = {}) {
  double sum = 0, rows = 0;
  for (auto const& bin :
       fovea::calibration_curve(probabilities, targets, bins, weights_of_rows, "expected_calibration_error")) {
    sum += static_cast<double>(bin.rows) * std::abs(bin.mean_probability - bin.positive_share);
    rows += static_cast<double>(bin.rows);
  }
  return sum / rows;
}

}  // namespace fovea
