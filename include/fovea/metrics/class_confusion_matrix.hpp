// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

#include <fovea/error.hpp>
#include <fovea/metrics/class_confusion.hpp>
#include <fovea/metrics/class_scores.hpp>
#include <fovea/metrics/row_weights.hpp>
#include <fovea/metrics/validate_classes.hpp>

namespace fovea {

/// Returns the confusion matrix of predicted classes, integers from 0 to classes - 1. Agrees with scikit-learn's
/// `confusion_matrix(labels=range(classes))`, whose rows are the targets' classes, too.
/// Throws `shape_error` if there are not as many predictions as targets, `argument_error` for a number that is not one of the
/// classes, and for no classes or more than a million, and the errors of sample weights.
///
///     std::vector const predictions{0, 0, 0, 1, 1}, targets{0, 0, 1, 1, 2};
///     auto const matrix = class_confusion_matrix(predictions, targets, 3);
///     // matrix(1, 0) is 1: one row of class 1 was predicted as class 0
template <numbers P, numbers Y, row_weights W = equal_weights>
basic_class_confusion<detail::count_of<W>> class_confusion_matrix(P const& predictions, Y const& targets,
                                                                  std::size_t classes, W const& weights_of_rows = {}) {
  std::string const metric = "class_confusion_matrix";
  auto const p = fovea::numbers_of(predictions, "class_confusion_matrix");
  auto const y = fovea::numbers_of(targets, "class_confusion_matrix");
  if (classes == 0 || classes > 1'000'000)
    throw argument_error(metric + ": classes must be in [1, 1000000], got " + std::to_string(classes));
  if (p.size() != y.size())
    throw shape_error(metric + ": " + std::to_string(p.size()) + " predictions, but " + std::to_string(y.size()) +
                      " targets");
  fovea::validate_classes(metric, "prediction", p, classes);
  fovea::validate_classes(metric, "target", y, classes);
  auto const weight = detail::checked_weights(metric, y.size(), weights_of_rows);
  using count = detail::count_of<W>;
  basic_class_confusion<count> result{classes, std::vector<count>(classes * classes)};
  for (std::size_t i = 0; i != y.size(); ++i)
    result.counts[static_cast<std::size_t>(y[i]) * classes + static_cast<std::size_t>(p[i])] += weight[i];
  return result;
}

/// Returns the confusion matrix of predicting the class of the largest score, of equal ones the first, as `predict_classes` and
/// NumPy's `argmax` do. Throws what `validate_scores` throws, and the errors of sample weights.
///
///     auto const matrix = class_confusion_matrix(trainer.predict(test.features), test.targets);
///     std::cout << accuracy(matrix) << ' ' << f1(matrix, average::macro);
template <scores_of_classes P, numbers Y, row_weights W = equal_weights>
basic_class_confusion<detail::count_of<W>> class_confusion_matrix(P const& scores, Y const& targets,
                                                                  W const& weights_of_rows = {}) {
  auto const z = detail::scores_of("class_confusion_matrix", scores);
  fovea::validate_scores("class_confusion_matrix", z, fovea::numbers_of(targets, "class_confusion_matrix"));
  std::vector<std::size_t> predictions(z.rows());
  for (std::size_t i = 0; i != z.rows(); ++i)
    predictions[i] = static_cast<std::size_t>(std::ranges::max_element(z.row(i)) - z.row(i).begin());
  return fovea::class_confusion_matrix(predictions, targets, z.classes(), weights_of_rows);
}

}  // namespace fovea
