// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <type_traits>

namespace fovea {

/// The confusion counts of a binary classifier. "Positive" and "negative" refer to the prediction, "true" and "false" to
/// its correctness. A count is a number of rows or, with sample weights, the sum of their weights.
template <class Count> struct basic_confusion_counts {
  Count true_negative = 0, false_positive = 0, false_negative = 0, true_positive = 0;

  bool operator==(basic_confusion_counts const&) const = default;
};
using confusion_counts = basic_confusion_counts<std::size_t>;
using weighted_confusion_counts = basic_confusion_counts<double>;

namespace detail {
template <class Count> double share(Count part, Count whole) {
  return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
}
template <class P, class Y> double explain_counts() {
  static_assert(
      sizeof(P) == 0,
      "fovea: accuracy, precision, recall and f1 take counts: accuracy(confusion_matrix(probabilities, targets)), or of "
      "classes accuracy(class_confusion_matrix(predictions, targets))");
  return 0;
}
}  // namespace detail

// These return 0 where the denominator is 0, like scikit-learn with its default `zero_division`. The default `Count` is that
// of counts in braces.

/// Returns the share of predictions that are right. Agrees with scikit-learn's `accuracy_score`.
///
///     confusion_counts const counts{2, 0, 1, 1};
///     double const share = accuracy(counts);  // 0.75
template <class Count = std::size_t> double accuracy(basic_confusion_counts<Count> const& c) {
  auto const right = c.true_negative + c.true_positive;
  return detail::share(right, right + c.false_positive + c.false_negative);
}

/// Returns the share of predicted positives that are positive. Agrees with scikit-learn's `precision_score`.
///
///     confusion_counts const counts{2, 0, 1, 1};
///     double const share = precision(counts);  // 1
template <class Count = std::size_t> double precision(basic_confusion_counts<Count> const& c) {
  return detail::share(c.true_positive, c.true_positive + c.false_positive);
}

/// Returns the share of positives that are predicted positive. Agrees with scikit-learn's `recall_score`.
///
///     confusion_counts const counts{2, 0, 1, 1};
///     double const share = recall(counts);  // 0.5
template <class Count = std::size_t> double recall(basic_confusion_counts<Count> const& c) {
  return detail::share(c.true_positive, c.true_positive + c.false_negative);
}

/// Returns the harmonic mean of precision and recall. Agrees with scikit-learn's `f1_score`.
///
///     confusion_counts const counts{2, 0, 1, 1};
///     double const score = f1(counts);  // 0.6667
template <class Count = std::size_t> double f1(basic_confusion_counts<Count> const& c) {
  return detail::share(2 * c.true_positive, 2 * c.true_positive + c.false_positive + c.false_negative);
}

// For predictions and targets: the error says what is taken instead.
template <class P, class Y>
  requires(!std::is_enum_v<Y>)
double accuracy(P const&, Y const&) {
  return detail::explain_counts<P, Y>();
}
template <class P, class Y>
  requires(!std::is_enum_v<Y>)
double precision(P const&, Y const&) {
  return detail::explain_counts<P, Y>();
}
template <class P, class Y>
  requires(!std::is_enum_v<Y>)
double recall(P const&, Y const&) {
  return detail::explain_counts<P, Y>();
}
template <class P, class Y>
  requires(!std::is_enum_v<Y>)
double f1(P const&, Y const&) {
  return detail::explain_counts<P, Y>();
}

}  // namespace fovea
