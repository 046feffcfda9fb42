// SPDX-License-Identifier: MIT
#pragma once

#include <fovea/layers/activation.hpp>
#include <fovea/losses/loss.hpp>

namespace fovea {

/// Cross-entropy on logits plus `epsilon` (1 - p_t): Leng et al., "PolyLoss: a polynomial expansion perspective of classification
/// loss functions" (2022), Poly-1. Soft targets mix p_t arithmetically.
///
///     float const mean = fovea::value(fovea::sigmoid_poly_loss{}, logits, targets);
struct sigmoid_poly_loss {
  double epsilon = 1;

  constexpr sigmoid inverse_link() const { return {}; }
  static constexpr target_range targets{0, 1};

  template <real Z, real Y> FOVEA_HD constexpr Z operator()(Z const& z, Y const& y) const {
    math::logistic<Z> const one(z);
    Z const miss = (Y(1) - y) * one.sigmoid() + y * (-one).sigmoid();
    return one.softplus_mix(Y(1) - y, y) + math::constant<Y>(epsilon) * miss;
  }
  void validate() const {
    require(epsilon >= -1 && epsilon <= 1e30, "sigmoid_poly_loss: epsilon must be finite and at least -1", epsilon);
  }
};
static_assert(elementwise_loss<sigmoid_poly_loss>);

}  // namespace fovea
