// SPDX-License-Identifier: MIT
#pragma once

#include <fovea/losses/loss.hpp>

namespace fovea {

namespace math {

/// Returns -(y log p + (1 - y) log(1 - p)) with PyTorch's clamps: each logarithm is at least -100, and the divisor
/// p (1 - p) of the slope at least 1e-12.
template <class P, class Y> FOVEA_HD constexpr P clamped_cross_entropy(P const& p, Y const& y) {
  auto const& x = autodiff::primal(p);
  Y const log_p = (math::max)(math::log(x), Y(-100)), log_q = (math::max)(math::log1p(-x), Y(-100));
  auto const floor = [&] { return (math::max)(x * (Y(1) - x), math::constant<Y>(1e-12)); };
  return autodiff::with_derivatives(
      p, -(y * log_p + (Y(1) - y) * log_q), [&] { return (x - y) / floor(); },
      [&] { return ((x - y) * (x - y) + y * (Y(1) - y)) / (floor() * floor()); });
}

}  // namespace math

/// Binary cross-entropy on probabilities, with the value and gradient of PyTorch's BCELoss, its clamps included. Targets
/// are in [0, 1]. With logits at hand, `sigmoid_binary_cross_entropy` is more accurate.
///
///     float const loss = fovea::value(fovea::binary_cross_entropy{}, probabilities, targets);
struct binary_cross_entropy {
  static constexpr target_range targets{0, 1}, predictions{0, 1};

  template <real P, real Y> FOVEA_HD constexpr P operator()(P const& p, Y const& y) const {
    return math::clamped_cross_entropy(p, y);
  }
};
static_assert(elementwise_loss<binary_cross_entropy>);

}  // namespace fovea
