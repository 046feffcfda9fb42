// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <string>

#include <fovea/error.hpp>
#include <fovea/metrics/best_threshold.hpp>
#include <fovea/metrics/confusion_counts.hpp>
#include <fovea/metrics/row_weights.hpp>
#include <fovea/metrics/validate_binary.hpp>
#include <fovea/scalar/is_finite.hpp>
#include <fovea/text/to_shortest.hpp>

namespace fovea {

/// The cost of one prediction of each kind, in any unit; a gain is a negative cost.
struct cost_matrix {
  double true_negative = 0, false_positive = 1, false_negative = 1, true_positive = 0;

  /// Throws `argument_error` if a cost is not finite.
  void validate() const {
    auto const check = [](char const* name, double cost) {
      if (!detail::is_finite(cost))
        throw argument_error(std::string("cost_matrix: ") + name + " is " + detail::to_shortest(cost) +
                             ", must be finite");
    };
    check("true_negative", true_negative);
    check("false_positive", false_positive);
    check("false_negative", false_negative);
    check("true_positive", true_positive);
  }
};

/// Returns the sum over all predictions of their costs.
template <class Count = std::size_t>
double total_cost(basic_confusion_counts<Count> const& counts, cost_matrix const& costs) {
  auto const of = [](Count n, double cost) { return static_cast<double>(n) * cost; };
  return of(counts.true_negative, costs.true_negative) + of(counts.false_positive, costs.false_positive) +
         of(counts.false_negative, costs.false_negative) + of(counts.true_positive, costs.true_positive);
}

/// Returns the threshold that minimizes `total_cost`, with that minimum as its `value`; ties go to the highest threshold.
/// The threshold is infinite if it is cheapest to predict no row positive. Throws what `best_threshold` and
/// `cost_matrix::validate` throw.
///
///     std::vector const probabilities{0.1, 0.4, 0.35, 0.8};
///     std::vector const targets{0, 0, 1, 1};
///     auto const best = cost_threshold(probabilities, targets, {.false_positive = 1, .false_negative = 10});
///     // best.threshold is 0.35 and best.value 1
template <numbers P, numbers Y, row_weights W = equal_weights>
basic_chosen_threshold<detail::count_of<W>> cost_threshold(P const& probabilities, Y const& targets,
                                                           cost_matrix const& costs = {},
                                                           W const& weights_of_rows = {}) {
  costs.validate();
  auto const score = [&costs](auto const& counts) { return -fovea::total_cost(counts, costs); };
  auto result = fovea::best_threshold(probabilities, targets, score, weights_of_rows, "cost_threshold");
  result.value = fovea::total_cost(result.counts, costs);
  return result;
}

}  // namespace fovea
