// SPDX-License-Identifier: MIT
#pragma once

#include <fovea/losses/binary_cross_entropy.hpp>

namespace fovea {

/// Focal loss on probabilities: (1 - exp(-bce))^gamma bce, with PyTorch's BCELoss as bce. Soft targets therefore mix
/// geometrically: p_t = exp(-bce). The gradient is finite on all of [0, 1] for every gamma >= 0.
///
///     auto const [value, gradient] = fovea::value_and_gradient(fovea::focal_loss{.gamma = 4}, probabilities, targets);
struct focal_loss {
  double gamma = 2;

  static constexpr target_range targets{0, 1}, predictions{0, 1};

  template <real P, real Y> FOVEA_HD constexpr P operator()(P const& p, Y const& y) const {
    auto const& x = autodiff::primal(p);
    P const bce = math::clamped_cross_entropy(p, y);
    Y const b = autodiff::primal(bce);
    // For a hard target, 1 - exp(-bce) is |p - y|, which avoids the rounding of a logarithm.
    Y const miss = math::select(y * (Y(1) - y) == Y(0), math::abs(x - y), -math::expm1(-b));
    Y const modulator = math::unit_power(miss, gamma);
    Y const g = math::constant<Y>(gamma), hit = math::exp(-b);
    // b / miss tends to 1 + b / 2 as b tends to 0; the derivative of miss in b is hit.
    Y const floored = (math::max)(miss, math::constant<Y>(1e-12));
    Y const ratio = math::select(b < math::constant<Y>(1e-12), Y(1) + Y(0.5f) * b, b / floored);
    auto const slope = [&] { return modulator * (Y(1) + g * hit * ratio); };
    auto const curvature = [&] {
      return modulator * g * hit * ((Y(2) - ratio * hit) / floored + g * hit * ratio / floored - ratio);
    };
    return autodiff::with_derivatives(bce, modulator * b, slope, curvature);
  }
  void validate() const { require(gamma >= 0 && gamma <= 1e4, "focal_loss: gamma must be in [0, 10000]", gamma); }
};
static_assert(elementwise_loss<focal_loss>);

}  // namespace fovea
