// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>

#include <fovea/metrics/class_confusion.hpp>

namespace fovea {

/// Returns the mean recall of the classes that occur among the targets, or 0 without targets. Agrees with scikit-learn's
/// `balanced_accuracy_score`.
///
///     class_confusion const matrix{3, {2, 0, 0, 1, 1, 0, 0, 1, 0}};
///     double const mean = balanced_accuracy(matrix);  // 0.5: 1, 1 / 2 and 0
template <class Count> double balanced_accuracy(basic_class_confusion<Count> const& m) {
  double sum = 0;
  std::size_t classes = 0;
  for (auto const& c : fovea::one_against_rest(m))
    if (c.true_positive + c.false_negative != 0) sum += fovea::recall(c), ++classes;
  return classes == 0 ? 0 : sum / static_cast<double>(classes);
}

/// Returns the mean of both classes' recall.
///
///     confusion_counts const counts{2, 0, 1, 1};
///     double const mean = balanced_accuracy(counts);  // 0.75: 1 and 1 / 2
template <class Count = std::size_t> double balanced_accuracy(basic_confusion_counts<Count> const& c) {
  return fovea::balanced_accuracy(detail::two_classes(c));
}

}  // namespace fovea
