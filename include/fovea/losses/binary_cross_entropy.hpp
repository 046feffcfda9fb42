// SPDX-License-Identifier: MIT
#pragma once

#include <fovea/losses/loss.hpp>

namespace fovea {

namespace math {

/// -(y log p + (1 - y) log(1 - p)), each logarithm held at -100 and the slope's divisor at 1e-12, as PyTorch does.
template <class P, class Y> FOVEA_HD constexpr P clamped_cross_entropy(P const& p, Y const& y) {
  auto const& x = autodiff::primal(p);
  Y const log_p = math::max(math::log(x), Y(-100)), log_q = math::max(math::log1p(-x), Y(-100));
  auto const floor = [&] { return math::max(x * (Y(1) - x), math::constant<Y>(1e-12)); };
  return autodiff::with_derivatives(
      p, -(y * log_p + (Y(1) - y) * log_q), [&] { return (x - y) / floor(); },
      [&] { return ((x - y) * (x - y) + y * (Y(1) - y)) / (floor() * floor()); });
}

}  // namespace math

/// Binary cross-entropy on probabilities, value and gradient as PyTorch's BCELoss.
struct binary_cross_entropy {
  template <real P, real Y> FOVEA_HD constexpr P operator()(P const& p, Y const& y) const {
    return math::clamped_cross_entropy(p, y);
  }
};
static_assert(elementwise_loss<binary_cross_entropy>);

}  // namespace fovea
