// SPDX-License-Identifier: MIT
#pragma once

#include <concepts>
#include <cstddef>
#include <limits>
#include <string>

#include <fovea/error.hpp>
#include <fovea/metrics/confusion_counts.hpp>
#include <fovea/metrics/row_weights.hpp>
#include <fovea/metrics/threshold_counts.hpp>
#include <fovea/metrics/validate_binary.hpp>
#include <fovea/scalar/is_finite.hpp>

namespace fovea {

/// A decision threshold, the score of predicting positive at `probability >= threshold`, and the confusion counts there.
template <class Count> struct basic_chosen_threshold {
  double threshold, value;
  basic_confusion_counts<Count> counts;
};
using chosen_threshold = basic_chosen_threshold<std::size_t>;
using weighted_chosen_threshold = basic_chosen_threshold<double>;

/// Returns the threshold that maximizes `score(confusion_counts)`; ties go to the highest threshold, and a score of nan
/// ranks below every number. The candidates are the distinct probabilities, and infinity, at which no row is predicted
/// positive. With sample weights, the score takes `weighted_confusion_counts`. Choose the threshold on validation rows, not on test rows.
/// Throws what `validate_binary` throws, `numeric_error` if there are no rows or a probability is infinite, and the errors of
/// sample weights; error messages begin with `metric`.
///
///     std::vector const probabilities{0.1, 0.4, 0.35, 0.8};
///     std::vector const targets{0, 0, 1, 1};
///     auto const best = best_threshold(probabilities, targets, [](auto const& counts) { return accuracy(counts); });
///     // best.threshold is 0.8 and best.value 0.75; 0.35 is as accurate, but lower
template <numbers P, numbers Y, class Score, row_weights W>
  requires std::invocable<Score const&, basic_confusion_counts<detail::count_of<W>> const&>
basic_chosen_threshold<detail::count_of<W>> best_threshold(P const& probabilities, Y const& targets, Score const& score,
                                                           W const& weights_of_rows,
                                                           std::string const& metric = "best_threshold") {
  using counts_type = basic_confusion_counts<detail::count_of<W>>;
  auto const curve = fovea::threshold_counts(probabilities, targets, weights_of_rows, metric);
  if (curve.empty()) throw numeric_error(metric + ": no rows");
  auto const [lowest, negatives, positives] = curve.back();
  counts_type const none{negatives, 0, positives, 0};
  basic_chosen_threshold<detail::count_of<W>> best{std::numeric_limits<double>::infinity(),
                                                   static_cast<double>(score(none)), none};
  for (auto const& point : curve) {
    auto const threshold = detail::finite_threshold(metric, point);
    counts_type const counts{negatives - point.false_positive, point.false_positive, positives - point.true_positive,
                             point.true_positive};
    auto const found = static_cast<double>(score(counts));
    if (found > best.value || detail::is_nan(best.value)) best = {threshold, found, counts};
  }
  return best;
}
template <numbers P, numbers Y, std::invocable<confusion_counts const&> Score>
chosen_threshold best_threshold(P const& probabilities, Y const& targets, Score const& score,
                                std::string const& metric = "best_threshold") {
  return fovea::best_threshold(probabilities, targets, score, equal_weights{}, metric);
}

}  // namespace fovea
