// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>

#include <fovea/error.hpp>
#include <fovea/metrics/class_scores.hpp>
#include <fovea/metrics/row_weights.hpp>
#include <fovea/metrics/validate_classes.hpp>

namespace fovea {

/// Returns the share of rows whose class is among the k with the largest scores. Agrees with scikit-learn's `top_k_accuracy_score`:
/// of equal scores, the later class ranks higher, so with ties in the largest score k = 1 can differ from the accuracy of
/// `class_confusion_matrix`, which predicts the first.
/// Throws what `validate_scores` throws, `argument_error` if k is 0, `numeric_error` if there are no rows, and the errors of sample
/// weights.
///
///     double const share = top_k_accuracy(trainer.predict(test.features), test.targets, 3);
template <scores_of_classes P, numbers Y, row_weights W = equal_weights>
double top_k_accuracy(P const& scores, Y const& targets, std::size_t k = 2, W const& weights_of_rows = {}) {
  auto const z = detail::scores_of("top_k_accuracy", scores);
  auto const y = fovea::numbers_of(targets, "top_k_accuracy");
  fovea::validate_scores("top_k_accuracy", z, y);
  if (k == 0) throw argument_error("top_k_accuracy: k is 0, must be at least 1");
  if (z.rows() == 0) throw numeric_error("top_k_accuracy: no rows");
  auto const weight = detail::checked_weights("top_k_accuracy", y.size(), weights_of_rows);
  return detail::mean_of_rows(weight, y.size(), [&](std::size_t i) {
    auto const row = z.row(i);
    auto const own = static_cast<std::size_t>(y[i]);
    std::size_t above = 0;
    for (std::size_t c = 0; c != row.size(); ++c) above += row[c] > row[own] || (row[c] == row[own] && c > own);
    return above < k ? 1. : 0.;
  });
}

}  // namespace fovea
