// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <fovea/error.hpp>
#include <fovea/metrics/class_scores.hpp>
#include <fovea/metrics/row_weights.hpp>
#include <fovea/metrics/validate_binary.hpp>
#include <fovea/metrics/validate_classes.hpp>
#include <fovea/scalar/compensated_sum.hpp>
#include <fovea/scalar/is_finite.hpp>
#include <fovea/scalar/primitives.hpp>

namespace fovea {

/// Calibrates a classifier by dividing its logits by one number, which leaves its predicted classes as they are: the probabilities
/// are softmax(logits / temperature), or sigmoid(logit / temperature) of one logit for each row. Fit on rows that the classifier was
/// not trained on. Agrees with scikit-learn's `CalibratedClassifierCV(method="temperature")` for two or more logits; of one logit,
/// scikit-learn's temperature is twice as large, because it reads it as (-logit, logit). Source: Guo et al. 2017.
///
///     auto const calibration = temperature_scaling::fit(class_scores(logits, 3), targets);
///     std::vector<double> const probabilities = calibration.apply(class_scores(other_logits, 3));
struct temperature_scaling {
  double temperature = 1;

  /// Minimizes the log loss of the targets. Throws what `validate_scores` throws (of one logit: `validate_binary`), `numeric_error` if
  /// a logit is infinite, there are no rows, every target has the largest logit (the temperature tends to 0) or the logits are no
  /// better than chance (it tends to infinity), and the errors of sample weights.
  template <class Z, numbers Y, row_weights W = equal_weights>
    requires numbers<Z> || scores_of_classes<Z>
  static temperature_scaling fit(Z const& logits, Y const& targets, W const& weights_of_rows = {});

  /// Returns the probability of the positive class.
  double operator()(double logit) const { return math::sigmoid(logit / temperature); }
  /// Returns the probabilities, of one logit for each row or of the rows (N, k) in row-major order.
  template <class Z>
    requires numbers<Z> || scores_of_classes<Z>
  std::vector<double> apply(Z const& logits) const;
};

namespace detail {

/// Returns the logits as classes (N, k) if there are two or more for each row, else calls `one` with the numbers.
template <class Z, class Several, class One>
auto with_logits(std::string const& who, Z const& logits, Several const& several, One const& one) {
  if constexpr (is_class_scores<Z>) return several(logits);
  else {
    if constexpr (scores_of_classes<Z>)
      if (auto const shape = fovea::shape_of(logits); shape.rank() == 2 && shape[1] > 1)
        return several(detail::scores_of(who, logits));
    return one(fovea::numbers_of(logits, "temperature_scaling"));
  }
}

/// Writes softmax(scale * logits) to `to`; of the shifted logits, the largest is 0.
template <class T, class Row> void softmax_of(Row const& logits, double scale, T* to) {
  auto const largest = static_cast<double>(*std::ranges::max_element(logits));
  double sum = 0;
  for (std::size_t c = 0; c != logits.size(); ++c)
    sum += to[c] = std::exp((static_cast<double>(logits[c]) - largest) * scale);
  for (std::size_t c = 0; c != logits.size(); ++c) to[c] /= sum;
}

/// Rows of logits minus the target's: the loss of a row is log(sum(exp(scale * margin))).
struct temperature_problem {
  std::size_t classes;
  std::vector<double> margins, weights;

  /// The first two derivatives of the loss with respect to scale = 1 / temperature.
  std::pair<double, double> derivatives(double scale) const {
    compensated_sum first, second;
    std::vector<double> p(classes);
    for (std::size_t i = 0; i != weights.size(); ++i) {
      std::span<double const> const row(margins.data() + i * classes, classes);
      detail::softmax_of(row, scale, p.data());
      double mean = 0, variance = 0;
      for (std::size_t c = 0; c != classes; ++c) mean += p[c] * row[c];
      for (std::size_t c = 0; c != classes; ++c) variance += p[c] * (row[c] - mean) * (row[c] - mean);
      first += weights[i] * mean;
      second += weights[i] * variance;
    }
    return {first.value(), second.value()};
  }

  /// Newton's method between bounds of the root of the first derivative, which increases.
  double solved() const {
    double largest = 0, at_infinity = 0;
    for (std::size_t i = 0; i != weights.size(); ++i) {
      auto const row = margins.begin() + static_cast<std::ptrdiff_t>(i * classes);
      auto const [smallest, greatest] = std::minmax_element(row, row + static_cast<std::ptrdiff_t>(classes));
      largest = (std::max)({largest, -*smallest, *greatest});
      at_infinity += weights[i] * *greatest;
    }
    if (at_infinity == 0)
      throw numeric_error(
          "temperature_scaling: every target has the largest logit, so that the temperature tends to 0");
    if (!(derivatives(0).first < 0))
      throw numeric_error(
          "temperature_scaling: the logits are no better than chance, so that the temperature tends to infinity");
    auto below = 0.0, above = 1 / largest;
    while (derivatives(above).first < 0) below = above, above *= 2;
    auto scale = below + (above - below) / 2;
    for (int iteration = 0; iteration != 200; ++iteration) {
      auto const [slope, curvature] = derivatives(scale);
      (slope < 0 ? below : above) = scale;
      auto next = scale - slope / curvature;
      if (!(next > below && next < above)) next = below + (above - below) / 2;
      auto const moved = std::abs(next - scale);
      scale = next;
      if (moved <= 4e-16 * scale) break;
    }
    return scale;
  }
};

}  // namespace detail

template <class Z, numbers Y, row_weights W>
  requires numbers<Z> || scores_of_classes<Z>
temperature_scaling temperature_scaling::fit(Z const& logits, Y const& targets, W const& weights_of_rows) {
  std::string const who = "temperature_scaling";
  auto const y = fovea::numbers_of(targets, "temperature_scaling");
  auto const fitted = [&](std::size_t classes, auto const& logit) {
    if (y.empty()) throw numeric_error(who + ": no rows");
    auto const weight = detail::checked_weights(who, y.size(), weights_of_rows);
    detail::temperature_problem problem{classes, {}, {}};
    for (std::size_t i = 0; i != y.size(); ++i) {
      auto const of_target = logit(i, static_cast<std::size_t>(y[i]));
      for (std::size_t c = 0; c != classes; ++c) {
        auto const margin = logit(i, c) - of_target;
        if (!detail::is_finite(margin))
          throw numeric_error(who + ": the logits of row " + std::to_string(i) + " or their differences are infinite");
        problem.margins.push_back(margin);
      }
      problem.weights.push_back(static_cast<double>(weight[i]));
    }
    return temperature_scaling{1 / problem.solved()};
  };
  return detail::with_logits(
      who, logits,
      [&](auto const& rows) {
        fovea::validate_scores(who, rows, y);
        return fitted(rows.classes(),
                      [&](std::size_t i, std::size_t c) { return static_cast<double>(rows.row(i)[c]); });
      },
      [&](auto const& z) {
        fovea::validate_binary(who, z, y);
        return fitted(2, [&](std::size_t i, std::size_t c) { return c == 0 ? 0 : static_cast<double>(z[i]); });
      });
}

template <class Z>
  requires numbers<Z> || scores_of_classes<Z>
std::vector<double> temperature_scaling::apply(Z const& logits) const {
  return detail::with_logits(
      "temperature_scaling", logits,
      [&](auto const& rows) {
        std::vector<double> result(rows.elements().size());
        for (std::size_t i = 0; i != rows.rows(); ++i)
          detail::softmax_of(rows.row(i), 1 / temperature, result.data() + i * rows.classes());
        return result;
      },
      [&](auto const& z) {
        std::vector<double> result;
        for (auto const logit : z) result.push_back((*this)(static_cast<double>(logit)));
        return result;
      });
}

}  // namespace fovea
