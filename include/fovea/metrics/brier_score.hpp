// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>

#include <fovea/metrics/class_scores.hpp>
#include <fovea/metrics/row_weights.hpp>
#include <fovea/metrics/validate_binary.hpp>
#include <fovea/metrics/validate_classes.hpp>
#include <fovea/scalar/compensated_sum.hpp>

namespace fovea {

/// Returns the mean over the rows of the squared distance between the classes' probabilities and the row's class (Brier 1950); of
/// two classes half of it, which is the score of one of them. Agrees with scikit-learn's `brier_score_loss(labels=range(k))`.
/// Throws what `validate_class_probabilities` throws, and the errors of sample weights.
///
///     std::vector const probabilities{0.5, 0.25, 0.25, 0.1, 0.8, 0.1};
///     std::vector const targets{0, 2};
///     double const score = brier_score(class_scores(probabilities, 3), targets);  // 0.9175
template <class T, numbers Y, row_weights W = equal_weights>
double brier_score(class_scores<T> const& probabilities, Y const& targets, W const& weights_of_rows = {}) {
  auto const y = fovea::numbers_of(targets, "brier_score");
  fovea::validate_class_probabilities("brier_score", probabilities, y);
  auto const weight = detail::checked_weights("brier_score", y.size(), weights_of_rows);
  return detail::mean_of_rows(weight, y.size(), [&](std::size_t i) {
    auto const row = probabilities.row(i);
    compensated_sum sum;
    for (std::size_t c = 0; c != row.size(); ++c) {
      auto const difference = static_cast<double>(row[c]) - (c == static_cast<std::size_t>(y[i]) ? 1 : 0);
      sum += difference * difference;
    }
    return row.size() == 2 ? sum.value() / 2 : sum.value();
  });
}

/// Returns the mean squared difference between probability and target. Agrees with scikit-learn's `brier_score_loss`. Throws what
/// `validate_probabilities` throws, and the errors of sample weights. A tensor of several columns holds the probabilities of the
/// classes, as above.
///
///     std::vector const probabilities{0.1, 0.4, 0.35, 0.8};
///     std::vector const targets{0, 0, 1, 1};
///     double const score = brier_score(probabilities, targets);  // 0.1581
template <numbers P, numbers Y, row_weights W = equal_weights>
double brier_score(P const& probabilities, Y const& targets, W const& weights_of_rows = {}) {
  if constexpr (scores_of_classes<P> && order_of<P> == storage_order::row_major)
    if (auto const shape = fovea::shape_of(probabilities); shape.rank() == 2 && shape[1] > 1)
      return fovea::brier_score(detail::scores_of("brier_score", probabilities), targets, weights_of_rows);
  auto const p = fovea::numbers_of(probabilities, "brier_score");
  auto const y = fovea::numbers_of(targets, "brier_score");
  fovea::validate_probabilities("brier_score", p, y);
  auto const weight = detail::checked_weights("brier_score", p.size(), weights_of_rows);
  return detail::mean_of_rows(weight, p.size(), [&](std::size_t i) {
    auto const difference = static_cast<double>(p[i]) - static_cast<double>(y[i]);
    return difference * difference;
  });
}

}  // namespace fovea
