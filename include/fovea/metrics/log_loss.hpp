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

/// The mean of -log(the target's probability), which is first clipped to [eps, 1 - eps], eps being the epsilon of the
/// probabilities' type; scikit-learn's `log_loss(labels=[0, 1])`. Logarithms and mean are a double's.
/// Throws as `validate_probabilities` does.
template <numbers P, numbers Y> double log_loss(P const& probabilities, Y const& targets) {
  auto const p = numbers_of(probabilities);
  auto const y = numbers_of(targets);
  validate_probabilities("log_loss", p, y);
  using value = typename decltype(p)::value_type;
  using real_value = std::conditional_t<std::is_floating_point_v<value>, value, double>;
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
