// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>

#include <fovea/metrics/average.hpp>
#include <fovea/metrics/class_confusion.hpp>
#include <fovea/metrics/f_beta.hpp>

namespace fovea {

namespace detail {
/// Returns the average of a rate of binary counts over the classes that occur among the targets or the predictions.
template <class Count, class Rate>
double average_rate(basic_class_confusion<Count> const& m, average how, Rate const& rate) {
  basic_confusion_counts<Count> together;
  double sum = 0, weights_of_classes = 0;
  for (auto const& c : fovea::one_against_rest(m)) {
    together.true_negative += c.true_negative, together.false_positive += c.false_positive;
    together.false_negative += c.false_negative, together.true_positive += c.true_positive;
    auto const own = c.true_positive + c.false_negative;
    if (own + c.false_positive == 0) continue;
    auto const weight = how == average::weighted ? static_cast<double>(own) : 1;
    sum += weight * rate(c);
    weights_of_classes += weight;
  }
  if (how == average::micro) return rate(together);
  return weights_of_classes == 0 ? 0 : sum / weights_of_classes;
}
}  // namespace detail

/// Returns the share of rows whose class is predicted. Agrees with scikit-learn's `accuracy_score`.
///
///     class_confusion const matrix{3, {2, 0, 0, 1, 1, 0, 0, 1, 0}};
///     double const share = accuracy(matrix);  // 0.6
template <class Count> double accuracy(basic_class_confusion<Count> const& m) {
  auto const sums = detail::totals(m);
  return detail::share(sums.right, sums.all);
}

// The rates of one class against the rest, averaged. A class that occurs neither among the targets nor among the predictions does
// not count, as with scikit-learn's default `labels`; of the others, a rate is 0 where its denominator is 0. scikit-learn also
// counts a class of which all rows have weight 0.

/// Returns the averaged precision. Agrees with scikit-learn's `precision_score(average=...)`.
///
///     class_confusion const matrix{3, {2, 0, 0, 1, 1, 0, 0, 1, 0}};
///     double const share = precision(matrix, average::macro);  // 0.3889: 2 / 3, 1 / 2 and 0
template <class Count> double precision(basic_class_confusion<Count> const& m, average how) {
  return detail::average_rate(m, how, [](auto const& c) { return fovea::precision(c); });
}

/// Returns the averaged recall. Agrees with scikit-learn's `recall_score(average=...)`.
///
///     class_confusion const matrix{3, {2, 0, 0, 1, 1, 0, 0, 1, 0}};
///     double const share = recall(matrix, average::weighted);  // 0.6, the accuracy
template <class Count> double recall(basic_class_confusion<Count> const& m, average how) {
  return detail::average_rate(m, how, [](auto const& c) { return fovea::recall(c); });
}

/// Returns the averaged harmonic mean of precision and recall. Agrees with scikit-learn's `f1_score(average=...)`.
///
///     class_confusion const matrix{3, {2, 0, 0, 1, 1, 0, 0, 1, 0}};
///     double const score = f1(matrix, average::macro);  // 0.4333: 0.8, 0.5 and 0
template <class Count> double f1(basic_class_confusion<Count> const& m, average how) {
  return detail::average_rate(m, how, [](auto const& c) { return fovea::f1(c); });
}

/// Returns the averaged `f_beta`, whose error it throws. Agrees with scikit-learn's `fbeta_score(average=...)`.
///
///     class_confusion const matrix{3, {2, 0, 0, 1, 1, 0, 0, 1, 0}};
///     double const score = f_beta(matrix, 2, average::macro);  // 0.4697
template <class Count> double f_beta(basic_class_confusion<Count> const& m, double beta, average how) {
  fovea::f_beta(confusion_counts{}, beta);  // throws for a wrong beta where no class occurs, too
  return detail::average_rate(m, how, [beta](auto const& c) { return fovea::f_beta(c, beta); });
}

}  // namespace fovea
