// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <cstddef>

#include <fovea/metrics/calibration_curve.hpp>
#include <fovea/metrics/validate_binary.hpp>

namespace fovea {

/// The mean over all rows of |mean probability - share of positives| in the row's bin of `calibration_curve`
/// (Guo et al. 2017, "On calibration of modern neural networks", who use 15 bins), for the positive class's
/// probability, where the paper bins that of the predicted class.
/// Throws as `calibration_curve` does.
template <numbers P, numbers Y>
double expected_calibration_error(P const& probabilities, Y const& targets, std::size_t bins = 15) {
  double sum = 0, rows = 0;
  for (auto const& bin : calibration_curve(probabilities, targets, bins, "expected_calibration_error")) {
    sum += static_cast<double>(bin.rows) * std::abs(bin.mean_probability - bin.positive_share);
    rows += static_cast<double>(bin.rows);
  }
  return sum / rows;
}

}  // namespace fovea
