// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>

namespace fovea {

/// How many predictions of two classes were right and wrong; "positive" is what was predicted.
struct confusion_counts {
  std::size_t true_negative = 0, false_positive = 0, false_negative = 0, true_positive = 0;

  bool operator==(confusion_counts const&) const = default;
};

namespace detail {
inline double share(std::size_t part, std::size_t whole) {
  return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
}
}  // namespace detail

// Where nothing was counted these are 0, as scikit-learn's `zero_division` has it by default.

/// The share of right predictions.
inline double accuracy(confusion_counts const& c) {
  auto const right = c.true_negative + c.true_positive;
  return detail::share(right, right + c.false_positive + c.false_negative);
}

/// The share of true ones among those predicted positive.
inline double precision(confusion_counts const& c) {
  return detail::share(c.true_positive, c.true_positive + c.false_positive);
}

/// The share of the positives that were found.
inline double recall(confusion_counts const& c) {
  return detail::share(c.true_positive, c.true_positive + c.false_negative);
}

/// The harmonic mean of precision and recall.
inline double f1(confusion_counts const& c) {
  return detail::share(2 * c.true_positive, 2 * c.true_positive + c.false_positive + c.false_negative);
}

}  // namespace fovea
