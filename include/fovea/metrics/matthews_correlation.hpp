// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>

#include <fovea/metrics/confusion_counts.hpp>
#include <fovea/metrics/confusion_matrix.hpp>
#include <fovea/metrics/validate_binary.hpp>

namespace fovea {

/// The correlation of predictions and targets (Matthews 1975), in [-1, 1]; 0 where either has one class only;
/// scikit-learn's `matthews_corrcoef`.
inline double matthews_correlation(confusion_counts const& c) {
  auto const tn = static_cast<double>(c.true_negative), fp = static_cast<double>(c.false_positive);
  auto const fn = static_cast<double>(c.false_negative), tp = static_cast<double>(c.true_positive);
  auto const square = (tp + fp) * (tp + fn) * (tn + fp) * (tn + fn);
  return square == 0 ? 0 : (tp * tn - fp * fn) / std::sqrt(square);
}

/// The same of `confusion_matrix`, with whose errors.
template <numbers P, numbers Y>
double matthews_correlation(P const& probabilities, Y const& targets, double threshold = 0.5) {
  return matthews_correlation(confusion_matrix(probabilities, targets, threshold));
}

}  // namespace fovea
