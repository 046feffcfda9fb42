// SPDX-License-Identifier: MIT
#pragma once

#include <fovea/layers/activation.hpp>
#include <fovea/losses/loss.hpp>

namespace fovea {

/// Binary cross-entropy on logits, for targets in [0, 1]: PyTorch's BCEWithLogitsLoss. `pos_weight` multiplies the part of
/// positive targets. The value is accurate to a few roundings, and so is the gradient for targets of 0 and 1; for a soft target,
/// the gradient's error is a few roundings of its larger part, also where the two parts cancel.
///
///     auto const [value, gradient] =
///         fovea::value_and_gradient(fovea::sigmoid_binary_cross_entropy{.pos_weight = 3}, logits, targets);
struct sigmoid_binary_cross_entropy {
  double pos_weight = 1;

  constexpr sigmoid inverse_link() const { return {}; }
  static constexpr target_range targets{0, 1};

  template <real Z, real Y> FOVEA_HD constexpr Z operator()(Z const& z, Y const& y) const {
    return math::logistic<Z>(z).softplus_mix(Y(1) - y, math::constant<Y>(pos_weight) * y);
  }
  void validate() const {
    require(pos_weight >= 0 && pos_weight <= 1e30,
            "sigmoid_binary_cross_entropy: pos_weight must be finite and not negative", pos_weight);
  }
};
static_assert(elementwise_loss<sigmoid_binary_cross_entropy>);

}  // namespace fovea
