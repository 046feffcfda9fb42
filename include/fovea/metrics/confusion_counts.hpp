// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>

namespace fovea {

/// The confusion counts of a binary classifier. "Positive" and "negative" refer to the prediction, "true" and "false" to
/// its correctness.
struct confusion_counts {
  std::size_t true_negative = 0, false_positive = 0, false_negative = 0, true_positive = 0;

  bool operator==(confusion_counts const&) const = default;
};

namespace detail {
inline double share(std::size_t part, std::size_t whole) {
  return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
}
}  // namespace detail

// These return 0 where the denominator is 0, like scikit-learn with its default `zero_division`.

/// Returns the share of predictions that are right. Agrees with scikit-learn's `accuracy_score`.
///
///     confusion_counts const counts{2, 0, 1, 1};
///     double const share = accuracy(counts);  // 0.75
inline double accuracy(confusion_counts const& c) {
  auto const right = c.true_negative + c.true_positive;
  return detail::share(right, right + c.false_positive + c.false_negative);
}

/// Returns the share of predicted positives that are positive. Agrees with scikit-learn's `precision_score`.
///
///     confusion_counts const counts{2, 0, 1, 1};
///     double const share = precision(counts);  // 1
inline double precision(confusion_counts const& c) {
  return detail::share(c.true_positive, c.true_positive + c.false_positive);
}

/// Returns the share of positives that are predicted positive. Agrees with scikit-learn's `recall_score`.
///
///     confusion_counts const counts{2, 0, 1, 1};
///     double const share = recall(counts);  // 0.5
inline double recall(confusion_counts const& c) {
  return detail::share(c.true_positive, c.true_positive + c.false_negative);
}

/// Returns the harmonic mean of precision and recall. Agrees with scikit-learn's `f1_score`.
///
///     confusion_counts const counts{2, 0, 1, 1};
///     double const score = f1(counts);  // 0.6667
inline double f1(confusion_counts const& c) {
  return detail::share(2 * c.true_positive, 2 * c.true_positive + c.false_positive + c.false_negative);
}

}  // namespace fovea
