// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <type_traits>

#include <fovea/metrics/class_scores.hpp>
#include <fovea/metrics/row_weights.hpp>
#include <fovea/metrics/validate_binary.hpp>
#include <fovea/metrics/validate_classes.hpp>

namespace fovea {

namespace detail {
template <class T> using real_probability = std::conditional_t<std::is_floating_point_v<T>, T, double>;
template <class T> double loss_of_probability(T p) {
  auto const epsilon = std::numeric_limits<T>::epsilon();
  return -std::log(static_cast<double>(std::clamp(p, epsilon, 1 - epsilon)));
}
}  // namespace detail

/// Returns the mean negative log-likelihood of the classes, from the probabilities of each. That of a row's class is clipped to
/// [eps, 1 - eps] as below; the row is not normalized again. Agrees with scikit-learn's `log_loss(labels=range(k))`, which only
/// warns if a row does not sum to 1.
/// Throws what `validate_class_probabilities` throws, and the errors of sample weights.
///
///     std::vector const probabilities{0.5, 0.25, 0.25, 0.1, 0.8, 0.1};
///     std::vector const targets{0, 2};
///     double const loss = log_loss(class_scores(probabilities, 3), targets);  // 1.4979
template <class T, numbers Y, row_weights W = equal_weights>
double log_loss(class_scores<T> const& probabilities, Y const& targets, W const& weights_of_rows = {}) {
  auto const y = fovea::numbers_of(targets, "log_loss");
  fovea::validate_class_probabilities("log_loss", probabilities, y);
  auto const weight = detail::checked_weights("log_loss", y.size(), weights_of_rows);
  return detail::mean_of_rows(weight, y.size(), [&](std::size_t i) {
    auto const of_target = probabilities.row(i)[static_cast<std::size_t>(y[i])];
    return detail::loss_of_probability(static_cast<detail::real_probability<T>>(of_target));
  });
}

/// Returns the mean negative log-likelihood of the targets. Each target's probability is clipped to [eps, 1 - eps], where
/// eps is the machine epsilon of its type (double's for integers); the logarithms and their mean are computed in double.
/// Agrees with scikit-learn's `log_loss(labels=[0, 1])`. Throws what `validate_probabilities` throws, and the errors of sample
/// weights. A tensor of several columns holds the probabilities of the classes, as above.
///
///     std::vector const probabilities{0.1, 0.4, 0.35, 0.8};
///     std::vector const targets{0, 0, 1, 1};
///     double const loss = log_loss(probabilities, targets);  // 0.4723
template <numbers P, numbers Y, row_weights W = equal_weights>
double log_loss(P const& probabilities, Y const& targets, W const& weights_of_rows = {}) {
  if constexpr (scores_of_classes<P> && order_of<P> == storage_order::row_major)
    if (auto const shape = fovea::shape_of(probabilities); shape.rank() == 2 && shape[1] > 1)
      return fovea::log_loss(detail::scores_of("log_loss", probabilities), targets, weights_of_rows);
  auto const p = fovea::numbers_of(probabilities, "log_loss");
  auto const y = fovea::numbers_of(targets, "log_loss");
  fovea::validate_probabilities("log_loss", p, y);
  using real_value = detail::real_probability<typename decltype(p)::value_type>;
  auto const weight = detail::checked_weights("log_loss", p.size(), weights_of_rows);
  return detail::mean_of_rows(weight, p.size(), [&](std::size_t i) {
    auto const positive = static_cast<real_value>(p[i]);
    return detail::loss_of_probability(y[i] != 0 ? positive : 1 - positive);
  });
}

}  // namespace fovea
