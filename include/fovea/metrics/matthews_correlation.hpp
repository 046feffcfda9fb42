// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <cstddef>

#include <fovea/metrics/class_confusion.hpp>
#include <fovea/metrics/confusion_counts.hpp>
#include <fovea/metrics/confusion_matrix.hpp>
#include <fovea/metrics/row_weights.hpp>
#include <fovea/metrics/validate_binary.hpp>

namespace fovea {

/// Returns the correlation between predictions and targets, in [-1, 1] (Matthews 1975), or 0 if all predictions or all
/// targets are of one class. Agrees with scikit-learn's `matthews_corrcoef`.
template <class Count = std::size_t> double matthews_correlation(basic_confusion_counts<Count> const& c) {
  auto const tn = static_cast<double>(c.true_negative), fp = static_cast<double>(c.false_positive);
  auto const fn = static_cast<double>(c.false_negative), tp = static_cast<double>(c.true_positive);
  auto const square = (tp + fp) * (tp + fn) * (tn + fp) * (tn + fn);
  return square == 0 ? 0 : (tp * tn - fp * fn) / std::sqrt(square);
}

/// Returns the correlation of the confusion matrix at this threshold. Throws what `confusion_matrix` throws.
///
///     std::vector const probabilities{0.1, 0.4, 0.35, 0.8};
///     std::vector const targets{0, 0, 1, 1};
///     double const correlation = matthews_correlation(probabilities, targets);  // 0.5774
template <numbers P, numbers Y, row_weights W = equal_weights>
double matthews_correlation(P const& probabilities, Y const& targets, double threshold = 0.5,
                            W const& weights_of_rows = {}) {
  return fovea::matthews_correlation(fovea::confusion_matrix(probabilities, targets, threshold, weights_of_rows));
}

/// Returns the correlation of k classes, in [-1, 1] (Gorodkin 2004), or 0 if all predictions or all targets are of one class.
/// Agrees with scikit-learn's `matthews_corrcoef`.
///
///     class_confusion const matrix{3, {2, 0, 0, 1, 1, 0, 0, 1, 0}};
///     double const correlation = matthews_correlation(matrix);  // 0.3608
template <class Count> double matthews_correlation(basic_class_confusion<Count> const& m) {
  auto const sums = detail::totals(m);
  auto const all = static_cast<double>(sums.all);
  double predictions = 0, targets = 0, both = 0;  // the probabilities that two rows drawn at random agree
  for (std::size_t c = 0; c != m.classes; ++c) {
    auto const p = static_cast<double>(sums.predictions[c]), t = static_cast<double>(sums.targets[c]);
    predictions += p * (all - p), targets += t * (all - t), both += t * p;
  }
  auto const square = predictions * targets;
  return square == 0 ? 0 : (static_cast<double>(sums.right) * all - both) / std::sqrt(square);
}

}  // namespace fovea
