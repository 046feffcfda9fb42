// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <type_traits>
#include <vector>

#include <fovea/error.hpp>
#include <fovea/metrics/average.hpp>
#include <fovea/metrics/class_scores.hpp>
#include <fovea/metrics/row_weights.hpp>
#include <fovea/metrics/threshold_counts.hpp>
#include <fovea/metrics/validate_binary.hpp>
#include <fovea/metrics/validate_classes.hpp>

namespace fovea {

/// Returns the area under the ROC curve: the share of pairs of a positive and a negative row in which the positive one
/// has the higher probability, where a tie counts one half. Agrees with scikit-learn's `roc_auc_score`.
/// Without sample weights, the area is summed in integers, exactly if there are fewer than 2^63 such pairs.
/// Throws what `validate_binary` throws, `numeric_error` if a class is missing, and the errors of sample weights.
///
///     std::vector const probabilities{0.1, 0.4, 0.35, 0.8};
///     std::vector const targets{0, 0, 1, 1};
///     double const area = roc_auc(probabilities, targets);  // 0.75
template <numbers P, numbers Y, row_weights W = equal_weights>
double roc_auc(P const& probabilities, Y const& targets, W const& weights_of_rows = {}) {
  auto const curve = fovea::threshold_counts(probabilities, targets, weights_of_rows, "roc_auc");
  detail::require_targets("roc_auc", curve, detail::needed_targets::both_classes);
  auto const negatives = curve.back().false_positive, positives = curve.back().true_positive;

  using count = detail::count_of<W>;
  using area = std::conditional_t<std::is_integral_v<count>, std::uint64_t, double>;
  area twice_area = 0;
  count left = 0, below = 0;
  for (auto const& [threshold, right, above] : curve) {
    twice_area += area{right - left} * (below + above);
    left = right;
    below = above;
  }
  return static_cast<double>(twice_area) / (2 * static_cast<double>(negatives) * static_cast<double>(positives));
}

namespace detail {

/// The average over the classes of the area of one class against the rest.
template <class T, class Y, class W>
double area_of_classes(class_scores<T> const& scores, Y const& y, average how, W const& weights_of_rows) {
  auto const weight = detail::checked_weights("roc_auc", y.size(), weights_of_rows);
  using count = detail::count_of<W>;
  std::vector<count> rows_of(scores.classes());
  for (std::size_t i = 0; i != y.size(); ++i) rows_of[static_cast<std::size_t>(y[i])] += weight[i];
  auto const has_rows = [](count rows) { return rows != 0; };
  if (std::ranges::count_if(rows_of, has_rows) == 1)
    throw numeric_error("roc_auc: all targets are of class " +
                        std::to_string(std::ranges::find_if(rows_of, has_rows) - rows_of.begin()));

  double sum = 0, weights_of_classes = 0;
  std::vector<T> column(scores.rows());
  std::vector<unsigned char> own(scores.rows());
  for (std::size_t c = 0; c != scores.classes(); ++c) {
    if (rows_of[c] == 0 && how == average::weighted) continue;
    if (rows_of[c] == 0) throw numeric_error("roc_auc: no target is of class " + std::to_string(c));
    for (std::size_t i = 0; i != y.size(); ++i) {
      column[i] = scores.row(i)[c];
      own[i] = static_cast<std::size_t>(y[i]) == c;
    }
    auto const weight_of_class = how == average::weighted ? static_cast<double>(rows_of[c]) : 1;
    sum += weight_of_class * fovea::roc_auc(column, own, weights_of_rows);
    weights_of_classes += weight_of_class;
  }
  return sum / weights_of_classes;
}

/// The average, over all pairs of classes that have rows, of the areas of both classes' scores on the rows of the two.
template <class T, class Y> double area_of_pairs(class_scores<T> const& scores, Y const& y, average how) {
  std::vector<std::vector<std::size_t>> rows_of(scores.classes());
  for (std::size_t i = 0; i != y.size(); ++i) rows_of[static_cast<std::size_t>(y[i])].push_back(i);
  std::vector<T> column;
  std::vector<unsigned char> own;
  auto const area = [&](std::size_t c, std::size_t other) {
    column.clear(), own.clear();
    for (auto const of : {c, other})
      for (auto const i : rows_of[of]) column.push_back(scores.row(i)[c]), own.push_back(of == c);
    return fovea::roc_auc(column, own);
  };
  double sum = 0, weights = 0;
  for (std::size_t a = 0; a != scores.classes(); ++a)
    for (std::size_t b = a + 1; b != scores.classes(); ++b) {
      if (rows_of[a].empty() || rows_of[b].empty()) continue;
      auto const weight = how == average::weighted ? static_cast<double>(rows_of[a].size() + rows_of[b].size()) : 1;
      sum += weight * (area(a, b) + area(b, a)) / 2;
      weights += weight;
    }
  if (weights == 0)
    throw numeric_error("roc_auc_of_pairs: all targets are of class " + std::to_string(static_cast<std::size_t>(y[0])));
  return sum / weights;
}

/// The area of all scores as those of one binary classifier of N k rows.
template <class T, class Y, class W>
double area_of_scores(class_scores<T> const& scores, Y const& y, W const& weights_of_rows) {
  auto const weight = detail::checked_weights("roc_auc", y.size(), weights_of_rows);
  std::vector<unsigned char> own(scores.elements().size());
  for (std::size_t i = 0; i != y.size(); ++i) own[i * scores.classes() + static_cast<std::size_t>(y[i])] = 1;
  if constexpr (std::same_as<W, equal_weights>) {
    return fovea::roc_auc(scores.elements(), own);
  } else {
    // a type that depends on W: clang would decide now that std::vector, which host.hpp adapts, is no tensor
    std::vector<typename std::remove_const_t<decltype(weight)>::weight> repeated(own.size());
    for (std::size_t i = 0; i != own.size(); ++i) repeated[i] = weight[i / scores.classes()];
    return fovea::roc_auc(scores.elements(), own, sample_weights(repeated));
  }
}

}  // namespace detail

/// Returns the area of each class's scores against the rest, averaged. Agrees with scikit-learn's
/// `roc_auc_score(multi_class="ovr", average=...)`, and also takes scores that are not probabilities.
/// Throws what `validate_scores` throws, and the errors of sample weights. Throws `numeric_error`, which names the class, if one is
/// that of all targets, or of none: `average::macro` alone needs all classes, as `average::weighted` gives one without rows the
/// weight 0, and `average::micro` needs no class.
///
///     double const area = roc_auc(trainer.predict(test.features), test.targets, average::macro);
template <scores_of_classes P, numbers Y, row_weights W = equal_weights>
double roc_auc(P const& scores, Y const& targets, average how, W const& weights_of_rows = {}) {
  auto const z = detail::scores_of("roc_auc", scores);
  auto const y = fovea::numbers_of(targets, "roc_auc");
  fovea::validate_scores("roc_auc", z, y);
  if (z.rows() == 0) throw numeric_error("roc_auc: no rows");
  if (how == average::micro) return detail::area_of_scores(z, y, weights_of_rows);
  return detail::area_of_classes(z, y, how, weights_of_rows);
}

/// Returns the area of one class against another, averaged over all pairs of classes that have rows, each pair as the mean of its
/// two areas (Hand and Till 2001); `average::weighted` weights a pair by its rows. Agrees with scikit-learn's
/// `roc_auc_score(multi_class="ovo", average=...)`, which takes no sample weights, either. Throws what `validate_scores` throws,
/// `numeric_error` if all targets are of one class, and `argument_error` for `average::micro`.
///
///     double const area = roc_auc_of_pairs(trainer.predict(test.features), test.targets);
template <scores_of_classes P, numbers Y>
double roc_auc_of_pairs(P const& scores, Y const& targets, average how = average::macro) {
  auto const z = detail::scores_of("roc_auc_of_pairs", scores);
  auto const y = fovea::numbers_of(targets, "roc_auc_of_pairs");
  fovea::validate_scores("roc_auc_of_pairs", z, y);
  if (z.rows() == 0) throw numeric_error("roc_auc_of_pairs: no rows");
  if (how == average::micro) throw argument_error("roc_auc_of_pairs: pairs have no micro average");
  return detail::area_of_pairs(z, y, how);
}

}  // namespace fovea
