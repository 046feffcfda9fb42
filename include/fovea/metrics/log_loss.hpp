// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <type_traits>

#include <fovea/metrics/validate_binary.hpp>
#include <fovea/scalar/compensated_sum.hpp>

namespace fovea {

/// Returns the mean negative log-likelihood of the targets. Each target's probability is clipped to [eps, 1 - eps], where
/// eps is the machine epsilon of its type (double's for integers); the logarithms and their mean are computed in double.
/// Agrees with scikit-learn's `log_loss(labels=[0, 1])`. Throws what `validate_probabilities` throws.
///
///     std::vector const probabilities{0.1, 0.4, 0.35, 0.8};
///     std::vector const targets{0, 0, 1, 1};
///     double const loss = log_loss(probabilities, targets);  // 0.4723
template <numbers P, numbers Y> double log_loss(P const& probabilities, Y const& targets) {
  auto const p = fovea::numbers_of(probabilities);
  auto const y = fovea::numbers_of(targets);
  fovea::validate_probabilities("log_loss", p, y);
  using number = typename decltype(p)::value_type;
  using real_value = std::conditional_t<std::is_floating_point_v<number>, number, double>;
  auto const epsilon = std::numeric_limits<real_value>::epsilon();
  compensated_sum sum;
  for (std::size_t i = 0; i != p.size(); ++i) {
    auto const positive = static_cast<real_value>(p[i]);
    auto const of_target = y[i] != 0 ? positive : 1 - positive;
    sum += -std::log(static_cast<double>(std::clamp(of_target, epsilon, 1 - epsilon)));
  }
  return sum.value() / static_cast<double>(p.size());
}

}  // namespace fovea
