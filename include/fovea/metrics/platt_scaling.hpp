// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <string>
#include <vector>

#include <fovea/error.hpp>
#include <fovea/metrics/row_weights.hpp>
#include <fovea/metrics/validate_binary.hpp>
#include <fovea/scalar/compensated_sum.hpp>
#include <fovea/scalar/is_finite.hpp>
#include <fovea/scalar/primitives.hpp>
#include <fovea/text/to_shortest.hpp>

namespace fovea {

/// Calibrates the scores of a binary classifier by a sigmoid: the probability is sigmoid(slope * score + intercept). Fit on rows
/// that the classifier was not trained on. Agrees with scikit-learn's `CalibratedClassifierCV(method="sigmoid")`, whose a_ and b_ are
/// -slope and -intercept. To store it, store its members. Source: Platt 1999, solved by the Newton method of Lin, Lin and Weng 2007.
///
///     auto const calibration = platt_scaling::fit(logits, targets);
///     std::vector<double> const probabilities = calibration.apply(other_logits);
struct platt_scaling {
  double slope = 1, intercept = 0;

  /// Minimizes the log loss of the targets, smoothed as Platt does: (n + 1) / (n + 2) for n positive rows, 1 / (n + 2) for n negative
  /// ones. Scores that are all equal give the slope 0. Throws what `validate_binary` throws, `numeric_error` if a score is infinite
  /// or a class is missing, and the errors of sample weights.
  template <numbers P, numbers Y, row_weights W = equal_weights>
  static platt_scaling fit(P const& scores, Y const& targets, W const& weights_of_rows = {});

  /// Returns the probability of a score.
  double operator()(double score) const { return math::sigmoid(slope * score + intercept); }
  /// Returns the probabilities of the scores.
  template <numbers P> std::vector<double> apply(P const& scores) const {
    std::vector<double> result;
    for (auto const score : fovea::numbers_of(scores, "platt_scaling"))
      result.push_back((*this)(static_cast<double>(score)));
    return result;
  }
};

namespace detail {

/// The loss of `platt_scaling` on scores of mean 0 and deviation 1, which make its Newton steps well conditioned.
struct platt_problem {
  std::vector<double> scores, targets, weights;

  double loss(double slope, double intercept) const {
    compensated_sum sum;
    for (std::size_t i = 0; i != scores.size(); ++i) {
      auto const z = slope * scores[i] + intercept;
      sum += weights[i] * (math::softplus(z) - targets[i] * z);
    }
    return sum.value();
  }
  /// The gradient and the Hessian: of slope, of intercept; of slope twice, of both, of intercept twice.
  std::array<double, 5> derivatives(double slope, double intercept) const {
    std::array<compensated_sum, 5> sums;
    for (std::size_t i = 0; i != scores.size(); ++i) {
      auto const x = scores[i], p = math::sigmoid(slope * x + intercept);
      auto const gradient = weights[i] * (p - targets[i]), curvature = weights[i] * p * (1 - p);
      sums[0] += gradient * x;
      sums[1] += gradient;
      sums[2] += curvature * x * x;
      sums[3] += curvature * x;
      sums[4] += curvature;
    }
    std::array<double, 5> result{};
    for (std::size_t k = 0; k != 5; ++k) result[k] = sums[k].value();
    return result;
  }

  platt_scaling solved(double intercept) const {
    platt_scaling at{0, intercept};
    auto loss_here = loss(at.slope, at.intercept);
    for (int iteration = 0; iteration != 100; ++iteration) {
      auto const [g, h, gg, gh, hh] = derivatives(at.slope, at.intercept);
      auto const determinant = gg * hh - gh * gh;
      auto const slope_step = determinant > 0 ? (gh * h - hh * g) / determinant : 0;
      auto const intercept_step = determinant > 0 ? (gh * g - gg * h) / determinant : -h / hh;
      auto share = 1.0;
      platt_scaling next{at.slope + slope_step, at.intercept + intercept_step};
      auto loss_next = loss(next.slope, next.intercept);
      while (!(loss_next < loss_here) && share > 1e-10) {
        share /= 2;
        next = {at.slope + share * slope_step, at.intercept + share * intercept_step};
        loss_next = loss(next.slope, next.intercept);
      }
      if (!(loss_next < loss_here)) {
        // The loss no longer resolves the step, which is the most accurate one if it is small.
        if (std::abs(slope_step) + std::abs(intercept_step) < 1e-6)
          at.slope += slope_step, at.intercept += intercept_step;
        break;
      }
      at = next;
      loss_here = loss_next;
    }
    return at;
  }
};

}  // namespace detail

template <numbers P, numbers Y, row_weights W>
platt_scaling platt_scaling::fit(P const& scores, Y const& targets, W const& weights_of_rows) {
  auto const x = fovea::numbers_of(scores, "platt_scaling");
  auto const y = fovea::numbers_of(targets, "platt_scaling");
  fovea::validate_binary("platt_scaling", x, y);
  if (x.empty()) throw numeric_error("platt_scaling: no rows");
  for (std::size_t i = 0; i != x.size(); ++i)
    if (auto const score = static_cast<double>(x[i]); !detail::is_finite(score))
      throw numeric_error("platt_scaling: score " + std::to_string(i) + " is " + detail::to_shortest(score) +
                          ", must be finite");
  auto const weight = detail::checked_weights("platt_scaling", x.size(), weights_of_rows);

  auto const score = [&](std::size_t i) { return static_cast<double>(x[i]); };
  double positive = 0, negative = 0;
  for (std::size_t i = 0; i != x.size(); ++i) (y[i] == 1 ? positive : negative) += static_cast<double>(weight[i]);
  if (positive == 0 || negative == 0)
    throw numeric_error(std::string("platt_scaling: no target is ") + (positive == 0 ? "1" : "0"));

  auto const mean = detail::mean_of_rows(weight, x.size(), score);
  auto const deviation = std::sqrt(
      detail::mean_of_rows(weight, x.size(), [&](std::size_t i) { return (score(i) - mean) * (score(i) - mean); }));
  if (!detail::is_finite(deviation))
    throw numeric_error("platt_scaling: the scores are too large to be squared and summed");
  auto const scale = deviation == 0 ? 1 : deviation;
  detail::platt_problem problem;
  for (std::size_t i = 0; i != x.size(); ++i) {
    problem.scores.push_back((score(i) - mean) / scale);
    problem.targets.push_back(y[i] == 1 ? (positive + 1) / (positive + 2) : 1 / (negative + 2));
    problem.weights.push_back(static_cast<double>(weight[i]));
  }
  auto const found = problem.solved(std::log((positive + 1) / (negative + 1)));
  return {found.slope / scale, found.intercept - found.slope / scale * mean};
}

}  // namespace fovea
