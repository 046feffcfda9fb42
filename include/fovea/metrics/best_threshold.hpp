// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <concepts>
#include <limits>
#include <string>

#include <fovea/error.hpp>
#include <fovea/metrics/confusion_counts.hpp>
#include <fovea/metrics/threshold_counts.hpp>
#include <fovea/metrics/validate_binary.hpp>

namespace fovea {

/// A threshold, what predicting positive at `probability >= threshold` is worth, and what it counts.
struct chosen_threshold {
  double threshold, value;
  confusion_counts counts;
};

/// The threshold at which `score(confusion)` is greatest, of equally good ones the highest. Thresholds are the distinct
/// probabilities, and infinity, at which nothing is predicted positive. Choose on validation rows, not on test rows.
/// Throws as `validate_binary` does, and `numeric_error` when there are no rows or a probability is infinite; `metric`
/// begins the messages.
template <numbers P, numbers Y, std::invocable<confusion_counts const&> Score>
chosen_threshold best_threshold(P const& probabilities, Y const& targets, Score const& score,
                                std::string const& metric = "best_threshold") {
  auto const curve = threshold_counts(numbers_of(probabilities), numbers_of(targets), metric);
  if (curve.empty()) throw numeric_error(metric + ": no rows");
  auto const [lowest, negatives, positives] = curve.back();
  confusion_counts const none{negatives, 0, positives, 0};
  chosen_threshold best{std::numeric_limits<double>::infinity(), static_cast<double>(score(none)), none};
  for (auto const& point : curve) {
    auto const threshold = static_cast<double>(point.threshold);
    if (std::isinf(threshold)) throw numeric_error(metric + ": a probability is infinite");
    confusion_counts const counts{negatives - point.false_positive, point.false_positive,
                                  positives - point.true_positive, point.true_positive};
    auto const value = static_cast<double>(score(counts));
    if (value > best.value || std::isnan(best.value)) best = {threshold, value, counts};
  }
  return best;
}

}  // namespace fovea
