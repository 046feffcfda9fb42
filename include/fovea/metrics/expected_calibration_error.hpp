// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

#include <fovea/metrics/calibration_curve.hpp>
#include <fovea/metrics/class_scores.hpp>
#include <fovea/metrics/row_weights.hpp>
#include <fovea/metrics/validate_binary.hpp>
#include <fovea/metrics/validate_classes.hpp>

namespace fovea {

/// Returns the mean over the bins of `calibration_curve`, weighted by their rows, of |mean probability - share of
/// positives| (Guo et al., "On calibration of modern neural networks", 2017, with 15 bins). Bins the probability of the
/// positive class, and those of the predicted class, as the paper, where they are of k classes (below). Throws what `calibration_curve` throws.
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

/// The same of the probability of the predicted class, the largest one, and of the share of rows that are of it: the confidence
/// calibration of k classes. Throws what `validate_class_probabilities` throws.
///
///     double const error = expected_calibration_error(class_scores(probabilities, 3), targets);
template <class T, numbers Y, row_weights W = equal_weights>
double expected_calibration_error(class_scores<T> const& probabilities, Y const& targets, std::size_t bins = 15,
                                  W const& weights_of_rows = {}) {
  auto const y = fovea::numbers_of(targets);
  fovea::validate_class_probabilities("expected_calibration_error", probabilities, y);
  std::vector<T> confidences(y.size());
  std::vector<unsigned char> correct(y.size());
  for (std::size_t i = 0; i != y.size(); ++i) {
    auto const row = probabilities.row(i);
    auto const predicted = static_cast<std::size_t>(std::ranges::max_element(row) - row.begin());
    confidences[i] = row[predicted];
    correct[i] = predicted == static_cast<std::size_t>(y[i]);
  }
  return fovea::expected_calibration_error(confidences, correct, bins, weights_of_rows);
}

}  // namespace fovea
