// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <cstddef>
#include <limits>
#include <span>
#include <string>
#include <type_traits>

#include <fovea/error.hpp>
#include <fovea/metrics/class_scores.hpp>
#include <fovea/scalar/compensated_sum.hpp>
#include <fovea/scalar/is_finite.hpp>
#include <fovea/text/to_shortest.hpp>

namespace fovea {

/// Throws `argument_error` for a number that is not an integer from 0 to classes - 1. The error begins with `metric` and names
/// the number as `noun`, "target" or "prediction", with its position counted from 0.
template <class T>
void validate_classes(std::string const& metric, char const* noun, std::span<T const> all, std::size_t classes) {
  for (std::size_t i = 0; i != all.size(); ++i) {
    auto const number = static_cast<double>(all[i]);
    auto const inside = detail::is_finite(number) && number >= 0 && number < static_cast<double>(classes);
    if (!inside || static_cast<double>(static_cast<std::size_t>(number)) != number)
      throw argument_error(metric + ": " + noun + " " + std::to_string(i) + " is " + detail::to_shortest(number) +
                           ", must be a class from 0 to " + std::to_string(classes - 1));
  }
}

/// Checks the arguments of a metric of scores. Throws `shape_error` if there are not as many targets as rows, `numeric_error` if a
/// score is nan, and what `validate_classes` throws.
template <class T, class Y>
void validate_scores(std::string const& metric, class_scores<T> const& scores, std::span<Y const> targets) {
  if (scores.rows() != targets.size())
    throw shape_error(metric + ": scores of " + std::to_string(scores.rows()) + " rows, but " +
                      std::to_string(targets.size()) + " targets");
  for (std::size_t i = 0; i != scores.elements().size(); ++i)
    if (detail::is_nan(static_cast<double>(scores.elements()[i])))
      throw numeric_error(metric + ": the score of class " + std::to_string(i % scores.classes()) + " in row " +
                          std::to_string(i / scores.classes()) + " is nan");
  fovea::validate_classes(metric, "target", targets, scores.classes());
}

/// Checks the arguments of a metric whose scores must be probabilities. Throws what `validate_scores` throws, `numeric_error` if
/// there are no rows, and `argument_error` if a probability is outside [0, 1] or a row's sum differs from 1 by more than the
/// square root of its type's machine epsilon.
template <class T, class Y>
void validate_class_probabilities(std::string const& metric, class_scores<T> const& scores,
                                  std::span<Y const> targets) {
  fovea::validate_scores(metric, scores, targets);
  if (scores.rows() == 0) throw numeric_error(metric + ": no rows");
  using real_value = std::conditional_t<std::is_floating_point_v<T>, T, double>;
  auto const tolerance = std::sqrt(static_cast<double>(std::numeric_limits<real_value>::epsilon()));
  for (std::size_t i = 0; i != scores.rows(); ++i) {
    compensated_sum sum;
    for (std::size_t c = 0; c != scores.classes(); ++c) {
      auto const probability = static_cast<double>(scores.row(i)[c]);
      if (probability < 0 || probability > 1)
        throw argument_error(metric + ": the probability of class " + std::to_string(c) + " in row " +
                             std::to_string(i) + " is " + detail::to_shortest(probability) + ", must be in [0, 1]");
      sum += probability;
    }
    if (std::abs(sum.value() - 1) > tolerance)
      throw argument_error(metric + ": the probabilities of row " + std::to_string(i) + " sum to " +
                           detail::to_shortest(sum.value()) + ", must sum to 1");
  }
}

}  // namespace fovea
