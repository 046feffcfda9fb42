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

template <numbers P, numbers Y, row_weights W = equal_weights>
double expected_calibration_error(P const& probabilities, Y const& targets, std::size_t bins = 15,
                                  W const& weights_of_rows = {});

/// Returns the mean over bins of the probability of the predicted class, the largest one, weighted by their rows, of |mean
/// probability - share of rows that are of the class| (Guo et al., "On calibration of modern neural networks", 2017, with 15
/// bins). Throws what `validate_class_probabilities` throws, `argument_error` if `bins` is 0, and the errors of sample weights.
///
///     double const error = expected_calibration_error(class_scores(probabilities, 3), targets);
template <class T, numbers Y, row_weights W = equal_weights>
double expected_calibration_error(class_scores<T> const& probabilities, Y const& targets, std::size_t bins = 15,
                                  W const& weights_of_rows = {}) {
  auto const y = fovea::numbers_of(targets, "expected_calibration_error");
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

/// The same of one positive class: the mean of |mean probability - share of positives| over the bins of `calibration_curve`, which
/// bins the probability of that class. A tensor of several columns holds the probabilities of the classes, as above. Throws what
/// `calibration_curve` throws.
///
///     std::vector const probabilities{0.1, 0.4, 0.35, 0.8};
///     std::vector const targets{0, 0, 1, 1};
///     double const error = expected_calibration_error(probabilities, targets, 2);  // 0.0875
template <numbers P, numbers Y, row_weights W>
double expected_calibration_error(P const& probabilities, Y const& targets, std::size_t bins,
                                  W const& weights_of_rows) {
  if constexpr (scores_of_classes<P> && order_of<P> == storage_order::row_major)
    if (auto const shape = fovea::shape_of(probabilities); shape.rank() == 2 && shape[1] > 1)
      return fovea::expected_calibration_error(detail::scores_of("expected_calibration_error", probabilities), targets,
                                               bins, weights_of_rows);
  double sum = 0, rows = 0;
  for (auto const& bin :
       fovea::calibration_curve(probabilities, targets, bins, weights_of_rows, "expected_calibration_error")) {
    sum += static_cast<double>(bin.rows) * std::abs(bin.mean_probability - bin.positive_share);
    rows += static_cast<double>(bin.rows);
  }
  return sum / rows;
}

}  // namespace fovea
