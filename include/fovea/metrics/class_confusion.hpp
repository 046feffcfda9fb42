// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

#include <fovea/metrics/confusion_counts.hpp>

namespace fovea {

/// The confusion matrix of a classifier of k classes: how often each class was predicted for each class of the targets. A count
/// is a number of rows or, with sample weights, the sum of their weights.
template <class Count> struct basic_class_confusion {
  std::size_t classes = 0;
  std::vector<Count> counts = {};  // k * k: row by row, a row for each class of the targets

  Count operator()(std::size_t target, std::size_t prediction) const { return counts[target * classes + prediction]; }
  bool operator==(basic_class_confusion const&) const = default;
};
using class_confusion = basic_class_confusion<std::size_t>;
using weighted_class_confusion = basic_class_confusion<double>;

namespace detail {
/// The sums of a confusion matrix.
template <class Count> struct class_totals {
  std::vector<Count> targets, predictions;  // of each class
  Count all = 0, right = 0;
};
template <class Count> class_totals<Count> totals(basic_class_confusion<Count> const& m) {
  class_totals<Count> sums{std::vector<Count>(m.classes), std::vector<Count>(m.classes)};
  for (std::size_t t = 0; t != m.classes; ++t)
    for (std::size_t p = 0; p != m.classes; ++p) {
      auto const count = m(t, p);
      sums.targets[t] += count, sums.predictions[p] += count, sums.all += count;
      if (t == p) sums.right += count;
    }
  return sums;
}
/// The binary counts as a matrix of the classes 0 and 1.
template <class Count> basic_class_confusion<Count> two_classes(basic_confusion_counts<Count> const& c) {
  return {2, {c.true_negative, c.false_positive, c.false_negative, c.true_positive}};
}
}  // namespace detail

/// Returns the confusion counts of each class as the positive one, against all others as the negative one. Agrees with
/// scikit-learn's `multilabel_confusion_matrix`. The metrics of binary counts thereby apply to each class.
///
///     class_confusion const matrix{3, {2, 0, 0, 1, 1, 0, 0, 1, 0}};
///     double const of_class_1 = recall(one_against_rest(matrix)[1]);  // 0.5
template <class Count>
std::vector<basic_confusion_counts<Count>> one_against_rest(basic_class_confusion<Count> const& m) {
  std::vector<basic_confusion_counts<Count>> result(m.classes);
  for (std::size_t t = 0; t != m.classes; ++t)
    for (std::size_t p = 0; p != m.classes; ++p)
      if (t == p) {
        result[t].true_positive = m(t, t);
      } else {
        result[t].false_negative += m(t, p);
        result[p].false_positive += m(t, p);
      }
  auto const all = detail::totals(m).all;
  for (auto& c : result) {
    auto const others = c.true_positive + c.false_positive + c.false_negative;
    c.true_negative = all - (std::min)(all, others);  // rounding can make a sum of weights larger than all
  }
  return result;
}

}  // namespace fovea
