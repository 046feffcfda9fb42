// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>

#include <fovea/metrics/confusion_counts.hpp>
#include <fovea/scalar/is_finite.hpp>
#include <fovea/validate.hpp>

namespace fovea {

/// Returns the weighted harmonic mean of precision and recall in which recall has beta squared times the weight of
/// precision (van Rijsbergen 1979), or 0 if there is no true positive. Agrees with scikit-learn's `fbeta_score`.
/// Throws `argument_error` unless beta is finite and not negative.
///
///     confusion_counts const counts{2, 0, 1, 1};
///     double const score = f_beta(counts, 2);  // 0.5556
template <class Count = std::size_t> double f_beta(basic_confusion_counts<Count> const& c, double beta) {
  require(detail::is_finite(beta) && beta >= 0, "f_beta: beta must be finite and not negative", beta);
  auto const weight = beta * beta;
  auto const found = static_cast<double>(c.true_positive);
  auto const actual = static_cast<double>(c.true_positive + c.false_negative);
  auto const predicted = static_cast<double>(c.true_positive + c.false_positive);
  if (found == 0) return 0;
  if (weight > 1e100) return found / actual;  // the limit, recall: the products below would overflow
  return (1 + weight) * found / (weight * actual + predicted);
}

}  // namespace fovea
